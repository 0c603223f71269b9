//! What is shown of a stranger's text is one line that moves no cursor and reorders nothing.

#![no_main]

use holobiont_core::{ModuleId, one_line, parse_bytes, parse_duration_ns, printable};
use holobiont_fuzz::assert_plain;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let safe = printable(text);
    assert_plain(&safe);
    assert_eq!(printable(&safe), safe, "what is printable stays as it is");
    let line = one_line(text);
    assert_plain(&line);
    assert!(line.chars().count() <= 401);
    if let Err(error) = parse_bytes(text) {
        assert_plain(&error.to_string());
    }
    if let Err(error) = parse_duration_ns(text) {
        assert_plain(&error.to_string());
    }
    match ModuleId::new(text) {
        Ok(id) => {
            assert_eq!(ModuleId::new(id.as_str()).as_ref(), Ok(&id), "an id is an id");
            assert!(!id.as_str().split('/').any(|part| matches!(part, "" | "." | "..")), "{id:?}");
        }
        Err(error) => assert_plain(&error.to_string()),
    }
});
