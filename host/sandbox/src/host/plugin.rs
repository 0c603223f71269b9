//! `holobiont:plugin`: telemetry and the workspace.

use wasmtime::component::Linker;

use super::{Interface, data, disk};
use crate::state::RunState;
use crate::types::{Level, Refusal};
use crate::workspace::Workspace;

pub(crate) fn link(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    // Only types, but a component that uses them imports the interface.
    Interface::new(linker, "holobiont:plugin/types")?;

    let mut i = Interface::new(linker, "holobiont:plugin/telemetry")?;
    i.procedure("log", |call, (level, message): (Level, String)| {
        call.takes(message.len())?;
        call.state.log(level.name(), message)
    })?;
    i.procedure("record-metric", |call, (name, value): (String, f64)| {
        call.takes(name.len())?;
        call.state.record_metric(name, value)
    })?;

    let mut i = Interface::new(linker, "holobiont:plugin/workspace")?;
    i.func_at("get", data, |call, (key,): (String,)| {
        call.takes(key.len())?;
        let mut value = call.state.workspace.get(&key).map(<[u8]>::to_vec);
        call.delivers(value.as_deref_mut().unwrap_or_default())?;
        Ok(value)
    })?;
    i.func_at("set", disk, |call, (key, value): (String, Vec<u8>)| {
        call.takes(key.len() + value.len())?;
        if key.is_empty() || key.len() > Workspace::MAX_KEY_BYTES {
            return Ok(Err(Refusal::InvalidKey));
        }
        if call.disk_fails() {
            return Ok(Err(Refusal::QuotaExceeded));
        }
        let quota = call.state.workspace_quota();
        let stored = call.state.workspace.set(key, value, quota);
        call.state.share_disk();
        Ok(if stored { Ok(()) } else { Err(Refusal::QuotaExceeded) })
    })?;
    i.func("delete", |call, (key,): (String,)| {
        call.takes(key.len())?;
        let deleted = call.state.workspace.delete(&key);
        call.state.share_disk();
        Ok(deleted)
    })?;
    i.func("keys", |call, (prefix,): (String,)| {
        call.takes(prefix.len())?;
        let keys: Vec<String> = call.state.workspace.keys(&prefix).cloned().collect();
        call.gives(keys.iter().map(String::len).sum())?;
        Ok(keys)
    })
}
