//! Which modules cycles were made with, and what those brought.

use std::collections::{BTreeMap, BTreeSet};

use super::state::DeltaError;
use crate::tracker::{Diminishing, Ranked, RoiTracker, Rules, RulesError, Update};

/// What cycles brought, by module.
///
/// The delta of a cycle is shared out evenly among its modules, so that what all modules got is what all cycles brought,
/// and a module does not rise by being one of many: [`RoiTracker::rankings`] gives the whole delta to each, which says in
/// whose company things went well. That a share is even means that nothing is known of who earned it; trials without
/// each module would tell, and a cycle has none.
///
/// It is a fold over cycles, as a tracker is, and has no file of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetaLog {
    /// What the tracker of a new module starts from: one without cycles, with the rules.
    fresh: RoiTracker,
    /// The shares of each module, as the deltas of a tracker of its own.
    modules: BTreeMap<String, RoiTracker>,
}

impl MetaLog {
    /// A log that judges by other rules. What they say of a cycle's gain is here of a module's share of it.
    ///
    /// # Errors
    ///
    /// [`RulesError`] for rules that cannot hold.
    pub fn with_rules(rules: Rules) -> Result<Self, RulesError> {
        Ok(Self { fresh: RoiTracker::default().with_rules(rules)?, modules: BTreeMap::new() })
    }

    /// Takes what a cycle with some modules brought. Each counts once, however often it is named; of a cycle without
    /// modules nothing is kept.
    ///
    /// # Errors
    ///
    /// [`DeltaError`] for what is not finite. Nothing is changed then.
    pub fn record(&mut self, modules: &[&str], delta: f64) -> Result<(), DeltaError> {
        if !delta.is_finite() {
            return Err(DeltaError(delta));
        }
        let modules: BTreeSet<&str> = modules.iter().copied().collect();
        // From 0 to the share, so that the tracker's delta is the share to the last bit.
        let share = Update { after: delta / modules.len() as f64, ..Update::default() };
        for name in modules {
            let tracker = self.modules.entry(name.to_owned()).or_insert_with(|| self.fresh.clone());
            tracker.record(Update { modules: vec![name.to_owned()], ..share.clone() });
        }
        Ok(())
    }

    /// Modules by the sum of their shares, the largest first; equal ones by name.
    #[must_use]
    pub fn rankings(&self) -> Vec<Ranked> {
        let mut ranked: Vec<Ranked> = self.modules.values().flat_map(RoiTracker::rankings).collect();
        // They are in order of names, and equals stay in theirs.
        ranked.sort_by(|a, b| b.total.total_cmp(&a.total));
        ranked
    }

    /// Of each module, whether its share of recent cycles is still worth going on for. What is promised of false alarms
    /// ([`RoiTracker::diminishing`]) holds for each module alone: of many, some may be told wrongly.
    #[must_use]
    pub fn diminishing(&self) -> BTreeMap<&str, Diminishing> {
        self.modules.iter().map(|(name, tracker)| (name.as_str(), tracker.diminishing())).collect()
    }

    /// The shares of a module, oldest first; none of one that is not known.
    #[must_use]
    pub fn deltas(&self, module: &str) -> Vec<f64> {
        self.modules.get(module).map(RoiTracker::deltas).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ranking(log: &MetaLog) -> Vec<(String, f64)> {
        log.rankings().into_iter().map(|ranked| (ranked.name, ranked.total)).collect()
    }

    #[test]
    fn shares_worked_by_hand() {
        let mut log = MetaLog::default();
        log.record(&["a", "b"], 1.0).unwrap();
        log.record(&["b"], -0.25).unwrap();
        log.record(&["c", "c"], 0.25).unwrap();
        log.record(&[], 9.0).unwrap();
        assert_eq!(ranking(&log), [("a".to_owned(), 0.5), ("b".to_owned(), 0.25), ("c".to_owned(), 0.25)]);
        assert_eq!(log.deltas("b"), [0.5, -0.25]);
        assert!(log.deltas("nobody").is_empty());
        assert!(MetaLog::default().rankings().is_empty() && MetaLog::default().diminishing().is_empty());
    }

    #[test]
    fn what_is_no_number_changes_nothing() {
        let mut log = MetaLog::default();
        assert!(log.record(&["a"], f64::NAN).is_err() && log.record(&["a"], f64::NEG_INFINITY).is_err());
        assert_eq!(log, MetaLog::default());
        assert!(MetaLog::with_rules(Rules { window: 0, ..Rules::default() }).is_err());
    }

    #[test]
    fn one_odd_cycle_does_not_decide_the_robust_order() {
        let mut log = MetaLog::default();
        for cycle in 0..20 {
            log.record(&["steady"], 0.5).unwrap();
            log.record(&["lucky"], if cycle == 19 { 100.0 } else { 0.01 * f64::from(cycle % 3) }).unwrap();
        }
        assert_eq!(log.rankings()[0].name, "lucky");
        let robust = |name: &str| log.rankings().into_iter().find(|ranked| ranked.name == name).unwrap().robust_total;
        assert!(robust("steady") > robust("lucky"));
    }

    #[test]
    fn a_module_that_no_longer_brings_anything_is_told_from_one_that_does() {
        let mut log = MetaLog::default();
        for _ in 0..60 {
            log.record(&["spent"], 0.0).unwrap();
            log.record(&["fresh"], 0.1).unwrap();
        }
        log.record(&["new"], 0.0).unwrap();
        let told = log.diminishing();
        assert!(matches!(told["spent"], Diminishing::Diminishing { .. }), "{told:?}");
        assert!(matches!(told["fresh"], Diminishing::Continuing { .. }), "{told:?}");
        assert!(matches!(told["new"], Diminishing::NotEnoughData { have: 1, .. }), "{told:?}");
        // By rules under which 0.1 is nothing.
        let rules = Rules { tolerance: 1.0, reach: 1.0, ..Rules::default() };
        let mut log = MetaLog::with_rules(rules).unwrap();
        (0..60).for_each(|_| log.record(&["fresh"], 0.1).unwrap());
        assert!(matches!(log.diminishing()["fresh"], Diminishing::Diminishing { .. }));
    }

    proptest! {
        #[test]
        fn modules_get_what_cycles_brought(
            cycles in prop::collection::vec((prop::collection::vec("[a-d]", 1..5), -10.0..10.0f64), 0..20)
        ) {
            let mut log = MetaLog::default();
            for (modules, delta) in &cycles {
                log.record(&modules.iter().map(String::as_str).collect::<Vec<_>>(), *delta).unwrap();
            }
            let brought: f64 = cycles.iter().map(|(_, delta)| delta).sum();
            let got: f64 = log.rankings().iter().map(|ranked| ranked.total).sum();
            prop_assert!((brought - got).abs() < 1e-9);
        }
    }
}
