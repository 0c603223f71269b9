use super::*;

/// A policy with traces, after some steps.
fn learned() -> Policy {
    let config = PolicyConfig { strategy: Strategy::QLambda, lambda: 0.9, ..PolicyConfig::default() };
    let mut policy = Policy::new(config, u64::MAX - 3);
    let (here, there) = (state(&policy, 0.1), state(&policy, 0.9));
    policy.learn(Transition { state: here, action: Action::Run, reward: 1.0 / 3.0, next: Some((there, Action::Skip)) });
    policy
}

fn error(json: &str) -> String {
    Policy::from_json(json, PolicyConfig::default()).unwrap_err().to_string()
}

#[test]
fn a_document_holds_all_that_goes_on() {
    assert_eq!(
        learned().to_json().unwrap(),
        r#"{"schema":"holobiont.policy/1","seed":18446744073709551612,"decisions":0,"module-buckets":64,"learned":[{"state":"roi-gain=3","actions":{"values":[0.0,0.0,0.3333333333333333,0.0],"tried":[0,0,1,0]}}],"traces":[{"state":"roi-gain=3","action":"run","share":0.81}],"led-to":{"state":"roi-gain=4","action":"skip"}}"#
    );
    let nothing = Policy::new(PolicyConfig::default(), 0);
    assert_eq!(Policy::from_json(&nothing.to_json().unwrap(), PolicyConfig::default()), Ok(nothing));
}

#[test]
fn what_is_damaged_is_said() {
    let json = learned().to_json().unwrap();
    let swapped = |from: &str, to: &str| {
        assert!(json.contains(from), "{from}");
        error(&json.replace(from, to))
    };
    assert_eq!(error(""), "the policy is damaged: line 1: EOF while parsing a value");
    assert!(error(&json[..json.len() / 2]).contains("damaged"));
    assert!(error("{}").contains("missing field `schema`"));
    assert_eq!(
        swapped("policy/1", "policy/2\\u001b"),
        "the policy has the schema `holobiont.policy/2\\u{1b}`, where this program reads `holobiont.policy/1`"
    );
    assert_eq!(
        swapped("\"module-buckets\":64", "\"module-buckets\":32"),
        "the policy was learned with module-buckets = 32, not 64: set that again, or delete the policy"
    );
    assert!(swapped("decisions", "decision").contains("did you mean `decisions`?"));
    assert!(swapped("\"roi-gain=4\"", "\"roi-gain=9\\u001b\"").contains("`roi-gain=9\\u{1b}` is no state of a policy"));
    assert!(swapped("0.3333333333333333", "1e999").contains("number out of range"));
    assert!(swapped("0.0,0.0,0.3333333333333333", "0.3333333333333333").contains("invalid length 2"));
    assert!(swapped("0.81", "1.5").contains("a trace of 1.5"));
    assert!(swapped("0.81", "-0.0").contains("a trace of -0"));
    assert!(swapped("\"run\"", "\"walk\"").contains("walk"));
    let traced = r#"[{"state":"roi-gain=3","action""#;
    assert!(swapped(traced, &traced.replace('3', "2")).contains("`roi-gain=2` has a trace"));
    let entry = r#"{"state":"roi-gain=3","actions":{"values":[0.0,0.0,0.3333333333333333,0.0],"tried":[0,0,1,0]}}"#;
    assert!(swapped(entry, &format!("{entry},{entry}")).contains("the state `roi-gain=3` is there twice"));
    let other = entry.replace("roi-gain=3", "module=64:1");
    assert!(swapped(entry, &format!("{entry},{other}")).contains("`module=64:1` has none of its 64 buckets"));
}

#[test]
fn settings_may_change_between_runs() {
    let json = learned().to_json().unwrap();
    let here = state(&learned(), 0.1);
    // A lower bound.
    let low = PolicyConfig { reward_bound: 0.01, ..PolicyConfig::default() };
    let policy = Policy::from_json(&json, low).unwrap();
    assert!((policy.value(&here) - 0.1).abs() < 1e-12);
    // A strategy without traces, which are then forgotten: only what was last done is corrected.
    let mut policy = Policy::from_json(&json, PolicyConfig::default()).unwrap();
    policy.learn(ended(state(&policy, 0.9), Action::Skip, 1.0));
    assert_eq!(policy.value(&here), 1.0 / 3.0);
}
