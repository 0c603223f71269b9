//! `wasi:io`: streams over memory, and waiting in virtual time.
//!
//! Nothing here can block but a pollable for a time: input is at hand, output has room until its limit,
//! files are memory. That is why a run needs no event loop, and why a guest that waits for a year is
//! told at once that the year has passed.

use wasmtime::component::{ComponentType, Lift, Linker, Lower, Resource};

use super::{Call, Interface, clocks, data};
use crate::resources::{Entry, Sink, Source, Wait};
use crate::state::RunState;
use crate::stop::Stop;
use crate::vfs::{FsError, Timestamp};
use crate::weather::Touches;

/// The most that one `read` gives: a guest may ask for 2^64 bytes, and gets what there is, in pieces.
const READ_BYTES: u64 = 1 << 20;

/// What `check-write` permits at a time.
const WRITE_BYTES: u64 = 1 << 20;

/// Handle types of the interfaces; what they stand for is an [`Entry`].
pub(crate) enum InputStream {}
pub(crate) enum OutputStream {}
pub(crate) enum Pollable {}
pub(crate) enum IoError {}

#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
pub(crate) enum StreamError {
    #[component(name = "last-operation-failed")]
    Failed(Resource<IoError>),
    #[component(name = "closed")]
    Closed,
}

type Streamed<T> = Result<T, StreamError>;

pub(crate) const STALE: Stop = Stop::Misuse("a handle of another kind than its type says");

pub(crate) fn link(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    let mut i = Interface::new(linker, "wasi:io/error")?;
    i.resource::<IoError>("error")?;
    i.func("[method]error.to-debug-string", |call, (error,): (Resource<IoError>,)| {
        match call.state.handles.get_mut(&error) {
            Some(Entry::Error(error)) => Ok(error.to_string()),
            _ => Err(STALE),
        }
    })?;

    let mut i = Interface::new(linker, "wasi:io/poll")?;
    i.resource::<Pollable>("pollable")?;
    i.func("[method]pollable.ready", |call, (pollable,): (Resource<Pollable>,)| {
        Ok(deadline(call, &pollable)? <= call.state.meter.clock_ns())
    })?;
    i.procedure("[method]pollable.block", |call, (pollable,): (Resource<Pollable>,)| {
        let until = deadline(call, &pollable)?;
        wait_until(call, until);
        Ok(())
    })?;
    i.func("poll", |call, (pollables,): (Vec<Resource<Pollable>>,)| poll(call, &pollables))?;

    link_streams(linker)
}

fn link_streams(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    let mut i = Interface::new(linker, "wasi:io/streams")?;
    i.resource::<InputStream>("input-stream")?;
    for name in ["read", "blocking-read"] {
        let name = format!("[method]input-stream.{name}");
        i.func_at(&name, data, |call, (stream, len): (Resource<InputStream>, u64)| {
            Ok(match read(call, &stream, len)? {
                Ok(mut bytes) => {
                    call.delivers(&mut bytes)?;
                    Ok(bytes)
                }
                end => end,
            })
        })?;
    }
    for name in ["skip", "blocking-skip"] {
        i.func(&format!("[method]input-stream.{name}"), |call, (stream, len): (Resource<InputStream>, u64)| {
            let skipped = read(call, &stream, len)?.map(|bytes| bytes.len());
            call.gives(*skipped.as_ref().unwrap_or(&0))?;
            Ok(skipped.map(|bytes| bytes as u64))
        })?;
    }
    i.func("[method]input-stream.subscribe", |call, (_,): (Resource<InputStream>,)| {
        call.insert::<Pollable>(Wait::Ready)
    })?;

    i.resource::<OutputStream>("output-stream")?;
    i.func("[method]output-stream.check-write", |_, (_,): (Resource<OutputStream>,)| Ok(Streamed::Ok(WRITE_BYTES)))?;
    for name in ["write", "blocking-write-and-flush"] {
        i.func_at(
            &format!("[method]output-stream.{name}"),
            |state, (stream, _)| sink(state, stream),
            |call, (stream, bytes): (Resource<OutputStream>, Vec<u8>)| {
                call.takes(bytes.len())?;
                write(call, &stream, &bytes)
            },
        )?;
    }
    for name in ["flush", "blocking-flush"] {
        i.func(&format!("[method]output-stream.{name}"), |_, (_,): (Resource<OutputStream>,)| Ok(Streamed::Ok(())))?;
    }
    for name in ["write-zeroes", "blocking-write-zeroes-and-flush"] {
        i.func_at(
            &format!("[method]output-stream.{name}"),
            |state, (stream, _)| sink(state, stream),
            |call, (stream, len): (Resource<OutputStream>, u64)| {
                // Counted before they are made: nobody gets 2^60 zeroes.
                let len = usize::try_from(len).unwrap_or(usize::MAX);
                call.takes(len)?;
                write(call, &stream, &vec![0; len])
            },
        )?;
    }
    for name in ["splice", "blocking-splice"] {
        i.func_at(
            &format!("[method]output-stream.{name}"),
            |state, (to, _, _)| sink(state, to),
            |call, (to, from, len): (Resource<OutputStream>, Resource<InputStream>, u64)| splice(call, &to, &from, len),
        )?;
    }
    i.func("[method]output-stream.subscribe", |call, (_,): (Resource<OutputStream>,)| {
        call.insert::<Pollable>(Wait::Ready)
    })
}

/// What writing to a stream touches: files are on the disk, output and log are not.
fn sink(state: &RunState, stream: &Resource<OutputStream>) -> Touches {
    match state.handles.get(stream) {
        Some(Entry::Output(Sink::File { .. })) => Touches::Disk,
        _ => Touches::Nothing,
    }
}

fn deadline(call: &mut Call<'_>, pollable: &Resource<Pollable>) -> Result<u64, Stop> {
    match call.state.handles.get_mut(pollable) {
        Some(Entry::Wait(Wait::Ready)) => Ok(0),
        Some(Entry::Wait(Wait::Until(when))) => Ok(*when),
        _ => Err(STALE),
    }
}

fn wait_until(call: &mut Call<'_>, until: u64) {
    let now = call.state.meter.clock_ns();
    if until > now {
        call.state.meter.sleep(until - now);
    }
}

/// Waits for the first of several, and says which are ready then.
fn poll(call: &mut Call<'_>, pollables: &[Resource<Pollable>]) -> Result<Vec<u32>, Stop> {
    call.takes(pollables.len() * size_of::<u32>())?;
    let deadlines = pollables.iter().map(|p| deadline(call, p)).collect::<Result<Vec<_>, _>>()?;
    let first = deadlines.iter().min().ok_or(Stop::Misuse("polled an empty list"))?;
    wait_until(call, *first);
    // A real sleep that was cut short ends the run when the call returns; what is said here is not heard.
    let now = call.state.meter.clock_ns().max(*first);
    let ready: Vec<u32> = (0u32..).zip(&deadlines).filter(|(_, when)| **when <= now).map(|(index, _)| index).collect();
    call.gives(ready.len() * size_of::<u32>())?;
    Ok(ready)
}

/// Up to `len` bytes, which the caller counts; `closed` at the end.
fn read(call: &mut Call<'_>, stream: &Resource<InputStream>, len: u64) -> Result<Streamed<Vec<u8>>, Stop> {
    let len = len.min(READ_BYTES);
    let RunState { handles, files, stdin, .. } = &mut *call.state;
    let Some(Entry::Input(source)) = handles.get_mut(stream) else { return Err(STALE) };
    let bytes = match source {
        Source::Stdin => {
            let rest = stdin.bytes.get(stdin.read..).unwrap_or_default();
            let piece = rest.get(..usize::try_from(len).unwrap_or(usize::MAX)).unwrap_or(rest).to_vec();
            stdin.read += piece.len();
            piece
        }
        Source::File { handle, offset } => match files.read(handle, *offset, len) {
            Err(error) => return failed(call, error),
            Ok(piece) => {
                *offset = offset.saturating_add(piece.len() as u64);
                piece
            }
        },
    };
    if bytes.is_empty() && len > 0 {
        return Ok(Err(StreamError::Closed));
    }
    Ok(Ok(bytes))
}

fn write(call: &mut Call<'_>, stream: &Resource<OutputStream>, bytes: &[u8]) -> Result<Streamed<()>, Stop> {
    let now = Timestamp(clocks::wall_ns(call.state));
    let fails = call.disk_fails();
    let RunState { handles, files, .. } = &mut *call.state;
    let Some(Entry::Output(sink)) = handles.get_mut(stream) else { return Err(STALE) };
    let written = match sink {
        Sink::Stdout => return call.state.write_stdout(bytes).map(Ok),
        Sink::Stderr => return call.state.write_stderr(bytes).map(Ok),
        Sink::File { .. } if fails => Err(FsError::Io),
        Sink::File { handle, offset: None } => files.append(handle, bytes, now),
        Sink::File { handle, offset: Some(offset) } => files.write(handle, *offset, bytes, now).inspect(|written| {
            *offset = offset.saturating_add(*written);
        }),
    };
    match written {
        Ok(_) => Ok(Ok(())),
        Err(error) => failed(call, error),
    }
}

/// The answer for a stream whose file said no.
fn failed<T>(call: &mut Call<'_>, error: FsError) -> Result<Streamed<T>, Stop> {
    Ok(Err(StreamError::Failed(call.insert::<IoError>(Entry::Error(error))?)))
}

fn splice(
    call: &mut Call<'_>,
    to: &Resource<OutputStream>,
    from: &Resource<InputStream>,
    len: u64,
) -> Result<Streamed<u64>, Stop> {
    let bytes = match read(call, from, len.min(WRITE_BYTES))? {
        Ok(bytes) => bytes,
        Err(end) => return Ok(Err(end)),
    };
    call.gives(bytes.len())?;
    Ok(write(call, to, &bytes)?.map(|()| bytes.len() as u64))
}
