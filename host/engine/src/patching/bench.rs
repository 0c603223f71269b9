//! The incumbent and what is proposed in its place, in the same arms on the same inputs.

use holobiont_core::inclusion::{Earned, Split, split};
use holobiont_core::stats::{Coalition, Estimate};
use holobiont_core::{ArmTrials, Digest, Gate, IncidentKind, Scenario, Workflow};

use super::proposal::{Change, Proposal};
use crate::evaluate::{EvaluateError, Evaluator, Progress};
use crate::inputs::Input;
use crate::project::{Project, ProjectError};

/// A workflow as it is now, its inputs, and what makes runs.
pub(super) struct Bench<'a> {
    project: &'a Project,
    original: &'a Evaluator<'a>,
    /// With the bytes that were kept in place of those of the repository.
    replaced: Option<Evaluator<'a>>,
    first: Workflow,
    workflow: Workflow,
    choosing: Vec<Input>,
    fresh: Vec<Input>,
    split: Split,
    listen: &'a (dyn Fn(Progress) + Sync),
}

/// What judging a proposal came to.
pub(super) struct Judged {
    pub(super) passed: bool,
    /// By how much it earns more, in credits per input.
    pub(super) gain: Estimate,
    /// The same for each credit that it costs. It has the same sign, and decides, since as a ratio of sums it is steadier
    /// than a mean that a single large input may blur; so it is for candidates.
    pub(super) gain_per_credit: Estimate,
    pub(super) reason: String,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        evaluator: &'a Evaluator<'a>,
        project: &'a Project,
        workflow: Workflow,
        listen: &'a (dyn Fn(Progress) + Sync),
    ) -> Result<Self, ProjectError> {
        let inputs = project.inputs(&workflow)?;
        let split = split(inputs.len(), project.settings.seed);
        let some = |places: &[usize]| places.iter().filter_map(|place| inputs.get(*place)).cloned().collect();
        Ok(Self {
            project,
            original: evaluator,
            replaced: None,
            first: workflow.clone(),
            workflow,
            choosing: some(&split.choosing),
            fresh: some(&split.fresh),
            split,
            listen,
        })
    }

    pub(super) fn workflow(&self) -> &Workflow {
        &self.workflow
    }

    pub(super) fn evaluator(&self) -> &Evaluator<'a> {
        self.replaced.as_ref().unwrap_or(self.original)
    }

    pub(super) fn seed(&self) -> u64 {
        self.project.settings.seed
    }

    /// What the incumbent's worth depends on.
    pub(super) fn incumbent(&self) -> Result<Digest, EvaluateError> {
        self.digest_of(&self.workflow)
    }

    /// The same with a proposal.
    pub(super) fn incumbent_with(&self, proposal: &Proposal) -> Result<Digest, EvaluateError> {
        let (evaluator, workflow) = self.changed(proposal)?;
        let all: Vec<Input> = self.choosing.iter().chain(&self.fresh).cloned().collect();
        evaluator.as_ref().unwrap_or_else(|| self.evaluator()).question_of(&workflow, &all)
    }

    /// The same without the values of parameters: what trials that are to be compared have in common.
    pub(super) fn question(&self) -> Result<Digest, EvaluateError> {
        let mut plain = self.workflow.clone();
        plain.steps.iter_mut().for_each(|step| step.parameters.clear());
        self.digest_of(&plain)
    }

    fn digest_of(&self, workflow: &Workflow) -> Result<Digest, EvaluateError> {
        let all: Vec<Input> = self.choosing.iter().chain(&self.fresh).cloned().collect();
        self.evaluator().question_of(workflow, &all)
    }

    /// What the incumbent earns on the inputs that are for choosing, in credits per input.
    pub(super) fn profit(&self) -> Result<f64, EvaluateError> {
        Ok(self.earned(self.evaluator(), &self.workflow, &self.choosing)?.mean_profit())
    }

    /// The same on those that are for judging.
    pub(super) fn profit_on_fresh(&self) -> Result<f64, EvaluateError> {
        Ok(self.earned(self.evaluator(), &self.workflow, &self.fresh)?.mean_profit())
    }

    /// What a proposal would earn on the inputs that are for choosing.
    pub(super) fn profit_with(&self, proposal: &Proposal) -> Result<f64, EvaluateError> {
        let (evaluator, workflow) = self.changed(proposal)?;
        let evaluator = evaluator.as_ref().unwrap_or_else(|| self.evaluator());
        Ok(self.earned(evaluator, &workflow, &self.choosing)?.mean_profit())
    }

    /// Judges a proposal on the inputs that are for judging, after so many others. New bytes must also stand up to all
    /// that befalls modules.
    pub(super) fn judge(&self, proposal: &Proposal, judged_before: usize) -> Result<Judged, EvaluateError> {
        let (evaluator, workflow) = self.changed(proposal)?;
        let evaluator = evaluator.as_ref().unwrap_or_else(|| self.evaluator());
        let with = self.earned(evaluator, &workflow, &self.fresh)?;
        let without = self.earned(self.evaluator(), &self.workflow, &self.fresh)?;
        let gate = Gate {
            level: level_after(judged_before, self.project.settings.gate.level),
            ..self.project.settings.gate.clone()
        };
        let gain = with.gain(&without, &gate, self.seed());
        let gain_per_credit = with.synergy_roi(&without, &gate, self.seed());
        let mut passed = gain_per_credit.interval().is_some_and(|interval| interval.low > 0.0);
        let mut reason = match gain {
            Estimate::NotEnoughData { inputs, needed } => {
                format!("{inputs} inputs are too few to be sure of a gain: it takes {needed}")
            }
            _ if passed => "on the inputs it is judged on, it surely earns more".to_owned(),
            _ => "on the inputs it is judged on, it does not surely earn more: rolled back".to_owned(),
        };
        if !self.split.apart {
            reason.push_str("; there are too few inputs to choose on others");
        }
        if let (true, Change::Component(_)) = (passed, &proposal.change)
            && let Some(trouble) = self.trouble(evaluator, &workflow)?
        {
            (passed, reason) = (false, trouble);
        }
        Ok(Judged { passed, gain, gain_per_credit, reason })
    }

    /// The worst that happens with new bytes under all scenarios, if it is more than is let pass and than what happens
    /// with the old ones.
    fn trouble(&self, evaluator: &Evaluator<'_>, workflow: &Workflow) -> Result<Option<String>, EvaluateError> {
        let scenarios = Scenario::builtin();
        let incidents = |evaluator: &Evaluator<'_>, workflow| {
            let arm = self.arm(evaluator, workflow, &self.fresh, &scenarios)?;
            Ok::<_, EvaluateError>(IncidentKind::of_trials(&arm.trials))
        };
        let weight = |worst: Option<&IncidentKind>| worst.map_or(0.0, |incident| incident.weight());
        let worst = |found: &[IncidentKind]| found.iter().max_by(|a, b| a.weight().total_cmp(&b.weight())).copied();
        let new = worst(&incidents(evaluator, workflow)?);
        let old = worst(&incidents(self.evaluator(), &self.workflow)?);
        let most = self.project.settings.self_test.most_incident_weight.max(weight(old.as_ref()));
        Ok(new.filter(|new| new.weight() > most).map(|new| {
            format!("surely better, but an incident weighs {}, more than {most}: {}", new.weight(), new.reason())
        }))
    }

    /// Makes a proposal the incumbent.
    pub(super) fn adopt(&mut self, proposal: &Proposal) -> Result<(), EvaluateError> {
        let (evaluator, workflow) = self.changed(proposal)?;
        self.replaced = evaluator.or_else(|| self.replaced.take());
        self.workflow = workflow;
        Ok(())
    }

    /// By how much the incumbent earns more than what was there at first, on the inputs that are for judging; none
    /// where it is still the same.
    pub(super) fn gain_in_all(&self) -> Result<Option<Estimate>, EvaluateError> {
        if self.replaced.is_none() && self.workflow == self.first {
            return Ok(None);
        }
        let now = self.earned(self.evaluator(), &self.workflow, &self.fresh)?;
        let before = self.earned(self.original, &self.first, &self.fresh)?;
        Ok(Some(now.gain(&before, &self.project.settings.gate, self.seed())))
    }

    /// The workflow as a proposal would have it.
    pub(super) fn workflow_with(&self, proposal: &Proposal) -> Workflow {
        let mut workflow = self.workflow.clone();
        if let Change::Parameters { values, .. } = &proposal.change {
            for step in workflow.steps.iter_mut().filter(|step| step.module == proposal.module) {
                step.parameters.extend(values.clone());
            }
        }
        workflow
    }

    fn changed(&self, proposal: &Proposal) -> Result<(Option<Evaluator<'a>>, Workflow), EvaluateError> {
        let evaluator = match &proposal.change {
            Change::Parameters { .. } => None,
            Change::Component(bytes) => Some(self.evaluator().replacing(&proposal.module, bytes.clone())?),
        };
        Ok((evaluator, self.workflow_with(proposal)))
    }

    fn earned(
        &self,
        evaluator: &Evaluator<'_>,
        workflow: &Workflow,
        inputs: &[Input],
    ) -> Result<Earned, EvaluateError> {
        Ok(Earned::of(&self.arm(evaluator, workflow, inputs, &[Scenario::default()])?))
    }

    /// All modules of a workflow together.
    fn arm(
        &self,
        evaluator: &Evaluator<'_>,
        workflow: &Workflow,
        inputs: &[Input],
        scenarios: &[Scenario],
    ) -> Result<ArmTrials, EvaluateError> {
        let all = Coalition::all(workflow.modules().len());
        let mut arms = evaluator.arms_of(workflow, inputs, scenarios, vec![all], self.listen)?;
        arms.remove(&all).ok_or_else(|| EvaluateError::Fault("an arm was not tried".to_owned()))
    }
}

/// The level at which a proposal is judged after so many others. Each spends a part of what the gate's level leaves for
/// mistakes: the n-th 1 / (n (n + 1)) of it, and all that will ever be together the whole (Foster and Stine,
/// Alpha-investing, Journal of the Royal Statistical Society B 70, 2008, on spending in advance). An interval cannot be told
/// from resampled inputs beyond 0.999, so there it stays, and from the seventh on each adds a thousandth to how often
/// something without effect may be kept.
fn level_after(judged_before: usize, level: f64) -> f64 {
    const MOST: f64 = 0.999;
    let number = judged_before as f64 + 1.0;
    (1.0 - (1.0 - level) / (number * (number + 1.0))).min(MOST).max(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_judgements_together_are_wrong_no_more_often_than_one() {
        let levels: Vec<f64> = (0..100).map(|before| level_after(before, 0.95)).collect();
        assert!((levels[0] - 0.975).abs() < 1e-12 && (levels[1] - (1.0 - 0.05 / 6.0)).abs() < 1e-12, "{levels:?}");
        assert!(levels.is_sorted() && levels.last() == Some(&0.999));
        // As long as the most is not reached, what was spent stays below what there is to spend.
        let spent: f64 = levels.iter().filter(|level| **level < 0.999).map(|level| 1.0 - level).sum();
        assert!(spent < 0.05, "{spent}");
        // A gate that asks for more is asked no less.
        assert_eq!(level_after(0, 0.9995), 0.9995);
    }
}
