//! The compile cache takes nothing on trust: what this host did not write, as it wrote it, is made anew.

use std::fs;
use std::path::{Path, PathBuf};

use holobiont_sandbox::Sandbox;
use holobiont_test_guests as guests;

use crate::support::{Setup, working};

/// The entries of a cache, in the order of their names.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let listed = fs::read_dir(folder).expect("a folder");
    let mut entries: Vec<_> = listed.map(|entry| entry.expect("an entry").path()).collect();
    entries.retain(|path| path.extension().is_some_and(|ending| ending == "cwasm"));
    entries.sort();
    entries
}

fn cached(folder: &Path) -> Sandbox {
    Sandbox::builder().cache_dir(folder).build().expect("a sandbox")
}

#[test]
fn a_poisoned_entry_is_discarded_and_made_anew() {
    let _working = working();
    let folder = tempfile::tempdir().expect("a folder");
    let echo = Setup::new(&guests::CAT);
    let expected = echo.run_in(&cached(folder.path()));
    let [entry] = &entries(folder.path())[..] else { panic!("one entry") };
    let good = fs::read(entry).expect("read");

    let half = good[..good.len() / 2].to_vec();
    let mut changed = good.clone();
    *changed.last_mut().expect("bytes") ^= 1;
    let mut tagless = good.clone();
    tagless[20] ^= 1;
    let bare = good[good.windows(4).position(|bytes| bytes == b"\x7fELF").expect("native code")..].to_vec();
    for (what, poison) in [("cut", half), ("changed", changed), ("tag", tagless), ("bare", bare), ("empty", vec![])] {
        fs::write(entry, poison).expect("written");
        let came = echo.run_in(&cached(folder.path()));
        assert_eq!(came.measurement(), expected.measurement(), "{what}");
        assert!(fs::read(entry).expect("read").len() == good.len(), "{what}: made anew");
    }
}

#[test]
fn one_modules_entry_is_not_anothers() {
    let _working = working();
    let folder = tempfile::tempdir().expect("a folder");
    let (cat, spin) = (Setup::new(&guests::CAT), Setup::new(&guests::WAT_START_LOOPS));
    let sandbox = cached(folder.path());
    let expected = cat.run_in(&sandbox);
    let cats = entries(folder.path());
    assert_eq!(spin.run_in(&sandbox).outcome.code(), "limit: fuel");
    let both = entries(folder.path());
    let spins = both.iter().find(|entry| !cats.contains(entry)).expect("a second entry");
    fs::copy(spins, &cats[0]).expect("swapped");
    assert_eq!(cat.run_in(&cached(folder.path())).measurement(), expected.measurement());
}

#[test]
fn a_warm_cache_spares_the_compiler_and_changes_nothing() {
    let _working = working();
    let folder = tempfile::tempdir().expect("a folder");
    let cat = Setup::new(&guests::CAT);
    let cold = cat.run_in(&cached(folder.path()));
    let written = fs::metadata(&entries(folder.path())[0]).and_then(|facts| facts.modified()).expect("facts");
    let warm = cat.run_in(&cached(folder.path()));
    assert_eq!(cold.measurement(), warm.measurement());
    let after = fs::metadata(&entries(folder.path())[0]).and_then(|facts| facts.modified()).expect("facts");
    assert_eq!(written, after, "it was compiled again");
    // Another configuration is another entry.
    let strict = Sandbox::builder().cache_dir(folder.path()).strict(true).build().expect("a sandbox");
    assert_eq!(cat.run_in(&strict).output(), cold.output());
    assert_eq!(entries(folder.path()).len(), 2);
}

#[test]
fn where_no_cache_can_be_modules_still_load() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, b"in the way").expect("written");
    let sandbox = Sandbox::builder().cache_dir(&file).build().expect("a sandbox");
    assert_eq!(Setup::new(&guests::CAT).run_in(&sandbox).outcome.code(), "completed");
    assert_eq!(fs::read(&file).expect("still there"), b"in the way");
}
