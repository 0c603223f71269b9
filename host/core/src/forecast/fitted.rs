//! A model by the name of its method.

use super::arima::{Arima, GIVEN, LEAST_ARIMA_POINTS};
use super::{COMBINED_POINTS, DampedHolt, LEAST_POINTS, Line, Method, Model, Outlook, Ses, Theta};

/// The share of the exponential moving average.
const EMA_SHARE: f64 = 0.3;

/// A model that has taken a series in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fitted {
    /// The last value.
    Last(f64),
    /// The mean of three models: of at least [`COMBINED_POINTS`] values.
    Outlook(Outlook),
    /// With a share that was given.
    Ema(Ses),
    Ses(Ses),
    Holt(DampedHolt),
    Theta(Theta),
    Line(Line),
    Arima(Arima),
}

impl Fitted {
    /// The model of a method after a series; the last value where there are too few for the method, and for `Arima`
    /// simple exponential smoothing in between. `None` for no values.
    pub(super) fn of(series: &[f64], method: Method) -> Option<Self> {
        let (first, rest) = series.split_first()?;
        let last = *series.last()?;
        Some(match method {
            Method::Ema => {
                let mut ema = Ses::new(EMA_SHARE, *first);
                ema.squared_errors(rest);
                Self::Ema(ema)
            }
            Method::Arima if series.len() >= LEAST_ARIMA_POINTS => Self::Arima(Arima::fitted(series)?),
            _ if series.len() < least_points(method) => Self::Last(last),
            Method::Auto if series.len() >= COMBINED_POINTS => Self::Outlook(Outlook::of(series)),
            Method::Auto | Method::Ses | Method::Arima => Self::Ses(Ses::fitted(series)?),
            Method::Theta => Self::Theta(Theta::fitted(series)?),
            Method::Holt => Self::Holt(DampedHolt::fitted(series)?),
            Method::Linear => Self::Line(Line::fitted(series)?),
        })
    }

    /// How many of the first values went into where the model starts, so that it does not foretell them.
    fn given(&self) -> usize {
        match self {
            Self::Last(_) | Self::Ema(_) | Self::Ses(_) => 1,
            Self::Outlook(_) | Self::Holt(_) | Self::Theta(_) | Self::Line(_) => 2,
            Self::Arima(_) => GIVEN,
        }
    }

    /// How many parameters were fitted, beyond where the model starts.
    pub(super) fn parameters(&self) -> usize {
        match self {
            Self::Last(_) | Self::Ema(_) | Self::Line(_) => 0,
            Self::Ses(_) | Self::Theta(_) => 1,
            Self::Outlook(_) => 2,
            Self::Holt(_) => 3,
            Self::Arima(arima) => arima.parameters(),
        }
    }

    /// The errors of the model, with its parameters, on the series that it was fitted to, each over the square root of
    /// its spread; without those of values that went into where it starts.
    pub(super) fn residuals(&self, series: &[f64]) -> Vec<f64> {
        let [first, second, ..] = series else { return Vec::new() };
        let mut model = self.begun(*first, *second);
        let mut residuals = Vec::with_capacity(series.len());
        for (place, value) in series.iter().enumerate().skip(1) {
            let spread = model.spread(1);
            let error = model.step(*value);
            if place >= self.given() {
                residuals.push(error / spread.sqrt());
            }
        }
        residuals
    }

    /// The model before the second value of a series.
    fn begun(&self, first: f64, second: f64) -> Self {
        let ses = |model: &Ses| Ses::new(model.alpha, first);
        let holt = |model: &DampedHolt| DampedHolt::new(model.alpha, model.beta, model.phi, first, second);
        let theta = |model: &Theta| Theta::new(model.ses.alpha, first);
        match self {
            Self::Last(_) => Self::Last(first),
            Self::Outlook(outlook) => Self::Outlook(Outlook {
                points: COMBINED_POINTS,
                last: first,
                ses: outlook.ses.as_ref().map(ses),
                holt: outlook.holt.as_ref().map(holt),
                theta: outlook.theta.as_ref().map(theta),
            }),
            Self::Ema(model) => Self::Ema(ses(model)),
            Self::Ses(model) => Self::Ses(ses(model)),
            Self::Holt(model) => Self::Holt(holt(model)),
            Self::Theta(model) => Self::Theta(theta(model)),
            Self::Line(_) => Self::Line(Line::new(first)),
            Self::Arima(model) => Self::Arima(model.begun(first)),
        }
    }
}

impl Model for Fitted {
    fn step(&mut self, value: f64) -> f64 {
        match self {
            Self::Last(last) => value - std::mem::replace(last, value),
            Self::Outlook(outlook) => {
                let error = value - outlook.ahead(1);
                *outlook = outlook.then(value);
                error
            }
            Self::Ema(model) | Self::Ses(model) => model.step(value),
            Self::Holt(model) => model.step(value),
            Self::Theta(model) => model.step(value),
            Self::Line(model) => model.step(value),
            Self::Arima(model) => model.step(value),
        }
    }

    fn ahead(&self, steps: usize) -> f64 {
        match self {
            Self::Last(last) => *last,
            Self::Outlook(outlook) => outlook.ahead(steps),
            Self::Ema(model) | Self::Ses(model) => model.ahead(steps),
            Self::Holt(model) => model.ahead(steps),
            Self::Theta(model) => model.ahead(steps),
            Self::Line(model) => model.ahead(steps),
            Self::Arima(model) => model.ahead(steps),
        }
    }

    fn spread(&self, steps: usize) -> f64 {
        match self {
            Self::Last(_) => steps as f64,
            Self::Outlook(outlook) => outlook.spread(steps),
            Self::Ema(model) | Self::Ses(model) => model.spread(steps),
            Self::Holt(model) => model.spread(steps),
            Self::Theta(model) => model.spread(steps),
            Self::Line(model) => model.spread(steps),
            Self::Arima(model) => model.spread(steps),
        }
    }
}

/// With fewer points than this a method says the last value.
pub(super) fn least_points(method: Method) -> usize {
    match method {
        Method::Ema => 1,
        Method::Linear => 2,
        Method::Auto | Method::Ses | Method::Theta | Method::Holt | Method::Arima => LEAST_POINTS,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::NILE;
    use super::*;

    /// The residuals of a model are the errors that its fit was judged by: their squares add up to no more than with
    /// other parameters.
    #[test]
    fn residuals_are_those_of_the_fit() {
        let squares = |method| Fitted::of(&NILE, method).unwrap().residuals(&NILE).iter().map(|e| e * e).sum::<f64>();
        let rest = &NILE[1..];
        let ses = (1..100).map(|share| Ses::new(f64::from(share) / 100.0, NILE[0]).squared_errors(rest));
        assert!(squares(Method::Ses) <= ses.fold(f64::INFINITY, f64::min));
        let ema = Ses::new(0.3, NILE[0]).squared_errors(rest);
        assert!((squares(Method::Ema) - ema).abs() < 1e-6);
        let changes: f64 = NILE.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
        let last: f64 = Fitted::Last(NILE[29]).residuals(&NILE).iter().map(|e| e * e).sum();
        assert!((last - changes).abs() < 1e-6);
    }

    #[test]
    fn residuals_end_where_the_model_is() {
        for method in
            [Method::Auto, Method::Ema, Method::Ses, Method::Theta, Method::Holt, Method::Arima, Method::Linear]
        {
            let before = Fitted::of(&NILE[..20], method).unwrap();
            let mut replayed = before.begun(NILE[0], NILE[1]);
            let last = NILE[1..20].iter().map(|value| replayed.step(*value)).last().unwrap();
            let spread = before.residuals(&NILE[..20]).last().unwrap() / last;
            assert!(spread > 0.5 && spread <= 1.0 + 1e-9, "{method}");
            assert!((replayed.ahead(3) - before.ahead(3)).abs() < 1e-6, "{method}");
            assert!((replayed.spread(3) - before.spread(3)).abs() < 1e-9, "{method}");
        }
    }

    #[test]
    fn too_few_points_have_the_last_value() {
        let of = |points: usize, method| Fitted::of(&NILE[..points], method);
        assert_eq!(of(0, Method::Ema), None);
        assert_eq!(of(4, Method::Holt), Some(Fitted::Last(NILE[3])));
        assert_eq!(of(1, Method::Linear), Some(Fitted::Last(NILE[0])));
        assert_eq!(of(9, Method::Arima), of(9, Method::Ses));
        assert_eq!(of(9, Method::Auto), of(9, Method::Ses));
        assert!(matches!(of(10, Method::Auto), Some(Fitted::Outlook(_))));
        assert!(matches!(of(10, Method::Arima), Some(Fitted::Arima(_))));
    }
}
