//! Making a command of a core module for WASI preview 1.
//!
//! The adapter that wasmtime ships turns the functions of preview 1 into those of WASI 0.2. One thing it
//! loses: `proc_exit(33)` becomes `exit(err)`, since when it was made an exit had no code. So that import
//! is led past the adapter, to `exit-with-code`, whose core signature is the same.

use holobiont_core::{Outcome, Rejection};
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
};
use wasmparser::{BinaryReader, Import, ImportSectionReader, Imports, Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// What stands in for `proc_exit`. A code is a byte, as on every POSIX system: the lowest eight bits count.
const EXIT: (&str, &str) = ("wasi:cli/exit@0.2.12", "exit-with-code");

/// The interface as it is imported from. It holds what the adapter imports of its older version too, since
/// the two become one import of the component.
const EXIT_WIT: &str = "package wasi:cli@0.2.12;
interface exit { exit: func(status: result); exit-with-code: func(status-code: u8); }
world program { import exit; }";

/// How modules are adapted: compiled code depends on it as on the compiler.
pub(crate) const MANNER: &str = "proc_exit as exit-with-code";

/// Makes a command component of a core module.
pub(crate) fn adapt(module: &[u8]) -> Result<Vec<u8>, Outcome> {
    let encode = || {
        let renamed = rename_exit(module).map_err(|e| e.to_string())?;
        let renamed = renamed.map(describe_exit).transpose()?;
        ComponentEncoder::default()
            .validate(false)
            .module(renamed.as_deref().unwrap_or(module))
            .and_then(|encoder| {
                encoder.adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER)
            })
            .and_then(|mut encoder| encoder.encode())
            .map_err(|e| format!("{e:#}"))
    };
    encode()
        .map_err(|e: String| Outcome::rejected(Rejection::Invalid, format_args!("cannot be adapted to WASI 0.2: {e}")))
}

/// The module with `proc_exit` under its other name; `None` if it does not import it.
fn rename_exit(module: &[u8]) -> wasmparser::Result<Option<Vec<u8>>> {
    let mut made = module.get(..8).unwrap_or_default().to_vec();
    let mut renamed = false;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        let Some((id, range)) = payload.as_section() else { continue };
        let content = module.get(range).unwrap_or_default();
        let changed = match payload {
            Payload::ImportSection(section) => rename_in(module, section)?,
            _ => None,
        };
        renamed |= changed.is_some();
        let content = changed.as_deref().unwrap_or(content);
        made.push(id);
        push_sized(&mut made, content);
    }
    Ok(renamed.then_some(made))
}

/// Says in the module what the import is, as the tools of components do.
fn describe_exit(mut module: Vec<u8>) -> Result<Vec<u8>, String> {
    let mut wit = Resolve::default();
    wit.push_str("exit.wit", EXIT_WIT)
        .and_then(|package| wit.select_world(&[package], None))
        .and_then(|world| embed_component_metadata(&mut module, &wit, world, StringEncoding::UTF8))
        .map_err(|e| format!("{e:#}"))?;
    Ok(module)
}

/// The content of an import section with `proc_exit` under its other name, if it is there.
fn rename_in(module: &[u8], section: ImportSectionReader<'_>) -> wasmparser::Result<Option<Vec<u8>>> {
    let range = section.range();
    let mut made = Vec::with_capacity(range.len() + EXIT.0.len() + EXIT.1.len());
    let mut copied = range.start;
    for imports in section {
        // The compact forms are a proposal that is switched off.
        let Imports::Single(start, Import { module: from, name: "proc_exit", .. }) = imports? else { continue };
        if from != WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME {
            continue;
        }
        let mut names = BinaryReader::new(module.get(start..).unwrap_or_default(), start);
        names.read_string()?;
        names.read_string()?;
        made.extend_from_slice(module.get(copied..start).unwrap_or_default());
        push_sized(&mut made, EXIT.0.as_bytes());
        push_sized(&mut made, EXIT.1.as_bytes());
        copied = names.original_position();
    }
    if copied == range.start {
        return Ok(None);
    }
    made.extend_from_slice(module.get(copied..range.end).unwrap_or_default());
    Ok(Some(made))
}

/// Bytes after their number, in LEB128.
fn push_sized(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut left = bytes.len();
    loop {
        let low = (left & 0x7f) as u8;
        left >>= 7;
        if left == 0 {
            out.push(low);
            break;
        }
        out.push(low | 0x80);
    }
    out.extend_from_slice(bytes);
}
