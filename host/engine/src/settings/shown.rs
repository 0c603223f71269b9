//! Every setting as it is shown.

use holobiont_core::adapt::AdaptConfig;
use holobiont_core::cycle::EngineState;
use holobiont_core::{CompileLimits, Energy, Gate, Limits, ModuleId, Preset, Prices, duration_text};

use super::{AutoscaleConfig, DiscoverSettings, Origin, SelfTestConfig, Setting, Settings, Switch};

impl Settings {
    /// Every setting, in order of the keys, presets last.
    #[must_use]
    pub fn all(&self) -> Vec<Setting> {
        let origin = |key: &str| self.origins.get(key).cloned().unwrap_or(Origin::Default);
        let setting = |key: &str, value: String, origin: Origin| Setting { key: key.to_owned(), value, origin };
        let Prices { per_call, per_gigafuel, per_mib_second, per_mib_moved } = &self.prices;
        let Energy { joules_per_gigafuel, joules_per_mib_moved, joules_per_mib_second } = &self.energy;
        let Gate { synergy_threshold, roi_threshold, level, false_positive_target } = &self.gate;
        let AdaptConfig { bands, cpu_fuel: _, headroom, upper_share, window, rest, need_weight, agent, agent_weight } =
            &self.adapt;
        let DiscoverSettings { roots, skip, exclude } = &self.discover;
        let gate = |key: &'static str| self.origins.get(key).cloned().unwrap_or_else(|| origin("gate"));
        let mut all = vec![
            setting("adapt.agent", agent.to_string(), origin("adapt")),
            setting("adapt.agent-weight", agent_weight.to_string(), origin("adapt")),
            setting("adapt.headroom", headroom.to_string(), origin("adapt")),
            setting("adapt.need-weight", need_weight.to_string(), origin("adapt")),
            setting("adapt.rest", rest.to_string(), origin("adapt")),
            setting("adapt.upper-share", upper_share.to_string(), origin("adapt")),
            setting("adapt.window", window.to_string(), origin("adapt")),
            setting("discover.exclude", list(exclude.iter().map(ModuleId::as_str)), origin("discover.exclude")),
            setting("discover.roots", list(roots.iter().map(String::as_str)), origin("discover.roots")),
            setting("discover.skip", list(skip.iter().map(String::as_str)), origin("discover.skip")),
            setting("energy.joules-per-gigafuel", joules_per_gigafuel.to_string(), origin("energy")),
            setting("energy.joules-per-mib-moved", joules_per_mib_moved.to_string(), origin("energy")),
            setting("energy.joules-per-mib-second", joules_per_mib_second.to_string(), origin("energy")),
            setting(
                "gate.false-positive-target",
                false_positive_target.to_string(),
                gate("gate.false-positive-target"),
            ),
            setting("gate.level", level.to_string(), gate("gate.level")),
            setting("gate.roi-threshold", roi_threshold.to_string(), gate("gate.roi-threshold")),
            setting("gate.synergy-threshold", synergy_threshold.to_string(), gate("gate.synergy-threshold")),
            setting("prices.per-call", per_call.to_string(), origin("prices")),
            setting("prices.per-gigafuel", per_gigafuel.to_string(), origin("prices")),
            setting("prices.per-mib-moved", per_mib_moved.to_string(), origin("prices")),
            setting("prices.per-mib-second", per_mib_second.to_string(), origin("prices")),
            setting("run.cpu-fuel", self.cpu_fuel.to_string(), origin("run.cpu-fuel")),
            setting(
                "run.memory-budget",
                holobiont_core::bytes_text(self.memory_budget_bytes),
                origin("run.memory-budget"),
            ),
            setting("run.preset", self.preset.clone(), origin("run.preset")),
            setting("run.seed", self.seed.to_string(), origin("run.seed")),
            setting("run.strict", self.strict.to_string(), origin("run.strict")),
            setting("run.threads", self.threads().to_string(), origin("run.threads")),
            setting("store.data-dir", self.data_dir.clone(), origin("store.data-dir")),
            setting(
                "store.keep-outputs",
                holobiont_core::bytes_text(self.keep_output_bytes),
                origin("store.keep-outputs"),
            ),
            setting("tracker.forecast-method", self.forecast_method.to_string(), origin("tracker.forecast-method")),
        ];
        let SelfTestConfig { most_incident_weight, audit_share, .. } = &self.self_test;
        let switched = |key: &'static str| self.origins.get(key).cloned().unwrap_or_else(|| origin("self-test"));
        all.push(setting("self-test.audit-share", audit_share.to_string(), origin("self-test")));
        all.push(setting("self-test.most-incident-weight", most_incident_weight.to_string(), origin("self-test")));
        for switch in Switch::ALL {
            all.push(setting(switch.key(), switch.of(&self.self_test).to_string(), switched(switch.key())));
        }
        for (metric, band) in bands {
            all.push(setting(&format!("adapt.bands.{metric}"), band.to_string(), origin("adapt")));
        }
        all.extend(self.autoscale.iter().flat_map(|config| {
            let AutoscaleConfig { rules, capital } = config;
            let own = |key: &str, value: String| setting(&format!("autoscale.{key}"), value, origin("autoscale"));
            let capital = capital.map(|capital| own("capital", capital.to_string()));
            [
                own("band", rules.band.to_string()),
                own("cool-down", duration_text(rules.cool_down_ms.saturating_mul(1_000_000))),
                own("cost-per-engine", rules.cost_per_engine.to_string()),
                own("create-energy", rules.create_energy.to_string()),
                own("max-engines", rules.max_engines.to_string()),
                own("min-engines", rules.min_engines.to_string()),
                own("remove-energy", rules.remove_energy.to_string()),
                own("roi-threshold", rules.roi_threshold.to_string()),
                own("signals", rules.signals.to_string()),
            ]
            .into_iter()
            .chain(capital)
            .collect::<Vec<_>>()
        }));
        for engine in &self.engines {
            let mut own = |key: &str, value: String| {
                all.push(setting(&format!("engine.{}.{key}", engine.name), value, Origin::File));
            };
            own("adapt", engine.adapt.to_string());
            own("energy-fuel", engine.energy_fuel.to_string());
            own("energy-price", engine.energy_price.to_string());
            own("interval", duration_text(engine.trigger.interval_ms.saturating_mul(1_000_000)));
            own("policy", engine.policy.strategy.to_string());
            own("rest-threshold", engine.rest_threshold.to_string());
            own("self-test", engine.self_test.to_string());
            own("workflow", engine.workflow.clone());
            if let Some(capital) = engine.capital {
                own("capital", capital.to_string());
            }
            if let Some(patcher) = &engine.patcher {
                own("patcher", patcher.to_string());
            }
        }
        let alpha = self.ema_alpha.unwrap_or(EngineState::ALPHA);
        all.push(setting("engine.ema-alpha", alpha.to_string(), origin("engine.ema-alpha")));
        for (digest, grants) in &self.grants {
            all.push(setting(&format!("grants.{digest}"), grants.to_string(), origin("grants")));
        }
        for (importer, interface, module) in self.links.rows() {
            let importer = importer.map_or_else(String::new, |importer| format!("{importer}."));
            all.push(setting(&format!("link.{importer}{interface}"), module.to_string(), Origin::File));
        }
        for field in CompileLimits::FIELDS {
            let key = format!("compile.{}", field.name);
            all.push(setting(&key, field.unit.text((field.get)(&self.compile)), origin(field.name)));
        }
        let mut presets: Vec<&Preset> = self.presets.iter().collect();
        presets.sort_by(|a, b| a.name.cmp(&b.name));
        for preset in presets {
            let origin = if self.adopted.contains(&preset.name) {
                Origin::Adapted
            } else if self.file_presets.contains(&preset.name) {
                Origin::File
            } else {
                Origin::Default
            };
            for field in Limits::FIELDS {
                let key = format!("presets.{}.{}", preset.name, field.name);
                all.push(setting(&key, field.unit.text((field.get)(&preset.limits)), origin.clone()));
            }
        }
        all
    }
}

/// Texts as an array of TOML.
fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    toml::Value::from(texts.into_iter().collect::<Vec<_>>()).to_string()
}
