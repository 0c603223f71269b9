//! Worlds of runs that were measured.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::cost::{CPU_FUEL, Demand};
use crate::world::{Dice, World, sharing};

const SCHEMA: &str = "holobiont.traces/1";

/// How many inputs a cycle draws.
const DRAWN: usize = 6;

/// Standard deviation of a step, in a cycle, of the logarithm of how likely an input is drawn.
const DRIFT: f64 = 0.15;

/// What measured runs needed, by family.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Traces {
    schema: String,
    pub(crate) families: Vec<Family>,
}

/// The modules of a family, run on the same inputs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Family {
    pub(crate) name: String,
    runs: Vec<MeasuredRun>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MeasuredRun {
    input: String,
    module: String,
    fuel: u64,
    memory_bytes: u64,
}

impl Traces {
    /// Reads traces.
    pub(crate) fn read(json: &str) -> Result<Self, String> {
        let traces: Self = serde_json::from_str(json).map_err(|error| format!("the traces are damaged: {error}"))?;
        if traces.schema != SCHEMA {
            return Err(format!("the traces have the schema {:?}, where this reads {SCHEMA:?}", traces.schema));
        }
        if let Some(empty) = traces.families.iter().find(|family| family.runs.is_empty()) {
            return Err(format!("the family {:?} has no runs", empty.name));
        }
        Ok(traces)
    }
}

impl Family {
    /// A family of three modules and twelve inputs, whose needs differ by half within a module.
    pub(crate) fn drawn(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut runs = Vec::new();
        let typical = [dice.between(0.02f64.ln(), 0.8f64.ln()), dice.between(8f64.ln(), 200f64.ln())];
        for module in 0..3 {
            let share = dice.between(0.3f64.ln(), 0.0);
            for input in 0..12 {
                let mut need = |typical: f64| (typical + share + 0.5 * dice.normal()).exp();
                runs.push(MeasuredRun {
                    input: format!("input {input}"),
                    module: format!("module {module}"),
                    fuel: (need(typical[0]) * CPU_FUEL) as u64,
                    memory_bytes: (need(typical[1]) * 1_048_576.0) as u64,
                });
            }
        }
        Self { name: String::new(), runs }
    }

    /// A world in which each cycle draws some inputs, and each module takes them. How likely an input is wanders, by
    /// two orders of magnitude over 200 cycles.
    pub(crate) fn world(&self, cycles: usize, seed: u64) -> World {
        let mut modules: Vec<&str> = Vec::new();
        let mut inputs: BTreeMap<&str, Vec<Demand>> = BTreeMap::new();
        for run in &self.runs {
            let module = modules.iter().position(|known| *known == run.module).unwrap_or_else(|| {
                modules.push(&run.module);
                modules.len() - 1
            });
            let (fuel, memory) = (run.fuel as f64 / CPU_FUEL, run.memory_bytes as f64 / 1_048_576.0);
            inputs.entry(&run.input).or_default().push(Demand { module, fuel, memory });
        }
        let inputs: Vec<Vec<Demand>> = inputs.into_values().collect();
        let mut dice = Dice::new(seed);
        let mut likely: Vec<f64> = inputs.iter().map(|_| dice.normal()).collect();
        let mut world = World { cycles: Vec::new(), sharing: sharing(cycles, &mut dice) };
        for _ in 0..cycles {
            likely.iter_mut().for_each(|level| *level += DRIFT * dice.normal());
            let weights: Vec<f64> = likely.iter().map(|level| level.exp()).collect();
            let drawn = (0..DRAWN).filter_map(|_| inputs.get(place(&weights, &mut dice))).flatten();
            world.cycles.push(drawn.copied().collect());
        }
        world
    }
}

/// A place, as likely as its weight.
fn place(weights: &[f64], dice: &mut Dice) -> usize {
    let mut left = dice.even() * weights.iter().sum::<f64>();
    for (place, weight) in weights.iter().enumerate() {
        left -= weight;
        if left <= 0.0 {
            return place;
        }
    }
    weights.len().saturating_sub(1)
}
