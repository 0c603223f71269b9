//! Finds the chain of modules that makes an input smallest.
//!
//! Of the modules there are it takes those that can undo what they do, and tries them in many orders. Which
//! orders are worth going on with is told by how small a perfect coder would make what they have come to; how
//! many are kept at each length is told by the energy.

use holobiont_guest::{Failure, Pipeline, Report, Task, export_pipeline, modules};

mod search;

struct Auto;

impl Pipeline for Auto {
    fn run(task: Task, energy: f64) -> Result<Report, Failure> {
        let mut steps = modules::available();
        steps.retain(|step| step.descriptor.tunables.iter().any(|tunable| tunable.name == "direction"));
        let mut invocations = 0;
        let before = task.payload.len();
        let found = search::smallest(task.payload, steps.len(), width(energy), |step, bytes| {
            invocations += 1;
            let step = steps.get(step)?;
            // One that cannot do it, or not within what is left, is no step of the chain.
            modules::invoke(&step.id, &Task::of(bytes).with("direction", "encode")).ok()
        });
        let names: Vec<&str> =
            found.steps.iter().filter_map(|step| steps.get(*step)).map(|step| step.descriptor.name.as_str()).collect();
        let chain = if names.is_empty() { "nothing".to_owned() } else { names.join(", then ") };
        let after = found.bytes.len();
        Ok(Report::of(found.bytes)
            .saying(format!("{before} bytes became {after} by {chain}; {invocations} invocations"))
            .counting("invocations", f64::from(invocations))
            .counting("bytes-saved", before as f64 - after as f64))
    }
}

export_pipeline!(Auto);

/// How many chains of one length are gone on with.
fn width(energy: f64) -> usize {
    1 + (energy / 10.0) as usize
}
