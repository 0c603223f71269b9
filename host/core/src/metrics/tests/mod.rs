//! Arms to try the metrics on, and what holds for the table as a whole.

mod algebra;
mod arbitrary;
mod figures;
mod properties;

use std::collections::BTreeSet;

use super::*;
use crate::energy::Energy;
use crate::forecast::Outlook;
use crate::measurement::{InterfaceUse, OutputFacts, Usage};
use crate::trend::Trend;
use crate::trials::{End, Invocation, MetricContext, Sample, StaticScores, Trials};
use crate::{Limits, Role};

/// All that the metrics of an arm are reckoned from, owned.
#[derive(Clone, Debug)]
struct Case {
    inputs: usize,
    trials: Vec<Trials>,
    limits: Limits,
    security_level: u8,
    energy: Energy,
    statics: Vec<StaticScores>,
    past_roi: Vec<f64>,
    past_profitability: Vec<f64>,
}

impl Case {
    /// A case of nominal samples, one for each input, under the default limits.
    fn nominal(samples: Vec<Sample>) -> Self {
        Self {
            inputs: samples.len(),
            trials: vec![trials(Role::Nominal, 0.0, samples)],
            limits: Limits::default(),
            security_level: 1,
            energy: Energy::default(),
            statics: Vec::new(),
            past_roi: Vec::new(),
            past_profitability: Vec::new(),
        }
    }

    /// The case with further trials, one for each input.
    fn and(mut self, role: Role, threat_intensity: f64, samples: Vec<Sample>) -> Self {
        self.trials.push(trials(role, threat_intensity, samples));
        self
    }

    fn view<R>(&self, draw: Option<&[usize]>, look: impl Fn(&ArmView<'_>) -> R) -> R {
        let context = MetricContext {
            limits: &self.limits,
            security_level: self.security_level,
            energy: &self.energy,
            statics: &self.statics,
            past_roi: &Trend::of(&self.past_roi),
            past_profitability: &Outlook::of(&self.past_profitability),
        };
        look(&ArmView { trials: &self.trials, inputs: self.inputs, draw, context: &context })
    }

    fn all(&self) -> MetricSet {
        self.view(None, measure)
    }

    fn drawn(&self, draw: &[usize]) -> MetricSet {
        self.view(Some(draw), measure)
    }

    fn one(&self, name: &str) -> f64 {
        self.view(None, Metric::named(name).unwrap().measure)
    }

    /// The case with each sample of each scenario made another.
    fn with_samples(&self, change: impl Fn(&Trials, &mut Sample)) -> Self {
        let mut other = self.clone();
        for (trials, before) in other.trials.iter_mut().zip(&self.trials) {
            for sample in &mut trials.samples {
                change(before, sample);
                let Sample { value, cost, completed, output, invocations, .. } = sample.clone();
                *sample = Sample::new(value, cost, completed, output, invocations);
            }
        }
        other
    }

    /// The case with each invocation made another.
    fn with_invocations(&self, change: impl Fn(&mut Invocation)) -> Self {
        self.with_samples(|_, sample| sample.invocations.iter_mut().for_each(&change))
    }
}

fn trials(role: Role, threat_intensity: f64, samples: Vec<Sample>) -> Trials {
    Trials { scenario: format!("{role:?}"), role, threat_intensity, samples, classes: Vec::new() }
}

/// A completed sample of one invocation.
fn sample(value: f64, cost: f64, usage: Usage) -> Sample {
    Sample::new(value, cost, true, OutputFacts::of(b"out"), vec![run(End::Completed, usage)])
}

/// A sample without a value that ended so.
fn ended(end: End, usage: Usage) -> Sample {
    Sample::new(0.0, 0.0, false, OutputFacts::of(&[]), vec![run(end, usage)])
}

fn run(end: End, usage: Usage) -> Invocation {
    Invocation { end, usage }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

const NAMES: [&str; 25] = [
    "adaptability",
    "antifragility",
    "code_quality",
    "cpu_usage",
    "discrepancy_count",
    "efficiency",
    "energy_consumption",
    "flexibility",
    "gpu_usage",
    "long_term_lucrativity",
    "maintainability",
    "memory_usage",
    "network_latency",
    "profitability",
    "projected_lucrativity",
    "recovery_time",
    "reliability",
    "resilience",
    "revenue",
    "risk_index",
    "roi",
    "safety_rating",
    "security_score",
    "shannon_entropy",
    "throughput",
];

#[test]
fn the_table_has_the_25_metrics() {
    let names: BTreeSet<_> = METRICS.iter().map(|metric| metric.name).collect();
    assert_eq!(names, BTreeSet::from(NAMES));
    assert_eq!(names.len(), METRICS.len());
    for metric in METRICS {
        assert!(!metric.unit.is_empty() && metric.doc.ends_with('.'), "{}", metric.name);
        assert_eq!(Metric::named(metric.name).unwrap().doc, metric.doc);
    }
    assert!(Metric::named("Revenue").is_none());
}

#[test]
fn direction_and_unit_are_the_contract() {
    let told: Vec<String> =
        METRICS.iter().map(|m| format!("{} {} {:?}", m.name, m.unit.replace(' ', "_"), m.direction)).collect();
    let expected = "roi ratio Higher, revenue credits/input Higher, profitability credits/input Higher, \
        projected_lucrativity credits Higher, long_term_lucrativity ratio/cycle Higher, efficiency 0..1 Higher, \
        cpu_usage 0..1 Lower, memory_usage 0..1 Lower, gpu_usage 0..1 Lower, energy_consumption joules/input Lower, \
        throughput inputs/virtual_s Higher, network_latency virtual_ms/input Lower, reliability 0..1 Higher, \
        resilience 0..1 Higher, antifragility credits Higher, adaptability 0..1 Higher, flexibility 0..1 Higher, \
        recovery_time virtual_ms Lower, safety_rating 0..100 Higher, security_score 0..100 Higher, \
        risk_index 0..100 Lower, shannon_entropy bits Neutral, discrepancy_count count Lower, \
        maintainability 0..100 Higher, code_quality 0..100 Higher";
    assert_eq!(told.join(", "), expected);
}
