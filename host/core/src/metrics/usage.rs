//! How much an arm uses of what it was given.

use super::sums::{nominal_mean, per_invocation, ratio, share};
use crate::trials::ArmView;

const NS_PER_S: f64 = 1e9;
const NS_PER_MS: f64 = 1e6;

pub(super) fn efficiency(view: &ArmView<'_>) -> f64 {
    1.0 - f64::midpoint(cpu_usage(view), memory_usage(view))
}

pub(super) fn cpu_usage(view: &ArmView<'_>) -> f64 {
    share(per_invocation(view, |invocation| invocation.usage.fuel as f64), view.context.limits.fuel)
}

pub(super) fn memory_usage(view: &ArmView<'_>) -> f64 {
    share(nominal_mean(view, |sample| sample.usage.peak_memory_bytes as f64), view.context.limits.memory_bytes)
}

pub(super) fn gpu_usage(view: &ArmView<'_>) -> f64 {
    let busy_ns = per_invocation(view, |invocation| invocation.usage.accelerator_ns as f64);
    share(busy_ns, view.context.limits.wall_time_ns)
}

pub(super) fn energy_consumption(view: &ArmView<'_>) -> f64 {
    // By invocation and not by trial: each holds its own peak of memory for its own time.
    nominal_mean(view, |sample| sample.invocations.iter().map(|run| view.context.energy.joules(&run.usage)).sum())
}

pub(super) fn throughput(view: &ArmView<'_>) -> f64 {
    let (completed, time_ns) = view.nominal().fold((0.0, 0.0), |(completed, time_ns), sample| {
        (completed + f64::from(u8::from(sample.completed)), time_ns + sample.usage.virtual_time_ns as f64)
    });
    ratio(completed, time_ns / NS_PER_S)
}

pub(super) fn network_latency(view: &ArmView<'_>) -> f64 {
    nominal_mean(view, |sample| sample.usage.waiting_ns as f64) / NS_PER_MS
}
