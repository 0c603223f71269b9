//! What a preset says is in force, and what was measured is what it goes by.

use std::fs;

use holobiont::{Adapted, History, MemoryStore, PresetAdapted, Project, SqliteStore};
use holobiont_core::{Arm, ArmReport, Environment, Key, LimitKind, Role};

use super::lab::{Lab, SAVED, beside, nominal};
use super::modules::{Shaper, TOIL, example};

fn pair(presets: &str) -> Lab {
    let steps = [("a", 1), ("b", 2)].map(|(name, cuts)| (name, Shaper { toils: TOIL, ..Shaper::cuts(cuts) }.wasm()));
    let mut lab = Lab::new(&steps, SAVED).inputs(8);
    lab.write("holobiont.toml", presets.as_bytes());
    lab.project = Project::find(&lab.path("."), None, &|_| None).expect("a project");
    lab
}

fn combined(lab: &Lab, scenarios: &[holobiont_core::Scenario]) -> ArmReport {
    let answer = lab.ask(&MemoryStore::default(), scenarios);
    answer.assessment.arms.into_iter().find(|report| report.arm == Arm::Combined).expect("an arm")
}

fn under(keys: &str) -> Lab {
    pair(&format!("[run]\npreset = \"mine\"\n[presets.mine]\n{keys}\n"))
}

#[test]
fn every_key_shows_in_what_is_measured() {
    let calm = combined(&pair(""), &nominal());
    let metric = |keys: &str, name: &str| combined(&under(keys), &nominal()).metrics[name];
    let wait = calm.metrics["network_latency"];
    assert!(metric("NETWORK_LATENCY_MS = 50", "network_latency") > wait + 100.0);
    assert_ne!(metric("NETWORK_LATENCY_MS = 50\nNETWORK_JITTER_MS = 20", "network_latency"), wait + 200.0);
    assert!(metric("PACKET_LOSS = 0.5", "network_latency") > wait + 100.0);
    assert!(metric("MIN_BANDWIDTH = 1\nMAX_BANDWIDTH = 1", "network_latency") > wait);
    assert!(metric("BANDWIDTH_LIMIT = 1", "network_latency") > wait);
    assert!(metric("PACKET_DUPLICATION = 1", "energy_consumption") > calm.metrics["energy_consumption"]);
    assert_eq!(metric("CPU_LIMIT = \"0.5\"", "cpu_usage"), calm.metrics["cpu_usage"] * 2.0);
    assert_eq!(metric("MEMORY_LIMIT = \"32Mi\"", "memory_usage"), calm.metrics["memory_usage"] * 2.0);
    assert_eq!(metric("CONCURRENCY_LEVEL = 8", "memory_usage"), calm.metrics["memory_usage"] * 8.0);
    assert_eq!(metric("TIMEOUT = 0.0000001", "reliability"), 0.0);
}

#[test]
fn a_threat_is_a_scenario_of_its_own() {
    let calm = combined(&pair(""), &nominal());
    let keys = "THREAT_INTENSITY = 90\nFAILURE_MODES = [\"disk_corruption\"]\nINPUT_CLASSES = \"empty\"";
    let threatened = combined(&under(keys), &nominal());
    assert_eq!(threatened.metrics["revenue"], calm.metrics["revenue"], "money is counted undisturbed");
    let scenario = threatened.scenarios.iter().find(|result| result.role == Role::Stressed).expect("one more");
    assert_eq!((scenario.scenario.as_str(), scenario.threat_intensity), ("preset-mine", 0.9));
    assert!(scenario.mean_value < calm.metrics["revenue"], "empty inputs cannot be made smaller");
}

#[test]
fn a_level_of_security_takes_grants_and_has_incidents_count_more() {
    let mut lab = Lab::new(&[("a", Shaper::cuts(1).wasm()), ("b", example("squeeze_mtf"))], SAVED).inputs(8);
    let rating = |lab: &mut Lab, level: &str| {
        lab.write("holobiont.toml", format!("[presets.standard]\nCPU_LIMIT = \"0.000001\"\n{level}").as_bytes());
        lab.project = Project::find(&lab.path("."), None, &|_| None).expect("a project");
        combined(lab, &nominal()).metrics["safety_rating"]
    };
    let (lax, strict) = (rating(&mut lab, ""), rating(&mut lab, "SECURITY_LEVEL = 5"));
    assert!(lax < 100.0 && strict < lax, "{lax} {strict}");
    let digest = holobiont_core::Digest::of(&Shaper::cuts(1).wasm());
    let granted = |level: u8| {
        let text =
            format!("[grants.\"{digest}\"]\nenv = {{ A = \"1\" }}\n[presets.standard]\nSECURITY_LEVEL = {level}\n");
        lab.write("holobiont.toml", text.as_bytes());
        let project = Project::find(&lab.path("."), None, &|_| None).expect("a project");
        project.grants_of(&digest).env.len()
    };
    assert_eq!([1, 2, 3, 5].map(granted), [1, 1, 0, 0]);
}

#[test]
fn limits_go_towards_what_was_used_and_the_next_runs_use_them() {
    let mut lab = pair("");
    let store = SqliteStore::open(&lab.path("sandbox_data/holobiont.db")).expect("a store");
    let (mut limits, mut moved) = (Vec::new(), 0);
    for _ in 0..9 {
        lab.ask(&store, &beside(&["classes"]));
        let history = History::of(&store, "tiny").expect("it reads");
        let (adapted, presets) = PresetAdapted::of(&lab.project, &history, &lab.modules(), "standard").expect("done");
        adapted.keep(&lab.project, &store, "tiny", &presets).expect("kept");
        moved += usize::from(!adapted.moves.is_empty());
        for step in adapted.moves.iter().filter(|step| [Key::CpuLimit, Key::MemoryLimit].contains(&step.key)) {
            assert!(step.to < step.from && !step.because.is_empty(), "{step:?}");
        }
        lab.project = Project::find(&lab.path("."), None, &|_| None).expect("a project");
        limits.push(lab.project.settings.limits().expect("chosen"));
    }
    let peaks = &History::of(&store, "tiny").expect("it reads").cycles[0].measured.update.peaks;
    let (fuel, memory) = peaks.values().fold((0, 0), |(f, m), peak| (f.max(peak.fuel), m.max(peak.memory_bytes)));
    let last = limits.last().expect("nine");
    assert!(last.fuel >= fuel && last.fuel < 1_000_000_000 / 50, "{} of {fuel}", last.fuel);
    assert!(last.memory_bytes >= memory && last.memory_bytes < (64 << 20) / 50, "{} of {memory}", last.memory_bytes);
    assert!(limits.is_sorted_by(|a, b| a.fuel >= b.fuel && a.memory_bytes >= b.memory_bytes));
    let answer = lab.ask(&store, &nominal());
    let alive = answer.assessment.arms.iter().all(|report| report.metrics["reliability"] == 1.0);
    assert!(alive, "what worked goes on working");
    assert_eq!(History::adapted(&store, "tiny").expect("it reads").len(), moved);
}

#[test]
fn an_agent_that_is_asked_learns_and_is_kept() {
    let mut lab = pair("[adapt]\nagent = true\n");
    let store = SqliteStore::open(&lab.path("sandbox_data/holobiont.db")).expect("a store");
    let mut decisions = Vec::new();
    for seed in 0..3 {
        lab.project.settings.choose_seed(seed, "--seed");
        lab.ask(&store, &nominal());
        let history = History::of(&store, "tiny").expect("it reads");
        let (adapted, presets) = PresetAdapted::of(&lab.project, &history, &lab.modules(), "standard").expect("done");
        adapted.keep(&lab.project, &store, "tiny", &presets).expect("kept");
        lab.project = Project::find(&lab.path("."), None, &|_| None).expect("a project");
        let kept = Adapted::read(&lab.project.presets_file()).expect("it reads").policy.expect("a policy");
        decisions.push(kept["decisions"].as_u64().expect("a number"));
    }
    assert_eq!(decisions, [1, 2, 3]);
}

#[test]
fn a_limit_that_is_hit_goes_up_again() {
    let mut lab = pair("[presets.standard]\nCPU_LIMIT = \"0.00001\"\n");
    let store = MemoryStore::default();
    lab.ask(&store, &nominal());
    let history = History::of(&store, "tiny").expect("it reads");
    let hit = |peaks: &holobiont_core::Peaks| peaks.exceeded == [LimitKind::Fuel];
    assert!(history.cycles[0].measured.update.peaks.values().any(hit));
    let (adapted, presets) = PresetAdapted::of(&lab.project, &history, &lab.modules(), "standard").expect("done");
    let step = adapted.moves.iter().find(|step| step.key == Key::CpuLimit).expect("a move");
    assert!(step.to > step.from && step.because.contains("ended by the limit"), "{step:?}");
    // Asked again on the same evidence, nothing moves.
    adapted.keep(&lab.project, &store, "tiny", &presets).expect("kept");
    lab.project = Project::find(&lab.path("."), None, &|_| None).expect("a project");
    let (again, _) = PresetAdapted::of(&lab.project, &history, &lab.modules(), "standard").expect("done");
    assert!(again.moves.is_empty());
}

#[test]
fn a_file_of_presets_that_is_wrong_is_named_and_left_alone() {
    let lab = pair("");
    let wrong = |text: &str| {
        lab.write("sandbox_data/presets.json", text.as_bytes());
        let said = Project::find(&lab.path("."), None, &|_| None).expect_err("refused").to_string();
        assert_eq!(fs::read_to_string(lab.project.presets_file()).expect("still there"), text);
        said
    };
    for (text, words) in [
        ("", "EOF"),
        (r#"{"schema": "holobiont.presets/2", "presets": []}"#, "holobiont.presets/2"),
        (r#"{"schema": "holobiont.presets/1", "presets": [{"CPU_LIMIT": "1"}]}"#, "SCENARIO_NAME"),
        (r#"{"schema": "holobiont.presets/1", "presets": [{"SCENARIO_NAME": "a", "CPU_LIMT": "1"}]}"#, "CPU_LIMIT"),
        (r#"{"schema": "holobiont.presets/1", "presets": [], "extra": 1}"#, "extra"),
    ] {
        let said = wrong(text);
        assert!(said.contains(words) && said.contains("presets.json") && !said.contains('\n'), "{said}");
    }
    let mut adapted = Adapted::default();
    let mut named = Environment::default();
    named.name = Some("mine".to_owned());
    named.set(Key::CpuLimit, 0.25);
    adapted.put(named);
    adapted.keep(&lab.project.presets_file()).expect("written");
    let project = Project::find(&lab.path("."), None, &|_| None).expect("a project");
    assert_eq!(project.settings.preset_named("mine").expect("there").limits.fuel, 250_000_000);
}
