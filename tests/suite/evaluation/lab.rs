//! A small project to ask questions of.

use std::fs;
use std::sync::LazyLock;

use holobiont::{Answer, EvaluateError, Evaluator, Project, Store};
use holobiont_core::{ArmReport, Assessment, ModuleId, Scenario, Workflow};
use holobiont_sandbox::Sandbox;
use tempfile::TempDir;

use crate::support::working;

/// The sandbox of all labs. Each question loads its modules anew, as another process would: so compiled code is kept.
pub(crate) static HOST: LazyLock<Sandbox> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/compiled");
    Sandbox::builder().cache_dir(folder).build().expect("a sandbox")
});

/// Bytes saved, whether or not they can be got back.
pub(crate) const SAVED: &str = "bytes-saved = true";

/// A project of one workflow, in a folder of its own.
pub(crate) struct Lab {
    folder: TempDir,
    pub(crate) project: Project,
    pub(crate) workflow: Workflow,
}

impl Lab {
    /// A workflow of these steps, by name and module, with the text of its objective.
    pub(crate) fn new(steps: &[(&str, Vec<u8>)], objective: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // So that no project further up is found.
        fs::write(folder.path().join("holobiont.toml"), "").expect("written");
        let mut text = "name = \"tiny\"\ninputs = [\"inputs\"]\n".to_owned();
        for (name, _) in steps {
            text.push_str(&format!("[[step]]\nmodule = \"m/{name}.wasm\"\n"));
        }
        text.push_str(&format!("[objective]\n{objective}\n"));
        let project = Project::find(folder.path(), None, &|_| None).expect("a project");
        let workflow = Workflow::parse(&text).expect("a workflow");
        let lab = Self { folder, project, workflow };
        for (name, wasm) in steps {
            lab.write(&format!("m/{name}.wasm"), wasm);
        }
        lab
    }

    /// With so many inputs of a line of text each, all different.
    pub(crate) fn inputs(self, count: usize) -> Self {
        for number in 0..count {
            let words = "and so on, ".repeat(4 + number % 5);
            self.write(&format!("inputs/{number:02}.txt"), format!("Input {number}: {words}done.").as_bytes());
        }
        self
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }

    pub(crate) fn path(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join(path)
    }

    /// Gives a step a parameter.
    pub(crate) fn told(mut self, step: usize, parameter: &str, value: &str) -> Self {
        self.workflow.steps[step].parameters.insert(parameter.to_owned(), value.to_owned());
        self
    }

    /// All modules of the workflow.
    pub(crate) fn modules(&self) -> Vec<ModuleId> {
        self.workflow.modules().into_iter().cloned().collect()
    }

    pub(crate) fn group(&self, names: &[&str]) -> Vec<ModuleId> {
        self.workflow.group(&names.iter().map(ToString::to_string).collect::<Vec<_>>()).expect("modules of it")
    }

    /// Compares a group with its members, as a new process would.
    pub(crate) fn try_ask(
        &self,
        store: &dyn Store,
        group: &[ModuleId],
        scenarios: &[Scenario],
    ) -> Result<Answer, EvaluateError> {
        let _working = working();
        Evaluator::new(&self.project, &HOST, store).synergy(&self.workflow, group, scenarios, &|_| ())
    }

    /// The same of all modules of the workflow.
    pub(crate) fn ask(&self, store: &dyn Store, scenarios: &[Scenario]) -> Answer {
        self.try_ask(store, &self.modules(), scenarios).expect("what modules do is never a reason")
    }
}

/// The undisturbed case alone.
pub(crate) fn nominal() -> [Scenario; 1] {
    [Scenario::default()]
}

/// The undisturbed case and some of the built-in ones.
pub(crate) fn beside(names: &[&str]) -> Vec<Scenario> {
    let all = Scenario::builtin();
    let wanted = |scenario: &Scenario| scenario.name == "nominal" || names.contains(&scenario.name.as_str());
    all.into_iter().filter(wanted).collect()
}

/// An answer to the last bit.
pub(crate) fn exactly(assessment: &Assessment) -> String {
    serde_json::to_string_pretty(assessment).expect("plain data")
}

/// The arm of these modules, by the names that end theirs.
pub(crate) fn arm<'a>(assessment: &'a Assessment, names: &[&str]) -> &'a ArmReport {
    let is_it = |report: &&ArmReport| report.modules.iter().map(ModuleId::short).eq(names.iter().copied());
    assessment.arms.iter().find(is_it).expect("an arm of these modules")
}

/// A metric of an arm.
pub(crate) fn metric(report: &ArmReport, name: &str) -> f64 {
    report.metrics.get(name).unwrap_or_else(|| panic!("no {name}"))
}
