//! A workflow's file as text, changed without losing what people wrote into it.

use std::collections::BTreeMap;
use std::fmt;

use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

use super::{Step, Workflow, WorkflowError};
use crate::id::ModuleId;
use crate::text::printable;

const STEP: &str = "step";
const MEMBER: &str = "member";
const PARAMETERS: &str = "parameters";

/// The text of a workflow's file. What is not changed in it is written as it was read: comments, order, blank lines.
///
/// Whatever is done with it, it stays a workflow that [`Workflow::parse`] reads.
///
/// ```
/// use holobiont_core::{Step, WorkflowText};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let text = "name = \"n\"\ninputs = [\"i\"]\n\n# The only one.\n[[step]]\nmodule = \"a.wasm\"\n\n[objective]\nmetric = \"m\"\n";
/// let mut workflow = WorkflowText::parse(text)?;
/// let step = Step { module: "b.wasm".to_owned().try_into()?, parameters: Default::default() };
/// workflow.insert_step(0, &step);
/// assert!(workflow.to_string().contains("[[step]]\nmodule = \"b.wasm\"\n\n# The only one.\n[[step]]"));
/// workflow.remove_module(&step.module)?;
/// assert_eq!(workflow.to_string(), text);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct WorkflowText {
    document: DocumentMut,
    /// Whether its lines end as those of Windows do; the document is without.
    has_crlf: bool,
}

impl WorkflowText {
    /// Reads the text of a workflow. One whose lines end in two ways is written with `\n` throughout.
    ///
    /// # Errors
    ///
    /// [`WorkflowError`] where [`Workflow::parse`] says so, and [`WorkflowError::Inline`] where steps or members are
    /// values in a list and not tables of their own.
    pub fn parse(text: &str) -> Result<Self, WorkflowError> {
        Workflow::parse(text)?;
        let lines = text.replace("\r\n", "\n");
        let has_crlf = lines.len() < text.len() && lines.replace('\n', "\r\n") == text;
        let document: DocumentMut =
            lines.parse().map_err(|error: toml_edit::TomlError| WorkflowError::Syntax(printable(error.message())))?;
        for key in [STEP, MEMBER] {
            match document.get(key) {
                None | Some(Item::ArrayOfTables(_)) => {}
                Some(_) => return Err(WorkflowError::Inline(key)),
            }
        }
        Ok(Self { document, has_crlf })
    }

    /// Adds a step so that it becomes number `place`, counted from 0; the last where there are not as many. A member
    /// of the same module is taken away, since it is reached by its own step now.
    pub fn insert_step(&mut self, place: usize, step: &Step) {
        self.take_all(MEMBER, &step.module);
        let steps = self.tables(STEP);
        let place = place.min(steps.map_or(0, ArrayOfTables::len));
        let position = match steps.and_then(|steps| steps.get(place)).and_then(Table::position) {
            Some(position) => position,
            None => self.after_last(STEP),
        };
        let mut table = Table::new();
        table.insert("module", text_value(step.module.as_str()).into());
        if !step.parameters.is_empty() {
            let parameters = step.parameters.iter().map(|(name, value)| (name.as_str(), text_value(value)));
            table.insert(PARAMETERS, Value::InlineTable(InlineTable::from_iter(parameters)).into());
        }
        self.insert(STEP, place, position, table);
    }

    /// Adds a member after the others, or after the steps where there is none; nothing where the module is a step or
    /// a member already.
    pub fn add_member(&mut self, module: &ModuleId) {
        if [STEP, MEMBER].into_iter().any(|key| self.place_of(key, module).is_some()) {
            return;
        }
        let place = self.tables(MEMBER).map_or(0, ArrayOfTables::len);
        let position = self.after_last(if place == 0 { STEP } else { MEMBER });
        let mut table = Table::new();
        table.insert("module", text_value(module.as_str()).into());
        self.insert(MEMBER, place, position, table);
    }

    /// Takes a module's steps and members away, with the comments directly above them, and says whether there were
    /// any.
    ///
    /// # Errors
    ///
    /// [`WorkflowError::NoSteps`] where all steps are the module's; nothing is changed then.
    pub fn remove_module(&mut self, module: &ModuleId) -> Result<bool, WorkflowError> {
        let steps = self.tables(STEP);
        if steps.is_some_and(|steps| steps.iter().all(|step| is_of(step, module))) {
            return Err(WorkflowError::NoSteps);
        }
        let (steps, members) = (self.take_all(STEP, module), self.take_all(MEMBER, module));
        Ok(steps || members)
    }

    /// Gives parameters to each step of a module, in place of those that it had by the same names; others stay. Says
    /// whether the module is a step.
    pub fn set_parameters(&mut self, module: &ModuleId, values: &BTreeMap<String, String>) -> bool {
        let steps = self.tables_mut(STEP).into_iter().flat_map(ArrayOfTables::iter_mut);
        let mut is_step = false;
        for step in steps.filter(|step| is_of(step, module)) {
            is_step = true;
            if values.is_empty() {
                continue;
            }
            let parameters = step.entry(PARAMETERS).or_insert_with(|| Value::from(InlineTable::new()).into());
            let Some(parameters) = parameters.as_table_like_mut() else { continue };
            for (name, value) in values {
                let mut value = text_value(value);
                match parameters.get_mut(name).and_then(Item::as_value_mut) {
                    Some(old) => {
                        // What is written beside the old value stays where it is.
                        *value.decor_mut() = old.decor().clone();
                        *old = value;
                    }
                    None => drop(parameters.insert(name, value.into())),
                }
            }
        }
        is_step
    }

    fn tables(&self, key: &str) -> Option<&ArrayOfTables> {
        self.document.get(key).and_then(Item::as_array_of_tables)
    }

    fn tables_mut(&mut self, key: &str) -> Option<&mut ArrayOfTables> {
        self.document.get_mut(key).and_then(Item::as_array_of_tables_mut)
    }

    fn place_of(&self, key: &str, module: &ModuleId) -> Option<usize> {
        self.tables(key)?.iter().position(|table| is_of(table, module))
    }

    /// The position after the last table of a key and all that is inside of it.
    fn after_last(&mut self, key: &str) -> isize {
        let mut last = 0;
        if let Some(table) = self.tables_mut(key).and_then(|tables| tables.iter_mut().last()) {
            last = table.position().unwrap_or(last);
            each_header(table, &mut |inner| last = last.max(inner.position().unwrap_or(last)));
        }
        last + 1
    }

    /// Adds a table where it is to stand among those of its key and in the text; whatever stands there moves on.
    fn insert(&mut self, key: &str, place: usize, position: isize, mut table: Table) {
        each_header(self.document.as_table_mut(), &mut |other| {
            if let Some(at) = other.position().filter(|at| *at >= position) {
                other.set_position(Some(at + 1));
            }
        });
        table.set_position(Some(position));
        match self.tables_mut(key) {
            Some(tables) => tables.insert(place, table),
            None => {
                let mut tables = ArrayOfTables::new();
                tables.push(table);
                self.document.insert(key, Item::ArrayOfTables(tables));
            }
        }
    }

    fn take_all(&mut self, key: &str, module: &ModuleId) -> bool {
        let mut was_there = false;
        while let Some(place) = self.place_of(key, module) {
            let Some(tables) = self.tables_mut(key) else { break };
            let table = tables.remove(place);
            if tables.is_empty() {
                self.document.remove(key);
            }
            self.keep_loose_comments(&table);
            was_there = true;
        }
        was_there
    }

    /// Hands the comments that stand above a table, but not directly, on to what comes after it.
    fn keep_loose_comments(&mut self, table: &Table) {
        let above = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
        let Some(loose) = loose_comments(above) else { return };
        let position = table.position();
        let mut next = None;
        each_header(self.document.as_table_mut(), &mut |other| {
            let at = other.position();
            if at > position && (next.is_none() || at < next) {
                next = at;
            }
        });
        let joined = |below: &str| {
            let gap = if below.is_empty() || below.starts_with('\n') { "" } else { "\n" };
            format!("{loose}{gap}{below}")
        };
        if next.is_none() {
            let trailing = self.document.trailing().as_str().map(joined);
            self.document.set_trailing(trailing.unwrap_or_else(|| joined("")));
            return;
        }
        each_header(self.document.as_table_mut(), &mut |other| {
            if other.position() == next {
                // Where nothing stands above a header, a blank line still keeps the comments off it.
                let below = other.decor().prefix().and_then(|prefix| prefix.as_str()).filter(|text| !text.is_empty());
                let prefix = joined(below.unwrap_or("\n"));
                other.decor_mut().set_prefix(prefix);
            }
        });
    }
}

impl fmt::Display for WorkflowText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.document.to_string();
        f.write_str(&if self.has_crlf { text.replace('\n', "\r\n") } else { text })
    }
}

/// Each table below a table that has a header of its own in the text.
fn each_header(table: &mut Table, visit: &mut dyn FnMut(&mut Table)) {
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(inner) => {
                visit(inner);
                each_header(inner, visit);
            }
            Item::ArrayOfTables(inner) => {
                for inner in inner.iter_mut() {
                    visit(inner);
                    each_header(inner, visit);
                }
            }
            _ => {}
        }
    }
}

/// Whether a table is a module's, however its path is spelt.
fn is_of(table: &Table, module: &ModuleId) -> bool {
    let spelt = table.get("module").and_then(Item::as_str);
    spelt.and_then(|path| ModuleId::new(path).ok()).is_some_and(|id| id == *module)
}

/// What stands above a table up to its last comment that a blank line keeps apart from it.
fn loose_comments(above: &str) -> Option<&str> {
    let (mut start, mut has_gap, mut end) = (above.len(), false, None);
    for line in above.split_inclusive('\n').rev() {
        let is_blank = line.trim().is_empty();
        // The last piece may be the indentation of the header.
        has_gap |= is_blank && line.ends_with('\n');
        if !is_blank && has_gap {
            end = Some(start);
            break;
        }
        start -= line.len();
    }
    above.get(..end?)
}

/// A text as a value on one line: with line ends inside, it would read as another one once those of the file change.
fn text_value(text: &str) -> Value {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted += &format!("\\u{:04x}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted.parse().unwrap_or_else(|_| Value::from(text))
}

#[cfg(test)]
mod tests;
