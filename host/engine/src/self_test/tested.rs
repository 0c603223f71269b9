//! A candidate from its loading to what is said of it in the end.

use holobiont_core::inclusion::Stage;
use holobiont_core::{Digest, IncidentKind, ModuleId, printable};
use holobiont_sandbox::{Sandbox, Wish};

use super::course::Course;
use super::report::{CandidateReport, StageReport, WorkflowReport};
use super::unit::Unit;
use crate::discover::Discovery;
use crate::evaluate::{EvaluateError, Evaluator};
use crate::project::Project;

/// A candidate, and what is known of it so far.
pub(super) struct Tested {
    pub(super) unit: Unit,
    pub(super) report: CandidateReport,
    /// Whether it goes on to the workflows.
    pub(super) goes_on: bool,
}

impl Tested {
    /// The stages that need no inputs.
    pub(super) fn load(
        evaluator: &Evaluator<'_>,
        project: &Project,
        discovery: &Discovery,
        unit: Unit,
    ) -> Result<Self, EvaluateError> {
        let report = CandidateReport {
            schema: CandidateReport::SCHEMA.to_owned(),
            module: unit.module.clone(),
            digest: unit.digest,
            imports: unit.imports.clone(),
            passed: false,
            enough_data: true,
            stage: Stage::Load,
            redundant: false,
            reasons: Vec::new(),
            stages: Vec::new(),
            workflows: Vec::new(),
        };
        let mut tested = Self { unit, report, goes_on: true };
        if let Err(reason) = tested.try_load(evaluator, discovery)? {
            tested.say(Stage::Load, false, reason);
            return Ok(tested);
        }
        tested.say(Stage::Load, true, "loads, with what it imports".to_owned());
        match tested.wishes(evaluator, project)? {
            Some(reason) => tested.say(Stage::Authority, false, reason),
            None => tested.say(Stage::Authority, true, "asks for nothing that nobody is given".to_owned()),
        }
        Ok(tested)
    }

    /// Loads it, and asks it what it takes. Why not, if it cannot be.
    fn try_load(
        &mut self,
        evaluator: &Evaluator<'_>,
        discovery: &Discovery,
    ) -> Result<Result<(), String>, EvaluateError> {
        // All of them before anything is compiled: a chain may be longer than what may be linked.
        if let Err(reason) = linkable(&self.unit) {
            return Ok(Err(reason));
        }
        for id in [&self.unit.module].into_iter().chain(&self.unit.imports) {
            let digest = match evaluator.digest_of(id) {
                Ok(digest) => digest,
                Err(EvaluateError::Project(error)) => return Ok(Err(format!("vanished since it was found: {error}"))),
                Err(error) => return Err(error),
            };
            if discovery.graph.module(id).is_none_or(|facts| facts.digest != digest) {
                return Ok(Err(format!("`{id}` changed since it was found: test it again")));
            }
        }
        Ok(match evaluator.try_load(&self.unit.module, &self.unit.imports)? {
            Err(outcome) => Err(outcome.to_string()),
            Ok((_, Some(said))) if !said.outcome.is_completed() => {
                Err(format!("asked what it takes, it ended otherwise: {}", said.outcome))
            }
            Ok((types, _)) => {
                self.unit.types = types;
                Ok(())
            }
        })
    }

    /// What it, or a module that it imports from, asks for and nobody is given.
    fn wishes(&self, evaluator: &Evaluator<'_>, project: &Project) -> Result<Option<String>, EvaluateError> {
        let most = project.settings.self_test.most_incident_weight;
        if IncidentKind::DeniedCall.weight() <= most {
            return Ok(None);
        }
        for id in [&self.unit.module].into_iter().chain(&self.unit.imports) {
            let Ok(facts) = evaluator.facts_of(id)? else { continue };
            if let Some(import) = facts.imports.iter().find(|import| import.wish == Wish::Network) {
                return Ok(Some(format!(
                    "`{id}` imports `{}`: the network is given to nobody",
                    printable(&import.name)
                )));
            }
        }
        Ok(None)
    }

    fn say(&mut self, stage: Stage, passed: bool, detail: String) {
        self.report.stage = stage;
        if !passed {
            self.report.reasons = vec![detail.clone()];
            self.goes_on = false;
        }
        self.report.stages.push(StageReport { stage, workflow: None, passed, detail });
    }

    /// Takes what came of it in a workflow.
    pub(super) fn take(&mut self, course: Course) {
        let Course { measures, stages, redundancy, verdict, .. } = course;
        let stage = stages.last().map_or(Stage::Authority, |said| said.stage);
        // The workflow in which it came furthest speaks for it; a passed one before any other.
        let is_further = self.report.workflows.is_empty() || stage > self.report.stage;
        if !self.report.passed && (measures.passed || is_further) {
            self.report.stage = stage;
            self.report.passed = measures.passed;
            self.report.redundant = redundancy.is_some();
            self.report.enough_data = verdict.as_ref().is_none_or(|verdict| verdict.enough_data);
            self.report.reasons = match (&verdict, stages.iter().rfind(|said| !said.passed)) {
                (Some(verdict), _) => verdict.reasons.clone(),
                (None, Some(said)) => vec![said.detail.clone()],
                (None, None) => Vec::new(),
            };
        }
        self.report.stages.extend(stages);
        self.report.workflows.push(measures);
    }

    /// The first of its modules whose bytes are not those that were tested any more.
    pub(super) fn changed(&self, evaluator: &Evaluator<'_>, project: &Project) -> Option<ModuleId> {
        let is_same = |id: &&ModuleId| {
            let tested = evaluator.digest_of(id).ok();
            tested.is_some() && project.module_bytes(id).ok().map(|bytes| Digest::of(&bytes)) == tested
        };
        [&self.unit.module].into_iter().chain(&self.unit.imports).find(|id| !is_same(id)).cloned()
    }

    /// Gives it up, since a module of it changed.
    pub(super) fn give_up(&mut self, module: &ModuleId) {
        self.report.passed = false;
        self.report.reasons = vec![format!("`{module}` changed while it was tested: test it again")];
    }

    /// Says where it is, or would be, if it passed.
    pub(super) fn conclude(&mut self, workflows: &[WorkflowReport], dry_run: bool) {
        if !self.report.passed {
            if self.report.reasons.is_empty() {
                self.report.reasons.push("no workflow could be used to try it in".to_owned());
            }
            return;
        }
        let kept = workflows.iter().filter(|workflow| workflow.kept);
        let steps = kept.flat_map(|workflow| workflow.inserted.iter().map(move |inserted| (workflow, inserted)));
        let own: Vec<String> = steps
            .filter(|(_, inserted)| inserted.module == self.unit.module)
            .map(|(workflow, inserted)| {
                let is = if dry_run { "would be" } else { "is now" };
                format!("it {is} step {} of {}", inserted.step, printable(&workflow.workflow))
            })
            .collect();
        if own.is_empty() {
            self.report.reasons.push("no workflow is surely better with it, so it is a step of none".to_owned());
        }
        self.report.reasons.extend(own);
    }
}

/// Why a candidate imports from more modules than can be linked, if it does.
fn linkable(unit: &Unit) -> Result<(), String> {
    let (count, most) = (unit.imports.len(), Sandbox::MOST_MODULES);
    if count > most {
        return Err(format!("it takes {count} modules to link it, limit {most}"));
    }
    Ok(())
}
