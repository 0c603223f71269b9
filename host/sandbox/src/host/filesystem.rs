//! `wasi:filesystem`: the run's files in memory. The types are those of wasmtime-wasi; what stands
//! behind them is [`crate::vfs`], so that a run neither touches the machine's disk nor waits for it.

use wasmtime::component::{Linker, Resource};
use wasmtime_wasi::p2::bindings::filesystem::types::{
    Advice, Datetime, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, ErrorCode, MetadataHashValue,
    NewTimestamp, OpenFlags, PathFlags,
};

use super::io::{InputStream, IoError, OutputStream, STALE};
use super::{Call, Interface, clocks, data, disk};
use crate::resources::{Entry, Sink, Source};
use crate::state::RunState;
use crate::stop::Stop;
use crate::vfs::{self, FileSystem, FsError, Handle, Kind, Timestamp};

/// Handle types of the interface; what they stand for is in [`Entry`].
enum Descriptor {}
enum DirectoryEntryStream {}

/// The most that one `read` gives; a guest that wants more reads again.
const READ_BYTES: u64 = 1 << 20;

type Answer<T> = Result<Result<T, ErrorCode>, Stop>;

pub(crate) fn link(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    let mut i = Interface::new(linker, "wasi:filesystem/types")?;
    i.resource::<Descriptor>("descriptor")?;
    i.resource::<DirectoryEntryStream>("directory-entry-stream")?;
    link_streams(&mut i)?;
    link_attributes(&mut i)?;
    link_contents(&mut i)?;
    link_names(&mut i)?;

    let mut i = Interface::new(linker, "wasi:filesystem/preopens")?;
    i.func("get-directories", |call, (): ()| {
        let count = call.state.files.roots().len();
        if count == 0 {
            // It looks for files, and nobody granted it any.
            call.denied();
        }
        let mut directories = Vec::with_capacity(count);
        for index in 0..count {
            let Ok(handle) = call.state.files.open_root(index) else { continue };
            let path = call.state.files.roots().get(index).map(|root| root.guest_path.clone()).unwrap_or_default();
            call.gives(path.len())?;
            directories.push((call.insert::<Descriptor>(Entry::File(handle))?, path));
        }
        Ok(directories)
    })
}

fn link_streams(i: &mut Interface<'_>) -> wasmtime::Result<()> {
    i.func("[method]descriptor.read-via-stream", |call, (d, offset): (Resource<Descriptor>, u64)| {
        let opened = on(call, &d, |files, handle, _| match handle.kind() {
            Kind::Directory => Err(FsError::IsDirectory),
            _ if !handle.readable() => Err(FsError::BadDescriptor),
            _ => files.duplicate(handle),
        })?;
        match opened {
            Ok(handle) => Ok(Ok(call.insert::<InputStream>(Source::File { handle, offset })?)),
            Err(code) => Ok(Err(code)),
        }
    })?;
    type From = (Resource<Descriptor>, u64);
    i.func_at("[method]descriptor.write-via-stream", disk, |call, (d, offset): From| sink(call, &d, Some(offset)))?;
    i.func_at("[method]descriptor.append-via-stream", disk, |call, (d,): (Resource<Descriptor>,)| {
        sink(call, &d, None)
    })?;
    i.func("filesystem-error-code", |call, (error,): (Resource<IoError>,)| match call.state.handles.get(&error) {
        Some(Entry::Error(error)) => Ok(Some(code(*error))),
        _ => Err(STALE),
    })
}

fn sink(call: &mut Call<'_>, d: &Resource<Descriptor>, offset: Option<u64>) -> Answer<Resource<OutputStream>> {
    let opened = on(call, d, |files, handle, _| match handle.kind() {
        _ if handle.access() == holobiont_core::Access::ReadOnly => Err(FsError::NotPermitted),
        Kind::File if handle.writable() => files.duplicate(handle),
        _ => Err(FsError::BadDescriptor),
    })?;
    match opened {
        Ok(handle) => Ok(Ok(call.insert::<OutputStream>(Sink::File { handle, offset })?)),
        Err(code) => Ok(Err(code)),
    }
}

fn link_attributes(i: &mut Interface<'_>) -> wasmtime::Result<()> {
    type Times = (Resource<Descriptor>, NewTimestamp, NewTimestamp);
    type TimesAt = (Resource<Descriptor>, PathFlags, String, NewTimestamp, NewTimestamp);
    i.func("[method]descriptor.get-flags", |call, (d,): (Resource<Descriptor>,)| {
        on(call, &d, |_, handle, _| {
            let mut flags = DescriptorFlags::empty();
            if handle.readable() {
                flags |= DescriptorFlags::READ;
            }
            if handle.writable() {
                flags |= match handle.kind() {
                    Kind::Directory => DescriptorFlags::MUTATE_DIRECTORY,
                    _ => DescriptorFlags::WRITE,
                };
            }
            Ok(flags)
        })
    })?;
    i.func("[method]descriptor.get-type", |call, (d,): (Resource<Descriptor>,)| {
        on(call, &d, |_, handle, _| Ok(kind(handle.kind())))
    })?;
    i.func("[method]descriptor.stat", |call, (d,): (Resource<Descriptor>,)| {
        on(call, &d, |files, handle, _| files.stat(handle).map(stat))
    })?;
    i.func("[method]descriptor.stat-at", |call, (d, flags, path): (Resource<Descriptor>, PathFlags, String)| {
        call.takes(path.len())?;
        on(call, &d, |files, handle, _| files.stat_at(handle, &path, follows(flags)).map(stat))
    })?;
    i.func_at("[method]descriptor.set-times", disk, |call, (d, accessed, modified): Times| {
        on(call, &d, |files, handle, now| files.set_times(handle, time(accessed)?, time(modified)?, now))
    })?;
    i.func_at("[method]descriptor.set-times-at", disk, |call, (d, flags, path, accessed, modified): TimesAt| {
        call.takes(path.len())?;
        on(call, &d, |files, handle, now| {
            files.set_times_at((handle, &path, follows(flags)), time(accessed)?, time(modified)?, now)
        })
    })?;
    i.func("[method]descriptor.is-same-object", |call, (a, b): (Resource<Descriptor>, Resource<Descriptor>)| {
        both(call, &a, &b, |files, a, b, _| Ok(files.is_same_object(a, b))).map(|same| same.unwrap_or(false))
    })?;
    i.func("[method]descriptor.metadata-hash", |call, (d,): (Resource<Descriptor>,)| {
        on(call, &d, |files, handle, _| Ok(hash(files.metadata_hash(handle))))
    })?;
    i.func(
        "[method]descriptor.metadata-hash-at",
        |call, (d, flags, path): (Resource<Descriptor>, PathFlags, String)| {
            call.takes(path.len())?;
            on(call, &d, |files, handle, _| files.metadata_hash_at(handle, &path, follows(flags)).map(hash))
        },
    )
}

fn link_contents(i: &mut Interface<'_>) -> wasmtime::Result<()> {
    for name in ["sync", "sync-data"] {
        // Memory is as synchronised as it gets.
        i.func_at(&format!("[method]descriptor.{name}"), disk, |call, (d,): (Resource<Descriptor>,)| {
            on(call, &d, |_, _, _| Ok(()))
        })?;
    }
    i.func("[method]descriptor.advise", |call, (d, _, len, _): (Resource<Descriptor>, u64, u64, Advice)| {
        on(call, &d, |files, handle, _| files.advise(handle, len))
    })?;
    i.func_at("[method]descriptor.set-size", disk, |call, (d, size): (Resource<Descriptor>, u64)| {
        on(call, &d, |files, handle, now| files.set_size(handle, size, now))
    })?;
    i.func_at("[method]descriptor.read", data, |call, (d, len, offset): (Resource<Descriptor>, u64, u64)| {
        match on(call, &d, |files, handle, _| files.read(handle, offset, len.min(READ_BYTES)))? {
            Err(code) => Ok(Err(code)),
            Ok(mut bytes) => {
                call.delivers(&mut bytes)?;
                let end = bytes.is_empty();
                Ok(Ok((bytes, end)))
            }
        }
    })?;
    i.func_at("[method]descriptor.write", disk, |call, (d, bytes, offset): (Resource<Descriptor>, Vec<u8>, u64)| {
        call.takes(bytes.len())?;
        on(call, &d, |files, handle, now| files.write(handle, offset, &bytes, now))
    })
}

fn link_names(i: &mut Interface<'_>) -> wasmtime::Result<()> {
    type Open = (Resource<Descriptor>, PathFlags, String, OpenFlags, DescriptorFlags);
    type Link = (Resource<Descriptor>, PathFlags, String, Resource<Descriptor>, String);
    i.func_at("[method]descriptor.open-at", disk, |call, (d, path_flags, path, open_flags, flags): Open| {
        call.takes(path.len())?;
        let options = open_options(path_flags, open_flags, flags);
        match on(call, &d, |files, handle, now| files.open_at(handle, &path, options, now))? {
            Ok(handle) => Ok(Ok(call.insert::<Descriptor>(Entry::File(handle))?)),
            Err(code) => Ok(Err(code)),
        }
    })?;
    path_op(i, "create-directory-at", |files, handle, path, now| files.create_directory_at(handle, path, now))?;
    path_op(i, "remove-directory-at", |files, handle, path, now| files.remove_directory_at(handle, path, now))?;
    path_op(i, "unlink-file-at", |files, handle, path, now| files.unlink_file_at(handle, path, now))?;
    i.func("[method]descriptor.readlink-at", |call, (d, path): (Resource<Descriptor>, String)| {
        call.takes(path.len())?;
        let target = on(call, &d, |files, handle, _| files.readlink_at(handle, &path))?;
        call.gives(target.as_ref().map_or(0, String::len))?;
        Ok(target)
    })?;
    i.func_at(
        "[method]descriptor.symlink-at",
        disk,
        |call, (d, target, path): (Resource<Descriptor>, String, String)| {
            call.takes(target.len() + path.len())?;
            on(call, &d, |files, handle, now| files.symlink_at(handle, &target, &path, now))
        },
    )?;
    i.func_at("[method]descriptor.link-at", disk, |call, (d, flags, path, to, to_path): Link| {
        call.takes(path.len() + to_path.len())?;
        both(call, &d, &to, |files, from, to, now| files.link_at((from, &path, follows(flags)), (to, &to_path), now))
    })?;
    i.func_at(
        "[method]descriptor.rename-at",
        disk,
        |call, (d, path, to, to_path): (Resource<Descriptor>, String, Resource<Descriptor>, String)| {
            call.takes(path.len() + to_path.len())?;
            both(call, &d, &to, |files, from, to, now| files.rename_at((from, &path), (to, &to_path), now))
        },
    )?;
    i.func("[method]descriptor.read-directory", |call, (d,): (Resource<Descriptor>,)| {
        match on(call, &d, |files, handle, _| files.read_directory(handle))? {
            Ok(cursor) => Ok(Ok(call.insert::<DirectoryEntryStream>(Entry::Listing(cursor))?)),
            Err(code) => Ok(Err(code)),
        }
    })?;
    i.func(
        "[method]directory-entry-stream.read-directory-entry",
        |call, (stream,): (Resource<DirectoryEntryStream>,)| {
            let RunState { handles, files, .. } = &mut *call.state;
            let Some(Entry::Listing(cursor)) = handles.get_mut(&stream) else { return Err(STALE) };
            let entry = files.next_entry(cursor);
            call.gives(entry.as_ref().map_or(0, |entry| entry.name.len()))?;
            let entry = entry.map(|entry| DirectoryEntry { type_: kind(entry.kind), name: entry.name });
            Ok(Result::<_, ErrorCode>::Ok(entry))
        },
    )
}

/// A function that does one thing to one name.
fn path_op(
    i: &mut Interface<'_>,
    name: &str,
    op: impl Fn(&mut FileSystem, &Handle, &str, Timestamp) -> Result<(), FsError> + Send + Sync + 'static,
) -> wasmtime::Result<()> {
    i.func_at(&format!("[method]descriptor.{name}"), disk, move |call, (d, path): (Resource<Descriptor>, String)| {
        call.takes(path.len())?;
        on(call, &d, |files, handle, now| op(files, handle, &path, now))
    })
}

/// Does something with an open descriptor.
fn on<T>(
    call: &mut Call<'_>,
    d: &Resource<Descriptor>,
    op: impl FnOnce(&mut FileSystem, &Handle, Timestamp) -> Result<T, FsError>,
) -> Answer<T> {
    let now = Timestamp(clocks::wall_ns(call.state));
    let fails = call.disk_fails();
    let RunState { handles, files, .. } = &mut *call.state;
    let Some(Entry::File(handle)) = handles.get(d) else { return Err(STALE) };
    if fails {
        return Ok(Err(ErrorCode::Io));
    }
    Ok(op(files, handle, now).map_err(code))
}

/// Does something with two open descriptors.
fn both<T>(
    call: &mut Call<'_>,
    a: &Resource<Descriptor>,
    b: &Resource<Descriptor>,
    op: impl FnOnce(&mut FileSystem, &Handle, &Handle, Timestamp) -> Result<T, FsError>,
) -> Answer<T> {
    let now = Timestamp(clocks::wall_ns(call.state));
    let fails = call.disk_fails();
    let RunState { handles, files, .. } = &mut *call.state;
    let (Some(Entry::File(a)), Some(Entry::File(b))) = (handles.get(a), handles.get(b)) else { return Err(STALE) };
    if fails {
        return Ok(Err(ErrorCode::Io));
    }
    Ok(op(files, a, b, now).map_err(code))
}

fn open_options(path: PathFlags, open: OpenFlags, flags: DescriptorFlags) -> vfs::OpenOptions {
    let synchronized = DescriptorFlags::FILE_INTEGRITY_SYNC
        | DescriptorFlags::DATA_INTEGRITY_SYNC
        | DescriptorFlags::REQUESTED_WRITE_SYNC;
    vfs::OpenOptions {
        follow: follows(path),
        create: open.contains(OpenFlags::CREATE),
        directory: open.contains(OpenFlags::DIRECTORY),
        exclusive: open.contains(OpenFlags::EXCLUSIVE),
        truncate: open.contains(OpenFlags::TRUNCATE),
        read: flags.contains(DescriptorFlags::READ),
        // Not `MUTATE_DIRECTORY`: directories are never opened for writing, and may be changed where the root may.
        write: flags.contains(DescriptorFlags::WRITE),
        synchronized: flags.intersects(synchronized),
    }
}

fn follows(flags: PathFlags) -> bool {
    flags.contains(PathFlags::SYMLINK_FOLLOW)
}

fn kind(kind: Kind) -> DescriptorType {
    match kind {
        Kind::File => DescriptorType::RegularFile,
        Kind::Directory => DescriptorType::Directory,
        Kind::Symlink => DescriptorType::SymbolicLink,
    }
}

fn stat(stat: vfs::Stat) -> DescriptorStat {
    let datetime = |Timestamp(ns)| Some(clocks::datetime(ns));
    DescriptorStat {
        type_: kind(stat.kind),
        link_count: stat.link_count,
        size: stat.size,
        data_access_timestamp: datetime(stat.accessed),
        data_modification_timestamp: datetime(stat.modified),
        status_change_timestamp: datetime(stat.changed),
    }
}

fn time(new: NewTimestamp) -> Result<vfs::NewTimestamp, FsError> {
    Ok(match new {
        NewTimestamp::NoChange => vfs::NewTimestamp::NoChange,
        NewTimestamp::Now => vfs::NewTimestamp::Now,
        NewTimestamp::Timestamp(Datetime { seconds, nanoseconds }) => {
            let ns = seconds.checked_mul(1_000_000_000).and_then(|ns| ns.checked_add(u64::from(nanoseconds)));
            vfs::NewTimestamp::At(Timestamp(ns.ok_or(FsError::Invalid)?))
        }
    })
}

fn hash(hash: vfs::MetadataHash) -> MetadataHashValue {
    MetadataHashValue { lower: hash.lower, upper: hash.upper }
}

fn code(error: FsError) -> ErrorCode {
    match error {
        FsError::BadDescriptor => ErrorCode::BadDescriptor,
        FsError::Busy => ErrorCode::Busy,
        FsError::Exist => ErrorCode::Exist,
        FsError::FileTooLarge => ErrorCode::FileTooLarge,
        FsError::InsufficientMemory => ErrorCode::InsufficientMemory,
        FsError::InsufficientSpace => ErrorCode::InsufficientSpace,
        FsError::Invalid => ErrorCode::Invalid,
        FsError::Io => ErrorCode::Io,
        FsError::IsDirectory => ErrorCode::IsDirectory,
        FsError::Loop => ErrorCode::Loop,
        FsError::NameTooLong => ErrorCode::NameTooLong,
        FsError::NoEntry => ErrorCode::NoEntry,
        FsError::NotDirectory => ErrorCode::NotDirectory,
        FsError::NotEmpty => ErrorCode::NotEmpty,
        FsError::NotPermitted => ErrorCode::NotPermitted,
        FsError::Unsupported => ErrorCode::Unsupported,
    }
}

#[cfg(test)]
mod tests {
    use holobiont_core::Access;

    use super::*;

    #[test]
    fn a_directory_that_is_to_be_changed_can_be_opened() {
        let now = Timestamp(0);
        for access in [Access::ReadWrite, Access::ReadOnly] {
            let mut files = FileSystem::new(1 << 20);
            files.add_root("/", access, now);
            let root = files.open_root(0).unwrap();
            let options = open_options(
                PathFlags::empty(),
                OpenFlags::DIRECTORY,
                DescriptorFlags::READ | DescriptorFlags::MUTATE_DIRECTORY,
            );
            let directory = files.open_at(&root, ".", options, now).unwrap();
            let made = files.create_directory_at(&directory, "below", now);
            assert_eq!(made, if access == Access::ReadWrite { Ok(()) } else { Err(FsError::NotPermitted) });
        }
    }

    #[test]
    fn a_directory_cannot_be_opened_for_writing() {
        let now = Timestamp(0);
        let mut files = FileSystem::new(1 << 20);
        files.add_root("/", Access::ReadWrite, now);
        let root = files.open_root(0).unwrap();
        let options = open_options(PathFlags::empty(), OpenFlags::empty(), DescriptorFlags::WRITE);
        assert_eq!(files.open_at(&root, ".", options, now).unwrap_err(), FsError::IsDirectory);
    }
}
