//! A table of values and the rules by which it learns, for whatever states and however many actions.

use std::collections::BTreeMap;

use super::config::{Exploration, PolicyConfig, Strategy};
use crate::action_values::ActionValues;
use crate::random::Draws;

/// A trace that has fallen below this is forgotten: it would no more than touch the sixth digit.
const LEAST_TRACE: f64 = 1e-6;

/// A table of values, by state and by the place of an action.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Learner<K, const ACTIONS: usize> {
    pub(super) rows: BTreeMap<K, ActionValues<ACTIONS>>,
    /// By how much of an error each state and action of the way here is corrected.
    pub(super) traces: BTreeMap<(K, usize), f64>,
    /// Where the way has led to.
    pub(super) led_to: Option<(K, usize)>,
}

impl<K: Ord + Clone, const ACTIONS: usize> Learner<K, ACTIONS> {
    pub(super) fn new() -> Self {
        Self { rows: BTreeMap::new(), traces: BTreeMap::new(), led_to: None }
    }

    /// What was learned of a state.
    pub(super) fn row(&self, state: &K) -> ActionValues<ACTIONS> {
        self.rows.get(state).copied().unwrap_or_default()
    }

    /// The place of the action to take, after so many decisions.
    pub(super) fn choose(&self, config: &PolicyConfig, state: &K, decisions: u64, draws: &mut Draws) -> usize {
        let row = self.row(state);
        match config.exploration {
            Exploration::EpsilonGreedy => row.epsilon_greedy(config.falling_epsilon().after(decisions), draws),
            Exploration::Softmax => row.softmax(config.falling_temperature().after(decisions), draws),
        }
    }

    /// Learns that an action in a state brought a reward and led to another state, in which an action was chosen;
    /// or to the end. What is no finite reward teaches nothing.
    pub(super) fn learn(&mut self, config: &PolicyConfig, taken: (K, usize), reward: f64, next: Option<(K, usize)>) {
        let lambda = if config.strategy == Strategy::QLambda { config.lambda } else { 0.0 };
        if lambda == 0.0 || self.led_to.as_ref() != Some(&taken) {
            self.traces.clear();
        }
        self.led_to = None;
        if !reward.is_finite() {
            self.traces.clear();
            return;
        }
        let reward = reward.min(config.reward_bound).max(-config.reward_bound);
        // At the end nothing is promised. Traces go on only along actions that are best, of which there may be several.
        let (promised, goes_on) = next.as_ref().map_or((0.0, false), |(state, action)| {
            let row = self.row(state);
            let (best, of_next) = (row.best(), row.value(*action));
            (if config.strategy == Strategy::Sarsa { of_next } else { best }, of_next >= best)
        });
        let row = self.rows.entry(taken.0.clone()).or_default();
        row.note_try(taken.1);
        let error = reward + config.gamma * promised - row.value(taken.1);
        self.traces.insert(taken, 1.0);
        self.correct(config, error);
        let kept = if goes_on { config.gamma * lambda } else { 0.0 };
        self.traces.retain(|_, trace| {
            *trace *= kept;
            *trace >= LEAST_TRACE
        });
        self.led_to = next.filter(|_| !self.traces.is_empty());
    }

    /// Corrects each value by its trace's share of an error. No return can be beyond the bound of values, so taking one
    /// back to it takes it nearer to the truth; only along traces it can come to that.
    fn correct(&mut self, config: &PolicyConfig, error: f64) {
        let bound = config.value_bound();
        for ((state, action), trace) in &self.traces {
            if let Some(row) = self.rows.get_mut(state) {
                let rate = if config.adaptive { row.mean_rate(*action, config.alpha) } else { config.alpha };
                row.add(*action, rate * error * trace);
                row.keep_within(bound);
            }
        }
    }
}
