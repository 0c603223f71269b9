//! Fusing modules into one, beside linking them.

use holobiont_sandbox::{FuseError, ModuleKind, Sandbox};
use holobiont_test_guests as guests;

use crate::linking::{ADD, adder, adder_over, asks, command, provider, ready, refused, run};
use crate::support::{SANDBOX, Setup, is_plain, working};

/// The importer of the fixtures and its library, as one component.
fn fused(sandbox: &Sandbox) -> Vec<u8> {
    let (root, library) = (("importer", guests::IMPORTER_TOUR.wasm), ("library", guests::LIBRARY));
    // One that nobody needs is left out.
    let other = ("other", guests::CAT.wasm);
    sandbox.fuse(root, &[other, library]).expect("they go together")
}

#[test]
fn fused_and_linked_give_the_same_and_cost_otherwise() {
    let _working = working();
    let bytes = fused(&SANDBOX);
    assert_eq!(bytes, fused(&SANDBOX), "made twice");
    assert!(bytes.len() < guests::IMPORTER_TOUR.wasm.len() + guests::LIBRARY.len() + 20_000);
    let module = ready(&bytes, &[]);
    assert_eq!((module.kind(), module.links().len()), (ModuleKind::Candidate, 0));
    let setup = Setup::new(&guests::IMPORTER_TOUR);
    let (linked, fused) = (setup.run(), setup.run_module(&SANDBOX, &module));
    assert!(fused.outcome.is_completed(), "{}", fused.outcome);
    assert_eq!(fused.text(), linked.text());
    let (linked, fused) = (linked.measurement(), fused.measurement());
    assert!(fused.parts.is_empty() && linked.parts.len() == 1);
    // One memory limit for both, and no host call between them.
    assert!(fused.usage.peak_memory_bytes > linked.usage.peak_memory_bytes);
    assert!(fused.usage.host_calls < linked.usage.host_calls);
    assert_ne!(fused.usage.fuel, linked.usage.fuel + linked.parts[0].usage.fuel);
}

#[test]
fn a_fused_chain_adds_up() {
    let _working = working();
    let name = |at: usize| format!("acme:chain/l{at}");
    let (first, second) = (adder(&name(0)), adder_over(&name(1), &name(0)));
    let functions = format!(r#"(export "f" (func {ADD}))"#);
    let root =
        command(&name(1), &functions, "(param i32) (result i32)", "(i32.ne (call $f (i32.const 40)) (i32.const 42))");
    let bytes = SANDBOX.fuse(("root", &root), &[("first", &first), ("second", &second)]).expect("they go together");
    let came = run(&ready(&bytes, &[]));
    assert!(came.outcome.is_completed(), "{}", came.outcome);
    // The other way round nobody before the second meets its import: what is made loads as what it is.
    let bytes = SANDBOX.fuse(("root", &root), &[("second", &second), ("first", &first)]).expect("it is a component");
    refused(&bytes, &[], "rejected: unknown-import", &["acme:chain/l0"]);
}

#[test]
fn what_does_not_go_together_is_not_fused() {
    let _working = working();
    let refuses = |root: &[u8], provider: &[u8], code: &str| match SANDBOX
        .fuse(("the root", root), &[("the \u{1b}[2Jother", provider)])
    {
        Err(FuseError::Refused(outcome)) => {
            assert_eq!(outcome.code(), code, "{outcome}");
            assert!(is_plain(outcome.detail()), "{outcome}");
        }
        other => panic!("{:?}", other.map(|bytes| bytes.len())),
    };
    let name = "acme:text/normalise@0.1.0";
    let asker = asks(name, 1);
    let signed = provider(name, r#"(param "x" s32) (result u32)"#, "(param i32) (result i32) (local.get 0)");
    refuses(&asker, &signed, "rejected: interface-mismatch");
    refuses(&asker, b"no module", "rejected: not-wasm");
    refuses(&asker[..asker.len() / 2], &adder(name), "rejected: truncated");
    refuses(guests::WAT_CORE_CAT.wasm, &adder(name), "rejected: invalid");
    let mut bent = adder(name);
    for at in (8..bent.len()).step_by(3) {
        bent[at] ^= 0x21;
        // Whatever it is, it is data.
        match SANDBOX.fuse(("root", &asker), &[("bent", &bent)]) {
            Ok(_) | Err(FuseError::Refused(_)) => {}
            Err(FuseError::Host(error)) => panic!("byte {at}: {error}"),
            Err(other) => panic!("{other}"),
        }
        bent[at] ^= 0x21;
    }
}
