//! How many engines there should be: the table `[autoscale]`.

use holobiont_core::cycle::Autoscale;
use holobiont_core::parse_duration_ns;
use serde::Deserialize;

use super::SettingsError;

/// By what engines are scaled.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AutoscaleConfig {
    /// The rules.
    pub rules: Autoscale,
    /// How well off the project is, from 0 to 1; where nobody says, by what its engines earned.
    pub capital: Option<f64>,
}

/// The table as it is written: the rules, but with a duration as people write one.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AutoscaleTable {
    capital: Option<f64>,
    cool_down: Option<String>,
    create_energy: Option<f64>,
    remove_energy: Option<f64>,
    roi_threshold: Option<f64>,
    band: Option<f64>,
    cost_per_engine: Option<f64>,
    min_engines: Option<usize>,
    max_engines: Option<usize>,
    signals: Option<u32>,
}

impl AutoscaleTable {
    pub(super) fn config(self) -> Result<AutoscaleConfig, SettingsError> {
        let wrong = |key, remedy| SettingsError::Table { table: "autoscale", key, remedy };
        let mut rules = Autoscale::default();
        if let Some(text) = &self.cool_down {
            let ns = parse_duration_ns(text).map_err(|_| wrong("cool-down", "a duration, such as 1h"))?;
            rules.cool_down_ms = ns / 1_000_000;
        }
        rules.create_energy = self.create_energy.unwrap_or(rules.create_energy);
        rules.remove_energy = self.remove_energy.unwrap_or(rules.remove_energy);
        rules.roi_threshold = self.roi_threshold.unwrap_or(rules.roi_threshold);
        rules.band = self.band.unwrap_or(rules.band);
        rules.cost_per_engine = self.cost_per_engine.unwrap_or(rules.cost_per_engine);
        rules.min_engines = self.min_engines.unwrap_or(rules.min_engines);
        rules.max_engines = self.max_engines.unwrap_or(rules.max_engines);
        rules.signals = self.signals.unwrap_or(rules.signals);
        if let Some((key, remedy)) = rules.invalid() {
            return Err(wrong(key, remedy));
        }
        if self.capital.is_some_and(|capital| !(0.0..=1.0).contains(&capital)) {
            return Err(wrong("capital", "a number from 0 to 1"));
        }
        Ok(AutoscaleConfig { rules, capital: self.capital })
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::Settings;

    #[test]
    fn the_table_is_the_rules_and_mistakes_are_named() {
        let read = |text: &str| Settings::read(text, &|_| None);
        assert_eq!(read("").expect("settings").autoscale, None);
        let config = read("[autoscale]\ncapital = 0.9\ncool-down = \"90s\"\nmax-engines = 3").expect("settings");
        let config = config.autoscale.expect("a table");
        assert_eq!((config.capital, config.rules.cool_down_ms, config.rules.max_engines), (Some(0.9), 90_000, 3));
        let say = |text: &str| read(&format!("[autoscale]\n{text}")).expect_err("wrong").to_string();
        assert!(say("capital = 1.5").contains("capital"), "{}", say("capital = 1.5"));
        assert!(say("cool-down = \"soon\"").contains("a duration, such as 1h"));
        assert!(say("remove-energy = 0.9").contains("less than create-energy"));
        assert!(say("max-engine = 3").contains("did you mean `max-engines`?"));
    }
}
