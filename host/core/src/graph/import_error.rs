//! Why an import is met by nobody, in one line.

use super::interface::Interface;
use crate::id::ModuleId;
use crate::outcome::one_line;

/// The most modules that a line names.
const MOST_NAMED: usize = 12;

/// Why no module meets an import.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// Its name is none that a module could export.
    #[error("`{importer}` imports `{}`, which the host does not offer and no module can: it names no interface", one_line(.import))]
    NoInterface {
        /// Who imports it.
        importer: ModuleId,
        /// The name.
        import: String,
    },
    /// Nobody exports it.
    #[error("`{importer}` imports `{import}`, which no other module exports{}", other_version(.other.as_ref()))]
    Missing {
        /// Who imports it.
        importer: ModuleId,
        /// The interface.
        import: Interface,
        /// Somebody who exports it in a version that does not go with it.
        other: Option<(ModuleId, Interface)>,
    },
    /// More than one module exports it, and nothing says which it is to be.
    #[error(
        "`{importer}` imports `{import}`, which {} modules export: {}; say in [link] which it is to be{}",
        .candidates.len(), named(.candidates), example(.importer, .import, .candidates)
    )]
    Ambiguous {
        /// Who imports it.
        importer: ModuleId,
        /// The interface.
        import: Interface,
        /// Those who export it.
        candidates: Vec<ModuleId>,
    },
    /// The module that `[link]` names does not export it.
    #[error(
        "[link] names `{module}` for `{import}`, which `{importer}` imports and that module does not export{}",
        those_who_do(.candidates)
    )]
    Astray {
        /// Who imports it.
        importer: ModuleId,
        /// The interface.
        import: Interface,
        /// Who was named.
        module: ModuleId,
        /// Those who export it.
        candidates: Vec<ModuleId>,
    },
}

impl ImportError {
    /// Who imports it.
    #[must_use]
    pub fn importer(&self) -> &ModuleId {
        match self {
            Self::NoInterface { importer, .. }
            | Self::Missing { importer, .. }
            | Self::Ambiguous { importer, .. }
            | Self::Astray { importer, .. } => importer,
        }
    }
}

fn other_version(other: Option<&(ModuleId, Interface)>) -> String {
    other.map_or_else(String::new, |(module, interface)| {
        format!("; `{module}` exports `{interface}`, which does not go with that version")
    })
}

fn named(modules: &[ModuleId]) -> String {
    let mut words: Vec<String> = modules.iter().take(MOST_NAMED).map(|module| format!("`{module}`")).collect();
    if let Some(more) = modules.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}

/// A row that decides whatever the table says to everybody.
fn example(importer: &ModuleId, import: &Interface, candidates: &[ModuleId]) -> String {
    let row = |module| format!(", as in \"{importer}\" = {{ \"{import}\" = \"{module}\" }}");
    candidates.first().map_or_else(String::new, row)
}

fn those_who_do(candidates: &[ModuleId]) -> String {
    if candidates.is_empty() {
        ", nor does any other".to_owned()
    } else {
        format!("; it is exported by {}", named(candidates))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(count: usize) -> Vec<ModuleId> {
        (0..count).map(|n| ModuleId::new(&format!("m/{n:02}.wasm")).expect("an id")).collect()
    }

    #[test]
    fn each_says_what_where_and_what_would_be_right() {
        let importer = ModuleId::new("m/ein Wort.wasm").expect("an id");
        let import: Interface = "a:b/c@1.0.0".parse().expect("an interface");
        let ambiguous = |count| {
            let (importer, import) = (importer.clone(), import.clone());
            ImportError::Ambiguous { importer, import, candidates: ids(count) }.to_string()
        };
        assert_eq!(
            ambiguous(2),
            "`m/ein Wort.wasm` imports `a:b/c@1.0.0`, which 2 modules export: `m/00.wasm`, `m/01.wasm`; say in [link] \
             which it is to be, as in \"m/ein Wort.wasm\" = { \"a:b/c@1.0.0\" = \"m/00.wasm\" }"
        );
        assert!(ambiguous(12).contains(", `m/11.wasm`; say"));
        assert!(ambiguous(5000).contains(", `m/11.wasm`, 4988 more; say"));
        let missing =
            |other| ImportError::Missing { importer: importer.clone(), import: import.clone(), other }.to_string();
        assert_eq!(missing(None), "`m/ein Wort.wasm` imports `a:b/c@1.0.0`, which no other module exports");
        let other = (importer.clone(), "a:b/c@2.0.0".parse().expect("an interface"));
        assert!(
            missing(Some(other))
                .ends_with("; `m/ein Wort.wasm` exports `a:b/c@2.0.0`, which does not go with that version")
        );
        let no_interface = ImportError::NoInterface { importer: importer.clone(), import: "run\n\u{1b}[2J".into() };
        assert!(no_interface.to_string().contains("`run\\n\\u{1b}[2J`"));
        let module = importer.clone();
        let astray = ImportError::Astray { importer, import, module, candidates: ids(1) };
        assert!(astray.to_string().ends_with("that module does not export; it is exported by `m/00.wasm`"));
    }
}
