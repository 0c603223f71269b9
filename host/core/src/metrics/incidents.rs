//! What a module did that it should not have done, and how much that counts.
//!
//! An incident belongs to one invocation. Invocations into which a fault was injected are left out, from the incidents
//! and from the runs they are held against: what follows from a flipped bit or a lost message is not the module's doing.
//! That a tight limit ended a run is: a module that needs less would have completed. A declared failure is what a module
//! is asked to do when it cannot go on, and no incident.

use super::sums::ratio;
use crate::limits::LimitKind;
use crate::outcome::TrapKind;
use crate::trials::{ArmView, End, Invocation, Trials};

/// A kind of incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncidentKind {
    /// At least one call of a capability that was not granted, however the run ended.
    DeniedCall,
    /// An import that was not granted, so that nothing ran.
    DeniedImport,
    /// A trap as memory errors and forged pointers cause them.
    UnsafeTrap,
    /// Any other trap.
    Trap,
    /// A limit that ended the run.
    Limit(LimitKind),
    /// Bytes that are no module of this host.
    Rejected,
}

/// A row of the table of incidents.
#[derive(Clone, Copy, Debug)]
pub struct Incident {
    /// Which kind.
    pub kind: IncidentKind,
    /// How much one counts, where an ordinary one counts 1.
    pub weight: f64,
    /// Why so much.
    pub reason: &'static str,
}

const fn incident(kind: IncidentKind, weight: f64, reason: &'static str) -> Incident {
    Incident { kind, weight, reason }
}

/// How much each kind of incident counts.
pub const INCIDENTS: &[Incident] = &[
    incident(IncidentKind::DeniedCall, 3.0, "it tried to reach what it was not given"),
    incident(IncidentKind::DeniedImport, 1.0, "it asked openly, and nothing ran"),
    incident(IncidentKind::UnsafeTrap, 2.0, "memory, tables or values are corrupt, as an attack would leave them"),
    incident(IncidentKind::Trap, 1.0, "a panic or a sum that does not work out: it stopped by itself, without a word"),
    incident(IncidentKind::Rejected, 1.0, "nothing ran"),
    incident(IncidentKind::Limit(LimitKind::Fuel), 1.0, "it would have gone on"),
    incident(IncidentKind::Limit(LimitKind::Memory), 1.0, "it would have taken more"),
    incident(IncidentKind::Limit(LimitKind::Time), 1.0, "it would have gone on"),
    incident(IncidentKind::Limit(LimitKind::WallTime), 3.0, "it kept the machine busy in a way that fuel does not see"),
    incident(IncidentKind::Limit(LimitKind::Output), 0.5, "more than anybody asked for, though counted and paid"),
    incident(IncidentKind::Limit(LimitKind::Log), 0.5, "more than anybody asked for, though counted and paid"),
    incident(IncidentKind::Limit(LimitKind::Tables), 1.0, "it would have taken more"),
    incident(IncidentKind::Limit(LimitKind::Instances), 1.0, "it would have taken more"),
    incident(IncidentKind::Limit(LimitKind::Handles), 1.0, "it would have taken more"),
    incident(IncidentKind::Limit(LimitKind::Stack), 1.0, "it recursed without a bound"),
    incident(IncidentKind::Limit(LimitKind::Disk), 1.0, "it would have taken more"),
    incident(IncidentKind::Limit(LimitKind::HostData), 0.5, "more than anybody asked for, though counted and paid"),
    incident(IncidentKind::Limit(LimitKind::Compile), 2.0, "loading it costs more than a module may"),
];

/// The rows before those of limits, which are in the order of [`LimitKind::ALL`].
const BEFORE_LIMITS: usize = 5;

impl IncidentKind {
    /// What an end is, if it is an incident.
    #[must_use]
    pub fn of(end: End) -> Option<Self> {
        match end {
            End::Completed | End::Failed(_) => None,
            End::Denied => Some(Self::DeniedImport),
            End::Trap(trap) => Some(match trap {
                TrapKind::MemoryOutOfBounds
                | TrapKind::TableOutOfBounds
                | TrapKind::BadIndirectCall
                | TrapKind::BadValue => Self::UnsafeTrap,
                TrapKind::Unreachable
                | TrapKind::DivisionByZero
                | TrapKind::IntegerOverflow
                | TrapKind::BadConversion
                | TrapKind::Other => Self::Trap,
            }),
            End::Limit(limit) => Some(Self::Limit(limit)),
            End::Rejected(_) => Some(Self::Rejected),
        }
    }

    /// What happened in some trials, each kind once, in the order in which it is met first. Where a fault was injected,
    /// what follows is not the module's doing.
    #[must_use]
    pub fn of_trials(trials: &[Trials]) -> Vec<Self> {
        let mut kinds = Vec::new();
        let samples = trials.iter().flat_map(|trials| &trials.samples);
        for run in samples.flat_map(|sample| &sample.invocations).filter(|run| run.usage.faults == 0) {
            let denied = (run.usage.denied_calls > 0).then_some(Self::DeniedCall);
            for kind in Self::of(run.end).into_iter().chain(denied) {
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
        }
        kinds
    }

    /// How much one counts.
    #[must_use]
    pub fn weight(self) -> f64 {
        INCIDENTS.get(self.row()).map_or(1.0, |incident| incident.weight)
    }

    /// Why it counts so much.
    #[must_use]
    pub fn reason(self) -> &'static str {
        INCIDENTS.get(self.row()).map_or("", |incident| incident.reason)
    }

    /// The place in [`INCIDENTS`].
    fn row(self) -> usize {
        match self {
            Self::DeniedCall => 0,
            Self::DeniedImport => 1,
            Self::UnsafeTrap => 2,
            Self::Trap => 3,
            Self::Rejected => 4,
            Self::Limit(limit) => BEFORE_LIMITS + limit as usize,
        }
    }
}

/// What the invocations of an arm came to, in all scenarios.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Record {
    /// Invocations without an injected fault.
    runs: f64,
    /// Those of them with an incident.
    with_incident: f64,
    /// The sum of the incidents' weights.
    weight: f64,
}

fn record(view: &ArmView<'_>) -> Record {
    let mut record = Record::default();
    for trials in view.trials {
        let runs = view.samples(trials).flat_map(|(_, sample)| &sample.invocations);
        for run in runs.filter(|run| run.usage.faults == 0) {
            let weight = weight(run);
            record.runs += 1.0;
            record.with_incident += f64::from(u8::from(weight > 0.0));
            record.weight += weight;
        }
    }
    record
}

/// The weight of what one invocation did: of its end, and of calls that were denied.
fn weight(run: &Invocation) -> f64 {
    let end = IncidentKind::of(run.end).map_or(0.0, IncidentKind::weight);
    if run.usage.denied_calls > 0 { end + IncidentKind::DeniedCall.weight() } else { end }
}

/// How many times an incident counts at a level of security, from 1 to 5: 1, 1.25, 1.5, 1.75 and 2.
fn incident_factor(security_level: u8) -> f64 {
    (3.0 + f64::from(security_level.clamp(1, 5))) / 4.0
}

pub(super) fn safety_rating(view: &ArmView<'_>) -> f64 {
    let record = record(view);
    let weight = record.weight * incident_factor(view.context.security_level);
    (100.0 - 100.0 * ratio(weight, record.runs)).max(0.0)
}

pub(super) fn risk_index(view: &ArmView<'_>) -> f64 {
    let record = record(view);
    let exposure = view.context.statics.iter().map(|scores| scores.exposure).fold(0.0, f64::max);
    exposure.min(100.0) * ratio(record.with_incident, record.runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stricter_level_counts_incidents_more_often() {
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 255].map(incident_factor), [1.0, 1.0, 1.25, 1.5, 1.75, 2.0, 2.0, 2.0]);
    }

    #[test]
    fn every_kind_stands_where_it_is_looked_up() {
        assert_eq!(INCIDENTS.len(), BEFORE_LIMITS + LimitKind::ALL.len());
        for (place, incident) in INCIDENTS.iter().enumerate() {
            assert_eq!(incident.kind.row(), place);
            assert_eq!(incident.kind.weight(), incident.weight);
            assert!(incident.weight.is_finite() && incident.weight > 0.0 && !incident.reason.is_empty());
        }
        for limit in LimitKind::ALL {
            assert_eq!(INCIDENTS[IncidentKind::Limit(*limit).row()].kind, IncidentKind::Limit(*limit));
        }
    }
}
