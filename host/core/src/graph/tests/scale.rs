//! Large repositories, and those that were made to be awkward.

use super::*;

fn wide(count: usize) -> Vec<ModuleFacts> {
    let module_of = |n: usize| {
        let imports: Vec<String> = [1, 7, 31]
            .iter()
            .filter(|step| n >= **step)
            .map(|step| format!("acme:words/m{}@1.2.0", n - step))
            .collect();
        let export = format!("acme:words/m{n}@1.4.0");
        module(&format!("m/{n:06}.wasm"), &imports.iter().map(String::as_str).collect::<Vec<_>>(), &[&export])
    };
    (0..count).map(module_of).collect()
}

#[test]
fn ten_thousand_modules_with_thirty_thousand_imports() {
    let graph = graph(wide(10_000), &["m/000000.wasm"]);
    assert_eq!(graph.edges().count(), 10_000 * 3 - (1 + 7 + 31));
    assert_eq!(graph.recursive_orphans([], &graph.redundancies(&BTreeMap::new())).len(), 9_999);
    assert_eq!(graph.closure(&id("m/009999.wasm")).map(|needed| needed.len()), Ok(9_999));
    assert!(graph.cycles().is_empty());
}

#[test]
fn a_chain_of_imports_is_as_long_as_it_likes_and_so_is_a_circle() {
    let link = |n: usize, next: usize| module(&format!("{n:06}"), &[&format!("a:b/m{next}")], &[&format!("a:b/m{n}")]);
    let count = 50_000;
    let mut modules: Vec<ModuleFacts> = (0..count).map(|n| link(n, n + 1)).collect();
    modules.push(module("end", &[], &[&format!("a:b/m{count}")]));
    let chain = graph(modules, &[]);
    let needed = chain.closure(&id("000000")).expect("can be linked");
    assert_eq!((needed.len(), needed.first()), (count, Some(&&id("end"))));
    assert_eq!(chain.recursive_orphans([], &BTreeMap::new()).len(), count + 1);
    let circle = graph((0..count).map(|n| link(n, (n + 1) % count)).collect(), &[]);
    assert_eq!(circle.cycles().iter().map(|cycle| cycle.path.len()).collect::<Vec<_>>(), [count]);
    assert!(circle.closure(&id("000007")).expect_err("a circle").to_string().len() < 1_000);
}

#[test]
fn everybody_exports_what_everybody_imports() {
    let count = 3_000;
    let name = |n: usize| format!("{n:06}");
    let modules = || (0..count).map(|n| module(&name(n), &[C], &[C])).collect::<Vec<_>>();
    let graph = graph(modules(), &[]);
    assert_eq!(graph.edges().count(), 0);
    let Some(ImportError::Ambiguous { candidates, .. }) = graph.unmet().last() else { panic!("a choice") };
    assert_eq!(candidates.len(), count - 1);
    let one = super::graph(modules(), &["000500"]);
    assert_eq!(one.edges().count(), count - 1);
    // Of the one that is integrated itself, nobody is the only one that could meet its import.
    assert_eq!(one.unmet().count(), 1);
}
