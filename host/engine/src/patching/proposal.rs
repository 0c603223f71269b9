//! What a patcher is told of a workflow's modules, and what it may propose.

use std::collections::BTreeMap;

use holobiont_core::{Digest, ModuleId, Tunable, Workflow, nearest, printable};
use holobiont_sandbox::{Patch, PatchTarget, Wish};

use crate::documents::WorkflowFile;
use crate::evaluate::{EvaluateError, Evaluator};

/// Of a name that a patcher gives, so many characters are looked at.
const MOST_NAME_CHARS: usize = 200;

/// A change that may be tried.
pub(super) struct Proposal {
    /// The module that is changed.
    pub(super) module: ModuleId,
    pub(super) change: Change,
}

/// What is changed of a module.
pub(super) enum Change {
    /// Parameters: those that are set, and all that the module declares, as they then are.
    Parameters { values: BTreeMap<String, String>, all: BTreeMap<String, String> },
    /// Its bytes.
    Component(Vec<u8>),
}

/// What may be changed in a workflow.
pub(super) struct Rules {
    /// The parameter that the host sets itself, for the way back.
    set_by_host: Option<String>,
    /// The modules that are used by more than the workflow's steps, each with who uses it.
    elsewhere: BTreeMap<ModuleId, String>,
}

impl Rules {
    /// The rules for the workflow of a file, among all files of workflows.
    pub(super) fn new(path: &str, workflow: &Workflow, files: &[WorkflowFile]) -> Self {
        let mut elsewhere = BTreeMap::new();
        for file in files.iter().filter(|file| file.path != path) {
            // One that does not read cannot be run, and so is not changed by another module.
            let Ok(other) = &file.workflow else { continue };
            for module in other.modules().into_iter().chain(other.objective.scorer()) {
                elsewhere.insert(module.clone(), file.path.clone());
            }
        }
        // Who is judged must not become the judge.
        elsewhere.extend(workflow.objective.scorer().map(|scorer| (scorer.clone(), "its objective".to_owned())));
        let set_by_host = workflow.objective.round_trip().map(|back| back.parameter.clone());
        Self { set_by_host, elsewhere }
    }

    /// The modules of a workflow's steps, each once, with what may be tuned and the values that its first step sets.
    pub(super) fn targets(
        &self,
        evaluator: &Evaluator<'_>,
        workflow: &Workflow,
    ) -> Result<Vec<PatchTarget>, EvaluateError> {
        let mut targets: Vec<PatchTarget> = Vec::new();
        for step in &workflow.steps {
            if targets.iter().any(|target| target.id == step.module) {
                continue;
            }
            let mut tunables = evaluator.tunables_of(&step.module, &others(workflow, &step.module))?;
            tunables.retain(|tunable| self.set_by_host.as_ref() != Some(&tunable.name));
            let is_declared = |name: &String| tunables.iter().any(|tunable| tunable.name == *name);
            let current = step.parameters.iter().filter(|(name, _)| is_declared(name));
            let current = current.map(|(name, value)| (name.clone(), value.clone())).collect();
            targets.push(PatchTarget { id: step.module.clone(), tunables, current });
        }
        Ok(targets)
    }

    /// A proposal as it may be tried, or in words why it may not.
    pub(super) fn read(
        &self,
        (evaluator, workflow): (&Evaluator<'_>, &Workflow),
        targets: &[PatchTarget],
        patch: Patch,
    ) -> Result<Result<Proposal, String>, EvaluateError> {
        let id = named(&patch);
        let Some(target) = targets.iter().find(|target| target.id.as_str() == id) else {
            let remedy = remedy(id, targets.iter().map(|target| target.id.as_str()));
            return Ok(Err(format!("it is no module of the workflow's steps{remedy}")));
        };
        let module = target.id.clone();
        let change = match patch {
            Patch::Parameters { values, .. } => self.parameters(target, values),
            Patch::Component { bytes, .. } => component((evaluator, workflow), &module, bytes)?,
        };
        Ok(change.map(|change| Proposal { module, change }))
    }

    fn parameters(&self, target: &PatchTarget, values: Vec<(String, String)>) -> Result<Change, String> {
        // Of two of one name the last.
        let values: BTreeMap<String, String> = values.into_iter().collect();
        for (name, value) in &values {
            if self.set_by_host.as_ref() == Some(name) {
                return Err(format!("`{}` is set by the host, for the way back", shown(name)));
            }
            let Some(tunable) = target.tunables.iter().find(|tunable| tunable.name == *name) else {
                let remedy = remedy(name, target.tunables.iter().map(|tunable| tunable.name.as_str()));
                return Err(format!("it declares no parameter `{}`{remedy}", shown(name)));
            };
            if let Some(refusal) = tunable.refusal(value) {
                return Err(refusal);
            }
        }
        let is_now = |(name, value): (&String, &String)| now(target, name) == Some(value);
        if values.iter().all(is_now) {
            return Err("these are the values that it has".to_owned());
        }
        let of = |Tunable { name, .. }: &Tunable| {
            let value = values.get(name).or_else(|| now(target, name))?;
            Some((name.clone(), value.clone()))
        };
        let all = target.tunables.iter().filter_map(of).collect();
        Ok(Change::Parameters { values, all })
    }

    /// Who uses a module beside the workflow's steps, where a proposal has other bytes for it.
    pub(super) fn used_elsewhere(&self, proposal: &Proposal) -> Option<&str> {
        match proposal.change {
            Change::Parameters { .. } => None,
            Change::Component(_) => self.elsewhere.get(&proposal.module).map(String::as_str),
        }
    }
}

/// Bytes that may take the place of a module: a module of the same kind, that loads and asks for nothing that nobody is
/// given.
fn component(
    (evaluator, workflow): (&Evaluator<'_>, &Workflow),
    module: &ModuleId,
    bytes: Vec<u8>,
) -> Result<Result<Change, String>, EvaluateError> {
    if Digest::of(&bytes) == evaluator.digest_of(module)? {
        return Ok(Err("these are the bytes that it has".to_owned()));
    }
    let changed = evaluator.replacing(module, bytes.clone())?;
    let (old, new) = (evaluator.facts_of(module)?, changed.facts_of(module)?);
    let new = match (old, new) {
        (_, Err(outcome)) => return Ok(Err(outcome.to_string())),
        (Ok(old), Ok(new)) if old.kind != new.kind => {
            let (old, new) = (old.kind.name(), new.kind.name());
            return Ok(Err(format!("it is a {new} and not, as what it would replace, a {old}")));
        }
        (_, Ok(new)) => new,
    };
    if let Some(import) = new.imports.iter().find(|import| import.wish == Wish::Network) {
        return Ok(Err(format!("it imports `{}`: the network is given to nobody", printable(&import.name))));
    }
    let refused = changed.described(module, &others(workflow, module))?.err();
    Ok(refused.map_or(Ok(Change::Component(bytes)), |outcome| Err(outcome.to_string())))
}

/// The modules of a workflow but for one.
fn others(workflow: &Workflow, module: &ModuleId) -> Vec<ModuleId> {
    workflow.modules().into_iter().filter(|other| *other != module).cloned().collect()
}

/// The value that a parameter has.
fn now<'a>(target: &'a PatchTarget, name: &str) -> Option<&'a String> {
    let default = || target.tunables.iter().find(|tunable| tunable.name == name).map(|tunable| &tunable.default);
    target.current.get(name).or_else(default)
}

/// The module that a proposal is about, as the patcher names it.
pub(super) fn named(patch: &Patch) -> &str {
    let (Patch::Parameters { id, .. } | Patch::Component { id, .. }) = patch;
    id
}

/// A patcher's name for something, as far as it is worth keeping.
pub(super) fn shown(name: &str) -> String {
    printable(&name.chars().take(MOST_NAME_CHARS).collect::<String>())
}

/// The name that was meant, perhaps. Who gives a name of megabytes meant none.
fn remedy<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let near = if given.chars().nth(MOST_NAME_CHARS).is_none() { nearest(given, known) } else { None };
    near.map_or_else(String::new, |near| format!("; the nearest is `{}`", shown(near)))
}

/// What identifies a proposal.
pub(super) fn digest_of(patch: &Patch) -> Digest {
    let mut parts: Vec<&[u8]> = vec![named(patch).as_bytes()];
    match patch {
        Patch::Parameters { values, .. } => {
            let values: BTreeMap<&str, &str> = values.iter().map(|(name, value)| (&**name, &**value)).collect();
            parts.push(b"parameters");
            parts.extend(values.into_iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]));
        }
        Patch::Component { bytes, .. } => parts.extend([b"component".as_slice(), bytes]),
    }
    Digest::of_parts(parts)
}

#[cfg(test)]
mod tests {
    use holobiont_core::Domain;

    use super::*;

    fn rules(objective: &str) -> Rules {
        let text = format!("name = \"w\"\ninputs = [\"i\"]\n[[step]]\nmodule = \"a\"\n[objective]\n{objective}");
        let workflow = |text: &str| Workflow::parse(text).expect("a workflow");
        let file = |path: &str, workflow| WorkflowFile {
            path: path.to_owned(),
            text: String::new(),
            digest: Digest::of(b""),
            workflow: Ok(workflow),
        };
        let own = workflow(&text);
        let other = workflow(&text.replace("\"a\"", "\"b\""));
        Rules::new("own.toml", &own, &[file("own.toml", own.clone()), file("other.toml", other)])
    }

    const ROUND_TRIP: &str = "scorer = \"s\"\n[objective.round-trip]\nparameter = \"way\"\nvalue = \"back\"";

    fn target() -> PatchTarget {
        let tunable = |name: &str, domain, default: &str| Tunable {
            name: name.to_owned(),
            summary: String::new(),
            domain,
            default: default.to_owned(),
        };
        PatchTarget {
            id: ModuleId::new("a").expect("an id"),
            tunables: vec![tunable("rate", Domain::Integer(1, 9), "4"), tunable("word", Domain::Text, "x")],
            current: BTreeMap::from([("rate".to_owned(), "5".to_owned())]),
        }
    }

    fn tune(values: &[(&str, &str)]) -> Result<(Vec<String>, Vec<String>), String> {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let words = |map: BTreeMap<String, String>| map.into_iter().map(|(n, v)| format!("{n}={v}")).collect();
        match rules(ROUND_TRIP).parameters(&target(), values)? {
            Change::Parameters { values, all } => Ok((words(values), words(all))),
            Change::Component(_) => Err("it became a component".to_owned()),
        }
    }

    #[test]
    fn parameters_are_held_against_what_the_module_declares() {
        let words = |of: &[&str]| of.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(tune(&[("rate", "6")]), Ok((words(&["rate=6"]), words(&["rate=6", "word=x"]))));
        assert_eq!(tune(&[("word", "y"), ("rate", "99"), ("rate", "4")]).map(|changed| changed.1), {
            Ok(words(&["rate=4", "word=y"]))
        });
        let why = |values: &[(&str, &str)]| tune(values).expect_err("refused");
        assert_eq!(why(&[("rate", "5"), ("word", "x")]), "these are the values that it has");
        assert_eq!(why(&[]), "these are the values that it has");
        assert_eq!(why(&[("rate", "10")]), "`rate` is `10`: it must be a whole number from 1 to 9");
        assert_eq!(why(&[("rat\u{1b}e", "5")]), "it declares no parameter `rat\\u{1b}e`; the nearest is `rate`");
        assert_eq!(why(&[("way", "back")]), "`way` is set by the host, for the way back");
    }

    #[test]
    fn only_other_bytes_are_others_affair() {
        let proposal = |id: &str, change| Proposal { module: ModuleId::new(id).expect("an id"), change };
        let rules = rules(ROUND_TRIP);
        let values = || Change::Parameters { values: BTreeMap::new(), all: BTreeMap::new() };
        assert_eq!(rules.used_elsewhere(&proposal("b", values())), None);
        let bytes = || Change::Component(Vec::new());
        assert_eq!(rules.used_elsewhere(&proposal("a", bytes())), None);
        assert_eq!(rules.used_elsewhere(&proposal("b", bytes())), Some("other.toml"));
        assert_eq!(rules.used_elsewhere(&proposal("s", bytes())), Some("its objective"));
    }

    #[test]
    fn a_proposal_is_the_same_in_whatever_order_its_values_come() {
        let tune = |id: &str, values: &[(&str, &str)]| {
            let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            digest_of(&Patch::Parameters { id: id.to_owned(), values })
        };
        assert_eq!(tune("a", &[("x", "1"), ("y", "2")]), tune("a", &[("y", "0"), ("y", "2"), ("x", "1")]));
        assert_ne!(tune("a", &[("x", "1")]), tune("b", &[("x", "1")]));
        assert_ne!(tune("a", &[("x", "1")]), tune("a", &[("x1", "")]));
        let component = |bytes: &[u8]| digest_of(&Patch::Component { id: "a".to_owned(), bytes: bytes.to_owned() });
        assert_ne!(component(b""), tune("a", &[]));
        assert_ne!(component(b"1"), component(b"2"));
    }
}
