//! A history that somebody gives: a JSON list of decisions.

use std::collections::BTreeMap;

use holobiont_core::{WEIGHTS, WeightedMetric, nearest, printable};
use holobiont_learn::Decision;
use serde::Deserialize;

/// Why a text is no history.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GivenError {
    /// It is no such list.
    #[error("{}", printable(&.0.to_string()))]
    Syntax(serde_json::Error),
    /// A decision of it cannot be.
    #[error("decision {number}: {what}")]
    Decision {
        /// Which one, from 1.
        number: usize,
        /// What is wrong.
        what: String,
    },
}

/// A decision as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with groups, chosen and reward")]
struct Given {
    /// The synergies of each group by their names; those that are left out are 0.
    groups: Vec<BTreeMap<String, f64>>,
    /// The place of the one that was integrated, from 0.
    #[serde(default)]
    chosen: usize,
    reward: f64,
}

/// The decisions of a JSON list, oldest first: each an object with `groups`, a list of objects from the name of a synergy to
/// its size in standard deviations, `chosen`, the place of the group that was integrated (from 0, which it is where it is left
/// out), and `reward`, the change of the return that was realised.
///
/// # Errors
///
/// [`GivenError`] for the first mistake.
pub fn read_decisions(text: &str) -> Result<Vec<Decision>, GivenError> {
    let given: Vec<Given> = serde_json::from_str(text).map_err(GivenError::Syntax)?;
    given.into_iter().enumerate().map(|(place, given)| decision(place + 1, given)).collect()
}

fn decision(number: usize, given: Given) -> Result<Decision, GivenError> {
    let wrong = |what: String| GivenError::Decision { number, what };
    let Given { groups, chosen, reward } = given;
    if chosen >= groups.len() {
        return Err(wrong(format!("chosen is {chosen}, but there are {} groups, from 0", groups.len())));
    }
    let mut read = Vec::new();
    for group in groups {
        let mut synergies = [0.0; WEIGHTS];
        for (name, value) in group {
            let Ok(metric) = name.parse::<WeightedMetric>() else {
                let names = || WeightedMetric::ALL.iter().map(ToString::to_string).collect::<Vec<_>>();
                let all = names();
                let remedy = match nearest(&name, all.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", all.join(", ")),
                };
                return Err(wrong(format!("no synergy `{}` has a weight: {remedy}", printable(&name))));
            };
            synergies[metric as usize] = value;
        }
        read.push(synergies);
    }
    Ok(Decision { groups: read, chosen, reward })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_mistakes_are_named() {
        let read = read_decisions(r#"[{"groups": [{"roi": 1.5}, {"throughput": -1}], "chosen": 1, "reward": 0.2}]"#);
        let decisions = read.expect("a history");
        assert_eq!((decisions[0].groups[0][0], decisions[0].groups[1][6], decisions[0].chosen), (1.5, -1.0, 1));
        let say = |text: &str| read_decisions(text).expect_err("wrong").to_string();
        assert_eq!(say(r#"[{"groups": [], "reward": 1}]"#), "decision 1: chosen is 0, but there are 0 groups, from 0");
        assert!(say(r#"[{"groups": [{"effciency": 1}], "reward": 1}]"#).ends_with("did you mean `efficiency`?"));
        assert!(say(r#"[{"groups": [{}]}]"#).starts_with("missing field `reward`"));
        assert!(say("{}").contains("expected a sequence"));
    }
}
