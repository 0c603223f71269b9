//! `wasi:cli`: arguments, environment, exit, standard streams.

use wasmtime::component::{Linker, Resource};

use super::Interface;
use super::io::{InputStream, OutputStream};
use crate::resources::{Sink, Source};
use crate::state::RunState;
use crate::stop::Stop;

/// The first argument of every command: a constant, since the path of a module is the host's affair.
const PROGRAM: &str = "module";

/// Nobody sits at a terminal: these types have no handles.
enum TerminalInput {}
enum TerminalOutput {}

pub(crate) fn link(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    let mut i = Interface::new(linker, "wasi:cli/environment")?;
    i.func("get-environment", |call, (): ()| {
        let env: Vec<(String, String)> =
            call.state.grants.env.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        call.gives(env.iter().map(|(name, value)| name.len() + value.len()).sum())?;
        Ok(env)
    })?;
    i.func("get-arguments", |call, (): ()| {
        let args: Vec<String> =
            std::iter::once(PROGRAM.to_owned()).chain(call.state.grants.args.iter().cloned()).collect();
        call.gives(args.iter().map(String::len).sum())?;
        Ok(args)
    })?;
    i.func("initial-cwd", |_, (): ()| Ok(None::<String>))?;

    let mut i = Interface::new(linker, "wasi:cli/exit")?;
    i.procedure("exit", |_, (status,): (Result<(), ()>,)| Err(Stop::Exit(i32::from(status.is_err()))))?;
    i.procedure("exit-with-code", |_, (code,): (u8,)| Err(Stop::Exit(i32::from(code))))?;

    Interface::new(linker, "wasi:cli/stdin")?
        .func("get-stdin", |call, (): ()| call.insert::<InputStream>(Source::Stdin))?;
    Interface::new(linker, "wasi:cli/stdout")?
        .func("get-stdout", |call, (): ()| call.insert::<OutputStream>(Sink::Stdout))?;
    Interface::new(linker, "wasi:cli/stderr")?
        .func("get-stderr", |call, (): ()| call.insert::<OutputStream>(Sink::Stderr))?;

    Interface::new(linker, "wasi:cli/terminal-input")?.resource::<TerminalInput>("terminal-input")?;
    Interface::new(linker, "wasi:cli/terminal-output")?.resource::<TerminalOutput>("terminal-output")?;
    Interface::new(linker, "wasi:cli/terminal-stdin")?
        .func("get-terminal-stdin", |_, (): ()| Ok(None::<Resource<TerminalInput>>))?;
    for stream in ["stdout", "stderr"] {
        Interface::new(linker, &format!("wasi:cli/terminal-{stream}"))?
            .func(&format!("get-terminal-{stream}"), |_, (): ()| Ok(None::<Resource<TerminalOutput>>))?;
    }
    Ok(())
}
