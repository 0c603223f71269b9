//! Paths, opening, and what a handle permits.

use super::*;

#[test]
fn paths_lead_where_linux_leads_them() {
    use FsError::*;
    let long = "x".repeat(256);
    let very_long = "x/".repeat(2048);
    let cases: &[(&str, Result<(), FsError>)] = &[
        ("file", Ok(())),
        ("dir/.//sub/../../dir/sub/../file", Ok(())),
        (".", Ok(())),
        ("./", Ok(())),
        ("dir/", Ok(())),
        ("dir///", Ok(())),
        ("dir/..", Ok(())),
        ("to-dir/file", Ok(())),
        ("to-dir/to-upper", Ok(())),
        ("to-file", Ok(())),
        ("to-dir/", Ok(())),
        ("", Err(NoEntry)),
        ("nothing", Err(NoEntry)),
        ("nothing/..", Err(NoEntry)),
        ("to-nothing", Err(NoEntry)),
        ("file/", Err(NotDirectory)),
        ("file///", Err(NotDirectory)),
        ("file/.", Err(NotDirectory)),
        ("file/..", Err(NotDirectory)),
        ("file/x", Err(NotDirectory)),
        ("to-file/", Err(NotDirectory)),
        ("to-file-as-dir", Err(NotDirectory)),
        ("loop", Err(Loop)),
        ("loop/x", Err(Loop)),
        ("/", Err(NotPermitted)),
        ("/file", Err(NotPermitted)),
        ("..", Err(NotPermitted)),
        ("../file", Err(NotPermitted)),
        ("dir/sub/../../../file", Err(NotPermitted)),
        ("to-above", Err(NotPermitted)),
        ("to-above/file", Err(NotPermitted)),
        ("to-outside", Err(NotPermitted)),
        ("file\0", Err(Invalid)),
        (&long, Err(NameTooLong)),
        (&very_long, Err(NameTooLong)),
    ];
    let mut guest = furnished();
    for (path, expected) in cases {
        assert_eq!(guest.opens(path, FOLLOW), *expected, "{path:?}");
    }
    assert_eq!(guest.mkdir(&"x".repeat(255)), Ok(()));
}

#[test]
fn forty_symlinks_are_followed_and_no_more() {
    let mut guest = Guest::roomy();
    guest.file("0", b"");
    for n in 1..=41 {
        guest.symlink(&format!("{}", n - 1), &format!("{n}")).unwrap();
    }
    assert_eq!(guest.opens("40", FOLLOW), Ok(()));
    assert_eq!(guest.opens("41", FOLLOW), Err(FsError::Loop));
}

#[test]
fn a_directory_that_is_open_is_a_root_of_its_own() {
    let mut guest = furnished();
    let dir = guest.open("dir", READ).unwrap();
    assert!(guest.fs.open_at(&dir, "file", READ, NOW).is_ok());
    for path in ["..", "../file", "to-upper", "sub/../../file"] {
        assert_eq!(guest.fs.open_at(&dir, path, FOLLOW, NOW).unwrap_err(), FsError::NotPermitted, "{path}");
    }
}

#[test]
fn symlinks_that_came_with_a_grant_and_are_absolute_are_text() {
    let mut fs = FileSystem::new(0);
    let root = fs.add_root("/", Access::ReadWrite, NOW);
    fs.grant(root, "abs", tree::Body::Symlink("/file".into()), NOW).unwrap();
    fs.grant(root, "file", tree::Body::File(content::Content::default()), NOW).unwrap();
    let mut guest = Guest::on(fs);
    assert_eq!(guest.fs.readlink_at(&guest.root, "abs"), Ok("/file".to_owned()));
    assert_eq!(guest.opens("abs", FOLLOW), Err(FsError::NotPermitted));
}

#[test]
fn opening_asks_what_linux_asks() {
    use FsError::*;
    let directory = OpenOptions { directory: true, ..READ };
    let exclusive = OpenOptions { exclusive: true, ..CREATE };
    let create_followed = OpenOptions { follow: true, ..CREATE };
    let cases: &[(&str, OpenOptions, Result<(), FsError>)] = &[
        ("dir", directory, Ok(())),
        ("file", directory, Err(NotDirectory)),
        ("to-dir", directory, Err(Loop)),
        ("to-nothing", directory, Err(Loop)),
        ("to-dir", READ, Err(Loop)),
        ("to-file", READ, Err(Loop)),
        ("to-nothing", READ, Err(Loop)),
        ("loop", READ, Err(Loop)),
        ("to-dir/", READ, Ok(())),
        ("to-dir", OpenOptions { follow: true, ..directory }, Ok(())),
        ("to-file", OpenOptions { follow: true, ..directory }, Err(NotDirectory)),
        ("dir", WRITE, Err(IsDirectory)),
        ("dir", CREATE, Err(IsDirectory)),
        (".", OpenOptions { write: true, ..directory }, Err(IsDirectory)),
        (".", exclusive, Err(Exist)),
        ("file", exclusive, Err(Exist)),
        ("dir", exclusive, Err(Exist)),
        ("to-nothing", exclusive, Err(Exist)),
        ("to-nothing", OpenOptions { follow: true, ..exclusive }, Err(Exist)),
        ("to-nothing", CREATE, Err(Loop)),
        ("file/", CREATE, Err(IsDirectory)),
        ("new/", CREATE, Err(IsDirectory)),
        ("to-dir/", create_followed, Err(IsDirectory)),
        ("to-file-as-dir", create_followed, Err(IsDirectory)),
        ("nothing/x", CREATE, Err(NoEntry)),
        ("file/x", CREATE, Err(NotDirectory)),
        ("to-above/x", CREATE, Err(NotPermitted)),
        ("to-nothing", create_followed, Ok(())),
        ("nothing", READ, Ok(())),
        ("file", OpenOptions { exclusive: true, ..READ }, Ok(())),
        ("file", OpenOptions { create: true, ..directory }, Err(Invalid)),
        ("file", OpenOptions { truncate: true, ..directory }, Err(Invalid)),
        ("file", OpenOptions { synchronized: true, ..READ }, Err(Unsupported)),
    ];
    let mut guest = furnished();
    for (path, options, expected) in cases {
        assert_eq!(guest.opens(path, *options), *expected, "{path} {options:?}");
    }
    let file = guest.open("file", READ).unwrap();
    assert_eq!(guest.fs.open_at(&file, "x", READ, NOW).unwrap_err(), NotDirectory);
    assert_eq!(guest.fs.stat_at(&file, ".", false).unwrap_err(), NotDirectory);
}

#[test]
fn handles_permit_what_they_were_opened_for() {
    let flags = |options: OpenOptions| {
        let mut guest = furnished();
        let handle = guest.open("file", options).unwrap();
        (handle.readable(), handle.writable())
    };
    let none = OpenOptions { read: false, ..READ };
    assert_eq!(flags(none), (true, false));
    assert_eq!(flags(WRITE), (false, true));
    assert_eq!(flags(BOTH), (true, true));
    assert_eq!(flags(OpenOptions { create: true, ..none }), (true, true));
    assert_eq!(flags(OpenOptions { create: true, ..WRITE }), (false, true));

    let mut guest = furnished();
    let (reader, writer) = (guest.open("file", READ).unwrap(), guest.open("file", WRITE).unwrap());
    let root = &guest.root;
    assert_eq!(guest.fs.write(&reader, 0, b"x", NOW), Err(FsError::BadDescriptor));
    assert_eq!(guest.fs.append(&reader, b"x", NOW), Err(FsError::BadDescriptor));
    assert_eq!(guest.fs.set_size(&reader, 0, NOW), Err(FsError::Invalid));
    assert_eq!(guest.fs.read(&writer, 0, 1), Err(FsError::BadDescriptor));
    assert_eq!(guest.fs.set_times(&reader, NewTimestamp::Now, NewTimestamp::Now, NOW), Ok(()));
    for refused in [
        guest.fs.read(root, 0, 1).err(),
        guest.fs.write(root, 0, b"x", NOW).err(),
        guest.fs.set_size(root, 0, NOW).err(),
        guest.fs.advise(root, 0).err(),
    ] {
        assert_eq!(refused, Some(FsError::BadDescriptor));
    }
}

#[test]
fn a_read_only_root_refuses_every_change() {
    let mut fs = furnished().fs;
    fs.add_root("/ro", Access::ReadOnly, NOW);
    let ro = fs.open_root(1).unwrap();
    fs.grant(ro.node(), "file", tree::Body::File(content::Content::new(b"x".to_vec())), NOW).unwrap();
    let rw = fs.open_root(0).unwrap();
    let file = fs.open_at(&ro, "file", READ, NOW).unwrap();
    assert_eq!(fs.read(&file, 0, 9), Ok(b"x".to_vec()));
    let now = NewTimestamp::Now;
    for (what, answer) in [
        ("create", fs.open_at(&ro, "new", CREATE, NOW).map(|_| ())),
        ("write", fs.open_at(&ro, "file", WRITE, NOW).map(|_| ())),
        ("truncate", fs.open_at(&ro, "file", OpenOptions { truncate: true, ..READ }, NOW).map(|_| ())),
        ("mkdir", fs.create_directory_at(&ro, "d", NOW)),
        ("rmdir", fs.remove_directory_at(&ro, "d", NOW)),
        ("unlink", fs.unlink_file_at(&ro, "file", NOW)),
        ("symlink", fs.symlink_at(&ro, "file", "s", NOW)),
        ("link", fs.link_at((&ro, "file", false), (&ro, "l"), NOW)),
        ("link into", fs.link_at((&rw, "file", false), (&ro, "l"), NOW)),
        ("link from", fs.link_at((&ro, "file", false), (&rw, "l"), NOW)),
        ("rename", fs.rename_at((&ro, "file"), (&ro, "l"), NOW)),
        ("rename into", fs.rename_at((&rw, "file"), (&ro, "l"), NOW)),
        ("rename from", fs.rename_at((&ro, "file"), (&rw, "l"), NOW)),
        ("set-times", fs.set_times(&file, now, now, NOW)),
        ("set-times-at", fs.set_times_at((&ro, "file", false), now, now, NOW)),
        ("set-size", fs.set_size(&file, 0, NOW)),
        ("write", fs.write(&file, 0, b"y", NOW).map(|_| ())),
        ("append", fs.append(&file, b"y", NOW).map(|_| ())),
    ] {
        assert_eq!(answer, Err(FsError::NotPermitted), "{what}");
    }
}
