//! How well learners learn: each table of docs/LEARNING.md by the example that makes it.

use anyhow::Result;

use crate::shell::{cargo, run};
use crate::{guests, root};

/// Runs an example with its arguments, in a release build.
fn example(package: &str, features: &[&str], name: &str, arguments: &[String]) -> Result<()> {
    let mut command = cargo()?;
    command.args(["run", "--quiet", "--release", "--package", package]);
    for feature in features {
        command.args(["--features", feature]);
    }
    run(command.args(["--example", name, "--"]).args(arguments))
}

/// The worlds and the pole for all learners but the neural ones; with `deep` these, and what their agents learn; with
/// `ranking` whether learned weights rank the demo's groups. Written into the page with `bless`, printed otherwise.
pub(crate) fn learning(deep: bool, ranking: bool, bless: bool) -> Result<()> {
    let page = root()?.join("docs/LEARNING.md").to_string_lossy().into_owned();
    let write = |arguments: &[&str]| -> Vec<String> {
        let flags = if bless { arguments } else { &[] };
        flags.iter().map(ToString::to_string).collect()
    };
    if ranking {
        guests::build()?;
        return example("holobiont", &[], "ranking", &write(&["--write", &page]));
    }
    if deep {
        let mut arguments = write(&["--write"]);
        arguments.extend(["--seeds-from".to_owned(), "2001".to_owned()]);
        example("holobiont-learn", &["deep"], "deep_bench", &arguments)?;
        return example("holobiont-learn", &["deep"], "learn_bench", &write(&["--write", &page]));
    }
    example("holobiont-learn", &[], "learn_bench", &write(&["--write", &page]))
}
