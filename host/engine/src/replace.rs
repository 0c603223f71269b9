//! Writing files so that nothing is lost.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use holobiont_core::Digest;

/// Replaces a file: a reader sees the old bytes or the new, and so does a machine that loses power.
///
/// # Errors
///
/// When it cannot be written; what was there is then untouched.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    // As readable as any new file, since it is to be handed on: the user's mask has the last word.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder_of(path))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_folder(path)
}

/// Has a name that was given or taken in a file's folder last. Where folders cannot be opened, the system sees to it.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    std::fs::File::open(folder_of(path))?.sync_all()?;
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Keeps a file that does not read aside, under a name of its own that follows from its contents, and says which.
///
/// # Errors
///
/// The file system's, when it cannot be read or renamed. It is where it was then.
pub(crate) fn keep_aside(path: &Path) -> io::Result<PathBuf> {
    let digest = Digest::of(&std::fs::read(path)?);
    let aside = PathBuf::from(format!("{}.damaged-{}", path.to_string_lossy(), digest.short()));
    std::fs::rename(path, &aside)?;
    Ok(aside)
}
