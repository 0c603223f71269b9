//! One candidate's way through the stages of one workflow.

use holobiont_core::graph::{ImportGraph, Redundancy};
use holobiont_core::inclusion::{Stage, is_audited};
use holobiont_core::{Candidate, IncidentKind, ModuleId, Verdict};

use super::bench::{Bench, Placed, Solo};
use super::report::{Measures, StageReport};
use super::unit::Unit;
use crate::evaluate::EvaluateError;

/// A candidate on its way through a workflow's stages.
pub(super) struct Course {
    pub(super) unit: Unit,
    pub(super) measures: Measures,
    pub(super) stages: Vec<StageReport>,
    /// Whether it goes on to the next stage.
    pub(super) goes_on: bool,
    pub(super) redundancy: Option<Redundancy>,
    pub(super) verdict: Option<Verdict>,
    solo: Option<Solo>,
    /// Where it goes in the workflow as it was at first.
    pub(super) placed: Option<Placed>,
}

impl Course {
    pub(super) fn new(unit: Unit, workflow: &str) -> Self {
        let measures = Measures {
            workflow: workflow.to_owned(),
            roi: None,
            synergy_roi: None,
            gain: None,
            step: None,
            company: Vec::new(),
            early: None,
            audited: false,
            passed: false,
        };
        let (stages, goes_on) = (Vec::new(), true);
        Self { unit, measures, stages, goes_on, redundancy: None, verdict: None, solo: None, placed: None }
    }

    /// Takes what a stage said. Who is turned away early goes on all the same if the lot says so.
    fn take(&mut self, bench: &Bench<'_>, report: StageReport) {
        if !report.passed {
            let settings = &bench.project.settings;
            let lot =
                report.stage.is_early() && is_audited(settings.seed, &self.unit.digest, settings.self_test.audit_share);
            if report.stage.is_early() {
                self.measures.early.get_or_insert(report.stage);
                self.measures.audited = lot;
            }
            self.goes_on = lot;
        }
        self.stages.push(report);
    }

    fn ends(&mut self, bench: &Bench<'_>, stage: Stage, detail: String) {
        let workflow = Some(bench.workflow.name.clone());
        self.take(bench, StageReport { stage, workflow, passed: false, detail });
    }

    /// The stages before its company matters.
    pub(super) fn alone(&mut self, bench: &Bench<'_>) -> Result<(), EvaluateError> {
        if let Some(refusal) = bench.refusal(&self.unit) {
            self.ends(bench, Stage::Authority, refusal);
            return Ok(());
        }
        bench.at(Stage::Smoke, &self.unit);
        let smoke = bench.smoke(&self.unit)?;
        self.take(bench, smoke);
        if !self.goes_on {
            return Ok(());
        }
        bench.at(Stage::Solo, &self.unit);
        let (report, solo) = bench.solo(&self.unit)?;
        self.take(bench, report);
        self.measures.roi = Some(solo.earned.roi(&bench.project.settings.gate, bench.project.settings.seed));
        self.solo = Some(solo);
        Ok(())
    }

    /// What it did alone, for telling whether another does the same.
    pub(super) fn solo(&self) -> Option<&Solo> {
        self.solo.as_ref()
    }

    /// Ends where another does the same for no more.
    pub(super) fn compare(&mut self, bench: &Bench<'_>, found: Option<&Redundancy>) {
        if let Some(redundancy) = found {
            self.redundancy = Some(redundancy.clone());
            self.ends(bench, Stage::Redundancy, redundancy.to_string());
        }
    }

    /// Beside each of those that are there.
    pub(super) fn pairs(&mut self, bench: &Bench<'_>) -> Result<(), EvaluateError> {
        bench.at(Stage::Pairs, &self.unit);
        let report = bench.pairs(&self.unit)?;
        self.take(bench, report);
        Ok(())
    }

    /// At its best place among all of those that are there.
    pub(super) fn group(&mut self, bench: &Bench<'_>) -> Result<(), EvaluateError> {
        bench.at(Stage::Group, &self.unit);
        let Some(placed) = bench.placed(&[&self.unit], bench.workflow)? else {
            self.goes_on = false;
            return Ok(());
        };
        self.judge(bench, &placed, &[]);
        self.placed = Some(placed);
        Ok(())
    }

    fn verdict_at(&self, bench: &Bench<'_>, placed: &Placed) -> Option<Verdict> {
        let settings = &bench.project.settings;
        let (roi, solo) = self.measures.roi.zip(self.solo.as_ref())?;
        let candidate = Candidate { roi, synergy_roi: Some(placed.synergy_roi), incidents: &solo.incidents };
        Some(settings.gate.judge_candidate(&candidate, settings.self_test.most_incident_weight))
    }

    /// Whether it would pass by what it comes to at a place.
    pub(super) fn would_pass(&self, bench: &Bench<'_>, placed: &Placed) -> bool {
        self.verdict_at(bench, placed).is_some_and(|verdict| verdict.passed)
    }

    /// Judges it by what it came to at a place, in company of candidates that came before it or with it.
    pub(super) fn judge(&mut self, bench: &Bench<'_>, placed: &Placed, company: &[ModuleId]) {
        let Some(mut verdict) = self.verdict_at(bench, placed) else { return };
        if !bench.is_split() {
            verdict
                .reasons
                .push("there are too few inputs to choose its place on others than it is judged on".to_owned());
        }
        if !company.is_empty() {
            let names: Vec<&str> = company.iter().map(ModuleId::short).collect();
            verdict.reasons.push(format!("that is in company of {}", names.join(", ")));
        }
        self.measures.passed = verdict.passed;
        self.measures.synergy_roi = Some(placed.synergy_roi);
        self.measures.gain = Some(placed.gain);
        let place = placed.with.steps.iter().position(|step| step.module == self.unit.module);
        self.measures.step = place.map(|place| place + 1);
        self.measures.company = company.to_vec();
        let detail = verdict.reasons.join("; ");
        self.stages.retain(|said| said.stage != Stage::Group);
        let workflow = Some(bench.workflow.name.clone());
        self.stages.push(StageReport { stage: Stage::Group, workflow, passed: verdict.passed, detail });
        self.verdict = Some(verdict);
    }

    /// Whether it may be put into a workflow that is better with it: it came as far as the last stage, and what it did
    /// on the way does not keep it out.
    pub(super) fn may_join(&self, bench: &Bench<'_>) -> bool {
        let most = bench.project.settings.self_test.most_incident_weight;
        let harmless = |incidents: &[IncidentKind]| incidents.iter().all(|incident| incident.weight() <= most);
        self.goes_on && self.placed.is_some() && self.solo.as_ref().is_some_and(|solo| harmless(&solo.incidents))
    }
}

/// Ends those of which another does the same for no more: a present member, or another candidate.
pub(super) fn compare(courses: &mut [Course], bench: &Bench<'_>, graph: &ImportGraph) {
    let mut behaviours = bench.behaviours.clone();
    for course in courses.iter().filter(|course| course.goes_on) {
        if let Some(behaviour) = course.solo().and_then(|solo| solo.behaviour.clone()) {
            behaviours.insert(course.unit.module.clone(), behaviour);
        }
    }
    let redundancies = graph.redundancies(&behaviours);
    for course in courses.iter_mut().filter(|course| course.goes_on) {
        let found = redundancies.get(&course.unit.module);
        course.compare(bench, found);
    }
}
