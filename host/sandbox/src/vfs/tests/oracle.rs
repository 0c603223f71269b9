//! Random operations, done here and in a real directory: both must answer alike and end up alike.
//!
//! Linux is the oracle, through cap-std, from which wasmtime's own file system descends. The few places
//! where cap-std, wasmtime and POSIX disagree among themselves are not asked about: a slash or a dot at
//! the end of what is looked at without following, and a slash at the end of a directory that is removed
//! or of a new name.

use std::fmt::Write as _;
use std::io::{self, Read, Write};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, MetadataExt, OpenOptionsExt};

use super::host::dump;
use super::*;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    fn path(&mut self) -> String {
        let parts = 1 + self.roll(3);
        let path: Vec<&str> =
            (0..parts).map(|_| ["a", "b", "c", "d", "a", "b", "e", "..", "."][self.roll(9)]).collect();
        path.join("/")
    }

    fn slashed(&mut self) -> String {
        let slash = if self.roll(8) == 0 { "/" } else { "" };
        self.path() + slash
    }

    fn bytes(&mut self) -> Vec<u8> {
        let len = self.roll(20);
        vec![b'a' + u8::try_from(self.roll(26)).unwrap(); len]
    }
}

/// The numbers of Linux, as wasmtime translates them.
fn error(error: io::Error) -> FsError {
    match error.raw_os_error() {
        Some(1) => FsError::NotPermitted,
        Some(2) => FsError::NoEntry,
        Some(16) => FsError::Busy,
        Some(17) => FsError::Exist,
        Some(20) => FsError::NotDirectory,
        Some(21) => FsError::IsDirectory,
        Some(22) => FsError::Invalid,
        Some(36) => FsError::NameTooLong,
        Some(39) => FsError::NotEmpty,
        Some(40) => FsError::Loop,
        None if error.kind() == io::ErrorKind::PermissionDenied => FsError::NotPermitted,
        _ => panic!("an error without a counterpart: {error:?}"),
    }
}

type Answer = Result<String, FsError>;

#[derive(Debug)]
enum Step {
    Mkdir(String),
    Rmdir(String),
    Unlink(String),
    Symlink(String, String),
    Readlink(String),
    Link(String, String),
    Rename(String, String),
    Read(String, bool),
    Write(String, OpenOptions, u64, Vec<u8>),
    Resize(String, u64),
    Stat(String, bool),
}

impl Step {
    fn random(dice: &mut Dice) -> Self {
        match dice.roll(14) {
            0 | 1 => Self::Mkdir(dice.slashed()),
            2 => Self::Rmdir(dice.path()),
            3 => Self::Unlink(dice.slashed()),
            4 | 5 => Self::Symlink(dice.slashed(), dice.slashed()),
            6 => Self::Readlink(dice.slashed()),
            7 => Self::Link(dice.slashed(), dice.slashed()),
            8 | 9 => Self::Rename(dice.slashed(), dice.path()),
            10 => Self::Read(dice.slashed(), dice.roll(2) == 0),
            11 => {
                let options = OpenOptions {
                    create: dice.roll(4) > 0,
                    exclusive: dice.roll(4) == 0,
                    truncate: dice.roll(4) == 0,
                    follow: dice.roll(2) == 0,
                    ..WRITE
                };
                Self::Write(dice.slashed(), options, dice.roll(30) as u64, dice.bytes())
            }
            12 => Self::Resize(dice.path(), dice.roll(40) as u64),
            _ if dice.roll(2) == 0 => Self::Stat(dice.slashed(), true),
            _ => Self::Stat(dice.path().trim_end_matches("/.").to_owned(), false),
        }
    }

    fn here(&self, guest: &mut Guest) -> Answer {
        let done = String::new;
        match self {
            Self::Mkdir(path) => guest.mkdir(path).map(|()| done()),
            Self::Rmdir(path) => guest.rmdir(path).map(|()| done()),
            Self::Unlink(path) => guest.unlink(path).map(|()| done()),
            Self::Symlink(target, path) => guest.symlink(target, path).map(|()| done()),
            Self::Readlink(path) => guest.fs.readlink_at(&guest.root, path),
            Self::Link(old, new) => guest.link(old, new).map(|()| done()),
            Self::Rename(old, new) => guest.rename(old, new).map(|()| done()),
            Self::Read(path, follow) => {
                let handle = guest.open(path, OpenOptions { follow: *follow, ..READ })?;
                let answer = match handle.kind() {
                    Kind::File => guest.fs.read(&handle, 0, u64::MAX).map(|bytes| format!("{bytes:?}")),
                    _ => Ok("a directory".to_owned()),
                };
                guest.fs.close(handle);
                answer
            }
            Self::Write(path, options, offset, bytes) => {
                let handle = guest.open(path, *options)?;
                guest.fs.write(&handle, *offset, bytes, NOW).unwrap();
                guest.fs.close(handle);
                Ok(done())
            }
            Self::Resize(path, len) => {
                let handle = guest.open(path, OpenOptions { follow: true, ..WRITE })?;
                guest.fs.set_size(&handle, *len, NOW).unwrap();
                guest.fs.close(handle);
                Ok(done())
            }
            Self::Stat(path, follow) => {
                let stat = guest.fs.stat_at(&guest.root, path, *follow)?;
                Ok(described(stat.kind, stat.size, stat.link_count))
            }
        }
    }

    fn there(&self, dir: &Dir) -> Answer {
        self.on_host(dir).map_err(error)
    }

    fn on_host(&self, dir: &Dir) -> io::Result<String> {
        let done = String::new();
        match self {
            Self::Mkdir(path) => dir.create_dir(path).map(|()| done),
            Self::Rmdir(path) => dir.remove_dir(path).map(|()| done),
            Self::Unlink(path) => dir.remove_file(path).map(|()| done),
            Self::Symlink(target, path) => dir.symlink(target, path).map(|()| done),
            Self::Readlink(path) => dir.read_link_contents(path).map(|target| target.to_str().unwrap().to_owned()),
            Self::Link(old, new) => dir.hard_link(old, dir, new).map(|()| done),
            Self::Rename(old, new) => dir.rename(old, dir, new).map(|()| done),
            Self::Read(path, follow) => {
                let mut host = cap_std::fs::OpenOptions::new();
                let mut file = dir.open_with(path, host.read(true).custom_flags(nofollow(*follow)))?;
                if file.metadata()?.is_dir() {
                    return Ok("a directory".to_owned());
                }
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes)?;
                Ok(format!("{bytes:?}"))
            }
            Self::Write(path, options, offset, bytes) => {
                let mut host = cap_std::fs::OpenOptions::new();
                host.write(true).create(options.create).truncate(options.truncate);
                host.create_new(options.create && options.exclusive).custom_flags(nofollow(options.follow));
                let mut file = dir.open_with(path, &host)?;
                io::Seek::seek(&mut file, io::SeekFrom::Start(*offset))?;
                file.write_all(bytes).map(|()| done)
            }
            Self::Resize(path, len) => {
                let mut host = cap_std::fs::OpenOptions::new();
                dir.open_with(path, host.write(true))?.set_len(*len).map(|()| done)
            }
            Self::Stat(path, follow) => {
                let stat = if *follow { dir.metadata(path)? } else { dir.symlink_metadata(path)? };
                let kind = match () {
                    () if stat.is_dir() => Kind::Directory,
                    () if stat.is_symlink() => Kind::Symlink,
                    () => Kind::File,
                };
                Ok(described(kind, stat.len(), stat.nlink()))
            }
        }
    }
}

/// `O_NOFOLLOW`, which cap-std itself does not offer.
fn nofollow(follow: bool) -> i32 {
    const ARM: bool = cfg!(any(target_arch = "aarch64", target_arch = "arm"));
    match follow {
        true => 0,
        false if ARM => 0o100_000,
        false => 0o400_000,
    }
}

/// File systems of the host differ in what they say of directories.
fn described(kind: Kind, size: u64, links: u64) -> String {
    if kind == Kind::Directory { "a directory".to_owned() } else { format!("{kind:?} {size} {links}") }
}

fn dump_here(guest: &mut Guest, path: &str, out: &mut String) {
    for name in guest.list(path) {
        let path = format!("{path}/{name}");
        match guest.stat(&path).unwrap().kind {
            Kind::Directory => {
                let _ = writeln!(out, "{path}/");
                dump_here(guest, &path, out);
            }
            Kind::Symlink => {
                let _ = writeln!(out, "{path} -> {}", guest.fs.readlink_at(&guest.root, &path).unwrap());
            }
            Kind::File => {
                let _ = writeln!(out, "{path} {:?}", guest.bytes(&path));
            }
        }
    }
}

#[test]
fn random_steps_are_answered_as_linux_does() {
    const SEEDS: u64 = 100;
    const STEPS: usize = 150;
    for seed in 0..SEEDS {
        let home = tempfile::tempdir().unwrap();
        let dir = Dir::open_ambient_dir(home.path(), ambient_authority()).unwrap();
        let mut guest = Guest::roomy();
        let mut dice = Dice(seed);
        let mut log = String::new();
        for _ in 0..STEPS {
            let step = Step::random(&mut dice);
            let _ = writeln!(log, "{step:?}");
            assert_eq!(step.here(&mut guest), step.there(&dir), "seed {seed}, the last of:\n{log}");
        }
        let (mut here, mut there) = (String::new(), String::new());
        dump_here(&mut guest, ".", &mut here);
        dump(&dir, ".", &mut there);
        assert_eq!(here, there, "seed {seed}:\n{log}");
        check_counters(&guest.fs, seed);
    }
}

/// What is counted is what there is, whatever was done to come there.
fn check_counters(fs: &FileSystem, seed: u64) {
    let mut cost = 0;
    for node in fs.nodes.values() {
        cost += node.cost(node.len());
        if let Ok(directory) = node.directory() {
            cost += directory.entries.keys().map(|name| FileSystem::ENTRY_BYTES + name.len() as u64).sum::<u64>();
        }
        assert!(node.links > 0, "seed {seed}: a node that nothing holds");
    }
    assert_eq!(fs.used_bytes(), cost, "seed {seed}");
}
