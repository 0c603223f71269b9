//! Who meets an import: found by names, before anything is compiled.

use std::sync::Arc;

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
    let (name, version) = split_version(import);
    let mut other_version = None;
    // The exports of a core module are functions, whatever they are called.
    for provider in others.iter().filter(|other| other.kind() != ModuleKind::CoreCommand) {
        for export in &provider.facts().exports {
            match split_version(export) {
                (base, theirs) if base == name && compatible(version, theirs) => {
                    return Ok(Some(Link {
                        import: import.to_owned(),
                        name: Arc::from(name),
                        provider: provider.clone(),
                        export: export.clone(),
                    }));
                }
                (base, _) if base == name => {
                    other_version.get_or_insert((provider, export));
                }
                _ => {}
            }
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

/// Whether an export, by its name and its version, meets an import.
pub(crate) fn meets(import: &str, export: &str) -> bool {
    let ((name, version), (base, theirs)) = (split_version(import), split_version(export));
    name == base && compatible(version, theirs)
}

/// Whether an export of one version meets an import of another: by the rule of semantic versions, under
/// which the first number that is not 0 must be the same.
fn compatible(import: &str, export: &str) -> bool {
    import == export || track(import).is_some_and(|import| track(export) == Some(import))
}

/// What versions that go together share. A version with more than three numbers in it goes with itself only.
fn track(version: &str) -> Option<[u64; 3]> {
    let numbers: Vec<u64> = version.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match *numbers.as_slice() {
        [0, 0, patch] => Some([0, 0, patch]),
        [0, minor, _] => Some([0, minor, 0]),
        [major, _, _] => Some([major, 0, 0]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_go_together_by_their_first_number() {
        for (import, export) in [
            ("0.1.0", "0.1.3"),
            ("0.1.3", "0.1.0"),
            ("1.2.3", "1.9.0"),
            ("", ""),
            ("0.0.3", "0.0.3"),
            ("1.0.0-rc", "1.0.0-rc"),
        ] {
            assert!(compatible(import, export), "{import} {export}");
        }
        for (import, export) in [
            ("0.1.0", "0.2.0"),
            ("0.1.0", "1.1.0"),
            ("1.0.0", "2.0.0"),
            ("0.0.3", "0.0.4"),
            ("", "0.1.0"),
            ("1.0.0-rc", "1.0.0"),
            ("1.0", "1.0.0"),
        ] {
            assert!(!compatible(import, export), "{import} {export}");
        }
    }
}
