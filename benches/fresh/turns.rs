//! Measuring in turns.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;

use crate::contenders::Contender;

/// How often each contender has its turn on one thread, and for about how long.
const ROUNDS: usize = 200;
const TURN: Duration = Duration::from_millis(4);

/// The same for several threads. A turn is longer, since starting threads is no part of it.
const THREAD_ROUNDS: usize = 9;
const THREAD_TURN: Duration = Duration::from_millis(250);

/// What a contender's runs took, one number for each of its turns.
pub(crate) struct Turns {
    /// CPU time of a run in nanoseconds.
    pub(crate) cpu_ns: Vec<f64>,
}

/// One thread, all contenders in turn. CPU time, since others use the machine too.
pub(crate) fn alone(contenders: &[Contender], input: &[u8]) -> Vec<Turns> {
    let runs: Vec<u32> = contenders.iter().map(|contender| runs_in(contender, input, TURN)).collect();
    let mut turns: Vec<Turns> = contenders.iter().map(|_| Turns { cpu_ns: Vec::with_capacity(ROUNDS) }).collect();
    for round in 0..ROUNDS {
        for turn in 0..contenders.len() {
            // Another one begins each round, and so each follows each.
            let which = (round + turn) % contenders.len();
            let began = ThreadTime::now();
            for _ in 0..runs[which] {
                let _ = black_box(contenders[which].run(black_box(input)));
            }
            turns[which].cpu_ns.push(began.elapsed().as_secs_f64() * 1e9 / f64::from(runs[which]));
        }
    }
    turns
}

/// How many runs fill a turn.
fn runs_in(contender: &Contender, input: &[u8], turn: Duration) -> u32 {
    let began = Instant::now();
    let mut runs = 0;
    while began.elapsed() < 5 * turn {
        let _ = black_box(contender.run(black_box(input)));
        runs += 1;
    }
    (runs / 5).max(1)
}

/// What a contender does on one thread and on two.
#[derive(Clone, Copy, Default)]
pub(crate) struct Threads {
    pub(crate) one: Rate,
    pub(crate) two: Rate,
}

/// The best of several turns.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rate {
    /// Runs in a second of real time, on all threads together.
    pub(crate) per_second: f64,
    /// CPU time of a run in nanoseconds.
    pub(crate) cpu_ns: f64,
}

/// One thread and two in turn, for all contenders in turn. Real time, since waiting for each other is
/// what costs here; and so the best turn counts, in which others were in the way the least.
pub(crate) fn together(contenders: &[Contender], input: &[u8]) -> Vec<Threads> {
    let mut all = vec![Threads::default(); contenders.len()];
    for _ in 0..THREAD_ROUNDS {
        for (contender, best) in contenders.iter().zip(&mut all) {
            best.one.improve(rate(contender, input, 1));
            best.two.improve(rate(contender, input, 2));
        }
    }
    all
}

impl Rate {
    fn improve(&mut self, other: Self) {
        if other.per_second > self.per_second {
            *self = other;
        }
    }
}

fn rate(contender: &Contender, input: &[u8], threads: usize) -> Rate {
    let start = Barrier::new(threads);
    let work = || {
        start.wait();
        let (began, began_cpu, mut runs) = (Instant::now(), ThreadTime::now(), 0u32);
        while began.elapsed() < THREAD_TURN {
            for _ in 0..4 {
                let _ = black_box(contender.run(black_box(input)));
            }
            runs += 4;
        }
        let cpu_ns = began_cpu.elapsed().as_secs_f64() * 1e9;
        Rate { per_second: f64::from(runs) / began.elapsed().as_secs_f64(), cpu_ns: cpu_ns / f64::from(runs) }
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().filter_map(|thread| thread.join().ok()).fold(Rate::default(), |sum, rate| Rate {
            per_second: sum.per_second + rate.per_second,
            cpu_ns: sum.cpu_ns + rate.cpu_ns / threads as f64,
        })
    })
}
