//! Patchers that are made for a test: what they propose is known beforehand.

use holobiont_sandbox::Patch;

/// Where in its memory the proposals begin.
const BASE: usize = 1024;

/// The length of a proposal in its memory: a discriminant, then two lists.
const PATCH: usize = 20;

/// A patcher that proposes the same whatever it is told.
pub(crate) fn proposer(patches: &[Patch]) -> Vec<u8> {
    let mut memory = vec![0; patches.len() * PATCH];
    for (place, patch) in patches.iter().enumerate() {
        let (case, id, list) = match patch {
            Patch::Parameters { id, values } => {
                let texts = values.iter().flat_map(|(name, value)| [name, value]);
                let records: Vec<u8> = texts.flat_map(|text| put(&mut memory, text.as_bytes(), text.len())).collect();
                (0u32, id, put(&mut memory, &records, values.len()))
            }
            Patch::Component { id, bytes } => (1, id, put(&mut memory, bytes, bytes.len())),
        };
        let id = put(&mut memory, id.as_bytes(), id.len());
        let record = [&case.to_le_bytes(), &id[..], &list[..]].concat();
        memory[place * PATCH..][..PATCH].copy_from_slice(&record);
    }
    component(&memory, patches.len())
}

/// Puts a list into the memory; its address and count.
fn put(memory: &mut Vec<u8>, bytes: &[u8], count: usize) -> [u8; 8] {
    memory.resize(memory.len().next_multiple_of(4), 0);
    let word = |number: usize| u32::try_from(number).expect("a small memory").to_le_bytes();
    let at = word(BASE + memory.len());
    memory.extend_from_slice(bytes);
    [at, word(count)].concat().try_into().expect("two words")
}

fn component(memory: &[u8], count: usize) -> Vec<u8> {
    let data: String = memory.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let end = BASE + memory.len();
    // What it is told needs some, too.
    let pages = end.div_ceil(64 << 10) + 4;
    let text = format!(
        r#"(component
  (core module $m
    (memory (export "memory") {pages})
    (data (i32.const {BASE}) "{data}")
    (global $free (mut i32) (i32.const {end}))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
      (global.set $free (i32.add (local.get $at) (local.get 3)))
      (local.get $at))
    (func (export "propose") (param i32 i32 i32 i32 i64) (result i32)
      (i32.store8 (i32.const 0) (i32.const 0))
      (i32.store (i32.const 4) (i32.const {BASE}))
      (i32.store (i32.const 8) (i32.const {count}))
      (i32.const 0)))
  (core instance $i (instantiate $m))
  (type $parameter-type (record (field "name" string) (field "value" string)))
  (export $parameter "parameter" (type $parameter-type))
  (type $domain-type (variant (case "integer" (tuple s64 s64)) (case "number" (tuple f64 f64))
    (case "choice" (list string)) (case "text")))
  (export $domain "domain" (type $domain-type))
  (type $tunable-type (record (field "name" string) (field "summary" string) (field "domain" $domain)
    (field "default" string)))
  (export $tunable "tunable" (type $tunable-type))
  (type $target-type (record (field "id" string) (field "tunables" (list $tunable))
    (field "current" (list $parameter))))
  (export $target "target" (type $target-type))
  (type $attempt-type (record (field "id" string) (field "values" (list $parameter)) (field "gain" f64)))
  (export $attempt "attempt" (type $attempt-type))
  (type $context-type (record (field "targets" (list $target)) (field "history" (list $attempt)) (field "seed" u64)))
  (export $context "context" (type $context-type))
  (type $parameters-type (record (field "id" string) (field "values" (list $parameter))))
  (export $parameters "parameter-patch" (type $parameters-type))
  (type $component-type (record (field "id" string) (field "component" (list u8))))
  (export $component "component-patch" (type $component-type))
  (type $patch-type (variant (case "parameters" $parameters) (case "component" $component)))
  (export $patch "patch" (type $patch-type))
  (type $failure-type (variant (case "invalid-input" string) (case "invalid-parameter" string)
    (case "unsupported" string) (case "internal" string)))
  (export $failure "failure" (type $failure-type))
  (func $propose (param "context" $context) (result (result (list $patch) (error $failure)))
    (canon lift (core func $i "propose") (memory $i "memory") (realloc (func $i "cabi_realloc"))))
  (instance $e (export "propose" (func $propose)))
  (export "holobiont:plugin/patcher@0.1.0" (instance $e)))"#
    );
    wat::parse_str(text).expect("a component")
}
