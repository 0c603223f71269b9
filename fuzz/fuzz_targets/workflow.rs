//! Workflow files: read or refused in words that can be shown, and unchanged by writing and reading.

#![no_main]

use holobiont_core::{Workflow, WorkflowText};
use holobiont_fuzz::assert_plain;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let workflow = match Workflow::parse(text) {
        Ok(workflow) => workflow,
        Err(error) => return assert_plain(&error.to_string()),
    };
    let json = serde_json::to_string(&workflow).expect("a workflow is plain data");
    assert_eq!(serde_json::from_str::<Workflow>(&json).expect("what was written"), workflow);
    // The text is edited, where it can be, and stays a workflow.
    match WorkflowText::parse(text) {
        Err(error) => assert_plain(&error.to_string()),
        Ok(mut edited) => {
            let step = workflow.steps[0].clone();
            edited.insert_step(1, &step);
            edited.add_member(&step.module);
            let longer = Workflow::parse(&edited.to_string()).expect("still a workflow");
            assert_eq!((longer.steps.len(), &longer.steps[1]), (workflow.steps.len() + 1, &step));
            if edited.remove_module(&step.module).is_ok() {
                let shorter = Workflow::parse(&edited.to_string()).expect("still a workflow");
                assert!(!shorter.modules().contains(&&step.module));
            }
        }
    }
    // A group by the ids of its steps, and one that is none.
    let ids: Vec<String> = workflow.steps.iter().map(|step| step.module.as_str().to_owned()).collect();
    for names in [&ids[..], &[ids[0].clone(), workflow.name.clone()]] {
        match workflow.group(names) {
            Ok(group) => assert_eq!(group.len(), names.len()),
            Err(error) => assert_plain(&error.to_string()),
        }
    }
});
