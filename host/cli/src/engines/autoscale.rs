//! `holobiont autoscale`: how many engines there should be.

use holobiont::{MemoryStore, Registry, Scale, ScaleTerms, Scaled, SqliteStore, Store, now_ms};

use super::approval::approve;
use super::{Declared, opened, text};
use crate::args::{Args, AutoscaleArgs};
use crate::context::{looked_at, project};
use crate::fault::Fault;
use crate::interrupt::Interrupt;
use crate::terminal::{print, print_json};
use crate::{Done, Verdict};

pub(crate) fn autoscale(args: &Args, asked: &AutoscaleArgs) -> Done {
    let project = project(args)?;
    let declared = Declared::of(&project)?;
    let scaled = if asked.dry_run {
        // What is decided goes into an answer and nowhere else.
        looked_at(&project, |store| decide(&project, (store, &MemoryStore::default()), &declared, asked))?
    } else {
        let _turns = project.take_turns()?;
        let store = SqliteStore::open(&project.database())?;
        decide(&project, (&store, &store), &declared, asked)?
    };
    if args.json {
        print_json(&text::scaled_document(&scaled))?;
    } else {
        print(&text::decision(&scaled, asked.dry_run))?;
    }
    Ok(Verdict::Passed)
}

/// Decides by what a store has, and keeps it in a store.
fn decide(
    project: &holobiont::Project,
    (from, to): (&dyn Store, &dyn Store),
    declared: &Declared,
    asked: &AutoscaleArgs,
) -> Result<Scaled, Fault> {
    let mut scale = Scale::open(from)?;
    if asked.reset {
        return Ok(scale.reset(to)?);
    }
    let mut registry = Registry::default();
    for config in scale.engines(&declared.engines) {
        registry.register(opened(project, from, config)?);
    }
    let config = project.settings.autoscale.clone().unwrap_or_default();
    let terms = ScaleTerms {
        rules: &config.rules,
        store: to,
        declared: &declared.engines,
        workflows: &declared.workflows,
        capital: asked.capital.or(config.capital),
        now_ms: now_ms(),
    };
    let interrupt = Interrupt::new()?;
    let program = asked.approve.as_deref().filter(|_| !asked.dry_run);
    let mut open = |config| opened(project, from, config);
    scale.step(&mut registry, &terms, &mut open, &mut |scaling| approve(program, scaling, &interrupt))
}
