//! What a call costs that one module makes of another by import: linked, with types that are known when the
//! host is built and with the engine's own form of a value; and fused, where the component copies itself.
//!
//! The methods take turns round by round. What is told is the difference of two runs, one that makes many calls
//! and one that makes none, each the best of its rounds, by the number of calls.

use std::error::Error;
use std::time::Instant;

use holobiont_core::{Limits, Outcome};
use holobiont_sandbox::{Job, Loaded, Module, Run, Sandbox};

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

const INTERFACE: &str = "bench:linked/hand@0.1.0";
const CALLS: u32 = 2_000;
const ROUNDS: usize = 9;

/// The types of a call: what they are called, as WIT, as core WebAssembly, and the arguments of a call.
struct Shape {
    name: &'static str,
    wit: &'static str,
    core: &'static str,
    /// The answer of the provider, and what a caller puts in and does with what comes out.
    answer: &'static str,
    call: &'static str,
}

const SHAPES: [Shape; 3] = [
    Shape {
        name: "u32",
        wit: r#"(param "x" u32) (result u32)"#,
        core: "(param i32) (result i32)",
        answer: "(local.get 0)",
        call: "(drop (call $f (i32.const 7)))",
    },
    Shape {
        name: "list<u8>",
        wit: r#"(param "x" (list u8)) (result (list u8))"#,
        core: "(param i32 i32)",
        answer: "(i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1)) (i32.const 0)",
        call: "(call $f (i32.const 1024) (i32.const LENGTH) (i32.const 0))",
    },
    // By one number more it is none of the frequent types.
    Shape {
        name: "list<u8>, u32",
        wit: r#"(param "x" (list u8)) (param "y" u32) (result (list u8))"#,
        core: "(param i32 i32 i32)",
        answer: "(i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1)) (i32.const 0)",
        call: "(call $f (i32.const 1024) (i32.const LENGTH) (i32.const 7) (i32.const 0))",
    },
];

impl Shape {
    fn provider(&self) -> Result<Vec<u8>> {
        let Self { wit, core, answer, .. } = self;
        let params = core.split(" (result").next().unwrap_or(core);
        let text = format!(
            r#"(component
                (core module $m
                    (memory (export "memory") 1)
                    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
                    (func (export "f") {params} (result i32) {answer}))
                (core instance $i (instantiate $m))
                (func $f {wit} (canon lift (core func $i "f") (memory $i "memory") (realloc (func $i "realloc"))))
                (instance $e (export "f" (func $f)))
                (export "{INTERFACE}" (instance $e)))"#
        );
        Ok(wat::parse_str(&text)?)
    }

    fn caller(&self, calls: u32, length: u32) -> Result<Vec<u8>> {
        let Self { wit, core, call, .. } = self;
        let call = call.replace("LENGTH", &length.to_string());
        // A result that does not fit into registers is put where the last argument says.
        let core = if core.contains("result") { (*core).to_owned() } else { core.replacen("i32", "i32 i32", 1) };
        let text = format!(
            r#"(component
                (import "{INTERFACE}" (instance $n (export "f" (func {wit}))))
                (core module $libc
                    (memory (export "memory") 1)
                    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 32768)))
                (core instance $l (instantiate $libc))
                (core func $f (canon lower (func $n "f") (memory $l "memory") (realloc (func $l "realloc"))))
                (core module $m
                    (import "" "f" (func $f {core}))
                    (func (export "run") (result i32) (local $left i32)
                        (local.set $left (i32.const {calls}))
                        (block $done (loop $again
                            (br_if $done (i32.eqz (local.get $left)))
                            {call}
                            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                            (br $again)))
                        (i32.const 0)))
                (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
                (func $run (result (result)) (canon lift (core func $i "run")))
                (instance $r (export "run" (func $run)))
                (export "wasi:cli/run@0.2.6" (instance $r)))"#
        );
        Ok(wat::parse_str(&text)?)
    }
}

/// One way to combine, as two modules: one that calls and one that does not.
struct Method {
    name: String,
    calls: Module,
    none: Module,
    best_calls_ns: u128,
    best_none_ns: u128,
}

fn ready(loaded: Loaded) -> Result<Module> {
    match loaded {
        Loaded::Ready(module) => Ok(module),
        Loaded::Refused(outcome) => Err(outcome.to_string().into()),
    }
}

fn run(sandbox: &Sandbox, module: &Module) -> Result<Run> {
    let limits = Limits {
        fuel: u64::MAX / 4,
        time_ns: u64::MAX / 4,
        wall_time_ns: 60_000_000_000,
        host_data_bytes: u64::MAX,
        ..Limits::default()
    };
    let run = sandbox.run(module, &Job::new(b"").limits(limits))?;
    match run.measurement.outcome {
        Outcome::Completed { .. } => Ok(run),
        outcome => Err(outcome.to_string().into()),
    }
}

fn methods(sandbox: &Sandbox, length: u32) -> Result<Vec<Method>> {
    let mut methods = Vec::new();
    for shape in &SHAPES {
        let provider = shape.provider()?;
        let (busy, idle) = (shape.caller(CALLS, length)?, shape.caller(0, length)?);
        let others = [ready(sandbox.load(&provider)?)?];
        let linked = |bytes: &[u8]| ready(sandbox.load_among(bytes, &others)?);
        let way = if shape.name == "list<u8>" { "typed" } else { "values" };
        methods.push(Method {
            name: format!("linked, {way}: {}", shape.name),
            calls: linked(&busy)?,
            none: linked(&idle)?,
            best_calls_ns: u128::MAX,
            best_none_ns: u128::MAX,
        });
        let fused = |bytes: &[u8]| -> Result<Module> {
            ready(sandbox.load(&sandbox.fuse(("caller", bytes), &[("provider", &provider)])?)?)
        };
        methods.push(Method {
            name: format!("fused: {}", shape.name),
            calls: fused(&busy)?,
            none: fused(&idle)?,
            best_calls_ns: u128::MAX,
            best_none_ns: u128::MAX,
        });
    }
    Ok(methods)
}

fn main() -> Result<()> {
    let sandbox = Sandbox::builder().build()?;
    println!("| a call each way of | bytes | ns | fuel of the caller |\n|---|--:|--:|--:|");
    for length in [16, 1 << 10, 16 << 10] {
        let mut methods = methods(&sandbox, length)?;
        for _ in 0..ROUNDS {
            for method in &mut methods {
                let timed = |module| -> Result<u128> {
                    let began = Instant::now();
                    run(&sandbox, module)?;
                    Ok(began.elapsed().as_nanos())
                };
                method.best_none_ns = method.best_none_ns.min(timed(&method.none)?);
                method.best_calls_ns = method.best_calls_ns.min(timed(&method.calls)?);
            }
        }
        for Method { name, calls, none, best_calls_ns, best_none_ns } in &methods {
            let ns = best_calls_ns.saturating_sub(*best_none_ns) as f64 / f64::from(CALLS);
            let fuel = |module| run(&sandbox, module).map(|run| run.measurement.usage.fuel);
            let each = (fuel(calls)? - fuel(none)?) as f64 / f64::from(CALLS);
            println!("| {name} | {length} | {ns:.0} | {each:.0} |");
        }
    }
    Ok(())
}
