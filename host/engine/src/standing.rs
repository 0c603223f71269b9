//! What a module is to the other modules of its repository.

use holobiont_core::ModuleId;
use holobiont_core::graph::Redundancy;

use crate::discover::DiscoverError;
use crate::modules::{FileState, UsedBy, used_by};
use crate::project::Project;

/// What a module is to the others.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Standing {
    /// Whether neither an integrated module nor a workflow reaches it.
    pub is_orphan: bool,
    /// If it is integrated, what became of its file since.
    pub integrated: Option<FileState>,
    /// The workflows that hold it.
    pub used_by: Vec<UsedBy>,
    /// The modules of which it meets an import.
    pub imported_by: Vec<ModuleId>,
    /// Why it is not needed beside another, if it is not.
    pub redundancy: Option<Redundancy>,
    /// Its imports that the host does not offer, and those who meet them.
    pub needs: Vec<Need>,
}

/// An import that the host does not offer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Need {
    /// The import, as the module spells it.
    pub import: String,
    /// The module that meets it, and the export by which it does; or why none does.
    pub met: Result<(ModuleId, String), String>,
}

impl Project {
    /// What a module is to the others of the repository; none where discovery does not come across it, or could not
    /// use it. Nothing is written.
    ///
    /// # Errors
    ///
    /// As [`discover_dry`](Self::discover_dry).
    pub fn standing(&self, id: &ModuleId) -> Result<Option<Standing>, DiscoverError> {
        let found = self.discover_dry(&self.reached_by_workflows()?.modules)?;
        if found.graph.module(id).is_none() {
            return Ok(None);
        }
        let needs = found.graph.needs_of(id).map(|(import, met)| Need {
            import: import.to_owned(),
            met: met.map(|edge| (edge.exporter.clone(), edge.export.to_owned())).map_err(|error| error.to_string()),
        });
        Ok(Some(Standing {
            is_orphan: found.orphans.contains_key(id),
            integrated: self.state_of(&self.module_map()?.0, id),
            used_by: used_by(&self.workflow_files()?, id),
            imported_by: found.graph.importers_of(id).cloned().collect(),
            redundancy: found.analyze_redundancy(id).cloned(),
            needs: needs.collect(),
        }))
    }
}
