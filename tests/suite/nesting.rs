//! Runs inside of runs: what a pipeline has others do is paid from its budget to the last unit, is the same
//! every time, and neither outgrows the thread nor waits for a place that never comes.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use holobiont_core::{
    Access, Conditions, DirGrant, FailureMode, Grants, Limits, Measurement, ModuleId, Relation, Usage,
};
use holobiont_sandbox::{Files, Job, Loaded, Member, Module, Run, Sandbox, SandboxError};
use holobiont_test_guests::{self as guests, Fixture};

use crate::support::{SANDBOX, library, load, member as loaded, module, tight, working};

/// One run of the fixture pipeline.
struct Nested<'a> {
    sandbox: &'a Sandbox,
    pipeline: Module,
    members: Vec<Member>,
    parameters: BTreeMap<String, String>,
    input: &'a [u8],
    limits: Limits,
    grants: Grants,
    seed: u64,
}

impl Nested<'_> {
    fn new(act: &str, members: Vec<Member>) -> Self {
        Self {
            sandbox: &SANDBOX,
            pipeline: module(&guests::PIPELINE_ECHO),
            members,
            parameters: BTreeMap::from([("act".to_owned(), act.to_owned())]),
            input: b"",
            limits: tight(),
            grants: Grants::default(),
            seed: 7,
        }
    }

    fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.parameters.insert(name.to_owned(), value.to_string());
        self
    }

    fn job(&self) -> Job<'_> {
        Job::new(self.input)
            .parameters(&self.parameters)
            .members(&self.members)
            .limits(self.limits.clone())
            .grants(self.grants.clone())
            .seed(self.seed)
    }

    #[track_caller]
    fn run(&self) -> Run {
        self.sandbox.run(&self.pipeline, &self.job()).expect("a guest is no fault of the host")
    }

    #[track_caller]
    fn text(&self) -> String {
        let run = self.run();
        assert!(run.measurement.outcome.is_completed(), "{}", run.measurement.outcome);
        String::from_utf8(run.output).expect("text")
    }
}

fn member(id: &str, fixture: &Fixture) -> Member {
    Member::new(ModuleId::new(id).expect("an id"), module(fixture))
}

/// Pipelines for as many levels as there may be, and more.
fn deep(sandbox: &Sandbox) -> Vec<Member> {
    (1..=9).map(|level| loaded(sandbox, &format!("deep{level}.wasm"))).collect()
}

fn candidate() -> Member {
    member("candidate.wasm", &guests::CANDIDATE_ECHO)
}

#[test]
fn a_module_uses_within_a_pipeline_what_it_uses_alone() {
    let _working = working();
    for (act, fixture) in [("echo", &guests::CANDIDATE_ECHO), ("workspace_tour", &guests::CANDIDATE_WORKSPACE_TOUR)] {
        let parameters = BTreeMap::from([("act".to_owned(), act.to_owned())]);
        let alone = Job::new(b"").parameters(&parameters).limits(tight());
        let alone = SANDBOX.run(&module(fixture), &alone).expect("a guest is no fault of the host");
        let nested = Nested::new("invokes_only", vec![candidate()]).with("invoked", act).with("times", 1).run();
        let part = &nested.measurement.parts[0];
        assert_eq!((part.usage.clone(), &part.outcome), (alone.measurement.usage, &alone.measurement.outcome), "{act}");
        assert_eq!((nested.output, nested.workspace), (alone.output, alone.workspace), "{act}");
    }
}

#[test]
fn an_accelerator_is_granted_to_whom_a_pipeline_invokes_and_on_its_bill() {
    let _working = working();
    let run = |times: u64, units| {
        let mut nested = Nested::new("invokes_only", vec![candidate()]).with("invoked", "accelerates");
        nested.limits.accelerators = units;
        nested.with("times", times).run().measurement
    };
    let (once, thrice, none) = (run(1, 2), run(3, 2), run(1, 0));
    // What the outcome of the act alone is held against, by two units.
    assert_eq!((once.parts[0].usage.accelerator_ns, once.usage.accelerator_ns), (32, 32));
    assert_eq!((thrice.parts[0].usage.accelerator_ns, thrice.usage.accelerator_ns), (96, 96));
    assert_eq!((none.usage.accelerator_ns, none.usage.denied_calls), (0, 6));
}

#[test]
fn the_bill_is_the_pipelines_own_use_and_its_parts() {
    let _working = working();
    let own = |times: u64| {
        let nested = Nested::new("invokes_only", vec![candidate()]).with("invoked", "echo").with("times", times);
        let measured = nested.run().measurement;
        let parts: u64 = measured.parts.iter().map(|part| part.usage.fuel).sum();
        assert_eq!(measured.parts.iter().map(|part| part.calls).sum::<u64>(), times);
        // Whatever the limits are, it fits into exactly what it uses, and not into less.
        let mut exact = nested;
        exact.limits.fuel = measured.usage.fuel;
        exact.limits.time_ns = measured.usage.virtual_time_ns;
        exact.limits.memory_bytes = measured.usage.peak_memory_bytes;
        exact.limits.host_data_bytes = measured.usage.host_data_bytes;
        exact.limits.host_call_bytes = measured.usage.peak_host_call_bytes.max(64 << 10);
        assert_eq!(exact.run().measurement, measured);
        exact.limits.fuel -= 1;
        assert_eq!(exact.run().measurement.outcome.code(), "limit: fuel");
        exact.limits.fuel += 1;
        exact.limits.time_ns -= 1;
        assert_eq!(exact.run().measurement.outcome.code(), "limit: time");
        exact.limits.time_ns += 1;
        exact.limits.memory_bytes -= 1;
        assert!(times == 0 || !exact.run().measurement.outcome.is_completed());
        measured.usage.fuel - parts
    };
    // What is left when the parts are taken off is the pipeline's: so much to begin with, so much for each.
    let (two, three, nine) = (own(2), own(3), own(9));
    assert_eq!(nine - three, 6 * (three - two));
    assert!(three - two > 50_000, "a sandbox has its price: {}", three - two);
    own(0);
}

#[test]
fn what_counts_add_up_over_levels() {
    let _working = working();
    let run = Nested::new("invokes_deeply", deep(&SANDBOX)).run();
    let usage = &run.measurement.usage;
    assert_eq!(
        usage.interfaces.iter().map(|i| (i.name.as_str(), i.calls)).collect::<Vec<_>>(),
        [("holobiont:plugin/modules", 8)]
    );
    let part = &run.measurement.parts[0];
    assert_eq!((run.measurement.parts.len(), part.calls, part.usage.host_calls), (1, 1, 7));
}

#[test]
fn entropy_is_of_the_seed_the_module_and_the_ordinal_of_the_call() {
    let _working = working();
    let samples = |seed: u64, times: u32| {
        let mut nested = Nested::new("invokes_only", vec![candidate()]).with("times", times);
        nested.seed = seed;
        nested.run().output
    };
    let (one, two) = (samples(7, 1), samples(7, 2));
    assert!(two.starts_with(&one) && two[one.len()..] != one[..], "the second call has entropy of its own");
    assert_ne!(samples(8, 1), one);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(samples(7, 2), two));
        }
    });
}

#[test]
fn eight_levels_of_full_stacks_fit() {
    let _working = working();
    let descend = |calls: u64, members: Vec<Member>| Nested::new("invokes_deeply", members).with("calls", calls);
    // As many calls of itself as one run can make before it has no stack left to invoke from.
    let (mut fits, mut too_many) = (1, 1 << 20);
    while too_many - fits > 1 {
        let calls = u64::midpoint(fits, too_many);
        match descend(calls, Vec::new()).run().measurement.outcome.code().as_str() {
            "completed" => fits = calls,
            "limit: stack" => too_many = calls,
            other => panic!("{other}"),
        }
    }
    assert!(fits > 1_000, "{fits} calls");
    // An answer takes a little more to be put where the guest wants it than a refusal does.
    fits -= fits / 20;
    let full = || descend(fits, deep(&SANDBOX)).text();
    assert_eq!(full(), "8 levels, then too-deep");
    // Whatever the stack of the thread that asks.
    let small = thread::Builder::new().stack_size(128 << 10);
    let asked = thread::scope(|scope| small.spawn_scoped(scope, full).expect("a thread").join().expect("no panic"));
    assert_eq!(asked, "8 levels, then too-deep");
    // One call more on each level, and the deepest that can still says so: no level harms another.
    let run = descend(too_many, deep(&SANDBOX)).run();
    assert_eq!(run.measurement.outcome.code(), "limit: stack");
}

#[test]
fn pipelines_do_not_wait_for_one_another_for_ever() {
    let _working = working();
    let folder = tempfile::tempdir().expect("a folder");
    for places in [1, 3, 8, 64] {
        let sandbox = Sandbox::builder().cache_dir(folder.path()).concurrent_runs(places).build().expect("a sandbox");
        let load = |fixture: &Fixture| match sandbox.load(fixture.wasm).expect("no fault of the host") {
            Loaded::Ready(module) => module,
            Loaded::Refused(outcome) => panic!("{outcome}"),
        };
        let (pipeline, alone) = (load(&guests::PIPELINE_ECHO), load(&guests::CANDIDATE_ECHO));
        let given: Vec<Member> = [vec![loaded(&sandbox, "candidate.wasm")], deep(&sandbox)].concat();
        thread::scope(|scope| {
            for number in 0..64 {
                let (sandbox, pipeline, alone, given) = (&sandbox, &pipeline, &alone, &given);
                scope.spawn(move || {
                    // Some need two places, some eight, some one.
                    let (act, given) = match number % 3 {
                        0 => ("invokes_only", &given[..1]),
                        _ => ("invokes_deeply", &given[..]),
                    };
                    for _ in 0..3 {
                        let nested = Nested { sandbox, pipeline: pipeline.clone(), ..Nested::new(act, given.to_vec()) };
                        assert_eq!(nested.run().measurement.outcome.code(), "completed");
                        let job = Job::new(b"x").limits(tight());
                        assert!(sandbox.run(alone, &job).expect("room").measurement.outcome.is_completed());
                    }
                });
            }
        });
    }
}

/// A candidate that calls the library by import.
fn importer() -> Member {
    member("candidate.wasm", &guests::IMPORTER_TOUR)
}

#[test]
fn a_linked_member_works_and_its_others_have_their_bills_with_the_pipeline() {
    let _working = working();
    let parameters = BTreeMap::from([("act".to_owned(), "tour".to_owned())]);
    let alone = Job::new(b"Some input.").parameters(&parameters).limits(tight());
    let alone = SANDBOX.run(&importer().module, &alone).expect("a guest is no fault of the host");
    let invoked = |times: u64| {
        let nested = Nested::new("invokes_only", vec![importer()]).with("invoked", "tour").with("times", times);
        Nested { input: b"Some input.", ..nested }
    };
    let once = invoked(1).run();
    assert_eq!(once.output, alone.output);
    assert_eq!(once.workspace, alone.workspace);
    let [member, library] = once.measurement.parts.as_slice() else { panic!("{:?}", once.measurement.parts) };
    let [theirs] = alone.measurement.parts.as_slice() else { panic!("{:?}", alone.measurement.parts) };
    // Both cost within a pipeline what they cost alone.
    assert_eq!((member.relation, member.calls, &member.usage), (Relation::Invoked, 1, &alone.measurement.usage));
    assert_eq!(library, theirs);
    assert_eq!(library.relation, Relation::Linked);
    // The member's calls of the library are the pipeline's too, as all that it invokes; what the library did is not.
    let usage = &once.measurement.usage;
    let row = |usage: &Usage| usage.interfaces.iter().find(|row| row.name.ends_with("text/transform")).cloned();
    assert!(row(usage).is_some() && row(usage) == row(&member.usage), "{usage:?}");
    assert_eq!(usage.host_calls, member.usage.host_calls + 1);
    assert!(usage.waiting_ns >= library.usage.virtual_time_ns, "it waited for both");
    // Each invocation has a library of its own, and all of them are on one bill.
    let (two, three) = (invoked(2).run().measurement, invoked(3).run().measurement);
    let bill = |measurement: &Measurement, at: usize| measurement.parts[at].usage.fuel;
    for (times, measured) in [(2, &two), (3, &three)] {
        assert_eq!(measured.parts.len(), 2);
        let [member, library] = [0, 1].map(|at| &measured.parts[at]);
        assert_eq!((member.calls, library.calls), (times, times * theirs.calls));
        assert_eq!(library.usage.fuel, times * theirs.usage.fuel);
        assert_eq!(library.usage.peak_memory_bytes, theirs.usage.peak_memory_bytes);
    }
    // Without the member's bill only the pipeline's own is left: a sandbox for each invocation, and what it gave back.
    let own = |measured: &Measurement| measured.usage.fuel - bill(measured, 0);
    for more in [own(&three) - own(&two), own(&two) - own(&once.measurement)] {
        assert!((50_000..60_000).contains(&more), "{more} fuel");
    }
    assert_eq!(invoked(3).run().measurement, three);
}

#[test]
fn a_pipeline_goes_on_where_a_linked_module_ended_a_member() {
    let _working = working();
    // The library spends all the fuel that the member was given, which is not the pipeline's: it is told why.
    let nested = Nested::new("invokes_only", vec![importer()]).with("invoked", "callee_spins").with("times", 1);
    let measured = nested.run().measurement;
    assert_eq!(measured.outcome.code(), "failed: internal", "{}", measured.outcome);
    let [member, library] = measured.parts.as_slice() else { panic!("{:?}", measured.parts) };
    assert_eq!((member.outcome.code(), library.outcome.code()), ("limit: fuel".to_owned(), "limit: fuel".to_owned()));
    assert!(member.outcome.detail().contains("in linked module"), "{}", member.outcome);
    assert!(measured.usage.fuel < 2_000_000, "{} fuel", measured.usage.fuel);
    assert!(measured.usage.waiting_ns >= library.usage.fuel, "the time is the pipeline's too");
    // It is time that ends one who tries again and again.
    let nested = Nested::new("invokes_only", vec![importer()]).with("invoked", "callee_sleeps_a_year");
    assert_eq!(nested.run().measurement.outcome.code(), "limit: time");
}

#[test]
fn conditions_hold_for_linked_modules_with_draws_of_their_own() {
    let _working = working();
    let parameters = BTreeMap::from([("act".to_owned(), "tour".to_owned())]);
    let module = importer().module;
    let under = |conditions: Conditions| {
        let limits = Limits { time_ns: 3_600_000_000_000, ..tight() };
        let job = Job::new(b"Some input.").parameters(&parameters).limits(limits).conditions(conditions).seed(7);
        SANDBOX.run(&module, &job).expect("a guest is no fault of the host")
    };
    let calm = under(Conditions::default());
    // A call crosses on both sides, there and back on the other's.
    let slow = under(Conditions { latency_ns: 1_000_000, ..Conditions::default() }).measurement;
    let [before, after] = [&calm.measurement, &slow].map(|measured| measured.parts[0].usage.clone());
    let theirs = 2 * slow.parts[0].calls + after.host_calls;
    assert_eq!(after.waiting_ns - before.waiting_ns, theirs * 1_000_000);
    let own = 2 + slow.usage.host_calls;
    assert_eq!(slow.usage.waiting_ns - calm.measurement.usage.waiting_ns, (own + theirs) * 1_000_000);
    // Bytes that come back may come to harm, and each counts the faults that befell it.
    let faults = |mode| Conditions { faults: 1.0, failure_modes: vec![mode], ..Conditions::default() };
    let spoilt = under(faults(FailureMode::DiskCorruption));
    assert_ne!(spoilt.output, calm.output);
    assert!(spoilt.measurement.outcome.is_completed(), "{}", spoilt.measurement.outcome);
    // The task, what `perform` and `reverse` gave, and what it found in the workspace.
    assert_eq!(spoilt.measurement.usage.faults, 4, "{:?}", spoilt.measurement);
    let network = under(faults(FailureMode::Network)).measurement;
    assert_eq!((network.usage.faults, network.parts[0].usage.faults), (own, theirs));
    let drawn = || under(Conditions { loss: 0.3, faults: 0.3, ..Conditions::default() });
    assert_eq!(drawn().measurement, drawn().measurement);
}

#[test]
fn nests_of_linked_modules_do_not_wait_for_one_another_for_ever() {
    let _working = working();
    let folder = tempfile::tempdir().expect("a folder");
    for places in [1, 3, 8] {
        let sandbox = Sandbox::builder().cache_dir(folder.path()).concurrent_runs(places).build().expect("a sandbox");
        let pipeline = loaded(&sandbox, "pipeline.wasm").module;
        let importer = loaded(&sandbox, "importer.wasm").module;
        let given = vec![Member::new(ModuleId::new("candidate.wasm").expect("an id"), importer.clone())];
        thread::scope(|scope| {
            for _ in 0..16 {
                let (sandbox, pipeline, importer, given) = (&sandbox, &pipeline, &importer, &given);
                scope.spawn(move || {
                    let nested = Nested::new("invokes_only", given.clone()).with("invoked", "callee_declines");
                    let nested = Nested { sandbox, pipeline: pipeline.clone(), ..nested };
                    assert_eq!(nested.run().measurement.outcome.code(), "completed");
                    let job = Job::new(b"x").limits(tight());
                    assert!(sandbox.run(importer, &job).expect("room").measurement.outcome.is_completed());
                });
            }
        });
    }
}

#[test]
fn a_module_that_does_not_describe_itself_has_its_id_for_a_name() {
    let _working = working();
    let described = |how: &str| {
        let env = BTreeMap::from([("DESCRIBE".to_owned(), how.to_owned())]);
        let candidate = candidate().grants(Grants { env, ..Grants::default() });
        Nested { input: b"done", ..Nested::new("invokes_all", vec![candidate]) }
    };
    for how in ["panics", "floods"] {
        let run = described(how).run();
        assert_eq!(String::from_utf8_lossy(&run.output), "candidate.wasm: candidate.wasm [] : done\n", "{how}");
        let part = &run.measurement.parts[0];
        assert!(!part.outcome.is_completed(), "{how}: {}", part.outcome);
    }
    let run = described("logs").run();
    let said: Vec<_> = run.measurement.logs.iter().map(|line| (line.level.as_str(), line.message.as_str())).collect();
    assert_eq!(said, [("info of candidate.wasm", "it says something else")]);
    let run = described("spins").run();
    assert_eq!(run.measurement.outcome.code(), "limit: fuel");
    assert_eq!(run.measurement.parts[0].outcome.code(), "limit: fuel", "whose fault it was can be told");
}

#[test]
fn a_module_has_no_grants_but_its_own() {
    let _working = working();
    let command = || member("command.wasm", &guests::COMMAND_LOOKS_AROUND);
    let granted = |name: &str| Grants {
        env: BTreeMap::from([(name.to_owned(), "1".to_owned())]),
        args: vec![format!("--{name}")],
        ..Grants::default()
    };
    let mut nested = Nested::new("invokes_all", vec![command()]);
    (nested.input, nested.grants) = (b"looks_around", granted("SECRET"));
    assert!(!nested.text().contains("SECRET"), "{}", nested.text());
    nested.members = vec![command().grants(granted("OWN"))];
    assert!(nested.text().contains("OWN") && !nested.text().contains("SECRET"), "{}", nested.text());
}

#[test]
fn what_a_module_writes_to_its_directories_stays_in_its_run() {
    let _working = working();
    let folder = tempfile::tempdir().expect("a folder");
    let host = folder.path().to_str().expect("a path of text").to_owned();
    let grant = DirGrant { host, guest: "/data".to_owned(), access: Access::ReadWrite };
    let files = Files::open(&[grant]).expect("an empty folder");
    let command = |id: &str| member(id, &guests::FILES_READS_AND_WRITES).files(files.clone());
    let mut nested = Nested::new("invokes_all", vec![command("one.wasm"), command("two.wasm")]);
    nested.input = b"reads_and_writes";
    let text = nested.text();
    let (one, two) = text.split_at(text.find("two.wasm").expect("two of them"));
    assert_eq!(one.replace("one.wasm", "two.wasm"), two, "the second sees nothing of the first");
    assert!(!text.contains("stopped") && nested.run().measurement.usage.disk_bytes > 0, "{text}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("it is there").count(), 0, "nothing is written back");
}

#[test]
fn a_pipeline_without_modules_has_an_empty_list() {
    let _working = working();
    let nested = Nested::new("invokes_all", Vec::new());
    assert_eq!((nested.text().as_str(), nested.run().measurement.parts.len()), ("", 0));
}

#[test]
fn energy_is_from_1_to_100() {
    let _working = working();
    let nested = Nested::new("echo", Vec::new());
    for (asked, given) in [(f64::NAN, 1.0), (-3.0, 1.0), (0.5, 1.0), (37.5, 37.5), (1e9, 100.0)] {
        let run = SANDBOX.run(&nested.pipeline, &nested.job().energy(asked)).expect("no fault of the host");
        assert_eq!(run.measurement.metrics.get("energy"), Some(&given), "{asked}");
    }
}

#[test]
fn what_cannot_be_invoked_is_no_member() {
    let _working = working();
    let fault = |members: Vec<Member>| {
        let nested = Nested::new("echo", members);
        SANDBOX.run(&nested.pipeline, &nested.job()).map(|run| run.measurement.outcome)
    };
    let scorer = fault(vec![member("scorer.wasm", &guests::SCORER)]);
    assert!(matches!(scorer, Err(SandboxError::Kind { kind: "scorer", .. })), "{scorer:?}");
    let library = fault(vec![Member::new(ModuleId::new("library.wasm").expect("an id"), library(&SANDBOX))]);
    assert!(matches!(library, Err(SandboxError::Kind { kind: "library", .. })), "{library:?}");
    let other = Sandbox::builder().concurrent_runs(1).build().expect("a sandbox");
    let strangers = vec![loaded(&other, "pipeline.wasm")];
    let pipeline = strangers[0].module.clone();
    assert!(matches!(fault(strangers), Err(SandboxError::Fault(_))));
    assert!(matches!(SANDBOX.run(&pipeline, &Job::new(b"")), Err(SandboxError::Fault(_))));
}

#[test]
fn a_pipeline_is_refused_what_a_pipeline_is_refused() {
    let _working = working();
    let refused = |text: &str| match SANDBOX.load(&wat::parse_str(text).expect("it parses")).expect("no fault") {
        Loaded::Ready(module) => panic!("{module:?}"),
        Loaded::Refused(outcome) => outcome.to_string(),
    };
    let newer = refused(
        r#"(component (import "holobiont:plugin/modules@0.2.0" (instance)) (instance $e)
             (export "holobiont:plugin/pipeline@0.1.0" (instance $e)))"#,
    );
    assert!(newer.starts_with("rejected: interface-mismatch") && newer.contains("0.2.0"), "{newer}");
    let empty = refused(r#"(component (instance $e) (export "holobiont:plugin/pipeline@0.1.0" (instance $e)))"#);
    assert!(empty.starts_with("rejected: interface-mismatch") && empty.contains("`run`"), "{empty}");
}

#[test]
fn the_example_finds_what_no_module_does_alone() {
    let _working = working();
    let example = |name: &str| {
        let wasm = guests::EXAMPLES.iter().find(|(known, _)| *known == name).expect("it was built").1;
        match load(&Fixture { name: "example", about: "", wasm, act: None }) {
            Loaded::Ready(module) => module,
            Loaded::Refused(outcome) => panic!("{name}: {outcome}"),
        }
    };
    let names = ["squeeze_bwt", "squeeze_coder", "squeeze_delta", "squeeze_lz77", "squeeze_mtf", "squeeze_rle"];
    let members: Vec<Member> =
        names.iter().map(|name| Member::new(ModuleId::new(name).expect("an id"), example(name))).collect();
    let text = include_str!("../../docs/ARCHITECTURE.md").as_bytes();
    let input = &text[..3_000];
    let limits = Limits { fuel: 10_000_000_000, time_ns: u64::MAX, ..Limits::default() };
    let lengths = members.iter().map(|member| {
        let job = Job::new(input).limits(limits.clone());
        SANDBOX.run(&member.module, &job).expect("no fault of the host").output.len()
    });
    let alone = lengths.min().expect("some");
    let mut by_energy = BTreeSet::new();
    for energy in [1.0, 50.0] {
        let job = Job::new(input).limits(limits.clone()).members(&members).energy(energy);
        let run = SANDBOX.run(&example("squeeze_auto"), &job).expect("no fault of the host");
        assert!(run.measurement.outcome.is_completed(), "{}", run.measurement.outcome);
        println!("{:?} {} fuel", run.measurement.logs.last(), run.measurement.usage.fuel);
        assert!(!run.output.is_empty() && run.output.len() < alone, "{} and {alone} alone", run.output.len());
        by_energy.insert((run.measurement.usage.fuel, run.output.len()));
    }
    // More energy, more fuel, and no larger a result.
    let sizes: Vec<usize> = by_energy.iter().map(|(_, bytes)| *bytes).collect();
    assert!(sizes.len() == 2 && sizes[1] <= sizes[0], "{by_energy:?}");
}
