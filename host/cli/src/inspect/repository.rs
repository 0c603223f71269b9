//! What a module is to the other modules of its repository.

use std::path::Path;

use holobiont::{FileState, Need, Project, Standing, UsedBy};
use holobiont_core::{ModuleId, printable};
use serde::Serialize;

use crate::fault::Fault;
use crate::modules::role;
use crate::terminal::named;
use crate::workflows::state;

/// What discovery says of a module.
#[derive(Default, Serialize)]
pub(super) struct Repository {
    /// `false` where discovery does not come across it; then nothing else is known.
    discovered: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    orphan: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    integrated: Option<FileState>,
    used_by: Vec<UsedBy>,
    imported_by: Vec<ModuleId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redundancy: Option<RedundancyFacts>,
    needs: Vec<NeedFacts>,
}

/// Beside which module it is not needed, and why.
#[derive(Serialize)]
struct RedundancyFacts {
    kept: ModuleId,
    reason: String,
}

/// An import that the host does not offer: the module that meets it, or why none does.
#[derive(Serialize)]
struct NeedFacts {
    import: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    exporter: Option<ModuleId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    export: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Repository {
    /// What there is to say of a file; nothing outside a project, or of a file that is not in its repository.
    pub(super) fn of(project: &Project, path: &Path) -> Result<Option<Self>, Fault> {
        if project.file.is_none() {
            return Ok(None);
        }
        let Ok(id) = project.id_of(path) else { return Ok(None) };
        if project.path_of(&id).is_err() {
            return Ok(None);
        }
        Ok(Some(project.standing(&id)?.map(Self::from).unwrap_or_default()))
    }

    /// Whether an import is one that other modules could meet; what is said of it then is among the lines.
    pub(super) fn tells(&self, import: &str) -> bool {
        self.needs.iter().any(|need| need.import == import)
    }

    /// Lines about its imports.
    pub(super) fn wishes(&self) -> Vec<String> {
        let told = |need: &NeedFacts| {
            let import = printable(&need.import);
            match (&need.exporter, &need.export, &need.reason) {
                (Some(exporter), Some(export), _) if *export != need.import => {
                    format!("  wants      {import} (gets it from {exporter}, as {})", printable(export))
                }
                (Some(exporter), ..) => format!("  wants      {import} (gets it from {exporter})"),
                (None, _, reason) => format!("  unmet      {}", printable(reason.as_deref().unwrap_or_default())),
            }
        };
        self.needs.iter().map(told).collect()
    }

    /// Lines about its place among the others.
    pub(super) fn place(&self) -> Vec<String> {
        if !self.discovered {
            let words = "discovery does not come across it: see [discover] in holobiont.toml";
            return vec![format!("  in use     not known: {words}")];
        }
        let mut uses: Vec<String> = Vec::new();
        if let Some(file) = self.integrated {
            uses.push(format!("integrated, {}", state(file)));
        }
        let used = self.used_by.iter().map(|used| format!("{} of {}", role(used.role), printable(&used.workflow)));
        uses.extend(named(used));
        let importers = named(self.imported_by.iter().map(ToString::to_string));
        uses.extend(importers.map(|importers| format!("imported by {importers}")));
        let uses = if uses.is_empty() { "nobody imports it".to_owned() } else { uses.join("; ") };
        let orphan = if self.orphan == Some(true) { "no, an orphan: " } else { "" };
        let mut lines = vec![format!("  in use     {orphan}{uses}")];
        lines.extend(self.redundancy.as_ref().map(|redundancy| format!("  redundant  {}", redundancy.reason)));
        lines
    }
}

impl From<Standing> for Repository {
    fn from(standing: Standing) -> Self {
        let redundancy = standing
            .redundancy
            .map(|redundancy| RedundancyFacts { reason: redundancy.to_string(), kept: redundancy.kept });
        Self {
            discovered: true,
            orphan: Some(standing.is_orphan),
            integrated: standing.integrated,
            used_by: standing.used_by,
            imported_by: standing.imported_by,
            redundancy,
            needs: standing.needs.into_iter().map(NeedFacts::from).collect(),
        }
    }
}

impl From<Need> for NeedFacts {
    fn from(need: Need) -> Self {
        let import = need.import;
        match need.met {
            Ok((exporter, export)) => Self { import, exporter: Some(exporter), export: Some(export), reason: None },
            Err(reason) => Self { import, exporter: None, export: None, reason: Some(reason) },
        }
    }
}
