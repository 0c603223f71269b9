//! The files that say which modules are integrated and which are orphans.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::document::{self, DocumentError};
use crate::id::{Digest, ModuleId};

/// The modules that are integrated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModuleMap {
    /// What is known of each.
    pub modules: BTreeMap<ModuleId, Integrated>,
}

/// A module that has passed and is in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with digest, group and since")]
pub struct Integrated {
    /// The bytes that passed.
    #[serde(deserialize_with = "text")]
    pub digest: Digest,
    /// The modules that it passed with, in the order of their workflow; none where it passed alone.
    #[serde(deserialize_with = "each_once")]
    pub group: Vec<ModuleId>,
    /// When it was integrated, in milliseconds since 1970.
    #[serde(rename = "since")]
    pub since_ms: u64,
}

/// The modules that nobody uses yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrphanModules {
    /// What is known of each.
    pub modules: BTreeMap<ModuleId, Orphan>,
}

/// A module that nobody uses yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with parents, redundant and a reason")]
pub struct Orphan {
    /// Those who import from it, in the order of their ids.
    #[serde(deserialize_with = "each_once")]
    pub parents: Vec<ModuleId>,
    /// Whether another does the same, so that it is neither tried nor integrated.
    pub redundant: bool,
    /// Why it is redundant, or why it is still an orphan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl ModuleMap {
    /// The name of the document's form. Its number goes up when older programs could not read it.
    pub const SCHEMA: &str = "holobiont.module-map/1";

    /// Reads `module_map.json`.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] for the first mistake, with its line.
    pub fn from_json(json: &str) -> Result<Self, DocumentError> {
        read(json, Self::SCHEMA).map(|modules| Self { modules })
    }

    /// The text of `module_map.json`: equal maps have equal texts.
    ///
    /// # Errors
    ///
    /// [`DocumentError::Syntax`] where it cannot be written, which no map comes to.
    pub fn to_json(&self) -> Result<String, DocumentError> {
        write(&self.modules, Self::SCHEMA)
    }
}

impl OrphanModules {
    /// The name of the document's form. Its number goes up when older programs could not read it.
    pub const SCHEMA: &str = "holobiont.orphan-modules/1";

    /// Reads `orphan_modules.json`.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] for the first mistake, with its line.
    pub fn from_json(json: &str) -> Result<Self, DocumentError> {
        read(json, Self::SCHEMA).map(|modules| Self { modules })
    }

    /// The text of `orphan_modules.json`: equal lists have equal texts.
    ///
    /// # Errors
    ///
    /// [`DocumentError::Syntax`] where it cannot be written, which no list comes to.
    pub fn to_json(&self) -> Result<String, DocumentError> {
        write(&self.modules, Self::SCHEMA)
    }
}

/// A document of either kind, borrowed where it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with schema and modules")]
struct Document<'a, T: Clone> {
    schema: Cow<'a, str>,
    #[serde(deserialize_with = "modules", bound(deserialize = "T: DeserializeOwned"))]
    modules: Cow<'a, BTreeMap<ModuleId, T>>,
}

fn read<T: Clone + DeserializeOwned>(
    json: &str,
    expected: &'static str,
) -> Result<BTreeMap<ModuleId, T>, DocumentError> {
    document::read::<Document<'_, T>>(json, expected).map(|document| document.modules.into_owned())
}

fn write<T: Clone + Serialize>(modules: &BTreeMap<ModuleId, T>, schema: &'static str) -> Result<String, DocumentError> {
    document::write(&Document { schema: schema.into(), modules: Cow::Borrowed(modules) })
}

/// A map in which no module is named twice: JSON would let the last one win.
fn modules<'de, 'a, D, T>(deserializer: D) -> Result<Cow<'a, BTreeMap<ModuleId, T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Clone + Deserialize<'de>,
{
    struct Modules<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Modules<T> {
        type Value = BTreeMap<ModuleId, T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object with a key for each module")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut modules = BTreeMap::new();
            while let Some(key) = map.next_key::<String>()? {
                let id = ModuleId::new(&key).map_err(A::Error::custom)?;
                if modules.contains_key(&id) {
                    return Err(A::Error::custom(twice(&id)));
                }
                modules.insert(id, map.next_value()?);
            }
            Ok(modules)
        }
    }

    deserializer.deserialize_map(Modules(PhantomData)).map(Cow::Owned)
}

/// A list in which no module is named twice.
fn each_once<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ModuleId>, D::Error> {
    struct List;

    impl<'de> Visitor<'de> for List {
        type Value = Vec<ModuleId>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of modules")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let (mut modules, mut seen) = (Vec::new(), BTreeSet::new());
            while let Some(id) = list.next_element_seed(Text::new(|id: &ModuleId| !seen.contains(id)))? {
                seen.insert(id.clone());
                modules.push(id);
            }
            Ok(modules)
        }
    }

    deserializer.deserialize_seq(List)
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
    Text::new(|_: &Digest| true).deserialize(deserializer)
}

fn twice(what: &impl fmt::Display) -> String {
    format!("`{what}` is there twice: keep one of them")
}

/// What is written as a text, and is there for the first time. It is made of the text at once, so that the reader
/// still knows the line.
struct Text<T, F> {
    is_new: F,
    what: PhantomData<T>,
}

impl<T, F: Fn(&T) -> bool> Text<T, F> {
    fn new(is_new: F) -> Self {
        Self { is_new, what: PhantomData }
    }
}

impl<'de, T, F> DeserializeSeed<'de> for Text<T, F>
where
    T: TryFrom<String, Error: fmt::Display> + fmt::Display,
    F: Fn(&T) -> bool,
{
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<T, F> Visitor<'_> for Text<T, F>
where
    T: TryFrom<String, Error: fmt::Display> + fmt::Display,
    F: Fn(&T) -> bool,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        let value = T::try_from(text.to_owned()).map_err(E::custom)?;
        if (self.is_new)(&value) { Ok(value) } else { Err(E::custom(twice(&value))) }
    }
}
