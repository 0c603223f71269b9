//! The rules, one by one; then against a real file system ([`oracle`]), and to and from one ([`host`]).

mod counting;
#[cfg(unix)]
mod host;
mod naming;
mod opening;
#[cfg(target_os = "linux")]
mod oracle;

use holobiont_core::Access;

use super::*;

const NOW: Timestamp = Timestamp(1_000);
const LATER: Timestamp = Timestamp(2_000);

const READ: OpenOptions = OpenOptions {
    follow: false,
    create: false,
    directory: false,
    exclusive: false,
    truncate: false,
    read: true,
    write: false,
    synchronized: false,
};
const WRITE: OpenOptions = OpenOptions { read: false, write: true, ..READ };
const BOTH: OpenOptions = OpenOptions { write: true, ..READ };
const CREATE: OpenOptions = OpenOptions { create: true, ..BOTH };
const FOLLOW: OpenOptions = OpenOptions { follow: true, ..READ };

/// A guest with one root, which works relative to it.
struct Guest {
    fs: FileSystem,
    root: Handle,
}

impl Guest {
    fn new(quota_bytes: u64, access: Access) -> Self {
        let mut fs = FileSystem::new(quota_bytes);
        fs.add_root("/", access, NOW);
        Self::on(fs)
    }

    fn on(mut fs: FileSystem) -> Self {
        let root = fs.open_root(0).unwrap();
        Self { fs, root }
    }

    fn roomy() -> Self {
        Self::new(1 << 20, Access::ReadWrite)
    }

    fn open(&mut self, path: &str, options: OpenOptions) -> Result<Handle, FsError> {
        self.fs.open_at(&self.root, path, options, NOW)
    }

    fn opens(&mut self, path: &str, options: OpenOptions) -> Result<(), FsError> {
        let handle = self.open(path, options)?;
        self.fs.close(handle);
        Ok(())
    }

    fn file(&mut self, path: &str, bytes: &[u8]) {
        let handle = self.open(path, OpenOptions { truncate: true, ..CREATE }).unwrap();
        self.fs.write(&handle, 0, bytes, NOW).unwrap();
        self.fs.close(handle);
    }

    fn bytes(&mut self, path: &str) -> Vec<u8> {
        let handle = self.open(path, FOLLOW).unwrap();
        let bytes = self.fs.read(&handle, 0, u64::MAX).unwrap();
        self.fs.close(handle);
        bytes
    }

    fn mkdir(&mut self, path: &str) -> Result<(), FsError> {
        self.fs.create_directory_at(&self.root, path, NOW)
    }

    fn rmdir(&mut self, path: &str) -> Result<(), FsError> {
        self.fs.remove_directory_at(&self.root, path, NOW)
    }

    fn unlink(&mut self, path: &str) -> Result<(), FsError> {
        self.fs.unlink_file_at(&self.root, path, NOW)
    }

    fn symlink(&mut self, target: &str, path: &str) -> Result<(), FsError> {
        self.fs.symlink_at(&self.root, target, path, NOW)
    }

    fn link(&mut self, old: &str, new: &str) -> Result<(), FsError> {
        self.fs.link_at((&self.root, old, false), (&self.root, new), NOW)
    }

    fn rename(&mut self, old: &str, new: &str) -> Result<(), FsError> {
        self.fs.rename_at((&self.root, old), (&self.root, new), NOW)
    }

    fn stat(&self, path: &str) -> Result<Stat, FsError> {
        self.fs.stat_at(&self.root, path, false)
    }

    fn list(&mut self, path: &str) -> Vec<String> {
        let handle = self.open(path, READ).unwrap();
        let mut cursor = self.fs.read_directory(&handle).unwrap();
        let names = std::iter::from_fn(|| self.fs.next_entry(&mut cursor)).map(|entry| entry.name).collect();
        self.fs.close(handle);
        names
    }
}

/// `dir/file`, `dir/sub/`, `file`, and symlinks to each, to nothing, to themselves and to the outside.
fn furnished() -> Guest {
    let mut guest = Guest::roomy();
    guest.mkdir("dir").unwrap();
    guest.mkdir("dir/sub").unwrap();
    guest.file("dir/file", b"inner");
    guest.file("file", b"outer");
    for (target, path) in [
        ("dir", "to-dir"),
        ("file", "to-file"),
        ("nothing", "to-nothing"),
        ("loop", "loop"),
        ("..", "to-above"),
        ("dir/../../file", "to-outside"),
        ("../file", "dir/to-upper"),
        ("file/", "to-file-as-dir"),
    ] {
        guest.symlink(target, path).unwrap();
    }
    guest
}
