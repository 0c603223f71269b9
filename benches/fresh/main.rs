//! What a fresh sandbox costs that is made, called once, measured and dropped: Holobiont beside bare
//! wasmtime on the same engine, bare wasmtime as it comes, and Extism, all doing the same work.
//!
//! Criterion's own numbers are wall time, one contender after the other. The tables at the end are what
//! the project goes by: there the contenders take turns round by round, so that whatever else the machine
//! does falls on all of them, and only ratios count.

mod contenders;
mod settings;
mod table;
mod turns;

// The sandbox's own source, so that its defaults need no copy.
#[expect(dead_code, reason = "only what the engine's configuration depends on is needed")]
#[path = "../../host/sandbox/src/options.rs"]
mod options;

use std::error::Error;
use std::time::Duration;

use criterion::{Criterion, Throughput};

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

fn main() -> Result<()> {
    let contenders = contenders::all()?;
    let json = guest_work::input();
    let jobs: [(&str, &[u8]); 2] = [("empty", b""), ("json", &json)];
    for (job, input) in jobs {
        let expected = guest_work::work(input)?;
        for contender in &contenders {
            let output = contender.run(input)?;
            if output != expected {
                return Err(format!("{} gives something else for the job {job}", contender.name).into());
            }
        }
    }

    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for (job, input) in jobs {
        let mut group = criterion.benchmark_group(job);
        group.throughput(Throughput::Elements(1));
        for contender in &contenders {
            group.bench_function(contender.name, |b| b.iter(|| contender.run(input)));
        }
        group.finish();
    }
    criterion.final_summary();

    // With these options of Criterion nothing is to be measured, or somebody else measures.
    if std::env::args().any(|arg| ["--test", "--list", "--profile-time"].contains(&arg.as_str())) {
        return Ok(());
    }
    let jobs = jobs.map(|(job, input)| (job, turns::alone(&contenders, input)));
    let threads = turns::together(&contenders, &json);
    table::print(&contenders, &jobs, &threads);
    Ok(())
}
