//! `holobiont run`: one run under limits, and what it used.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use holobiont::{Evaluator, Input, MemoryStore, Project};
use holobiont_core::{
    Digest, Grants, InterfaceUse, LimitField, LimitKind, Limits, LogLine, Measurement, Outcome, OutputFacts, Unit,
    Usage, WallTime, bytes_text, duration_text, printable,
};
use holobiont_sandbox::{Files, Job, Loaded, Sandbox};
use serde::Serialize;

use crate::args::{Args, RunArgs};
use crate::fault::Fault;
use crate::terminal::{print_json, say, show, table, write_output};
use crate::{Done, Verdict};

/// The document of a run; see the contract for what its readers rely on.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    module: ModuleFacts<'a>,
    outcome: &'a Outcome,
    usage: UsageFacts<'a>,
    output: &'a OutputFacts,
    metrics: &'a BTreeMap<String, f64>,
    logs: &'a [LogLine],
    wall: &'a WallTime,
    limits: Vec<LimitUse>,
}

#[derive(Serialize)]
struct ModuleFacts<'a> {
    id: &'a str,
    digest: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
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

pub(crate) fn run(args: &Args, run: &RunArgs) -> Done {
    if run.target.extension().is_some_and(|extension| extension == "toml") {
        return run_workflow(args, run);
    }
    let mut project = project(args)?;
    let limits = limits(&mut project, run)?;
    let bytes = read(&run.target)?;
    let input = input(run)?;
    let parameters: BTreeMap<String, String> = run.param.iter().cloned().collect();
    let sandbox = sandbox(&project)?;
    let (kind, measurement, output, wall) = match sandbox.load(&bytes)? {
        Loaded::Refused(outcome) => (None, nothing_ran(outcome), Vec::new(), WallTime::default()),
        Loaded::Ready(module) => {
            let grants = Grants {
                dirs: run.dir.clone(),
                env: run.env.clone(),
                args: run.args.clone(),
                realtime: run.realtime,
            };
            let job = Job::new(&input)
                .media_type(&run.media_type)
                .parameters(&parameters)
                .limits(limits.clone())
                .files(Files::open(&grants.dirs)?)
                .grants(grants)
                .seed(project.settings.seed);
            let ran = sandbox.run(&module, &job)?;
            (Some(module.kind().name()), ran.measurement, ran.output, ran.wall)
        }
    };
    let id = module_id(&project, &run.target);
    if args.json {
        print_json(&Document {
            schema: "holobiont.run/1",
            module: ModuleFacts { id: &id, digest: Digest::of(&bytes), kind },
            outcome: &measurement.outcome,
            usage: UsageFacts { usage: &measurement.usage, wall_time_ns: wall.run_ns() },
            output: &measurement.output,
            metrics: &measurement.metrics,
            logs: &measurement.logs,
            wall: &wall,
            limits: limit_uses(&limits, &measurement.usage, &wall),
        })?;
    }
    // Nothing is written for a run that did not do what it was asked.
    let passed = measurement.outcome.is_completed();
    if passed && (!args.json || run.output.is_some()) {
        write_output(run.output.as_deref(), &output)?;
    }
    if !run.quiet && !args.json {
        report(&measurement, &limits, &wall);
    }
    if !passed {
        say(&format!("holobiont: {}", failure_line(&run.target, &measurement.outcome, &project.settings.preset)));
    }
    Ok(if passed { Verdict::Passed } else { Verdict::NotPassed })
}

fn run_workflow(args: &Args, run: &RunArgs) -> Done {
    let mut project = project(args)?;
    limits(&mut project, run)?;
    let workflow = project.workflow(&run.target.to_string_lossy())?;
    let inputs = match &run.input {
        Some(_) => vec![Input::new("input", input(run)?)],
        None => project.inputs(&workflow)?,
    };
    if inputs.len() > 1 && run.output.is_some() {
        return Err(Fault::usage(format!(
            "workflow {} has {} inputs and --output is one file: name one with --input",
            printable(&workflow.name),
            inputs.len()
        )));
    }
    let sandbox = sandbox(&project)?;
    let store = MemoryStore::default();
    let evaluator = Evaluator::new(&project, &sandbox, &store);
    let mut rows = table(&["input", "step", "outcome", "fuel", "peak memory", "bytes out"], 3..6);
    let mut documents = Vec::new();
    let mut passed = true;
    for input in &inputs {
        let chain = evaluator.run_workflow(&workflow, input)?;
        for step in &chain.steps {
            let usage = &step.measurement.usage;
            rows.add_row([
                printable(&input.name),
                step.module.short().to_owned(),
                step.measurement.outcome.code(),
                Unit::Count.text(usage.fuel),
                bytes_text(usage.peak_memory_bytes),
                usage.output_bytes.to_string(),
            ]);
            documents.push(WorkflowStep {
                input: &input.name,
                module: ModuleFacts { id: "", digest: step.digest, kind: None }.named(step.module.as_str().to_owned()),
                measurement: step.measurement.clone(),
            });
        }
        match (&chain.output, chain.trouble()) {
            (Some(output), _) if inputs.len() == 1 && (!args.json || run.output.is_some()) => {
                write_output(run.output.as_deref(), output)?;
            }
            (Some(_), _) => {}
            (None, trouble) => {
                passed = false;
                say(&format!("holobiont: {}: {}", printable(&input.name), trouble.unwrap_or_default()));
            }
        }
    }
    if args.json {
        print_json(&WorkflowDocument { schema: "holobiont.workflow-run/1", workflow: &workflow.name, steps: documents })?;
    } else if !run.quiet {
        say(&rows.to_string());
    }
    Ok(if passed { Verdict::Passed } else { Verdict::NotPassed })
}

#[derive(Serialize)]
struct WorkflowDocument<'a> {
    schema: &'static str,
    workflow: &'a str,
    steps: Vec<WorkflowStep<'a>>,
}

#[derive(Serialize)]
struct WorkflowStep<'a> {
    input: &'a str,
    module: NamedModule,
    measurement: Measurement,
}

#[derive(Serialize)]
struct NamedModule {
    id: String,
    digest: Digest,
}

impl ModuleFacts<'_> {
    fn named(self, id: String) -> NamedModule {
        NamedModule { id, digest: self.digest }
    }
}

/// The project that the current folder, or `--config`, says.
pub(crate) fn project(args: &Args) -> Result<Project, Fault> {
    Ok(Project::find(Path::new("."), args.config.as_deref(), &|name| std::env::var(name).ok())?)
}

/// A sandbox that keeps compiled code: in a project, with its state; elsewhere, in the user's cache.
pub(crate) fn sandbox(project: &Project) -> Result<Sandbox, Fault> {
    let program = std::env::current_exe().map_err(|e| Fault::Host(format!("cannot find this program: {e}")))?;
    let mut builder = Sandbox::builder().compile_in(program).compile_limits(project.settings.compile.clone());
    if project.file.is_some() {
        builder = builder.cache_dir(project.cache_dir());
    } else if let Some(cache) = user_cache() {
        builder = builder.cache_dir(cache);
    }
    Ok(builder.build()?)
}

fn user_cache() -> Option<std::path::PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(std::path::PathBuf::from);
    let caches = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
    Some(caches.join("holobiont").join("compiled"))
}

/// The limits that hold: of the preset, with what flags say over them.
fn limits(project: &mut Project, run: &RunArgs) -> Result<Limits, Fault> {
    if let Some(preset) = &run.preset {
        project.settings.choose_preset(preset, "--preset")?;
    }
    if let Some(seed) = run.seed {
        project.settings.choose_seed(seed, "--seed");
    }
    let mut limits = project.settings.limits()?;
    run.limits.apply(&mut limits);
    run.limits.apply_compile(&mut project.settings.compile);
    Ok(limits)
}

/// The id of a module file: its path in the repository, or as it was named when it lies elsewhere.
pub(crate) fn module_id(project: &Project, path: &Path) -> String {
    match project.id_of(path) {
        Ok(id) => id.as_str().to_owned(),
        Err(_) => path.to_string_lossy().into_owned(),
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    std::fs::read(path).map_err(|e| Fault::usage(format!("cannot read {}: {e}", show(path))))
}

fn input(run: &RunArgs) -> Result<Vec<u8>, Fault> {
    match run.input.as_deref() {
        None => Ok(Vec::new()),
        Some(path) if path == Path::new("-") => {
            let mut bytes = Vec::new();
            std::io::stdin()
                .read_to_end(&mut bytes)
                .map_err(|e| Fault::usage(format!("cannot read standard input: {e}")))?;
            Ok(bytes)
        }
        Some(path) => read(path),
    }
}

fn nothing_ran(outcome: Outcome) -> Measurement {
    Measurement {
        outcome,
        usage: Usage::default(),
        output: OutputFacts::of(&[]),
        metrics: BTreeMap::new(),
        logs: Vec::new(),
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
fn report(measurement: &Measurement, limits: &Limits, wall: &WallTime) {
    for line in &measurement.logs {
        say(&format!("{:>6}  {}", line.level, printable(&line.message)));
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
}

/// One line for a run that did not do what it was asked: code, module, numbers, and the next step.
fn failure_line(target: &Path, outcome: &Outcome, preset: &str) -> String {
    let name = target.file_stem().map_or_else(String::new, |stem| printable(&stem.to_string_lossy()));
    match outcome {
        Outcome::Limit { limit, excess, detail } => {
            let field = Limits::FIELDS.iter().find(|field| field.kind == Some(*limit));
            let remedy = field.and_then(|field| remedy(field, *limit, excess.asked, excess.allowed));
            let remedy = remedy.map_or(String::new(), |flag| format!("; try {flag}"));
            format!("{limit}: module \"{name}\" {detail} (preset {preset}){remedy}")
        }
        outcome => format!("{}: module \"{name}\" {}", outcome.code(), outcome.detail()),
    }
}

/// The flag that would let the run go on, where more of the limit may help.
fn remedy(field: &LimitField, limit: LimitKind, asked: u64, allowed: u64) -> Option<String> {
    // What is used up step by step says nothing of how much it takes in all: doubling is a fair try.
    let wanted = if asked > allowed { asked.saturating_add(asked / 32) } else { allowed.saturating_mul(2) };
    let value = match field.unit {
        Unit::Bytes => {
            let step = if wanted >= 1 << 20 { 1 << 20 } else { 1 << 10 };
            let unit = if step == 1 << 20 { "MiB" } else { "KiB" };
            format!("{}{unit}", wanted.div_ceil(step))
        }
        Unit::Nanoseconds => format!("{}ms", wanted.div_ceil(1_000_000)),
        _ => wanted.to_string(),
    };
    (limit != LimitKind::HostData).then(|| format!("--{} {value}", field.name))
}
