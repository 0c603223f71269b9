//! Environments drawn from the ladders by a seed.

use super::Environment;
use super::key::Key;
use super::profile::Profile;
use crate::conditions::FailureMode;
use crate::random::{Draws, Stream};

/// The keys that every environment gets a value of, each drawn by itself.
const DRAWN: [Key; 9] = [
    Key::CpuLimit,
    Key::MemoryLimit,
    Key::DiskLimit,
    Key::NetworkLatency,
    Key::NetworkJitter,
    Key::PacketLoss,
    Key::PacketDuplication,
    Key::SecurityLevel,
    Key::ThreatIntensity,
];

impl Environment {
    /// So many environments, drawn by a seed; more of them begin with the same ones.
    ///
    /// Each value is a rung of its key's ladder from [`KeyRow::drawn_from`](super::KeyRow::drawn_from) to
    /// [`KeyRow::drawn_to`](super::KeyRow::drawn_to), all equally likely; of three bandwidths the lowest is `MIN_BANDWIDTH` and the highest `BANDWIDTH_LIMIT`. `GPU_LIMIT` is
    /// there in one of two. One in five has two or three failure modes, the others one or none. `CONCURRENCY_LEVEL`
    /// and `TIMEOUT` come from profiles only: nothing that is measured moves them, so a draw that starves every
    /// module would never be mended.
    ///
    /// Where there are profiles, environments take them in turn: what a profile says is put over what was drawn, its
    /// failure modes and input classes in place of it. Each has another name.
    #[must_use]
    pub fn generate(count: usize, seed: u64, profiles: &[Profile]) -> Vec<Self> {
        let mut draws = Draws::new(seed, Stream::Environments);
        let mut turn = profiles.iter().cycle();
        (0..count)
            .map(|place| {
                let mut environment = drawn(&mut draws);
                environment.name = Some(format!("scenario_{place}"));
                if let Some(profile) = turn.next() {
                    profile.put_over(&mut environment);
                    // One name is one preset.
                    if count > profiles.len() {
                        environment.name = Some(format!("{profile}_{place}"));
                    }
                }
                environment
            })
            .collect()
    }
}

fn drawn(draws: &mut Draws) -> Environment {
    let mut environment = Environment::default();
    for key in DRAWN {
        environment.set(key, rung(draws, key));
    }
    let mut bandwidths = [Key::MinBandwidth, Key::MaxBandwidth, Key::BandwidthLimit].map(|key| rung(draws, key));
    bandwidths.sort_by(f64::total_cmp);
    let [least, most, limit] = bandwidths;
    environment.set(Key::MinBandwidth, least);
    environment.set(Key::MaxBandwidth, most);
    environment.set(Key::BandwidthLimit, limit);
    if draws.below(2) == 0 {
        environment.set(Key::GpuLimit, rung(draws, Key::GpuLimit));
    }
    let mut modes = FailureMode::ALL.to_vec();
    let several = draws.below(5) == 0;
    let count = if several {
        2 + draws.place(2)
    } else {
        // As likely none as each of them.
        usize::from(draws.place(modes.len() + 1) > 0)
    };
    draws.shuffle(&mut modes);
    modes.truncate(count);
    environment.forbid_failures();
    environment.failure_modes = modes;
    environment
}

/// One of the rungs of a key's ladder that are drawn.
fn rung(draws: &mut Draws, key: Key) -> f64 {
    let row = key.row();
    let from = row.ladder.partition_point(|rung| *rung < row.drawn_from);
    let to = row.ladder.partition_point(|rung| *rung <= row.drawn_to);
    draws.pick(row.ladder.get(from..to).unwrap_or_default()).copied().unwrap_or(row.drawn_from)
}

#[cfg(test)]
mod tests;
