use super::*;

fn update(after: f64, cpu_usage: f64) -> Update {
    Update { after, metrics: [("cpu_usage".to_owned(), cpu_usage)].into(), ..Update::default() }
}

/// A tracker of so many cycles, whose numbers go up and down.
fn tracker(cycles: usize) -> RoiTracker {
    let mut tracker = RoiTracker::default();
    for cycle in 0..cycles {
        let wave = ((cycle * 7) % 5) as f64 / 5.0;
        tracker.record(update(wave, 1.0 - wave));
    }
    tracker
}

#[test]
fn a_state_is_signs() {
    assert_eq!(signs(&RoiTracker::default()), [0; 7]);
    let mut tracker = RoiTracker::default();
    tracker.record(update(-0.5, 0.3));
    assert_eq!(signs(&tracker), [-1, 0, 0, 0, 1, 0, 0]);
    tracker.record(update(0.5, 0.3));
    assert_eq!(signs(&tracker), [1, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn a_reward_is_growth_less_hits_and_slack() {
    let mut cycle = update(0.25, 0.6);
    // 0.25 - 0.5 * 0.4
    assert!((reward(&cycle) - 0.05).abs() < 1e-12);
    cycle.peaks.insert("a".into(), crate::Peaks::default());
    cycle.peaks.insert("b".into(), crate::Peaks { exceeded: vec![crate::LimitKind::Fuel], ..crate::Peaks::default() });
    assert!((reward(&cycle) + 0.45).abs() < 1e-12);
    assert_eq!(reward(&Update { after: 70.0, ..Update::default() }), 1.0);
    assert_eq!(reward(&Update { before: f64::NAN, ..Update::default() }), 0.0);
}

#[test]
fn learning_by_hand() {
    let mut agent = PresetAgent::new(1);
    let (here, there) = ([0; 7], [1; 7]);
    agent.learned.entry(there).or_default().add(3, 2.0);
    let last = Decided { signs: here, action: Action::CpuDown, updates: 1 };
    // At first the rate is 1: 0.5 + 0.5 * 2.
    agent.learn(last, 0.5, &there);
    assert_eq!(agent.of(&here).value(2), 1.5);
    // Then a half, of the way from 1.5 to -1 + 0.5 * 2.
    agent.learn(last, -1.0, &there);
    assert_eq!((agent.of(&here).value(2), agent.of(&here).tried(2)), (0.75, 2));
}

#[test]
fn every_action_is_tried_in_a_state_and_the_best_one_is_found() {
    let mut agent = PresetAgent::new(3);
    let signs = [0; 7];
    for _ in 0..1500 {
        let action = agent.choose(&signs);
        agent.decisions += 1;
        // One action pays, the others cost.
        let reward = if action == Action::MemoryDown { 0.4 } else { -0.2 };
        agent.learn(Decided { signs, action, updates: 0 }, reward, &signs);
    }
    let learned = agent.of(&signs);
    assert!((0..Action::VARIANTS.len()).all(|place| learned.tried(place) >= 3), "{learned:?}");
    // 0.05 of 1500 decisions are by lot; more in the first 170.
    assert!(learned.tried(Action::MemoryDown as usize) > 1200, "{learned:?}");
    // 0.4 + 0.5 * 0.4 + 0.25 * 0.4 ...
    assert!((learned.value(Action::MemoryDown as usize) - 0.8).abs() < 0.05, "{learned:?}");
}

#[test]
fn without_a_new_cycle_the_decision_stands() {
    let (mut agent, tracker) = (PresetAgent::new(5), tracker(4));
    let first = agent.advise(&tracker);
    let before = agent.clone();
    assert_eq!((agent.advise(&tracker), &agent), (first, &before));
    // A shorter tracker is another one: decided anew, and nothing learned.
    agent.advise(&self::tracker(2));
    assert_eq!((agent.decisions, agent.learned.len()), (2, 0));
    agent.turn_to_another();
    agent.advise(&self::tracker(3));
    assert_eq!(agent.learned.len(), 0);
}

#[test]
fn what_was_saved_goes_on_to_the_last_bit() {
    let mut agent = PresetAgent::new(u64::MAX - 5);
    for cycles in 1..60 {
        agent.advise(&tracker(cycles));
    }
    let mut loaded = PresetAgent::from_json(&agent.to_json().unwrap()).unwrap();
    assert_eq!(loaded, agent);
    for cycles in 60..160 {
        assert_eq!(loaded.advise(&tracker(cycles)), agent.advise(&tracker(cycles)));
    }
    assert_eq!(loaded.to_json(), agent.to_json());
}

#[test]
fn what_is_damaged_is_said() {
    let mut agent = PresetAgent::new(1);
    for cycles in 1..9 {
        agent.advise(&tracker(cycles));
    }
    let json = agent.to_json().unwrap();
    let error = |json: &str| PresetAgent::from_json(json).unwrap_err().to_string();
    assert!(error("").starts_with("the preset policy is damaged: EOF"), "{}", error(""));
    assert!(error(&json[..json.len() / 2]).contains("damaged"));
    assert!(error(&json.replace("\"seed\"", "\"sead\"")).contains("sead"));
    assert_eq!(
        error(&json.replace("policy/1", "policy/2\\u001b")),
        "the preset policy has the schema `holobiont.preset-policy/2\\u{1b}`, where this program reads \
         `holobiont.preset-policy/1`"
    );
    for state in ["0,0,0,0,0,0", "2,0,0,0,0,0,0", "+1,0,0,0,0,0,0", "0,0,0,0,0,0,0,0", "nothing"] {
        let learned = r#"{"values":[0,0,0,0,0,0,0,0,0],"tried":[0,0,0,0,0,0,0,0,0]}"#;
        let json = format!(
            r#"{{"schema":"{}","seed":1,"decisions":0,"last":null,"learned":{{"{state}":{learned}}}}}"#,
            "holobiont.preset-policy/1"
        );
        assert_eq!(PresetAgent::from_json(&json).unwrap_err(), PolicyError::State(state.to_owned()));
    }
}
