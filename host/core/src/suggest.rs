//! "Did you mean": the nearest of the names that would have been right.

/// The name in `known` that is closest to `given`, if any is close enough to be a slip.
///
/// Jaro-Winkler similarity, as most command lines use; below 0.7 a suggestion is a guess and is left out.
#[must_use]
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(given, name), name))
        .filter(|(similarity, _)| *similarity >= 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        assert_eq!(nearest("memroy", ["fuel", "memory"]), Some("memory"));
        assert_eq!(nearest("zzz", ["fuel", "memory"]), None);
    }
}
