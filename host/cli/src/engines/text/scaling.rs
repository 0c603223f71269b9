//! Decisions on the number of engines in words.

use holobiont::Scaled;
use holobiont_core::cycle::Scaling;
use holobiont_core::printable;

use crate::synergy::{number, signed};
use crate::terminal::wrap;

/// Whether there was to be an engine more or less.
pub(crate) fn is_change(scaled: &Scaled) -> bool {
    !matches!(scaled.scaling, Scaling::Stay { .. })
}

/// A change of the number of engines after a round; nothing where there was to be none.
pub(crate) fn scaled(scaled: &Scaled) -> Option<String> {
    is_change(scaled).then(|| words(scaled, false))
}

/// The answer of a command that decided.
pub(crate) fn decision(scaled: &Scaled, is_dry: bool) -> String {
    let mut lines = Vec::new();
    if let Some(capital) = scaled.capital {
        lines.push(format!("capital {}, trend of the return {}", number(capital), signed(scaled.trend)));
    }
    lines.extend(words(scaled, is_dry).lines().map(str::to_owned));
    lines.join("\n")
}

fn words(scaled: &Scaled, is_dry: bool) -> String {
    let (what, because) = match &scaled.scaling {
        Scaling::Stay { because } => ("as many engines as there are".to_owned(), because),
        Scaling::Remove { name, because } => (format!("one engine less, {}", printable(name)), because),
        Scaling::Add { name, because, .. } => {
            let made = scaled.made.iter().find(|made| made.name == *name);
            let like = made.map(|made| match &made.like {
                Some(like) => format!(" like {}", printable(like)),
                None => format!(" for workflow {}", printable(&made.workflow)),
            });
            (format!("one engine more, {name}{}", like.unwrap_or_default()), because)
        }
    };
    let how = match (is_change(scaled), scaled.approved, is_dry) {
        (true, false, _) => "not approved: ",
        (true, true, true) => "there would be ",
        _ => "",
    };
    let mut lines = Vec::new();
    wrap(&mut lines, "", &format!("{how}{what}: {}", printable(because)));
    lines.join("\n")
}
