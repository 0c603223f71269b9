//! `holobiont run`: one run under limits, and what it used.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use holobiont::{Evaluator, Input, MemoryStore, Project};
use holobiont_core::{
    Conditions, Digest, Grants, Limits, Measurement, ModuleId, Outcome, OutputFacts, Rejection, Unit, Usage, WallTime,
    bytes_text, printable,
};
use holobiont_sandbox::{Files, Job, Loaded, Member, ModuleKind, Sandbox, inspect};
use serde::Serialize;

use crate::args::{Args, RunArgs};
use crate::context::{module_id, project, read, sandbox};
use crate::fault::Fault;
use crate::report::{Document, ModuleFacts, failure_line, report};
use crate::terminal::{print_json, say, show, table, write_output};
use crate::{Done, Verdict};

/// A run as it was made.
struct Made {
    kind: Option<&'static str>,
    measurement: Measurement,
    output: Vec<u8>,
    wall: WallTime,
    members: Vec<Member>,
}

pub(crate) fn run(args: &Args, run: &RunArgs) -> Done {
    if run.target.extension().is_some_and(|extension| extension == "toml") {
        return run_workflow(args, run);
    }
    let mut project = project(args)?;
    let limits = limits(&mut project, run)?;
    let bytes = read(&run.target)?;
    let Made { kind, measurement, output, wall, members } = make(&project, run, &limits, &bytes)?;
    if args.json {
        let id = module_id(&project, &run.target);
        let module = ModuleFacts { id: &id, digest: Digest::of(&bytes), kind };
        print_json(&Document::of(module, &measurement, &wall, &limits))?;
    }
    // Nothing is written for a run that did not do what it was asked.
    let passed = measurement.outcome.is_completed();
    if passed && (!args.json || run.output.is_some()) {
        write_output(run.output.as_deref(), &output)?;
    }
    if !run.quiet && !args.json && kind.is_some() {
        report(&measurement, &limits, &wall, &members);
    }
    if !passed {
        say(&format!(
            "holobiont: {}",
            failure_line(&run.target, &measurement.outcome, &limits, &project.settings.preset)
        ));
    }
    Ok(if passed { Verdict::Passed } else { Verdict::NotPassed })
}

fn make(project: &Project, run: &RunArgs, limits: &Limits, bytes: &[u8]) -> Result<Made, Fault> {
    let refused = |outcome| Made {
        kind: None,
        measurement: nothing_ran(outcome),
        output: Vec::new(),
        wall: WallTime::default(),
        members: Vec::new(),
    };
    let digest = Digest::of(bytes);
    if let Some(pinned) = run.digest.filter(|pinned| *pinned != digest) {
        let words = format!("the file has {digest}, pinned is {pinned}");
        return Ok(refused(Outcome::rejected(Rejection::DigestMismatch, words)));
    }
    let path = show(&run.target);
    match inspect(bytes).map(|facts| facts.kind) {
        Ok(ModuleKind::Scorer | ModuleKind::Patcher) => {
            return Err(Fault::usage(format!(
                "{path} is no candidate, command or pipeline, which is what `run` takes; `holobiont inspect {path}` \
                 says what it is"
            )));
        }
        Ok(kind) if kind != ModuleKind::Pipeline && !run.member.is_empty() => {
            return Err(Fault::usage(format!("{path} is no pipeline, and invokes no --member")));
        }
        _ => {}
    }
    if inspect(bytes).is_ok_and(|facts| facts.kind == ModuleKind::Library) {
        let path = show(&run.target);
        return Err(Fault::usage(format!(
            "{path} is a library: other modules import what it exports, and nothing in it can be run; `holobiont inspect {path}` says what it has"
        )));
    }
    let input = input(run)?;
    let flags = Grants {
        dirs: run.dir.clone(),
        env: run.env.iter().cloned().collect(),
        args: run.args.clone(),
        realtime: run.realtime,
    };
    let grants = project.grants_of(&digest).with(flags);
    let files = Files::open(&grants.dirs)?;
    let sandbox = sandbox(project)?;
    let module = match sandbox.load(bytes)? {
        Loaded::Refused(outcome) => return Ok(refused(outcome)),
        Loaded::Ready(module) => module,
    };
    let members = members(project, &sandbox, run)?;
    let parameters: BTreeMap<String, String> = run.param.iter().cloned().collect();
    let job = Job::new(&input)
        .media_type(&run.media_type)
        .parameters(&parameters)
        .limits(limits.clone())
        .files(files)
        .grants(grants)
        .conditions(run.conditions.over(&project.settings.chosen()?.all_conditions()))
        .members(&members)
        .energy(run.energy.unwrap_or(1.0))
        .seed(project.settings.seed);
    let ran = sandbox.run(&module, &job)?;
    let kind = Some(module.kind().name());
    Ok(Made { kind, measurement: ran.measurement, output: ran.output, wall: ran.wall, members })
}

/// What a pipeline may invoke, each with what holobiont.toml grants it.
fn members(project: &Project, sandbox: &Sandbox, run: &RunArgs) -> Result<Vec<Member>, Fault> {
    let load = |path: &PathBuf| {
        let bytes = read(path)?;
        // What lies outside the repository has its name only.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let id = project.id_of(path).or_else(|_| ModuleId::new(&name)).map_err(Fault::usage)?;
        let module = match sandbox.load(&bytes)? {
            Loaded::Ready(module) if matches!(module.kind(), ModuleKind::Scorer | ModuleKind::Patcher) => {
                let kind = module.kind().name();
                return Err(Fault::usage(format!("--member {}: a {kind} cannot be invoked", show(path))));
            }
            Loaded::Ready(module) => module,
            Loaded::Refused(outcome) => return Err(Fault::usage(format!("--member {}: {outcome}", show(path)))),
        };
        let grants = project.grants_of(&module.digest());
        let files = Files::open(&grants.dirs)?;
        Ok(Member::new(id, module).grants(grants).files(files))
    };
    run.member.iter().map(load).collect()
}

fn run_workflow(args: &Args, run: &RunArgs) -> Done {
    let mut project = project(args)?;
    limits(&mut project, run)?;
    if !run.conditions.over(&Conditions::default()).is_calm() {
        return Err(Fault::usage("conditions are for the run of one module, and this is a workflow"));
    }
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
                module: NamedModule { id: step.module.as_str().to_owned(), digest: step.digest },
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
        print_json(&WorkflowDocument {
            schema: "holobiont.workflow-run/1",
            workflow: &workflow.name,
            steps: documents,
        })?;
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

/// The limits that hold: of the preset, with what flags say over them.
fn limits(project: &mut Project, run: &RunArgs) -> Result<Limits, Fault> {
    if let Some(preset) = &run.preset {
        project.settings.choose_preset(preset, "--preset")?;
    }
    if let Some(seed) = run.seed {
        project.settings.choose_seed(seed, "--seed");
    }
    if run.strict {
        project.settings.choose_strict("--strict");
    }
    let mut limits = project.settings.limits()?;
    run.limits.apply(&mut limits);
    run.limits.apply_compile(&mut project.settings.compile);
    Ok(limits)
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
        parts: Vec::new(),
    }
}
