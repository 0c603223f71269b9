//! What a run costs in energy: a model, since a sandbox cannot see the power meter.

use serde::{Deserialize, Serialize};

use crate::measurement::Usage;
use crate::units::first_no_amount;

/// The energy that is put down for what a run uses. A model whose default is a rough figure for a server of the
/// 2020s: it ranks modules and groups rightly as long as the ratios hold, and says joules only once somebody has
/// calibrated it against a meter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Energy {
    /// Joules for 10^9 fuel.
    pub joules_per_gigafuel: f64,
    /// Joules for 1 MiB across the boundary between guest and host.
    pub joules_per_mib_moved: f64,
    /// Joules for holding 1 MiB of memory for one virtual second.
    pub joules_per_mib_second: f64,
}

impl Default for Energy {
    /// Where the figures come from:
    ///
    /// - *Fuel.* An EPYC 7763 is rated at 280 W for 64 cores, so a busy core takes 4.4 W; 10^9 fuel keep it busy for
    ///   up to 0.9 s (docs/decisions/003).
    /// - *Bytes moved.* A byte that is copied is read and written, and at worst both go to DRAM, which takes 1.3 nJ
    ///   for 8 bytes (Horowitz, Computing's energy problem, ISSCC 2014, the lower of his two figures): 0.34 mJ for
    ///   1 MiB. The instructions that copy are in the fuel already.
    /// - *Memory held.* 0.392 W for a gigabyte, as Cloud Carbon Footprint reckons (its `MEMORY_COEFFICIENT`, from
    ///   the data sheets of two makers of DRAM): 0.41 mW for 1 MiB.
    fn default() -> Self {
        Self { joules_per_gigafuel: 4.0, joules_per_mib_moved: 0.000_34, joules_per_mib_second: 0.000_41 }
    }
}

impl Energy {
    /// The energy of one run of a module, in joules. Memory is counted as the run's peak held for all of its virtual
    /// time.
    #[must_use]
    pub fn joules(&self, usage: &Usage) -> f64 {
        const MIB: f64 = (1 << 20) as f64;
        let Self { joules_per_gigafuel, joules_per_mib_moved, joules_per_mib_second } = self;
        let seconds = usage.virtual_time_ns as f64 / 1e9;
        joules_per_gigafuel * usage.fuel as f64 / 1e9
            + joules_per_mib_moved * usage.host_data_bytes as f64 / MIB
            + joules_per_mib_second * usage.peak_memory_bytes as f64 / MIB * seconds
    }

    /// The first coefficient that is not a finite number of at least 0, by its key.
    #[must_use]
    pub fn invalid(&self) -> Option<&'static str> {
        let Self { joules_per_gigafuel, joules_per_mib_moved, joules_per_mib_second } = self;
        first_no_amount(&[
            ("joules-per-gigafuel", *joules_per_gigafuel),
            ("joules-per-mib-moved", *joules_per_mib_moved),
            ("joules-per-mib-second", *joules_per_mib_second),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_takes_energy() {
        let energy = Energy { joules_per_gigafuel: 10.0, joules_per_mib_moved: 1000.0, joules_per_mib_second: 100.0 };
        let usage = Usage {
            fuel: 500_000_000,
            peak_memory_bytes: 2 << 20,
            virtual_time_ns: 500_000_000,
            host_data_bytes: 1 << 20,
            ..Usage::default()
        };
        assert_eq!(energy.joules(&usage), 5.0 + 1000.0 + 100.0);
        assert_eq!(energy.joules(&Usage::default()), 0.0);
    }

    #[test]
    fn a_coefficient_below_nothing_is_named() {
        assert_eq!(Energy { joules_per_mib_moved: -1.0, ..Energy::default() }.invalid(), Some("joules-per-mib-moved"));
        assert_eq!(
            Energy { joules_per_gigafuel: f64::INFINITY, ..Energy::default() }.invalid(),
            Some("joules-per-gigafuel")
        );
        assert_eq!(Energy::default().invalid(), None);
    }
}
