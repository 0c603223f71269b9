//! The hostile table: each fixture alone in a process of its own, with what it ended in, how long the
//! process took and how much memory it had at most; and many runs of all of them in one process.
//!
//! `hostile table` prints it, `hostile docs FILE` writes it between the marks of a page, `hostile soak N`
//! makes N runs in this process and says what became of its memory.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use holobiont_core::{CompileLimits, LimitKind, Limits, Preset, bytes_text};
use holobiont_sandbox::{Loaded, Module, Sandbox, inspect};
use holobiont_test_guests::{ALL, Fixture};

mod bombs;
#[expect(dead_code, clippy::expect_used, clippy::panic, reason = "it is the tests' own, and they use the rest of it")]
mod support;

use support::Setup;

/// What a row may take, its process included.
const MOST_SECONDS: f64 = 2.0;
const MOST_BYTES: u64 = 256 << 20;

/// What the memory after a soak may differ by from what it was after the first thousand runs.
const MOST_DRIFT: f64 = 0.05;

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    if let Some(code) = holobiont_sandbox::compile_worker() {
        return code;
    }
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["row", name, mode] => row(name, mode),
        ["table"] => table().map(|rows| rows.iter().all(Row::passed) && every_limit(&rows)),
        ["docs", page] => docs(Path::new(page)),
        ["soak", runs] => runs.parse().map_err(Failure::from).and_then(soak),
        _ => Err("usage: hostile table | docs FILE | soak N".into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("hostile: {error}"));
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "printing is what this program is for")]
fn say(line: &str) {
    println!("{line}");
}

/// All fixtures, and modules that are hostile to the compiler.
fn fixtures() -> &'static [Fixture] {
    static FIXTURES: OnceLock<Vec<Fixture>> = OnceLock::new();
    FIXTURES.get_or_init(|| {
        let bomb = |name, about, wasm: Vec<u8>| Fixture { name, about, wasm: wasm.leak(), act: None };
        let bombs = [
            bomb("compile_time_bomb", "Compiles for minutes.", bombs::time_bomb(20_000)),
            bomb("compile_memory_bomb", "Takes gigabytes to compile.", bombs::memory_bomb()),
        ];
        ALL.iter().copied().chain(bombs).collect()
    })
}

/// One line of the table.
struct Row {
    fixture: &'static Fixture,
    kind: String,
    mode: &'static str,
    outcome: String,
    seconds: f64,
    peak_bytes: u64,
}

impl Row {
    fn passed(&self) -> bool {
        self.seconds < MOST_SECONDS && self.peak_bytes < MOST_BYTES
    }

    fn line(&self) -> String {
        format!(
            "{:<44} {:<12} {:<8} {:<32} {:>6.2} s {:>10}{}",
            self.fixture.name,
            self.kind,
            self.mode,
            self.outcome,
            self.seconds,
            bytes_text(self.peak_bytes),
            if self.passed() { "" } else { "  TOO MUCH" }
        )
    }
}

/// Runs one fixture in this process and says how it ended. Called by [`table`] for each.
fn row(name: &str, mode: &str) -> Result<bool, Failure> {
    let fixture = fixtures().iter().find(|fixture| fixture.name == name).ok_or("no such fixture")?;
    let compile = CompileLimits { time_ns: 1_200_000_000, memory_bytes: 256 << 20, ..CompileLimits::default() };
    // Places take address space, and this process makes one run.
    let sandbox =
        Sandbox::builder().compile_in(std::env::current_exe()?).compile_limits(compile).concurrent_runs(2).build()?;
    let mut setup = Setup::new(fixture);
    if mode == "realtime" {
        setup.grants.realtime = true;
        // A real sleep is cut by the real limit, and the row has two seconds.
        setup.limits.wall_time_ns = 500_000_000;
        setup.limits.time_ns = u64::MAX;
    }
    let came = setup.run_in(&sandbox);
    let kind = inspect(fixture.wasm).map_or("-", |facts| facts.kind.name());
    say(&format!("{kind}\t{}\t{}", came.outcome.code(), memory("VmHWM")?));
    Ok(true)
}

/// All fixtures, in both modes.
fn table() -> Result<Vec<Row>, Failure> {
    let program = std::env::current_exe()?;
    let mut rows = Vec::new();
    for mode in ["virtual", "realtime"] {
        for fixture in fixtures() {
            let began = Instant::now();
            let output = Command::new(&program).args(["row", fixture.name, mode]).output()?;
            let seconds = began.elapsed().as_secs_f64();
            let text = String::from_utf8_lossy(&output.stdout);
            let [kind, outcome, peak] = text.trim().split('\t').collect::<Vec<_>>()[..] else {
                return Err(format!("{} took its process down: {}", fixture.name, output.status).into());
            };
            let row = Row {
                fixture,
                kind: kind.to_owned(),
                mode,
                outcome: outcome.to_owned(),
                seconds,
                peak_bytes: peak.parse()?,
            };
            say(&row.line());
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Whether each limit there is was hit by a row.
fn every_limit(rows: &[Row]) -> bool {
    let missing: Vec<String> = LimitKind::ALL
        .iter()
        .map(|kind| format!("limit: {kind}"))
        .filter(|code| rows.iter().all(|row| row.outcome != *code))
        .collect();
    if !missing.is_empty() {
        say(&format!("no row ends in {}", missing.join(", ")));
    }
    missing.is_empty()
}

/// Writes the tables of limits and of rows into a page.
fn docs(page: &Path) -> Result<bool, Failure> {
    let rows = table()?;
    let mut text = std::fs::read_to_string(page)?;
    text = between(&text, "limits", &limits_table())?;
    text = between(&text, "matrix", &matrix(&rows))?;
    std::fs::write(page, text)?;
    Ok(rows.iter().all(Row::passed) && every_limit(&rows))
}

fn between(text: &str, mark: &str, body: &str) -> Result<String, Failure> {
    let (begin, end) = (format!("<!-- {mark}:begin -->\n"), format!("<!-- {mark}:end -->"));
    let (before, rest) = text.split_once(&begin).ok_or("the page has no place for it")?;
    let (_, after) = rest.split_once(&end).ok_or("the page has no end for it")?;
    Ok(format!("{before}{begin}{body}{end}{after}"))
}

fn limits_table() -> String {
    let presets = ["tight", "standard", "wide", "interpreter"];
    let known = Preset::builtin();
    let mut text = format!("| flag | bounds | ends a run as | {} |\n", presets.join(" | "));
    text.push_str("| --- | --- | --- | ---: | ---: | ---: | ---: |\n");
    for field in Limits::FIELDS {
        let ends = field.kind.map_or("(slows it down)".to_owned(), |kind| format!("`limit: {kind}`"));
        let values: Vec<String> = presets
            .iter()
            .filter_map(|name| Preset::find(&known, name).ok())
            .map(|preset| field.unit.text((field.get)(&preset.limits)))
            .collect();
        let _ = writeln!(text, "| `--{}` | {} | {ends} | {} |", field.name, field.doc, values.join(" | "));
    }
    text.push_str(
        "\nFor loading a module, the same under every preset:\n\n| flag | bounds | default |\n| --- | --- | ---: |\n",
    );
    for field in CompileLimits::FIELDS {
        let value = field.unit.text((field.get)(&CompileLimits::default()));
        let _ = writeln!(text, "| `--{}` | {} | {value} |", field.name, field.doc);
    }
    text
}

/// The rows by limit, those that end in none last.
fn matrix(rows: &[Row]) -> String {
    let mut text = "| limit | program | what it does | kind | clock | ended in | seconds | peak memory |\n".to_owned();
    text.push_str("| --- | --- | --- | --- | --- | --- | ---: | ---: |\n");
    let place = |row: &&Row| {
        LimitKind::ALL.iter().position(|kind| row.outcome == format!("limit: {kind}")).unwrap_or(LimitKind::ALL.len())
    };
    let mut sorted: Vec<&Row> = rows.iter().collect();
    sorted.sort_by_key(place);
    for row in sorted {
        let limit = row.outcome.strip_prefix("limit: ").unwrap_or("-");
        let _ = writeln!(
            text,
            "| {limit} | {} | {} | {} | {} | `{}` | {:.2} | {} |",
            row.fixture.name,
            row.fixture.about.trim_end_matches('.').replace('|', "/"),
            row.kind,
            row.mode,
            row.outcome,
            row.seconds,
            bytes_text(row.peak_bytes)
        );
    }
    text
}

/// Many runs of all fixtures in this process: its memory must be where it was.
fn soak(runs: usize) -> Result<bool, Failure> {
    let sandbox = Sandbox::builder().build()?;
    let modules: Vec<(Setup, Module)> = ALL
        .iter()
        .filter_map(|fixture| match support::load_in(&sandbox, fixture.wasm) {
            Loaded::Ready(module) => Some((Setup::new(fixture), module)),
            _ => None,
        })
        .collect();
    // Those that end soon, or ten thousand runs would take an hour; each was tried whole by the table.
    let quick: Vec<&(Setup, Module)> = modules
        .iter()
        .filter(|(setup, module)| setup.run_module(&sandbox, module).took < Duration::from_millis(40))
        .collect();
    let began = Instant::now();
    let mut after_thousand = 0;
    for run in 0..runs {
        if let Some((setup, module)) = quick.get(run % quick.len().max(1)) {
            setup.run_module(&sandbox, module);
        }
        if run == runs / 10 {
            after_thousand = memory("VmRSS")?;
        }
    }
    let after_all = memory("VmRSS")?;
    let drift = (after_all as f64 - after_thousand as f64) / after_thousand as f64;
    say(&format!(
        "{runs} runs of {} programs in {:.1} s: {} after the first tenth, {} after all, {:+.1} %",
        quick.len(),
        began.elapsed().as_secs_f64(),
        bytes_text(after_thousand),
        bytes_text(after_all),
        drift * 100.0
    ));
    Ok(drift.abs() < MOST_DRIFT)
}

/// A figure of this process's memory, in bytes.
fn memory(field: &str) -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(field)).ok_or("the system does not say")?;
    let kib = line.split_whitespace().nth(1).ok_or("no figure")?.parse::<u64>()?;
    Ok(kib << 10)
}
