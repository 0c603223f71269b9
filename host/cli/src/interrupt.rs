//! Ctrl-C, for commands that end in good order when it is pressed.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::SIGINT;
use signal_hook::flag;

use crate::fault::Fault;

/// Whether Ctrl-C was pressed. Pressed once more it ends the program at once, with the same exit code.
#[derive(Debug)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From here on Ctrl-C is noted, and ends the program only the second time.
    pub(crate) fn new() -> Result<Self, Fault> {
        let pressed = Arc::new(AtomicBool::new(false));
        // In this order: the first press finds the flag down and raises it, the second finds it up.
        let register = || -> io::Result<()> {
            flag::register_conditional_shutdown(SIGINT, 130, Arc::clone(&pressed))?;
            flag::register(SIGINT, Arc::clone(&pressed))?;
            Ok(())
        };
        register().map_err(|e| Fault::Host(format!("cannot listen for Ctrl-C: {e}")))?;
        Ok(Self(pressed))
    }

    /// The flag itself, for those who look at it in the middle of work.
    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.0
    }

    pub(crate) fn pressed(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
