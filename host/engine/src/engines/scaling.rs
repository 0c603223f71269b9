//! How many engines there are: autoscaling of a registry, and what of it is remembered.

use std::collections::BTreeSet;

use holobiont_core::cycle::{Autoscale, Load, MetaLog, ScaleState, Scaling, earned_share, long_term_trend};
use serde::{Deserialize, Serialize};

use super::registry::Registry;
use super::{Engine, EngineError};
use crate::history::{append, events};
use crate::settings::EngineConfig;
use crate::store::Store;

/// The kind of event that a decision is, and what it happens to.
pub(crate) const SCALED: &str = "scaled";
const ENGINES: &str = "engines";

/// What an autoscaling went by and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Scaled {
    /// [`Scaled::SCHEMA`].
    pub schema: String,
    /// What was to be done.
    pub scaling: Scaling,
    /// Whether it was approved; what is left as it is needs no approval.
    pub approved: bool,
    /// How well off the project was, from 0 to 1; none where nobody said and no engine had earned anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capital: Option<f64>,
    /// Where returns were going in the long term.
    pub trend: f64,
    /// The engines that autoscaling has made and not removed since.
    pub made: Vec<EngineMade>,
    /// The engines of the settings that it has removed.
    pub removed: Vec<String>,
    /// What the next decision goes on from.
    pub state: String,
}

impl Scaled {
    /// The schema that this program writes.
    pub const SCHEMA: &str = "holobiont.scaled/1";
}

/// An engine that autoscaling has made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EngineMade {
    /// Its name.
    pub name: String,
    /// Its workflow.
    pub workflow: String,
    /// The engine whose settings it has; none where it has those that an engine has of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub like: Option<String>,
}

/// What makes an engine of a name.
pub type Factory<'a, E> = dyn FnMut(&str) -> Result<Engine, E> + 'a;

/// Says whether something may be done.
pub type Approve<'a, E> = dyn FnMut(&Scaling) -> Result<bool, E> + 'a;

impl Registry {
    /// One engine more or less, or neither, by how well off the project is (by default by what its engines earned) and where
    /// their returns are going. No engine has a turn meanwhile, so one that is removed has ended its last; it is handed
    /// back with what it remembers. The state counts what was decided, whether it was approved or not.
    ///
    /// # Errors
    ///
    /// Those of the factory and the approval. The engines are the same then.
    pub fn autoscale<E: From<EngineError>>(
        &mut self,
        (scale, state): (&Autoscale, &mut ScaleState),
        capital: Option<f64>,
        now_ms: u64,
        factory: &mut Factory<'_, E>,
        approve: &mut Approve<'_, E>,
    ) -> Result<(Scaling, bool, Option<Engine>), E> {
        let (capital, trend) = (capital.or_else(|| self.earned_share()), self.trend());
        let engines = self.ranked();
        let Some(capital) = capital else {
            let because = "nobody says what capital there is, and no engine has earned anything yet".to_owned();
            return Ok((Scaling::Stay { because }, true, None));
        };
        let scaling = scale.decide(state, &Load { capital, trend, engines: &engines }, now_ms);
        if matches!(scaling, Scaling::Stay { .. }) {
            return Ok((scaling, true, None));
        }
        if !approve(&scaling)? {
            state.refused(now_ms);
            return Ok((scaling, false, None));
        }
        let mut removed = None;
        match &scaling {
            Scaling::Add { name, .. } => {
                if !self.register(factory(name)?) {
                    return Err(wrong(&format!("there is an engine {name} already")).into());
                }
            }
            Scaling::Remove { name, .. } => removed = self.unregister(name),
            Scaling::Stay { .. } => {}
        }
        state.changed(&scaling, now_ms);
        Ok((scaling, true, removed))
    }

    /// The share of what was earned in all that changed hands in the last cycles that ran.
    #[must_use]
    pub fn earned_share(&self) -> Option<f64> {
        let (mut value, mut cost) = (0.0, 0.0);
        self.each(|engine| {
            // Not of the last turn, which its policy may have skipped.
            let work = engine.past.work;
            (value, cost) = (value + work.value, cost + work.cost);
        });
        earned_share(value, cost)
    }

    /// The mean of where the returns of engines are going; 0 of none.
    #[must_use]
    pub fn trend(&self) -> f64 {
        let mut trends = Vec::new();
        self.each(|engine| {
            if engine.past.levels.len() > 1 {
                trends.push(long_term_trend(&engine.past.levels));
            }
        });
        // From 0, since the sum of nothing is -0.
        trends.iter().fold(0.0, |sum, trend| sum + trend) / trends.len().max(1) as f64
    }

    /// The engines in the order in which they came, each with what it brought.
    fn ranked(&self) -> Vec<holobiont_core::Ranked> {
        let (mut log, mut names) = (MetaLog::default(), Vec::new());
        self.each(|engine| {
            names.push(engine.name().to_owned());
            for delta in engine.state().roi_deltas() {
                // A state holds finite numbers only.
                let _ = log.record(&[engine.name()], *delta);
            }
        });
        let ranked = log.rankings();
        let of = |name: String| {
            let known = ranked.iter().find(|engine| engine.name == name).cloned();
            known.unwrap_or(holobiont_core::Ranked { name, total: 0.0, robust_total: 0.0 })
        };
        names.into_iter().map(of).collect()
    }
}

/// By what a project's engines are scaled.
#[derive(Clone, Copy)]
pub struct ScaleTerms<'a> {
    /// The rules.
    pub rules: &'a Autoscale,
    /// Where it is kept.
    pub store: &'a dyn Store,
    /// The engines of the settings.
    pub declared: &'a [EngineConfig],
    /// The workflows of the project, by the names of their files.
    pub workflows: &'a [String],
    /// How well off the project is, from 0 to 1; where nobody says, by what its engines earned.
    pub capital: Option<f64>,
    /// The time since 1970, in milliseconds.
    pub now_ms: u64,
}

/// The engines of a project as autoscaling has left them.
#[derive(Clone, Debug, Default)]
pub struct Scale {
    state: ScaleState,
    made: Vec<EngineMade>,
    removed: BTreeSet<String>,
}

impl Scale {
    /// What was left.
    ///
    /// # Errors
    ///
    /// [`EngineError`] when the store cannot be read, or what it has does not read.
    pub fn open(store: &dyn Store) -> Result<Self, EngineError> {
        let Some((_, _, last)) = events::<Scaled>(store, SCALED, ENGINES, Scaled::SCHEMA)?.pop() else {
            return Ok(Self::default());
        };
        let state = ScaleState::from_json(&last.state).map_err(|error| wrong(&error.to_string()))?;
        Ok(Self { state, made: last.made, removed: last.removed.into_iter().collect() })
    }

    /// The engines there are: those of the settings that were not removed, and those that were made. One that was made like
    /// another is gone with that.
    #[must_use]
    pub fn engines(&self, declared: &[EngineConfig]) -> Vec<EngineConfig> {
        let is_declared = |name: &str| declared.iter().any(|config| config.name == name);
        let kept = declared.iter().filter(|config| !self.removed.contains(&config.name)).cloned();
        let made = self.made.iter().filter(|made| !is_declared(&made.name)).filter_map(|made| made.config(declared));
        kept.chain(made).collect()
    }

    /// What a new engine is to be: that of a workflow that has none yet, otherwise like the one that brought the most.
    #[must_use]
    pub fn next(
        &self,
        name: &str,
        registry: &Registry,
        declared: &[EngineConfig],
        workflows: &[String],
    ) -> Option<EngineMade> {
        let mut busy = BTreeSet::new();
        registry.each(|engine| {
            busy.insert(engine.config().workflow.clone());
        });
        let name = name.to_owned();
        if let Some(workflow) = workflows.iter().find(|workflow| !busy.contains(*workflow)) {
            return Some(EngineMade { name, workflow: workflow.clone(), like: None });
        }
        let ranked = registry.ranked();
        let best = ranked.iter().max_by(|a, b| a.robust_total.total_cmp(&b.robust_total))?;
        let first = self.made.iter().find(|made| made.name == best.name);
        // One that was made like another is like that, so that there is no chain of them.
        let like = first.and_then(|made| made.like.clone()).unwrap_or_else(|| best.name.clone());
        let workflow = declared.iter().find(|config| config.name == like)?.workflow.clone();
        Some(EngineMade { name, workflow, like: Some(like) })
    }

    /// Decides once, does it, and keeps what came of it where that is something new. `open` makes an engine of its settings.
    ///
    /// # Errors
    ///
    /// As [`Registry::autoscale`], and when the store cannot be written.
    pub fn step<E: From<EngineError>>(
        &mut self,
        registry: &mut Registry,
        terms: &ScaleTerms<'_>,
        open: &mut dyn FnMut(EngineConfig) -> Result<Engine, E>,
        approve: &mut Approve<'_, E>,
    ) -> Result<Scaled, E> {
        let ScaleTerms { rules, store, declared, workflows, now_ms, .. } = *terms;
        let (capital, trend) = (terms.capital.or_else(|| registry.earned_share()), registry.trend());
        let before = self.clone();
        let mut state = self.state.clone();
        let next = |name: &str| {
            let made = before.next(name, registry, declared, workflows);
            made.ok_or_else(|| wrong("there is no engine that a new one could be like"))
        };
        // What it would be is known before it is decided, since the registry is lent out then.
        let mut plan = next("")?;
        let mut factory = |name: &str| {
            name.clone_into(&mut plan.name);
            open(plan.config(declared).ok_or_else(|| wrong("the engine that a new one is like is gone"))?)
        };
        let (scaling, approved, _) = registry.autoscale((rules, &mut state), capital, now_ms, &mut factory, approve)?;
        match &scaling {
            Scaling::Add { .. } if approved => self.made.push(plan),
            Scaling::Remove { name, .. } if approved => {
                let count = self.made.len();
                self.made.retain(|made| made.name != *name);
                if self.made.len() == count {
                    self.removed.insert(name.clone());
                }
            }
            _ => {}
        }
        self.state = state;
        let scaled = self.document(scaling, (approved, capital, trend))?;
        if self.state != before.state || self.made != before.made || self.removed != before.removed {
            append(store, SCALED, ENGINES, &scaled).map_err(EngineError::from)?;
        }
        Ok(scaled)
    }

    /// Forgets all of it: the engines are those of the settings again. Names that were given stay given.
    ///
    /// # Errors
    ///
    /// When the store cannot be written.
    pub fn reset(&mut self, store: &dyn Store) -> Result<Scaled, EngineError> {
        (self.made, self.removed) = (Vec::new(), BTreeSet::new());
        let because = "the engines are those of the settings again".to_owned();
        let scaled = self.document(Scaling::Stay { because }, (true, None, 0.0))?;
        append(store, SCALED, ENGINES, &scaled)?;
        Ok(scaled)
    }

    fn document(
        &self,
        scaling: Scaling,
        (approved, capital, trend): (bool, Option<f64>, f64),
    ) -> Result<Scaled, EngineError> {
        Ok(Scaled {
            schema: Scaled::SCHEMA.to_owned(),
            scaling,
            approved,
            capital,
            trend,
            made: self.made.clone(),
            removed: self.removed.iter().cloned().collect(),
            state: self.state.to_json().map_err(|error| wrong(&error.to_string()))?,
        })
    }
}

impl EngineMade {
    /// Its settings, by those that the project's file has now.
    fn config(&self, declared: &[EngineConfig]) -> Option<EngineConfig> {
        match &self.like {
            None => Some(EngineConfig::new(&self.name, &self.workflow)),
            Some(like) => {
                let config = declared.iter().find(|config| config.name == *like)?;
                Some(EngineConfig { name: self.name.clone(), ..config.clone() })
            }
        }
    }
}

fn wrong(what: &str) -> EngineError {
    EngineError::State { engine: ENGINES.to_owned(), what: what.to_owned() }
}
