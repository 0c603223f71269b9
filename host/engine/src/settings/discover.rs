//! Where modules are looked for: the table `[discover]`.

use std::collections::BTreeSet;

use holobiont_core::{ModuleId, ModuleIdError, printable};
use serde::Deserialize;

use super::SettingsError;

/// Where modules are looked for, and which of those that are there are no candidates.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DiscoverSettings {
    /// The folders that are looked through, relative to the repository; `.` is all of it.
    pub roots: Vec<String>,
    /// Names of folders that are not entered.
    pub skip: BTreeSet<String>,
    /// Modules that are no candidates.
    pub exclude: BTreeSet<ModuleId>,
}

/// The table as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DiscoverTable {
    pub(super) roots: Option<Vec<String>>,
    pub(super) skip: Option<Vec<String>>,
    pub(super) exclude: Option<BTreeSet<ModuleId>>,
}

/// The whole repository.
const ALL: &str = ".";

/// Folders in which there are copies of what others made.
const SKIP: [&str; 2] = ["node_modules", "deps"];

impl DiscoverTable {
    pub(super) fn settings(self) -> Result<DiscoverSettings, SettingsError> {
        let wrong = |key, reason: String| SettingsError::Discover { key, reason };
        let roots = self.roots.unwrap_or_else(|| vec![ALL.to_owned()]);
        if roots.is_empty() {
            return Err(wrong("roots", format!("it is empty: name a folder, or leave it out for `{ALL}`")));
        }
        let roots = roots.iter().map(|root| normal(root).map_err(|reason| wrong("roots", reason)));
        let skip: BTreeSet<String> =
            self.skip.unwrap_or_else(|| SKIP.map(str::to_owned).to_vec()).into_iter().collect();
        if let Some(name) = skip.iter().find(|name| name.is_empty() || name.contains(['/', '\\'])) {
            let reason = format!("`{}` is no name of a folder: give the last part of its path", printable(name));
            return Err(wrong("skip", reason));
        }
        Ok(DiscoverSettings {
            roots: roots.collect::<Result<_, _>>()?,
            skip,
            exclude: self.exclude.unwrap_or_default(),
        })
    }
}

/// A folder of the repository, without what says nothing.
fn normal(root: &str) -> Result<String, String> {
    match ModuleId::new(root) {
        Ok(path) => Ok(path.into()),
        Err(ModuleIdError::Empty) if !root.is_empty() => Ok(ALL.to_owned()),
        Err(ModuleIdError::Empty) => Err(format!("`` names no folder; `{ALL}` is the whole repository")),
        Err(ModuleIdError::Control(_)) => Err(format!("`{}` holds a character that cannot be shown", printable(root))),
        Err(_) => Err(format!("`{}` lies outside the repository: give a path below it, without `..`", printable(root))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Settings;

    #[test]
    fn defaults_and_what_is_given() {
        let read = |text: &str| Settings::read(text, &|_| None).expect("good").discover;
        let plain = read("");
        assert_eq!((plain.roots, plain.exclude.len()), (vec![".".to_owned()], 0));
        assert_eq!(plain.skip.into_iter().collect::<Vec<_>>(), ["deps", "node_modules"]);
        let given =
            read("[discover]\nroots = [\"./a//b/\", \"./\", \"漢字 x\"]\nskip = []\nexclude = [\"a\\\\b.wasm\"]");
        assert_eq!(given.roots, ["a/b", ".", "漢字 x"]);
        assert!(given.skip.is_empty());
        assert_eq!(given.exclude.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["a/b.wasm"]);
    }

    #[test]
    fn all_of_it_is_shown() {
        let text = "[discover]\nroots = [\"a\"]\n[link]\n\"x:y/z@1.0.0\" = \"a.wasm\"\n\
                    [link.\"b c.wasm\"]\n\"x:y/z@1.2.0\" = \"d.wasm\"\n";
        let all = Settings::read(text, &|_| None).expect("good").all();
        let of = |key: &str| {
            let found = all.iter().find(|setting| setting.key == key);
            found.map(|setting| (setting.value.as_str(), setting.origin.to_string()))
        };
        assert_eq!(of("discover.roots"), Some(("[\"a\"]", "holobiont.toml".to_owned())));
        assert_eq!(of("discover.skip"), Some(("[\"deps\", \"node_modules\"]", "default".to_owned())));
        assert_eq!(of("link.x:y/z@1.0.0"), Some(("a.wasm", "holobiont.toml".to_owned())));
        assert_eq!(of("link.b c.wasm.x:y/z@1.2.0"), Some(("d.wasm", "holobiont.toml".to_owned())));
    }

    #[test]
    fn mistakes_are_named_with_their_key() {
        let say = |rows: &str| {
            let text = format!("[discover]\n{rows}");
            Settings::read(&text, &|_| None).expect_err("a mistake").to_string()
        };
        assert_eq!(say("rots = []"), "line 2: unknown key `rots`: did you mean `roots`?");
        assert!(say("roots = []").starts_with("[discover] roots: it is empty"));
        for outside in ["..", "a/../..", "/etc"] {
            let words = say(&format!("roots = [\"{outside}\"]"));
            assert!(words.starts_with(&format!("[discover] roots: `{outside}` lies outside")), "{words}");
        }
        assert!(say("roots = [\"\"]").starts_with("[discover] roots: `` names no folder"));
        assert_eq!(say("roots = [\"a\\n\"]"), "[discover] roots: `a\\n` holds a character that cannot be shown");
        assert!(say("skip = [\"a/b\"]").starts_with("[discover] skip: `a/b` is no name of a folder"));
        assert!(say("exclude = [\"../a.wasm\"]").starts_with("line 2: module `../a.wasm` lies outside"));
        assert!(say("[link]\n\"a:b\" = \"c.wasm\"").starts_with("line 2: `a:b` names no interface"));
    }
}
