//! What an output is worth to a workflow's objective.

use std::collections::BTreeMap;
use std::fmt::Display;

use holobiont_core::{Delivery, Digest, Judge, Outcome, Reference, RoundTrip, Scorer, Workflow};

use super::chains::Ask;
use super::runs::{Handed, Memo, ReadyStep, Terms, repeatable};
use super::{EvaluateError, Evaluator};
use crate::inputs::Input;
use crate::store::StoredRun;

/// Units, or why there are none.
pub(super) type Worth = Result<f64, Amiss>;

/// Why an output is worth nothing.
pub(super) struct Amiss {
    /// In words.
    pub(super) words: String,
    /// Whether it would be so on another day: not where real time ended the scorer, or the way back.
    pub(super) repeatable: bool,
}

impl Amiss {
    fn of(what: impl Display, outcome: &Outcome) -> Self {
        Self { words: format!("{what}: {outcome}"), repeatable: repeatable(outcome) }
    }
}

impl Evaluator<'_> {
    /// What identifies an objective and the output it expects: two of the same say the same of an output.
    pub(super) fn objective_key(&self, workflow: &Workflow, expected: Option<&Input>) -> Result<Digest, EvaluateError> {
        let objective = &workflow.objective;
        let scorer = objective.scorer().map(|id| self.candidate(id)).transpose()?;
        // What the judge is written as says what it is; nothing ever reads it back.
        let judge = format!("{:?}", objective.judge);
        Ok(Digest::of_parts([
            judge.as_bytes(),
            scorer.as_ref().map_or(&[][..], |scorer| scorer.identity.as_bytes()),
            expected.map_or(&[][..], |expected| expected.digest.as_bytes()),
        ]))
    }

    /// What the output of a chain is worth, in units. `runs` are the runs of its steps.
    pub(super) fn worth(
        &self,
        steps: &[&ReadyStep],
        runs: &[&StoredRun],
        output: &Handed<'_>,
        ask: &Ask<'_>,
        memo: &mut Memo,
    ) -> Result<Worth, EvaluateError> {
        let objective = &ask.workflow.objective;
        let decoded = match objective.round_trip() {
            None => None,
            Some(back) => match self.way_back(steps, output, back, ask.valued, memo)? {
                Ok(decoded) => Some(decoded),
                Err(amiss) => return Ok(Err(amiss)),
            },
        };
        let expected = ask.expected.map(|expected| expected.bytes.as_slice());
        match &objective.judge {
            Judge::Scorer(Scorer { module, reference }) => {
                let expected = match reference {
                    Reference::Nothing => None,
                    Reference::Folder(_) => expected,
                    Reference::RoundTrip(_) => decoded.as_deref(),
                };
                let output = (output.bytes, &output.digest);
                let run = self.score(module, ask.input, output, expected, ask.valued, memo)?;
                Ok(run.score.ok_or_else(|| Amiss::of("the scorer", &run.measurement.outcome)))
            }
            Judge::BuiltIn(built_in) => {
                // Of each name the last, so that a later step's replaces an earlier one's.
                let recorded = runs.iter().flat_map(|run| run.measurement.metrics.clone());
                let metrics: BTreeMap<String, f64> = recorded.collect();
                let delivery = Delivery {
                    input: &ask.input.bytes,
                    output: output.bytes,
                    expected,
                    decoded: decoded.as_deref(),
                    metrics: &metrics,
                };
                let amiss = |trouble| Amiss { words: format!("the output: {trouble}"), repeatable: true };
                Ok(built_in.units(&delivery).map_err(amiss))
            }
        }
    }

    /// What the steps, run backwards, make of an output. An output that cannot be turned back is worth nothing,
    /// whoever is at fault.
    fn way_back(
        &self,
        steps: &[&ReadyStep],
        output: &Handed<'_>,
        back: &RoundTrip,
        terms: &Terms,
        memo: &mut Memo,
    ) -> Result<Result<Vec<u8>, Amiss>, EvaluateError> {
        let nothing = BTreeMap::new();
        let mut last = None;
        for step in steps.iter().rev() {
            let step = step.told(&back.parameter, &back.value);
            let run = {
                // Back it goes with an empty blackboard: the output must hold all that it takes.
                let encoded = Handed { workspace: &nothing, ..output.clone() };
                let handed = last.as_deref().map_or(encoded, Handed::from);
                self.step(&step, &handed, terms, None, memo)?
            };
            if !run.measurement.outcome.is_completed() {
                let what = format_args!("on the way back, {}", step.candidate.id);
                return Ok(Err(Amiss::of(what, &run.measurement.outcome)));
            }
            last = Some(run);
        }
        Ok(Ok(last.map_or_else(|| output.bytes.to_vec(), |run| run.output.clone().unwrap_or_default())))
    }
}
