//! What a rule is, and how a table of them makes a score.

use std::fmt;

use super::shape::Shape;

/// What a rule takes points from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Score {
    /// `code_quality`.
    Quality,
    /// `security_score`.
    Security,
}

/// One row of a table of rules. The points that it takes are
/// `weight * min(1, extent / full)`, and the weights of a table add up to 100.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Its name.
    pub id: &'static str,
    /// What it takes points from.
    pub score: Score,
    /// The most points that it takes.
    pub weight: f64,
    /// The extent at which it takes all of them.
    pub full: f64,
    /// In what the extent is measured.
    pub unit: &'static str,
    /// How much of the way in or out of the sandbox it opens, 0..1, at full extent.
    pub exposes: f64,
    /// What it is about and why it matters.
    pub doc: &'static str,
    /// How many there are, and to what extent in the rule's unit.
    pub(super) check: fn(&Shape) -> (u64, f64),
}

/// That a rule applies to a module.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// The name of the rule.
    pub id: &'static str,
    /// What it took points from.
    pub score: Score,
    /// How many places there are.
    pub count: u64,
    /// To what extent, in the rule's unit.
    pub extent: f64,
    /// The rule's unit.
    pub unit: &'static str,
    /// The points that it cost.
    pub points: f64,
}

impl fmt::Display for Finding {
    /// As `dead-functions: 3 (12.5 instructions per 1,000 live ones), 2.2 points`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({} {}), {} points", self.id, self.count, self.extent, self.unit, self.points)
    }
}

/// What a table of rules says of a module.
pub(super) struct Judgement {
    /// 100 less the points that were taken.
    pub(super) score: f64,
    /// 0..1: one less the product of what the rules leave closed.
    pub(super) exposure: f64,
}

/// Applies a table of rules, and notes what they find.
pub(super) fn judge(rules: &[Rule], shape: &Shape, findings: &mut Vec<Finding>) -> Judgement {
    let (mut taken, mut closed) = (0.0, 1.0);
    for rule in rules {
        let (count, extent) = (rule.check)(shape);
        if count == 0 {
            continue;
        }
        let part = (extent / rule.full).clamp(0.0, 1.0);
        taken += rule.weight * part;
        closed *= 1.0 - rule.exposes * part;
        let (extent, points) = (rounded(extent), rounded(rule.weight * part));
        findings.push(Finding { id: rule.id, score: rule.score, count, extent, unit: rule.unit, points });
    }
    Judgement { score: rounded((100.0 - taken).clamp(0.0, 100.0)), exposure: rounded(1.0 - closed) }
}

/// To a thousandth: logarithms differ in their last bits from one machine's library to another's, and a
/// score may not.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
