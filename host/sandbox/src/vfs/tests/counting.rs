//! Contents, and what the quota makes of them.

use super::*;

#[test]
fn a_new_one_is_empty_and_counts_nothing() {
    let fs = FileSystem::new(10);
    assert_eq!((fs.used_bytes(), fs.peak_bytes(), fs.refused()), (0, 0, None));
    assert!(fs.roots().is_empty());
}

#[test]
fn contents_have_holes_ends_and_bounds() {
    let mut guest = Guest::roomy();
    let file = guest.open("f", CREATE).unwrap();
    let fs = &mut guest.fs;
    assert_eq!(fs.write(&file, 3, b"abc", NOW), Ok(3));
    assert_eq!(fs.read(&file, 0, 100), Ok(b"\0\0\0abc".to_vec()));
    assert_eq!(fs.read(&file, 4, 1), Ok(b"b".to_vec()));
    assert_eq!(fs.read(&file, 6, 1), Ok(vec![]));
    assert_eq!(fs.read(&file, u64::MAX >> 1, 1), Ok(vec![]));
    assert_eq!(fs.append(&file, b"d", NOW), Ok(1));
    assert_eq!(fs.write(&file, 5, b"xyz", NOW), Ok(3));
    assert_eq!(fs.read(&file, 3, 100), Ok(b"abxyz".to_vec()));
    fs.set_size(&file, 4, NOW).unwrap();
    fs.set_size(&file, 7, NOW).unwrap();
    assert_eq!(fs.read(&file, 2, 100), Ok(b"\0a\0\0\0".to_vec()));
    assert_eq!(fs.write(&file, 6, b"!", NOW), Ok(1));
    assert_eq!(fs.read(&file, 3, 100), Ok(b"a\0\0!".to_vec()));
    assert_eq!(fs.write(&file, 1 << 63, b"", NOW), Err(FsError::Invalid));
    assert_eq!(fs.write(&file, u64::MAX >> 1, b"x", NOW), Err(FsError::FileTooLarge));
    assert_eq!(fs.read(&file, u64::MAX, 1), Err(FsError::Invalid));
    assert_eq!(fs.set_size(&file, u64::MAX, NOW), Err(FsError::Invalid));
    assert_eq!(fs.advise(&file, 1 << 40), Ok(()));
    assert_eq!(fs.refused(), None);
}

#[test]
fn the_quota_counts_what_the_guest_adds() {
    let empty = FileSystem::NODE_BYTES + FileSystem::ENTRY_BYTES;
    let mut guest = Guest::new(3 * empty + 100, Access::ReadWrite);
    guest.file("a", &[1; 50]);
    assert_eq!(guest.fs.used_bytes(), empty + 1 + 50);
    let file = guest.open("a", BOTH).unwrap();
    assert_eq!(guest.fs.set_size(&file, 1 << 40, NOW), Err(FsError::InsufficientSpace));
    assert_eq!(guest.fs.refused(), Some(empty + 1 + (1 << 40)));
    assert_eq!(guest.fs.stat(&file).unwrap().size, 50);
    assert_eq!(guest.fs.write(&file, 1 << 40, b"x", NOW), Err(FsError::InsufficientSpace));
    guest.mkdir("dir").unwrap();
    guest.symlink("abcde", "s").unwrap();
    assert_eq!(guest.fs.used_bytes(), 3 * empty + 50 + "a".len() as u64 + "dir".len() as u64 + "abcdes".len() as u64);
    assert_eq!(guest.mkdir("d2"), Err(FsError::InsufficientSpace));
    assert_eq!(guest.open("d2", CREATE).unwrap_err(), FsError::InsufficientSpace);
    assert_eq!(guest.symlink("x", "d2"), Err(FsError::InsufficientSpace));
    assert_eq!(guest.link("a", "d2"), Err(FsError::InsufficientSpace));
    assert_eq!(guest.list("."), ["a", "dir", "s"]);
    // A new name in place of an old one only costs what it is longer.
    assert_eq!(guest.rename("a", &"n".repeat(42)), Err(FsError::InsufficientSpace));
    assert_eq!(guest.rename("a", &"n".repeat(30)), Ok(()));
    let peak = guest.fs.peak_bytes();
    assert_eq!(guest.unlink(&"n".repeat(30)), Ok(()));
    assert!(guest.fs.used_bytes() >= 3 * empty - FileSystem::ENTRY_BYTES, "open, so still counted");
    guest.fs.close(file);
    guest.rmdir("dir").unwrap();
    guest.unlink("s").unwrap();
    assert_eq!((guest.fs.used_bytes(), guest.fs.peak_bytes()), (0, peak));
}

#[test]
fn many_empty_files_come_to_the_quota() {
    let mut guest = Guest::new(100_000, Access::ReadWrite);
    let made = (0..).take_while(|n| guest.opens(&format!("{n:04}"), CREATE).is_ok()).count();
    assert_eq!(made as u64, 100_000 / (FileSystem::NODE_BYTES + FileSystem::ENTRY_BYTES + 4));
}

#[test]
fn what_was_granted_is_free() {
    let mut fs = FileSystem::new(1_000);
    let root = fs.add_root("/", Access::ReadWrite, NOW);
    fs.grant(root, "big", tree::Body::File(content::Content::new(vec![7; 5_000])), NOW).unwrap();
    let template = fs.clone();
    let mut guest = Guest::on(fs);
    assert_eq!(guest.fs.used_bytes(), 0);
    let file = guest.open("big", BOTH).unwrap();
    guest.fs.write(&file, 0, &[1; 5_000], NOW).unwrap();
    assert_eq!(guest.fs.used_bytes(), 0, "in place of what was there");
    guest.fs.append(&file, b"12", NOW).unwrap();
    assert_eq!(guest.fs.used_bytes(), 2);
    guest.fs.set_size(&file, 0, NOW).unwrap();
    guest.fs.set_size(&file, 5_001, NOW).unwrap();
    assert_eq!(guest.fs.used_bytes(), 1);
    guest.rename("big", "large").unwrap();
    assert_eq!(guest.fs.used_bytes(), 1 + FileSystem::ENTRY_BYTES + 5);
    guest.unlink("large").unwrap();
    guest.fs.close(file);
    assert_eq!(guest.fs.used_bytes(), 0, "no credit");
    assert_eq!(Guest::on(template).bytes("big"), vec![7; 5_000], "the template is not changed by its clone");
}

#[test]
fn a_smaller_quota_keeps_what_there_is() {
    let mut guest = Guest::roomy();
    guest.file("a", &[0; 100]);
    guest.fs.set_quota_bytes(10);
    assert_eq!(guest.mkdir("d"), Err(FsError::InsufficientSpace));
    let file = guest.open("a", BOTH).unwrap();
    assert_eq!(guest.fs.write(&file, 0, b"over", NOW), Ok(4));
    assert_eq!(guest.fs.set_size(&file, 50, NOW), Ok(()));
    assert_eq!(guest.fs.set_size(&file, 51, NOW), Err(FsError::InsufficientSpace));
}

#[test]
fn an_unlinked_file_lives_while_it_is_open() {
    let mut guest = Guest::roomy();
    guest.file("f", b"still here");
    let one = guest.open("f", BOTH).unwrap();
    let two = guest.fs.duplicate(&one).unwrap();
    guest.unlink("f").unwrap();
    guest.file("f", b"another");
    guest.fs.close(one);
    assert_eq!(guest.fs.stat(&two).unwrap().link_count, 0);
    assert_eq!(guest.fs.append(&two, b"!", NOW), Ok(1));
    assert_eq!(guest.fs.read(&two, 0, 99), Ok(b"still here!".to_vec()));
    let nodes = guest.fs.nodes.len();
    guest.fs.close(two);
    assert_eq!(guest.fs.nodes.len(), nodes - 1);
    assert_eq!(guest.bytes("f"), b"another");
}
