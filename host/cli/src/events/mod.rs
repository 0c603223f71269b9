//! `holobiont events`: what happened, and what happens.

mod text;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use holobiont::{Event, SqliteStore, Store, StoredEvent, export_events, read_events};
use holobiont_core::{nearest, printable};
use serde::Serialize;

use crate::args::{Args, EventsArgs, EventsCommand};
use crate::context::{folder_is_there, project, read};
use crate::fault::Fault;
use crate::interrupt::Interrupt;
use crate::terminal::{print, print_if_read, print_json, say, show, wait_while_read, write_output};
use crate::{Done, Verdict};

/// So many events are read at a time.
const PAGE: usize = 256;

/// How often somebody who follows looks for new ones.
const LOOK: Duration = Duration::from_millis(100);

pub(crate) fn events(args: &Args, asked: &EventsArgs) -> Done {
    match &asked.command {
        Some(EventsCommand::Export { file }) => export(args, file),
        Some(EventsCommand::Import { file }) => import(args, file),
        None if asked.follow => follow(args, asked),
        None => list(args, asked),
    }
}

fn nothing_yet() -> Fault {
    Fault::usage("nothing happened yet: `holobiont synergy` or `holobiont self-test run` begins the record")
}

/// The store of the project, if there is one: who only looks makes none.
fn store(args: &Args) -> Result<SqliteStore, Fault> {
    let path = project(args)?.database();
    if !path.exists() {
        return Err(nothing_yet());
    }
    Ok(SqliteStore::open(&path)?)
}

fn list(args: &Args, asked: &EventsArgs) -> Done {
    let mut listing = Listing::new(args, asked);
    if listing.go_on(&store(args)?, &|| false)? && listing.shown == 0 && !args.json {
        print(&listing.nothing())?;
    }
    Ok(Verdict::Passed)
}

/// Lists, and then looks for more. Between two looks nothing is held, so whoever writes is not held up.
fn follow(args: &Args, asked: &EventsArgs) -> Done {
    let interrupt = Interrupt::new()?;
    let path = project(args)?.database();
    let mut listing = Listing::new(args, asked);
    let mut store = None;
    loop {
        if store.is_none() && path.exists() {
            store = Some(SqliteStore::open(&path)?);
        }
        let read = match &store {
            Some(store) => listing.go_on(store, &|| interrupt.pressed())?,
            None => true,
        };
        if interrupt.pressed() {
            return Ok(Verdict::Interrupted);
        }
        if !read || !wait_while_read(LOOK) {
            return Ok(Verdict::Passed);
        }
    }
}

/// What was listed so far.
struct Listing<'a> {
    asked: &'a EventsArgs,
    json: bool,
    /// The number of the last event that was looked at.
    after: u64,
    /// The kinds that there are, for whoever asked for one that there is not.
    kinds: BTreeSet<String>,
    shown: u64,
}

impl<'a> Listing<'a> {
    fn new(args: &Args, asked: &'a EventsArgs) -> Self {
        Self { asked, json: args.json, after: asked.from - 1, kinds: BTreeSet::new(), shown: 0 }
    }

    /// Lists what has come since. Whether somebody reads.
    fn go_on(&mut self, store: &dyn Store, ended: &dyn Fn() -> bool) -> Result<bool, Fault> {
        loop {
            let page = store.events_after(self.after, PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(true) };
            self.after = *last;
            let mut lines = String::new();
            for (number, event) in page {
                if self.takes(&event) {
                    lines += &self.line(number, event)?;
                    lines.push('\n');
                    self.shown += 1;
                }
            }
            if !print_if_read(lines.as_bytes())? {
                return Ok(false);
            }
            if ended() {
                return Ok(true);
            }
        }
    }

    fn takes(&mut self, event: &StoredEvent) -> bool {
        if !self.kinds.contains(&event.kind) {
            self.kinds.insert(event.kind.clone());
        }
        let is = |asked: &Option<String>, found: &str| asked.as_deref().is_none_or(|asked| asked == found);
        is(&self.asked.kind, &event.kind) && is(&self.asked.subject, &event.subject)
    }

    fn line(&self, number: u64, event: StoredEvent) -> Result<String, Fault> {
        if self.json { Ok(Event::new(number, event)?.line()) } else { Ok(text::line(number, &event)) }
    }

    /// That there are none such, and which there are.
    fn nothing(&self) -> String {
        match &self.asked.kind {
            Some(kind) if !self.kinds.is_empty() && !self.kinds.contains(kind) => {
                let kinds: Vec<&str> = self.kinds.iter().map(String::as_str).collect();
                let remedy = match nearest(kind, kinds.iter().copied()) {
                    Some(near) => format!("did you mean `{}`?", printable(near)),
                    None => format!("there are {}", printable(&kinds.join(", "))),
                };
                format!("No events of kind `{}`: {remedy}", printable(kind))
            }
            _ => "No such events.".to_owned(),
        }
    }
}

fn export(args: &Args, file: &Path) -> Done {
    folder_is_there(file)?;
    let exported = export_events(&store(args)?)?;
    write_output(Some(file), exported.text.as_bytes())?;
    if file != Path::new("-") {
        say(&format!("{} written, {} events", show(file), exported.events));
    }
    Ok(Verdict::Passed)
}

#[derive(Serialize)]
struct Imported {
    schema: &'static str,
    events: usize,
    new: u64,
}

fn import(args: &Args, file: &Path) -> Done {
    let project = project(args)?;
    let events = read_events(&read(file)?).map_err(|error| Fault::usage(format!("{}: {error}", show(file))))?;
    let new = SqliteStore::open(&project.database())?.take_in(&events)?;
    let imported = Imported { schema: "holobiont.events-import/1", events: events.len(), new };
    if args.json {
        print_json(&imported)?;
    } else {
        print(&format!("{} events read, {new} of them new", imported.events))?;
    }
    Ok(Verdict::Passed)
}
