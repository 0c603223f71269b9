//! The presets: those built in, those of holobiont.toml, and what was made of them by what was measured.

use std::collections::BTreeMap;

use holobiont_core::{Environment, Limits, Preset, printable};

use super::{Origin, Settings, SettingsError, quantity, unknown};

impl Settings {
    /// Takes a preset from a flag.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Preset`] when there is none of that name.
    pub fn choose_preset(&mut self, name: &str, flag: &str) -> Result<(), SettingsError> {
        name.clone_into(&mut self.preset);
        self.origins.insert("run.preset", Origin::Flag(flag.to_owned()));
        self.chosen_preset(flag).map(|_| ())
    }

    /// How much a run under the chosen preset may use.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Preset`] when there is none of that name.
    pub fn limits(&self) -> Result<Limits, SettingsError> {
        self.chosen().map(Preset::run_limits)
    }

    /// The chosen preset.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Preset`] when there is none of that name.
    pub fn chosen(&self) -> Result<&Preset, SettingsError> {
        self.chosen_preset("preset")
    }

    /// The preset of a name.
    ///
    /// # Errors
    ///
    /// [`SettingsError::Preset`] when there is none.
    pub fn preset_named(&self, name: &str) -> Result<&Preset, SettingsError> {
        let wrong = |source| SettingsError::Preset { place: "preset".to_owned(), source };
        Preset::find(&self.presets, name).map_err(wrong)
    }

    pub(crate) fn chosen_preset(&self, place: &str) -> Result<&Preset, SettingsError> {
        Preset::find(&self.presets, &self.preset)
            .map_err(|source| SettingsError::Preset { place: place.to_owned(), source })
    }

    pub(super) fn add_preset(
        &mut self,
        name: String,
        mut table: BTreeMap<String, toml::Value>,
    ) -> Result<(), SettingsError> {
        let base = match table.remove("base") {
            None => "standard".to_owned(),
            Some(toml::Value::String(base)) => base,
            Some(_) => {
                return Err(SettingsError::Syntax(format!(
                    "[presets.{}] base: expected a preset's name",
                    printable(&name)
                )));
            }
        };
        let place = || format!("[presets.{}] base", printable(&name));
        let base =
            Preset::find(&self.presets, &base).map_err(|source| SettingsError::Preset { place: place(), source })?;
        let mut limits = base.limits.clone();
        let place = format!("presets.{}", printable(&name));
        // Names in capitals are those of an environment.
        let (keys, fields): (toml::Table, toml::Table) =
            table.into_iter().partition(|(key, _)| !key.contains(|c: char| c.is_ascii_lowercase()));
        for (key, value) in fields {
            let field = Limits::field(&key)
                .ok_or_else(|| unknown(&place, &key, Limits::FIELDS.iter().map(|field| field.name).chain(["base"])))?;
            (field.set)(&mut limits, quantity(&place, field.name, field.unit, &value)?);
        }
        let environment = Environment::from_toml_table(keys)
            .map_err(|source| SettingsError::Keys { place: place.clone(), source: Box::new(source) })?;
        let preset = Preset { limits, ..base.clone() }.within(&name, environment, self.cpu_fuel);
        self.presets.retain(|preset| preset.name != name);
        self.presets.push(preset);
        Ok(())
    }

    /// Takes presets that were generated or adapted: by name in place of those there were, whose other limits they keep.
    pub(crate) fn adopt(&mut self, environments: &[Environment]) {
        for environment in environments {
            let Some(name) = environment.name.clone() else { continue };
            let known = |name: &str| self.presets.iter().find(|preset| preset.name == *name);
            let Some(base) = known(&name).or_else(|| known("standard")) else { continue };
            let preset = base.within(&name, environment.clone(), self.cpu_fuel);
            self.presets.retain(|preset| preset.name != name);
            self.presets.push(preset);
            self.adopted.push(name);
        }
    }
}
