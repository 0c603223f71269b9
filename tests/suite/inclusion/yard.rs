//! A project on disk with modules that nobody uses.

use std::fs;
use std::path::PathBuf;

use holobiont::{CandidateReport, Discovery, Evaluator, Project, SelfTest, SelfTestReport, Settings, SqliteStore};
use holobiont_core::ModuleId;
use tempfile::TempDir;

use crate::evaluation::lab::{HOST, SAVED};
use crate::evaluation::modules::Shaper;
use crate::support::working;

/// A project in a folder of its own.
pub(crate) struct Yard {
    folder: TempDir,
}

impl Yard {
    /// A project with a workflow of these steps, which are to be written to `m/`, and an objective.
    pub(crate) fn new(steps: &[&str], objective: &str) -> Self {
        let yard = Self { folder: tempfile::tempdir().expect("a folder") };
        yard.write("holobiont.toml", b"");
        yard.workflow("work", steps, objective);
        yard
    }

    pub(crate) fn workflow(&self, name: &str, steps: &[&str], objective: &str) {
        let mut text = format!("# By hand.\nname = \"{name}\"\ninputs = [\"inputs\"]\n");
        for step in steps {
            text.push_str(&format!("\n# What {step} is for.\n[[step]]\nmodule = \"m/{step}.wasm\"\n"));
        }
        text.push_str(&format!("\n[objective]\n{objective}\n"));
        self.write(&format!("workflows/{name}.toml"), text.as_bytes());
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }

    pub(crate) fn module(&self, name: &str, bytes: &[u8]) {
        self.write(&format!("m/{name}.wasm"), bytes);
    }

    /// So many inputs of a line of text each, all different.
    pub(crate) fn texts(&self, count: usize) {
        for number in 0..count {
            let words = "and so on, ".repeat(4 + number % 5);
            self.write(&format!("inputs/{number:02}.txt"), format!("Input {number}: {words}done.").as_bytes());
        }
    }

    /// The inputs of an example, the smallest of them.
    pub(crate) fn inputs_of(&self, family: &str, count: usize) {
        let folder =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../plugins/examples/{family}/inputs/data"));
        let mut files: Vec<(u64, PathBuf)> = fs::read_dir(folder)
            .expect("there are inputs")
            .map(|entry| entry.expect("an entry"))
            .map(|entry| (entry.metadata().expect("a file").len(), entry.path()))
            .collect();
        files.sort();
        for (_, path) in files.into_iter().take(count) {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            self.write(&format!("inputs/{name}"), &fs::read(&path).expect("read"));
        }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    pub(crate) fn project(&self) -> Project {
        Project::find(self.folder.path(), None, &|_| None).expect("a project")
    }

    pub(crate) fn store(&self) -> SqliteStore {
        SqliteStore::open(&self.project().database()).expect("a store")
    }

    pub(crate) fn discover(&self) -> Discovery {
        let project = self.project();
        project.discover(&project.reached_by_workflows().expect("workflows").modules).expect("discovered")
    }

    /// A self-test of everything, as a new process would make it.
    pub(crate) fn test(&self) -> SelfTestReport {
        self.test_with(&|_| (), &SelfTest::default())
    }

    pub(crate) fn test_with(&self, change: &dyn Fn(&mut Settings), test: &SelfTest) -> SelfTestReport {
        self.test_of(&self.discover(), change, test)
    }

    /// A self-test of what was discovered some time ago.
    pub(crate) fn test_of(
        &self,
        discovery: &Discovery,
        change: &dyn Fn(&mut Settings),
        test: &SelfTest,
    ) -> SelfTestReport {
        let _working = working();
        let mut project = self.project();
        change(&mut project.settings);
        let store = self.store();
        let evaluator = Evaluator::new(&project, &HOST, &store);
        test.run(&project, &evaluator, &store, discovery, &|_| ()).expect("what modules do is never a reason")
    }

    /// The steps of a workflow as its file says now.
    pub(crate) fn steps(&self, workflow: &str) -> Vec<String> {
        let workflow = self.project().workflow(&self.path(&format!("workflows/{workflow}.toml")).to_string_lossy());
        workflow.expect("a workflow").steps.iter().map(|step| step.module.short().to_owned()).collect()
    }

    /// The ids in a document of the data folder.
    pub(crate) fn listed(&self, document: &str) -> Vec<String> {
        let text = self.text(&format!("sandbox_data/{document}.json"));
        let json: serde_json::Value = serde_json::from_str(&text).expect("a document");
        json["modules"].as_object().expect("modules").keys().cloned().collect()
    }
}

/// A workflow whose step saves a byte of each input, and a candidate that saves three.
pub(crate) fn yard() -> Yard {
    let yard = Yard::new(&["step"], SAVED);
    yard.module("step", &Shaper::cuts(1).wasm());
    yard.module("good", &Shaper::cuts(3).wasm());
    yard.texts(12);
    yard
}

pub(crate) fn id(path: &str) -> ModuleId {
    ModuleId::new(path).expect("an id")
}

/// What is said of a candidate.
#[track_caller]
pub(crate) fn of<'a>(report: &'a SelfTestReport, name: &str) -> &'a CandidateReport {
    let found = report.candidates.iter().find(|candidate| candidate.module.short() == name);
    found.unwrap_or_else(|| panic!("{name} is no candidate: {report:#?}"))
}

/// Why an orphan is none.
#[track_caller]
pub(crate) fn left_out<'a>(report: &'a SelfTestReport, name: &str) -> &'a str {
    let found = report.left_out.iter().find(|out| out.module.short() == name);
    &found.unwrap_or_else(|| panic!("{name} was not left out: {report:#?}")).reason
}
