use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::workflow::Member;

const TEXT: &str = r#"# What it is about.
name = "squeeze" # short
inputs = [
    "inputs", # all of them
]

# Transforms save nothing alone.

# The first.
[[step]]
module = "m/bwt.wasm"

# Beside the tables of the steps.
[objective]
metric = "saved"

# The second.
[[step]] # here
module = "m/mtf.wasm"
[step.parameters]
direction = "encode"

# Coders.

# The third.
[[step]]
module = "./m\\coder.wasm"

# The end.
"#;

fn id(path: &str) -> ModuleId {
    ModuleId::new(path).expect("an id")
}

fn step(path: &str, parameters: &[(&str, &str)]) -> Step {
    let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Step { module: id(path), parameters }
}

fn read(text: &str) -> WorkflowText {
    WorkflowText::parse(text).expect("a workflow")
}

/// What a text becomes.
fn edited(text: &str, edit: impl FnOnce(&mut WorkflowText)) -> String {
    let mut workflow = read(text);
    edit(&mut workflow);
    let text = workflow.to_string();
    Workflow::parse(&text).expect("still a workflow");
    text
}

#[test]
fn what_is_not_edited_is_written_as_it_was_read() {
    assert_eq!(edited(TEXT, |_| ()), TEXT);
    let windows = TEXT.replace('\n', "\r\n");
    assert_eq!(edited(&windows, |_| ()), windows);
    assert_eq!(edited(&windows.replacen("\r\n", "\n", 1), |_| ()), TEXT, "one that is mixed has one kind afterwards");
}

#[test]
fn a_step_is_put_in_its_place_and_comments_stay_with_their_own() {
    let new = step("m/new.wasm", &[("a key", "say \"so\"\nand \\ so")]);
    let table = "\n[[step]]\nmodule = \"m/new.wasm\"\n\
                 parameters = { \"a key\" = \"say \\\"so\\\"\\u000aand \\\\ so\" }\n";
    for (place, before) in [
        (0, "\n# Transforms save nothing alone.\n\n# The first.\n"),
        (1, "\n# The second.\n"),
        (2, "\n# Coders.\n\n# The third.\n"),
        (3, "\n# The end.\n"),
        (9, "\n# The end.\n"),
    ] {
        let text = edited(TEXT, |workflow| workflow.insert_step(place, &new));
        assert_eq!(text, TEXT.replacen(before, &format!("{table}{before}"), 1), "{place}");
        assert_eq!(edited(&text, |workflow| drop(workflow.remove_module(&new.module))), TEXT);
        let windows = edited(&TEXT.replace('\n', "\r\n"), |workflow| workflow.insert_step(place, &new));
        assert_eq!(Workflow::parse(&windows).expect("good"), Workflow::parse(&text).expect("good"));
        assert_eq!(windows.replace("\r\n", "\n"), text);
    }
}

#[test]
fn a_member_comes_after_the_others_and_is_no_step() {
    let text = edited(TEXT, |workflow| {
        workflow.add_member(&id("m/a.wasm"));
        workflow.add_member(&id("m/coder.wasm"));
        workflow.add_member(&id("m/b.wasm"));
        workflow.add_member(&id("m/a.wasm"));
    });
    let members = "\n[[member]]\nmodule = \"m/a.wasm\"\n\n[[member]]\nmodule = \"m/b.wasm\"\n";
    assert_eq!(text, TEXT.replace("\n# The end.", &format!("{members}\n# The end.")));
    let promoted = edited(&text, |workflow| workflow.insert_step(0, &step("m/a.wasm", &[])));
    let workflow = Workflow::parse(&promoted).expect("good");
    assert_eq!((workflow.steps.len(), workflow.members), (4, vec![Member { module: id("m/b.wasm") }]));
}

#[test]
fn what_is_removed_takes_its_own_comments_only() {
    let mut workflow = read(TEXT);
    assert_eq!(workflow.remove_module(&id("m/absent.wasm")).ok(), Some(false));
    assert_eq!(workflow.remove_module(&id("m/coder.wasm")).ok(), Some(true));
    let (before, _) = TEXT.split_once("# The third").expect("there");
    assert_eq!(workflow.to_string(), format!("{before}# The end.\n"));
    assert_eq!(workflow.remove_module(&id("m/bwt.wasm")).ok(), Some(true));
    let text = workflow.to_string();
    assert!(
        text.contains("\n# Transforms save nothing alone.\n\n# Beside the tables of the steps.\n[objective]"),
        "{text}"
    );
    assert!(!text.contains("# The first"));
    let last = workflow.remove_module(&id("m/mtf.wasm"));
    assert!(matches!(last, Err(WorkflowError::NoSteps)), "{last:?}");
    assert_eq!(workflow.to_string(), text, "and nothing changed");
}

#[test]
fn parameters_are_set_where_they_stand_and_the_rest_of_the_file_is_as_it_was() {
    let values = |values: &[(&str, &str)]| step("m", values).parameters;
    let set = |text: &str, module: &str, new: &[(&str, &str)]| {
        edited(text, |workflow| assert!(workflow.set_parameters(&id(module), &values(new))))
    };
    // A step without any, and one that has a table of them.
    let line = "module = \"m/bwt.wasm\"\nparameters = { block-kib = \"64\" }\n";
    assert_eq!(set(TEXT, "m/bwt.wasm", &[("block-kib", "64")]), TEXT.replace("module = \"m/bwt.wasm\"\n", line));
    let text = set(TEXT, "m/mtf.wasm", &[("direction", "decode"), ("a b", "say \"so\"\n")]);
    let table = "[step.parameters]\ndirection = \"decode\"\n\"a b\" = \"say \\\"so\\\"\\u000a\"\n";
    assert_eq!(text, TEXT.replace("[step.parameters]\ndirection = \"encode\"\n", table));
    // However the path is spelt, and with another kind of line.
    let windows = set(&TEXT.replace('\n', "\r\n"), "m/coder.wasm", &[("rate", "5")]);
    assert!(windows.contains("module = \"./m\\\\coder.wasm\"\r\nparameters = { rate = \"5\" }\r\n"), "{windows}");
    // What people wrote beside a value stays, whatever form it has; every step of the module gets it.
    let dotted = "name = \"n\"\ninputs = [\"i\"]\n[[step]]\nmodule = \"a\"\nparameters.x = \"1\" # why\n[[step]]\nmodule = \
                  \"a\"\nparameters = { y = \"2\", x = \"3\" } # how\n[objective]\nmetric = \"m\"\n";
    assert_eq!(
        set(dotted, "a", &[("x", "7")]),
        dotted.replace("x = \"1\"", "x = \"7\"").replace("x = \"3\"", "x = \"7\"")
    );
    assert_eq!(set(dotted, "a", &[]), dotted);
    let mut workflow = read(TEXT);
    assert!(!workflow.set_parameters(&id("m/absent.wasm"), &values(&[("x", "1")])));
    assert_eq!(workflow.to_string(), TEXT);
}

#[test]
fn lists_of_values_are_refused_in_words() {
    let say = |text: &str| WorkflowText::parse(text).expect_err("no tables").to_string();
    let rest = "name = \"n\"\ninputs = [\"i\"]\nobjective = { metric = \"m\" }\n";
    assert_eq!(
        say(&format!("{rest}step = [{{ module = \"a.wasm\" }}]")),
        "`step` is a list of values, which cannot be changed without losing its form: write each as a `[[step]]` table"
    );
    let members = format!("{rest}member = []\n[[step]]\nmodule = \"a.wasm\"");
    assert!(say(&members).starts_with("`member` is a list"));
    assert!(say("name = 1").starts_with("line 1: "));
}

#[test]
fn a_table_without_anything_around_it_keeps_its_neighbours_apart() {
    let dense = "name=\"n\"\ninputs=[\"i\"]\nobjective.metric=\"m\"\n# loose\n\n  [[step]]\n  module=\"a\"\n[[step]]\nmodule=\"b\"";
    assert_eq!(
        edited(dense, |workflow| drop(workflow.remove_module(&id("a")))),
        "name=\"n\"\ninputs=[\"i\"]\nobjective.metric=\"m\"\n# loose\n\n[[step]]\nmodule=\"b\"\n"
    );
}

/// A change of a workflow, as it is asked for.
#[derive(Clone, Debug)]
enum Edit {
    Insert(usize, Step),
    Member(ModuleId),
    Remove(ModuleId),
    Set(Step),
}

/// The same on the data.
fn apply(workflow: &mut Workflow, edit: &Edit) {
    match edit {
        Edit::Insert(place, step) => {
            workflow.members.retain(|member| member.module != step.module);
            workflow.steps.insert((*place).min(workflow.steps.len()), step.clone());
        }
        Edit::Member(module) if !workflow.modules().contains(&module) => {
            workflow.members.push(Member { module: module.clone() });
        }
        Edit::Member(_) => {}
        Edit::Remove(module) if workflow.steps.iter().all(|step| step.module == *module) => {}
        Edit::Remove(module) => {
            workflow.steps.retain(|step| step.module != *module);
            workflow.members.retain(|member| member.module != *module);
        }
        Edit::Set(Step { module, parameters }) => {
            for step in workflow.steps.iter_mut().filter(|step| step.module == *module) {
                step.parameters.extend(parameters.clone());
            }
        }
    }
}

/// A few modules, so that edits meet one another's.
fn modules() -> impl Strategy<Value = ModuleId> {
    "m/[a-f]( '\")?\\.wasm".prop_map(|path| id(&path))
}

fn steps() -> impl Strategy<Value = Step> {
    let parameters = prop::collection::btree_map("[a-c .\"\n]{0,3}", any::<String>(), 0..3);
    (modules(), parameters).prop_map(|(module, parameters): (_, BTreeMap<_, _>)| Step { module, parameters })
}

fn edits() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (0..6usize, steps()).prop_map(|(place, step)| Edit::Insert(place, step)),
        modules().prop_map(Edit::Member),
        modules().prop_map(Edit::Remove),
        steps().prop_map(Edit::Set),
    ]
}

/// A table of a workflow's text, under a comment of its own.
fn tables() -> impl Strategy<Value = Vec<String>> {
    let way = prop_oneof![
        Just(""),
        Just("parameters.a = \"1\"\n"),
        Just("# inside\nparameters = { b = \"2\" } # at the end\n"),
        Just("[step.parameters]\na = '''\nx\n'''\n"),
    ];
    let step = (modules(), way)
        .prop_map(|(module, rest)| format!("[[step]]\nmodule = {}\n{rest}", text_value(module.as_str())));
    let objective =
        Just("[objective]\nbytes-saved = true\n[objective.round-trip]\nparameter='d'\nvalue='e'\n".to_owned());
    let all = (prop::collection::vec(step, 1..5), objective);
    all.prop_map(|(mut steps, objective)| {
        steps.push(objective);
        steps
    })
    .prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_text_is_edited_as_its_workflow_is(
        tables in tables(),
        gaps in prop::collection::vec(0..3usize, 6),
        windows in any::<bool>(),
        edits in prop::collection::vec(edits(), 0..8),
    ) {
        let mut text = "# head\nname = \"n\"\ninputs = [\"i\"]\n".to_owned();
        for (number, table) in tables.iter().enumerate() {
            text += &format!("{}# {number}\n{table}", "\n".repeat(gaps[number]));
        }
        text += "# foot\n";
        if windows {
            text = text.replace('\n', "\r\n");
        }
        let mut workflow = Workflow::parse(&text).expect("a workflow");
        let mut edited = WorkflowText::parse(&text).expect("a workflow");
        let mut gone = Vec::new();
        for edit in &edits {
            match edit {
                Edit::Insert(place, step) => edited.insert_step(*place, step),
                Edit::Member(module) => edited.add_member(module),
                Edit::Set(Step { module, parameters }) => {
                    let is_step = workflow.steps.iter().any(|step| step.module == *module);
                    prop_assert_eq!(edited.set_parameters(module, parameters), is_step);
                }
                Edit::Remove(module) => {
                    let was_there = workflow.modules().contains(&module);
                    match edited.remove_module(module) {
                        Ok(removed) => {
                            prop_assert_eq!(removed, was_there);
                            gone.push(text_value(module.as_str()).to_string());
                        }
                        Err(_) => prop_assert!(workflow.steps.iter().all(|step| step.module == *module)),
                    }
                }
            }
            apply(&mut workflow, edit);
            let now = edited.to_string();
            prop_assert_eq!(&Workflow::parse(&now).expect("a workflow"), &workflow, "{}", now);
        }
        let now = edited.to_string();
        for (number, table) in tables.iter().enumerate() {
            let kept = !gone.iter().any(|module| table.contains(module.as_str()));
            let comment = format!("# {number}{}", if windows { "\r\n" } else { "\n" });
            prop_assert!(!kept || now.contains(&comment), "{}", now);
        }
        prop_assert!(now.contains("# head") && now.contains("# foot"));
        if edits.is_empty() {
            prop_assert_eq!(now, text);
        }
    }

    #[test]
    fn what_is_inserted_and_removed_leaves_no_trace(tables in tables(), place in 0..6usize, parameters in steps()) {
        let text = format!("name = \"n\"\ninputs = [\"i\"]\n\n{}", tables.join("\n# one\n\n# another\n"));
        let mut edited = read(&text);
        let step = Step { module: id("new.wasm"), ..parameters };
        edited.insert_step(place, &step);
        edited.add_member(&id("member.wasm"));
        prop_assert_eq!(edited.remove_module(&step.module).ok(), Some(true));
        prop_assert_eq!(edited.remove_module(&id("member.wasm")).ok(), Some(true));
        prop_assert_eq!(edited.to_string(), text);
    }
}
