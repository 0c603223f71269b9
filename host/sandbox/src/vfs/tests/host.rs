//! Reading from and writing to a directory of the host that is not as it should be.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::*;
use crate::vfs::snapshot::{Snapshot, SnapshotError};
use crate::vfs::write_back::{WriteBackError, WrittenBack};

const LIMITS: SnapshotLimits = SnapshotLimits { max_bytes: 1_000, max_entries: 50 };

/// A directory of the host, beside something that no guest may reach.
struct Grant {
    _home: tempfile::TempDir,
    path: std::path::PathBuf,
    dir: Dir,
    before: FileSystem,
    root: NodeId,
}

impl Grant {
    fn new(fill: impl FnOnce(&Path)) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("secret"), "not granted").unwrap();
        let path = home.path().join("granted");
        fs::create_dir(&path).unwrap();
        fill(&path);
        let dir = Dir::open_ambient_dir(&path, ambient_authority()).unwrap();
        let mut before = FileSystem::new(100_000);
        let root = before.add_root("/", Access::ReadWrite, NOW);
        Self { _home: home, path, dir, before, root }
    }

    fn read(&mut self) -> Result<Snapshot, SnapshotError> {
        snapshot(&mut self.before, self.root, &self.dir, LIMITS, NOW)
    }

    fn guest(&mut self) -> Guest {
        self.read().unwrap();
        Guest::on(self.before.clone())
    }

    fn write(&self, guest: &Guest) -> Result<WrittenBack, WriteBackError> {
        write_back(&self.before, &guest.fs, self.root, &self.dir)
    }

    fn host(&self, path: &str) -> String {
        fs::read_to_string(self.path.join(path)).unwrap()
    }
}

fn usual(path: &Path) {
    fs::create_dir_all(path.join("dir/sub")).unwrap();
    fs::write(path.join("dir/inner"), "inner").unwrap();
    fs::write(path.join("dir/sub/deep"), "deep").unwrap();
    fs::write(path.join("a"), "first").unwrap();
    fs::write(path.join("b"), "second").unwrap();
    symlink("dir/inner", path.join("link")).unwrap();
}

/// A directory as text, in order.
pub(super) fn dump(dir: &Dir, path: &str, out: &mut String) {
    let mut names: Vec<_> = dir.read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort_unstable();
    for name in names {
        let path = format!("{path}/{}", name.to_str().unwrap());
        let kind = dir.symlink_metadata(&path).unwrap();
        if kind.is_dir() {
            let _ = writeln!(out, "{path}/");
            dump(dir, &path, out);
        } else if kind.is_symlink() {
            let _ = writeln!(out, "{path} -> {}", dir.read_link_contents(&path).unwrap().display());
        } else {
            let _ = writeln!(out, "{path} {:?}", dir.read(&path).unwrap());
        }
    }
}

#[test]
fn a_snapshot_is_the_directory_in_order() {
    let mut grant = Grant::new(|path| {
        usual(path);
        fs::hard_link(path.join("a"), path.join("a2")).unwrap();
        symlink("/etc/passwd", path.join("absolute")).unwrap();
        symlink("../secret", path.join("outside")).unwrap();
        drop(UnixListener::bind(path.join("socket")).unwrap());
        assert!(std::process::Command::new("mkfifo").arg(path.join("pipe")).status().unwrap().success());
        #[cfg(target_os = "linux")]
        {
            use std::os::unix::ffi::OsStrExt;
            fs::write(path.join(std::ffi::OsStr::from_bytes(b"\xff")), "").unwrap();
        }
    });
    let seen = grant.read().unwrap();
    let left_out = if cfg!(target_os = "linux") { 3 } else { 2 };
    let bytes = "innerdeepfirstfirstsecond".len() + "dir/inner/etc/passwd../secret".len();
    assert_eq!(seen, Snapshot { files: 5, directories: 2, symlinks: 3, bytes: bytes as u64, left_out });
    let mut guest = Guest::on(grant.before.clone());
    assert_eq!(guest.fs.used_bytes(), 0);
    assert_eq!(guest.list("."), ["a", "a2", "absolute", "b", "dir", "link", "outside"]);
    assert_eq!(guest.bytes("link"), b"inner");
    assert_eq!(guest.stat("a").unwrap().link_count, 1, "names of one file become files");
    assert_eq!(guest.stat("a").unwrap().modified, NOW);
    assert_eq!(guest.opens("absolute", FOLLOW), Err(FsError::NotPermitted));
    assert_eq!(guest.opens("outside", FOLLOW), Err(FsError::NotPermitted));
    assert_eq!(grant.write(&guest).unwrap(), WrittenBack::default(), "nothing changed");
}

#[test]
fn a_snapshot_has_bounds() {
    let mut grant = Grant::new(|path| fs::write(path.join("big\n"), [0; 1_001]).unwrap());
    let error = grant.read().unwrap_err();
    assert_eq!(error.to_string(), r"more than 1000 bytes, counted up to 'big\n'");
    let mut grant = Grant::new(|path| fs::write(path.join("exact"), [0; 1_000]).unwrap());
    assert_eq!(grant.read().unwrap().bytes, 1_000);
    assert!(matches!(grant.read(), Err(SnapshotError::Root(FsError::NotEmpty))));

    let mut grant = Grant::new(|path| {
        fs::create_dir(path.join("many")).unwrap();
        (0..50).for_each(|n| fs::write(path.join(format!("many/{n}")), "").unwrap());
    });
    assert!(matches!(grant.read(), Err(SnapshotError::TooMany { path, .. }) if path == "many"));

    let mut grant = Grant::new(|path| {
        let deep = vec!["d"; FileSystem::MAX_DEPTH + 1].join("/");
        fs::create_dir_all(path.join(deep)).unwrap();
    });
    let limits = SnapshotLimits { max_entries: 1_000, ..LIMITS };
    let result = snapshot(&mut grant.before, grant.root, &grant.dir, limits, NOW);
    assert!(matches!(result, Err(SnapshotError::TooDeep { .. })), "{result:?}");
}

#[test]
fn what_changed_is_written_back() {
    let mut grant = Grant::new(usual);
    let mut guest = grant.guest();
    let untouched = fs::metadata(grant.path.join("dir/inner")).unwrap().modified().unwrap();
    guest.file("a", b"changed");
    guest.file("b", b"second");
    guest.file("new", b"new");
    guest.mkdir("made").unwrap();
    guest.file("made/x", b"x");
    guest.symlink("../dir", "made/up").unwrap();
    guest.link("a", "made/also-a").unwrap();
    guest.rename("dir/sub", "made/sub").unwrap();
    guest.unlink("link").unwrap();
    let hole = guest.open("hole", CREATE).unwrap();
    guest.fs.set_size(&hole, 9, NOW).unwrap();
    let written = grant.write(&guest).unwrap();
    let expected = WrittenBack { files: 6, directories: 2, symlinks: 1, removed: 3, left_out: vec![] };
    assert_eq!(written, expected, "'b' holds what it held, so it is not written");
    let mut host = String::new();
    dump(&grant.dir, ".", &mut host);
    assert_eq!(
        host.lines().filter(|line| !line.contains(" [")).collect::<Vec<_>>(),
        ["./dir/", "./made/", "./made/sub/", "./made/up -> ../dir"]
    );
    for (path, text) in [("a", "changed"), ("made/also-a", "changed"), ("made/sub/deep", "deep"), ("b", "second")] {
        assert_eq!(grant.host(path), text);
    }
    assert_eq!(grant.host("hole"), "\0".repeat(9));
    assert!(!grant.path.join("dir/sub").exists());
    assert_eq!(fs::metadata(grant.path.join("dir/inner")).unwrap().modified().unwrap(), untouched);
}

#[test]
fn the_deepest_tree_can_be_written_back() {
    let mut grant = Grant::new(|_| {});
    let mut guest = grant.guest();
    let mut here = guest.fs.duplicate(&guest.root).unwrap();
    for _ in 0..FileSystem::MAX_DEPTH {
        guest.fs.create_directory_at(&here, "d", NOW).unwrap();
        here = guest.fs.open_at(&here, "d", READ, NOW).unwrap();
    }
    assert_eq!(grant.write(&guest).unwrap().directories, FileSystem::MAX_DEPTH as u64);
    let mut again = FileSystem::new(0);
    let root = again.add_root("/", Access::ReadOnly, NOW);
    let limits = SnapshotLimits { max_entries: 1_000, ..LIMITS };
    assert_eq!(snapshot(&mut again, root, &grant.dir, limits, NOW).unwrap().directories, FileSystem::MAX_DEPTH as u64);
}

#[test]
fn kinds_can_change_places() {
    let mut grant = Grant::new(usual);
    let mut guest = grant.guest();
    guest.rename("a", "tmp").unwrap();
    guest.rename("dir", "a").unwrap();
    guest.rename("tmp", "dir").unwrap();
    guest.unlink("b").unwrap();
    guest.symlink("a", "b").unwrap();
    guest.unlink("link").unwrap();
    guest.file("link", b"a file");
    grant.write(&guest).unwrap();
    assert_eq!(grant.host("dir"), "first");
    assert_eq!(grant.host("b/sub/deep"), "deep");
    assert_eq!(grant.host("link"), "a file");
    assert_eq!(grant.host("a/inner"), "inner");
}

#[test]
fn permissions_stay_and_other_names_keep_their_bytes() {
    let mut grant = Grant::new(|path| {
        usual(path);
        fs::set_permissions(path.join("a"), fs::Permissions::from_mode(0o600)).unwrap();
        fs::set_permissions(path.join("b"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::hard_link(path.join("a"), path.with_file_name("elsewhere")).unwrap();
    });
    let mut guest = grant.guest();
    guest.file("a", b"changed");
    guest.file("b", b"changed");
    grant.write(&guest).unwrap();
    let mode = |path: &str| fs::metadata(grant.path.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("a"), mode("b")), (0o600, 0o755));
    assert_eq!(grant.host("../elsewhere"), "first", "a hard link out of the grant is not written through");
}

#[test]
fn a_directory_that_became_a_symlink_is_not_followed() {
    for inner in [false, true] {
        let mut grant = Grant::new(usual);
        let mut guest = grant.guest();
        guest.file("dir/inner", b"changed");
        let target = if inner { grant.path.join("other") } else { grant.path.with_file_name("other") };
        fs::create_dir(&target).unwrap();
        fs::write(target.join("inner"), "mine").unwrap();
        fs::rename(grant.path.join("dir"), grant.path.join("was-dir")).unwrap();
        symlink(if inner { "other" } else { "../other" }, grant.path.join("dir")).unwrap();
        let error = grant.write(&guest).unwrap_err();
        assert!(matches!(&error, WriteBackError::Replaced { path } if path == "dir"), "{error:?}");
        assert_eq!(fs::read_to_string(target.join("inner")).unwrap(), "mine");
        guest.unlink("dir/inner").unwrap();
        guest.unlink("dir/sub/deep").unwrap();
        guest.rmdir("dir/sub").unwrap();
        guest.rmdir("dir").unwrap();
        assert!(grant.write(&guest).is_err(), "nor is it removed");
        assert_eq!(fs::read_to_string(target.join("inner")).unwrap(), "mine");
    }
}

#[test]
fn a_file_that_became_something_else_is_refused() {
    let mut grant = Grant::new(usual);
    let mut guest = grant.guest();
    guest.file("a", b"changed");
    fs::remove_file(grant.path.join("a")).unwrap();
    symlink("../secret", grant.path.join("a")).unwrap();
    let error = grant.write(&guest).unwrap_err();
    assert_eq!(error.to_string(), "'a' is no longer what it was when it was read");
    assert_eq!(grant.host("../secret"), "not granted");
}

#[test]
fn what_the_run_did_not_see_is_not_written_over() {
    let mut grant = Grant::new(usual);
    let mut guest = grant.guest();
    guest.file("late", b"the guest's");
    fs::write(grant.path.join("late"), "somebody's").unwrap();
    assert!(matches!(grant.write(&guest), Err(WriteBackError::Occupied { path }) if path == "late"));
    assert_eq!(grant.host("late"), "somebody's");
    guest.unlink("late").unwrap();
    guest.mkdir("late").unwrap();
    assert!(matches!(grant.write(&guest), Err(WriteBackError::Occupied { .. })));

    let mut grant = Grant::new(|path| {
        usual(path);
        drop(UnixListener::bind(path.join("dir/sub/socket")).unwrap());
    });
    let mut guest = grant.guest();
    guest.unlink("dir/sub/deep").unwrap();
    guest.rmdir("dir/sub").unwrap();
    assert!(matches!(grant.write(&guest), Err(WriteBackError::Io { path, .. }) if path == "dir/sub"));
    assert!(grant.path.join("dir/sub/socket").exists(), "what a guest never saw is not removed");
}

#[test]
fn symlinks_that_could_lead_outside_are_left_out() {
    let mut grant = Grant::new(usual);
    let mut guest = grant.guest();
    for (target, path) in [
        ("../secret", "out"),
        ("dir/../../secret", "round-about"),
        ("../../secret", "dir/out"),
        ("../a", "dir/in"),
        ("./dir//inner", "in"),
        (".", "self"),
    ] {
        guest.symlink(target, path).unwrap();
    }
    let written = grant.write(&guest).unwrap();
    assert_eq!(written.left_out, ["dir/out", "out", "round-about"]);
    assert_eq!(written.symlinks, 3);
    assert_eq!((grant.host("dir/in").as_str(), grant.host("in").as_str()), ("first", "inner"));
}

#[test]
fn a_name_of_a_temporary_file_is_a_name_like_others() {
    let mut grant = Grant::new(|path| fs::write(path.join(".holobiont-0.tmp"), "old").unwrap());
    let mut guest = grant.guest();
    guest.file(".holobiont-0.tmp", b"new");
    guest.file(".holobiont-1.tmp", b"one");
    guest.file("z", b"z");
    grant.write(&guest).unwrap();
    let mut names: Vec<_> = fs::read_dir(&grant.path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort_unstable();
    assert_eq!(names, [".holobiont-0.tmp", ".holobiont-1.tmp", "z"]);
    assert_eq!((grant.host(".holobiont-0.tmp"), grant.host(".holobiont-1.tmp")), ("new".into(), "one".into()));
}
