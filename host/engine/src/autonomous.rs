//! Going round by itself: discover, self-test, integrate, and measure the workflows as they are then.

use holobiont_core::{Arm, ModuleId, Scenario, printable};
use holobiont_sandbox::Sandbox;
use serde::{Deserialize, Serialize};

use crate::evaluate::{EvaluateError, Evaluator};
use crate::project::Project;
use crate::self_test::{SelfTest, SelfTestError, SelfTestProgress, SelfTestReport};
use crate::store::Store;

/// What one round came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Round {
    /// What was tested and taken in.
    pub self_test: SelfTestReport,
    /// The workflows as they are after it, by the names of their files.
    pub workflows: Vec<MeasuredWorkflow>,
}

/// A workflow that was compared with its modules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MeasuredWorkflow {
    /// Its name.
    pub workflow: String,
    /// Its modules.
    pub modules: Vec<ModuleId>,
    /// Its ROI.
    pub roi: f64,
    /// Its profit, in credits per input.
    pub profitability: f64,
    /// What it is worth beyond the mean of its modules, in credits per input.
    pub synergy: f64,
    /// Whether it is surely worth more than they are.
    pub passed: bool,
}

impl Project {
    /// Makes one round. What is measured goes into the history, once for every question. A workflow that cannot be
    /// compared, since it is wrong or has one module, is left out; the self-test says what is wrong with it.
    ///
    /// # Errors
    ///
    /// [`SelfTestError`] when something is missing or a part of the host fails.
    pub fn round(
        &self,
        sandbox: &Sandbox,
        store: &dyn Store,
        listen: &(dyn Fn(SelfTestProgress) + Sync),
    ) -> Result<Round, SelfTestError> {
        let discovery = self.discover(&self.reached_by_workflows()?.modules)?;
        // What was read of modules is good for one round: the next looks at them anew.
        let evaluator = Evaluator::new(self, sandbox, store);
        let self_test = SelfTest::default().run(self, &evaluator, store, &discovery, listen)?;
        let mut workflows = Vec::new();
        for file in self.workflow_files()? {
            let Ok(workflow) = &file.workflow else { continue };
            let modules: Vec<ModuleId> = workflow.modules().into_iter().cloned().collect();
            if modules.len() < 2 {
                continue;
            }
            let what = format!("{}, as it is now", printable(&workflow.name));
            let tell = |progress: crate::evaluate::Progress| {
                listen(SelfTestProgress { what: what.clone(), done: progress.done, total: progress.total });
            };
            match evaluator.synergy(workflow, &modules, &Scenario::builtin(), &tell) {
                Err(EvaluateError::Project(_)) => {}
                Err(error) => return Err(error.into()),
                Ok(answer) => {
                    let assessment = answer.assessment;
                    let combined = assessment.arms.iter().find(|report| report.arm == Arm::Combined);
                    let metric = |name| combined.and_then(|report| report.metrics.get(name)).unwrap_or_default();
                    workflows.push(MeasuredWorkflow {
                        workflow: workflow.name.clone(),
                        modules,
                        roi: metric("roi"),
                        profitability: metric("profitability"),
                        synergy: assessment.synergy.get("revenue").map_or(0.0, |synergy| synergy.value),
                        passed: assessment.verdict.passed,
                    });
                }
            }
        }
        Ok(Round { self_test, workflows })
    }
}
