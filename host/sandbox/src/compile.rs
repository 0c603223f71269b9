//! Compiling a stranger's bytes where it can be given up.
//!
//! The engine has no way to stop compiling, and what goes wrong in it is no security bug of the engine.
//! So it is done in a process of its own, with bounds on memory, processor time and real time, an empty
//! environment and nothing open but its pipes. That process is this very program, started again: its
//! `main` calls [`compile_worker`] first.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use holobiont_core::{CompileLimits, Excess, LimitKind, Outcome, Rejection, bytes_text, duration_text};
use wasmtime::Engine;

use crate::adapt::adapt;
use crate::engine;
use crate::fuse::fuse_packed;
use crate::options::Options;
use crate::wit;

/// The first argument that makes a program a compile worker.
const WORKER: &str = "holobiont-compile-worker";

/// Exit codes of a worker beside 0.
const REFUSED: u8 = 3;
const CANNOT: u8 = 4;
/// That of a Rust program that panicked.
const PANICKED: i32 = 101;

/// What a worker is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Compiled code of a component.
    Component,
    /// Compiled code of a core module made a component.
    CoreModule,
    /// The words for how a component differs from the host's interfaces.
    Difference,
    /// One component of several, which were packed.
    Fused,
}

impl Wanted {
    const ALL: [(&str, Self); 4] = [
        ("component", Self::Component),
        ("core-module", Self::CoreModule),
        ("difference", Self::Difference),
        ("fused", Self::Fused),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, wanted)| *wanted == self).map_or("", |(name, _)| name)
    }
}

/// Where compiling is done.
#[derive(Debug)]
pub(crate) enum Compiler {
    /// In this process, without bounds: for bytes that are trusted.
    Here(Engine),
    /// In a process of its own, one at a time, so that bounds on one are bounds on all.
    Apart { program: PathBuf, turn: Mutex<()> },
}

impl Compiler {
    /// Makes what is wanted of some bytes.
    ///
    /// # Errors
    ///
    /// The outcome of a module whose bytes are refused, or take too much; or the words for a fault of
    /// the host.
    pub(crate) fn make(&self, wanted: Wanted, bytes: &[u8], options: &Options) -> Result<Vec<u8>, NotMade> {
        match self {
            Self::Here(engine) => make(engine, wanted, bytes).map_err(NotMade::Module),
            Self::Apart { program, turn } => {
                let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
                apart(program, wanted, bytes, options)
            }
        }
    }
}

/// Why nothing was made.
#[derive(Debug)]
pub(crate) enum NotMade {
    /// The module is at fault.
    Module(Outcome),
    /// The host is.
    Host(String),
}

/// To be called first in the `main` of a program that loads modules with
/// [`SandboxBuilder::compile_in`](crate::SandboxBuilder::compile_in): when the program was started as a
/// compile worker, this does that work and gives the exit code to end with.
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     if let Some(code) = holobiont_sandbox::compile_worker() {
///         return code;
///     }
///     // What the program is for.
///     std::process::ExitCode::SUCCESS
/// }
/// ```
#[must_use]
pub fn compile_worker() -> Option<ExitCode> {
    let mut args = std::env::args().skip(1);
    if args.next()? != WORKER {
        return None;
    }
    let args: Vec<String> = args.collect();
    Some(match work(&args) {
        Ok(made) if std::io::stdout().lock().write_all(&made).is_ok() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(CANNOT),
        Err((code, words)) => {
            // The parent reads what it can; there is nobody else to tell.
            let _ = std::io::stdout().lock().write_all(words.as_bytes());
            ExitCode::from(code)
        }
    })
}

/// The worker's side: bounds itself, reads, makes.
fn work(args: &[String]) -> Result<Vec<u8>, (u8, String)> {
    let cannot = |words: String| (CANNOT, words);
    let [wanted, strict, stack, memory, seconds] = args else {
        return Err(cannot(format!("expected 5 arguments, got {}", args.len())));
    };
    let wanted =
        Wanted::ALL.iter().find(|(name, _)| name == wanted).ok_or_else(|| cannot(format!("what is {wanted}?")))?.1;
    let number = |text: &String| text.parse::<u64>().map_err(|e| cannot(format!("{text}: {e}")));
    bound(number(memory)?, number(seconds)?).map_err(|e| cannot(format!("cannot bound itself: {e}")))?;
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(|e| cannot(e.to_string()))?;
    let options = Options {
        strict: strict == "true",
        stack_bytes: usize::try_from(number(stack)?).unwrap_or(usize::MAX),
        ..Options::default()
    };
    let engine = Engine::new(&engine::config(&options, true)).map_err(|e| cannot(format!("{e:#}")))?;
    make(&engine, wanted, &bytes).map_err(|outcome| match outcome {
        Outcome::Rejected { detail, .. } => (REFUSED, detail),
        outcome => (REFUSED, outcome.to_string()),
    })
}

#[cfg(unix)]
fn bound(memory_bytes: u64, seconds: u64) -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::As, limit(memory_bytes))?;
    // At the soft limit the signal says which limit it was; at the hard one it would not.
    setrlimit(Resource::Cpu, Rlimit { current: Some(seconds), maximum: Some(seconds.saturating_add(1)) })?;
    // A worker writes nothing but its pipe, and leaves no core behind.
    setrlimit(Resource::Fsize, limit(0))?;
    setrlimit(Resource::Core, limit(0))?;
    Ok(())
}

#[cfg(not(unix))]
fn bound(_memory_bytes: u64, _seconds: u64) -> std::io::Result<()> {
    // The parent's deadline still holds.
    Ok(())
}

fn make(engine: &Engine, wanted: Wanted, bytes: &[u8]) -> Result<Vec<u8>, Outcome> {
    let precompile = |binary: &[u8]| {
        engine.precompile_component(binary).map_err(|e| Outcome::rejected(Rejection::Invalid, format_args!("{e:#}")))
    };
    match wanted {
        Wanted::Component => precompile(bytes),
        Wanted::CoreModule => precompile(&adapt(bytes)?),
        Wanted::Fused => fuse_packed(bytes),
        Wanted::Difference => Ok(wit::difference(bytes).unwrap_or_default().into_bytes()),
    }
}

/// The parent's side: starts a worker, feeds it, waits no longer than it may take.
fn apart(program: &PathBuf, wanted: Wanted, bytes: &[u8], options: &Options) -> Result<Vec<u8>, NotMade> {
    let limits = &options.compile;
    let fault = |what: &str, e: std::io::Error| NotMade::Host(format!("{what} the compile worker: {e}"));
    let mut worker = Command::new(program)
        .args([WORKER, wanted.name(), &options.strict.to_string(), &options.stack_bytes.to_string()])
        .args([limits.memory_bytes.to_string(), processor_seconds(limits).to_string()])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| fault("cannot start", e))?;
    let (Some(mut stdin), Some(mut stdout)) = (worker.stdin.take(), worker.stdout.take()) else {
        return Err(NotMade::Host("the compile worker has no pipes".to_owned()));
    };
    let most = limits.code_bytes;
    let (send, receive) = mpsc::channel();
    let answer = std::thread::scope(|scope| {
        scope.spawn(move || {
            // A worker that ended early does not read; how it ended says why.
            let _ = stdin.write_all(bytes);
        });
        scope.spawn(move || {
            let mut made = Vec::new();
            let read = stdout.by_ref().take(most.saturating_add(1)).read_to_end(&mut made);
            // Nobody listens any more once the time is up.
            let _ = send.send(read.map(|_| made));
        });
        let answer = receive.recv_timeout(Duration::from_nanos(limits.time_ns));
        if answer.is_err() || answer.as_ref().is_ok_and(|made| made.as_ref().is_ok_and(|m| m.len() as u64 > most)) {
            // The threads end when its pipes close.
            let _ = worker.kill();
        }
        answer
    });
    match answer {
        Err(_) => {
            let _ = worker.wait();
            Err(NotMade::Module(too_long(limits)))
        }
        Ok(Err(e)) => {
            let _ = worker.wait();
            Err(fault("cannot read from", e))
        }
        Ok(Ok(made)) => finished(worker, made, limits),
    }
}

/// What a worker that closed its pipe has made.
fn finished(mut worker: Child, made: Vec<u8>, limits: &CompileLimits) -> Result<Vec<u8>, NotMade> {
    let status = worker.wait().map_err(|e| NotMade::Host(format!("cannot wait for the compile worker: {e}")))?;
    if made.len() as u64 > limits.code_bytes {
        return Err(NotMade::Module(past(
            made.len() as u64,
            limits.code_bytes,
            format!("compiles to more than {} of code", bytes_text(limits.code_bytes)),
        )));
    }
    match status.code() {
        Some(0) => Ok(made),
        Some(code) if code == i32::from(REFUSED) => {
            Err(NotMade::Module(Outcome::rejected(Rejection::Invalid, String::from_utf8_lossy(&made))))
        }
        Some(code) if code == i32::from(CANNOT) => Err(NotMade::Host(format!(
            "the compile worker: {}",
            holobiont_core::printable(&String::from_utf8_lossy(&made))
        ))),
        // It panicked: not for want of memory, which aborts.
        Some(PANICKED) => Err(NotMade::Module(Outcome::rejected(
            Rejection::Invalid,
            "the compiler gave up on it; it is valid in form, and odd in a way that no compiler makes",
        ))),
        _ => Err(NotMade::Module(killed(&status, limits))),
    }
}

/// A worker that was ended by the system went past one of its bounds.
fn killed(status: &std::process::ExitStatus, limits: &CompileLimits) -> Outcome {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if status.signal() == Some(rustix::process::Signal::XCPU.as_raw()) {
            return too_long(limits);
        }
    }
    // Without memory an allocation aborts, a mapping panics, a stack faults: what they share is why.
    let most = limits.memory_bytes;
    past(most.saturating_add(1), most, format!("compiling took more than {} of memory ({status})", bytes_text(most)))
}

/// Processor time for a worker: it compiles on all cores, and is not to run on after its parent is gone.
fn processor_seconds(limits: &CompileLimits) -> u64 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    limits.time_ns.div_ceil(1_000_000_000).saturating_mul(cores).max(1)
}

fn too_long(limits: &CompileLimits) -> Outcome {
    let most = limits.time_ns;
    past(most, most, format!("compiling took more than {}", duration_text(most)))
}

fn past(asked: u64, allowed: u64, detail: String) -> Outcome {
    Outcome::Limit { limit: LimitKind::Compile, excess: Excess { asked, allowed }, detail }
}
