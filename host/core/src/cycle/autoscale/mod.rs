//! How many engines there should be.

mod load;
mod state;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use self::load::{Load, earned_share, long_term_trend};
pub use self::state::ScaleState;
use crate::text::printable;
use crate::tracker::Ranked;
use crate::units::{duration_text, figure};

/// By what it is decided how many engines there should be.
///
/// Two things keep the number from following each twitch of what is measured. Between the signal for more engines and
/// the one for fewer there is a band in which there is none, and a signal has to come some times in a row. And after a
/// change there is a rest, in which its effect shows.
///
/// Of 10,000 simulated steps, a minute each, of a load with waves, noise and bursts, the default makes 8.0 to 8.6 changes
/// in 1,000 steps, where the wave alone asks for 8, and takes none back within ten steps. Without band, row and rest it
/// makes 82 to 94, more than half of which take back the one before (the tests' simulation, five seeds).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Autoscale {
    /// With a capital above this, from 0 to 1, there may be one more.
    pub create_energy: f64,
    /// With a capital below this, from 0 to 1, there should be one less.
    pub remove_energy: f64,
    /// Where the long-term trend of the return is above this there may be one more, below it one less.
    pub roi_threshold: f64,
    /// How far above or below `roi-threshold` a trend has to be to count.
    pub band: f64,
    /// What one more engine costs, in the unit of the trend, which has to be more.
    pub cost_per_engine: f64,
    /// The fewest engines.
    pub min_engines: usize,
    /// The most engines.
    pub max_engines: usize,
    /// How many times in a row a signal has to come.
    pub signals: u32,
    /// How long after a change, or one that was not approved, there is no other, in milliseconds.
    pub cool_down_ms: u64,
}

/// What is to be done about the number of engines: one step at a time, by whoever has the engines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "scaling")]
pub enum Scaling {
    /// One more. Whether it is worth what it costs may be asked first.
    Add {
        /// The name of the new engine, which none has had before.
        name: String,
        /// What it costs, in the unit of the trend.
        cost: f64,
        /// Why, in words.
        because: String,
    },
    /// One less.
    Remove {
        /// Which: the one that brought the least; of equals the one that came last.
        name: String,
        /// Why, in words.
        because: String,
    },
    /// As it is.
    Stay {
        /// Why, in words.
        because: String,
    },
}

/// Which way what is measured speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signal {
    More,
    Fewer,
    None,
}

impl Default for Autoscale {
    /// The energies, the threshold, the cost and the bounds are those of the engine that this one succeeds.
    fn default() -> Self {
        Self {
            create_energy: 0.8,
            remove_energy: 0.3,
            roi_threshold: 0.0,
            band: 0.02,
            cost_per_engine: 0.0,
            min_engines: 1,
            max_engines: 5,
            signals: 3,
            cool_down_ms: 3_600_000,
        }
    }
}

impl Autoscale {
    /// The key that has an impossible value, and what would be right, if one has.
    #[must_use]
    pub fn invalid(&self) -> Option<(&'static str, &'static str)> {
        let Self { create_energy, remove_energy, roi_threshold, band, cost_per_engine, .. } = self;
        let amount = |value: f64| value.is_finite() && value >= 0.0;
        match () {
            () if !(0.0..=1.0).contains(create_energy) => Some(("create-energy", "a number from 0 to 1")),
            () if !(0.0..=1.0).contains(remove_energy) => Some(("remove-energy", "a number from 0 to 1")),
            () if remove_energy >= create_energy => Some(("remove-energy", "less than create-energy")),
            () if !roi_threshold.is_finite() => Some(("roi-threshold", "a finite number")),
            () if !amount(*band) => Some(("band", "a finite number of at least 0")),
            () if !amount(*cost_per_engine) => Some(("cost-per-engine", "a finite number of at least 0")),
            () if self.max_engines == 0 => Some(("max-engines", "a number of engines, 1 or more")),
            () if self.min_engines > self.max_engines => Some(("min-engines", "not more than max-engines")),
            () if self.signals == 0 => Some(("signals", "a number of times, 1 or more")),
            () => None,
        }
    }

    /// Whether there should be one engine more, one less, or as many as there are. Nothing but the signals is counted in
    /// the state: whoever acts on the answer says so by [`ScaleState::changed`], or by [`ScaleState::refused`] where it
    /// was not approved.
    ///
    /// More or fewer engines than the bounds allow are seen to at once, without signals and rests.
    #[must_use]
    pub fn decide(&self, state: &mut ScaleState, load: &Load<'_>, now_ms: u64) -> Scaling {
        let count = load.engines.len();
        state.meet(load.engines, now_ms);
        let (signal, why) = self.signal(load);
        state.count(signal == Signal::More, signal == Signal::Fewer, self.signals);
        match () {
            () if count > self.max_engines => remove(
                load.engines,
                format!("the number of engines is {count}, above max-engines, {}", self.max_engines),
            ),
            () if count < self.min_engines => self.add(
                state,
                load.engines,
                format!("the number of engines is {count}, below min-engines, {}", self.min_engines),
            ),
            () if signal == Signal::None => Scaling::Stay { because: why },
            () if signal == Signal::More && count == self.max_engines => {
                Scaling::Stay { because: format!("{why}; but max-engines is {count}, and so many there are") }
            }
            () if signal == Signal::Fewer && count == self.min_engines => {
                Scaling::Stay { because: format!("{why}; but min-engines is {count}, and so many there are") }
            }
            () => match self.wait(state, now_ms) {
                Some(wait) => Scaling::Stay { because: format!("{why}; but {wait}") },
                None if signal == Signal::More => self.add(state, load.engines, why),
                None => remove(load.engines, why),
            },
        }
    }

    /// Which way capital and trend speak, and why.
    fn signal(&self, load: &Load<'_>) -> (Signal, String) {
        let Load { capital, trend, .. } = *load;
        if capital.is_nan() || trend.is_nan() {
            return (Signal::None, "the capital or the trend is no number".to_owned());
        }
        let Self { create_energy, remove_energy, roi_threshold, band, cost_per_engine, .. } = self;
        let (high, low) = (roi_threshold + band, roi_threshold - band);
        let [shown_capital, shown_trend] = [capital, trend].map(figure);
        match () {
            () if capital < *remove_energy => {
                (Signal::Fewer, format!("the capital is {shown_capital}, below {}", figure(*remove_energy)))
            }
            () if trend < low => (Signal::Fewer, format!("the trend is {shown_trend}, below {}", figure(low))),
            () if capital <= *create_energy => (
                Signal::None,
                format!(
                    "the capital is {shown_capital}, neither above {} nor below {}",
                    figure(*create_energy),
                    figure(*remove_energy)
                ),
            ),
            () if trend <= high => (
                Signal::None,
                format!("the trend is {shown_trend}, neither above {} nor below {}", figure(high), figure(low)),
            ),
            () if trend <= *cost_per_engine => (
                Signal::None,
                format!("the trend is {shown_trend}, not more than an engine costs, {}", figure(*cost_per_engine)),
            ),
            () => (
                Signal::More,
                format!(
                    "the capital is {shown_capital}, above {}, and the trend is {shown_trend}, above {} and more than an \
                     engine costs, {}",
                    figure(*create_energy),
                    figure(high),
                    figure(*cost_per_engine)
                ),
            ),
        }
    }

    /// Why nothing is done yet about a signal.
    fn wait(&self, state: &ScaleState, now_ms: u64) -> Option<String> {
        let in_a_row = state.in_a_row();
        if in_a_row < self.signals {
            return Some(format!("this is signal {in_a_row} of {} in a row", self.signals));
        }
        let passed_ms = now_ms.saturating_sub(state.last_change_ms()?);
        (passed_ms < self.cool_down_ms).then(|| {
            let text = |ms: u64| duration_text(ms.saturating_mul(1_000_000));
            format!("the last change was {} ago, less than {}", text(passed_ms), text(self.cool_down_ms))
        })
    }

    fn add(&self, state: &ScaleState, engines: &[Ranked], because: String) -> Scaling {
        Scaling::Add { name: state.new_name(engines), cost: self.cost_per_engine, because }
    }
}

/// One less of some engines: the one that brought the least, outliers tamed. Of equals the last goes, since the first
/// has learned for longer.
fn remove(engines: &[Ranked], because: String) -> Scaling {
    // What is no number has brought nothing that could be told.
    let brought = |engine: &Ranked| if engine.robust_total.is_nan() { f64::NEG_INFINITY } else { engine.robust_total };
    match engines.iter().rev().min_by(|a, b| brought(a).total_cmp(&brought(b))) {
        Some(worst) => {
            let total = figure(worst.robust_total);
            let because = format!("{because}; {} brought the least, {total}", printable(&worst.name));
            Scaling::Remove { name: worst.name.clone(), because }
        }
        None => Scaling::Stay { because: format!("{because}; but there is no engine") },
    }
}
