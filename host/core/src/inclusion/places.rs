//! Where in a workflow a module's types let it go.

use serde::{Deserialize, Serialize};

/// What a module says that it takes and gives back, as media types.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Types {
    /// What it accepts, a range such as `text/*` among it; empty for anything.
    #[serde(default)]
    pub accepts: Vec<String>,
    /// What it emits; none for what it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emits: Option<String>,
}

impl Types {
    /// Whether it takes something of a media type. Letter case and what follows a `;` do not count (RFC 9110, sections
    /// 8.3.1 and 12.5.1).
    #[must_use]
    pub fn takes(&self, media_type: &str) -> bool {
        let given = essence(media_type);
        let is_in = |range: &String| {
            let range = essence(range);
            range == given
                || range == "*/*"
                || range.strip_suffix("/*").is_some_and(|kind| given.split('/').next() == Some(kind))
        };
        self.accepts.is_empty() || self.accepts.iter().any(is_in)
    }

    /// Whether it takes what comes to it, of which nobody may know what it is.
    fn may_take(&self, given: Option<&str>) -> bool {
        given.is_none_or(|given| self.takes(given))
    }

    /// What it makes of what comes to it.
    fn makes<'a>(&'a self, given: Option<&'a str>) -> Option<&'a str> {
        self.emits.as_deref().or(given)
    }

    /// The places among the steps of a workflow at which it takes what comes to it, and the step after it takes what it
    /// gives: 0 is before the first step, their number after the last. A step that does not take what comes to it
    /// today is no worse off. Inputs that are called nothing better than bytes may be anything; what a step calls so is
    /// bytes.
    #[must_use]
    pub fn places(&self, media_type: &str, steps: &[Self]) -> Vec<usize> {
        let mut coming = vec![Some(media_type).filter(|media_type| essence(media_type) != BYTES)];
        for step in steps {
            coming.push(step.makes(coming.last().copied().flatten()));
        }
        let fits = |(place, given): (usize, &Option<&str>)| {
            let follows =
                steps.get(place).is_none_or(|next| next.may_take(self.makes(*given)) || !next.may_take(*given));
            (self.may_take(*given) && follows).then_some(place)
        };
        coming.iter().enumerate().filter_map(fits).collect()
    }
}

/// What things are called that may be anything.
const BYTES: &str = "application/octet-stream";

/// A media type without its parameters, in lower case.
fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(accepts: &[&str], emits: Option<&str>) -> Types {
        Types { accepts: accepts.iter().map(ToString::to_string).collect(), emits: emits.map(str::to_owned) }
    }

    #[test]
    fn ranges_take_what_is_in_them() {
        for (accepts, given, taken) in [
            (&[][..], "text/csv", true),
            (&["text/csv"], "text/CSV; charset=utf-8", true),
            (&["Text/*"], "text/csv", true),
            (&["*/*"], "image/png", true),
            (&["image/png", "text/csv"], "text/csv", true),
            (&["text/csv"], "text/plain", false),
            (&["text/*"], "textual/csv", false),
            (&["text"], "text/csv", false),
            (&["text/*"], "application/octet-stream", false),
        ] {
            assert_eq!(types(accepts, None).takes(given), taken, "{accepts:?} {given}");
        }
    }

    #[test]
    fn a_place_suits_what_comes_and_what_follows() {
        let csv = types(&["text/csv"], None);
        let packed = types(&[], Some("application/gzip"));
        let any = Types::default();
        assert_eq!(csv.places("text/csv", &[]), [0]);
        assert_eq!(csv.places("application/json", &[]), Vec::<usize>::new());
        assert_eq!(csv.places("text/csv", &[csv.clone(), packed.clone()]), [0, 1]);
        assert_eq!(any.places("text/csv", &[csv.clone(), packed.clone()]), [0, 1, 2]);
        // Packing before a step that takes text only would break it; after it is fine.
        assert_eq!(packed.places("text/csv", std::slice::from_ref(&csv)), [1]);
        // That step gets today what it does not take, so nothing is broken by it.
        assert_eq!(packed.places("application/json", std::slice::from_ref(&csv)), [0, 1]);
        // Inputs that nobody says anything of may be what it takes, but not once a step made bytes of them.
        let bytes = types(&[], Some("application/octet-stream"));
        assert_eq!(csv.places("application/octet-stream", &[any, bytes]), [0, 1]);
        // What turns one type into another goes where that other is taken, or at the end.
        let to_json = types(&["text/csv"], Some("application/json"));
        let json = types(&["application/json"], None);
        assert_eq!(to_json.places("text/csv", &[csv, json]), [1, 2]);
    }
}
