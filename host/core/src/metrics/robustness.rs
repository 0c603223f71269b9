//! What is left of an arm when things go wrong.

use super::sums::{mean, mean_of_any, nominal_mean, ratio};
use crate::input_class::InputClass;
use crate::outcome::FailureKind;
use crate::scenario::Role;
use crate::trials::{ArmView, End, Sample, Trials};

/// How much of the nominal mean value a scenario may cost an arm that counts as adapted to it.
const TOLERANCE: f64 = 0.1;

const NS_PER_MS: f64 = 1e6;

pub(super) fn reliability(view: &ArmView<'_>) -> f64 {
    nominal_mean(view, |sample| f64::from(u8::from(sample.completed)))
}

pub(super) fn resilience(view: &ArmView<'_>) -> f64 {
    let stressed = view.of_role(Role::Stressed).flat_map(|trials| view.samples(trials));
    let Some(stressed) = mean_of_any(stressed.map(|(_, sample)| sample.value)) else { return 1.0 };
    let nominal = nominal_mean(view, |sample| sample.value);
    if nominal > 0.0 {
        ratio(stressed, nominal).clamp(0.0, 1.0)
    } else {
        // A share of nothing, or of a loss, is no share: either nothing was lost, or something was.
        f64::from(u8::from(stressed >= nominal))
    }
}

pub(super) fn antifragility(view: &ArmView<'_>) -> f64 {
    // Two passes, since the textbook's difference of sums of squares loses digits; the points are few.
    let points = || {
        view.trials.iter().filter(|trials| matches!(trials.role, Role::Nominal | Role::Stressed)).filter_map(|trials| {
            let intensity = if trials.threat_intensity.is_finite() { trials.threat_intensity } else { 0.0 };
            Some((intensity, mean_value(view, trials)?))
        })
    };
    let middle = mean(points().map(|(intensity, _)| intensity));
    let level = mean(points().map(|(_, value)| value));
    let (up, along) = points().fold((0.0, 0.0), |(up, along), (intensity, value)| {
        let away = intensity - middle;
        (up + away * (value - level), along + away * away)
    });
    ratio(up, along)
}

pub(super) fn adaptability(view: &ArmView<'_>) -> f64 {
    let nominal = nominal_mean(view, |sample| sample.value);
    let least = nominal - TOLERANCE * nominal.abs();
    let scenarios = view.of_role(Role::Stressed).filter_map(|trials| mean_value(view, trials));
    mean_of_any(scenarios.map(|value| f64::from(u8::from(value >= least)))).unwrap_or(1.0)
}

fn mean_value(view: &ArmView<'_>, trials: &Trials) -> Option<f64> {
    mean_of_any(view.samples(trials).map(|(_, sample)| sample.value))
}

pub(super) fn flexibility(view: &ArmView<'_>) -> f64 {
    // By class: trials, and those that were dealt with.
    let mut classes = [(0.0, 0.0); <InputClass as strum::VariantArray>::VARIANTS.len()];
    for trials in view.of_role(Role::Classes) {
        for (place, sample) in view.samples(trials) {
            let class = trials.classes.get(place).and_then(|class| classes.get_mut(*class as usize));
            let Some((seen, dealt_with)) = class else { continue };
            *seen += 1.0;
            *dealt_with += f64::from(u8::from(was_dealt_with(sample)));
        }
    }
    mean(classes.into_iter().filter(|(seen, _)| *seen > 0.0).map(|(seen, dealt_with)| dealt_with / seen))
}

/// Whether a trial completed, or said that its input is not what it takes and did nothing worse.
fn was_dealt_with(sample: &Sample) -> bool {
    let refused = |end: End| end == End::Failed(FailureKind::InvalidInput);
    let mut ends = sample.invocations.iter().map(|invocation| invocation.end);
    sample.completed || (ends.clone().any(refused) && ends.all(|end| end == End::Completed || refused(end)))
}

pub(super) fn recovery_time(view: &ArmView<'_>) -> f64 {
    let all = view.trials.iter().map(|trials| recoveries(view, trials));
    let (faults, time_ns) = all.fold((0, 0), |(faults, time), (f, t)| (faults + f, time + t));
    ratio(time_ns as f64, faults as f64) / NS_PER_MS
}

/// How many trials of a scenario had a fault injected, and how long it took in all from those faults to the end of
/// the next trial that completed, in nanoseconds. The trials are one timeline, one after the other.
fn recoveries(view: &ArmView<'_>, trials: &Trials) -> (u128, u128) {
    let (mut faults, mut time_ns, mut clock_ns) = (0, 0, 0_u128);
    // Faults that nothing has completed after yet, and the sum of the times at which they were.
    let (mut open, mut open_since_ns) = (0, 0);
    for (_, sample) in view.samples(trials) {
        let took_ns = u128::from(sample.usage.virtual_time_ns);
        if sample.usage.faults > 0 {
            open += 1;
            open_since_ns += clock_ns + u128::from(sample.usage.first_fault_ns).min(took_ns);
        }
        clock_ns += took_ns;
        if sample.completed {
            faults += open;
            time_ns += open * clock_ns - open_since_ns;
            (open, open_since_ns) = (0, 0);
        }
    }
    let given_up_ns = clock_ns + u128::from(view.context.limits.time_ns);
    (faults + open, time_ns + open * given_up_ns - open_since_ns)
}
