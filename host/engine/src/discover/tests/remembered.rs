//! What is read again, and what is not.

use std::time::{Duration, SystemTime};

use super::*;

/// How many contents were looked at, and how many files were not read.
fn counts(discovery: &Discovery) -> (usize, usize) {
    (discovery.parsed, discovery.unchanged)
}

fn three() -> Repository {
    let repository = Repository::new();
    for name in ["a.wasm", "b.wasm", "c.wasm"] {
        repository.component(name, &[], &[CANDIDATE]);
    }
    repository
}

#[test]
fn only_what_changed_is_read_again() {
    let repository = three();
    assert_eq!(counts(&repository.later()), (3, 0));
    let cache = repository.path("sandbox_data/modules.cache");
    let kept = fs::metadata(&cache).and_then(|metadata| metadata.modified()).expect("kept");
    let again = repository.later();
    assert_eq!((counts(&again), orphans(&again)), ((0, 3), vec!["a.wasm", "b.wasm", "c.wasm"]));
    let modified = fs::metadata(&cache).and_then(|metadata| metadata.modified()).expect("kept");
    assert_eq!(modified, kept, "nothing new is not written");
    repository.component("b.wasm", &[], &["x:y/z", "x:y/w"]);
    let changed = repository.later();
    assert_eq!((counts(&changed), changed.kinds[&id("b.wasm")].name()), ((1, 2), "library"));
    fs::remove_file(repository.path("c.wasm")).expect("removed");
    assert_eq!(counts(&repository.later()), (0, 2));
    // What went away is not remembered.
    repository.component("c.wasm", &[], &[CANDIDATE]);
    assert_eq!(counts(&repository.later()), (1, 2));
}

#[test]
fn bytes_are_looked_at_once_whatever_their_paths() {
    let repository = Repository::new();
    let bytes = component(&[], &[CANDIDATE], "");
    for n in 0..40 {
        repository.write(&format!("{n}.wasm"), &bytes);
    }
    assert_eq!(counts(&repository.later()), (1, 0));
    repository.write("more.wasm", &bytes);
    assert_eq!(counts(&repository.later()), (0, 40));
}

#[test]
fn what_was_changed_a_moment_ago_is_read_again() {
    let repository = three();
    assert_eq!(counts(&repository.discover()), (3, 0));
    // It was not looked at again, since its bytes are known.
    assert_eq!(counts(&repository.discover()), (0, 0));
    assert_eq!(counts(&repository.later()), (0, 0));
    assert_eq!(counts(&repository.discover()), (0, 3));
}

#[cfg(unix)]
#[test]
fn setting_the_time_back_hides_nothing() {
    let repository = three();
    let path = repository.path("a.wasm");
    let before = SystemTime::now() - Duration::from_secs(3600);
    set_modified(&path, before);
    assert_eq!(counts(&repository.later()), (3, 0));
    std::thread::sleep(Duration::from_millis(20));
    let mut bytes = fs::read(&path).expect("bytes");
    *bytes.last_mut().expect("some") ^= 1;
    fs::write(&path, &bytes).expect("written");
    set_modified(&path, before);
    let found = repository.later();
    assert_eq!(counts(&found), (1, 2));
    assert_eq!(found.graph.module(&id("a.wasm")).map(|facts| facts.digest), Some(Digest::of(&bytes)));
}

#[test]
fn a_cache_that_is_lost_damaged_or_of_another_format_is_made_anew() {
    let repository = three();
    let whole = repository.later();
    let path = repository.path("sandbox_data/modules.cache");
    let kept = fs::read(&path).expect("a cache");
    let mut cases = vec![Vec::new(), b"holobiont.modules/2 0.1.0\n".to_vec(), kept[..kept.len() - 1].to_vec()];
    for place in [0, 18, 40, kept.len() / 2, kept.len() - 1] {
        let mut damaged = kept.clone();
        damaged[place] ^= 1;
        cases.push(damaged);
    }
    cases.push([kept.as_slice(), b"more"].concat());
    for (number, case) in cases.iter().enumerate() {
        fs::write(&path, case).expect("written");
        let found = repository.later();
        assert_eq!((counts(&found), orphans(&found)), ((3, 0), orphans(&whole)), "case {number}");
        assert_eq!(fs::read(&path).expect("a cache"), kept, "case {number}");
    }
    fs::remove_file(&path).expect("removed");
    fs::create_dir(&path).expect("made");
    assert_eq!(counts(&repository.later()), (3, 0), "what cannot be kept costs time only");
}

#[test]
fn a_dry_discovery_leaves_nothing() {
    let repository = three();
    let project = repository.project();
    let found = project.discover_dry(&[]).expect("discovered");
    assert_eq!(found.orphans.len(), 3);
    assert!(!repository.path("sandbox_data").exists());
}
