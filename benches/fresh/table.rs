//! The tables at the end, in Markdown.

use crate::contenders::{
    BARE, Contender, DEFAULT_POOL, FUEL_ONLY, HOLOBIONT, NATIVE, ON_DEMAND, PEER, STUBBED, UNMETERED,
};
use crate::turns::{Threads, Turns};

/// A ratio that the project has an aim for, or that helps to understand one.
struct Ratio {
    over: &'static str,
    under: &'static str,
    aim: &'static str,
}

const RATIOS: [Ratio; 8] = [
    Ratio { over: HOLOBIONT, under: BARE, aim: "at most 1.2" },
    Ratio { over: HOLOBIONT, under: STUBBED, aim: "" },
    Ratio { over: HOLOBIONT, under: UNMETERED, aim: "" },
    Ratio { over: BARE, under: FUEL_ONLY, aim: "" },
    Ratio { over: FUEL_ONLY, under: UNMETERED, aim: "" },
    Ratio { over: DEFAULT_POOL, under: HOLOBIONT, aim: "" },
    Ratio { over: ON_DEMAND, under: HOLOBIONT, aim: "" },
    Ratio { over: PEER, under: HOLOBIONT, aim: "at least 8" },
];

/// What two threads that share nothing must reach together, or they did not have a core each.
const BOTH_CORES: f64 = 1.4;

/// Prints them.
pub(crate) fn print(contenders: &[Contender], jobs: &[(&str, Vec<Turns>)], threads: &[Threads]) {
    println!("\n{}\n", machine());
    for contender in contenders {
        println!("- `{}`: {}", contender.name, contender.about);
    }

    print!("\n| CPU time of a run on one thread |");
    for (job, _) in jobs {
        print!(" {job}: median us | best |");
    }
    println!("\n|---|{}", "--:|--:|".repeat(jobs.len()));
    for (row, contender) in contenders.iter().enumerate() {
        print!("| `{}` |", contender.name);
        for (_, turns) in jobs {
            let cpu_ns = &turns[row].cpu_ns;
            print!(" {:.2} | {:.2} |", median(cpu_ns) / 1e3, cpu_ns.iter().copied().fold(f64::MAX, f64::min) / 1e3);
        }
        println!();
    }

    print!("\n| median over the rounds of |");
    for (job, _) in jobs {
        print!(" {job} |");
    }
    println!(" aim |\n|---|{}---|", "--:|".repeat(jobs.len()));
    let row = |name| contenders.iter().position(|contender| contender.name == name);
    for Ratio { over, under, aim } in RATIOS {
        let (Some(above), Some(below)) = (row(over), row(under)) else { continue };
        print!("| `{over}` / `{under}` |");
        for (_, turns) in jobs {
            let ratios: Vec<f64> = turns[above].cpu_ns.iter().zip(&turns[below].cpu_ns).map(|(a, b)| a / b).collect();
            print!(" {:.2} |", median(&ratios));
        }
        println!(" {aim} |");
    }

    println!(
        "\n| best of the turns, json | runs/s, 1 thread | 2 threads | 2 / 1 | CPU us of a run, 1 thread | 2 threads | aim for 2 / 1 |"
    );
    println!("|---|--:|--:|--:|--:|--:|---|");
    for (contender, Threads { one, two }) in contenders.iter().zip(threads) {
        let aim = match contender.name {
            HOLOBIONT => "at least 1.6",
            NATIVE => "(the same without a sandbox)",
            _ => "",
        };
        println!(
            "| `{}` | {:.0} | {:.0} | {:.2} | {:.2} | {:.2} | {aim} |",
            contender.name,
            one.per_second,
            two.per_second,
            two.per_second / one.per_second,
            one.cpu_ns / 1e3,
            two.cpu_ns / 1e3,
        );
    }
    let native = row(NATIVE).and_then(|row| threads.get(row));
    if native.is_some_and(|Threads { one, two }| two.per_second < BOTH_CORES * one.per_second) {
        println!("\nThe machine was busy, and two threads did not get two cores: the last table says little.");
    }
}

fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The machine in a line; what is not to be found out is left out.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let info = read("/proc/cpuinfo");
    let cpu =
        info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("", |(_, name)| name);
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    format!("{cores} cores, {cpu}, {} {}, load {load} at the end", std::env::consts::OS, kernel.trim())
}
