//! Many engines.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use super::record::CycleRecord;
use super::{Engine, EngineError, House};
use crate::parallel::in_parallel;

/// Engines by name, in the order in which they were registered.
#[derive(Default)]
pub struct Registry {
    engines: Vec<Mutex<Engine>>,
}

/// What came of an engine's turn.
#[derive(Debug)]
#[non_exhaustive]
pub struct CycleResult {
    /// The engine.
    pub engine: String,
    /// Its cycle, or why there could be none.
    pub result: Result<CycleRecord, EngineError>,
}

impl Registry {
    /// Adds an engine; says whether its name was free.
    pub fn register(&mut self, engine: Engine) -> bool {
        let is_free = !self.names().contains(&engine.name().to_owned());
        if is_free {
            self.engines.push(Mutex::new(engine));
        }
        is_free
    }

    /// Takes an engine out, if there is one of that name.
    pub fn unregister(&mut self, name: &str) -> Option<Engine> {
        let place = self.names().iter().position(|known| known == name)?;
        Some(self.engines.remove(place).into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// The names of all.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let name = |engine: &Mutex<Engine>| engine.lock().unwrap_or_else(PoisonError::into_inner).name().to_owned();
        self.engines.iter().map(name).collect()
    }

    /// Gives each engine a turn, so many at one time, and comes back when all are done. One that fails is reported, and the
    /// others go on. Those that are not begun when somebody wants to stop have no turn.
    #[must_use]
    pub fn run_all_cycles(&self, house: &House<'_>, workers: usize, now_ms: u64) -> Vec<CycleResult> {
        self.run_cycles_in(&|_| *house, workers, now_ms)
    }

    /// The same with a house for each engine by its name: a store or a bus of its own, or another project.
    #[must_use]
    pub fn run_cycles_in<'a>(
        &self,
        house_of: &(dyn Fn(&str) -> House<'a> + Sync),
        workers: usize,
        now_ms: u64,
    ) -> Vec<CycleResult> {
        let turn = |place: usize| {
            let Some(engine) = self.engines.get(place) else { return Ok(None) };
            let mut engine = engine.lock().unwrap_or_else(PoisonError::into_inner);
            let house = house_of(engine.name());
            if house.stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let result = engine.cycle(&house, now_ms);
            Ok::<_, std::convert::Infallible>(Some(CycleResult { engine: engine.name().to_owned(), result }))
        };
        match in_parallel(workers, self.engines.len(), turn) {
            Ok(results) => results.into_iter().flatten().collect(),
            Err(never) => match never {},
        }
    }

    /// Looks at each engine, in order.
    pub fn each(&self, mut look: impl FnMut(&Engine)) {
        for engine in &self.engines {
            look(&engine.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}
