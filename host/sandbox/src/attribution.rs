//! Naming how a run ended.
//!
//! The engine's error is the last thing that is asked: a refused growth looks like an ordinary trap, an
//! orderly exit like an error, and several limits have no error of their own. The order is fixed:
//! fuel, time, the other limits, trap, failure, completed.

use holobiont_core::{FailureKind, LimitKind, Outcome, TrapKind, Unit, one_line};
use wasmtime::Trap;

use crate::error::SandboxError;
use crate::state::RunState;
use crate::stop::Stop;
use crate::types::Failure;

/// What the guest's function came back with.
pub(crate) enum Answer {
    /// A candidate's result.
    Bytes(Vec<u8>),
    /// A command's exit code; its result is what it wrote.
    Stdout(i32),
    /// A scorer's score.
    Score(f64),
    /// A declared failure.
    Failed(Failure),
}

/// The outcome of a run, and the answer if it is to be used.
pub(crate) fn outcome(
    state: &mut RunState,
    answer: wasmtime::Result<Answer>,
    stack_bytes: u64,
) -> Result<(Outcome, Option<Answer>), SandboxError> {
    match state.stop() {
        // Whoever waited for it may have run out of time by that: it is not why.
        Some(Stop::Linked(outcome)) => return Ok((Outcome::clone(outcome), None)),
        Some(Stop::Fault(words)) => return Err(SandboxError::Fault(words.clone())),
        _ => {}
    }
    // Whatever else happened, and even if it seems to have come to a good end.
    if let Some(over) = state.meter.over() {
        return Ok((Outcome::limit(over.kind, unit(over.kind), over.asked, over.allowed), None));
    }
    let error = match answer {
        Ok(answer) => return Ok(answered(state, answer)),
        Err(error) => error,
    };
    // An exit is an error to the engine and an answer to us.
    if let Some(Stop::Exit(code)) = state.stop() {
        let code = *code;
        return Ok(answered(state, Answer::Stdout(code)));
    }
    if error.is::<wasmtime::PoolConcurrencyLimitError>() {
        return Err(SandboxError::Fault(one_line(&error.to_string())));
    }
    let trap = error.downcast_ref::<Trap>().copied();
    let limit = stopped(state).or_else(|| refused(state));
    let limit = limit.or_else(|| engine_limit(state, &error, trap, stack_bytes));
    Ok((limit.unwrap_or_else(|| trapped(state, &error, trap)), None))
}

fn answered(state: &RunState, answer: Answer) -> (Outcome, Option<Answer>) {
    match answer {
        Answer::Failed(failure) => (refused_disk(state).unwrap_or_else(|| failure.into_outcome()), None),
        Answer::Stdout(0) => (Outcome::Completed { code: Some(0) }, Some(Answer::Stdout(0))),
        Answer::Stdout(code) => {
            let exit = || Outcome::Failed {
                failure: FailureKind::Exit,
                code: Some(code),
                detail: format!("ended with exit code {code}"),
            };
            // What it had written by then is still its output.
            (refused_disk(state).unwrap_or_else(exit), Some(Answer::Stdout(code)))
        }
        Answer::Score(score) if !score.is_finite() => {
            let detail = format!("gave {score} as a score; it must be a finite number");
            (Outcome::Failed { failure: FailureKind::Internal, code: None, detail }, None)
        }
        answer => (Outcome::Completed { code: None }, Some(answer)),
    }
}

/// The limit for which the host stopped the run, if it did.
fn stopped(state: &RunState) -> Option<Outcome> {
    match state.stop() {
        Some(Stop::Limit { kind, asked, allowed }) => Some(Outcome::limit(*kind, unit(*kind), *asked, *allowed)),
        _ => None,
    }
}

/// Growth that was refused before the guest gave up.
fn refused(state: &RunState) -> Option<Outcome> {
    let growth = &state.growth;
    if let Some(asked) = growth.memory().refused {
        return Some(Outcome::limit(LimitKind::Memory, Unit::Bytes, asked, state.limits.memory_bytes));
    }
    if let Some(asked) = growth.tables().refused {
        return Some(Outcome::limit(LimitKind::Tables, Unit::Count, asked, state.limits.table_elements));
    }
    refused_disk(state)
}

fn refused_disk(state: &RunState) -> Option<Outcome> {
    let asked = state.files.refused().or_else(|| state.workspace.refused())?;
    Some(Outcome::limit(LimitKind::Disk, Unit::Bytes, asked, state.limits.disk_bytes))
}

/// Limits that the engine enforces. Some have a trap, the others only words.
fn engine_limit(state: &RunState, error: &wasmtime::Error, trap: Option<Trap>, stack_bytes: u64) -> Option<Outcome> {
    if trap == Some(Trap::StackOverflow) {
        return Some(Outcome::limit(LimitKind::Stack, Unit::Bytes, stack_bytes, stack_bytes));
    }
    let words = format!("{error:#}");
    let limits = &state.limits;
    let past =
        |kind: LimitKind, allowed: u64| Some(Outcome::limit(kind, unit(kind), allowed.saturating_add(1), allowed));
    if words.contains("fuel allocated for hostcalls has been exhausted") {
        return past(LimitKind::HostData, limits.host_call_bytes);
    }
    if words.contains("instance count too high") {
        return past(LimitKind::Instances, limits.instances);
    }
    if words.contains("memory count too high") {
        return past(LimitKind::Instances, limits.memories);
    }
    if words.contains("table count too high") {
        return past(LimitKind::Tables, limits.table_elements);
    }
    if words.contains("handle") && words.contains("limit") {
        return past(LimitKind::Handles, limits.handles);
    }
    None
}

fn unit(kind: LimitKind) -> Unit {
    holobiont_core::Limits::FIELDS.iter().find(|field| field.kind == Some(kind)).map_or(Unit::Count, |field| field.unit)
}

fn trapped(state: &RunState, error: &wasmtime::Error, trap: Option<Trap>) -> Outcome {
    let kind = match trap {
        Some(Trap::UnreachableCodeReached) => TrapKind::Unreachable,
        Some(Trap::MemoryOutOfBounds | Trap::HeapMisaligned) => TrapKind::MemoryOutOfBounds,
        Some(Trap::TableOutOfBounds) => TrapKind::TableOutOfBounds,
        Some(Trap::IndirectCallToNull | Trap::BadSignature) => TrapKind::BadIndirectCall,
        Some(Trap::IntegerDivisionByZero) => TrapKind::DivisionByZero,
        Some(Trap::IntegerOverflow) => TrapKind::IntegerOverflow,
        Some(Trap::BadConversionToInteger) => TrapKind::BadConversion,
        Some(_) => TrapKind::Other,
        // Without a trap: a value that cannot be lifted, a broken rule of an interface.
        None => TrapKind::BadValue,
    };
    let words = match (state.stop(), trap) {
        (Some(Stop::Misuse(rule)), _) => (*rule).to_owned(),
        (_, Some(Trap::UnreachableCodeReached)) => match state.last_words() {
            Some(last) => format!("panicked or aborted: {last}"),
            None => "panicked or aborted".to_owned(),
        },
        (_, Some(trap)) => trap.to_string(),
        (_, None) => error.root_cause().to_string(),
    };
    // No limit of the run was exceeded, so none is named; but it was not the guest's own doing either.
    let cause = if state.growth.sealed_refused() { "after an injected fault had refused it memory: " } else { "" };
    Outcome::Trap { trap: kind, detail: one_line(&format!("{cause}{words}")) }
}
