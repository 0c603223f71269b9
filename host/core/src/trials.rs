//! What the trials of an arm came to: what metrics are reckoned from.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::energy::Energy;
use crate::forecast::Outlook;
use crate::id::Digest;
use crate::input_class::InputClass;
use crate::limits::{LimitKind, Limits};
use crate::measurement::{OutputFacts, Usage};
use crate::outcome::{FailureKind, Outcome, Rejection, TrapKind};
use crate::scenario::Role;
use crate::trend::Trend;

/// How a run ended, without its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum End {
    /// It did what it was asked.
    Completed,
    /// It said that it could not.
    Failed(FailureKind),
    /// It hit a limit.
    Limit(LimitKind),
    /// It imports something that it was not granted.
    Denied,
    /// It did something that WebAssembly does not allow.
    Trap(TrapKind),
    /// It is not a module that this host runs.
    Rejected(Rejection),
}

impl From<&Outcome> for End {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Completed { .. } => Self::Completed,
            Outcome::Failed { failure, .. } => Self::Failed(*failure),
            Outcome::Limit { limit, .. } => Self::Limit(*limit),
            Outcome::Denied { .. } => Self::Denied,
            Outcome::Trap { trap, .. } => Self::Trap(*trap),
            Outcome::Rejected { reason, .. } => Self::Rejected(*reason),
        }
    }
}

impl fmt::Display for End {
    /// The stable code, as [`Outcome::code`] has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Completed => f.write_str("completed"),
            Self::Failed(failure) => write!(f, "failed: {failure}"),
            Self::Limit(limit) => write!(f, "limit: {limit}"),
            Self::Denied => f.write_str("denied: import"),
            Self::Trap(trap) => write!(f, "trap: {trap}"),
            Self::Rejected(reason) => write!(f, "rejected: {reason}"),
        }
    }
}

/// One invocation of a module in a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invocation {
    /// How it ended.
    pub end: End,
    /// What it used.
    pub usage: Usage,
}

impl Invocation {
    /// What it did, as far as one behaviour is told from another: how it ended, which interfaces of the host it
    /// called, and how large its output was, to a power of two. Equal numbers are equal behaviours.
    #[must_use]
    pub fn behaviour(&self) -> u64 {
        let called = self.usage.interfaces.iter().filter(|interface| interface.calls > 0);
        let mut names: Vec<&str> = called.map(|interface| interface.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let end = self.end.to_string();
        // 0 for no bytes, 1 for one, 2 for two and three, 3 for four to seven, ...
        let size = (u64::BITS - self.usage.output_bytes.leading_zeros()).to_le_bytes();
        let parts = [end.as_bytes(), &size].into_iter().chain(names.into_iter().map(str::as_bytes));
        Digest::of_parts(parts).as_bytes().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

/// What one trial of an arm came to, on one input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// What the output is worth, in credits; 0 when there is none.
    pub value: f64,
    /// What getting it cost, in credits.
    pub cost: f64,
    /// Whether every step completed.
    pub completed: bool,
    /// The output; of no bytes where it did not complete.
    pub output: OutputFacts,
    /// The invocations, in order: the steps, and the modules that they linked. Empty in the arm without modules.
    pub invocations: Vec<Invocation>,
    /// What the invocations used, added up.
    pub usage: Usage,
    /// The [`Invocation::behaviour`] of each, found once, since metrics are measured for thousands of resamples.
    pub behaviours: Vec<u64>,
}

impl Sample {
    /// A sample of its invocations.
    #[must_use]
    pub fn new(value: f64, cost: f64, completed: bool, output: OutputFacts, invocations: Vec<Invocation>) -> Self {
        let mut usage = Usage::default();
        for invocation in &invocations {
            usage.add(&invocation.usage);
        }
        let behaviours = invocations.iter().map(Invocation::behaviour).collect();
        Self { value, cost, completed, output, invocations, usage, behaviours }
    }
}

/// The trials of an arm under one scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trials {
    /// The scenario's name.
    pub scenario: String,
    /// What they are for.
    pub role: Role,
    /// How hard the scenario is, from 0 to 1.
    pub threat_intensity: f64,
    /// By input: the same number of samples for each, those of an input beside each other.
    pub samples: Vec<Sample>,
    /// For [`Role::Classes`], the class of each sample.
    pub classes: Vec<InputClass>,
}

/// What is known of the modules of an arm without running them, and of the past of the arm.
#[derive(Clone, Debug)]
pub struct MetricContext<'a> {
    /// The limits that one module ran under in the nominal scenario.
    pub limits: &'a Limits,
    /// How strict the environment is, from 1 to 5: by it incidents count more.
    pub security_level: u8,
    /// What energy is put down for what a run uses.
    pub energy: &'a Energy,
    /// The static scores of each module of the arm.
    pub statics: &'a [StaticScores],
    /// The ROI of the arm in earlier cycles; this one is not among them.
    pub past_roi: &'a Trend,
    /// The profitability of the arm in earlier cycles, fitted; this one is not among them.
    pub past_profitability: &'a Outlook,
}

/// What a module's bytes say of its quality, each from 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StaticScores {
    /// The maintainability index; higher is better.
    pub maintainability: f64,
    /// The lint score; higher is better.
    pub code_quality: f64,
    /// The security score; higher is better.
    pub security_score: f64,
    /// How much a misbehaving module of this kind could reach; lower is better.
    pub exposure: f64,
}

/// An arm as a metric sees it: all its trials, or those of some of the inputs, drawn with or without repetition.
#[derive(Clone, Copy, Debug)]
pub struct ArmView<'a> {
    /// By scenario; the first is the nominal one.
    pub trials: &'a [Trials],
    /// How many inputs there are.
    pub inputs: usize,
    /// Which of them are looked at; all in order where `None`.
    pub draw: Option<&'a [usize]>,
    /// What else is known of the arm.
    pub context: &'a MetricContext<'a>,
}

impl<'a> ArmView<'a> {
    /// How many inputs are looked at; one that was drawn twice counts twice.
    #[must_use]
    pub fn looked_at(&self) -> usize {
        self.draw.map_or(self.inputs, <[usize]>::len)
    }

    /// The samples of a scenario's trials on one of the inputs looked at, by its number in the order of the draw, and
    /// the place of the first of them in [`Trials::samples`].
    #[must_use]
    pub fn on_input(&self, trials: &'a Trials, number: usize) -> (usize, &'a [Sample]) {
        let per_input = trials.samples.len().checked_div(self.inputs).unwrap_or(0);
        let input = self.draw.map_or(Some(number), |draw| draw.get(number).copied());
        let first = input.unwrap_or(self.inputs).saturating_mul(per_input);
        (first, trials.samples.get(first..first.saturating_add(per_input)).unwrap_or_default())
    }

    /// The samples of a scenario's trials on the inputs looked at, in the order of the draw, and for each its place in
    /// [`Trials::samples`].
    pub fn samples(&self, trials: &'a Trials) -> impl Iterator<Item = (usize, &'a Sample)> + use<'a> {
        let view = *self;
        (0..self.looked_at()).flat_map(move |number| {
            let (first, samples) = view.on_input(trials, number);
            samples.iter().enumerate().map(move |(place, sample)| (first + place, sample))
        })
    }

    /// The samples of the nominal scenario on the inputs looked at.
    pub fn nominal(&self) -> impl Iterator<Item = &'a Sample> + use<'a> {
        let view = *self;
        self.nominal_trials().into_iter().flat_map(move |trials| view.samples(trials).map(|(_, sample)| sample))
    }

    /// The trials of the nominal scenario: the first of that role.
    #[must_use]
    pub fn nominal_trials(&self) -> Option<&'a Trials> {
        self.of_role(Role::Nominal).next()
    }

    /// The trials of a role.
    pub fn of_role(&self, role: Role) -> impl Iterator<Item = &'a Trials> + use<'a> {
        self.trials.iter().filter(move |trials| trials.role == role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measurement::InterfaceUse;
    use crate::outcome::Excess;

    fn called(names: &[&str], output_bytes: u64) -> Invocation {
        let interfaces =
            names.iter().map(|name| InterfaceUse { name: (*name).to_owned(), calls: 1, ..InterfaceUse::default() });
        let usage = Usage { output_bytes, interfaces: interfaces.collect(), ..Usage::default() };
        Invocation { end: End::Completed, usage }
    }

    #[test]
    fn a_behaviour_is_end_interfaces_and_size() {
        let one = called(&["a", "b"], 4).behaviour();
        assert_eq!(called(&["b", "a"], 7).behaviour(), one);
        assert_ne!(called(&["ab"], 4).behaviour(), one);
        assert_ne!(called(&["a", "b"], 8).behaviour(), one);
        assert_ne!(called(&["a", "b"], 0).behaviour(), one);
        assert_ne!(Invocation { end: End::Denied, ..called(&["a", "b"], 4) }.behaviour(), one);
        let mut uncalled = called(&["a", "b", "c"], 4);
        uncalled.usage.interfaces[2].calls = 0;
        assert_eq!(uncalled.behaviour(), one);
    }

    #[test]
    fn an_end_is_told_as_its_outcome_is() {
        let detail = String::new();
        let excess = Excess { asked: 2, allowed: 1 };
        for outcome in [
            Outcome::Completed { code: None },
            Outcome::Failed { failure: FailureKind::InvalidInput, code: None, detail: detail.clone() },
            Outcome::Limit { limit: LimitKind::HostData, excess, detail: detail.clone() },
            Outcome::Denied { detail: detail.clone() },
            Outcome::Trap { trap: TrapKind::BadIndirectCall, detail },
            Outcome::rejected(Rejection::NotWasm, ""),
        ] {
            assert_eq!(End::from(&outcome).to_string(), outcome.code());
        }
    }

    #[test]
    fn a_draw_repeats_and_leaves_out_inputs() {
        let sample = |value: i32| Sample::new(f64::from(value), 0.0, true, OutputFacts::of(&[]), Vec::new());
        let trials = [Trials {
            scenario: "nominal".to_owned(),
            role: Role::Nominal,
            threat_intensity: 0.0,
            samples: (0..6).map(sample).collect(),
            classes: Vec::new(),
        }];
        let context = MetricContext {
            limits: &Limits::default(),
            security_level: 1,
            energy: &Energy::default(),
            statics: &[],
            past_roi: &Trend::default(),
            past_profitability: &Outlook::default(),
        };
        let seen = |draw: Option<&[usize]>| {
            let view = ArmView { trials: &trials, inputs: 3, draw, context: &context };
            let places: Vec<usize> = view.samples(&trials[0]).map(|(place, _)| place).collect();
            let values: Vec<f64> = view.nominal().map(|sample| sample.value).collect();
            assert_eq!(places.iter().map(|place| *place as f64).collect::<Vec<_>>(), values);
            places
        };
        assert_eq!(seen(None), [0, 1, 2, 3, 4, 5]);
        assert_eq!(seen(Some(&[2, 0, 2])), [4, 5, 0, 1, 4, 5]);
        assert_eq!(seen(Some(&[7])), [0; 0]);
    }
}
