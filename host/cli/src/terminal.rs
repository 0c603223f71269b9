//! Writing to the terminal.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Duration;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use holobiont_core::printable;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::fault::Fault;

/// The most names that stand behind one another; a document has all of them.
const MOST_NAMED: usize = 4;

/// The most characters of a line of words, where no single word is longer.
const WIDTH: usize = 100;

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

/// Adds a list with a title, if there is anything in it: at most so many, and how many more there are.
pub(crate) fn section(lines: &mut Vec<String>, title: &str, most: usize, items: impl Iterator<Item = String>) {
    let mut items = items.peekable();
    if items.peek().is_none() {
        return;
    }
    lines.push(format!("\n{title}"));
    for item in items.by_ref().take(most) {
        wrap(lines, "  ", &item);
    }
    lines.extend(more(items.count()));
}

/// What is said of those that a list leaves out.
pub(crate) fn more(count: usize) -> Option<String> {
    (count > 0).then(|| format!("  and {count} more; --json has all of them"))
}

/// The first of some names, and how many more there are; nothing where there are none.
pub(crate) fn named(names: impl Iterator<Item = String>) -> Option<String> {
    let mut names: Vec<String> = names.collect();
    if let Some(more) = names.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
        names.truncate(MOST_NAMED);
        names.push(format!("{more} more"));
    }
    (!names.is_empty()).then(|| names.join(", "))
}

/// Adds words in lines that are not too long, those after the first further in. A word is never divided.
pub(crate) fn wrap(lines: &mut Vec<String>, indent: &str, words: &str) {
    let mut line = indent.to_owned();
    let mut length = indent.chars().count();
    for (place, word) in words.split(' ').enumerate() {
        let own = word.chars().count();
        if place > 0 && length + 1 + own > WIDTH {
            let next = format!("{indent}  ");
            length = next.chars().count();
            lines.push(std::mem::replace(&mut line, next));
        } else if place > 0 {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += own;
    }
    lines.push(line);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_list_the_first_are_shown_and_the_others_counted() {
        let shown = |count: usize| {
            let mut lines = Vec::new();
            section(&mut lines, "Title", 20, (0..count).map(|n| n.to_string()));
            lines
        };
        assert_eq!(shown(0), Vec::<String>::new());
        assert_eq!(shown(1), ["\nTitle", "  0"]);
        assert_eq!(shown(20).len(), 21);
        assert_eq!(shown(20).last().map(String::as_str), Some("  19"));
        assert_eq!(shown(21).len(), 22);
        assert_eq!(shown(10_000).last().map(String::as_str), Some("  and 9980 more; --json has all of them"));
    }

    #[test]
    fn of_many_names_the_first_are_named() {
        let names = |count: usize| named((0..count).map(|n| n.to_string()));
        assert_eq!((names(0), names(1)), (None, Some("0".to_owned())));
        assert_eq!(names(4).as_deref(), Some("0, 1, 2, 3"));
        assert_eq!(names(5).as_deref(), Some("0, 1, 2, 3, 1 more"));
    }

    #[test]
    fn long_words_have_lines_of_their_own_and_nothing_is_lost() {
        let wrapped = |words: &str| {
            let mut lines = Vec::new();
            wrap(&mut lines, "  ", words);
            lines
        };
        assert_eq!(wrapped(""), ["  "]);
        let fits = ["é".repeat(49), "é".repeat(48)].join(" ");
        assert_eq!(wrapped(&fits), [format!("  {fits}")]);
        assert_eq!(wrapped(&format!("{fits}é")), [format!("  {}", "é".repeat(49)), format!("    {}", "é".repeat(49))]);
        let long = "x".repeat(300);
        assert_eq!(wrapped(&format!("a {long} b")), ["  a".to_owned(), format!("    {long}"), "    b".to_owned()]);
        let words = "one and another,  with a gap ".repeat(20);
        let lines = wrapped(&words);
        assert!(lines.len() > 4 && lines.iter().all(|line| line.chars().count() <= 100), "{lines:#?}");
        let together: String = lines.join(" ").split_whitespace().collect();
        assert_eq!(together, words.split_whitespace().collect::<String>());
    }
}
