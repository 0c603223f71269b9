//! A forecast by a method of choice, with how sure it is.

use serde::{Deserialize, Serialize};

use super::Model as _;
use super::fitted::Fitted;
use super::interval::half_widths;
use super::origin::Origins;
use super::scaled::Scaled;

/// How a series is forecast.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Method {
    /// By the number of points: the last value, simple exponential smoothing, or the mean of three models; the last
    /// value where that would have foretold the past better.
    #[default]
    Auto,
    /// The exponential moving average, with the share 0.3.
    Ema,
    /// Simple exponential smoothing.
    Ses,
    /// Theta.
    Theta,
    /// Damped Holt.
    Holt,
    /// ARIMA.
    Arima,
    /// The straight line through the series.
    Linear,
}

impl Method {
    /// All of them.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;
}

/// What a series is expected to be some steps from now.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// What is expected.
    pub value: f64,
    /// The lower end of the 95 % interval; absent where there are too few points to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
}

/// No more than so many of the newest values are looked at. What is older hardly counts in any of the methods but
/// `Linear`, where a turn so long ago should not either; and the cost of a forecast has a bound.
pub const NEWEST_POINTS: usize = 100;

/// With fewer forecasts than this there is no [`reliability`], and `Auto` is not held against the last value.
pub const LEAST_FORECASTS: usize = 5;

/// The next `horizon` values of a series, oldest value first, by a method. Values that are not finite are left out,
/// and of the rest the newest [`NEWEST_POINTS`] are looked at. Empty for an empty series.
///
/// How intervals come about, when there are none, and how often they hold is said in the [module](super)'s page.
#[must_use]
pub fn predict(series: &[f64], horizon: usize, method: Method) -> Vec<Prediction> {
    let Some(scaled) = Scaled::newest(series, NEWEST_POINTS) else { return Vec::new() };
    let values = &scaled.values;
    let (Some(mut model), Some(last)) = (Fitted::of(values, method), values.last()) else { return Vec::new() };
    let origins = Origins::of(values, method);
    let (own, of_last) = (origins.errors(), origins.errors_of_last());
    let falls_back = method == Method::Auto && is_beaten(&own, &of_last);
    if falls_back {
        model = Fitted::Last(*last);
    }
    let standardised =
        |steps| if falls_back { origins.standardised_of_last(steps) } else { origins.standardised(steps) };
    let widths = half_widths(values, &model, standardised, horizon, scaled.rounding);
    let prediction = |place: usize| {
        let value = model.ahead(place + 1);
        let width = widths.as_ref().and_then(|widths| widths.get(place));
        Prediction {
            value: scaled.back(value),
            low: width.map(|width| scaled.back(value - width)),
            high: width.map(|width| scaled.back(value + width)),
        }
    };
    (0..horizon).map(prediction).collect()
}

/// How well a method foretold a series, held against the last value: from 0 to 1.
///
/// It is n / (m + n), where m and n are the mean absolute errors of the method and of the last value over the same
/// one-step forecasts of a rolling origin. So 1 is exact; 0.5 is no better than saying the last value; towards 0 is
/// far worse; 0.75 is a third of the last value's error. It has no unit, and does not depend on that of the series.
/// Where both were exact, as for a constant series, it is 1. Of `Auto`, each forecast counts as it would have been made,
/// by the last value where that had been better until then. What is at most rounding of the values is exact.
///
/// `None` with fewer than [`LEAST_FORECASTS`] forecasts: with fewer than 10 points for `Auto`, `Ses`, `Theta`, `Holt` and
/// `Arima`, 6 for `Ema`, 7 for `Linear`.
#[must_use]
pub fn reliability(series: &[f64], method: Method) -> Option<f64> {
    let scaled = Scaled::newest(series, NEWEST_POINTS)?;
    let origins = Origins::of(&scaled.values, method);
    let (mut own, of_last) = (origins.errors(), origins.errors_of_last());
    if own.len() < LEAST_FORECASTS {
        return None;
    }
    if method == Method::Auto {
        let beaten: Vec<bool> = (0..own.len()).map(|seen| is_beaten(&own[..seen], &of_last[..seen])).collect();
        let fallen_back = own.iter_mut().zip(&of_last).zip(beaten).filter(|(_, beaten)| *beaten);
        fallen_back.for_each(|((own, of_last), _)| *own = *of_last);
    }
    let sum = |errors: &[f64]| errors.iter().map(|e| e.abs()).filter(|size| *size > scaled.rounding).sum::<f64>();
    let (own, of_last) = (sum(&own), sum(&of_last));
    Some(if own == 0.0 { 1.0 } else { of_last / (own + of_last) })
}

/// Whether the last value did at least as well, over enough forecasts to say.
fn is_beaten(own: &[f64], of_last: &[f64]) -> bool {
    let sum = |errors: &[f64]| errors.iter().map(|error| error.abs()).sum::<f64>();
    own.len() >= LEAST_FORECASTS && sum(own) >= sum(of_last)
}

#[cfg(test)]
mod tests;
