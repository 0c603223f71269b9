//! Linking one module with another: who meets an import, what is refused, and who pays for what.

use holobiont_core::{Limits, Measurement, Outcome, Relation};
use holobiont_sandbox::{Job, Loaded, Module, ModuleKind, Sandbox, SandboxError};
use holobiont_test_guests as guests;

use crate::support::{SANDBOX, Setup, is_plain, library, load_in, module, tight, working};

/// A component that exports `interface` with a function `f` of some type and core code.
pub(crate) fn provider(interface: &str, ty: &str, code: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (core module $m
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
                (func (export "f") {code}))
            (core instance $i (instantiate $m))
            (func $f {ty} (canon lift (core func $i "f") (memory $i "memory") (realloc (func $i "realloc"))))
            (instance $e (export "f" (func $f)))
            (export "{interface}" (instance $e)))"#
    );
    wat::parse_str(&text).expect("a component")
}

/// One that adds 1.
pub(crate) fn adder(interface: &str) -> Vec<u8> {
    provider(interface, ADD, "(param i32) (result i32) (i32.add (local.get 0) (i32.const 1))")
}

/// One that adds 1 to what another of the kind says.
pub(crate) fn adder_over(export: &str, import: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (import "{import}" (instance $n (export "f" (func {ADD}))))
            (core func $f (canon lower (func $n "f")))
            (core module $m
                (import "" "f" (func $f (param i32) (result i32)))
                (func (export "f") (param i32) (result i32) (i32.add (call $f (local.get 0)) (i32.const 1))))
            (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
            (func $g {ADD} (canon lift (core func $i "f")))
            (instance $e (export "f" (func $g)))
            (export "{export}" (instance $e)))"#
    );
    wat::parse_str(&text).expect("a component")
}

pub(crate) const ADD: &str = r#"(param "x" u32) (result u32)"#;

/// A command that imports `interface` with functions of some types, and succeeds if `code`, which may call
/// `$f` by its core type, leaves 0.
pub(crate) fn command(interface: &str, functions: &str, core: &str, code: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (import "{interface}" (instance $n {functions}))
            (core module $libc
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
            (core instance $l (instantiate $libc))
            (core func $f (canon lower (func $n "f") (memory $l "memory") (realloc (func $l "realloc"))))
            (core module $m
                (import "" "f" (func $f {core}))
                (func (export "run") (result i32) {code}))
            (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
            (func $run (result (result)) (canon lift (core func $i "run")))
            (instance $r (export "run" (func $run)))
            (export "wasi:cli/run@0.2.6" (instance $r)))"#
    );
    wat::parse_str(&text).expect("a component")
}

/// One that asks for the successor of 41, some times over.
pub(crate) fn asks(interface: &str, times: usize) -> Vec<u8> {
    let once = "(if (i32.ne (call $f (i32.const 41)) (i32.const 42)) (then unreachable)) ";
    let functions = format!(r#"(export "f" (func {ADD}))"#);
    command(interface, &functions, "(param i32) (result i32)", &format!("{} (i32.const 0)", once.repeat(times)))
}

#[track_caller]
pub(crate) fn ready(bytes: &[u8], others: &[Module]) -> Module {
    match SANDBOX.load_among(bytes, others).expect("no fault of the host") {
        Loaded::Ready(module) => module,
        Loaded::Refused(outcome) => panic!("refused: {outcome}"),
    }
}

#[track_caller]
pub(crate) fn refused(bytes: &[u8], others: &[Module], code: &str, words: &[&str]) {
    match SANDBOX.load_among(bytes, others).expect("no fault of the host") {
        Loaded::Ready(module) => panic!("it loaded as a {}", module.kind().name()),
        Loaded::Refused(outcome) => {
            assert_eq!(outcome.code(), code, "{outcome}");
            assert!(is_plain(outcome.detail()), "{outcome}");
            for word in words {
                assert!(outcome.detail().contains(word), "`{word}` is not in: {outcome}");
            }
        }
    }
}

fn run_under(module: &Module, limits: &Limits) -> Measurement {
    SANDBOX.run(module, &Job::new(b"").limits(limits.clone())).expect("no fault of the host").measurement
}

pub(crate) fn run(module: &Module) -> Measurement {
    run_under(module, &tight())
}

#[test]
fn a_library_loads_and_does_not_run() {
    let _working = working();
    let library = library(&SANDBOX);
    assert_eq!((library.kind(), library.kind().name()), (ModuleKind::Library, "library"));
    assert_eq!(library.identity(), library.digest());
    match SANDBOX.run(&library, &Job::new(b"")) {
        Err(SandboxError::Kind { kind: "library", .. }) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn versions_are_compatible_or_refused_by_name() {
    let _working = working();
    let [old, new] = ["acme:text/normalise@0.1.3", "acme:text/normalise@0.2.0"].map(|name| ready(&adder(name), &[]));
    let asker = asks("acme:text/normalise@0.1.0", 1);
    let linked = ready(&asker, &[new.clone(), old.clone()]);
    let links: Vec<_> = linked.links().map(|(import, export, module)| (import, export, module.digest())).collect();
    assert_eq!(links, [("acme:text/normalise@0.1.0", "acme:text/normalise@0.1.3", old.digest())]);
    assert!(run(&linked).outcome.is_completed());
    refused(
        &asker,
        &[new],
        "rejected: interface-mismatch",
        &["`acme:text/normalise@0.1.0`", "`acme:text/normalise@0.2.0`", "does not go with"],
    );
    // Nobody, and nobody among others.
    refused(&asker, &[], "rejected: unknown-import", &["acme:text/normalise", "does not offer it"]);
    refused(&asker, &[library(&SANDBOX)], "rejected: unknown-import", &["none of the 1 modules"]);
}

#[test]
fn what_is_of_another_type_is_refused_before_anything_runs() {
    let _working = working();
    let name = "acme:text/normalise@0.1.0";
    let mismatch = "rejected: interface-mismatch";
    let signed = provider(name, r#"(param "x" s32) (result u32)"#, "(param i32) (result i32) (local.get 0)");
    refused(&asks(name, 1), &[ready(&signed, &[])], mismatch, &["`f` is of another type there"]);
    let renamed = provider(name, r#"(param "y" u32) (result u32)"#, "(param i32) (result i32) (local.get 0)");
    refused(&asks(name, 1), &[ready(&renamed, &[])], mismatch, &["`f` is of another type there"]);
    let more = format!(r#"(export "f" (func {ADD})) (export "g" (func))"#);
    let wants_more = command(name, &more, "(param i32) (result i32)", "(i32.const 0)");
    refused(&wants_more, &[ready(&adder(name), &[])], mismatch, &["there is no `g` there"]);
    // Somebody who names a bare function like an interface.
    let odd = wat::parse_str(format!(
        r#"(component
            (core module $m (func (export "f")))
            (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f")))
            (export "{name}" (func $f)))"#
    ));
    if let Ok(odd) = odd {
        refused(&asks(name, 1), &[ready(&odd, &[])], mismatch, &["exported as no interface"]);
    }
}

#[test]
fn resources_stay_where_they_are() {
    let _working = working();
    let name = "acme:text/normalise@0.1.0";
    let provider = wat::parse_str(format!(
        r#"(component
            (type $t (resource (rep i32)))
            (core module $m (func (export "f") (param i32)))
            (core instance $i (instantiate $m))
            (func $f (param "x" (own $t)) (canon lift (core func $i "f")))
            (component $c
                (import "t" (type $t (sub resource)))
                (import "f" (func $f (param "x" (own $t))))
                (export $e "t" (type $t))
                (export "f" (func $f) (func (param "x" (own $e)))))
            (instance $e (instantiate $c (with "t" (type $t)) (with "f" (func $f))))
            (export "{name}" (instance $e)))"#
    ))
    .expect("a component");
    let functions = r#"(export "t" (type $t (sub resource))) (export "f" (func (param "x" (own $t))))"#;
    let asker = command(name, functions, "(param i32)", "(i32.const 0)");
    let provider = ready(&provider, &[]);
    assert_eq!(provider.kind(), ModuleKind::Library);
    refused(&asker, &[provider], "rejected: interface-mismatch", &["resources cannot be handed across sandboxes"]);
}

#[test]
fn an_interface_of_types_alone_needs_nobody() {
    let _working = working();
    let types = r#"(import "acme:text/types@0.1.0" (instance $t
        (type $r' (record (field "a" u32))) (export "r" (type $r (eq $r')))))"#;
    let text = format!(
        r#"(component {types}
                (core module $m (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))
                (core instance $i (instantiate $m))
                (func $f {ADD} (canon lift (core func $i "f")))
                (instance $e (export "f" (func $f)))
                (export "acme:text/normalise@0.1.0" (instance $e)))"#
    );
    let library = ready(&wat::parse_str(&text).expect("a component"), &[]);
    let linked = ready(&asks("acme:text/normalise@0.1.0", 1), &[library]);
    assert!(run(&linked).outcome.is_completed());
}

#[test]
fn each_pays_for_its_own() {
    let _working = working();
    let name = "acme:work/spin@1.0.0";
    // About a million loops, and no bytes.
    let busy = provider(
        name,
        ADD,
        "(param i32) (result i32) (local i32)
         (loop (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 1000000))))
         (i32.add (local.get 0) (i32.const 1))",
    );
    let busy = ready(&busy, &[]);
    let [once, twice] = [1, 2].map(|times| run(&ready(&asks(name, times), std::slice::from_ref(&busy))));
    assert!(once.outcome.is_completed(), "{}", once.outcome);
    let part = &once.parts[0];
    assert_eq!((part.relation, part.calls, part.digest), (Relation::Linked, 1, busy.digest()));
    assert!(part.usage.fuel > 1_000_000, "{}", part.usage.fuel);
    // A call costs its caller the price of a host call, and what it does itself.
    let more = twice.usage.fuel - once.usage.fuel;
    assert!((500..520).contains(&more), "{more} fuel");
    assert!(once.usage.fuel < 600, "{} fuel", once.usage.fuel);
    assert_eq!(once.usage.waiting_ns, part.usage.virtual_time_ns);
    assert_eq!(once.usage.virtual_time_ns, once.usage.fuel + once.usage.waiting_ns);
    assert_eq!((twice.parts[0].calls, twice.parts[0].usage.instances), (2, 1));
    // The callee's limit is that of the run, and it is the callee's end.
    let short = Limits { fuel: part.usage.fuel - 1, ..tight() };
    let came = run_under(&ready(&asks(name, 1), std::slice::from_ref(&busy)), &short);
    assert_eq!(came.outcome.code(), "limit: fuel");
    assert!(came.outcome.detail().contains("in linked module"), "{}", came.outcome);
    // With enough for itself it has enough; the caller's own limit is not what it waits for.
    let exact = Limits { fuel: part.usage.fuel, ..tight() };
    assert_eq!(run_under(&ready(&asks(name, 1), &[busy]), &exact), once);
}

/// The module at the end of a chain of `length` links, each of which adds 1.
fn chain(length: usize) -> Vec<Module> {
    let mut modules = vec![ready(&adder("acme:chain/l0"), &[])];
    for at in 1..=length {
        let link = adder_over(&format!("acme:chain/l{at}"), &format!("acme:chain/l{}", at - 1));
        let next = ready(&link, &modules);
        modules.push(next);
    }
    modules
}

#[test]
fn a_chain_is_at_most_eight_long() {
    let _working = working();
    let modules = chain(8);
    let sums = format!(r#"(export "f" (func {ADD}))"#);
    let asker = |link: usize, sum: usize| {
        let code = format!("(i32.ne (call $f (i32.const 1)) (i32.const {}))", 1 + sum);
        command(&format!("acme:chain/l{link}"), &sums, "(param i32) (result i32)", &code)
    };
    let came = run(&ready(&asker(7, 8), &modules));
    assert!(came.outcome.is_completed(), "{}", came.outcome);
    assert_eq!(came.parts.len(), 8);
    // First called, first told: the one next to the caller.
    let digests: Vec<_> = came.parts.iter().map(|part| part.digest).collect();
    let expected: Vec<_> = modules[..8].iter().rev().map(Module::digest).collect();
    assert_eq!(digests, expected);
    refused(&asker(8, 9), &modules, "rejected: too-complex", &["chain of linked modules is 9 long, limit 8"]);
}

#[test]
fn each_of_a_chain_has_a_whole_stack() {
    let _working = working();
    // Each goes deep before it calls the next, and the last does not stop.
    let deep = |call: &str| {
        format!(
            r#"(func $deep (param i32 i32) (result i32)
                (if (result i32) (local.get 0)
                    (then (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1)) (local.get 1)) (i32.const 1)))
                    (else {call})))
            (func (export "f") (param i32) (result i32) (call $deep (i32.const 6000) (local.get 0)))"#
        )
    };
    let link = |at: usize, import: &str, with: &str, call: &str| {
        let text = format!(
            r#"(component {import}
                (core module $m {with} {})
                (core instance $i (instantiate $m {}))
                (func $g {ADD} (canon lift (core func $i "f")))
                (instance $e (export "f" (func $g)))
                (export "acme:deep/l{at}" (instance $e)))"#,
            deep(call),
            if import.is_empty() { "" } else { r#"(with "" (instance (export "f" (func $f))))"# }
        );
        wat::parse_str(&text).expect("a component")
    };
    let chain = |last: &str| {
        let mut modules = vec![ready(&link(0, "", "", last), &[])];
        for at in 1..8 {
            let import = format!(
                r#"(import "acme:deep/l{}" (instance $n (export "f" (func {ADD}))))
                (core func $f (canon lower (func $n "f")))"#,
                at - 1
            );
            let with = r#"(import "" "f" (func $f (param i32) (result i32)))"#;
            let next = ready(&link(at, &import, with, "(call $f (local.get 1))"), &modules);
            modules.push(next);
        }
        let functions = format!(r#"(export "f" (func {ADD}))"#);
        let code = "(i32.ne (call $f (i32.const 1)) (i32.const 48001))";
        run(&ready(&command("acme:deep/l7", &functions, "(param i32) (result i32)", code), &modules))
    };
    let came = chain("(local.get 1)");
    assert!(came.outcome.is_completed(), "{}", came.outcome);
    let came = chain("(call $deep (i32.const 1000000) (local.get 1))");
    assert_eq!(came.outcome.code(), "limit: stack", "{}", came.outcome);
    assert!(came.outcome.detail().contains("(acme:deep/l0)"), "{}", came.outcome);
}

#[test]
fn a_module_that_two_others_call_is_one_module() {
    let _working = working();
    let modules = chain(1);
    let text = format!(
        r#"(component
            (import "acme:chain/l0" (instance $a (export "f" (func {ADD}))))
            (import "acme:chain/l1" (instance $b (export "f" (func {ADD}))))
            (core func $f (canon lower (func $a "f")))
            (core func $g (canon lower (func $b "f")))
            (core module $m
                (import "" "f" (func $f (param i32) (result i32)))
                (import "" "g" (func $g (param i32) (result i32)))
                (func (export "run") (result i32) (i32.ne (call $g (call $f (i32.const 1))) (i32.const 4))))
            (core instance $i (instantiate $m
                (with "" (instance (export "f" (func $f)) (export "g" (func $g))))))
            (func $run (result (result)) (canon lift (core func $i "run")))
            (instance $r (export "run" (func $run)))
            (export "wasi:cli/run@0.2.6" (instance $r)))"#
    );
    let came = run(&ready(&wat::parse_str(&text).expect("a component"), &modules));
    assert!(came.outcome.is_completed(), "{}", came.outcome);
    let calls: Vec<_> = came.parts.iter().map(|part| (part.digest, part.calls)).collect();
    assert_eq!(calls, [(modules[0].digest(), 2), (modules[1].digest(), 1)]);
}

const BYTES: &str = r#"(param "x" (list u8)) (result (list u8))"#;

#[test]
fn lists_that_lie_are_the_fault_of_who_told_them() {
    let _working = working();
    let name = "acme:bytes/hand@0.1.0";
    let functions = format!(r#"(export "f" (func {BYTES}))"#);
    let hands = |pointer: u32, length: u32| {
        let code = format!("(call $f (i32.const {pointer}) (i32.const {length}) (i32.const 0)) (i32.const 0)");
        command(name, &functions, "(param i32 i32 i32)", &code)
    };
    let answers = |length: u32| {
        let code = format!(
            "(param i32 i32) (result i32)
             (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const {length})) (i32.const 0)"
        );
        ready(&provider(name, BYTES, &code), &[])
    };
    // A gibibyte that is not there, from the one and from the other.
    let came = run(&ready(&hands(8, 4), &[answers(1 << 30)]));
    assert_eq!(came.outcome.code(), "trap: bad-value");
    assert!(came.outcome.detail().contains("in linked module"), "{}", came.outcome);
    let came = run(&ready(&hands(8, 1 << 30), &[answers(4)]));
    assert_eq!(came.outcome.code(), "trap: bad-value");
    assert!(!came.outcome.detail().contains("in linked module"), "{}", came.outcome);
    assert!(came.parts.is_empty());
    // What is there and is more than a call may move, by one byte and exactly.
    let linked = ready(&hands(8, 4_000), &[answers(4_000)]);
    let under = |bytes: u64| run_under(&linked, &Limits { host_call_bytes: bytes, ..tight() });
    assert_eq!(under(8_000).outcome.code(), "completed");
    let came = under(7_999);
    assert_eq!(came.outcome.code(), "limit: host-data");
    assert!(!came.outcome.detail().contains("linked"), "the caller's bytes: {}", came.outcome);
    assert_eq!(under(3_999).outcome.code(), "limit: host-data");
    let in_all = run_under(&linked, &Limits { host_data_bytes: 7_999, ..tight() });
    assert_eq!(in_all.outcome.code(), "limit: host-data");
    // Both pay for the bytes: a call and the bytes both ways.
    let came = under(8_000);
    assert_eq!(came.usage.host_data_bytes, 8_000);
    assert!((8_500..8_600).contains(&came.usage.fuel), "{}", came.usage.fuel);
    assert!((8_000..8_100).contains(&came.parts[0].usage.fuel), "{}", came.parts[0].usage.fuel);
}

#[test]
fn real_time_ends_the_whole_chain() {
    let _working = working();
    let setup = Setup::new(&guests::IMPORTER_CALLEE_SPINS).limits(|limits| {
        (limits.fuel, limits.time_ns, limits.wall_time_ns) = (u64::MAX / 4, u64::MAX / 4, 100_000_000);
    });
    let came = setup.run();
    assert_eq!(came.outcome.code(), "limit: wall-time");
    assert!(came.outcome.detail().contains("in linked module"), "{}", came.outcome);
    assert!(came.took.as_millis() < 1_000, "{:?}", came.took);
}

#[test]
fn linked_runs_measure_the_same_on_any_thread() {
    let _working = working();
    let sandbox = Sandbox::builder().concurrent_runs(3).build().expect("a sandbox");
    let fixture = guests::IMPORTER_TOUR;
    let Loaded::Ready(module) = load_in(&sandbox, fixture.wasm) else { panic!("it was refused") };
    let setup = Setup::new(&fixture);
    let first = setup.run();
    // Three places for runs that take two each, and some that take one.
    let single = match sandbox.load(guests::CANDIDATE_UPPER.wasm).expect("no fault of the host") {
        Loaded::Ready(module) => module,
        Loaded::Refused(outcome) => panic!("{outcome}"),
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    assert_eq!(setup.run_module(&sandbox, &module).measurement, first.measurement);
                    let upper = Setup::new(&guests::CANDIDATE_UPPER).run_module(&sandbox, &single);
                    assert!(upper.outcome.is_completed());
                }
            });
        }
    });
}

#[test]
fn more_modules_than_places_have_them_all_and_wait_for_nobody() {
    let _working = working();
    let sandbox = Sandbox::builder().concurrent_runs(1).build().expect("a sandbox");
    let setup = Setup::new(&guests::IMPORTER_TOUR);
    let first = setup.run_in(&sandbox);
    assert!(first.outcome.is_completed(), "{}", first.outcome);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(setup.run_in(&sandbox).measurement, first.measurement));
        }
    });
    // A module of another sandbox is the embedder's mistake, and no panic.
    let foreign = library(&SANDBOX);
    assert!(matches!(sandbox.load_among(guests::IMPORTER_TOUR.wasm, &[foreign]), Err(SandboxError::Fault(_))));
}

#[test]
fn what_a_module_is_linked_with_is_part_of_what_it_is() {
    let _working = working();
    let linked = module(&guests::IMPORTER_TOUR);
    assert_ne!(linked.identity(), linked.digest());
    let name = "acme:text/normalise@0.1.0";
    let [one, other] = [name, "acme:text/normalise@0.1.1"].map(|name| ready(&adder(name), &[]));
    let identity = |provider: &Module| ready(&asks(name, 1), std::slice::from_ref(provider)).identity();
    assert_ne!(identity(&one), identity(&other));
    assert_eq!(identity(&one), identity(&one));
}

#[test]
fn a_chain_stops_where_its_end_does() {
    let _working = working();
    // The second of three traps: the first is told why, in the words of where it was.
    let last = ready(&provider("acme:chain/l0", ADD, "(param i32) (result i32) unreachable"), &[]);
    let text = r#"(component
        (import "acme:chain/l0" (instance $n (export "f" (func (param "x" u32) (result u32)))))
        (core func $f (canon lower (func $n "f")))
        (core module $m
            (import "" "f" (func $f (param i32) (result i32)))
            (func (export "f") (param i32) (result i32) (call $f (local.get 0))))
        (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
        (func $g (param "x" u32) (result u32) (canon lift (core func $i "f")))
        (instance $e (export "f" (func $g)))
        (export "acme:chain/l1" (instance $e)))"#;
    let middle = ready(&wat::parse_str(text).expect("a component"), std::slice::from_ref(&last));
    let came = run(&ready(&asks("acme:chain/l1", 1), std::slice::from_ref(&middle)));
    let place = format!("in linked module {} (acme:chain/l0): ", last.digest().short());
    assert_eq!(came.outcome.code(), "trap: unreachable");
    assert_eq!(came.outcome.detail(), format!("{place}panicked or aborted"));
    let outcomes: Vec<(_, &Outcome)> = came.parts.iter().map(|part| (part.digest, &part.outcome)).collect();
    assert_eq!(outcomes[0], (middle.digest(), &came.outcome));
    assert_eq!(outcomes[1].1.detail(), "panicked or aborted");
}
