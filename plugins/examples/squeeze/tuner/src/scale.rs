//! The values of a parameter as a way from 0 to 1.

use holobiont_guest::Domain;

/// Bounds that are so far apart, one being so many times the other, are of something that is felt by its ratio: the
/// way between them is a logarithmic one.
const WIDE: f64 = 64.0;

/// How far apart the values of a parameter are.
#[derive(Clone, Debug, PartialEq)]
pub enum Scale<'a> {
    /// Numbers between two bounds.
    Way { low: f64, high: f64, whole: bool },
    /// Words, each of which is next to each other.
    Words(&'a [String]),
}

impl<'a> Scale<'a> {
    /// The scale of a domain; none for one that holds a single value at most, or any text.
    pub fn of(domain: &'a Domain) -> Option<Self> {
        let way = |low: f64, high: f64, whole| {
            (low < high && (high - low).is_finite()).then_some(Self::Way { low, high, whole })
        };
        match domain {
            Domain::Integer((low, high)) => way(*low as f64, *high as f64, true),
            Domain::Number((low, high)) => way(*low, *high, false),
            Domain::Choice(words) => (words.len() > 1).then_some(Self::Words(words)),
            Domain::Text => None,
        }
    }

    /// The values that are one step away from a value, which is a part of the whole way; none from a value that is not
    /// on it, and none where there is nothing so near. For words a step leads to all others.
    pub fn around(&self, value: &str, step: f64) -> Vec<String> {
        let mut near = match self {
            Self::Words(words) => (*words).to_vec(),
            Self::Way { low, high, .. } => {
                let Some(at) = value.parse().ok().filter(|at: &f64| (*low..=*high).contains(at)) else {
                    return Vec::new();
                };
                let at = self.place(at);
                [at - step, at + step].map(|place| self.text(self.value(place.clamp(0.0, 1.0)))).into()
            }
        };
        near.retain(|other| other != value);
        near.dedup();
        near
    }

    /// Whether the way is by ratio, and its ends on it.
    fn ends(&self) -> (bool, f64, f64) {
        match self {
            Self::Way { low, high, .. } if *low > 0.0 && high / low >= WIDE => (true, low.ln(), high.ln()),
            Self::Way { low, high, .. } => (false, *low, *high),
            Self::Words(_) => (false, 0.0, 1.0),
        }
    }

    fn place(&self, value: f64) -> f64 {
        let (by_ratio, low, high) = self.ends();
        (if by_ratio { value.ln() } else { value } - low) / (high - low)
    }

    fn value(&self, place: f64) -> f64 {
        let (by_ratio, low, high) = self.ends();
        let value = low + place * (high - low);
        if by_ratio { value.exp() } else { value }
    }

    /// A value as text, never outside of the bounds for having been rounded.
    fn text(&self, value: f64) -> String {
        match self {
            Self::Way { low, high, whole: true } => format!("{:.0}", value.round().clamp(*low, *high)),
            Self::Way { low, high, whole: false } => {
                // Six digits tell more than a measurement does.
                let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
                rounded.clamp(*low, *high).to_string()
            }
            Self::Words(_) => value.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(domain: Domain, value: &str, step: f64) -> Vec<String> {
        Scale::of(&domain).map_or_else(Vec::new, |scale| scale.around(value, step))
    }

    #[test]
    fn a_step_is_a_part_of_the_way_and_ends_at_the_bounds() {
        assert_eq!(around(Domain::Integer((0, 16)), "8", 0.25), ["4", "12"]);
        assert_eq!(around(Domain::Integer((0, 16)), "1", 0.25), ["0", "5"]);
        assert_eq!(around(Domain::Integer((0, 16)), "16", 0.25), ["12"]);
        assert_eq!(around(Domain::Number((-1.0, 1.0)), "0", 0.125), ["-0.25", "0.25"]);
        // By ratio: a quarter of twelve doublings.
        assert_eq!(around(Domain::Integer((1, 4096)), "32", 0.25), ["4", "256"]);
        assert_eq!(around(Domain::Number((0.001, 1000.0)), "1", 0.5), ["0.001", "1000"]);
    }

    #[test]
    fn a_step_smaller_than_a_whole_number_leads_nowhere() {
        assert_eq!(around(Domain::Integer((0, 16)), "8", 0.01), [""; 0]);
        assert_eq!(around(Domain::Integer((1, 2)), "1", 0.5), ["2"]);
    }

    #[test]
    fn words_are_all_next_to_each_other() {
        let words = Domain::Choice(vec!["a".into(), "b".into(), "c".into()]);
        assert_eq!(around(words.clone(), "b", 0.25), ["a", "c"]);
        assert_eq!(around(words, "what it is by default", 0.25), ["a", "b", "c"]);
    }

    #[test]
    fn what_cannot_be_tuned_is_left_alone() {
        let cases = [
            (Domain::Text, "a"),
            (Domain::Choice(vec!["a".into()]), "a"),
            (Domain::Integer((3, 3)), "3"),
            (Domain::Integer((5, 3)), "4"),
            (Domain::Number((f64::NAN, 1.0)), "0"),
            (Domain::Number((f64::NEG_INFINITY, 1.0)), "0"),
            (Domain::Number((f64::MIN, f64::MAX)), "0"),
            (Domain::Integer((0, 16)), "many"),
            (Domain::Integer((0, 16)), "17"),
            (Domain::Number((0.0, 1.0)), "NaN"),
        ];
        for (domain, value) in cases {
            assert_eq!(around(domain.clone(), value, 0.25), [""; 0], "{domain:?} {value}");
        }
        // The widest that there is: no overflow, and within its bounds.
        for value in around(Domain::Integer((i64::MIN, i64::MAX)), "0", 0.25) {
            assert!(value.parse::<i64>().is_ok(), "{value}");
        }
    }
}
