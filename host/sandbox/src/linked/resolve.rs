//! Who meets an import: found by names, before anything is compiled.

use std::sync::Arc;

use holobiont_core::graph::Interface;
use holobiont_core::{Digest, Outcome, Rejection};

use super::MOST_DEEP;
use crate::engine::MOST_MODULES;
use crate::module::{Link, Module};
use crate::scan::{Facts, ModuleKind, Wish, is_strangers, split_version};

/// The most interfaces that other modules may meet for one.
const MOST_LINKS: usize = 64;

/// What a module is linked with.
pub(crate) struct Linkage {
    pub(crate) links: Vec<Link>,
    pub(crate) identity: Digest,
    pub(crate) depth: usize,
    pub(crate) reach: Vec<Digest>,
}

/// Finds for each import that the host does not offer the first of the others that exports it.
///
/// # Errors
///
/// The outcome of a module whose import is there in another version only, or that links too many.
pub(crate) fn linkage(digest: Digest, facts: &Facts, others: &[Module]) -> Result<Linkage, Outcome> {
    let wanted = facts.imports.iter().filter(|import| import.wish == Wish::Unknown && is_strangers(&import.name));
    let mut links = Vec::new();
    for import in wanted {
        if let Some(link) = provider(&import.name, others)? {
            links.push(link);
        }
    }
    let deepest = links.iter().max_by_key(|link| link.provider.inner.depth);
    let depth = deepest.map_or(0, |link| link.provider.inner.depth + 1);
    if let (true, Some(link)) = (depth > MOST_DEEP, deepest) {
        let words =
            format!("imports `{}`, whose chain of linked modules is {depth} long, limit {MOST_DEEP}", link.import);
        return Err(Outcome::rejected(Rejection::TooComplex, words));
    }
    let mut reach: Vec<Digest> = Vec::new();
    for link in &links {
        for identity in link.provider.inner.reach.iter().chain([&link.provider.inner.identity]) {
            if !reach.contains(identity) {
                reach.push(*identity);
            }
        }
    }
    for (what, count, most) in [("interfaces", links.len(), MOST_LINKS), ("modules", reach.len(), MOST_MODULES)] {
        if count > most {
            return Err(Outcome::rejected(
                Rejection::TooComplex,
                format_args!("is linked with {count} {what}, limit {most}"),
            ));
        }
    }
    Ok(Linkage { identity: identity(digest, &links), links, depth, reach })
}

fn identity(digest: Digest, links: &[Link]) -> Digest {
    if links.is_empty() {
        return digest;
    }
    let parts =
        links.iter().flat_map(|link| [link.import.as_bytes(), link.provider.inner.identity.as_bytes().as_slice()]);
    Digest::of_parts([digest.as_bytes().as_slice()].into_iter().chain(parts))
}

/// The first module that exports an interface in a version that goes with the import's.
fn provider(import: &str, others: &[Module]) -> Result<Option<Link>, Outcome> {
    let (name, _) = split_version(import);
    let mut other_version = None;
    // The exports of a core module are functions, whatever they are called.
    for provider in others.iter().filter(|other| other.kind() != ModuleKind::CoreCommand) {
        for export in provider.facts().exports.iter().filter(|export| split_version(export).0 == name) {
            if meets(import, export) {
                return Ok(Some(Link {
                    import: import.to_owned(),
                    name: Arc::from(name),
                    provider: provider.clone(),
                    export: export.clone(),
                }));
            }
            other_version.get_or_insert((provider, export));
        }
    }
    match other_version {
        None => Ok(None),
        Some((provider, export)) => Err(Outcome::rejected(
            Rejection::InterfaceMismatch,
            format_args!(
                "imports `{import}`: the module {} exports `{export}`, which does not go with that version",
                provider.digest().short()
            ),
        )),
    }
}

/// Whether an export, by its name and its version, meets an import. What names no interface goes with itself only.
pub(crate) fn meets(import: &str, export: &str) -> bool {
    match (import.parse::<Interface>(), export.parse::<Interface>()) {
        (Ok(import), Ok(export)) => export.meets(&import),
        _ => import == export,
    }
}

#[cfg(test)]
mod tests {
    use super::meets;

    #[test]
    fn names_and_versions_go_together_as_in_the_graph_of_imports() {
        for (import, export) in [("a:b/c@0.1.0", "a:b/c@0.1.3"), ("a:b/c@1.2.3", "a:b/c@1.9.0"), ("odd", "odd")] {
            assert!(meets(import, export), "{import} {export}");
        }
        for (import, export) in
            [("a:b/c@0.1.0", "a:b/c@0.2.0"), ("a:b/c@1.0.0", "a:b/d@1.0.0"), ("a:b/c@1.0", "a:b/c@1.0.0")]
        {
            assert!(!meets(import, export), "{import} {export}");
        }
    }
}
