//! What befalls a run at its boundary: the [`Conditions`] of its scenario, drawn from its seed.
//!
//! At each crossing, in this order, and only for what is in force: the jitter; the losses, one draw each until
//! the message gets through; whether it comes twice; its bandwidth; whether there is a fault; which of those that
//! can be had there; and, when bytes are handed over whose fault is corruption, which bit. A run without conditions
//! has no [`Weather`], draws nothing, and pays one branch for each call.

use holobiont_core::{Conditions, Digest, FailureMode};
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use crate::limiter::Growth;
use crate::meter::{Meter, NS_PER_FUEL};
use crate::stop::Stop;

/// How conditions are drawn and what they cost: to be raised with every change of that, since runs under
/// conditions come to something else then.
pub(crate) const MANNER: u32 = 1;

/// How long a sender waits for an answer before it sends a lost message again, beside the latency; each further
/// loss of the same message doubles it, as TCP does (RFC 6298; 200 ms is the least that Linux waits).
const RETRANSMISSION_NS: u64 = 200_000_000;

/// What the doubling ends at.
const MOST_RETRANSMISSION_NS: u64 = 3_200_000_000;

/// Losses in a row, of one message, after which it never comes: all the time that is left passes. About 53
/// minutes, which no limit in use allows; it bounds what a run without a time limit can cost for real.
const MOST_LOSSES: u32 = 1_000;

/// How long nothing crosses when the network is cut in two.
const PARTITION_NS: u64 = 1_000_000_000;

/// The share of the fuel, or of the time, that a fault takes: a tenth of what is left.
const SHARE: u64 = 10;

/// What a crossing touches, and so which faults can befall it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Touches {
    /// Nothing that could break.
    Nothing,
    /// It opens or writes what is kept, and can say that this failed.
    Disk,
    /// It gives the guest data.
    Data,
}

/// The conditions of one run, and what came of them so far.
#[derive(Debug)]
pub(crate) struct Weather {
    conditions: Conditions,
    /// What the draws are made of.
    source: Digest,
    draws: ChaCha12Rng,
    /// The crossing under way comes twice.
    twice: bool,
    /// The bandwidth of the crossing under way, in bytes per virtual second; 0 where it has none of its own.
    bandwidth: u64,
    /// What is to go wrong with the crossing under way, when it gets there.
    armed: Option<FailureMode>,
    faults: u64,
    first_fault_ns: u64,
}

impl Weather {
    /// The weather of a run; none where it is calm. Another seed, module or input meets another, the same run
    /// the same.
    pub(crate) fn new(conditions: &Conditions, seed: u64, module: &Digest, input: &[u8]) -> Option<Box<Self>> {
        if conditions.is_calm() {
            return None;
        }
        let input = Digest::of(input);
        let seed = seed.to_le_bytes();
        let parts: [&[u8]; 4] = [b"weather", &seed, module.as_bytes(), input.as_bytes()];
        Some(Box::new(Self::under(conditions, Digest::of_parts(parts))))
    }

    /// The weather of a module that the run calls: the same conditions, and draws of its own.
    pub(crate) fn of_part(&self, module: &Digest) -> Box<Self> {
        Box::new(Self::under(&self.conditions, Digest::of_parts([self.source.as_bytes(), &module.as_bytes()[..]])))
    }

    fn under(conditions: &Conditions, source: Digest) -> Self {
        Self {
            conditions: conditions.clone(),
            source,
            draws: ChaCha12Rng::from_seed(*source.as_bytes()),
            twice: false,
            bandwidth: 0,
            armed: None,
            faults: 0,
            first_fault_ns: 0,
        }
    }

    /// Something crosses: it takes the time that it takes, and a fault may befall it.
    pub(crate) fn cross(&mut self, touches: Touches, meter: &mut Meter, growth: &mut Growth) -> Result<(), Stop> {
        self.end_crossing();
        let Conditions {
            latency_ns,
            jitter_ns,
            least_bandwidth_bytes_per_s,
            most_bandwidth_bytes_per_s,
            loss,
            duplication,
            faults,
            failure_modes: _,
        } = self.conditions;
        meter.sleep(self.about(latency_ns, jitter_ns));
        meter.check()?;
        if loss > 0.0 {
            self.lose(loss, latency_ns, meter)?;
        }
        self.twice = duplication > 0.0 && self.happens(duplication);
        self.bandwidth = self.between(least_bandwidth_bytes_per_s, most_bandwidth_bytes_per_s);
        if faults > 0.0 && self.happens(faults) {
            self.fault(touches, meter, growth);
            meter.check()?;
        }
        Ok(())
    }

    /// Forgets the crossing: what comes next is no part of it.
    pub(crate) fn end_crossing(&mut self) {
        self.twice = false;
        self.bandwidth = 0;
        self.armed = None;
    }

    /// How often the bytes of the crossing under way are moved and paid.
    pub(crate) fn copies(&self) -> u64 {
        1 + u64::from(self.twice)
    }

    /// The bandwidth of the crossing under way, in bytes per virtual second; 0 where it is what the limits say.
    pub(crate) fn bandwidth(&self) -> u64 {
        self.bandwidth
    }

    /// Whether the disk fails the crossing under way; it does so once.
    pub(crate) fn disk_fails(&mut self, meter: &Meter) -> bool {
        let fails = self.armed.take_if(|mode| *mode == FailureMode::Disk).is_some();
        if fails {
            self.count(meter);
        }
        fails
    }

    /// Turns a bit of what crosses to the guest, if that is to be.
    pub(crate) fn corrupt(&mut self, bytes: &mut [u8], meter: &Meter) {
        if !self.corrupts() || bytes.is_empty() {
            return;
        }
        self.armed = None;
        let bit = self.below(bytes.len() as u64 * 8);
        if let Some(byte) = bytes.get_mut((bit / 8) as usize) {
            *byte ^= 1 << (bit % 8);
        }
        self.count(meter);
    }

    /// Whether the data of the crossing under way is to be corrupted.
    pub(crate) fn corrupts(&self) -> bool {
        self.armed == Some(FailureMode::DiskCorruption)
    }

    pub(crate) fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// Faults that were injected.
    pub(crate) fn faults(&self) -> u64 {
        self.faults
    }

    /// When the first was, in virtual nanoseconds; 0 where there was none.
    pub(crate) fn first_fault_ns(&self) -> u64 {
        self.first_fault_ns
    }

    /// The message is lost and sent again until it gets through.
    fn lose(&mut self, loss: f64, latency_ns: u64, meter: &mut Meter) -> Result<(), Stop> {
        let mut timeout = RETRANSMISSION_NS;
        for _ in 0..MOST_LOSSES {
            if !self.happens(loss) {
                return Ok(());
            }
            meter.sleep(timeout.saturating_add(latency_ns));
            meter.check()?;
            timeout = timeout.saturating_mul(2).min(MOST_RETRANSMISSION_NS);
        }
        meter.sleep(meter.time_left_ns().saturating_add(1));
        Ok(meter.check()?)
    }

    /// Injects one of the faults that can be had here.
    fn fault(&mut self, touches: Touches, meter: &mut Meter, growth: &mut Growth) {
        let named = match self.conditions.failure_modes.as_slice() {
            [] => FailureMode::ALL,
            named => named,
        };
        let applies = |mode: &FailureMode| match mode {
            FailureMode::Disk => touches == Touches::Disk,
            FailureMode::DiskCorruption => touches == Touches::Data,
            FailureMode::Memory => !growth.is_sealed(),
            _ => true,
        };
        let possible: Vec<FailureMode> = named.iter().copied().filter(applies).collect();
        let drawn = self.below(possible.len() as u64);
        let Some(mode) = possible.get(drawn as usize).copied() else { return };
        match mode {
            // These are counted when they do harm: a call may fail for a reason of its own before, or give nothing.
            FailureMode::Disk | FailureMode::DiskCorruption => self.armed = Some(mode),
            FailureMode::Network => {
                self.count(meter);
                meter.sleep(RETRANSMISSION_NS.saturating_add(self.conditions.latency_ns));
            }
            FailureMode::NetworkPartition => {
                self.count(meter);
                meter.sleep(PARTITION_NS);
            }
            FailureMode::Memory => {
                self.count(meter);
                growth.seal();
            }
            FailureMode::CpuSpike => {
                self.count(meter);
                // Of fuel without end, what the time has room for: a spike alone ends no run.
                meter.charge(meter.fuel_left().min(meter.time_left_ns() / NS_PER_FUEL) / SHARE);
            }
            FailureMode::Timeout => {
                self.count(meter);
                meter.sleep(meter.time_left_ns() / SHARE);
            }
        }
    }

    fn count(&mut self, meter: &Meter) {
        if self.faults == 0 {
            self.first_fault_ns = meter.now_ns();
        }
        self.faults += 1;
    }

    /// A value that differs from its middle by as much as is allowed, either way, each equally likely.
    fn about(&mut self, middle: u64, most: u64) -> u64 {
        if most == 0 {
            return middle;
        }
        let most = most.min(u64::MAX / 2);
        middle.saturating_add(self.below(2 * most + 1)).saturating_sub(most)
    }

    /// A bandwidth between two, each equally likely: at least 1, so that nothing stands still for ever. A least that
    /// is above the most is taken for the most; a most of 0 is none, and where there is no choice nothing is drawn.
    fn between(&mut self, least: u64, most: u64) -> u64 {
        if most == 0 {
            return 0;
        }
        let least = least.clamp(1, most);
        if least == most { most } else { least + self.below(most - least + 1) }
    }

    /// Whether something of this likelihood happens. One of 1 always does, one of 0 never.
    fn happens(&mut self, likelihood: f64) -> bool {
        // 53 bits: all that a number between 0 and 1 holds.
        let drawn = (self.draws.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        drawn < likelihood
    }

    /// A number below `end`, each as likely up to one in 2^64 / `end`; 0 where `end` is 0.
    fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.draws.next_u64()) * u128::from(end)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use holobiont_core::{LimitKind, Limits};

    use super::*;

    const MS: u64 = 1_000_000;

    fn weather(conditions: Conditions) -> Weather {
        *Weather::new(&conditions, 7, &Digest::of(b"module"), b"input").expect("not calm")
    }

    fn run() -> (Meter, Growth) {
        let limits = Limits { time_ns: u64::MAX / 2, bandwidth_bytes_per_s: 0, ..Limits::default() };
        (Meter::new(&limits, false), Growth::new(&limits))
    }

    /// What a crossing comes to: what it waited in ms, its copies, what it is to break, the faults so far.
    fn crossings(weather: &mut Weather, touches: &[Touches]) -> Vec<(u64, u64, Option<FailureMode>, u64)> {
        let (mut meter, mut growth) = run();
        let crossing = |touches: &Touches| {
            let before = meter.waited_ns();
            weather.cross(*touches, &mut meter, &mut growth).expect("there is time");
            let came = ((meter.waited_ns() - before) / MS, weather.copies(), weather.armed, weather.faults());
            weather.end_crossing();
            came
        };
        touches.iter().map(crossing).collect()
    }

    #[test]
    fn calm_is_no_weather_and_another_run_is_another() {
        let module = Digest::of(b"module");
        assert!(Weather::new(&Conditions::default(), 7, &module, b"").is_none());
        let storm = Conditions { loss: 0.5, ..Conditions::default() };
        let first =
            |seed, module, input: &[u8]| Weather::new(&storm, seed, module, input).map(|mut w| w.draws.next_u64());
        let one = first(7, &module, b"a");
        assert_eq!(one, first(7, &module, b"a"));
        let others = [first(8, &module, b"a"), first(7, &Digest::of(b"other"), b"a"), first(7, &module, b"b")];
        assert!(!others.contains(&one));
    }

    #[test]
    fn the_order_of_the_draws_is_as_it_was() {
        let all = Conditions {
            latency_ns: 20 * MS,
            jitter_ns: 10 * MS,
            loss: 0.3,
            duplication: 0.3,
            faults: 0.5,
            failure_modes: vec![FailureMode::Disk, FailureMode::DiskCorruption, FailureMode::NetworkPartition],
            ..Conditions::default()
        };
        let touches = [Touches::Nothing, Touches::Disk, Touches::Data, Touches::Disk].repeat(3);
        let came = [
            (19, 1, None, 0),
            (23, 1, None, 0),
            (1020, 1, None, 1),
            (12, 2, None, 1),
            (1025, 2, None, 2),
            (663, 1, None, 2),
            (23, 2, None, 2),
            (29, 1, Some(FailureMode::Disk), 2),
            (20, 1, None, 2),
            (1023, 1, None, 3),
            (15, 2, None, 3),
            (233, 2, None, 3),
        ];
        assert_eq!(crossings(&mut weather(all), &touches), came);
    }

    #[test]
    fn a_wait_differs_by_no_more_than_the_jitter_and_is_never_below_nothing() {
        let mut near = weather(Conditions { latency_ns: 20, jitter_ns: 5, ..Conditions::default() });
        let waits: Vec<u64> = (0..1_000).map(|_| near.about(20, 5)).collect();
        assert_eq!((waits.iter().min(), waits.iter().max()), (Some(&15), Some(&25)));
        let waits: Vec<u64> = (0..1_000).map(|_| near.about(2, 5)).collect();
        assert_eq!((waits.iter().min(), waits.iter().max()), (Some(&0), Some(&7)));
        for (middle, most) in [(u64::MAX, u64::MAX), (0, u64::MAX), (u64::MAX, 1)] {
            near.about(middle, most);
        }
    }

    #[test]
    fn a_bandwidth_lies_between_its_bounds_whatever_they_are() {
        let mut some = weather(Conditions { most_bandwidth_bytes_per_s: 1, ..Conditions::default() });
        let mut seen = |least, most| {
            let drawn: Vec<u64> = (0..2_000).map(|_| some.between(least, most)).collect();
            (drawn.iter().min().copied().unwrap_or(0), drawn.iter().max().copied().unwrap_or(0), drawn)
        };
        assert_eq!(seen(10, 13).0..=seen(10, 13).1, 10..=13);
        assert_eq!(seen(0, 3).0..=seen(0, 3).1, 1..=3, "nothing stands still for ever");
        assert_eq!((seen(9, 4).0, seen(9, 4).1), (4, 4), "the most has the last word");
        assert_eq!((seen(7, 0).0, seen(7, 0).1), (0, 0), "there is no range");
        // Evenly: the mean of 2,000 draws is within six standard deviations of 28.9 / sqrt(2,000) of 50.
        let mean = seen(0, 99).2.iter().sum::<u64>() as f64 / 2_000.0;
        assert!((mean - 50.0).abs() < 3.9, "{mean}");
        let (least, most, _) = seen(0, u64::MAX);
        assert!(least >= 1 && most > u64::MAX / 2);
    }

    #[test]
    fn a_bandwidth_is_drawn_after_what_comes_twice_and_only_where_there_is_a_choice() {
        let storm = |least, most| Conditions {
            jitter_ns: 10 * MS,
            duplication: 0.3,
            faults: 0.5,
            failure_modes: vec![FailureMode::NetworkPartition],
            least_bandwidth_bytes_per_s: least,
            most_bandwidth_bytes_per_s: most,
            ..Conditions::default()
        };
        let touches = [Touches::Nothing; 8];
        let without = crossings(&mut weather(storm(0, 0)), &touches);
        assert_eq!(crossings(&mut weather(storm(5, 5)), &touches), without);
        let with = crossings(&mut weather(storm(5, 50)), &touches);
        // Before the first draw of a bandwidth all is as it was: the jitter, and whether it comes twice.
        assert_eq!((with[0].0 % 1_000, with[0].1), (without[0].0 % 1_000, without[0].1));
        assert_ne!(with, without);
        let mut one = weather(storm(5, 50));
        let (mut meter, mut growth) = run();
        one.cross(Touches::Nothing, &mut meter, &mut growth).expect("there is time");
        assert!((5..=50).contains(&one.bandwidth()), "{}", one.bandwidth());
        one.end_crossing();
        assert_eq!(one.bandwidth(), 0, "what comes next is no part of it");
    }

    #[test]
    fn likelihoods_are_what_they_say_and_odd_ones_are_harmless() {
        let mut some = weather(Conditions { loss: 0.5, ..Conditions::default() });
        let mut count = |likelihood| (0..10_000).filter(|_| some.happens(likelihood)).count();
        assert_eq!([count(0.0), count(1.0), count(f64::NAN), count(-1.0), count(7.0)], [0, 10_000, 0, 0, 10_000]);
        // Six standard deviations are 240.
        assert!(count(0.2).abs_diff(2_000) < 240);
    }

    #[test]
    fn a_message_that_never_comes_takes_all_the_time_there_is() {
        let mut lossy = weather(Conditions { loss: 1.0, latency_ns: 1, ..Conditions::default() });
        let (mut meter, mut growth) = run();
        let stop = lossy.cross(Touches::Nothing, &mut meter, &mut growth);
        assert!(matches!(stop, Err(Stop::Limit { kind: LimitKind::Time, .. })), "{stop:?}");
        let limits = Limits { time_ns: 1_400 * MS, ..Limits::default() };
        let mut short = Meter::new(&limits, false);
        let stop = lossy.cross(Touches::Nothing, &mut short, &mut growth);
        // 200 + 400 + 800 ms, and four latencies.
        assert_eq!(stop, Err(Stop::limit(LimitKind::Time, 1_400 * MS + 4, 1_400 * MS)));
    }

    #[test]
    fn one_bit_is_turned_and_only_where_there_are_bytes() {
        let modes = vec![FailureMode::DiskCorruption];
        let mut faulty = weather(Conditions { faults: 1.0, failure_modes: modes, ..Conditions::default() });
        let (mut meter, mut growth) = run();
        for length in [0, 1, 3] {
            let before = faulty.faults();
            let mut bytes = vec![0; length];
            faulty.cross(Touches::Data, &mut meter, &mut growth).expect("there is time");
            faulty.corrupt(&mut bytes, &meter);
            let ones: u32 = bytes.iter().map(|byte: &u8| byte.count_ones()).sum();
            assert_eq!((u64::from(ones), faulty.faults() - before), (length.min(1) as u64, length.min(1) as u64));
            faulty.end_crossing();
        }
        assert_eq!(crossings(&mut faulty, &[Touches::Disk]), [(0, 1, None, 2)], "it does not apply there");
    }
}
