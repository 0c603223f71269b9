//! A candidate with what it imports, and a workflow with it.

use std::collections::BTreeMap;

use holobiont_core::inclusion::Types;
use holobiont_core::stats::Coalition;
use holobiont_core::{Digest, Member, ModuleId, Step, Workflow};

/// A candidate with the modules that it imports from.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) module: ModuleId,
    /// Its bytes as they were found.
    pub(super) digest: Digest,
    /// Each after those that it needs itself.
    pub(super) imports: Vec<ModuleId>,
    /// Whether it is in the module map already, so that it only wants a place.
    pub(super) integrated: bool,
    /// Whether it is tried alone with the workflow's modules to invoke.
    pub(super) invokes: bool,
    /// What it says that it takes and gives.
    pub(super) types: Types,
}

impl Unit {
    /// The candidate alone, as a workflow of its own on the inputs of another.
    pub(super) fn alone(&self, like: &Workflow) -> Workflow {
        let invoked = like.modules().into_iter().filter(|module| self.invokes && !self.imports.contains(module));
        let members = self.imports.iter().chain(invoked).map(|module| Member { module: module.clone() }).collect();
        Workflow { steps: vec![self.step()], members, ..like.clone() }
    }

    fn step(&self) -> Step {
        Step { module: self.module.clone(), parameters: BTreeMap::new() }
    }

    /// A workflow with the candidate as the step of a place, the first being 0, and with what it imports among its
    /// members.
    pub(super) fn within(&self, workflow: &Workflow, place: usize) -> Workflow {
        let mut with = workflow.clone();
        with.steps.insert(place.min(with.steps.len()), self.step());
        for module in self.new_members(workflow) {
            with.members.push(Member { module: module.clone() });
        }
        with
    }

    /// What it imports and a workflow does not hold yet.
    pub(super) fn new_members<'a>(&'a self, workflow: &'a Workflow) -> impl Iterator<Item = &'a ModuleId> {
        let known = workflow.modules();
        self.imports.iter().filter(move |module| !known.contains(module))
    }
}

/// The coalition of those modules of a workflow that another one holds as well.
pub(super) fn common(workflow: &Workflow, other: &Workflow) -> Coalition {
    let others = other.modules();
    let places = workflow.modules().into_iter().enumerate().filter(|(_, module)| others.contains(module));
    places.fold(Coalition::EMPTY, |coalition, (place, _)| coalition.with(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_brings_what_it_imports_and_nothing_twice() {
        let id = |text: &str| ModuleId::new(text).expect("an id");
        let workflow = Workflow::parse(
            "name = \"w\"\ninputs = [\"i\"]\n[[step]]\nmodule = \"a\"\n[[step]]\nmodule = \"b\"\n[[member]]\nmodule = \
             \"h\"\n[objective]\nbytes-saved = true",
        )
        .expect("a workflow");
        let unit = Unit {
            module: id("c"),
            digest: Digest::of(b"c"),
            imports: vec![id("h"), id("k")],
            integrated: false,
            invokes: false,
            types: Types::default(),
        };
        let ids = |workflow: &Workflow| workflow.modules().into_iter().map(ToString::to_string).collect::<Vec<_>>();
        let with = unit.within(&workflow, 1);
        assert_eq!(ids(&with), ["a", "c", "b", "h", "k"]);
        assert_eq!(ids(&unit.within(&workflow, 9))[2], "c");
        assert_eq!(ids(&unit.alone(&workflow)), ["c", "h", "k"]);
        let pipeline = Unit { invokes: true, ..unit };
        assert_eq!(ids(&pipeline.alone(&workflow)), ["c", "h", "k", "a", "b"]);
        assert_eq!(common(&with, &workflow).players().collect::<Vec<_>>(), [0, 2, 3]);
        assert_eq!(common(&with, &with), Coalition::all(5));
    }
}
