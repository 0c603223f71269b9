//! What an engine remembers from one cycle to the next.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::document::{self, DocumentError};
use crate::forecast::{Method, Prediction, predict};

/// How many of the newest deltas the short mean is of.
const SHORT: usize = 5;

/// What an engine remembers from one cycle to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct EngineState {
    alpha: f64,
    kept: usize,
    roi_deltas: Vec<f64>,
    roi_delta_ema: f64,
    last_cycle_ms: Option<u64>,
    cycles: u64,
    failures_in_a_row: u32,
}

/// A share that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("alpha is {0}: it is the share of the newest ROI delta in the moving average, above 0 and at most 1")]
pub struct AlphaError(pub f64);

/// What a cycle came to is no number to reckon with.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("the ROI delta of a cycle is {0}: it is a finite number")]
pub struct DeltaError(pub f64);

impl Default for EngineState {
    fn default() -> Self {
        Self {
            alpha: Self::ALPHA,
            kept: Self::KEPT,
            roi_deltas: Vec::new(),
            roi_delta_ema: 0.0,
            last_cycle_ms: None,
            cycles: 0,
            failures_in_a_row: 0,
        }
    }
}

impl EngineState {
    /// The name of the document's form. Its number goes up when older programs could not read it.
    pub const SCHEMA: &str = "holobiont.engine-state/1";

    /// The share of the newest delta in the moving average, where nobody says another: `ROI_EMA_ALPHA` does.
    pub const ALPHA: f64 = 0.1;

    /// How many of the newest deltas are kept, where nobody says another number.
    pub const KEPT: usize = 1000;

    /// This state with another share of the newest delta in the moving average. The average so far stays as it is.
    ///
    /// # Errors
    ///
    /// [`AlphaError`] for what is not above 0 and at most 1.
    pub fn with_alpha(mut self, alpha: f64) -> Result<Self, AlphaError> {
        self.alpha = check(alpha)?;
        Ok(self)
    }

    /// This state with room for another number of deltas; the oldest beyond it are forgotten.
    #[must_use]
    pub fn with_kept(mut self, kept: usize) -> Self {
        self.kept = kept;
        self.forget();
        self
    }

    /// Takes what a cycle brought: it ends a row of failures.
    ///
    /// # Errors
    ///
    /// [`DeltaError`] for what is not finite. Nothing is changed then.
    pub fn record(&mut self, delta: f64, now_ms: u64) -> Result<(), DeltaError> {
        if !delta.is_finite() {
            return Err(DeltaError(delta));
        }
        // A mean of two numbers lies between them, whatever rounding says of the largest.
        let mean = (1.0 - self.alpha) * self.roi_delta_ema + self.alpha * delta;
        self.roi_delta_ema = mean.clamp(self.roi_delta_ema.min(delta), self.roi_delta_ema.max(delta));
        self.roi_deltas.push(delta);
        self.forget();
        self.failures_in_a_row = 0;
        self.ran(now_ms);
        Ok(())
    }

    /// Takes that a cycle failed, and so brought no delta: none is made up for it.
    pub fn record_failure(&mut self, now_ms: u64) {
        self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
        self.ran(now_ms);
    }

    /// Takes note of the time: where it is before that of the last cycle, the clock was put back, and time is counted
    /// from now on. Without this an engine whose clock was once a year ahead would rest for a year.
    pub fn see_clock(&mut self, now_ms: u64) {
        self.last_cycle_ms = self.last_cycle_ms.map(|last| last.min(now_ms));
    }

    /// What cycles brought, oldest first: the newest [`with_kept`](Self::with_kept).
    #[must_use]
    pub fn roi_deltas(&self) -> &[f64] {
        &self.roi_deltas
    }

    /// The moving average of all deltas, from 0 before the first: e = (1 - alpha) e + alpha delta.
    #[must_use]
    pub fn roi_delta_ema(&self) -> f64 {
        self.roi_delta_ema
    }

    /// The mean of the newest five deltas, or as many as there are; 0 of none.
    #[must_use]
    pub fn short_mean(&self) -> f64 {
        let newest = &self.roi_deltas[self.roi_deltas.len().saturating_sub(SHORT)..];
        // Divided before they are summed, so that the largest numbers there are have a mean too.
        newest.iter().map(|delta| delta / newest.len() as f64).sum()
    }

    /// What the next cycle is expected to bring. `None` before the first.
    #[must_use]
    pub fn forecast(&self, method: Method) -> Option<Prediction> {
        predict(&self.roi_deltas, 1, method).first().copied()
    }

    /// The share of the newest delta in the moving average.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// When the last cycle ended, in milliseconds since 1970; `None` before the first.
    #[must_use]
    pub fn last_cycle_ms(&self) -> Option<u64> {
        self.last_cycle_ms
    }

    /// How many cycles there were, those that failed among them.
    #[must_use]
    pub fn cycles(&self) -> u64 {
        self.cycles
    }

    /// How many of the newest cycles failed, one after the other.
    #[must_use]
    pub fn failures_in_a_row(&self) -> u32 {
        self.failures_in_a_row
    }

    /// The state as a JSON document: equal states have equal texts.
    ///
    /// # Errors
    ///
    /// [`DocumentError::Syntax`] where it cannot be written, which no state comes to: it holds finite numbers only.
    pub fn to_json(&self) -> Result<String, DocumentError> {
        let Self { alpha, kept, roi_deltas, roi_delta_ema, last_cycle_ms, cycles, failures_in_a_row } = self;
        document::write(&Document {
            schema: Self::SCHEMA.into(),
            alpha: *alpha,
            kept: *kept,
            cycles: *cycles,
            failures_in_a_row: *failures_in_a_row,
            last_cycle_ms: *last_cycle_ms,
            roi_delta_ema: *roi_delta_ema,
            roi_deltas: roi_deltas.as_slice().into(),
        })
    }

    /// The state that a document holds, to the last bit. Of more deltas than it says are kept, the newest are taken.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] for the first mistake, with its line, and for a document of another schema.
    pub fn from_json(json: &str) -> Result<Self, DocumentError> {
        let document: Document<'_> = document::read(json, Self::SCHEMA)?;
        let mut state = Self {
            alpha: document.alpha,
            kept: document.kept,
            roi_deltas: document.roi_deltas.into_owned(),
            roi_delta_ema: document.roi_delta_ema,
            last_cycle_ms: document.last_cycle_ms,
            cycles: document.cycles,
            failures_in_a_row: document.failures_in_a_row,
        };
        state.forget();
        Ok(state)
    }

    fn ran(&mut self, now_ms: u64) {
        self.cycles = self.cycles.saturating_add(1);
        self.last_cycle_ms = Some(now_ms);
    }

    fn forget(&mut self) {
        let old = self.roi_deltas.len().saturating_sub(self.kept);
        self.roi_deltas.drain(..old);
    }
}

/// The document, borrowed where it is written. JSON has no number that is not finite.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with schema, alpha, kept, cycles and what they brought")]
struct Document<'a> {
    schema: Cow<'a, str>,
    #[serde(deserialize_with = "alpha")]
    alpha: f64,
    kept: usize,
    cycles: u64,
    failures_in_a_row: u32,
    last_cycle_ms: Option<u64>,
    roi_delta_ema: f64,
    roi_deltas: Cow<'a, [f64]>,
}

fn check(alpha: f64) -> Result<f64, AlphaError> {
    if alpha > 0.0 && alpha <= 1.0 { Ok(alpha) } else { Err(AlphaError(alpha)) }
}

/// A share, looked at while the reader still knows the line.
fn alpha<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    struct Share;

    impl serde::de::Visitor<'_> for Share {
        type Value = f64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number above 0 and at most 1")
        }

        fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<f64, E> {
            check(number).map_err(E::custom)
        }

        fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<f64, E> {
            self.visit_f64(number as f64)
        }

        fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<f64, E> {
            self.visit_f64(number as f64)
        }
    }

    deserializer.deserialize_f64(Share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn after(deltas: &[f64]) -> EngineState {
        let mut state = EngineState::default();
        for (at, delta) in deltas.iter().enumerate() {
            state.record(*delta, at as u64).expect("a finite delta");
        }
        state
    }

    #[test]
    fn averages_worked_by_hand() {
        let nothing = EngineState::default();
        assert_eq!((nothing.short_mean(), nothing.roi_delta_ema(), nothing.last_cycle_ms()), (0.0, 0.0, None));
        assert_eq!(nothing.forecast(Method::Auto), None);
        // 0.1 of 1; then 0.9 of that and 0.1 of -1.
        assert_eq!(after(&[1.0]).roi_delta_ema(), 0.1);
        assert!((after(&[1.0, -1.0]).roi_delta_ema() - (0.09 - 0.1)).abs() < 1e-15);
        assert_eq!(after(&[9.0, 1.0, 2.0, 3.0, 4.0, 5.0]).short_mean(), 3.0);
        assert_eq!(after(&[3.0]).short_mean(), 3.0);
        assert_eq!(after(&[0.5; 6]).forecast(Method::Auto).map(|next| next.value), Some(0.5));
    }

    #[test]
    fn the_oldest_deltas_are_forgotten_and_the_number_of_cycles_is_not() {
        let state = after(&[0.25; 1500]);
        assert_eq!((state.roi_deltas().len(), state.cycles()), (EngineState::KEPT, 1500));
        let state = after(&[1.0, 2.0, 3.0]).with_kept(2);
        assert_eq!(state.roi_deltas(), [2.0, 3.0]);
        let mut none = after(&[1.0]).with_kept(0);
        none.record(1.0, 7).unwrap();
        assert_eq!((none.roi_deltas(), none.short_mean(), none.cycles()), (&[][..], 0.0, 2));
    }

    #[test]
    fn what_is_no_number_changes_nothing() {
        let mut state = after(&[1.0]);
        let before = state.clone();
        let error = state.record(f64::NAN, 9).unwrap_err();
        assert_eq!(error.to_string(), "the ROI delta of a cycle is NaN: it is a finite number");
        assert!(state.record(f64::INFINITY, 9).is_err());
        assert_eq!(state, before);
        assert!(state.clone().with_alpha(0.0).is_err() && state.clone().with_alpha(f64::NAN).is_err());
        assert_eq!(state.with_alpha(1.0).map(|state| state.alpha()), Ok(1.0));
    }

    #[test]
    fn failures_are_counted_until_a_cycle_does_not_fail() {
        let mut state = after(&[1.0]);
        state.record_failure(5);
        state.record_failure(6);
        assert_eq!((state.failures_in_a_row(), state.cycles(), state.last_cycle_ms()), (2, 3, Some(6)));
        assert_eq!(state.roi_deltas(), [1.0]);
        state.record(0.0, 7).unwrap();
        assert_eq!(state.failures_in_a_row(), 0);
        state.failures_in_a_row = u32::MAX;
        state.record_failure(8);
        assert_eq!(state.failures_in_a_row(), u32::MAX);
    }

    #[test]
    fn a_clock_that_was_put_back_is_followed() {
        let mut state = EngineState::default();
        state.see_clock(3);
        assert_eq!(state.last_cycle_ms(), None);
        state.record(1.0, 1000).unwrap();
        state.see_clock(2000);
        assert_eq!(state.last_cycle_ms(), Some(1000));
        state.see_clock(10);
        assert_eq!(state.last_cycle_ms(), Some(10));
    }

    #[test]
    fn mistakes_in_a_document_are_said_with_their_line() {
        let good = after(&[0.5, -0.25]).to_json().unwrap();
        let words = |text: &str| EngineState::from_json(text).unwrap_err().to_string();
        assert_eq!(
            words(&good.replace("engine-state/1", "engine-state/2\\u001b")),
            "its schema is `holobiont.engine-state/2\\u{1b}`, where this program reads `holobiont.engine-state/1`"
        );
        assert_eq!(
            words(&good.replace("\"alpha\": 0.1", "\"alpha\": 1.5")),
            "line 3: alpha is 1.5: it is the share of the newest ROI delta in the moving average, above 0 and at most 1"
        );
        assert_eq!(
            words(&good.replace("\"alpha\": 0.1", "\"alpha\": \"x\"")),
            "line 3: invalid type: string \"x\", expected a number above 0 and at most 1"
        );
        assert!(words(&good.replace("\"alpha\": 0.1", "\"alpha\": 0")).starts_with("line 3: alpha is 0"));
        assert_eq!(words(&good.replace("cycles", "cyclse")), "line 5: unknown key `cyclse`: did you mean `cycles`?");
        assert!(words(&good.replace("-0.25", "1e999")).starts_with("line 11: number out of range"));
        assert!(words(&good.replace("\"cycles\": 2", "\"cycles\": -2")).starts_with("line 5: invalid value"));
        assert!(words("").starts_with("line 1: "));
        assert!(words("[]").contains("an object with schema"), "{}", words("[]"));
        let more = good.replace("\"kept\": 1000", "\"kept\": 1");
        assert_eq!(EngineState::from_json(&more).unwrap().roi_deltas(), [-0.25]);
    }

    proptest! {
        #[test]
        fn a_document_holds_the_state_to_the_last_bit(
            deltas in prop::collection::vec(any::<f64>().prop_filter("finite", |delta| delta.is_finite()), 0..40),
            failures in 0u32..4,
            alpha in 1e-6f64..=1.0,
            kept in 0usize..30,
        ) {
            let mut state = EngineState::default().with_alpha(alpha).unwrap().with_kept(kept);
            for (at, delta) in deltas.iter().enumerate() {
                state.record(*delta, at as u64).unwrap();
                prop_assert!(state.roi_delta_ema().is_finite());
                prop_assert!(state.short_mean().is_finite());
            }
            (0..failures).for_each(|at| state.record_failure(u64::MAX - u64::from(at)));
            let json = state.to_json().unwrap();
            let read = EngineState::from_json(&json).unwrap();
            let bits = |state: &EngineState| -> Vec<u64> {
                state.roi_deltas.iter().chain([&state.roi_delta_ema, &state.alpha]).map(|number| number.to_bits()).collect()
            };
            prop_assert_eq!(bits(&read), bits(&state));
            prop_assert_eq!(&read, &state);
            prop_assert_eq!(read.to_json().unwrap(), json);
        }

        #[test]
        fn no_text_makes_the_reader_fall_over(text in any::<String>()) {
            _ = EngineState::from_json(&text);
        }
    }
}
