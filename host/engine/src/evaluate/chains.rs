//! Chains of steps on one input: equal beginnings run once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use holobiont_core::stats::Coalition;
use holobiont_core::{Digest, End, Invocation, ModuleId, OutputFacts, Workflow};
use serde::{Deserialize, Serialize};

use super::candidates::Candidate;
use super::runs::{Handed, Memo, ReadyStep, Terms};
use super::{EvaluateError, Evaluator};
use crate::inputs::Input;
use crate::store::StoredRun;

/// The chains of a group's coalitions.
pub(super) struct Chains {
    /// The steps that chains are made of.
    steps: Vec<ReadyStep>,
    /// One for each coalition, those with equal beginnings beside each other.
    chains: Vec<Chain>,
}

struct Chain {
    coalition: Coalition,
    /// The places of its steps.
    steps: Vec<usize>,
    /// What identifies it: the keys of its steps.
    key: Digest,
}

/// A trial as it is remembered: what an output is worth in credits, and what runs cost, is reckoned when it is read,
/// so that another price asks for no other run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct TrialRecord {
    /// What the objective counted, in units. First, since some questions want nothing else.
    pub(super) units: f64,
    pub(super) completed: bool,
    /// What went wrong, in words, where it is worth nothing for it.
    pub(super) trouble: Option<String>,
    pub(super) output: OutputFacts,
    pub(super) invocations: Vec<Invocation>,
    /// Whether it would come out the same on another day: not where real time ended it.
    pub(super) repeatable: bool,
}

impl Chains {
    pub(super) fn new(
        evaluator: &Evaluator<'_>,
        workflow: &Workflow,
        group: &[ModuleId],
        coalitions: impl IntoIterator<Item = Coalition>,
    ) -> Result<Self, EvaluateError> {
        let modules: Vec<Arc<Candidate>> =
            group.iter().map(|id| evaluator.candidate(id)).collect::<Result<_, EvaluateError>>()?;
        let mut plain = Vec::new();
        for step in &workflow.steps {
            if let Some(player) = group.iter().position(|id| *id == step.module) {
                plain.push((player, evaluator.ready(step)?));
            }
        }
        // A step that imports from other modules, or invokes them, is another step in other company.
        let mut steps: Vec<ReadyStep> = Vec::new();
        let mut places: HashMap<(usize, Digest), usize> = HashMap::new();
        let mut chains: Vec<Chain> = coalitions
            .into_iter()
            .map(|coalition| {
                let company: Vec<Arc<Candidate>> =
                    coalition.players().filter_map(|player| modules.get(player).cloned()).collect();
                let own = plain.iter().enumerate().filter(|(_, (player, _))| coalition.contains(*player));
                let (chain, keys): (Vec<usize>, Vec<Digest>) = own
                    .map(|(index, (_, step))| {
                        let step = step.among(&company);
                        let key = step.key;
                        let place = *places.entry((index, key)).or_insert_with(|| {
                            steps.push(step);
                            steps.len() - 1
                        });
                        (place, key)
                    })
                    .unzip();
                let key = Digest::of_parts(keys.iter().map(|key| key.as_bytes().as_slice()));
                Chain { coalition, steps: chain, key }
            })
            .collect();
        chains.sort_by(|a, b| a.steps.cmp(&b.steps));
        Ok(Self { steps, chains })
    }

    /// The chains, each with its coalition and what identifies it.
    pub(super) fn keyed(&self) -> impl Iterator<Item = (Coalition, Digest)> {
        self.chains.iter().map(|chain| (chain.coalition, chain.key))
    }
}

/// A chain while it is being walked: the runs of its steps so far.
struct Walk<'c> {
    path: Vec<(usize, Arc<StoredRun>)>,
    chains: &'c Chains,
}

impl Walk<'_> {
    fn handed<'a>(&'a self, input: &'a Input) -> Handed<'a> {
        self.path.last().map_or_else(|| Handed::from(input), |(_, run)| Handed::from(&**run))
    }

    fn has_failed(&self) -> bool {
        self.path.last().is_some_and(|(_, run)| !run.measurement.outcome.is_completed())
    }

    /// Leaves what the next chain does not begin with.
    fn keep_common(&mut self, steps: &[usize]) {
        let common = self.path.iter().zip(steps).take_while(|((walked, _), step)| walked == *step).count();
        self.path.truncate(common);
    }

    fn trouble(&self) -> Option<String> {
        let (index, run) = self.path.last().filter(|_| self.has_failed())?;
        let step = self.chains.steps.get(*index)?;
        Some(format!("{}: {}", step.candidate.id, run.measurement.outcome))
    }
}

/// What is asked of chains on one input under one scenario.
pub(super) struct Ask<'a> {
    pub(super) workflow: &'a Workflow,
    pub(super) input: &'a Input,
    /// The output that the objective expects for it, if it expects one.
    pub(super) expected: Option<&'a Input>,
    /// What runs are made under.
    pub(super) terms: &'a Terms,
    /// Where the terms are a stricter form of others under which runs were made with the same memo: those.
    pub(super) gentler: Option<&'a Terms>,
    /// What outputs are valued under: the nominal terms.
    pub(super) valued: &'a Terms,
}

impl Evaluator<'_> {
    /// Tries the wanted ones of some chains on one input. `done` is told of each.
    pub(super) fn walk(
        &self,
        chains: &Chains,
        wanted: &dyn Fn(Coalition) -> bool,
        ask: &Ask<'_>,
        memo: &mut Memo,
        done: &dyn Fn(),
    ) -> Result<Vec<(Coalition, TrialRecord)>, EvaluateError> {
        let mut walk = Walk { path: Vec::new(), chains };
        let mut trials = Vec::new();
        for Chain { coalition, steps, .. } in chains.chains.iter().filter(|chain| wanted(chain.coalition)) {
            walk.keep_common(steps);
            for index in steps.iter().skip(walk.path.len()) {
                if walk.has_failed() {
                    break;
                }
                let Some(step) = chains.steps.get(*index) else { break };
                let run = self.step(step, &walk.handed(ask.input), ask.terms, ask.gentler, memo)?;
                walk.path.push((*index, run));
            }
            trials.push((*coalition, self.trial(&walk, steps, ask, memo)?));
            done();
        }
        Ok(trials)
    }

    /// What a walked chain came to.
    fn trial(
        &self,
        walk: &Walk<'_>,
        steps: &[usize],
        ask: &Ask<'_>,
        memo: &mut Memo,
    ) -> Result<TrialRecord, EvaluateError> {
        let failed = walk.has_failed();
        let handed = walk.handed(ask.input);
        let repeatable = walk.path.iter().all(|(_, run)| super::runs::repeatable(&run.measurement.outcome));
        let (units, trouble, repeatable) = if failed {
            (0.0, walk.trouble(), repeatable)
        } else {
            let ready: Vec<&ReadyStep> = steps.iter().filter_map(|index| walk.chains.steps.get(*index)).collect();
            let runs: Vec<&StoredRun> = walk.path.iter().map(|(_, run)| &**run).collect();
            match self.worth(&ready, &runs, &handed, ask, memo)? {
                Ok(units) => (units, None, repeatable),
                Err(amiss) => (0.0, Some(amiss.words), repeatable && amiss.repeatable),
            }
        };
        let output = if failed {
            OutputFacts::of(&[])
        } else {
            OutputFacts { digest: handed.digest, bytes: handed.bytes.len() as u64 }
        };
        Ok(TrialRecord {
            units,
            completed: !failed,
            trouble,
            output,
            repeatable,
            invocations: walk.path.iter().flat_map(|(_, run)| invocations(run)).collect(),
        })
    }

    /// Trials that were remembered, by chain.
    pub(super) fn note_reused(&self, trials: u64) {
        self.reused.fetch_add(trials, Ordering::Relaxed);
    }
}

/// A step's invocation, and those of the modules that it linked, which have bills of their own.
fn invocations(run: &StoredRun) -> impl Iterator<Item = Invocation> {
    let own = Invocation { end: End::from(&run.measurement.outcome), usage: run.measurement.usage.clone() };
    let linked = run
        .measurement
        .parts
        .iter()
        .filter(|part| part.relation == holobiont_core::Relation::Linked)
        .map(|part| Invocation { end: End::from(&part.outcome), usage: part.usage.clone() });
    std::iter::once(own).chain(linked)
}
