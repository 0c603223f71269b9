//! What the trials of an arm came to: what metrics are reckoned from.

use serde::{Deserialize, Serialize};

use crate::input_class::InputClass;
use crate::limits::{LimitKind, Limits};
use crate::measurement::{OutputFacts, Usage};
use crate::outcome::{FailureKind, Outcome, Rejection, TrapKind};
use crate::scenario::Role;

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

/// One invocation of a module in a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invocation {
    /// How it ended.
    pub end: End,
    /// What it used.
    pub usage: Usage,
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
}

impl Sample {
    /// A sample of its invocations.
    #[must_use]
    pub fn new(value: f64, cost: f64, completed: bool, output: OutputFacts, invocations: Vec<Invocation>) -> Self {
        let mut usage = Usage::default();
        for invocation in &invocations {
            usage.add(&invocation.usage);
        }
        Self { value, cost, completed, output, invocations, usage }
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
    /// The static scores of each module of the arm.
    pub statics: &'a [StaticScores],
    /// The ROI of the arm in earlier cycles, oldest first; this one is not among them.
    pub past_roi: &'a [f64],
    /// The profitability of the arm in earlier cycles, oldest first.
    pub past_profitability: &'a [f64],
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
    /// The samples of a scenario's trials on the inputs looked at, in order, and for each the number of its place in
    /// [`Trials::samples`].
    pub fn samples(&self, trials: &'a Trials) -> impl Iterator<Item = (usize, &'a Sample)> + use<'a> {
        let per_input = trials.samples.len().checked_div(self.inputs).unwrap_or(0);
        let draw = self.draw;
        let looked_at = draw.map_or(self.inputs, <[usize]>::len);
        (0..looked_at).map(move |place| draw.map_or(place, |draw| draw[place])).flat_map(move |input| {
            let first = input * per_input;
            trials.samples.iter().enumerate().skip(first).take(per_input)
        })
    }

    /// The samples of the nominal scenario on the inputs looked at.
    pub fn nominal(&self) -> impl Iterator<Item = &'a Sample> + use<'a> {
        let view = *self;
        self.trials
            .iter()
            .find(|trials| trials.role == Role::Nominal)
            .into_iter()
            .flat_map(move |trials| view.samples(trials).map(|(_, sample)| sample))
    }

    /// The trials of a role.
    pub fn of_role(&self, role: Role) -> impl Iterator<Item = &'a Trials> + use<'a> {
        self.trials.iter().filter(move |trials| trials.role == role)
    }
}
