//! Writing to the terminal.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use holobiont_core::printable;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::fault::Fault;

/// A line on standard error.
pub(crate) fn say(line: &str) {
    // Nobody can be told that standard error is closed.
    let _ = writeln!(io::stderr(), "{line}");
}

/// Text on standard output, with its line end. A reader that has gone away is no fault.
pub(crate) fn print(text: &str) -> Result<(), Fault> {
    print_bytes(format!("{text}\n").as_bytes())
}

/// A document as JSON on standard output.
pub(crate) fn print_json(document: &impl Serialize) -> Result<(), Fault> {
    let text = serde_json::to_string_pretty(document).map_err(|e| Fault::Host(e.to_string()))?;
    print(&text)
}

fn print_bytes(bytes: &[u8]) -> Result<(), Fault> {
    print_if_read(bytes).map(|_| ())
}

/// Bytes on standard output. Whether somebody reads it.
pub(crate) fn print_if_read(bytes: &[u8]) -> Result<bool, Fault> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Fault::Host(format!("cannot write to standard output: {error}"))),
    }
}

/// Waits a while, less if a signal comes or the reader of standard output goes. Whether there is one still.
#[cfg(unix)]
pub(crate) fn wait_while_read(wait: Duration) -> bool {
    use rustix::event::{PollFd, PollFlags, poll};
    let out = io::stdout();
    // Asked for nothing, it tells only of a reader that has gone.
    let mut asked = [PollFd::new(&out, PollFlags::empty())];
    match (poll(&mut asked, wait.try_into().ok().as_ref()), &asked) {
        (Ok(1..), [told]) => !told.revents().intersects(PollFlags::ERR | PollFlags::HUP),
        _ => true,
    }
}

/// Waits a while. That nobody reads any more is seen when the next line is written.
#[cfg(not(unix))]
pub(crate) fn wait_while_read(wait: Duration) -> bool {
    std::thread::sleep(wait);
    true
}

/// A module's output: to a file, whole or not at all; to a pipe, as it is; to a terminal, with what
/// could move the cursor made visible.
pub(crate) fn write_output(to: Option<&Path>, bytes: &[u8]) -> Result<(), Fault> {
    match to {
        Some(path) if path != Path::new("-") => replace_with(path, bytes),
        _ if io::stdout().is_terminal() => {
            let text = String::from_utf8_lossy(bytes);
            let lines: Vec<String> = text.split('\n').map(printable).collect();
            print_bytes(lines.join("\n").as_bytes())
        }
        _ => print_bytes(bytes),
    }
}

/// Writes a file, whole or not at all.
pub(crate) fn replace_with(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    holobiont::replace_file(path, bytes).map_err(|e| Fault::Host(format!("cannot write {}: {e}", show(path))))
}

/// A path for people.
pub(crate) fn show(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

/// An empty table; `right` columns hold numbers.
pub(crate) fn table(header: &[&str], right: std::ops::Range<usize>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(header);
    for index in right {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A bar with a rate and an estimate, on standard error and only when that is a terminal.
pub(crate) fn progress(total: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(total);
    // indicatif hides the bar by itself when standard error is no terminal.
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}  {per_sec}, {eta} left") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(what.to_owned());
    bar
}
