//! Named environments.

use serde::{Deserialize, Serialize};

use crate::limits::Limits;
use crate::suggest::nearest;

/// A named environment for runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Preset {
    /// Its name.
    pub name: String,
    /// How much a run under it may use.
    pub limits: Limits,
}

/// A preset that does not exist.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("no preset `{}`: {}", crate::printable(.name), .remedy)]
pub struct UnknownPreset {
    /// The name that was asked for.
    pub name: String,
    /// What would be right.
    pub remedy: String,
}

impl Preset {
    /// The presets that every host has: `tight` for small jobs and for testing limits, `standard` for
    /// compiled languages, `wide` for large inputs, `interpreter` for guests that bring a language
    /// runtime along (a JavaScript or Python guest uses about 150 times the fuel of a Rust one).
    #[must_use]
    pub fn builtin() -> Vec<Self> {
        let standard = Limits::default();
        let preset = |name: &str, limits: Limits| Self { name: name.to_owned(), limits };
        vec![
            preset(
                "tight",
                Limits {
                    fuel: 50_000_000,
                    memory_bytes: 2 << 20,
                    time_ns: 100_000_000,
                    output_bytes: 1 << 20,
                    log_bytes: 64 << 10,
                    disk_bytes: 1 << 20,
                    ..standard.clone()
                },
            ),
            preset(
                "wide",
                Limits {
                    fuel: 20_000_000_000,
                    memory_bytes: 512 << 20,
                    time_ns: 30_000_000_000,
                    wall_time_ns: 60_000_000_000,
                    output_bytes: 64 << 20,
                    log_bytes: 4 << 20,
                    disk_bytes: 256 << 20,
                    host_data_bytes: 1 << 30,
                    ..standard.clone()
                },
            ),
            preset(
                "interpreter",
                Limits {
                    fuel: 20_000_000_000,
                    memory_bytes: 256 << 20,
                    time_ns: 30_000_000_000,
                    wall_time_ns: 60_000_000_000,
                    ..standard.clone()
                },
            ),
            preset("standard", standard),
        ]
    }

    /// The preset of a name among several.
    ///
    /// # Errors
    ///
    /// [`UnknownPreset`] with the nearest name, or all of them.
    pub fn find<'a>(presets: &'a [Self], name: &str) -> Result<&'a Self, UnknownPreset> {
        presets.iter().find(|preset| preset.name == name).ok_or_else(|| {
            let shown: Vec<String> = presets.iter().map(|preset| crate::printable(&preset.name)).collect();
            let names = shown.iter().map(String::as_str);
            let remedy = match nearest(name, names.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", names.collect::<Vec<_>>().join(", ")),
            };
            UnknownPreset { name: name.to_owned(), remedy }
        })
    }
}
