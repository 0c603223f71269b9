//! Names: links, directories, moves, listings; and times.

use super::*;

#[test]
fn links_are_names_of_one_file() {
    use FsError::*;
    let mut guest = furnished();
    let cases: &[(&str, &str, Result<(), FsError>)] = &[
        ("file", "link", Ok(())),
        ("file", "dir/link", Ok(())),
        ("file", "link", Err(Exist)),
        ("file", "file", Err(Exist)),
        ("file", "dir", Err(Exist)),
        ("file", "to-nothing", Err(Exist)),
        ("file", ".", Err(Exist)),
        ("dir", "x", Err(NotPermitted)),
        (".", "x", Err(NotPermitted)),
        ("dir/", "x", Err(NotPermitted)),
        ("file/", "x", Err(NotDirectory)),
        ("file", "x/", Err(NoEntry)),
        ("", "", Err(NoEntry)),
        ("file", "", Err(NoEntry)),
        ("nothing", "x", Err(NoEntry)),
        ("/", "x", Err(NotPermitted)),
        ("file", "/x", Err(NotPermitted)),
        ("file", "..", Err(NotPermitted)),
        ("to-nothing", "x", Ok(())),
        ("loop", "y", Ok(())),
    ];
    for (old, new, expected) in cases {
        assert_eq!(guest.link(old, new), *expected, "{old} {new}");
    }
    assert_eq!(guest.fs.link_at((&guest.root, "to-file", true), (&guest.root, "z"), NOW), Err(Invalid));
    assert_eq!(guest.stat("file").unwrap().link_count, 3);
    assert_eq!(guest.stat("x").unwrap().kind, Kind::Symlink);
    guest.file("link", b"shared");
    assert_eq!(guest.bytes("dir/link"), b"shared");
    let (a, b) = (guest.open("file", READ).unwrap(), guest.open("link", READ).unwrap());
    assert!(guest.fs.is_same_object(&a, &b));
    assert_eq!(guest.fs.metadata_hash(&a), guest.fs.metadata_hash_at(&guest.root, "dir/link", false).unwrap());
    assert_ne!(guest.fs.metadata_hash(&a), guest.fs.metadata_hash(&guest.root));
    guest.unlink("file").unwrap();
    assert_eq!(guest.stat("link").unwrap().link_count, 2);
}

#[test]
fn a_removed_directory_takes_nothing_new() {
    let mut guest = furnished();
    guest.mkdir("gone").unwrap();
    let gone = guest.open("gone", READ).unwrap();
    guest.rmdir("gone").unwrap();
    assert_eq!(guest.fs.stat(&gone).unwrap().link_count, 0);
    assert_eq!(guest.fs.create_directory_at(&gone, "d", NOW), Err(FsError::NoEntry));
    assert_eq!(guest.fs.open_at(&gone, "f", CREATE, NOW).unwrap_err(), FsError::NoEntry);
    assert_eq!(guest.fs.symlink_at(&gone, "x", "s", NOW), Err(FsError::NoEntry));
    assert_eq!(guest.fs.link_at((&guest.root, "file", false), (&gone, "l"), NOW), Err(FsError::NoEntry));
    assert_eq!(guest.fs.rename_at((&guest.root, "file"), (&gone, "l"), NOW), Err(FsError::NoEntry));
    let mut cursor = guest.fs.read_directory(&gone).unwrap();
    assert_eq!(guest.fs.next_entry(&mut cursor), None);
    guest.fs.close(gone);
}

#[test]
fn directories_are_made_and_removed_by_posix() {
    use FsError::*;
    let mut guest = furnished();
    for (path, expected) in [
        ("new", Ok(())),
        ("new/", Err(Exist)),
        ("new2///", Ok(())),
        (".", Err(Exist)),
        ("dir/..", Err(Exist)),
        ("file", Err(Exist)),
        ("to-nothing", Err(Exist)),
        ("to-nothing/", Err(Exist)),
        ("", Err(NoEntry)),
        ("nothing/x", Err(NoEntry)),
        ("/", Err(NotPermitted)),
        ("..", Err(NotPermitted)),
        ("../x", Err(NotPermitted)),
        ("to-above/x", Err(NotPermitted)),
    ] {
        assert_eq!(guest.mkdir(path), expected, "mkdir {path:?}");
    }
    assert_eq!(guest.stat(".").unwrap().link_count, 5);
    for (path, expected) in [
        ("new", Ok(())),
        ("new2/", Ok(())),
        ("dir", Err(NotEmpty)),
        ("dir/", Err(NotEmpty)),
        (".", Err(Invalid)),
        ("dir/sub/.", Err(Invalid)),
        ("dir/sub/..", Err(Invalid)),
        ("file", Err(NotDirectory)),
        ("file/", Err(NotDirectory)),
        ("to-dir", Err(NotDirectory)),
        ("to-dir/", Err(Invalid)),
        ("to-above/", Err(NotPermitted)),
        ("nothing", Err(NoEntry)),
        ("nothing/", Err(NoEntry)),
        ("", Err(NoEntry)),
        ("..", Err(NotPermitted)),
        ("/", Err(NotPermitted)),
    ] {
        assert_eq!(guest.rmdir(path), expected, "rmdir {path:?}");
    }
    assert_eq!(guest.stat(".").unwrap().link_count, 3);
}

#[test]
fn unlink_symlink_and_readlink_follow_posix() {
    use FsError::*;
    let mut guest = furnished();
    for (path, expected) in [
        ("dir", Err(IsDirectory)),
        ("dir/", Err(IsDirectory)),
        (".", Err(IsDirectory)),
        ("file/", Err(NotDirectory)),
        ("to-file/", Err(NotDirectory)),
        ("to-dir/", Err(IsDirectory)),
        ("", Err(NoEntry)),
        ("nothing", Err(NoEntry)),
        ("/etc/passwd", Err(NotPermitted)),
        ("to-above/x", Err(NotPermitted)),
        ("to-file", Ok(())),
        ("loop", Ok(())),
    ] {
        assert_eq!(guest.unlink(path), expected, "unlink {path:?}");
    }
    assert!(guest.stat("file").is_ok());
    for (target, path, expected) in [
        ("x", "new/", Err(NoEntry)),
        ("x", "dir/", Err(Exist)),
        ("x", "dir", Err(Exist)),
        ("x", "file/", Err(NotDirectory)),
        ("x", "file", Err(Exist)),
        ("", "new", Err(NoEntry)),
        ("/", "new", Err(NotPermitted)),
        ("x\0", "new", Err(Invalid)),
        ("x", "new", Ok(())),
    ] {
        assert_eq!(guest.symlink(target, path), expected, "symlink {target:?} {path:?}");
    }
    for (path, expected) in [
        ("to-dir", Ok("dir")),
        ("dir/to-upper", Ok("../file")),
        ("file", Err(Invalid)),
        (".", Err(Invalid)),
        ("to-dir/", Err(Invalid)),
        ("file/", Err(NotDirectory)),
        ("nothing", Err(NoEntry)),
    ] {
        assert_eq!(guest.fs.readlink_at(&guest.root, path), expected.map(str::to_owned), "readlink {path:?}");
    }
}

#[test]
fn renaming_follows_posix() {
    use FsError::*;
    let cases: &[(&str, &str, Result<(), FsError>)] = &[
        ("file", "new", Ok(())),
        ("file", "dir/file", Ok(())),
        ("file", "file", Ok(())),
        ("file", "link", Ok(())),
        ("file", "to-nothing", Ok(())),
        ("to-dir", "new", Ok(())),
        ("dir", "new", Ok(())),
        ("dir/", "new/", Ok(())),
        ("dir/sub", "empty", Ok(())),
        ("empty", "dir/sub", Ok(())),
        ("empty", "dir", Err(NotEmpty)),
        ("empty", "file", Err(NotDirectory)),
        ("empty", "to-dir", Err(NotDirectory)),
        ("file", "empty", Err(IsDirectory)),
        ("dir/file", "dir", Err(NotEmpty)),
        ("dir", "dir/sub", Err(Invalid)),
        ("dir", "dir/sub/new", Err(Invalid)),
        ("dir", "dir/new", Err(Invalid)),
        ("dir/sub", "dir", Err(NotEmpty)),
        ("dir", "dir", Ok(())),
        ("file/", "new", Err(NotDirectory)),
        ("file", "new/", Err(NotDirectory)),
        ("to-dir/", "new", Err(NotDirectory)),
        ("nothing", "new", Err(NoEntry)),
        ("nothing", "nothing", Err(NoEntry)),
        ("file", "nothing/new", Err(NoEntry)),
        ("", "new", Err(NoEntry)),
        ("file", "", Err(NoEntry)),
        (".", "new", Err(Busy)),
        ("file", ".", Err(Busy)),
        ("dir/.", "new", Err(Busy)),
        ("file", "../new", Err(NotPermitted)),
        ("file", "to-above/new", Err(NotPermitted)),
        ("file", "/new", Err(NotPermitted)),
        ("..", "new", Err(NotPermitted)),
    ];
    for (old, new, expected) in cases {
        let mut guest = furnished();
        guest.mkdir("empty").unwrap();
        guest.link("file", "link").unwrap();
        let used = guest.fs.used_bytes();
        assert_eq!(guest.rename(old, new), *expected, "{old:?} {new:?}");
        if expected.is_err() {
            assert_eq!(guest.fs.used_bytes(), used, "{old:?} {new:?}");
        }
    }
    let mut guest = furnished();
    guest.rename("dir/sub", "sub").unwrap();
    assert_eq!((guest.stat("dir").unwrap().link_count, guest.stat(".").unwrap().link_count), (2, 4));
    guest.rename("dir", "sub").unwrap();
    assert_eq!(guest.list("sub"), ["file", "to-upper"]);
    assert_eq!(guest.stat(".").unwrap().link_count, 3);
}

#[test]
fn a_name_can_move_to_another_root() {
    let mut fs = FileSystem::new(10_000);
    fs.add_root("/a", Access::ReadWrite, NOW);
    fs.add_root("/b", Access::ReadWrite, NOW);
    let (a, b) = (fs.open_root(0).unwrap(), fs.open_root(1).unwrap());
    fs.create_directory_at(&a, "d", NOW).unwrap();
    assert_eq!(fs.rename_at((&a, "d"), (&b, "e"), NOW), Ok(()));
    assert_eq!(fs.stat_at(&a, "d", false), Err(FsError::NoEntry));
    assert_eq!(fs.stat_at(&b, "e", false).unwrap().kind, Kind::Directory);
}

#[test]
fn directories_have_a_greatest_depth() {
    let mut guest = Guest::roomy();
    let mut here = guest.fs.duplicate(&guest.root).unwrap();
    for _ in 0..FileSystem::MAX_DEPTH {
        guest.fs.create_directory_at(&here, "d", NOW).unwrap();
        here = guest.fs.open_at(&here, "d", READ, NOW).unwrap();
    }
    assert_eq!(guest.fs.create_directory_at(&here, "d", NOW), Err(FsError::NameTooLong));
    assert!(guest.fs.open_at(&here, "file", CREATE, NOW).is_ok());
    guest.mkdir("e").unwrap();
    guest.mkdir("e/f").unwrap();
    assert_eq!(guest.rename("d", "e/d"), Err(FsError::NameTooLong), "its height counts");
    assert_eq!(guest.rename("d", "moved"), Ok(()));
}

#[test]
fn listings_are_in_byte_order_and_end() {
    let mut guest = Guest::roomy();
    for name in ["b", "ä", "a", "B", "a.b"] {
        guest.file(name, b"");
    }
    guest.symlink("x", "0").unwrap();
    assert_eq!(guest.list("."), ["0", "B", "a", "a.b", "b", "ä"]);
    let mut cursor = guest.fs.read_directory(&guest.root).unwrap();
    let mut renamed = 0;
    while let Some(entry) = guest.fs.next_entry(&mut cursor) {
        assert_eq!(entry.kind == Kind::Symlink, entry.name == "0");
        guest.rename(&entry.name, &format!("{}.old", entry.name)).unwrap();
        renamed += 1;
    }
    assert_eq!(renamed, 6, "a guest that renames what it lists does not meet it again");
    let mut cursor = guest.fs.read_directory(&guest.root).unwrap();
    while let Some(entry) = guest.fs.next_entry(&mut cursor) {
        guest.unlink(&entry.name).unwrap();
    }
    assert!(guest.list(".").is_empty());
}

#[test]
fn times_are_kept_as_they_are_told() {
    let mut guest = furnished();
    let later = |guest: &mut Guest, path: &str| guest.fs.open_at(&guest.root, path, CREATE, LATER).unwrap();
    let file = later(&mut guest, "new");
    let stat = guest.fs.stat(&file).unwrap();
    assert_eq!((stat.accessed, stat.modified, stat.changed), (LATER, LATER, LATER));
    assert_eq!(guest.stat(".").unwrap().modified, LATER, "of the directory that got a name");
    assert_eq!(guest.stat("dir").unwrap().modified, NOW);

    let file = guest.open("file", BOTH).unwrap();
    guest.fs.write(&file, 0, b"", LATER).unwrap();
    assert_eq!(guest.stat("file").unwrap().modified, NOW, "nothing was written");
    guest.fs.write(&file, 0, b"x", LATER).unwrap();
    let stat = guest.stat("file").unwrap();
    assert_eq!((stat.accessed, stat.modified, stat.changed), (NOW, LATER, LATER));

    let at = NewTimestamp::At(Timestamp(5));
    guest.fs.set_times_at((&guest.root, "to-file", false), at, NewTimestamp::NoChange, LATER).unwrap();
    assert_eq!(guest.stat("to-file").unwrap().accessed, Timestamp(5));
    assert_eq!(guest.stat("to-file").unwrap().modified, NOW);
    assert_eq!(guest.stat("file").unwrap().accessed, NOW, "the symlink was not followed");
    guest.fs.set_times_at((&guest.root, "to-file", true), NewTimestamp::Now, at, LATER).unwrap();
    let stat = guest.stat("file").unwrap();
    assert_eq!((stat.accessed, stat.modified), (LATER, Timestamp(5)));
    assert_eq!(guest.fs.stat_at(&guest.root, "to-file", true), Ok(stat));
    let none = NewTimestamp::NoChange;
    assert_eq!(guest.fs.set_times_at((&guest.root, "z", false), none, none, NOW), Err(FsError::NoEntry));
}
