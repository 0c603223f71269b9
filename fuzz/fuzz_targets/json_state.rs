//! JSON state: what reads is unchanged by writing and reading.

#![no_main]

use holobiont::StoredRun;
use holobiont_core::Measurement;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(run) = serde_json::from_str::<StoredRun>(text) {
        let written = serde_json::to_string(&run).expect("a run is plain data");
        assert_eq!(serde_json::from_str::<StoredRun>(&written).expect("what was written"), run);
    }
    if let Ok(measurement) = serde_json::from_str::<Measurement>(text) {
        let written = serde_json::to_string(&measurement).expect("a measurement is plain data");
        assert_eq!(serde_json::from_str::<Measurement>(&written).expect("what was written"), measurement);
    }
});
