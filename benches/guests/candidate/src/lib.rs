//! The work as a candidate of Holobiont.

use holobiont_guest::{Descriptor, Failure, Module, Task, export_module};

struct Bench;

impl Module for Bench {
    fn describe() -> Descriptor {
        Descriptor::named("bench", env!("CARGO_PKG_VERSION"), "Summarises readings of weather stations.")
    }

    fn run(task: Task) -> Result<Vec<u8>, Failure> {
        guest_work::work(&task.payload).map_err(Failure::InvalidInput)
    }
}

export_module!(Bench);
