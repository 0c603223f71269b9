//! Workflows: ordered steps, the modules that they reach, and what an output is worth.

mod objective_table;
mod text;

use serde::{Deserialize, Serialize};

use crate::id::ModuleId;
use crate::objective::Objective;
use crate::suggest::nearest;

pub use text::WorkflowText;

/// A workflow, as its file says it. Paths in it are relative to the repository root.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Workflow {
    /// A short name.
    pub name: String,
    /// What it is for, in a sentence.
    #[serde(default)]
    pub summary: String,
    /// Files, or folders whose files are all taken, in order of their names.
    pub inputs: Vec<String>,
    /// What the inputs are, as a media type.
    #[serde(default = "octets")]
    pub media_type: String,
    /// The steps, first to last.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
    /// The modules that are reached by steps but are none.
    #[serde(rename = "member", default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// What an output is worth.
    #[serde(with = "objective_table")]
    pub objective: Objective,
}

fn octets() -> String {
    "application/octet-stream".to_owned()
}

/// One step of a workflow: a module and the parameters it is run with.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Step {
    /// The module.
    pub module: ModuleId,
    /// Its parameters, by name.
    #[serde(default)]
    pub parameters: std::collections::BTreeMap<String, String>,
}

/// A module that a group may hold and that is no step: the steps reach it, by importing what it exports or, as a
/// pipeline does, by invoking it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Member {
    /// The module.
    pub module: ModuleId,
}

/// Why a text is not a workflow, or a group not part of one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkflowError {
    /// It does not read as one.
    #[error("{0}")]
    Syntax(String),
    /// There is nothing to do.
    #[error("a workflow needs at least one `[[step]]`")]
    NoSteps,
    /// There is nothing to do it on.
    #[error("`inputs` is empty: name at least one file or folder")]
    NoInputs,
    /// The worth of a unit is not a number one can reckon with.
    #[error("`credits-per-unit` is {0}: it must be a finite number above 0")]
    Worth(f64),
    /// A module of the group is no step.
    #[error("module `{module}` is no step of workflow `{}`: {remedy}", crate::printable(.workflow))]
    NotAStep {
        /// The module.
        module: ModuleId,
        /// The workflow.
        workflow: String,
        /// What would be right.
        remedy: String,
    },
    /// A module is a step and a member.
    #[error("module `{0}` is a `[[step]]` and a `[[member]]`: a member has no step of its own, so keep one of them")]
    StepAndMember(ModuleId),
    /// A module is a member twice.
    #[error("module `{0}` is named by two `[[member]]` tables: keep one of them")]
    MemberTwice(ModuleId),
    /// A module is named twice.
    #[error("module `{0}` is named twice in the group")]
    Twice(ModuleId),
    /// Steps or members that cannot be edited one by one.
    #[error(
        "`{0}` is a list of values, which cannot be changed without losing its form: write each as a `[[{0}]]` table"
    )]
    Inline(&'static str),
    /// A group in which nothing would run.
    #[error("no module of the group is a step, so nothing would run: add one of {0}")]
    OnlyMembers(String),
    /// A group of one has nothing to be compared with.
    #[error("a group needs at least two modules")]
    TooFew,
}

impl Workflow {
    /// Reads a workflow from TOML.
    ///
    /// # Errors
    ///
    /// [`WorkflowError`] with the line for what does not read, and for a workflow without steps, without
    /// inputs, with a worth that is no positive number, or with a member that is a step or there twice.
    pub fn parse(text: &str) -> Result<Self, WorkflowError> {
        let workflow: Self =
            toml::from_str(text).map_err(|e| WorkflowError::Syntax(crate::toml_text::explain(&e, text)))?;
        if workflow.steps.is_empty() {
            return Err(WorkflowError::NoSteps);
        }
        if workflow.inputs.is_empty() {
            return Err(WorkflowError::NoInputs);
        }
        let worth = workflow.objective.credits_per_unit;
        if !(worth.is_finite() && worth > 0.0) {
            return Err(WorkflowError::Worth(worth));
        }
        for (place, Member { module }) in workflow.members.iter().enumerate() {
            if workflow.steps.iter().any(|step| step.module == *module) {
                return Err(WorkflowError::StepAndMember(module.clone()));
            }
            if workflow.members.iter().skip(place + 1).any(|other| other.module == *module) {
                return Err(WorkflowError::MemberTwice(module.clone()));
            }
        }
        Ok(workflow)
    }

    /// The modules of the workflow: those of its steps in their order, each once, then its members.
    #[must_use]
    pub fn modules(&self) -> Vec<&ModuleId> {
        let mut modules: Vec<&ModuleId> = Vec::new();
        let steps = self.steps.iter().map(|step| &step.module);
        for module in steps.chain(self.members.iter().map(|member| &member.module)) {
            if !modules.contains(&module) {
                modules.push(module);
            }
        }
        modules
    }

    /// A group of the workflow's modules in the order of its steps, then of its members. Each may be
    /// named by its id, by the last part of it, with or without `.wasm`, or by the part after the last
    /// dash or underscore where that names one module only.
    ///
    /// # Errors
    ///
    /// [`WorkflowError::NotAStep`] with the nearest module, [`WorkflowError::Twice`], [`WorkflowError::TooFew`],
    /// [`WorkflowError::OnlyMembers`] where none of them is a step.
    pub fn group(&self, names: &[String]) -> Result<Vec<ModuleId>, WorkflowError> {
        let mut group = Vec::new();
        for name in names {
            let id = self.module_named(name)?;
            if group.contains(&id) {
                return Err(WorkflowError::Twice(id));
            }
            group.push(id);
        }
        if group.len() < 2 {
            return Err(WorkflowError::TooFew);
        }
        let modules = self.modules();
        let is_step = |id: &ModuleId| self.steps.iter().any(|step| step.module == *id);
        if !group.iter().any(is_step) {
            let steps: Vec<&ModuleId> = modules.into_iter().filter(|id| is_step(id)).collect();
            return Err(WorkflowError::OnlyMembers(shorts(&steps)));
        }
        group.sort_by_key(|id| modules.iter().position(|module| *module == id));
        Ok(group)
    }

    fn module_named(&self, name: &str) -> Result<ModuleId, WorkflowError> {
        let ids = self.modules();
        let normal = name.replace('\\', "/");
        let normal = normal.strip_prefix("./").unwrap_or(&normal);
        let by = |matches: &dyn Fn(&ModuleId) -> bool| {
            let mut found = ids.iter().filter(|id| matches(id));
            match (found.next(), found.next()) {
                (Some(id), None) => Some((*id).clone()),
                _ => None,
            }
        };
        by(&|id| id.as_str() == normal)
            .or_else(|| by(&|id| id.short() == normal.strip_suffix(".wasm").unwrap_or(normal)))
            .or_else(|| by(&|id| tail(id) == normal))
            .ok_or_else(|| self.not_a_step(name, &ids))
    }

    fn not_a_step(&self, name: &str, ids: &[&ModuleId]) -> WorkflowError {
        let names = ids.iter().flat_map(|id| [id.short(), tail(id)]);
        let remedy = match nearest(name, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.members.is_empty() => format!("its steps are {}", shorts(ids)),
            None => format!("its steps and members are {}", shorts(ids)),
        };
        match ModuleId::new(name) {
            Ok(module) => WorkflowError::NotAStep { module, workflow: self.name.clone(), remedy },
            Err(e) => WorkflowError::Syntax(e.to_string()),
        }
    }
}

/// The part of a short name after the last dash or underscore.
fn tail(id: &ModuleId) -> &str {
    id.short().rsplit(['-', '_']).next().unwrap_or_default()
}

fn shorts(ids: &[&ModuleId]) -> String {
    ids.iter().map(|id| id.short()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        name = "squeeze"
        inputs = ["inputs"]
        [[step]]
        module = "m/squeeze_bwt.wasm"
        [[step]]
        module = "m/squeeze_mtf.wasm"
        parameters = { direction = "encode" }
        [objective]
        scorer = "m/scorer.wasm"
    "#;

    #[test]
    fn groups_come_in_the_order_of_the_steps() {
        let workflow = Workflow::parse(TEXT).expect("a good workflow");
        let group = workflow.group(&["mtf".into(), "m/squeeze_bwt.wasm".into()]).expect("both are steps");
        assert_eq!(group.iter().map(ModuleId::short).collect::<Vec<_>>(), ["squeeze_bwt", "squeeze_mtf"]);
    }

    #[test]
    fn what_is_wrong_is_named_with_a_remedy() {
        let workflow = Workflow::parse(TEXT).expect("a good workflow");
        let say = |names: &[&str]| {
            workflow.group(&names.iter().map(ToString::to_string).collect::<Vec<_>>()).expect_err("bad").to_string()
        };
        assert_eq!(
            say(&["squeeze_mft", "bwt"]),
            "module `squeeze_mft` is no step of workflow `squeeze`: did you mean `squeeze_mtf`?"
        );
        assert_eq!(say(&["bwt", "squeeze_bwt"]), "module `m/squeeze_bwt.wasm` is named twice in the group");
        assert_eq!(say(&["bwt"]), "a group needs at least two modules");
        assert!(say(&["../x", "bwt"]).contains("outside the repository"));
    }

    #[test]
    fn typos_in_the_file_are_named_with_their_place() {
        let text = TEXT.replace("inputs =", "imputs =");
        let error = Workflow::parse(&text).expect_err("a typo").to_string();
        assert_eq!(error, "line 3: unknown key `imputs`: did you mean `inputs`?");
        assert!(matches!(Workflow::parse(&TEXT.replace("[\"inputs\"]", "[]")), Err(WorkflowError::NoInputs)));
        let worth = format!("{TEXT}\ncredits-per-unit = -1.0");
        assert!(matches!(Workflow::parse(&worth), Err(WorkflowError::Worth(_))));
    }

    const MEMBERS: &str = r#"
        name = "words"
        inputs = ["inputs"]
        [[member]]
        module = "m/words_stems.wasm"
        [[step]]
        module = "m/words_count.wasm"
        [[step]]
        module = "m/words_sort.wasm"
        [[step]]
        module = "m/words_count.wasm"
        [[member]]
        module = "m/words_index.wasm"
        [objective]
        metric = "words"
    "#;

    #[test]
    fn members_come_after_all_steps_and_a_module_counts_once() {
        let workflow = Workflow::parse(MEMBERS).expect("a good workflow");
        let shorts = |ids: Vec<ModuleId>| ids.iter().map(|id| id.short().to_owned()).collect::<Vec<_>>();
        let modules = workflow.modules().into_iter().cloned().collect();
        assert_eq!(shorts(modules), ["words_count", "words_sort", "words_stems", "words_index"]);
        let group = workflow.group(&["index".into(), "stems".into(), "count".into()]).expect("all are there");
        assert_eq!(shorts(group), ["words_count", "words_stems", "words_index"]);
    }

    #[test]
    fn members_that_cannot_be_are_refused() {
        let workflow = Workflow::parse(MEMBERS).expect("a good workflow");
        let say = |names: [&str; 2]| workflow.group(&names.map(str::to_owned)).expect_err("bad").to_string();
        assert_eq!(
            say(["index", "stems"]),
            "no module of the group is a step, so nothing would run: add one of words_count, words_sort"
        );
        assert_eq!(say(["indes", "sort"]), "module `indes` is no step of workflow `words`: did you mean `index`?");
        assert_eq!(
            say(["qqq", "sort"]),
            "module `qqq` is no step of workflow `words`: its steps and members are words_count, words_sort, \
             words_stems, words_index"
        );
        let parse = |from: &str, to: &str| Workflow::parse(&MEMBERS.replace(from, to)).expect_err("bad").to_string();
        assert_eq!(
            parse("words_index", "words_sort"),
            "module `m/words_sort.wasm` is a `[[step]]` and a `[[member]]`: a member has no step of its own, so keep \
             one of them"
        );
        assert_eq!(
            parse("words_index", "words_stems"),
            "module `m/words_stems.wasm` is named by two `[[member]]` tables: keep one of them"
        );
        assert_eq!(
            parse("[objective]", "parameters = {}\n[objective]"),
            "line 14: unknown key `parameters`: known keys are module"
        );
    }
}
