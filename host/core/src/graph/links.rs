//! The `[link]` table: who meets an import, said by hand.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::interface::{Interface, Slot};
use crate::id::ModuleId;
use crate::text::printable;

/// Which module meets an import that several could meet: for one importer, or for all of them.
///
/// ```
/// # use holobiont_core::ModuleId;
/// # #[derive(serde::Deserialize)]
/// # struct Settings { link: holobiont_core::graph::Links }
/// let settings: Settings = toml::from_str(r#"
///     [link]
///     "acme:words/stems@0.1.0" = "m/stems.wasm"
///     [link."m/count.wasm"]
///     "acme:words/stems@0.1.0" = "m/fast_stems.wasm"
/// "#)?;
/// let (interface, other) = ("acme:words/stems@0.1.7".parse()?, ModuleId::new("m/other.wasm")?);
/// let module = settings.link.module_for(&other, &interface).ok_or("there is a row for all importers")?;
/// assert_eq!(module.as_str(), "m/stems.wasm");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// By interface, then by importer; those of everybody under none.
    rows: BTreeMap<Slot, BTreeMap<Option<ModuleId>, Link>>,
}

/// A row: who meets the import, and the interface as the row spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    interface: Interface,
    module: ModuleId,
}

/// A row whose interface another row speaks for, for the same importer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{interface}` is linked twice{}: versions that go together share one row, so keep one of them",
    importer.as_ref().map(|importer| format!(" for `{importer}`")).unwrap_or_default()
)]
pub struct LinkedTwice {
    /// The interface of the second row.
    pub interface: Interface,
    /// Whose import it is; of none in particular, everybody's.
    pub importer: Option<ModuleId>,
}

impl Links {
    /// Adds a row: the imports of `interface`, in any version that goes with the one given, are met by `module`; those
    /// of one importer, or of everybody who has no row of its own.
    ///
    /// # Errors
    ///
    /// [`LinkedTwice`] where there is such a row already.
    pub fn add(
        &mut self,
        importer: Option<ModuleId>,
        interface: &Interface,
        module: ModuleId,
    ) -> Result<(), LinkedTwice> {
        let rows = self.rows.entry(interface.slot().clone()).or_default();
        if rows.contains_key(&importer) {
            return Err(LinkedTwice { interface: interface.clone(), importer });
        }
        rows.insert(importer, Link { interface: interface.clone(), module });
        Ok(())
    }

    /// The module that is to meet an import, if a row says so: one of the importer's own before one of everybody's.
    #[must_use]
    pub fn module_for(&self, importer: &ModuleId, interface: &Interface) -> Option<&ModuleId> {
        let rows = self.rows.get(interface.slot())?;
        rows.get(&Some(importer.clone())).or_else(|| rows.get(&None)).map(|link| &link.module)
    }

    /// All rows: the importer, where it is that of one, the interface, and who meets it. Those of everybody come first
    /// among those of an interface.
    pub fn rows(&self) -> impl Iterator<Item = (Option<&ModuleId>, &Interface, &ModuleId)> {
        let rows = self.rows.values().flatten();
        rows.map(|(importer, link)| (importer.as_ref(), &link.interface, &link.module))
    }
}

impl<'de> Deserialize<'de> for Links {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Table)
    }
}

/// What a key of the table leads to.
enum Row {
    Module(ModuleId),
    Own(Vec<(Interface, ModuleId)>),
}

struct Table;

impl<'de> Visitor<'de> for Table {
    type Value = Links;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table from interfaces to modules")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Links, A::Error> {
        let mut links = Links::default();
        while let Some(key) = map.next_key::<String>()? {
            match map.next_value::<Row>()? {
                Row::Module(module) => {
                    links.add(None, &interface(&key)?, module).map_err(A::Error::custom)?;
                }
                Row::Own(rows) => {
                    let importer = ModuleId::new(&key).map_err(A::Error::custom)?;
                    for (interface, module) in rows {
                        links.add(Some(importer.clone()), &interface, module).map_err(A::Error::custom)?;
                    }
                }
            }
        }
        Ok(links)
    }
}

fn interface<E: serde::de::Error>(key: &str) -> Result<Interface, E> {
    key.parse().map_err(E::custom)
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a module, or a table from interfaces to modules")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Row, E> {
        module(text).map(Row::Module)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let mut rows = Vec::new();
        while let Some((key, text)) = map.next_entry::<String, String>()? {
            rows.push((interface(&key)?, module(&text)?));
        }
        Ok(Row::Own(rows))
    }
}

fn module<E: serde::de::Error>(text: &str) -> Result<ModuleId, E> {
    ModuleId::new(text).map_err(|e| E::custom(format_args!("`{}` is no module: {e}", printable(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Settings {
        link: Links,
    }

    fn read(rows: &str) -> Result<Links, String> {
        let text = format!("[link]\n{rows}");
        toml::from_str::<Settings>(&text).map(|s| s.link).map_err(|e| crate::toml_text::explain(&e, &text))
    }

    #[test]
    fn a_row_of_an_importer_beats_one_of_everybody() {
        let links = read(
            "\"a:b/c@1.0.0\" = \"m/one.wasm\"\n[link.\"m/漢字 x.wasm\"]\n\"a:b/c@1.2.0\" = \"m/two.wasm\"\n\
             \"a:b/d\" = \"m/three.wasm\"",
        )
        .expect("a good table");
        let find = |importer: &str, interface: &str| {
            let importer = ModuleId::new(importer).expect("an id");
            links.module_for(&importer, &interface.parse().expect("an interface")).map(ModuleId::as_str)
        };
        assert_eq!(find("m/漢字 x.wasm", "a:b/c@1.7.0"), Some("m/two.wasm"));
        assert_eq!(find("m/漢字 x.wasm", "a:b/d"), Some("m/three.wasm"));
        assert_eq!(find("m/y.wasm", "a:b/c@1.7.0"), Some("m/one.wasm"));
        assert_eq!(find("m/y.wasm", "a:b/d"), None);
        assert_eq!(find("m/y.wasm", "a:b/c@2.0.0"), None);
        assert_eq!(find("m/y.wasm", "a:b/c"), None);
        let rows: Vec<String> = links
            .rows()
            .map(|(importer, interface, module)| {
                format!("{}: {interface} {module}", importer.map_or("-", ModuleId::as_str))
            })
            .collect();
        let expected =
            ["-: a:b/c@1.0.0 m/one.wasm", "m/漢字 x.wasm: a:b/c@1.2.0 m/two.wasm", "m/漢字 x.wasm: a:b/d m/three.wasm"];
        assert_eq!(rows, expected);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let wrong = |rows: &str| read(rows).expect_err("a mistake");
        assert!(wrong("\"a:b\" = \"m.wasm\"").contains("`a:b` names no interface: expected"));
        assert!(wrong("\"a:b/c@1\" = \"m.wasm\"").contains("what follows `@` is not a version"));
        let words = wrong("\"a:b/c\" = \"m.wasm\"\n\"a:b/d\" = \"../m.wasm\"");
        assert!(words.starts_with("line 3: `../m.wasm` is no module: "), "{words}");
        let words = wrong("\"a:b/c@1.0.0\" = \"m.wasm\"\n\"a:b/c@1.1.0\" = \"n.wasm\"");
        assert!(words.contains("`a:b/c@1.1.0` is linked twice: versions that go together share one row"), "{words}");
        let words = wrong("[link.\"m.wasm\"]\n\"a:b/c@1.0.0\" = \"m.wasm\"\n\"a:b/c@1.1.0\" = \"n.wasm\"");
        assert!(words.contains("`a:b/c@1.1.0` is linked twice for `m.wasm`: "), "{words}");
        assert!(wrong("\"a:b/c\" = 3").contains("line 2: invalid type: integer `3`, expected a module, or a table"));
        assert!(wrong("[link.\"../m\"]\n\"a:b/c\" = \"m\"").contains("lies outside the repository"));
    }
}
