//! Every setting, and where its value came from: flag over environment over holobiont.toml over default.

mod autoscale;
mod discover;
mod engines;
mod presets;
mod self_test;
mod shown;

use std::collections::BTreeMap;

use holobiont_core::adapt::{AdaptConfig, RULES};
use holobiont_core::forecast::Method;
use holobiont_core::graph::Links;
use holobiont_core::{
    CompileLimits, Digest, Energy, Environment, EnvironmentError, Gate, Grants, Preset, Prices, QuantityError, Unit,
    UnknownPreset, explain_toml, nearest, printable,
};
use serde::Deserialize;

use self::autoscale::AutoscaleTable;
use self::discover::DiscoverTable;
use self::engines::EngineTable;

pub use self::autoscale::AutoscaleConfig;
pub use self::discover::DiscoverSettings;
pub use self::engines::EngineConfig;
pub use self::self_test::{SelfTestConfig, Switch};

/// Where a setting's value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// holobiont.toml.
    File,
    /// An environment variable, by name.
    Environment(String),
    /// What was measured, by way of presets.json in the folder of state.
    Adapted,
    /// A flag of the command line, by name.
    Flag(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File => f.write_str("holobiont.toml"),
            Self::Adapted => f.write_str("presets.json"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// One setting as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The key, with dots: `prices.per-call`.
    pub key: String,
    /// The value, as it would be written.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// All settings that hold in a project.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The presets, built in and from the file.
    pub presets: Vec<Preset>,
    /// The preset that is used when none is named.
    pub preset: String,
    /// The fuel of one unit of `CPU_LIMIT`.
    pub cpu_fuel: u64,
    /// The seed of runs.
    pub seed: u64,
    /// How many threads make runs; all cores where nobody says.
    pub threads: Option<usize>,
    /// The folder of state, relative to the project.
    pub data_dir: String,
    /// What runs cost.
    pub prices: Prices,
    /// What energy runs take.
    pub energy: Energy,
    /// What a group must show.
    pub gate: Gate,
    /// How much loading a module may cost.
    pub compile: CompileLimits,
    /// Whether floating-point results are made the same on every architecture.
    pub strict: bool,
    /// What modules may reach, by their digests: a changed module has no grants.
    pub grants: BTreeMap<Digest, Grants>,
    /// Where modules are looked for.
    pub discover: DiscoverSettings,
    /// Which module meets an import that several could meet.
    pub links: Links,
    /// How series are forecast.
    pub forecast_method: Method,
    /// What presets are adapted by.
    pub adapt: AdaptConfig,
    /// What self-tests take in.
    pub self_test: SelfTestConfig,
    /// The engines that the file names; [`Settings::engines_for`] says which there are.
    pub engines: Vec<EngineConfig>,
    /// By what `autonomous run` scales the engines; none where there is no table `[autoscale]`, and it leaves them as they
    /// are.
    pub autoscale: Option<AutoscaleConfig>,
    /// The memory that runs may hold at one time, in bytes.
    pub memory_budget_bytes: u64,
    /// The share of the newest ROI delta in the moving average, if the environment says one.
    ema_alpha: Option<f64>,
    /// Room for remembered outputs, in bytes.
    pub keep_output_bytes: u64,
    origins: BTreeMap<&'static str, Origin>,
    file_presets: Vec<String>,
    /// The presets that were adapted.
    adopted: Vec<String>,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file does not read.
    #[error("{0}")]
    Syntax(String),
    /// A table of limits has a key that is no limit.
    #[error("[{table}]: unknown key `{}`: {remedy}", printable(.key))]
    Key {
        /// The table: a preset, or `compile`.
        table: String,
        /// The key.
        key: String,
        /// What would be right.
        remedy: String,
    },
    /// A table of limits has a value that is no quantity.
    #[error("[{table}] {key}: {source}")]
    Value {
        /// The table: a preset, or `compile`.
        table: String,
        /// The key.
        key: String,
        /// What is wrong with the value.
        source: QuantityError,
    },
    /// A preset's keys do not make an environment.
    #[error("[{place}] {source}")]
    Keys {
        /// The preset's table.
        place: String,
        /// What is wrong.
        source: Box<EnvironmentError>,
    },
    /// A preset is built on one that does not exist, or chosen and does not.
    #[error("{place}: {source}")]
    Preset {
        /// Where it is named.
        place: String,
        /// Which, and what would be right.
        source: UnknownPreset,
    },
    /// A price below nothing.
    #[error("[prices] {0}: a price must be a finite number of at least 0")]
    Price(&'static str),
    /// A coefficient of energy below nothing.
    #[error("[energy] {0}: a coefficient must be a finite number of at least 0")]
    Energy(&'static str),
    /// A setting of adapting that cannot be.
    #[error("[adapt] {0}: it must be a finite number of at least 0, and `window` and `rest` at least 1")]
    Adapt(&'static str),
    /// A setting of discovery that cannot be.
    #[error("[discover] {key}: {reason}")]
    Discover {
        /// The key.
        key: &'static str,
        /// What is wrong, and what would be right.
        reason: String,
    },
    /// An engine that cannot be.
    #[error("[[engine]] {}: {key}: {remedy}", printable(.name))]
    Engine {
        /// Its name.
        name: String,
        /// The key.
        key: String,
        /// What would be right.
        remedy: String,
    },
    /// A value that cannot be.
    #[error("[{table}] {key}: it must be {remedy}")]
    Table {
        /// The table.
        table: &'static str,
        /// The key.
        key: &'static str,
        /// What would be right.
        remedy: &'static str,
    },
    /// An environment variable that does not parse.
    #[error("environment variable {name}: {reason}")]
    Environment {
        /// The variable.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A size that does not parse.
    #[error("[store] keep-outputs: {0}")]
    KeepOutputs(QuantityError),
    /// The memory that runs may hold is no size.
    #[error("[run] memory-budget: {0}")]
    MemoryBudget(QuantityError),
}

/// holobiont.toml, as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    run: RunTable,
    prices: Option<Prices>,
    energy: Option<Energy>,
    gate: Option<Gate>,
    presets: BTreeMap<String, BTreeMap<String, toml::Value>>,
    compile: BTreeMap<String, toml::Value>,
    grants: BTreeMap<Digest, Grants>,
    discover: DiscoverTable,
    link: Links,
    tracker: TrackerTable,
    adapt: Option<AdaptConfig>,
    self_test: Option<SelfTestConfig>,
    #[serde(rename = "engine")]
    engines: Vec<EngineTable>,
    autoscale: Option<AutoscaleTable>,
    store: StoreTable,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RunTable {
    preset: Option<String>,
    seed: Option<u64>,
    cpu_fuel: Option<std::num::NonZeroU64>,
    strict: Option<bool>,
    threads: Option<std::num::NonZeroUsize>,
    memory_budget: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct TrackerTable {
    forecast_method: Option<Method>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct StoreTable {
    data_dir: Option<String>,
    keep_outputs: Option<String>,
}

/// Remembered outputs: enough for thousands of small ones, little enough not to be noticed on a disk.
const KEEP_OUTPUT_BYTES: u64 = 256 << 20;

/// What runs may hold at one time: many of the preset `standard`, and what a small machine has.
const MEMORY_BUDGET_BYTES: u64 = 8 << 30;

impl Settings {
    /// Reads the settings of a file's text (empty for no file) under an environment.
    ///
    /// # Errors
    ///
    /// [`SettingsError`], which names the place and what would be right. A value that does not parse is
    /// an error, never a default.
    pub fn read(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let settings = Self::parse(text, env)?;
        settings.chosen_preset("[run] preset")?;
        Ok(settings)
    }

    /// The same before the preset that is chosen has to be there.
    pub(crate) fn parse(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let file: File = toml::from_str(text).map_err(|e| SettingsError::Syntax(explain_toml(&e, text)))?;
        let mut origins = BTreeMap::new();
        let mut from = |key, set: bool| {
            origins.insert(key, if set { Origin::File } else { Origin::Default });
        };
        from("run.preset", file.run.preset.is_some());
        from("run.cpu-fuel", file.run.cpu_fuel.is_some());
        from("run.seed", file.run.seed.is_some());
        from("run.strict", file.run.strict.is_some());
        from("run.threads", file.run.threads.is_some());
        from("run.memory-budget", file.run.memory_budget.is_some());
        from("autoscale", file.autoscale.is_some());
        from("grants", !file.grants.is_empty());
        from("discover.roots", file.discover.roots.is_some());
        from("discover.skip", file.discover.skip.is_some());
        from("discover.exclude", file.discover.exclude.is_some());
        from("store.data-dir", file.store.data_dir.is_some());
        from("store.keep-outputs", file.store.keep_outputs.is_some());
        from("tracker.forecast-method", file.tracker.forecast_method.is_some());
        from("prices", file.prices.is_some());
        from("energy", file.energy.is_some());
        from("gate", file.gate.is_some());
        from("adapt", file.adapt.is_some());
        from("self-test", file.self_test.is_some());
        let prices = file.prices.unwrap_or_default();
        if let Some(key) = prices.invalid() {
            return Err(SettingsError::Price(key));
        }
        let energy = file.energy.unwrap_or_default();
        if let Some(key) = energy.invalid() {
            return Err(SettingsError::Energy(key));
        }
        let cpu_fuel = file.run.cpu_fuel.map_or(Environment::CPU_FUEL, u64::from);
        let adapt = AdaptConfig { cpu_fuel: cpu_fuel as f64, ..file.adapt.unwrap_or_default() };
        if let Some(key) = adapt.invalid() {
            return Err(SettingsError::Adapt(key));
        }
        let known = |name: &&String| RULES.iter().any(|rule| rule.metric == name.as_str());
        if let Some(name) = adapt.bands.keys().find(|name| !known(name)) {
            return Err(unknown("adapt.bands", name, RULES.iter().map(|rule| rule.metric)));
        }
        let self_test = file.self_test.unwrap_or_default();
        if let Some((key, remedy)) = self_test.invalid() {
            return Err(SettingsError::Table { table: "self-test", key, remedy });
        }
        let keep_output_bytes = match &file.store.keep_outputs {
            None => KEEP_OUTPUT_BYTES,
            Some(text) => holobiont_core::parse_bytes(text).map_err(SettingsError::KeepOutputs)?,
        };
        let memory_budget_bytes = match &file.run.memory_budget {
            None => MEMORY_BUDGET_BYTES,
            Some(text) => holobiont_core::parse_bytes(text).map_err(SettingsError::MemoryBudget)?,
        };
        let mut settings = Self {
            presets: Preset::builtin(),
            preset: file.run.preset.unwrap_or_else(|| "standard".to_owned()),
            cpu_fuel,
            seed: file.run.seed.unwrap_or(0),
            threads: file.run.threads.map(usize::from),
            data_dir: file.store.data_dir.unwrap_or_else(|| "sandbox_data".to_owned()),
            prices,
            energy,
            gate: file.gate.unwrap_or_default(),
            compile: CompileLimits::default(),
            strict: file.run.strict.unwrap_or(false),
            grants: file.grants,
            discover: file.discover.settings()?,
            links: file.link,
            forecast_method: file.tracker.forecast_method.unwrap_or_default(),
            adapt,
            self_test,
            engines: engines::engines(file.engines)?,
            autoscale: file.autoscale.map(AutoscaleTable::config).transpose()?,
            memory_budget_bytes,
            ema_alpha: None,
            keep_output_bytes,
            origins,
            file_presets: file.presets.keys().cloned().collect(),
            adopted: Vec::new(),
        };
        for (name, table) in file.presets {
            settings.add_preset(name, table)?;
        }
        for (key, value) in file.compile {
            let known = CompileLimits::field(&key).map(|field| (field.unit, field.set, field.name));
            let (unit, set, name) =
                known.ok_or_else(|| unknown("compile", &key, CompileLimits::FIELDS.iter().map(|field| field.name)))?;
            set(&mut settings.compile, quantity("compile", name, unit, &value)?);
            settings.origins.insert(name, Origin::File);
        }
        if let Some(dir) = env("SANDBOX_DATA_DIR") {
            if dir.is_empty() {
                let reason = "it is empty; give a folder, or unset it".to_owned();
                return Err(SettingsError::Environment { name: "SANDBOX_DATA_DIR", reason });
            }
            settings.data_dir = dir;
            settings.origins.insert("store.data-dir", Origin::Environment("SANDBOX_DATA_DIR".to_owned()));
        }
        settings.gate_from(env)?;
        settings.method_from(env)?;
        settings.switches_from(env)?;
        settings.alpha_from(env)?;
        Ok(settings)
    }

    /// Takes the thresholds of the gate from the environment.
    fn gate_from(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), SettingsError> {
        let thresholds = [
            ("SELF_TEST_SYNERGY_THRESHOLD", "gate.synergy-threshold", &mut self.gate.synergy_threshold),
            ("SELF_TEST_ROI_THRESHOLD", "gate.roi-threshold", &mut self.gate.roi_threshold),
        ];
        for (name, key, threshold) in thresholds {
            let Some(text) = env(name) else { continue };
            let wrong = || format!("`{}` is not a number, such as 0.05", printable(&text));
            *threshold = text
                .trim()
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
                .ok_or_else(|| SettingsError::Environment { name, reason: wrong() })?;
            self.origins.insert(key, Origin::Environment(name.to_owned()));
        }
        match self.gate.invalid() {
            None => Ok(()),
            Some((key, remedy)) => Err(SettingsError::Table { table: "gate", key, remedy }),
        }
    }

    /// Takes the way of forecasting from the environment.
    fn method_from(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), SettingsError> {
        const NAME: &str = "SYNERGY_FORECAST_METHOD";
        let Some(text) = env(NAME) else { return Ok(()) };
        self.forecast_method = text.trim().parse().map_err(|_| {
            let names: Vec<&str> = Method::ALL.iter().map(<&str>::from).collect();
            let reason = format!("`{}` is no way of forecasting: there are {}", printable(&text), names.join(", "));
            SettingsError::Environment { name: NAME, reason }
        })?;
        self.origins.insert("tracker.forecast-method", Origin::Environment(NAME.to_owned()));
        Ok(())
    }

    /// Takes a seed from a flag.
    pub fn choose_seed(&mut self, seed: u64, flag: &str) {
        self.seed = seed;
        self.origins.insert("run.seed", Origin::Flag(flag.to_owned()));
    }

    /// Takes strict mode from a flag.
    pub fn choose_strict(&mut self, flag: &str) {
        self.strict = true;
        self.origins.insert("run.strict", Origin::Flag(flag.to_owned()));
    }

    /// How many threads make runs.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
    }
}

/// A key of a table of limits that there is not, with the nearest that there is.
fn unknown(table: &str, key: &str, names: impl Iterator<Item = &'static str> + Clone) -> SettingsError {
    let remedy = match nearest(key, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known keys are {}", names.collect::<Vec<_>>().join(", ")),
    };
    SettingsError::Key { table: table.to_owned(), key: key.to_owned(), remedy }
}

/// A value of a table of limits: a number, or text with a unit.
fn quantity(table: &str, key: &str, unit: Unit, value: &toml::Value) -> Result<u64, SettingsError> {
    let text = match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    unit.parse(&text).map_err(|source| SettingsError::Value { table: table.to_owned(), key: key.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, SettingsError> {
        Settings::read(text, &|_| None)
    }

    #[test]
    fn typos_are_named_with_the_nearest_key() {
        let say = |text: &str| read(text).expect_err("a typo").to_string();
        assert_eq!(say("[rum]\npreset = \"tight\""), "line 1: unknown key `rum`: did you mean `run`?");
        assert_eq!(say("[run]\nprest = \"tight\""), "line 2: unknown key `prest`: did you mean `preset`?");
        assert_eq!(
            say("[presets.mine]\nmemroy = \"1MiB\""),
            "[presets.mine]: unknown key `memroy`: did you mean `memory`?"
        );
        assert_eq!(say("[run]\npreset = \"tigth\""), "[run] preset: no preset `tigth`: did you mean `tight`?");
        assert_eq!(
            say("[compile]\ncompile-tme = 1"),
            "[compile]: unknown key `compile-tme`: did you mean `compile-time`?"
        );
        assert!(say("[presets.mine]\nmemory = \"much\"").contains("is not a size"));
        assert!(say("[prices]\nper-call = -1.0").contains("at least 0"));
        assert!(say("[run]\nseed = \"x\"").starts_with("line 2: "));
    }

    #[test]
    fn presets_build_on_others() {
        let settings =
            read("[run]\npreset = \"mine\"\n[presets.mine]\nbase = \"tight\"\nfuel = 7\ntime = \"3s\"").expect("good");
        let limits = settings.limits().expect("chosen");
        assert_eq!((limits.fuel, limits.time_ns, limits.memory_bytes), (7, 3_000_000_000, 2 << 20));
    }

    #[test]
    fn the_environment_beats_the_file_and_a_flag_beats_both() {
        let env = |name: &str| (name == "SANDBOX_DATA_DIR").then(|| "elsewhere".to_owned());
        let mut settings = Settings::read("[store]\ndata-dir = \"here\"\n[run]\nseed = 3", &env).expect("good");
        settings.choose_seed(4, "--seed");
        let all = settings.all();
        let of = |key: &str| all.iter().find(|s| s.key == key).map(|s| (s.value.as_str(), s.origin.to_string()));
        assert_eq!(of("store.data-dir"), Some(("elsewhere", "environment SANDBOX_DATA_DIR".to_owned())));
        assert_eq!(of("run.seed"), Some(("4", "flag --seed".to_owned())));
        assert_eq!(of("run.preset"), Some(("standard", "default".to_owned())));
        assert!(Settings::read("", &|_| Some(String::new())).is_err(), "an empty folder is no folder");
    }
}
