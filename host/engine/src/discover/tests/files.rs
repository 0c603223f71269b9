//! Which files are found, and what becomes of those that cannot be used.

use super::*;
use crate::discover::cache::Cache;
use crate::discover::read::Reading;
use crate::discover::walk::Walk;

#[test]
fn an_empty_repository_has_nothing_in_it() {
    let repository = Repository::new();
    let found = repository.discover();
    assert_eq!((found.orphans.len(), found.skipped.len(), found.parsed, found.unchanged), (0, 0, 0, 0));
    assert!(!repository.path("sandbox_data").exists(), "there is nothing to keep");
}

#[test]
fn names_of_other_alphabets_are_ids_and_the_others_are_told() {
    let repository = Repository::new();
    for name in ["mit Leer zeichen.wasm", "漢字/модуль.wasm", "a\"b'c.wasm", "UPPER.WASM.wasm", ".hidden.wasm"]
    {
        repository.component(name, &[], &[CANDIDATE]);
    }
    repository.component("other.WASM", &[], &[CANDIDATE]);
    #[cfg(unix)]
    for name in ["new\nline.wasm", "back\\slash.wasm", "over\u{202e}ride.wasm"] {
        repository.component(name, &[], &[CANDIDATE]);
    }
    let found = repository.discover();
    let expected = [".hidden.wasm", "UPPER.WASM.wasm", "a\"b'c.wasm", "mit Leer zeichen.wasm", "漢字/модуль.wasm"];
    assert_eq!(orphans(&found), expected);
    #[cfg(unix)]
    assert_eq!(
        skipped(&found),
        [
            "back\\slash.wasm: its path holds a backslash, which an id takes for a separator: rename it",
            "new\\nline.wasm: module id `new\\nline.wasm` holds a character that cannot be shown",
            "over\\u{202e}ride.wasm: module id `over\\u{202e}ride.wasm` holds a character that cannot be shown",
        ]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_is_told() {
    use std::os::unix::ffi::OsStrExt as _;
    let repository = Repository::new();
    let folder = repository.folder.path().join(std::ffi::OsStr::from_bytes(b"f\xff"));
    fs::create_dir(&folder).expect("made");
    fs::write(folder.join("m.wasm"), component(&[], &[CANDIDATE], "")).expect("written");
    let words = skipped(&repository.discover());
    assert_eq!(words, ["f\u{fffd}/m.wasm: its path is not Unicode, so it can be no module's id: rename it"]);
}

#[test]
fn broken_files_are_told_with_their_outcome() {
    let repository = Repository::new();
    let good = component(&[], &[CANDIDATE], "");
    repository.write("empty.wasm", b"");
    repository.write("cut.wasm", &good[..good.len() - 3]);
    repository.write("prose.wasm", b"This is no module.");
    repository.write("good.wasm", &good);
    repository.write("large.wasm", vec![0; 5000]);
    repository.settings("[compile]\nmodule-size = \"4 KiB\"\n");
    let found = repository.later();
    assert_eq!(orphans(&found), ["good.wasm"]);
    let words = skipped(&found);
    assert!(words[0].starts_with("cut.wasm: rejected: "), "{words:?}");
    assert!(words[1].starts_with("empty.wasm: rejected: empty"), "{words:?}");
    assert_eq!(words[2], "large.wasm: it has 4.9 KiB, and [compile] module-size is 4.0 KiB");
    assert!(words[3].starts_with("prose.wasm: rejected: "), "{words:?}");
    // Broken ones are not looked at again either.
    let again = repository.discover();
    assert_eq!((again.parsed, again.unchanged, skipped(&again)), (0, 4, words));
}

#[test]
fn folders_that_are_not_entered() {
    let repository = Repository::new();
    for folder in [".git", "a/.cache", "node_modules", "target/deps", "sandbox_data", "a/b.wasm"] {
        repository.component(&format!("{folder}/m.wasm"), &[], &[CANDIDATE]);
    }
    assert_eq!(orphans(&repository.discover()), ["a/b.wasm/m.wasm"]);
    repository.settings("[discover]\nroots = [\"a\", \"./a/b.wasm\", \"target\"]\nskip = [\"b.wasm\"]\n");
    assert_eq!(orphans(&repository.discover()), ["a/b.wasm/m.wasm", "target/deps/m.wasm"], "a root is entered");
}

#[test]
fn roots_that_cannot_be_are_named() {
    let repository = Repository::new();
    repository.write("file", b"");
    let say = |root: &str| {
        repository.settings(&format!("[discover]\nroots = [\"{root}\"]\n"));
        repository.project().discover(&[]).expect_err("no folder").to_string()
    };
    assert!(say("absent").starts_with("[discover] roots: `absent` cannot be entered: "));
    assert_eq!(say("file"), "[discover] roots: `file` is no folder");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/", repository.path("out")).expect("linked");
        fs::create_dir(repository.path("real")).expect("made");
        std::os::unix::fs::symlink("real", repository.path("link")).expect("linked");
        assert_eq!(say("out"), "[discover] roots: `out` is a link that leads out of the repository");
        assert_eq!(say("link"), "[discover] roots: `link` is a link: name the folder itself, `real`");
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_to_files_of_the_repository_only() {
    use std::os::unix::fs::symlink;
    let (repository, elsewhere) = (Repository::new(), Repository::new());
    repository.component("real/m.wasm", &[], &[CANDIDATE]);
    let outside = elsewhere.write("m.wasm", component(&[], &[CANDIDATE], ""));
    let link = |to: &Path, from: &str| symlink(to, repository.path(from)).expect("linked");
    link(Path::new("real/m.wasm"), "linked.wasm");
    link(&outside, "outside.wasm");
    link(Path::new("absent.wasm"), "dangling.wasm");
    link(Path::new("absent"), "dangling");
    link(Path::new("loop_b"), "loop_a");
    link(Path::new("loop_a"), "loop_b");
    link(Path::new("self.wasm"), "self.wasm");
    link(Path::new(".."), "real/up");
    link(Path::new("real"), ".hidden");
    link(Path::new("holobiont.toml"), "settings");
    fs::hard_link(repository.path("real/m.wasm"), repository.path("hard.wasm")).expect("linked");
    std::os::unix::net::UnixListener::bind(repository.path("socket.wasm")).expect("a socket");
    let found = repository.discover();
    assert_eq!(orphans(&found), ["hard.wasm", "linked.wasm", "real/m.wasm"]);
    assert_eq!(reason(&found, "real/m.wasm"), "has the same bytes as `hard.wasm`");
    let words = skipped(&found);
    let [dangling, a, b, outside, up, own, socket] = words.as_slice() else { panic!("{words:?}") };
    assert_eq!(dangling, "dangling.wasm: it is a link to what is not there");
    assert!(a.starts_with("loop_a: it is a link that cannot be followed: "), "{a}");
    assert!(b.starts_with("loop_b: it is a link that cannot be followed: "), "{b}");
    assert_eq!(outside, "outside.wasm: it is a link that leads out of the repository");
    assert!(up.starts_with("real/up: it is a link to a folder, and those are not entered"), "{up}");
    assert!(own.starts_with("self.wasm: it is a link that cannot be followed: "), "{own}");
    assert_eq!(socket, "socket.wasm: it is no file that can be read to an end");
}

#[test]
fn what_goes_away_or_grows_after_it_was_listed_is_told() {
    let repository = Repository::new();
    for name in ["gone.wasm", "grown.wasm", "stays.wasm"] {
        repository.component(name, &[], &[CANDIDATE]);
    }
    let project = repository.project();
    let most_bytes = 10_000;
    let walk = Walk::new(&project.root, &project.settings.discover, &project.data_dir(), most_bytes);
    let walked = walk.and_then(|walk| walk.files([].iter())).expect("walked");
    fs::remove_file(repository.path("gone.wasm")).expect("removed");
    repository.write("grown.wasm", vec![0; 10_001]);
    let files: Vec<_> = walked.files.into_values().collect();
    let read = Reading { threads: 2, most_bytes, listed_ns: 0 }.read(&files, Cache::default());
    assert_eq!(read.modules.iter().map(|(facts, _)| facts.id.as_str()).collect::<Vec<_>>(), ["stays.wasm"]);
    let reasons: Vec<_> = read.skipped.into_iter().map(|skipped| (skipped.path, skipped.reason)).collect();
    let expected = [
        ("gone.wasm".to_owned(), SkipReason::Vanished),
        ("grown.wasm".to_owned(), SkipReason::TooLarge { bytes: 10_001, most_bytes }),
    ];
    assert_eq!(reasons, expected);
}
