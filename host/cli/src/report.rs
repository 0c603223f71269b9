//! The report of a run: as a document, and for people.

use std::collections::BTreeMap;
use std::path::Path;

use holobiont_core::{
    CompileLimits, Digest, InterfaceUse, LimitKind, Limits, LogLine, Measurement, Outcome, OutputFacts, Part, Unit,
    Usage, WallTime, bytes_text, duration_text, printable,
};
use holobiont_sandbox::Member;
use serde::Serialize;

use crate::terminal::{say, table};

/// The document of a run; see the contract for what its readers rely on.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
    schema: &'static str,
    module: ModuleFacts<'a>,
    outcome: &'a Outcome,
    usage: UsageFacts<'a>,
    output: &'a OutputFacts,
    metrics: &'a BTreeMap<String, f64>,
    logs: &'a [LogLine],
    #[serde(skip_serializing_if = "<[Part]>::is_empty")]
    parts: &'a [Part],
    wall: &'a WallTime,
    limits: Vec<LimitUse>,
}

/// Which module it was; the kind is known when the bytes are a module.
#[derive(Serialize)]
pub(crate) struct ModuleFacts<'a> {
    pub(crate) id: &'a str,
    pub(crate) digest: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<&'static str>,
}

#[derive(Serialize)]
struct UsageFacts<'a> {
    #[serde(flatten)]
    usage: &'a Usage,
    wall_time_ns: u64,
}

/// One limit and how much of it was used.
#[derive(Serialize)]
struct LimitUse {
    name: &'static str,
    limit: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    used: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headroom: Option<u64>,
}

impl<'a> Document<'a> {
    pub(crate) fn of(
        module: ModuleFacts<'a>,
        measurement: &'a Measurement,
        wall: &'a WallTime,
        limits: &Limits,
    ) -> Self {
        let Measurement { outcome, usage, output, metrics, logs, parts } = measurement;
        Self {
            schema: "holobiont.run/1",
            module,
            outcome,
            usage: UsageFacts { usage, wall_time_ns: wall.run_ns() },
            output,
            metrics,
            logs,
            parts,
            wall,
            limits: limit_uses(limits, usage, wall),
        }
    }
}

fn limit_uses(limits: &Limits, usage: &Usage, wall: &WallTime) -> Vec<LimitUse> {
    Limits::FIELDS
        .iter()
        .map(|field| {
            let limit = (field.get)(limits);
            let used = (field.used)(usage, wall);
            LimitUse {
                name: field.name,
                limit,
                used,
                percent: used.filter(|_| limit > 0).map(|used| used as f64 * 100.0 / limit as f64),
                headroom: used.map(|used| limit.saturating_sub(used)),
            }
        })
        .collect()
}

/// What the run used, on standard error.
pub(crate) fn report(measurement: &Measurement, limits: &Limits, wall: &WallTime, members: &[Member]) {
    for line in &measurement.logs {
        say(&format!("{:>6}  {}", printable(&line.level), printable(&line.message)));
    }
    for (name, value) in &measurement.metrics {
        say(&format!("metric  {} = {value}", printable(name)));
    }
    let usage = &measurement.usage;
    say(&format!(
        "\n{}  output {}, virtual time {}; real time: compile {}, instantiate {}, guest {}, host calls {}",
        measurement.outcome.code(),
        bytes_text(measurement.output.bytes),
        duration_text(usage.virtual_time_ns),
        duration_text(wall.compile_ns),
        duration_text(wall.instantiate_ns),
        duration_text(wall.guest_ns),
        duration_text(wall.host_ns),
    ));
    if usage.faults > 0 {
        let first = duration_text(usage.first_fault_ns);
        say(&format!("faults injected: {}, the first after {first} of virtual time", usage.faults));
    }
    let mut shown = table(&["limit", "used", "allowed", "%", "headroom"], 1..5);
    for (field, row) in Limits::FIELDS.iter().zip(limit_uses(limits, usage, wall)) {
        let text = |value: Option<u64>| value.map_or("-".to_owned(), |value| field.unit.text(value));
        let percent = row.percent.map_or("-".to_owned(), |percent| format!("{percent:.1}"));
        shown.add_row([field.name.to_owned(), text(row.used), field.unit.text(row.limit), percent, text(row.headroom)]);
    }
    say(&shown.to_string());
    if !usage.interfaces.is_empty() {
        let mut shown = table(&["interface", "calls", "denied", "to guest", "to host"], 1..5);
        for InterfaceUse { name, calls, denied, to_guest_bytes, to_host_bytes } in &usage.interfaces {
            shown.add_row([
                name.clone(),
                calls.to_string(),
                denied.to_string(),
                bytes_text(*to_guest_bytes),
                bytes_text(*to_host_bytes),
            ]);
        }
        say(&shown.to_string());
    }
    if !measurement.parts.is_empty() {
        let mut shown = table(&["invoked", "calls", "outcome", "fuel", "peak memory"], 3..5);
        for Part { digest, calls, outcome, usage, .. } in &measurement.parts {
            let member = members.iter().find(|member| member.module.digest() == *digest);
            shown.add_row([
                member.map_or_else(|| digest.to_string(), |member| member.id.as_str().to_owned()),
                calls.to_string(),
                outcome.code(),
                Unit::Count.text(usage.fuel),
                bytes_text(usage.peak_memory_bytes),
            ]);
        }
        say(&shown.to_string());
    }
}

/// One line for a run that did not do what it was asked: code, module, numbers, and the next step.
pub(crate) fn failure_line(target: &Path, outcome: &Outcome, limits: &Limits, preset: &str) -> String {
    let name = target.file_stem().map_or_else(String::new, |stem| printable(&stem.to_string_lossy()));
    match outcome {
        Outcome::Limit { limit: LimitKind::Compile, excess, detail } => {
            let unit = if detail.contains("memory") { "compile-memory" } else { "compile-time" };
            let field = CompileLimits::field(unit).map(|field| (field.name, field.unit));
            let remedy = field.map(|(name, unit)| remedy(name, unit, excess.asked, excess.allowed));
            format!("compile: module \"{name}\" {detail}{}", next(remedy))
        }
        Outcome::Limit { limit, excess, detail } => {
            // Several fields can end a run in one name: it was the one whose value was the bound.
            let of_kind = || Limits::FIELDS.iter().filter(|field| field.kind == Some(*limit));
            let field = of_kind().find(|field| (field.get)(limits) == excess.allowed).or_else(|| of_kind().next());
            let remedy = field.map(|field| remedy(field.name, field.unit, excess.asked, excess.allowed));
            format!("{limit}: module \"{name}\" {detail} (preset {preset}){}", next(remedy))
        }
        // Nothing ran: the file is what is wrong, so the file is what is named.
        Outcome::Rejected { .. } | Outcome::Denied { .. } => {
            let path = printable(&target.to_string_lossy());
            format!("{}: {path}: {}", outcome.code(), outcome.detail())
        }
        outcome => format!("{}: module \"{name}\" {}", outcome.code(), outcome.detail()),
    }
}

fn next(remedy: Option<String>) -> String {
    remedy.map_or_else(String::new, |flag| format!("; try {flag}"))
}

/// The flag that would let the run go on, where more of the limit may help.
fn remedy(flag: &str, unit: Unit, asked: u64, allowed: u64) -> String {
    // What is used up step by step says nothing of how much it takes in all: doubling is a fair try.
    let wanted = if asked > allowed { asked.saturating_add(asked / 32) } else { allowed.saturating_mul(2).max(1) };
    let value = match unit {
        Unit::Bytes => {
            let (step, name) = if wanted >= 1 << 20 { (1 << 20, "MiB") } else { (1 << 10, "KiB") };
            format!("{}{name}", wanted.div_ceil(step))
        }
        Unit::Nanoseconds => {
            let units = [("d", 86_400_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000)];
            let (name, ns) = units.into_iter().find(|(_, ns)| wanted >= 2 * ns).unwrap_or(("ms", 1_000_000));
            format!("{}{name}", wanted.div_ceil(ns))
        }
        _ => wanted.to_string(),
    };
    format!("--{flag} {value}")
}
