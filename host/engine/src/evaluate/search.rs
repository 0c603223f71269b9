//! Good groups among many.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use holobiont_core::stats::{
    Ask as Wanted, Coalition, Estimate, Goal, LEAST_INPUTS, Search, SearchError, SearchOutcome, Side,
    benjamini_yekutieli, sign_flip,
};
use holobiont_core::{ModuleId, Workflow};
use serde::{Deserialize, Serialize};

use super::chains::{Ask, Chains};
use super::runs::{Memo, Terms};
use super::{EvaluateError, Evaluator, Progress};
use crate::inputs::Input;
use crate::parallel::in_parallel;

/// Draws of a sign-flip test where there are too many inputs to go through all signs.
const FLIPS: u32 = 10_000;

/// How to search.
#[derive(Clone, Debug)]
pub struct SearchPlan {
    /// What makes a group good.
    pub goal: Goal,
    /// How many members a group may have.
    pub sizes: RangeInclusive<usize>,
    /// How many of the best are measured again on fresh inputs.
    pub finalists: usize,
    /// The most trials, a group on an input each.
    pub budget: Option<u64>,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Found {
    /// The modules that groups were made of, in the order of the workflow.
    pub modules: Vec<ModuleId>,
    /// The finalists, the best on fresh inputs first.
    pub finalists: Vec<FoundGroup>,
    /// Inputs that groups were chosen on, by name.
    pub choosing: Vec<String>,
    /// Inputs that only finalists were measured on, by name.
    pub fresh: Vec<String>,
    /// How many groups were looked at.
    pub groups: usize,
    /// Whether those were all there are.
    pub exhaustive: bool,
    /// Whether the budget ended before the search did.
    pub cut_short: bool,
    /// How many trials it took.
    pub trials: u64,
    /// Runs of modules that were made for it.
    pub runs_made: u64,
    /// Trials and runs that were remembered.
    pub reused: u64,
    /// Whether the best group is surely good. `false` too where there was not enough data to say.
    pub passed: bool,
    /// Whether there were enough fresh inputs to say.
    pub enough_data: bool,
}

/// A group that was among the best.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FoundGroup {
    /// Its members, in the order of the workflow.
    pub group: Vec<ModuleId>,
    /// Its mean on the inputs it was chosen by, in credits per input: too good, since it was chosen by it.
    pub chosen_by: f64,
    /// Its mean on fresh inputs, in credits per input.
    pub fresh: f64,
    /// The lower end of the interval of that; left out where there are too few inputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// How likely as much, or more, is by chance, corrected for the number of finalists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    /// Whether it is surely above the threshold.
    pub passed: bool,
}

/// Why a search came to nothing: what was asked cannot be, or a trial failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FindError {
    /// What was asked cannot be.
    #[error("{0}")]
    Asked(String),
    /// A trial could not be made.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
}

impl Evaluator<'_> {
    /// What groups are worth on inputs, in credits: one value for each that is wanted, in order.
    ///
    /// # Errors
    ///
    /// As [`Evaluator::synergy`].
    pub fn values(
        &self,
        workflow: &Workflow,
        modules: &[ModuleId],
        inputs: &[Input],
        wanted: &[Wanted],
        listen: &(dyn Fn(u64) + Sync),
    ) -> Result<Vec<f64>, EvaluateError> {
        let settings = &self.project.settings;
        let preset = settings.chosen()?;
        let terms = Terms::new(preset.run_limits(), preset.conditions(), settings.seed, &workflow.media_type);
        let mut by_input: BTreeMap<usize, BTreeSet<Coalition>> = BTreeMap::new();
        for Wanted { group, input } in wanted {
            by_input.entry(*input).or_default().insert(*group);
        }
        // As a rule the same groups are wanted on every input: their chains are made once.
        let mut chains: BTreeMap<&BTreeSet<Coalition>, Chains> = BTreeMap::new();
        for coalitions in by_input.values() {
            if !chains.contains_key(coalitions) {
                chains.insert(coalitions, Chains::new(self, workflow, modules, coalitions.iter().copied())?);
            }
        }
        let work: Vec<(usize, &BTreeSet<Coalition>)> = by_input.iter().map(|(input, own)| (*input, own)).collect();
        let worth = workflow.objective.credits_per_unit;
        let answers = in_parallel(self.project.settings.threads(), work.len(), |index| {
            let Some((place, coalitions)) = work.get(index) else { return Ok((0, BTreeMap::new())) };
            let (Some(input), Some(chains)) = (inputs.get(*place), chains.get(coalitions)) else {
                return Err(EvaluateError::Fault(format!("there is no input {place}")));
            };
            let expected = self.project.expected(workflow, &input.name)?;
            let ask =
                Ask { workflow, input, expected: expected.as_ref(), terms: &terms, gentler: None, valued: &terms };
            let mut memo = Memo::default();
            let trials = self.case(chains, &ask, &mut memo, &|| listen(1))?;
            self.commit(memo)?;
            let values = trials.into_iter().map(|(coalition, record)| (coalition, record.units * worth)).collect();
            Ok::<_, EvaluateError>((*place, values))
        })?;
        let answers: BTreeMap<usize, BTreeMap<Coalition, f64>> = answers.into_iter().collect();
        wanted
            .iter()
            .map(|Wanted { group, input }| {
                let value = answers.get(input).and_then(|values| values.get(group)).copied();
                value.ok_or_else(|| EvaluateError::Fault(format!("{group} was not tried on input {input}")))
            })
            .collect()
    }

    /// Searches a workflow's modules for good groups: all groups of up to 12 modules, beyond that a beam that begins
    /// with pairs which help each other. What was chosen is measured again on inputs that had no part in choosing.
    ///
    /// # Errors
    ///
    /// [`FindError`] when the search cannot be as it was asked for, or as [`Evaluator::synergy`].
    pub fn search(
        &self,
        workflow: &Workflow,
        modules: &[ModuleId],
        plan: &SearchPlan,
        listen: &(dyn Fn(Progress) + Sync),
    ) -> Result<Found, FindError> {
        let counts = (self.runs_made(), self.reused());
        let inputs = self.project.inputs(workflow).map_err(EvaluateError::from)?;
        let mut search = Search::new(modules.len(), inputs.len(), self.project.settings.seed)
            .goal(plan.goal)
            .sizes(plan.sizes.clone())
            .finalists(plan.finalists);
        if let Some(budget) = plan.budget {
            search = search.budget(budget);
        }
        // As many fresh inputs as an interval takes, where that leaves as many to choose by.
        if inputs.len() >= 2 * LEAST_INPUTS {
            search = search.fresh_inputs(LEAST_INPUTS.max(inputs.len() / 3));
        }
        let done = std::sync::atomic::AtomicU64::new(0);
        let mut asked = 0;
        let outcome = search.run(|wanted| {
            asked += wanted.len() as u64;
            self.values(workflow, modules, &inputs, wanted, &|more| {
                let done = done.fetch_add(more, std::sync::atomic::Ordering::Relaxed) + more;
                listen(Progress { done, total: asked, runs_made: self.runs_made() - counts.0 });
            })
        });
        let outcome = outcome.map_err(|error| match error {
            SearchError::Measure(error) => FindError::Evaluate(error),
            SearchError::Players { players, .. } if players <= Coalition::MOST_PLAYERS => {
                let (least, most) = (plan.sizes.start(), plan.sizes.end());
                FindError::Asked(format!("{players} modules make no group of {least} to {most}"))
            }
            SearchError::Inputs { inputs, .. } => {
                let what = "a search takes at least one to choose groups on and another to measure them on";
                FindError::Asked(format!("{} has {inputs} input: {what}", workflow.name))
            }
            other => FindError::Asked(other.to_string()),
        })?;
        self.store.trim_outputs(self.project.settings.keep_output_bytes).map_err(EvaluateError::from)?;
        Ok(self.found(modules, &inputs, &outcome, counts))
    }

    fn found(&self, modules: &[ModuleId], inputs: &[Input], outcome: &SearchOutcome, counts: (u64, u64)) -> Found {
        let settings = &self.project.settings;
        let gate = &settings.gate;
        let above = |fresh: &[f64]| -> Vec<f64> { fresh.iter().map(|value| value - gate.synergy_threshold).collect() };
        let p_values: Vec<f64> = outcome
            .finalists
            .iter()
            .map(|finalist| {
                let tested = sign_flip(&above(&finalist.fresh), Some(Side::More), FLIPS, settings.seed);
                tested.map_or(1.0, |tested| tested.value)
            })
            .collect();
        let corrected = benjamini_yekutieli(&p_values);
        let mut finalists: Vec<FoundGroup> = outcome
            .finalists
            .iter()
            .zip(corrected)
            .map(|(finalist, p_value)| {
                let estimate = gate.estimate(&finalist.fresh, settings.seed);
                let interval = estimate.interval();
                let sure = matches!(estimate, Estimate::Known(_));
                FoundGroup {
                    group: finalist.group.players().filter_map(|player| modules.get(player).cloned()).collect(),
                    chosen_by: finalist.chosen_by,
                    fresh: finalist.fresh.iter().sum::<f64>() / finalist.fresh.len().max(1) as f64,
                    low: interval.map(|interval| interval.low),
                    high: interval.map(|interval| interval.high),
                    p_value: sure.then_some(p_value),
                    passed: gate.is_above(&estimate) && p_value <= 1.0 - gate.level,
                }
            })
            .collect();
        finalists.sort_by(|a, b| b.fresh.total_cmp(&a.fresh));
        let named = |places: &[usize]| {
            places.iter().filter_map(|place| inputs.get(*place)).map(|input| input.name.clone()).collect()
        };
        Found {
            modules: modules.to_vec(),
            passed: finalists.first().is_some_and(|best| best.passed),
            enough_data: outcome.fresh.len() >= LEAST_INPUTS,
            finalists,
            choosing: named(&outcome.choosing),
            fresh: named(&outcome.fresh),
            groups: outcome.groups,
            exhaustive: outcome.exhaustive,
            cut_short: outcome.cut_short,
            trials: outcome.trials,
            runs_made: self.runs_made() - counts.0,
            reused: self.reused() - counts.1,
        }
    }
}
