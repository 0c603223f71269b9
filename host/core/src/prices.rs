//! What a run costs, in credits.

use serde::{Deserialize, Serialize};

use crate::measurement::Usage;
use crate::units::first_no_amount;

/// The price of what a run uses, in credits. The unit is arbitrary; only the ratio to the value of an
/// output matters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Prices {
    /// For each run of a module.
    pub per_call: f64,
    /// For 10^9 fuel.
    pub per_gigafuel: f64,
    /// For holding 1 MiB of memory for one virtual second.
    pub per_mib_second: f64,
    /// For 1 MiB across the boundary between guest and host.
    pub per_mib_moved: f64,
}

impl Default for Prices {
    /// Fuel is what matters, and the rest is there so that it is not free.
    fn default() -> Self {
        Self { per_call: 0.001, per_gigafuel: 1.0, per_mib_second: 0.01, per_mib_moved: 0.01 }
    }
}

impl Prices {
    /// What one run of a module cost, in credits. Memory is priced as the run's peak held for all of
    /// its virtual time.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> f64 {
        const MIB: f64 = (1 << 20) as f64;
        let Self { per_call, per_gigafuel, per_mib_second, per_mib_moved } = self;
        let seconds = usage.virtual_time_ns as f64 / 1e9;
        per_call
            + per_gigafuel * usage.fuel as f64 / 1e9
            + per_mib_second * usage.peak_memory_bytes as f64 / MIB * seconds
            + per_mib_moved * usage.host_data_bytes as f64 / MIB
    }

    /// The first price that is not a finite number of at least 0, by its key.
    #[must_use]
    pub fn invalid(&self) -> Option<&'static str> {
        let Self { per_call, per_gigafuel, per_mib_second, per_mib_moved } = self;
        first_no_amount(&[
            ("per-call", *per_call),
            ("per-gigafuel", *per_gigafuel),
            ("per-mib-second", *per_mib_second),
            ("per-mib-moved", *per_mib_moved),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_priced() {
        let prices = Prices { per_call: 1.0, per_gigafuel: 10.0, per_mib_second: 100.0, per_mib_moved: 1000.0 };
        let usage = Usage {
            fuel: 500_000_000,
            peak_memory_bytes: 2 << 20,
            virtual_time_ns: 500_000_000,
            host_data_bytes: 1 << 20,
            ..Usage::default()
        };
        assert_eq!(prices.cost(&usage), 1.0 + 5.0 + 100.0 + 1000.0);
    }

    #[test]
    fn a_price_below_nothing_is_named() {
        assert_eq!(Prices { per_mib_moved: -1.0, ..Prices::default() }.invalid(), Some("per-mib-moved"));
        assert_eq!(Prices { per_call: f64::NAN, ..Prices::default() }.invalid(), Some("per-call"));
        assert_eq!(Prices::default().invalid(), None);
    }
}
