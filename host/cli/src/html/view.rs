//! An assessment, with what the charts ask of it.

use std::collections::{BTreeMap, BTreeSet};

use holobiont_core::{Arm, ArmReport, Assessment, Direction, METRICS, ModuleId, printable};

use super::markup::Html;

/// An assessment and how its modules are called on the page.
pub(super) struct View<'a> {
    /// What is shown.
    pub(super) assessment: &'a Assessment,
    names: BTreeMap<&'a ModuleId, String>,
}

/// A metric of the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// In what it is counted.
    pub(super) unit: &'a str,
    /// What it says.
    pub(super) doc: &'a str,
    /// Which way it is better.
    pub(super) direction: Direction,
}

impl Row<'_> {
    /// How good a difference is: above 0 better, below 0 worse; nothing where the metric is neither.
    pub(super) fn gain(&self, difference: f64) -> Option<f64> {
        match self.direction {
            Direction::Higher => Some(difference),
            Direction::Lower => Some(-difference),
            Direction::Neutral => None,
        }
    }
}

impl<'a> View<'a> {
    /// Looks at an assessment.
    pub(super) fn of(assessment: &'a Assessment) -> Self {
        let in_arms = assessment.arms.iter().flat_map(|report| match &report.arm {
            Arm::Solo(module) => vec![module],
            _ => Vec::new(),
        });
        let in_pairs = assessment.pairs.iter().flat_map(|pair| &pair.pair);
        let all: BTreeSet<&ModuleId> =
            assessment.group.iter().chain(in_arms).chain(in_pairs).chain(assessment.shapley.keys()).collect();
        Self { assessment, names: names(&all) }
    }

    /// What a module is called: the end of its path, where that tells it apart.
    pub(super) fn name(&self, module: &'a ModuleId) -> &str {
        self.names.get(module).map_or(module.as_str(), String::as_str)
    }

    /// What an arm is called.
    pub(super) fn arm(&self, arm: &'a Arm) -> &str {
        match arm {
            Arm::Empty => "(nothing)",
            Arm::Solo(module) => self.name(module),
            Arm::Combined => "together",
        }
    }

    /// Writes an arm's name, with its full path to be looked up.
    pub(super) fn write_arm(&self, html: &mut Html, arm: &'a Arm) {
        match arm {
            Arm::Solo(module) => self.write_name(html, module),
            arm => _ = html.text(self.arm(arm)),
        }
    }

    /// Writes a module's name, with its full path to be looked up.
    pub(super) fn write_name(&self, html: &mut Html, module: &'a ModuleId) {
        html.name(self.name(module), module.as_str());
    }

    /// The group by name, where it is small enough to be.
    pub(super) fn write_group(&self, html: &mut Html) {
        let group = &self.assessment.group;
        if group.is_empty() || group.len() > 4 {
            html.text(&format!("The group of {} modules", group.len()));
            return;
        }
        for (index, module) in group.iter().enumerate() {
            html.raw(if index > 0 { " + " } else { "" });
            self.write_name(html, module);
        }
    }

    /// The arm in which all modules run.
    pub(super) fn combined(&self) -> Option<&'a ArmReport> {
        self.assessment.arms.iter().find(|report| report.arm == Arm::Combined)
    }

    /// The arm in which none runs.
    pub(super) fn empty(&self) -> Option<&'a ArmReport> {
        self.assessment.arms.iter().find(|report| report.arm == Arm::Empty)
    }

    /// The arms of single modules.
    pub(super) fn solos(&self) -> impl Iterator<Item = &'a ArmReport> {
        self.assessment.arms.iter().filter(|report| matches!(report.arm, Arm::Solo(_)))
    }

    /// The single module with the highest revenue.
    pub(super) fn best_solo(&self) -> Option<&'a ArmReport> {
        self.solos().max_by(|a, b| value(a, "revenue").total_cmp(&value(b, "revenue")))
    }

    /// The mean of single modules in a metric.
    pub(super) fn mean_of_solos(&self, metric: &str) -> Option<f64> {
        let values: Option<Vec<f64>> = self.solos().map(|report| report.metrics.get(metric)).collect();
        values.filter(|values| !values.is_empty()).map(|values| values.iter().sum::<f64>() / values.len() as f64)
    }

    /// The metrics that the assessment has, in the order of the table, then any that the table does not know.
    pub(super) fn metrics(&self) -> Vec<Row<'a>> {
        let arms = self.assessment.arms.iter().flat_map(|report| report.metrics.iter().map(|(name, _)| name));
        let mut present: BTreeSet<&str> = arms.chain(self.assessment.synergy.keys().map(String::as_str)).collect();
        let known = METRICS.iter().filter(|metric| present.remove(metric.name)).map(|metric| Row {
            name: metric.name,
            unit: metric.unit,
            doc: metric.doc,
            direction: metric.direction,
        });
        let mut rows: Vec<Row<'a>> = known.collect();
        rows.extend(present.into_iter().map(|name| Row {
            name,
            unit: "",
            doc: "This version has no description of it.",
            direction: self.assessment.synergy.get(name).map_or(Direction::Neutral, |synergy| synergy.direction),
        }));
        rows
    }

    /// One metric, if the assessment has it.
    pub(super) fn metric(&self, name: &str) -> Option<Row<'a>> {
        self.metrics().into_iter().find(|row| row.name == name)
    }
}

/// The value of an arm's metric; 0 where it has none.
pub(super) fn value(report: &ArmReport, metric: &str) -> f64 {
    report.metrics.get(metric).filter(|value| value.is_finite()).unwrap_or(0.0)
}

/// The last part of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(path)
}

/// The end of each module's path if no other ends so, else the whole path.
fn names<'a>(modules: &BTreeSet<&'a ModuleId>) -> BTreeMap<&'a ModuleId, String> {
    let alike = |module: &ModuleId| modules.iter().filter(|other| other.short() == module.short()).count();
    let name = |module: &ModuleId| printable(if alike(module) > 1 { module.as_str() } else { module.short() });
    modules.iter().map(|module| (*module, name(module))).collect()
}
