//! How well limits adapt: demands are measured by real runs of the example families, then the benchmark replays them.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::shell::{cargo, output, run, say};
use crate::{guests, root};

/// Between these lines of the page the tables stand.
const BEGIN: &str = "<!-- begin: cargo xtask adaptation --bless -->";
const END: &str = "<!-- end -->";

/// Measures, prints the tables, and writes them into docs/ADAPTATION.md when told so.
pub(crate) fn adaptation(bless: bool) -> Result<()> {
    guests::build()?;
    run(cargo()?.args(["build", "--workspace", "--bins"]))?;
    let root = root()?;
    let families = ["squeeze", "records"].map(|family| traced(&root, family));
    let families = families.into_iter().collect::<Result<Vec<Value>>>()?;
    let traces = root.join("target/adaptation-traces.json");
    let document = json!({ "schema": "holobiont.traces/1", "families": families });
    std::fs::write(&traces, format!("{document:#}\n")).with_context(|| traces.display().to_string())?;
    let mut benchmark = cargo()?;
    benchmark.args(["run", "--quiet", "--release", "-p", "holobiont-core", "--example", "adaptation", "--"]);
    // The mean of three models, which is the default elsewhere, takes twenty times as long, for 30 seeds half an hour.
    let tables = output(benchmark.args(["--method", "ema", "--traces"]).arg(&traces))?;
    if !bless {
        say(&tables);
        return Ok(());
    }
    let page = root.join("docs/ADAPTATION.md");
    let text = std::fs::read_to_string(&page).with_context(|| page.display().to_string())?;
    let Some((before, (_, after))) =
        text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?)))
    else {
        bail!("docs/ADAPTATION.md has no `{BEGIN}` with `{END}` after it");
    };
    std::fs::write(&page, format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", tables.trim()))
        .with_context(|| page.display().to_string())
}

/// What each module of a family used on each input, under limits that none of them meets.
fn traced(root: &Path, family: &str) -> Result<Value> {
    let mut program = Command::new(root.join("target/debug/holobiont"));
    program.current_dir(root).args(["run", &format!("workflows/{family}.toml"), "--preset", "wide", "--json"]);
    let report: Value = serde_json::from_str(&output(&mut program)?).context("the report of a run")?;
    let steps = report["steps"].as_array().context("a report without steps")?;
    let run = |step: &Value| {
        let usage = &step["measurement"]["usage"];
        if step["measurement"]["outcome"]["kind"] != "completed" {
            bail!("{family}: {} on {} did not complete", step["module"]["id"], step["input"]);
        }
        Ok(json!({
            "input": step["input"],
            "module": step["module"]["id"],
            "fuel": usage["fuel"],
            "memory_bytes": usage["peak_memory_bytes"],
        }))
    };
    let runs = steps.iter().map(run).collect::<Result<Vec<Value>>>()?;
    Ok(json!({ "name": family, "runs": runs }))
}
