//! Names of interfaces, and which version of one stands in for another.

use std::fmt;
use std::str::FromStr;

use crate::text::printable;

/// The name of a WIT interface: `namespace:package/interface`, with a semantic version behind `@` or without one.
///
/// Two names are equal where they are spelt alike; whether one module's export meets another's import is what
/// [`Interface::meets`] says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interface {
    text: String,
    slot: Slot,
}

/// What all names that go together share: a name without its version, and the versions' track.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) track: Track,
}

/// The part of a version that must be the same. The least is the one of names without a version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Track {
    /// There is no version.
    Unversioned,
    /// 1.0.0 and above.
    Major(u64),
    /// 0.1.0 and above: the minor version.
    Minor(u64),
    /// 0.0.0 and above: the patch.
    Patch(u64),
    /// A pre-release goes with itself only.
    PreRelease(String),
}

/// Why a text is no name of an interface.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InterfaceError {
    /// It is not made of a namespace, a package and an interface.
    #[error(
        "`{}` names no interface: expected `namespace:package/interface`, with a version or without, such as \
         `acme:words/stems@1.2.0`",
        printable(.0)
    )]
    Name(String),
    /// What follows the `@` is no semantic version.
    #[error("interface `{}`: what follows `@` is not a version such as 1.2.0", printable(.0))]
    Version(String),
}

impl Interface {
    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name without its version.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.slot.name
    }

    /// Whether an export of this name meets an import of the other: the same name, and versions of which the first
    /// number that is not 0 is the same. A pre-release goes with itself only, a name without a version with those
    /// without one; what a version says of its build does not count.
    ///
    /// This is `PackageName::version_compat_track` of wit-parser, which WIT's own tools resolve worlds by.
    #[must_use]
    pub fn meets(&self, import: &Self) -> bool {
        self.slot == import.slot
    }

    pub(super) fn slot(&self) -> &Slot {
        &self.slot
    }
}

impl FromStr for Interface {
    type Err = InterfaceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (text, None),
        };
        let parts = name.split_once(':').and_then(|(namespace, rest)| Some((namespace, rest.split_once('/')?)));
        let Some((namespace, (package, interface))) = parts else { return Err(InterfaceError::Name(text.to_owned())) };
        if ![namespace, package, interface].into_iter().all(is_label) {
            return Err(InterfaceError::Name(text.to_owned()));
        }
        let track = match version {
            None => Track::Unversioned,
            Some(version) => track(version).ok_or_else(|| InterfaceError::Version(text.to_owned()))?,
        };
        Ok(Self { text: text.to_owned(), slot: Slot { name: name.to_owned(), track } })
    }
}

impl fmt::Display for Interface {
    /// What was read holds nothing but letters, digits and a few signs of ASCII.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A word of WIT: letters and digits, a letter first, parts joined by single dashes.
fn is_label(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.split('-').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// The track of a version, if it is one by the rules of <https://semver.org> 2.0.0.
fn track(version: &str) -> Option<Track> {
    let (version, build) = split_off(version, '+');
    let (numbers, pre_release) = split_off(version, '-');
    if !build.is_none_or(|build| build.split('.').all(is_identifier)) {
        return None;
    }
    let mut parts = numbers.split('.').map(number);
    let track = match (parts.next()??, parts.next()??, parts.next()??) {
        (0, 0, patch) => Track::Patch(patch),
        (0, minor, _) => Track::Minor(minor),
        (major, _, _) => Track::Major(major),
    };
    if parts.next().is_some() {
        return None;
    }
    match pre_release {
        None => Some(track),
        Some(pre) if pre.split('.').all(|part| is_identifier(part) && !is_padded(part)) => {
            Some(Track::PreRelease(version.to_owned()))
        }
        Some(_) => None,
    }
}

fn split_off(text: &str, sign: char) -> (&str, Option<&str>) {
    text.split_once(sign).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn number(text: &str) -> Option<u64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit()) && !is_padded(text);
    is_number.then(|| text.parse().ok()).flatten()
}

/// Whether a number begins with zeros that say nothing.
fn is_padded(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn named(text: &str) -> Interface {
        text.parse().expect("an interface")
    }

    #[test]
    fn versions_go_together_by_their_first_number_that_is_not_zero() {
        let meets = |export: &str, import: &str| {
            let at = |version: &str| named(&format!("a:b/c{version}"));
            at(export).meets(&at(import))
        };
        for (export, import) in [
            ("@1.2.3", "@1.9.0"),
            ("@1.9.0", "@1.2.3"),
            ("@0.1.3", "@0.1.0"),
            ("@0.0.3", "@0.0.3"),
            ("@1.0.0+a", "@1.1.0+b.2"),
            ("@1.0.0-rc.1", "@1.0.0-rc.1+b"),
            ("@18446744073709551615.0.0", "@18446744073709551615.1.0"),
            ("", ""),
        ] {
            assert!(meets(export, import), "{export} {import}");
        }
        for (export, import) in [
            ("@1.0.0", "@2.0.0"),
            ("@0.1.0", "@0.2.0"),
            ("@0.1.0", "@1.1.0"),
            ("@0.0.1", "@0.1.0"),
            ("@0.0.3", "@0.0.4"),
            ("@0.0.0", "@0.0.1"),
            ("@1.0.0-rc", "@1.0.0"),
            ("@1.0.0-rc.1", "@1.0.0-rc.2"),
            ("", "@1.0.0"),
        ] {
            assert!(!meets(export, import) && !meets(import, export), "{export} {import}");
        }
        assert!(!named("a:b/c@1.0.0").meets(&named("a:b/d@1.0.0")));
        assert_eq!(named("acme:words/stems@1.2.0+x").name(), "acme:words/stems");
    }

    #[test]
    fn what_is_no_interface_says_what_would_be() {
        for bad in ["", "run", "a:b", "a/b", ":b/c", "a:/c", "a:b/", "a:b/c/d", "a:b:c/d", "a :b/c", "a:b/c-", "1:b/c"]
        {
            assert!(matches!(bad.parse::<Interface>(), Err(InterfaceError::Name(_))), "{bad}");
        }
        let versions = [
            "",
            "1",
            "1.0",
            "1.0.0.0",
            "01.0.0",
            "1.0.00",
            "1.0.x",
            "+1.0.0",
            "1.+0.0",
            "1.0.0-",
            "1.0.0+",
            "1.0.0-a..b",
            "1.0.0-01",
            "1.0.0-ä",
            "1.0.0+a+b",
            " 1.0.0",
            "1.0.0@1.0.0",
            "18446744073709551616.0.0",
        ];
        for bad in versions {
            let bad = format!("a:b/c@{bad}");
            assert_eq!(bad.parse::<Interface>(), Err(InterfaceError::Version(bad.clone())));
        }
        assert!("a:b/c@1.0.0-01a.0.-".parse::<Interface>().is_ok());
        let words = "bad\n\u{1b}[2J".parse::<Interface>().expect_err("no interface").to_string();
        assert_eq!(
            words,
            "`bad\\n\\u{1b}[2J` names no interface: expected `namespace:package/interface`, with a version or without, \
             such as `acme:words/stems@1.2.0`"
        );
    }

    proptest! {
        #[test]
        fn nothing_breaks_the_reader_and_names_stay_as_they_are(text in "[a-z0:/@.+-]{0,20}|\\PC*") {
            if let Ok(interface) = text.parse::<Interface>() {
                prop_assert_eq!(interface.as_str(), &text);
                prop_assert!(interface.meets(&interface));
            }
        }

        #[test]
        fn going_together_is_mutual_and_passed_on(versions in proptest::array::uniform3((0u64..2, 0u64..3, 0u64..3))) {
            let [a, b, c] = versions.map(|(major, minor, patch)| named(&format!("a:b/c@{major}.{minor}.{patch}")));
            prop_assert_eq!(a.meets(&b), b.meets(&a));
            prop_assert!(!(a.meets(&b) && b.meets(&c)) || a.meets(&c));
        }
    }
}
