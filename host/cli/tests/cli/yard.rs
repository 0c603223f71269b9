//! A project with a workflow that is better with one more step, and modules that nobody uses.

use std::fs;
use std::path::Path;

use holobiont_test_guests as guests;
use tempfile::TempDir;

/// The file of cases that run in it.
pub(crate) const CASES: &str = "self_test.md";

/// Moving to front and coding, without the sorting before it that makes moving to front worth while. Nobody uses: that
/// sorting, a command that changes nothing, the same move to front with a note, a command that stops, and one that asks
/// a library for help.
pub(crate) fn yard() -> TempDir {
    let folder = squeezing(&["squeeze_mtf", "squeeze_coder"]);
    let root = folder.path();
    let moved = example("squeeze_mtf");
    write(root, "modules/again.wasm", &[moved, b"\x00\x06\x04note1"].concat());
    write(root, "modules/cut.wasm", &moved[..moved.len() - 20]);
    write(root, "modules/stops.wasm", guests::WAT_CORE_TRAPS.wasm);
    write(root, "modules/asks.wasm", guests::IMPORTER_TOUR.wasm);
    write(root, "modules/answers.wasm", guests::LIBRARY);
    folder
}

/// A step that cuts a byte off the end of texts, each of which is worth something. Nobody uses three that cut more, and
/// one that cuts nothing. All of them are small, so that trying them takes no time.
pub(crate) fn several() -> TempDir {
    // Where there are files in memory they are good enough: what is killed is a process, not the machine.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = folder.expect("a folder");
    let root = folder.path();
    write(root, "holobiont.toml", b"# Every setting has its default.\n");
    let text = "# By hand.\nname = \"cut\"\ninputs = [\"texts\"]\n\n[[step]]\nmodule = \"modules/one.wasm\"\n\n\
                [objective]\nbytes-saved = true\ncredits-per-unit = 0.01\n";
    write(root, SEVERAL, text.as_bytes());
    for (name, bytes) in [("one", 1), ("two", 2), ("three", 3), ("five", 5), ("useless", 0)] {
        write(root, &format!("modules/{name}.wasm"), &cutter(bytes));
    }
    for number in 0..12 {
        write(root, &format!("texts/{number:02}.txt"), "and so on, ".repeat(3 + number % 5).as_bytes());
    }
    folder
}

/// The workflow of [`several`], with a step whose parameters a patcher tunes.
pub(crate) fn tuned() -> TempDir {
    let folder = several();
    let root = folder.path();
    let engine = "[[engine]]\nname = \"cut\"\nworkflow = \"cut\"\ninterval = \"0s\"\n\
                  patcher = \"modules/tuner.wasm\"\npatch-rounds = 2\n";
    write(root, "holobiont.toml", engine.as_bytes());
    let text = "# By hand.\nname = \"cut\"\ninputs = [\"texts\"]\n\n[[step]]\nmodule = \"modules/lz77.wasm\"\n\n\
                [objective]\nbytes-saved = true\ncredits-per-unit = 1e-5\n";
    write(root, SEVERAL, text.as_bytes());
    write(root, "modules/lz77.wasm", example("squeeze_lz77"));
    write(root, "modules/tuner.wasm", example("squeeze_tuner"));
    folder
}

/// The workflow of [`several`].
pub(crate) const SEVERAL: &str = "workflows/cut.toml";

/// A candidate that cuts so many bytes off the end.
fn cutter(bytes: u32) -> Vec<u8> {
    let core = format!(
        r#"
  (memory (export "memory") 4)
  (global $free (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
  (func (export "cabi_post_run") (param i32))
  (func (export "run") (param $from i32) (param $length i32) (param i32 i32 i32 i32) (result i32)
    (if (i32.ge_u (local.get $length) (i32.const {bytes}))
      (then (local.set $length (i32.sub (local.get $length) (i32.const {bytes})))))
    (i32.store8 (i32.const 0) (i32.const 0))
    (i32.store (i32.const 4) (local.get $from))
    (i32.store (i32.const 8) (local.get $length))
    (i32.const 0))"#
    );
    let template = include_str!("../../../../tests/guests/wat/candidate.template");
    wat::parse_str(template.replace("CORE", &core)).expect("a component")
}

/// A project that squeezes short texts by some steps, and has others.
fn squeezing(steps: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    // Who is drawn depends on digests, and those of programs on where they were built.
    write(root, "holobiont.toml", b"[self-test]\naudit-share = 0.0\n");
    super::squeeze(&|name, bytes| {
        if name.starts_with("modules/") || name.starts_with("texts/") {
            write(root, name, bytes);
        }
    });
    let steps: String = steps.iter().map(|step| format!("[[step]]\nmodule = \"modules/{step}.wasm\"\n\n")).collect();
    let text = format!(
        "# By hand.\nname = \"squeeze\"\ninputs = [\"texts\"]\n\n{steps}[objective]\nbytes-saved = true\n\
         credits-per-unit = 0.01\n\n[objective.round-trip]\nparameter = \"direction\"\nvalue = \"decode\"\n",
    );
    write(root, "workflows/squeeze.toml", text.as_bytes());
    write(root, "modules/useless.wasm", guests::CAT.wasm);
    folder
}

pub(crate) fn write(root: &Path, name: &str, bytes: &[u8]) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, bytes).expect("written");
}

fn example(name: &str) -> &'static [u8] {
    let (_, wasm) = guests::EXAMPLES.iter().find(|(known, _)| *known == name).expect("an example");
    wasm
}
