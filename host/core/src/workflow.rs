//! Workflows: ordered steps, and what an output is worth.

use serde::{Deserialize, Serialize};

use crate::id::ModuleId;
use crate::suggest::nearest;

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
    /// What an output is worth.
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

/// What an output is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Objective {
    /// The scorer component.
    pub scorer: ModuleId,
    /// What the scorer counts, in words: `bytes saved`.
    #[serde(default = "units")]
    pub unit: String,
    /// What one unit of the scorer is worth, in credits.
    #[serde(default = "one")]
    pub credits_per_unit: f64,
    /// Runs the steps backwards over the output and gives the scorer the result as `expected`.
    #[serde(default)]
    pub round_trip: Option<RoundTrip>,
}

fn units() -> String {
    "units".to_owned()
}

fn one() -> f64 {
    1.0
}

/// How a step is told to undo what it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RoundTrip {
    /// The parameter that says which way.
    pub parameter: String,
    /// Its value for the way back.
    pub value: String,
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
    /// A module is named twice.
    #[error("module `{0}` is named twice in the group")]
    Twice(ModuleId),
    /// A group of one has nothing to be compared with.
    #[error("a group needs at least two modules")]
    TooFew,
}

impl Workflow {
    /// Reads a workflow from TOML.
    ///
    /// # Errors
    ///
    /// [`WorkflowError`] with line and column for what does not read, and for a workflow without steps,
    /// without inputs or with a worth that is no positive number.
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
        Ok(workflow)
    }

    /// A group of the workflow's modules in the order of its steps. Each may be named by its id, by the
    /// last part of it, with or without `.wasm`, or by the part after the last dash or underscore where
    /// that names one step only.
    ///
    /// # Errors
    ///
    /// [`WorkflowError::NotAStep`] with the nearest step, [`WorkflowError::Twice`], [`WorkflowError::TooFew`].
    pub fn group(&self, names: &[String]) -> Result<Vec<ModuleId>, WorkflowError> {
        let mut group = Vec::new();
        for name in names {
            let id = self.step_named(name)?;
            if group.contains(&id) {
                return Err(WorkflowError::Twice(id));
            }
            group.push(id);
        }
        if group.len() < 2 {
            return Err(WorkflowError::TooFew);
        }
        group.sort_by_key(|id| self.steps.iter().position(|step| step.module == *id));
        Ok(group)
    }

    fn step_named(&self, name: &str) -> Result<ModuleId, WorkflowError> {
        let ids: Vec<&ModuleId> = self.steps.iter().map(|step| &step.module).collect();
        let tail = |id: &ModuleId| id.short().rsplit(['-', '_']).next().map(str::to_owned);
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
            .or_else(|| by(&|id| tail(id).as_deref() == Some(normal)))
            .ok_or_else(|| {
                let tails: Vec<String> = ids.iter().filter_map(|id| tail(id)).collect();
                let names = ids.iter().map(|id| id.short()).chain(tails.iter().map(String::as_str));
                let remedy = match nearest(name, names) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("its steps are {}", ids.iter().map(|id| id.short()).collect::<Vec<_>>().join(", ")),
                };
                match ModuleId::new(name) {
                    Ok(module) => WorkflowError::NotAStep { module, workflow: self.name.clone(), remedy },
                    Err(e) => WorkflowError::Syntax(e.to_string()),
                }
            })
    }
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
}
