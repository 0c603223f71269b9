//! Candidates that are made for a test: what they do to a text is known beforehand.

use holobiont_test_guests as guests;

/// What a candidate does to its payload: it takes `needs` away from the front, or leaves all as it is where that is
/// not there; it cuts so many bytes off the end, and puts `marks` in front.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shaper {
    pub(crate) needs: Option<u8>,
    pub(crate) marks: Option<u8>,
    pub(crate) cuts: u32,
    /// Turns of a loop that it makes first.
    pub(crate) toils: u32,
    /// Bytes of memory that it asks for first, in pages.
    pub(crate) grows: u32,
    /// Pages of memory that it has from the start beside its four.
    pub(crate) room: u32,
    /// Whether it traps, and where on payloads of no bytes only.
    pub(crate) traps: Traps,
    /// Says nothing and does nothing, but makes other bytes.
    pub(crate) note: u32,
    /// The interface of a function `f` that it asks for the successor of one less than it cuts.
    pub(crate) asks: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Traps {
    #[default]
    Never,
    OnNothing,
    Always,
}

/// Enough turns that the store is asked to keep the run.
pub(crate) const TOIL: u32 = 400_000;

impl Shaper {
    pub(crate) fn cuts(bytes: u32) -> Self {
        Self { cuts: bytes, ..Self::default() }
    }

    pub(crate) fn wasm(self) -> Vec<u8> {
        let template = include_str!("../../guests/wat/candidate.template");
        let text = match self.asks {
            None => template.replace("CORE", &self.core()),
            Some(interface) => template
                .replace(
                    "(component\n",
                    &format!(
                        r#"(component
                        (import "{interface}" (instance $n (export "f" (func (param "x" u32) (result u32)))))
                        (core func $f (canon lower (func $n "f")))"#
                    ),
                )
                .replace("(instantiate $m)", r#"(instantiate $m (with "" (instance (export "f" (func $f)))))"#)
                .replace("CORE", &format!(r#"(import "" "f" (func $f (param i32) (result i32))) {}"#, self.core())),
        };
        wat::parse_str(text).expect("a component")
    }

    fn core(self) -> String {
        let Self { needs, marks, cuts, toils, grows, room, traps, note, asks } = self;
        let pages = 4 + room;
        let cuts = match asks {
            None => format!("(i32.const {cuts})"),
            Some(_) => format!("(call $f (i32.const {}))", cuts.saturating_sub(1)),
        };
        let needs = needs.map_or_else(String::new, |byte| {
            format!(
                "(br_if $as-it-is (i32.eq (local.get $from) (local.get $end)))
                 (br_if $as-it-is (i32.ne (i32.load8_u (local.get $from)) (i32.const {byte})))
                 (local.set $from (i32.add (local.get $from) (i32.const 1)))"
            )
        });
        let marks = marks.map_or_else(String::new, |byte| {
            format!(
                "(local.set $from (i32.sub (local.get $from) (i32.const 1)))
                 (i32.store8 (local.get $from) (i32.const {byte}))"
            )
        });
        let traps = match traps {
            Traps::Never => "",
            Traps::OnNothing => "(if (i32.eqz (local.get $length)) (then unreachable))",
            Traps::Always => "unreachable",
        };
        format!(
            r#"
  (memory (export "memory") {pages})
  (global $free (mut i32) (i32.const 1024))
  ;; What it gives has room for a mark before it.
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 16)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
  (func (export "cabi_post_run") (param i32))
  (func (export "run") (param $from i32) (param $length i32) (param i32 i32 i32 i32) (result i32)
    (local $end i32) (local $turns i32)
    {traps}
    (if (i32.const {grows}) (then (drop (memory.grow (i32.const {grows})))))
    (local.set $turns (i32.const {toils}))
    (block $done (loop $on
      (br_if $done (i32.eqz (local.get $turns)))
      (local.set $turns (i32.sub (local.get $turns) (i32.const 1)))
      (br $on)))
    (local.set $end (i32.add (local.get $from) (local.get $length)))
    (block $as-it-is
      {needs}
      (br_if $as-it-is (i32.lt_u (i32.sub (local.get $end) (local.get $from)) {cuts}))
      (local.set $end (i32.sub (local.get $end) {cuts}))
      {marks})
    (i32.store8 (i32.const 0) (i32.const 0))
    (i32.store (i32.const 4) (local.get $from))
    (i32.store (i32.const 8) (i32.sub (local.get $end) (local.get $from)))
    (i32.const 0))
  (@custom "note" "{note}")"#
        )
    }
}

/// An example plugin.
pub(crate) fn example(name: &str) -> Vec<u8> {
    let found = guests::EXAMPLES.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no example {name}")).1.to_vec()
}

/// The fixture whose parameter `act` says what it does.
pub(crate) fn actor() -> Vec<u8> {
    guests::CANDIDATE_ECHO.wasm.to_vec()
}
