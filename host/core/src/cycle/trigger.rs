//! Whether an engine's next cycle is to run now.

use serde::{Deserialize, Serialize};

use super::state::EngineState;
use crate::forecast::Prediction;
use crate::text::printable;
use crate::units::{duration_text, figure};

/// How many alarms are named in a reason; of further ones only the number is said.
const NAMED_ALARMS: usize = 5;

/// By what it is decided whether a cycle runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Trigger {
    /// A cycle runs when so much time has passed since the last, in milliseconds.
    pub interval_ms: u64,
    /// A cycle runs when the policy's value is above this.
    pub policy_threshold: f64,
    /// A cycle runs when the forecast of the next ROI delta is above this.
    pub forecast_threshold: f64,
    /// No cycle runs with a capital below this, from 0 to 1.
    pub energy_threshold: f64,
    /// How long no cycle runs after one that failed, in milliseconds; doubled with each further failure in a row.
    pub backoff_ms: u64,
    /// How long no cycle runs after failures in a row at most, in milliseconds.
    pub backoff_most_ms: u64,
}

/// What is known at the time of a decision. What is `None` says nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signals<'a> {
    /// How well off the project is, from 0 to 1.
    pub capital: Option<f64>,
    /// What the policy expects of a cycle in this state.
    pub policy: Option<f64>,
    /// What the next ROI delta is expected to be: [`EngineState::forecast`].
    pub forecast: Option<Prediction>,
    /// What diagnostics complain of, by name.
    pub alarms: &'a [String],
}

/// Whether a cycle runs now, and what each criterion said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// Whether it runs: something speaks for it, and nothing forbids it.
    pub go: bool,
    /// Every criterion, in the order of [`Criterion`].
    pub reasons: Vec<Reason>,
}

/// What one criterion said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// The criterion.
    pub criterion: Criterion,
    /// What it said.
    pub says: Says,
    /// Why, in words.
    pub because: String,
}

/// What a decision goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// The time since the last cycle.
    Interval,
    /// The value that the policy gives to a cycle.
    Policy,
    /// What the next cycle is expected to bring.
    Forecast,
    /// Alarms.
    Diagnostics,
    /// Whether there is enough capital.
    Capital,
    /// Failures in a row.
    BackOff,
}

/// What a criterion may say of a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// It should run.
    Run,
    /// It must not run, whatever others say.
    Forbid,
    /// Nothing.
    Nothing,
}

impl Decision {
    /// What decided it, in words: what forbids it, otherwise the first that asks for it; `None` where nothing does.
    #[must_use]
    pub fn because(&self) -> Option<&str> {
        let first = |says| self.reasons.iter().find(|reason| reason.says == says);
        let reason = first(Says::Forbid).or_else(|| first(Says::Run))?;
        Some(&reason.because)
    }
}

impl Default for Trigger {
    /// An hour between cycles, thresholds of 0 and half a capital are those of the engine that this one succeeds. Back-off
    /// starts with a minute and ends with a day.
    fn default() -> Self {
        Self {
            interval_ms: 3_600_000,
            policy_threshold: 0.0,
            forecast_threshold: 0.0,
            energy_threshold: 0.5,
            backoff_ms: 60_000,
            backoff_most_ms: 86_400_000,
        }
    }
}

impl Trigger {
    /// The key that has an impossible value, and what would be right, if one has.
    #[must_use]
    pub fn invalid(&self) -> Option<(&'static str, &'static str)> {
        let Self {
            interval_ms: _,
            policy_threshold,
            forecast_threshold,
            energy_threshold,
            backoff_ms,
            backoff_most_ms,
        } = self;
        match () {
            () if !policy_threshold.is_finite() => Some(("policy-threshold", "a finite number")),
            () if !forecast_threshold.is_finite() => Some(("forecast-threshold", "a finite number")),
            () if !(0.0..=1.0).contains(energy_threshold) => Some(("energy-threshold", "a number from 0 to 1")),
            () if backoff_ms > backoff_most_ms => Some(("backoff-most-ms", "not less than backoff-ms")),
            () => None,
        }
    }

    /// Whether the next cycle is to run now. Interval, policy, forecast and diagnostics may each ask for it; too little
    /// capital and failures in a row forbid it.
    ///
    /// An engine whose cycles fail every time would otherwise be asked for at once, again and again, by an alarm or by a
    /// policy that remembers better days, and the others would wait: so each failure in a row doubles how long it rests.
    ///
    /// A clock that was put back means that no time has passed. [`EngineState::see_clock`] is for having it pass from then on.
    #[must_use]
    pub fn should_trigger(&self, state: &EngineState, signals: &Signals<'_>, now_ms: u64) -> Decision {
        let passed_ms = state.last_cycle_ms().map(|last| now_ms.saturating_sub(last));
        let reasons = vec![
            self.interval(passed_ms),
            above(
                Criterion::Policy,
                "the value that the policy gives to a cycle",
                signals.policy,
                self.policy_threshold,
            ),
            self.forecast(signals.forecast),
            diagnostics(signals.alarms),
            self.capital(signals.capital),
            self.back_off(state.failures_in_a_row(), passed_ms),
        ];
        let says = |what: Says| reasons.iter().any(|reason| reason.says == what);
        Decision { go: says(Says::Run) && !says(Says::Forbid), reasons }
    }

    fn interval(&self, passed_ms: Option<u64>) -> Reason {
        let interval = ms_text(self.interval_ms);
        let (says, because) = match passed_ms {
            None => (Says::Run, "there was no cycle yet".to_owned()),
            Some(_) if self.interval_ms == 0 => (Says::Run, "there is to be no time between cycles".to_owned()),
            Some(passed) if passed >= self.interval_ms => {
                (Says::Run, format!("the last cycle was {} ago, not less than {interval}", ms_text(passed)))
            }
            Some(passed) => {
                (Says::Nothing, format!("the last cycle was {} ago, less than {interval}", ms_text(passed)))
            }
        };
        Reason { criterion: Criterion::Interval, says, because }
    }

    fn forecast(&self, forecast: Option<Prediction>) -> Reason {
        let value = forecast.map(|forecast| forecast.value);
        let mut reason =
            above(Criterion::Forecast, "the forecast of the next ROI delta", value, self.forecast_threshold);
        if let Some(Prediction { low: Some(low), high: Some(high), .. }) = forecast {
            reason.because.push_str(&format!("; surely between {} and {}", figure(low), figure(high)));
        }
        reason
    }

    fn capital(&self, capital: Option<f64>) -> Reason {
        let threshold = figure(self.energy_threshold);
        let (says, because) = match capital {
            None => (Says::Nothing, "nobody says what capital there is".to_owned()),
            // A score that is no number is no capital to spend.
            Some(score) if score.is_nan() => (Says::Forbid, "the capital is no number".to_owned()),
            Some(score) if score < self.energy_threshold => {
                (Says::Forbid, format!("the capital is {}, below {threshold}", figure(score)))
            }
            Some(score) => (Says::Nothing, format!("the capital is {}, not below {threshold}", figure(score))),
        };
        Reason { criterion: Criterion::Capital, says, because }
    }

    fn back_off(&self, failures: u32, passed_ms: Option<u64>) -> Reason {
        let rest_ms = self.rest_ms(failures);
        let rest = ms_text(rest_ms);
        let cycles = if failures == 1 { "the last cycle".to_owned() } else { format!("the last {failures} cycles") };
        let (says, because) = match passed_ms {
            _ if failures == 0 => (Says::Nothing, "the last cycle did not fail".to_owned()),
            Some(passed) if passed < rest_ms => (
                Says::Forbid,
                format!("{cycles} failed: it rests for {rest}, of which {} have passed", ms_text(passed)),
            ),
            _ => (Says::Nothing, format!("{cycles} failed, and its rest of {rest} is over")),
        };
        Reason { criterion: Criterion::BackOff, says, because }
    }

    /// How long an engine rests after so many failures in a row.
    fn rest_ms(&self, failures: u32) -> u64 {
        let Some(doublings) = failures.checked_sub(1) else { return 0 };
        let factor = 1u64.checked_shl(doublings).unwrap_or(u64::MAX);
        self.backoff_ms.saturating_mul(factor).min(self.backoff_most_ms)
    }
}

fn above(criterion: Criterion, what: &str, value: Option<f64>, threshold: f64) -> Reason {
    let (says, because) = match value {
        None => (Says::Nothing, format!("{what} is not known")),
        Some(value) if value.is_nan() => (Says::Nothing, format!("{what} is no number")),
        Some(value) if value > threshold => {
            (Says::Run, format!("{what} is {}, above {}", figure(value), figure(threshold)))
        }
        Some(value) => (Says::Nothing, format!("{what} is {}, not above {}", figure(value), figure(threshold))),
    };
    Reason { criterion, says, because }
}

fn diagnostics(alarms: &[String]) -> Reason {
    let named: Vec<String> = alarms.iter().take(NAMED_ALARMS).map(|alarm| printable(alarm)).collect();
    let (says, because) = match alarms.len() {
        0 => (Says::Nothing, "there is no alarm".to_owned()),
        count if count > NAMED_ALARMS => {
            (Says::Run, format!("alarms: {} and {} more", named.join(", "), count - NAMED_ALARMS))
        }
        1 => (Says::Run, format!("an alarm: {}", named.join(", "))),
        _ => (Says::Run, format!("alarms: {}", named.join(", "))),
    };
    Reason { criterion: Criterion::Diagnostics, says, because }
}

fn ms_text(ms: u64) -> String {
    duration_text(ms.saturating_mul(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: u64 = 3_600_000;

    /// An engine whose last cycle ended at so many milliseconds, after which as many in a row had failed.
    fn ran(last_ms: u64, failures: u32) -> EngineState {
        let mut state = EngineState::default();
        match failures {
            0 => state.record(0.0, last_ms).unwrap(),
            failures => (0..failures).for_each(|_| state.record_failure(last_ms)),
        }
        state
    }

    fn rich<'a>() -> Signals<'a> {
        Signals { capital: Some(0.8), ..Signals::default() }
    }

    fn says(decision: &Decision, criterion: Criterion) -> (Says, &str) {
        let reason = decision.reasons.iter().find(|reason| reason.criterion == criterion).expect("each criterion");
        (reason.says, &reason.because)
    }

    fn go(state: &EngineState, signals: &Signals<'_>, now_ms: u64) -> bool {
        Trigger::default().should_trigger(state, signals, now_ms).go
    }

    #[test]
    fn each_criterion_can_ask_for_a_cycle_and_all_are_told() {
        let state = ran(1000, 0);
        let rests = Trigger::default().should_trigger(&state, &rich(), 61_000);
        assert!(!rests.go);
        let told: Vec<&str> = rests.reasons.iter().map(|reason| reason.because.as_str()).collect();
        assert_eq!(
            told,
            [
                "the last cycle was 60.00 s ago, less than 60.0 min",
                "the value that the policy gives to a cycle is not known",
                "the forecast of the next ROI delta is not known",
                "there is no alarm",
                "the capital is 0.8, not below 0.5",
                "the last cycle did not fail",
            ]
        );
        assert!(go(&EngineState::default(), &rich(), 0));
        assert!(!go(&state, &rich(), 999 + HOUR_MS));
        assert!(go(&state, &rich(), 1000 + HOUR_MS));
        assert!(go(&state, &Signals { policy: Some(0.1), ..rich() }, 1000));
        assert!(!go(&state, &Signals { policy: Some(0.0), ..rich() }, 1000));
        assert!(!go(&state, &Signals { policy: Some(f64::NAN), ..rich() }, 1000));
        let forecast = |value| Some(Prediction { value, low: Some(-0.5), high: Some(1.5) });
        let hopeful = Trigger::default().should_trigger(&state, &Signals { forecast: forecast(0.5), ..rich() }, 1000);
        assert!(hopeful.go);
        let words = "the forecast of the next ROI delta is 0.5, above 0; surely between -0.5 and 1.5";
        assert_eq!(says(&hopeful, Criterion::Forecast), (Says::Run, words));
        assert!(!go(&state, &Signals { forecast: forecast(-0.5), ..rich() }, 1000));
    }

    #[test]
    fn alarms_are_named_and_fit_to_print() {
        let alarms = ["a\u{1b}[2J".to_owned(), "b".to_owned()];
        let decision = Trigger::default().should_trigger(&ran(0, 0), &Signals { alarms: &alarms, ..rich() }, 0);
        assert!(decision.go);
        assert_eq!(says(&decision, Criterion::Diagnostics), (Says::Run, "alarms: a\\u{1b}[2J, b"));
        let many: Vec<String> = (0..10_000).map(|number| number.to_string()).collect();
        let decision = Trigger::default().should_trigger(&ran(0, 0), &Signals { alarms: &many, ..rich() }, 0);
        assert_eq!(says(&decision, Criterion::Diagnostics).1, "alarms: 0, 1, 2, 3, 4 and 9995 more");
    }

    #[test]
    fn without_capital_no_cycle_runs() {
        // Fact E1, second half: a score of 0.2 against a threshold of 0.5 runs nothing, 0.8 does.
        let due = EngineState::default();
        let with = |capital| go(&due, &Signals { capital, ..Signals::default() }, 0);
        assert!(!with(Some(0.2)) && with(Some(0.5)) && with(Some(0.8)) && with(None) && !with(Some(f64::NAN)));
    }

    #[test]
    fn a_clock_that_was_put_back_means_that_no_time_has_passed() {
        let decision = Trigger::default().should_trigger(&ran(HOUR_MS, 0), &rich(), 5);
        assert!(!decision.go);
        assert_eq!(says(&decision, Criterion::Interval).1, "the last cycle was 0 ns ago, less than 60.0 min");
        let mut state = ran(u64::MAX, 1);
        assert!(!go(&state, &rich(), 0));
        state.see_clock(0);
        assert!(go(&state, &rich(), HOUR_MS));
    }

    #[test]
    fn an_engine_that_fails_every_time_leaves_the_others_theirs() {
        // Two engines with a constant alarm take turns on one thread for a day; one of them always fails.
        let (trigger, alarms) = (Trigger::default(), ["stuck".to_owned()]);
        let signals = Signals { alarms: &alarms, ..rich() };
        let (mut bad, mut good) = (EngineState::default(), EngineState::default());
        for now_ms in (0..24 * HOUR_MS).step_by(1000) {
            if trigger.should_trigger(&bad, &signals, now_ms).go {
                bad.record_failure(now_ms);
            } else if trigger.should_trigger(&good, &signals, now_ms).go {
                good.record(0.1, now_ms).unwrap();
            }
        }
        // 1 + 2 + 4 + ... + 512 minutes are 1023: the 11th failure is in the 18th hour, and the next would be past the day.
        assert_eq!((bad.cycles(), good.cycles()), (11, 24 * 3600 - 11));
    }

    #[test]
    fn rests_double_and_have_a_bound() {
        let trigger = Trigger { backoff_ms: 100, backoff_most_ms: 1000, ..Trigger::default() };
        let rests = [0, 1, 2, 3, 4, 5, 64, 65, u32::MAX].map(|failures| trigger.rest_ms(failures));
        assert_eq!(rests, [0, 100, 200, 400, 800, 1000, 1000, 1000, 1000]);
        let decision = trigger.should_trigger(&ran(0, 2), &Signals { policy: Some(1.0), ..rich() }, 150);
        let words = "the last 2 cycles failed: it rests for 200.0 ms, of which 150.0 ms have passed";
        assert_eq!((decision.go, says(&decision, Criterion::BackOff)), (false, (Says::Forbid, words)));
        let none = Trigger { backoff_ms: 0, backoff_most_ms: 0, ..Trigger::default() };
        assert!(none.should_trigger(&ran(0, 9), &Signals { policy: Some(1.0), ..rich() }, 0).go);
    }

    #[test]
    fn what_cannot_be_is_named() {
        assert_eq!(Trigger::default().invalid(), None);
        type Spoil = fn(&mut Trigger);
        let wrong: [(&str, Spoil); 4] = [
            ("policy-threshold", |trigger| trigger.policy_threshold = f64::NAN),
            ("forecast-threshold", |trigger| trigger.forecast_threshold = f64::INFINITY),
            ("energy-threshold", |trigger| trigger.energy_threshold = 1.5),
            ("backoff-most-ms", |trigger| trigger.backoff_most_ms = 1),
        ];
        for (key, spoil) in wrong {
            let mut trigger = Trigger::default();
            spoil(&mut trigger);
            assert_eq!(trigger.invalid().map(|(key, _)| key), Some(key));
        }
        assert!(serde_json::from_str::<Trigger>(r#"{"interval": 1}"#).is_err());
        assert_eq!(serde_json::from_str::<Trigger>("{}").unwrap(), Trigger::default());
    }
}
