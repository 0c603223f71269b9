//! Modules without effect: they give back what they are given.

use wasm_encoder::{
    BlockType, CodeSection, CustomSection, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    ImportSection, MemArg, MemorySection, MemoryType, Module, TypeSection, ValType,
};

/// Where the program keeps what it reads and writes with: a pointer and a length, and how much was moved.
const VECTOR: i32 = 0;
const MOVED: i32 = 8;
const BUFFER: i32 = 64;
const BUFFER_BYTES: i32 = 65_536;

/// A WASI preview 1 command that copies its input to its output. Those of different numbers have different bytes, and
/// so different digests, but the same instructions.
pub(super) fn pass_through(number: u8) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32; 4], [ValType::I32]);
    types.ty().function([], []);
    let mut imports = ImportSection::new();
    for name in ["fd_read", "fd_write"] {
        imports.import("wasi_snapshot_preview1", name, EntityType::Function(0));
    }
    let mut functions = FunctionSection::new();
    functions.function(1);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 2, maximum: Some(2), memory64: false, shared: false, page_size_log2: None });
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0).export("_start", ExportKind::Func, 2);
    let mut code = CodeSection::new();
    code.function(&copy());
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&memories).section(&exports).section(&code);
    module.section(&CustomSection { name: "number".into(), data: (&[number][..]).into() });
    module.finish()
}

/// Reads until nothing comes; writes each piece until all of it is gone, since a write may take a part only.
fn copy() -> Function {
    let word = |offset: i32| MemArg { offset: offset as u64, align: 2, memory_index: 0 };
    let (read, write, length, done) = (0, 1, 0, 1);
    let mut f = Function::new([(2, ValType::I32)]);
    let mut i = f.instructions();
    i.block(BlockType::Empty).loop_(BlockType::Empty);
    // vector = (BUFFER, BUFFER_BYTES); leave unless fd_read(0, vector, 1, MOVED) is 0 and moved something.
    i.i32_const(VECTOR).i32_const(BUFFER).i32_store(word(0));
    i.i32_const(VECTOR).i32_const(BUFFER_BYTES).i32_store(word(4));
    i.i32_const(0).i32_const(VECTOR).i32_const(1).i32_const(MOVED).call(read).br_if(1);
    i.i32_const(MOVED).i32_load(word(0)).local_tee(length).i32_eqz().br_if(1);
    i.i32_const(0).local_set(done);
    i.loop_(BlockType::Empty);
    // vector = (BUFFER + done, length - done); leave unless fd_write(1, vector, 1, MOVED) is 0.
    i.i32_const(VECTOR).i32_const(BUFFER).local_get(done).i32_add().i32_store(word(0));
    i.i32_const(VECTOR).local_get(length).local_get(done).i32_sub().i32_store(word(4));
    i.i32_const(1).i32_const(VECTOR).i32_const(1).i32_const(MOVED).call(write).br_if(2);
    i.local_get(done).i32_const(MOVED).i32_load(word(0)).i32_add().local_tee(done);
    i.local_get(length).i32_lt_u().br_if(0);
    i.end().br(0).end().end().end();
    f
}
