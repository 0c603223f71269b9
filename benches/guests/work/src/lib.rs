//! The work that all guests of the benchmarks do, so that only the sandboxes differ.

use serde::{Deserialize, Serialize};

/// What comes in: measurements of some stations.
#[derive(Deserialize)]
struct Reading<'a> {
    station: &'a str,
    day: u32,
    celsius: f64,
    rain: Vec<u32>,
}

/// What goes out.
#[derive(Serialize)]
struct Summary<'a> {
    station: &'a str,
    day: u32,
    kelvin: f64,
    rain: u32,
    wettest: Option<usize>,
}

/// Nothing for nothing, which is the empty call; else one summary for each reading.
///
/// # Errors
///
/// The parser's words for an input that is no list of readings.
pub fn work(input: &[u8]) -> Result<Vec<u8>, String> {
    if input.is_empty() {
        return Ok(Vec::new());
    }
    let mut readings: Vec<Reading<'_>> = serde_json::from_slice(input).map_err(|e| e.to_string())?;
    readings.sort_by(|a, b| a.station.cmp(b.station).then(b.day.cmp(&a.day)));
    let summaries: Vec<_> = readings
        .iter()
        .map(|Reading { station, day, celsius, rain }| Summary {
            station,
            day: *day,
            kelvin: celsius + 273.15,
            rain: rain.iter().sum(),
            wettest: rain.iter().enumerate().max_by_key(|(_, rain)| **rain).map(|(hour, _)| hour),
        })
        .collect();
    serde_json::to_vec(&summaries).map_err(|e| e.to_string())
}

/// An input of about 1 KiB.
#[must_use]
pub fn input() -> Vec<u8> {
    let readings: Vec<String> = (0..13)
        .map(|i: u32| {
            let rain: Vec<String> = (0..8).map(|hour| ((i * 7 + hour * 5) % 11).to_string()).collect();
            format!(
                r#"{{"station":"{}{}","day":{},"celsius":{}.25,"rain":[{}]}}"#,
                ["ridge", "valley", "coast"][(i % 3) as usize],
                i * 5 % 7,
                100 + i,
                i * 3 % 29,
                rain.join(","),
            )
        })
        .collect();
    format!("[{}]", readings.join(",")).into_bytes()
}
