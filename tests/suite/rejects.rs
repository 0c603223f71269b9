//! Bytes that are no module are refused by name, whatever they are: never an error of the host, never a panic.

use holobiont_core::{CompileLimits, Outcome};
use holobiont_sandbox::{Loaded, ModuleKind, Sandbox, inspect};
use holobiont_test_guests as guests;

use crate::support::{Numbers, SANDBOX, Setup, is_plain, load, working};

#[track_caller]
fn refusal(bytes: &[u8]) -> Outcome {
    match SANDBOX.load(bytes).expect("a stranger's bytes are no fault of the host") {
        Loaded::Refused(outcome) => outcome,
        Loaded::Ready(module) => panic!("it loaded as a {}", module.kind().name()),
    }
}

#[test]
fn bytes_that_are_no_module_are_named_for_what_they_are() {
    let _working = working();
    let long = [0x55; 100_000];
    let cases: [(&[u8], &str); 18] = [
        (b"", "rejected: empty"),
        (b"\0", "rejected: truncated"),
        (b"\0asm", "rejected: truncated"),
        (b"\0asm\x0d\0\x01", "rejected: truncated"),
        (b"\0asm\x02\0\0\0", "rejected: invalid"),
        (b"\0asm\x0d\0\x02\0", "rejected: invalid"),
        (b"\0asm\x01\0\0\0", "rejected: no-entry-point"),
        (b"\0asm\x0d\0\x01\0", "rejected: no-entry-point"),
        (b"\0asm\x0d\0\x01\0\x01\xff\xff\x03", "rejected: truncated"),
        (b"hello", "rejected: not-wasm"),
        (b"#!/bin/sh\nrm -rf /\n", "rejected: not-wasm"),
        (b"\xef\xbb\xbf(module)", "rejected: not-wasm"),
        (&long, "rejected: not-wasm"),
        (b"(module)", "rejected: text"),
        (b"\n  (component)", "rejected: text"),
        (b";; text\n(module)", "rejected: text"),
        (b"\x7fELF\x02\x01\x01\0", "rejected: precompiled"),
        (b"MZ\x90\0", "rejected: not-wasm"),
    ];
    for (bytes, code) in cases {
        let outcome = refusal(bytes);
        assert_eq!(outcome.code(), code, "{:?}: {outcome}", String::from_utf8_lossy(&bytes[..bytes.len().min(20)]));
        assert!(is_plain(outcome.detail()) && !outcome.detail().is_empty(), "{outcome}");
        assert_eq!(inspect(bytes).err(), Some(outcome), "inspecting says what loading says");
    }
}

#[test]
fn compiled_code_is_never_taken_from_outside() {
    let _working = working();
    let folder = tempfile::tempdir().expect("a folder");
    let sandbox = Sandbox::builder().cache_dir(folder.path()).build().expect("a sandbox");
    sandbox.load(guests::CAT.wasm).expect("no fault of the host");
    let entries = crate::caching::entries(folder.path());
    let entry = std::fs::read(entries.first().expect("an entry")).expect("read");
    // The entry as it lies there, and the engine's own format without what the cache puts around it.
    let elf = entry.windows(4).position(|bytes| bytes == b"\x7fELF").expect("native code");
    assert_eq!(refusal(&entry[elf..]).code(), "rejected: precompiled");
    assert_eq!(refusal(&entry).code(), "rejected: not-wasm");
}

#[test]
fn a_module_that_is_too_large_is_refused_by_its_size() {
    let _working = working();
    let limits = CompileLimits { module_bytes: 10_000, ..CompileLimits::default() };
    let small = Sandbox::builder().compile_limits(limits).build().expect("a sandbox");
    let Loaded::Refused(outcome) = small.load(guests::CAT.wasm).expect("no fault of the host") else {
        panic!("it loaded")
    };
    assert_eq!(outcome.code(), "rejected: too-large");
    assert!(outcome.detail().contains("9.8 KiB"), "{outcome}");
}

/// Loads bytes that were a module once. Whatever they are now, they are data; what still loads, runs in bounds.
#[track_caller]
fn survives(bytes: &[u8], what: &str) -> String {
    match SANDBOX.load(bytes) {
        Err(error) => panic!("{what}: a fault of the host: {error}"),
        Ok(Loaded::Refused(outcome)) => {
            assert!(is_plain(&outcome.to_string()) && !outcome.detail().is_empty(), "{what}: {outcome}");
            outcome.code()
        }
        // Another letter in the name of its entry point makes it a library, which is not run.
        Ok(Loaded::Ready(module)) if module.kind() == ModuleKind::Library => "library".to_owned(),
        Ok(Loaded::Ready(module)) => {
            let setup = Setup::new(&guests::WAT_EMPTY).limits(|limits| limits.fuel = 1_000_000);
            setup.run_module(&SANDBOX, &module).outcome.code()
        }
    }
}

#[test]
fn a_module_cut_short_anywhere_is_refused() {
    let _working = working();
    for fixture in
        [guests::WAT_EMPTY, guests::WAT_POST_RETURN_OVERWRITES, guests::WAT_FORGED_HANDLE, guests::WAT_CORE_CAT]
    {
        let whole = survives(fixture.wasm, fixture.name);
        for end in 0..fixture.wasm.len() {
            let code = survives(&fixture.wasm[..end], &format!("{} cut at {end}", fixture.name));
            // Without its last sections, which are but names, a module is a module still.
            assert!(code.starts_with("rejected: ") || code == whole, "{} cut at {end}: {code}", fixture.name);
        }
    }
}

#[test]
fn a_large_module_cut_short_is_refused() {
    let _working = working();
    let mut numbers = Numbers(0xc07);
    let whole = guests::CAT.wasm;
    for _ in 0..40 {
        let end = numbers.below(whole.len() as u64 - 1) as usize;
        let code = survives(&whole[..end], &format!("cut at {end}"));
        assert!(code.starts_with("rejected: ") || code == "completed", "cut at {end}: {code}");
    }
}

#[test]
fn a_module_with_a_byte_changed_is_data() {
    let _working = working();
    let mut numbers = Numbers(0xf11b);
    let fixtures =
        [guests::WAT_EMPTY, guests::WAT_POST_RETURN_OVERWRITES, guests::WAT_FORGED_HANDLE, guests::WAT_CORE_CAT];
    for fixture in fixtures {
        for _ in 0..150 {
            let at = numbers.below(fixture.wasm.len() as u64) as usize;
            let mut bytes = fixture.wasm.to_vec();
            bytes[at] ^= 1 << numbers.below(8);
            survives(&bytes, &format!("{} with byte {at} changed to {:#x}", fixture.name, bytes[at]));
        }
    }
}

#[test]
fn inspecting_and_loading_agree_on_what_is_a_module() {
    let _working = working();
    for fixture in guests::ALL {
        match (inspect(fixture.wasm), load(fixture)) {
            (Err(seen), Loaded::Refused(loaded)) => assert_eq!(seen, loaded, "{}", fixture.name),
            (Err(seen), Loaded::Ready(_)) => panic!("{}: seen as {seen}, but it loads", fixture.name),
            (Ok(facts), Loaded::Ready(module)) => assert_eq!(facts.kind, module.kind(), "{}", fixture.name),
            // Reading does not validate.
            (Ok(_), Loaded::Refused(_)) => {}
        }
    }
}
