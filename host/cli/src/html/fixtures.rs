//! Assessments to try the page on. The numbers are made up, though they hang together.

use std::collections::BTreeMap;

use holobiont_core::stats::Proportion;
use holobiont_core::{
    Arm, ArmReport, Assessment, Calibration, Combination, Direction, METRICS, MetricSet, ModuleId, PairInteraction,
    ScenarioResult, SynergyValue, Verdict, interaction, synergy,
};

use super::About;

/// Something to say about a page.
pub(crate) fn about() -> About {
    About {
        preset: "default".to_owned(),
        seed: "42".to_owned(),
        engine: "wasmtime 48, fuel, epoch, x86_64".to_owned(),
        versions: vec![("holobiont".to_owned(), "0.1.0".to_owned()), ("schema".to_owned(), "1".to_owned())],
    }
}

/// What an assessment is made from: everything else follows from it.
pub(crate) struct Recipe {
    pub(crate) modules: Vec<String>,
    pub(crate) inputs: Vec<String>,
    pub(crate) scenarios: Vec<(&'static str, f64)>,
    pub(crate) revenue: Vec<f64>,
    pub(crate) together: f64,
    pub(crate) scale: f64,
    pub(crate) intervals: bool,
}

/// A number from 0 to 1 that looks random and is not.
fn noise(seed: usize) -> f64 {
    (seed as f64 * 12.9898).sin().mul_add(43_758.545, 0.5).rem_euclid(1.0)
}

impl Recipe {
    /// Makes the assessment.
    pub(crate) fn make(&self) -> Assessment {
        let group: Vec<ModuleId> = self.modules.iter().map(|path| ModuleId::new(path).expect("a valid id")).collect();
        let arms: Vec<ArmReport> =
            Arm::of_group(&group).into_iter().enumerate().map(|(index, arm)| self.arm(index, arm, &group)).collect();
        let metrics: Vec<MetricSet> = arms.iter().map(|report| report.metrics.clone()).collect();
        let (empty, rest) = metrics.split_first().expect("arms");
        let (combined, solos) = rest.split_last().expect("arms");
        let gained = synergy(solos, combined);
        Assessment {
            workflow: "squeeze".to_owned(),
            unit: "bytes saved".to_owned(),
            inputs: self.inputs.clone(),
            scenarios: self.scenarios.iter().map(|(name, _)| (*name).to_owned()).collect(),
            synergy: METRICS.iter().map(|metric| (metric.name.to_owned(), self.synergy(&gained, metric))).collect(),
            interaction: interaction(solos, combined, empty),
            shapley: shapley(&group, empty, solos, combined),
            pairs: self.pairs(&group),
            revenue_by_input: (0..self.inputs.len())
                .map(|input| gained["revenue"] * (0.2 + 1.6 * noise(input + 3)) - self.scale * 0.01)
                .collect(),
            verdict: Verdict {
                passed: true,
                enough_data: true,
                reasons: vec!["The interval of the synergy of revenue lies above 0.".to_owned()],
            },
            calibration: Some(Calibration {
                false_positives: Proportion { share: 0.031, low: 0.022, high: 0.044 },
                target: 0.05,
                inputs: self.inputs.len(),
            }),
            combination: Combination::Chain,
            arms,
            group,
        }
    }

    fn arm(&self, index: usize, arm: Arm, group: &[ModuleId]) -> ArmReport {
        let inputs = self.inputs.len() as f64;
        let (revenue, work) = match &arm {
            Arm::Empty => (0.0, 0.0),
            Arm::Solo(_) => (self.revenue[index - 1], 0.3 + noise(index)),
            Arm::Combined => (self.together, 1.9 + group.len() as f64 * 0.1),
        };
        let revenue = revenue * self.scale;
        let cost = work * 0.06 * self.scale;
        let scenario = |(order, (name, intensity)): (usize, &(&str, f64))| ScenarioResult {
            scenario: (*name).to_owned(),
            threat_intensity: *intensity,
            mean_value: revenue * (1.0 - intensity * (0.3 + 0.5 * noise(index * 7 + order))),
            completed: 1.0 - intensity * 0.4,
        };
        let cpu = work * 0.012;
        let roi = if cost > 0.0 { (revenue - cost) / cost } else { 0.0 };
        let memory = if work > 0.0 { 0.02 + work * 0.01 } else { 0.0 };
        ArmReport {
            modules: group.iter().filter(|module| arm.includes(module)).cloned().collect(),
            metrics: MetricSet::from_iter(METRICS.iter().enumerate().map(|(place, metric)| {
                let value = match metric.name {
                    "revenue" => revenue,
                    "roi" => roi,
                    "efficiency" => 1.0 - (cpu + memory) / 2.0,
                    "cpu_usage" => cpu,
                    "memory_usage" => memory,
                    _ => work * noise(place) * 10.0,
                };
                (metric.name, value)
            })),
            units: revenue * 1e5,
            value: revenue * inputs,
            cost: cost * inputs,
            fuel: (work * 3.1e7 * inputs) as u64,
            peak_memory_bytes: (memory * 64.0 * 1_048_576.0) as u64,
            scenarios: self.scenarios.iter().enumerate().map(scenario).collect(),
            troubles: Vec::new(),
            arm,
        }
    }

    fn synergy(&self, gained: &MetricSet, metric: &holobiont_core::Metric) -> SynergyValue {
        let value = gained[metric.name];
        let half = value.abs() * (0.2 + 1.2 * noise(metric.name.len()));
        SynergyValue {
            value,
            low: self.intervals.then_some(value - half),
            high: self.intervals.then_some(value + half * 0.8),
            direction: metric.direction,
        }
    }

    fn pairs(&self, group: &[ModuleId]) -> Vec<PairInteraction> {
        let mut pairs = Vec::new();
        for (later, other) in group.iter().enumerate() {
            for (earlier, one) in group[..later].iter().enumerate() {
                let value = (noise(later * 13 + earlier) - 0.4) * self.scale * 0.2;
                let metrics = MetricSet::from_iter([("revenue", value)]);
                pairs.push(PairInteraction { pair: [one.clone(), other.clone()], metrics });
            }
        }
        pairs
    }
}

/// Shares that add up: what each does alone, and an equal part of the rest.
fn shapley(
    group: &[ModuleId],
    empty: &MetricSet,
    solos: &[MetricSet],
    combined: &MetricSet,
) -> BTreeMap<ModuleId, MetricSet> {
    let share = |solo: &MetricSet| {
        MetricSet::from_iter(combined.iter().map(|(name, together)| {
            let alone: f64 = solos.iter().map(|solo| solo[name] - empty[name]).sum();
            let rest = (together - empty[name] - alone) / solos.len() as f64;
            (name, solo[name] - empty[name] + rest)
        }))
    };
    group.iter().cloned().zip(solos.iter().map(share)).collect()
}

/// The scenarios that there are by default.
pub(crate) const SCENARIOS: [(&str, f64); 6] =
    [("nominal", 0.0), ("slow-network", 0.2), ("crowded", 0.4), ("tight", 0.6), ("faulty", 0.8), ("hostile", 1.0)];

fn paths(folder: &str, names: &[&str], ending: &str) -> Vec<String> {
    names.iter().map(|name| format!("{folder}/{name}{ending}")).collect()
}

/// Three modules, as in the demo.
pub(crate) fn squeeze() -> Assessment {
    let inputs = ["access.log", "dna.txt", "english.txt", "matrix.csv", "random.bin", "source.c", "table.json"];
    Recipe {
        modules: paths("plugins/target/release", &["squeeze_bwt", "squeeze_mtf", "squeeze_huffman"], ".wasm"),
        inputs: paths("plugins/examples/squeeze/inputs/data", &inputs, ""),
        scenarios: SCENARIOS.to_vec(),
        revenue: vec![0.0, -0.011, 0.243],
        together: 0.313,
        scale: 1.0,
        intervals: true,
    }
    .make()
}

/// Twelve modules and twenty inputs.
pub(crate) fn crowd() -> Assessment {
    let names = [
        "records_abbreviations",
        "records_normalise",
        "records_phonetic",
        "records_blocking",
        "records_matching",
        "records_a_very_long_name_that_somebody_gave_to_a_module_without_thinking",
        "dedupe",
        "geo",
        "mail",
        "phone",
        "age",
        "zip",
    ];
    let inputs: Vec<String> = (0..20).map(|index| format!("data/part-{index:02}.csv")).collect();
    let mut made = Recipe {
        modules: paths("plugins/records", &names, ".wasm"),
        inputs,
        scenarios: SCENARIOS.to_vec(),
        revenue: (0..12).map(|index| 0.1 + 0.5 * noise(index + 40)).collect(),
        together: 0.55,
        scale: 1.0,
        intervals: true,
    }
    .make();
    made.verdict = Verdict {
        passed: false,
        enough_data: true,
        reasons: vec!["The group is worth no more than its best member.".to_owned()],
    };
    made.arms[3].troubles = vec![
        ("data/part-03.csv".to_owned(), "trap: module \"records_phonetic\" unreachable code was reached".to_owned()),
        (
            "data/part-07.csv".to_owned(),
            "fuel: module \"records_phonetic\" used 1,000,000,000 of 1,000,000,000".to_owned(),
        ),
    ];
    made
}

/// Nothing is worth anything, nothing is known, and names are unkind.
pub(crate) fn degenerate() -> Assessment {
    let mut made = Recipe {
        modules: vec!["<script>alert(1)</script>&\"'.wasm".to_owned(), "b/<script>alert(1)<!--/שלום.wasm".to_owned()],
        inputs: vec!["in/<img src=x onerror=alert(1)>.txt".to_owned(), "in/b\u{202e}\u{0}.txt".to_owned()],
        scenarios: vec![("nominal", 0.0)],
        revenue: vec![0.0, 0.0],
        together: 0.0,
        scale: 0.0,
        intervals: false,
    }
    .make();
    made.workflow = "</title><script>alert(1)</script>".to_owned();
    made.unit = "<b>points</b>".to_owned();
    made.verdict =
        Verdict { passed: false, enough_data: false, reasons: vec!["2 inputs, at least 8 <needed>.".to_owned()] };
    made.calibration = None;
    made.arms[1].troubles = vec![(made.inputs[0].clone(), "rejected: <style>*{display:none}</style>".to_owned())];
    made
}

/// Numbers at the ends of what there is, negative ones, and two hundred inputs.
pub(crate) fn extreme(scale: f64) -> Assessment {
    let mut made = Recipe {
        modules: paths("m", &["one", "two", "three", "four"], ".wasm"),
        inputs: (0..200).map(|index| format!("in/{index}")).collect(),
        scenarios: vec![("nominal", 0.0), ("again", 0.0)],
        revenue: vec![-3.0, 2.0, -1e-6, 1e3],
        together: -7.0,
        scale,
        intervals: true,
    }
    .make();
    made.synergy.insert(
        "unheard_of".to_owned(),
        SynergyValue { value: scale, low: Some(-scale), high: Some(scale * 1e3), direction: Direction::Neutral },
    );
    made
}
