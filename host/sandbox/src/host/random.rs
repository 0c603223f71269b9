//! `wasi:random`: bytes from the run's seed, or from the host where granted.

use wasmtime::component::Linker;

use super::{Call, Interface};
use crate::state::RunState;
use crate::stop::Stop;

pub(crate) fn link(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    let mut i = Interface::new(linker, "wasi:random/random")?;
    i.func("get-random-bytes", |call, (len,): (u64,)| bytes(call, len))?;
    i.func("get-random-u64", |call, (): ()| word(call))?;
    let mut i = Interface::new(linker, "wasi:random/insecure")?;
    i.func("get-insecure-random-bytes", |call, (len,): (u64,)| bytes(call, len))?;
    i.func("get-insecure-random-u64", |call, (): ()| word(call))?;
    let mut i = Interface::new(linker, "wasi:random/insecure-seed")?;
    i.func("insecure-seed", |call, (): ()| Ok((word(call)?, word(call)?)))
}

/// The bytes are counted before they are made: a request for 2^60 of them ends at the limit for host
/// data and allocates nothing.
fn bytes(call: &mut Call<'_>, len: u64) -> Result<Vec<u8>, Stop> {
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    call.gives(len)?;
    let mut buffer = vec![0; len];
    fill(call, &mut buffer)?;
    Ok(buffer)
}

fn word(call: &mut Call<'_>) -> Result<u64, Stop> {
    let mut buffer = [0; 8];
    fill(call, &mut buffer)?;
    Ok(u64::from_le_bytes(buffer))
}

fn fill(call: &mut Call<'_>, buffer: &mut [u8]) -> Result<(), Stop> {
    call.state.entropy.fill(buffer).map_err(|_| Stop::Misuse("the host has no entropy to give"))
}
