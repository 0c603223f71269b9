//! Asking a program whether there may be an engine more or less.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use holobiont_core::cycle::Scaling;
use holobiont_core::printable;

use crate::fault::Fault;
use crate::interrupt::Interrupt;

/// How often it is looked whether the program has ended, or somebody wants to stop.
const LOOK: Duration = Duration::from_millis(20);

/// Whether something may be done: yes where nobody is to be asked, otherwise where the program ends with 0. It is given
/// what is to be done as a JSON document on its standard input. Who wants to stop says no.
///
/// It is only ever named by a flag: a file of a project that somebody else wrote starts no programs.
pub(super) fn approve(program: Option<&Path>, scaling: &Scaling, interrupt: &Interrupt) -> Result<bool, Fault> {
    let Some(program) = program else { return Ok(true) };
    let shown = printable(&program.to_string_lossy());
    let wrong = |what: String| Fault::usage(format!("--approve {shown}: {what}"));
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| wrong(error.to_string()))?;
    let document = serde_json::to_vec(scaling).map_err(|error| wrong(error.to_string()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that does not want to know has its mind made up.
        let _ = stdin.write_all(&document);
    }
    ended(&mut child, interrupt).map_err(|error| wrong(error.to_string()))
}

/// Waits for the program; one that is still thinking when somebody wants to stop is ended.
fn ended(child: &mut Child, interrupt: &Interrupt) -> std::io::Result<bool> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if interrupt.pressed() {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        std::thread::sleep(LOOK);
    }
}
