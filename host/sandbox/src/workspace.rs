//! The blackboard of a run, or of a group.

use std::collections::BTreeMap;

/// Small named values that the modules of a group share; empty at the start of a trial.
///
/// What it holds counts against the disk limit: keys, values, and [`Workspace::ENTRY_BYTES`] for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workspace {
    entries: BTreeMap<String, Vec<u8>>,
    used: u64,
    peak: u64,
    refused: Option<u64>,
}

impl Workspace {
    /// What an entry costs beside its key and value, so that a million empty ones are not free.
    pub const ENTRY_BYTES: u64 = 64;

    /// The longest key, in bytes.
    pub const MAX_KEY_BYTES: usize = 256;

    /// A blackboard as another run left it.
    #[must_use]
    pub fn from_entries(entries: BTreeMap<String, Vec<u8>>) -> Self {
        let used = entries.iter().map(|(key, value)| Self::size(key, value)).sum();
        Self { entries, used, peak: used, refused: None }
    }

    /// What it holds.
    #[must_use]
    pub fn entries(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.entries
    }

    /// The value under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&[u8]> {
        self.entries.get(key).map(Vec::as_slice)
    }

    /// Stores a value if there is room for it under `quota` bytes; says whether there was.
    pub(crate) fn set(&mut self, key: String, value: Vec<u8>, quota: u64) -> bool {
        let old = self.entries.get(&key).map_or(0, |value| Self::size(&key, value));
        let total = self.used - old + Self::size(&key, &value);
        if total > quota {
            self.refused.get_or_insert(total);
            return false;
        }
        self.used = total;
        self.peak = self.peak.max(total);
        self.entries.insert(key, value);
        true
    }

    pub(crate) fn delete(&mut self, key: &str) -> bool {
        match self.entries.remove(key) {
            None => false,
            Some(value) => {
                self.used -= Self::size(key, &value);
                true
            }
        }
    }

    pub(crate) fn keys<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a String> {
        self.entries.range(prefix.to_owned()..).map(|(key, _)| key).take_while(move |key| key.starts_with(prefix))
    }

    /// Bytes that it holds now.
    #[must_use]
    pub fn used_bytes(&self) -> u64 {
        self.used
    }

    pub(crate) fn peak_bytes(&self) -> u64 {
        self.peak
    }

    pub(crate) fn refused(&self) -> Option<u64> {
        self.refused
    }

    /// Forgets the peak and the refusal of an earlier step; the entries stay.
    pub(crate) fn begin(&mut self) {
        self.peak = self.used;
        self.refused = None;
    }

    /// Takes up again after a run inside of this one, which used the same blackboard: what that one was
    /// refused is its own affair.
    pub(crate) fn resume(&mut self, peak: u64, refused: Option<u64>) {
        self.peak = self.peak.max(peak);
        self.refused = refused;
    }

    /// Exchanges the peak and the refusal for those of another module that is to use the same blackboard.
    pub(crate) fn exchange(&mut self, marks: &mut Marks) {
        let own = Marks { peak: self.peak, refused: self.refused };
        self.peak = marks.peak.max(self.used);
        self.refused = marks.refused;
        *marks = own;
    }

    fn size(key: &str, value: &[u8]) -> u64 {
        key.len() as u64 + value.len() as u64 + Self::ENTRY_BYTES
    }
}

/// What one module did to a blackboard that several use.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    peak: u64,
    refused: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_counts_keys_values_and_entries() {
        let mut board = Workspace::default();
        assert!(board.set("ab".into(), vec![0; 10], 76));
        assert_eq!(board.used_bytes(), 76);
        assert!(!board.set("c".into(), vec![], 76));
        assert_eq!(board.refused(), Some(76 + 65));
        assert!(board.set("ab".into(), vec![0; 4], 76), "a smaller value in place of a larger one");
        assert!(board.delete("ab") && !board.delete("ab"));
        assert_eq!((board.used_bytes(), board.peak_bytes()), (0, 76));
    }

    #[test]
    fn keys_come_in_order_by_prefix() {
        let mut board = Workspace::default();
        for key in ["b1", "a", "b2", "c"] {
            assert!(board.set(key.into(), vec![], u64::MAX));
        }
        assert_eq!(board.keys("b").cloned().collect::<Vec<_>>(), ["b1", "b2"]);
    }
}
