use super::*;

const KINDS: [LearnerKind; 4] = [LearnerKind::Dqn, LearnerKind::DoubleDqn, LearnerKind::Sac, LearnerKind::Td3];
const RATE: f64 = 0.1;

fn learner(kind: LearnerKind) -> NeuralLearner {
    NeuralLearner::new(kind, SynergyWeights::default(), RATE, 3)
}

fn told(learner: &mut NeuralLearner, synergy: f64, reward: f64, goes_on: bool) {
    let seen = Seen { groups: vec![[synergy; WEIGHTS]] };
    let next = goes_on.then(|| seen.clone());
    learner.tell(&seen, &Outcome { chosen: [synergy; WEIGHTS], reward, next });
}

/// What the agent has been told of its last action, without its states.
fn remembered(learner: &NeuralLearner) -> (usize, f64, f64) {
    let batch = match &learner.agent {
        Agent::Dqn(agent) => agent.newest(),
        Agent::Td3(agent) => agent.newest(),
        Agent::Sac(agent) => agent.newest(),
    };
    batch.map_or((0, 0.0, 0.0), |(count, row)| (count, row[row.len() - STATES - 2], row[row.len() - 1]))
}

#[test]
fn a_choice_moves_one_weight_by_the_rate_or_none() {
    for kind in [LearnerKind::Dqn, LearnerKind::DoubleDqn] {
        let mut learner = learner(kind);
        let mut seen = [0; 15];
        for _ in 0..300 {
            let before = learner.memory.weights;
            told(&mut learner, 1.0, 1.0, true);
            let (_, action) = learner.memory.open.clone().unwrap();
            let action = action[0] as usize;
            seen[action] += 1;
            for (place, (after, before)) in learner.memory.weights.iter().zip(before).enumerate() {
                let by = if action == place + 1 {
                    RATE
                } else if action == place + 1 + WEIGHTS {
                    -RATE
                } else {
                    0.0
                };
                assert!((after - (before + by).clamp(0.0, 10.0)).abs() < 1e-12, "{action}");
            }
        }
        let some = |actions: &[u32]| actions.iter().any(|count| *count > 0);
        assert!(some(&seen[..1]) && some(&seen[1..=WEIGHTS]) && some(&seen[1 + WEIGHTS..]), "{seen:?}");
    }
}

#[test]
fn an_action_is_told_what_the_next_group_brought() {
    for kind in KINDS {
        let mut learner = learner(kind);
        told(&mut learner, 1.0, 2.0, true);
        assert_eq!(remembered(&learner), (0, 0.0, 0.0), "nothing was done before");
        // A usual reward is (2 + 4) / 2 by then.
        told(&mut learner, 1.0, -4.0, true);
        assert_eq!(remembered(&learner), (1, -4.0 / 3.0, 0.0));
        told(&mut learner, 1.0, 3.0, false);
        assert_eq!(remembered(&learner), (2, 1.0, 1.0), "nothing follows");
        let mut values = learner.weights().values();
        values[2] = 7.0;
        learner.set_weights(SynergyWeights::new(values).unwrap());
        told(&mut learner, 1.0, 3.0, true);
        assert_eq!(remembered(&learner).0, 2, "it was not the agent that set the weights");
        // One reward out of all proportion counts as a large one.
        for _ in 0..10 {
            told(&mut learner, 1.0, 3.0, true);
        }
        told(&mut learner, 1.0, -1e9, true);
        assert_eq!(remembered(&learner), (13, -MOST_REWARD, 0.0));
    }
}

#[test]
fn one_weight_that_pays_is_raised() {
    for kind in KINDS {
        let mut learner = learner(kind);
        // What comes is what the weights promise of a group whose second synergy alone pays.
        for _ in 0..600 {
            let reward = learner.score(&[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
            told(&mut learner, 1.0, reward, true);
        }
        let values = learner.weights().values();
        assert!(values[1] > 2.0, "{kind}: {values:?}");
    }
}

#[test]
fn files_of_other_learners_are_refused() {
    for kind in KINDS {
        let Ok(Saved::Safetensors(bytes)) = learner(kind).save() else { panic!("a file") };
        let again = NeuralLearner::restore(&bytes, RATE).unwrap();
        assert_eq!((again.kind(), &again.memory), (kind, &learner(kind).memory));
        let text = String::from_utf8_lossy(&bytes);
        let other = if kind == LearnerKind::Sac { "td3" } else { "sac" };
        let own = format!("\\\"kind\\\":\\\"{kind}\\\"");
        assert!(text.contains(&own));
        if kind.to_string().len() == other.len() {
            let at = bytes.windows(own.len()).position(|window| window == own.as_bytes()).unwrap();
            let mut changed = bytes.clone();
            changed[at..at + own.len()].copy_from_slice(own.replace(&kind.to_string(), other).as_bytes());
            assert!(NeuralLearner::restore(&changed, RATE).unwrap_err().to_string().contains("no learner"));
        }
    }
}

/// One wrong byte makes another learner or an error, never an end of the program.
#[test]
fn damaged_files_do_no_harm() {
    for kind in KINDS {
        let mut whole = learner(kind);
        for step in 0..40 {
            told(&mut whole, 1.0, f64::from(step % 3), step % 5 != 0);
        }
        let Ok(Saved::Safetensors(bytes)) = whole.save() else { panic!("a file") };
        for place in (0..5000).step_by(29).chain((5000..bytes.len()).step_by(1009)) {
            let mut bytes = bytes.clone();
            bytes[place] ^= 0x11;
            if let Ok(mut learner) = NeuralLearner::restore(&bytes, RATE) {
                told(&mut learner, 1.0, 1.0, true);
                told(&mut learner, 1.0, -1.0, true);
            }
        }
    }
}
