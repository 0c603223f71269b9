use holobiont_core::{Digest, Update};

use super::*;
use crate::store::MemoryStore;

fn event(at_ms: u64, kind: &str, subject: &str, document: &str) -> StoredEvent {
    StoredEvent { at_ms, kind: kind.to_owned(), subject: subject.to_owned(), document: document.to_owned() }
}

fn store(events: &[StoredEvent]) -> MemoryStore {
    let store = MemoryStore::default();
    events.iter().for_each(|event| {
        store.append(event).expect("kept");
    });
    store
}

fn refused(text: &str) -> String {
    let error = read_events(text.as_bytes()).expect_err("refused");
    assert!(matches!(error, EventsError::Line { .. }), "{error:?}");
    let words = error.to_string();
    assert!(!words.chars().any(char::is_control), "{words:?}");
    words
}

fn measured() -> String {
    let measured = Measured {
        schema: Measured::SCHEMA.to_owned(),
        question: Digest::of(b"?"),
        preset: "standard".to_owned(),
        group: Vec::new(),
        arms: Vec::new(),
        update: Update { after: 0.1 + 0.2, before: -0.0, ..Update::default() },
    };
    String::from_utf8(json(&measured)).expect("text")
}

#[test]
fn what_is_exported_is_what_is_taken_in_byte_for_byte() {
    let odd = "{\"z\":1.50,\"a\":[1e3,18446744073709551615,123456789012345678901234567890],\"z\":\"\\u00e9\\n\"}";
    let all = [
        event(7, "measured", "squeeze", &measured()),
        event(3, "k\n\u{1b}[31m", "../\u{202e}\"\\", odd),
        event(3, "", "", "null"),
        event(0, "k", &"s".repeat(100_000), "{}"),
        event(0, "k", "twice", "{}"),
        event(0, "k", "twice", "{}"),
    ];
    let exported = export_events(&store(&all)).expect("exported");
    assert_eq!((exported.events, exported.text.lines().count()), (6, 6));
    let read = read_events(exported.text.as_bytes()).expect("read");
    assert_eq!(read, all);
    let other = MemoryStore::default();
    assert_eq!(other.take_in(&read).expect("taken in"), 6);
    assert_eq!(export_events(&other).expect("exported"), exported, "to the last byte, with the numbers");
    assert_eq!(other.take_in(&read).expect("taken in"), 0, "once is enough");
}

#[test]
fn what_is_in_both_is_there_once_and_order_is_kept() {
    let (a, b, c) = (event(1, "k", "a", "1"), event(2, "k", "b", "2"), event(1, "k", "c", "3"));
    let here = store(&[b.clone(), event(9, "k", "here", "4")]);
    let there = export_events(&store(&[c.clone(), a.clone(), b])).expect("exported");
    assert_eq!(here.take_in(&read_events(there.text.as_bytes()).expect("read")).expect("taken in"), 2);
    let page = here.events_after(2, usize::MAX).expect("read");
    assert_eq!(page, [(3, c), (4, a)], "by their numbers, whatever their times");
}

#[test]
fn pages_are_put_together() {
    let many: Vec<StoredEvent> =
        (0..2 * PAGE as u64 + 1).map(|number| event(number, "k", "s", &number.to_string())).collect();
    let exported = export_events(&store(&many)).expect("exported");
    assert_eq!(exported.events, many.len() as u64);
    assert_eq!(read_events(exported.text.as_bytes()).expect("read"), many);
}

#[test]
fn nothing_is_an_empty_file() {
    assert_eq!(export_events(&MemoryStore::default()).expect("exported"), Exported { text: String::new(), events: 0 });
    for text in ["", "\n"] {
        assert_eq!(read_events(text.as_bytes()).expect("read"), []);
    }
}

#[test]
fn a_document_is_on_one_line_or_is_told() {
    let exported = export_events(&store(&[event(1, "k", "s", "{\n  \"a\": 1\r\n}")])).expect("exported");
    assert_eq!(exported.text.lines().count(), 1);
    assert_eq!(read_events(exported.text.as_bytes()).expect("read").len(), 1);
    for broken in ["", "{", "{} {}", "nonsense\u{1b}"] {
        let error = export_events(&store(&[event(1, "k", "s", "1"), event(1, "k", "s", broken)])).expect_err("broken");
        assert!(matches!(error, EventsError::Event { number: 2, .. }), "{error:?}");
        assert!(!error.to_string().chars().any(char::is_control));
    }
}

#[test]
fn what_is_not_understood_is_refused_by_its_line() {
    let line = |number: u64, kind: &str, document: &str| {
        Event::new(number, event(1, kind, "s", document)).expect("a document").line()
    };
    let good = line(1, "k", "{}");
    for (second, words) in [
        (String::new(), "EOF while parsing a value, column 0"),
        ("prose".to_owned(), "expected value"),
        ("[1]".to_owned(), "invalid"),
        ("{\"schema\":\"holobiont.event/2\"}".to_owned(), "it is of schema holobiont.event/2, this program reads"),
        ("{\"schema\":\"\u{1b}[2J\"}".to_owned(), "control character"),
        (good.replace("\"at_ms\":1,", ""), "missing field `at_ms`"),
        (good.replace("\"at_ms\":1", "\"at_ms\":-1"), "invalid value"),
        (good.replace("\"at_ms\":1", "\"at_ms\":9223372036854775808"), "past the end of time"),
        (good.replace("\"at_ms\"", "\"more\":1,\"at_ms\""), "unknown field `more`"),
        (good.clone(), "event 1 comes after event 1"),
        (line(0, "k", "{}"), "event 0 comes after event 1"),
        (line(2, "measured", "{}"), "the document of this `measured`: missing field `schema`"),
        (line(2, "measured", "{\"schema\":\"holobiont.measured/2\"}"), "this program reads holobiont.measured/1"),
        (line(2, "self-tested", "{\"schema\":\"holobiont.candidate/1\"}"), "missing field `module`"),
        (line(2, "removed", "{\"schema\":\"holobiont.pinned/1\"}"), "this program reads holobiont.removed/1"),
    ] {
        let said = refused(&format!("{good}\n{second}\n{good}"));
        assert!(said.starts_with("line 2: ") && said.contains(words), "{second}: {said}");
    }
    assert!(
        read_events(&[good.as_bytes(), b"\n\xff\n"].concat()).is_err_and(|error| error.to_string().contains("no text"))
    );
    // A file that was cut off.
    assert!(refused(&good[..good.len() - 1]).starts_with("line 1: "));
    // Nesting is no way to a stack that overflows.
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let read = read_events(good.replace("{}", &deep).as_bytes());
    assert!(read.is_ok_and(|events| events[0].document.len() == deep.len()));
    assert!(refused(&good.replace("\"s\"", &deep)).starts_with("line 1: "));
}

#[test]
fn what_this_program_keeps_reads_again() {
    let tested = format!(
        r#"{{"schema":"holobiont.candidate/1","module":"m/a.wasm","digest":"{}","imports":[],"passed":true,
        "enough_data":true,"stage":"solo","redundant":false,"reasons":[],"stages":[],"workflows":[]}}"#,
        Digest::of(b"a")
    );
    let written = [
        (MEASURED, measured()),
        (TESTED, tested.replace('\n', "")),
        (ADAPTED, "{\"schema\":\"holobiont.adapted/1\",\"moves\":[]}".to_owned()),
        (INTEGRATED, "{\"schema\":\"holobiont.integrated/1\"}".to_owned()),
        (PINNED, "{\"schema\":\"holobiont.pinned/1\"}".to_owned()),
        (REMOVED, "{\"schema\":\"holobiont.removed/1\"}".to_owned()),
        ("a kind to come", "{\"schema\":\"holobiont.to-come/1\"}".to_owned()),
    ];
    let all: Vec<StoredEvent> = written.iter().map(|(kind, document)| event(1, kind, "s", document)).collect();
    let exported = export_events(&store(&all)).expect("exported");
    assert_eq!(read_events(exported.text.as_bytes()).expect("read"), all);
}
