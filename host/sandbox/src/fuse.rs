//! Fusing: one component of several, for a group that has passed its trials.
//!
//! The parts become one module in one sandbox, under one set of limits and with one bill. A call between them
//! costs tens of nanoseconds rather than microseconds, and its bytes are copied by metered code of the
//! component itself, at some 17 fuel a byte; so a fused group's fuel and that of the same group linked are
//! not to be compared.

use std::panic::AssertUnwindSafe;

use holobiont_core::{Outcome, Rejection};
use wasm_compose::graph::{Component, CompositionGraph, EncodeOptions, ImportIndex, InstanceId};
use wasmparser::Validator;

use crate::error::SandboxError;
use crate::linked::meets;
use crate::scan::{Wish, inspect, is_strangers};

/// Why components were not fused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FuseError {
    /// They are at fault: not components, not of types that go together, too large.
    #[error("{0}")]
    Refused(Outcome),
    /// The host is.
    #[error(transparent)]
    Host(#[from] SandboxError),
}

/// A component and what it is called in words.
pub(crate) type Named<'a> = (&'a str, &'a [u8]);

/// Puts components into one sequence of bytes, for the worker: each name and each component after its length.
pub(crate) fn pack(parts: &[Named<'_>]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(parts.iter().map(|(name, bytes)| name.len() + bytes.len() + 16).sum());
    for part in parts.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes]) {
        packed.extend_from_slice(&(part.len() as u64).to_le_bytes());
        packed.extend_from_slice(part);
    }
    packed
}

fn unpack(mut packed: &[u8]) -> Option<Vec<Named<'_>>> {
    let mut next = || -> Option<&[u8]> {
        let (length, rest) = packed.split_first_chunk::<8>()?;
        let (part, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        packed = rest;
        Some(part)
    };
    let mut parts = Vec::new();
    while let Some(name) = next() {
        parts.push((std::str::from_utf8(name).ok()?, next()?));
    }
    packed.is_empty().then_some(parts)
}

/// The worker's side: the first component fused with those of the others that it needs.
pub(crate) fn fuse_packed(packed: &[u8]) -> Result<Vec<u8>, Outcome> {
    let invalid = |words: &str| Outcome::rejected(Rejection::Invalid, words);
    let parts = unpack(packed).ok_or_else(|| invalid("the components came garbled"))?;
    // The composer takes components for what the tools make. What it holds is dropped with it, so nothing is
    // left half done by a panic.
    std::panic::catch_unwind(AssertUnwindSafe(|| fuse(&parts)))
        .unwrap_or_else(|_| Err(invalid("the composer gave up on it; it is valid in form, and odd in some way")))
}

fn fuse(parts: &[Named<'_>]) -> Result<Vec<u8>, Outcome> {
    let needed = plan(parts)?;
    let mut graph = CompositionGraph::new();
    // Types of two validators cannot be held against each other.
    let mut validator = Validator::new();
    let mut instances: Vec<Option<InstanceId>> = vec![None; parts.len()];
    // Providers before those who import from them, the root last.
    for place in (1..parts.len()).chain([0]).filter(|place| needed.contains(*place)) {
        let Some((name, bytes)) = parts.get(place) else { continue };
        let refuse = |reason, e: &dyn std::fmt::Display| Outcome::rejected(reason, format_args!("{name}: {e:#}"));
        let component = Component::from_bytes(&mut validator, format!("part{place}"), *bytes)
            .map_err(|e| refuse(Rejection::Invalid, &e))?;
        let instance = graph
            .add_component(component)
            .and_then(|id| graph.instantiate(id))
            .map_err(|e| refuse(Rejection::InterfaceMismatch, &e))?;
        for (import, export, provider) in needed.links(place) {
            let source = instances.get(provider).copied().flatten();
            connect(&mut graph, source, export, instance, import)
                .map_err(|e| refuse(Rejection::InterfaceMismatch, &format!("imports `{import}`: {e}")))?;
        }
        if let Some(slot) = instances.get_mut(place) {
            *slot = Some(instance);
        }
    }
    let root = instances.first().copied().flatten();
    graph
        .encode(EncodeOptions { define_components: true, export: root, validate: true })
        .map_err(|e| Outcome::rejected(Rejection::InterfaceMismatch, format_args!("cannot be fused: {e:#}")))
}

fn connect(
    graph: &mut CompositionGraph<'_>,
    source: Option<InstanceId>,
    export: &str,
    target: InstanceId,
    import: &str,
) -> Result<(), String> {
    let source = source.ok_or("its provider is not there")?;
    let (_, provider) = graph.get_component_of_instance(source).ok_or("its provider is not there")?;
    let (export, ..) = provider.export_by_name(export).ok_or("its provider does not export it")?;
    let (_, importer) = graph.get_component_of_instance(target).ok_or("the importer is not there")?;
    let (import, _): (ImportIndex, _) = importer.import_by_name(import).ok_or("it is not imported")?;
    graph.connect(source, Some(export), target, import).map_err(|e| format!("{e:#}"))
}

/// Which parts are needed, and who meets which import: by place.
struct Plan {
    links: Vec<Vec<(String, String, usize)>>,
    needed: Vec<bool>,
}

impl Plan {
    fn contains(&self, place: usize) -> bool {
        self.needed.get(place).copied().unwrap_or(false)
    }

    fn links(&self, place: usize) -> impl Iterator<Item = (&str, &str, usize)> {
        self.links.get(place).into_iter().flatten().map(|(import, export, at)| (import.as_str(), export.as_str(), *at))
    }
}

/// Finds who meets what: for an import of the root the first of the providers, for one of a provider the
/// first of those before it.
fn plan(parts: &[Named<'_>]) -> Result<Plan, Outcome> {
    let facts: Vec<_> =
        parts.iter().map(|(name, bytes)| inspect(bytes).map_err(|o| o.at(name))).collect::<Result<_, _>>()?;
    let mut plan = Plan { links: vec![Vec::new(); parts.len()], needed: vec![false; parts.len()] };
    if let Some(root) = plan.needed.first_mut() {
        *root = true;
    }
    for place in [0].into_iter().chain((1..parts.len()).rev()) {
        let Some(importer) = facts.get(place).filter(|_| plan.contains(place)) else { continue };
        let before = if place == 0 { parts.len() } else { place };
        for import in importer.imports.iter().filter(|i| i.wish == Wish::Unknown && is_strangers(&i.name)) {
            let met = facts.iter().enumerate().take(before).skip(1).find_map(|(at, facts)| {
                facts.exports.iter().find(|export| meets(&import.name, export)).map(|export| (export, at))
            });
            let Some((export, at)) = met else { continue };
            if let (Some(links), Some(needed)) = (plan.links.get_mut(place), plan.needed.get_mut(at)) {
                links.push((import.name.clone(), export.clone(), at));
                *needed = true;
            }
        }
    }
    Ok(plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        let parts: Vec<Named<'_>> = vec![("root", b"\0asm"), ("", b""), ("other", &[7; 300])];
        let packed = pack(&parts);
        assert_eq!(unpack(&packed).as_deref(), Some(parts.as_slice()));
        for cut in 1..packed.len() {
            assert_ne!(unpack(&packed[..cut]).as_deref(), Some(parts.as_slice()));
        }
        assert_eq!(fuse_packed(&packed[..3]).map_err(|outcome| outcome.code()), Err("rejected: invalid".to_owned()));
    }
}
