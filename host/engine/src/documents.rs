//! What says which modules are used: the map, the orphans, the workflows.

use std::fs;
use std::io;
use std::path::Path;

use holobiont_core::graph::{DocumentError, ModuleMap, OrphanModules};
use holobiont_core::{Digest, ModuleId, Workflow, WorkflowError, printable};

use crate::project::{Project, ProjectError};

/// A file of `workflows/`, with what it is read as.
#[derive(Debug)]
#[non_exhaustive]
pub struct WorkflowFile {
    /// Its path in the repository.
    pub path: String,
    /// Its text; empty where it is none.
    pub text: String,
    /// The digest of its bytes.
    pub digest: Digest,
    /// The workflow that it is, or why it is none.
    pub workflow: Result<Workflow, WorkflowError>,
}

impl Project {
    /// The file of integrated modules, in the data folder.
    pub const MODULE_MAP: &str = "module_map.json";

    /// The file of modules that nobody uses yet, in the data folder.
    pub const ORPHAN_MODULES: &str = "orphan_modules.json";

    /// The modules that are integrated, and the digest of the file that says so; none of either where there is no
    /// such file.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] with the file when it cannot be read or something in it is wrong.
    pub fn module_map(&self) -> Result<(ModuleMap, Option<Digest>), ProjectError> {
        self.document(Self::MODULE_MAP, ModuleMap::from_json)
    }

    /// The modules that nobody uses yet, and the digest of the file that says so; none of either where there is no
    /// such file.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] with the file when it cannot be read or something in it is wrong.
    pub fn orphan_modules(&self) -> Result<(OrphanModules, Option<Digest>), ProjectError> {
        self.document(Self::ORPHAN_MODULES, OrphanModules::from_json)
    }

    fn document<T: Default>(
        &self,
        name: &str,
        parse: fn(&str) -> Result<T, DocumentError>,
    ) -> Result<(T, Option<Digest>), ProjectError> {
        let path = self.data_dir().join(name);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((T::default(), None)),
            Err(source) => return Err(ProjectError::Read { path, source }),
            Ok(text) => text,
        };
        let document = parse(&text).map_err(|source| ProjectError::Document { path, source })?;
        Ok((document, Some(Digest::of(text.as_bytes()))))
    }

    /// The workflows of the project: the files `workflows/*.toml` in the order of their names, without hidden ones.
    /// One that is wrong is among them.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Read`] when the folder is there and cannot be read, or a file in it.
    pub fn workflow_files(&self) -> Result<Vec<WorkflowFile>, ProjectError> {
        let folder = self.root.join("workflows");
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| ProjectError::Read { path, source }
        };
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed(&folder))?,
        };
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed(&folder))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !name.starts_with('.') && name.ends_with(".toml") && path.is_file() {
                paths.push(path);
            }
        }
        paths.sort();
        let mut files = Vec::new();
        for path in paths {
            let bytes = fs::read(&path).map_err(failed(&path))?;
            let name = path.file_name().unwrap_or_default();
            // Whatever changes the file later must be able to name it.
            let shown = format!("workflows/{}", name.to_string_lossy());
            let is_named = name.to_str().is_some() && ModuleId::new(&shown).is_ok_and(|id| id.as_str() == shown);
            let mut file = read_as(shown, bytes);
            if !is_named {
                file.workflow = Err(WorkflowError::Syntax(format!(
                    "its name `{}` holds a character that cannot be shown, or a back slash: give it another",
                    printable(&name.to_string_lossy())
                )));
            }
            files.push(file);
        }
        Ok(files)
    }

    /// The file of a workflow, by its path or by the name of a file in `workflows/`.
    pub(crate) fn workflow_file(&self, name: &str) -> Result<WorkflowFile, ProjectError> {
        let path = self.workflow_path(name)?;
        let bytes = fs::read(&path).map_err(|source| ProjectError::Read { path: path.clone(), source })?;
        let shown = self.id_of(&path).map_or_else(|_| path.to_string_lossy().into_owned(), |id| id.as_str().to_owned());
        Ok(read_as(shown, bytes))
    }
}

fn read_as(path: String, bytes: Vec<u8>) -> WorkflowFile {
    let digest = Digest::of(&bytes);
    let text = String::from_utf8(bytes);
    let workflow = match &text {
        Err(error) => Err(WorkflowError::Syntax(format!("it is no text: {}", error.utf8_error()))),
        Ok(text) => Workflow::parse(text),
    };
    WorkflowFile { path, text: text.unwrap_or_default(), digest, workflow }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> (tempfile::TempDir, Project) {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("holobiont.toml"), "").expect("written");
        let project = Project::find(folder.path(), None, &|_| None).expect("a project");
        (folder, project)
    }

    #[test]
    fn what_is_not_there_is_empty_and_what_is_wrong_is_named_with_its_line() {
        let (_folder, project) = project();
        assert_eq!(project.module_map().expect("none"), (ModuleMap::default(), None));
        assert_eq!(project.orphan_modules().expect("none"), (OrphanModules::default(), None));
        assert!(project.workflow_files().expect("none").is_empty());
        fs::create_dir(project.data_dir()).expect("made");
        let text = ModuleMap::default().to_json().expect("written");
        fs::write(project.data_dir().join(Project::MODULE_MAP), &text).expect("written");
        assert_eq!(project.module_map().expect("read"), (ModuleMap::default(), Some(Digest::of(text.as_bytes()))));
        fs::write(project.data_dir().join(Project::ORPHAN_MODULES), text.replace("modules", "modles"))
            .expect("written");
        let error = project.orphan_modules().expect_err("wrong").to_string();
        assert!(error.contains("orphan_modules.json: "), "{error}");
    }

    #[test]
    fn workflows_come_in_the_order_of_their_names_with_those_that_are_wrong() {
        let (folder, project) = project();
        let workflows = folder.path().join("workflows");
        fs::create_dir_all(workflows.join("folder.toml")).expect("made");
        let good = "name = \"n\"\ninputs = [\"i\"]\n[[step]]\nmodule = \"m\"\n[objective]\nmetric = \"m\"\n";
        for (name, bytes) in
            [("b.toml", good.as_bytes()), ("a.toml", b"nonsense"), ("c.toml", &[0xff]), (".d.toml", b""), ("e.md", b"")]
        {
            fs::write(workflows.join(name), bytes).expect("written");
        }
        #[cfg(unix)]
        fs::write(workflows.join("x\u{202e}\n.toml"), good).expect("written");
        let files = project.workflow_files().expect("read");
        let read: Vec<(&str, bool)> = files.iter().map(|file| (file.path.as_str(), file.workflow.is_ok())).collect();
        assert_eq!(read[..3], [("workflows/a.toml", false), ("workflows/b.toml", true), ("workflows/c.toml", false)]);
        assert_eq!((files[1].text.as_str(), files[1].digest), (good, Digest::of(good.as_bytes())));
        let words = |place: usize| files[place].workflow.as_ref().expect_err("wrong").to_string();
        assert!(words(2).starts_with("it is no text: "), "{}", words(2));
        #[cfg(unix)]
        assert!(words(3).contains("`x\\u{202e}\\n.toml` holds a character"), "{}", words(3));
    }
}
