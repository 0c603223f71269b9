//! What one function is like: how long, how wide its vocabulary, how branchy, how deep.
//!
//! # The maintainability index
//!
//! Per function, the index of Coleman, Ash, Lowther and Oman (1994) as it is rescaled to 0..100 since:
//!
//! ```text
//! MI = max(0, 171 - 5.2 ln V - 0.23 C - 16.2 ln L) * 100 / 171, at most 100
//! V  = N log2 n         Halstead's volume: N operators and operands, n distinct ones
//! C  = 1 + decisions    McCabe's cyclomatic complexity
//! L  = lines of code
//! ```
//!
//! Operators are opcodes, without `end`, which closes what another one opened. Operands are what they
//! name: locals, globals, functions, types of indirect calls, constants, and offsets of memory accesses,
//! which are what field names become. Labels are relative, so that they name nothing; what branches do is
//! C's business. Decisions are `if`, `br_if`, `br_on_*`, `select`, each clause that catches, and for
//! `br_table` its distinct targets less one: a table of 256 bytes with three ways out is a choice of three.
//!
//! A function in WebAssembly has no lines. A line of what a person wrote becomes several instructions of a
//! stack machine, so L is instructions / [`INSTRUCTIONS_PER_LINE`], and what the inliner pulled into one
//! function counts against it, as it should: the index is about the code that is shipped.

use std::collections::HashSet;

use wasmparser::{BinaryReader, FunctionBody, Operator};

/// Instructions that make up for a line of source. Measured on what debug information says of the WASI
/// test suite, as instructions per distinct line of each function: 8.3 over its Rust programs, 11.8 over
/// its C programs. With it the index keeps its usual scale, on which 20 is where to look closer and 10
/// where to worry: the Rust modules of this project lie at 19 to 41, the suite's Rust programs at 33 to
/// 50, its C programs, half of which is one `printf`, at 18 to 22, modules of a few lines at 80 to 100.
pub(super) const INSTRUCTIONS_PER_LINE: f64 = 10.0;

/// Blocks inside of one another past which an instruction counts as deeply nested. Compilers turn an
/// n-way choice into n nested blocks, so this is far above what a person would write.
pub(super) const DEEP: u32 = 16;

/// Distinct operands that are told apart in a function. Past it the vocabulary stops growing: only its
/// logarithm matters, and a stranger's function of megabytes may not fill the host's memory.
const MOST_OPERANDS: usize = 1 << 16;

/// What one function is like.
#[derive(Debug, Default)]
pub(super) struct Measure {
    /// Instructions, without `end`.
    pub(super) instructions: u32,
    /// Of these, those that lie deeper than [`DEEP`] blocks.
    pub(super) deep_instructions: u32,
    /// `unreachable`: what a compiler puts behind a call that does not return, as of a panic.
    pub(super) unreachables: u32,
    /// Calls through a table or a reference.
    pub(super) indirect_calls: u32,
    /// Instructions that change a table.
    pub(super) table_writes: u32,
    /// Its maintainability index, 0..100.
    pub(super) maintainability: f64,
}

/// Reads functions, one after the other, and keeps the room that it needs for one.
#[derive(Debug, Default)]
pub(super) struct Reader {
    operators: HashSet<u32>,
    operands: HashSet<(OperandKind, u64)>,
    targets: Vec<u32>,
}

/// What keeps `local 1` and `constant 1` apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum OperandKind {
    Local,
    Global,
    Function,
    Type,
    I32,
    I64,
    F32,
    F64,
    Offset,
}

/// Counts that the index is made of.
#[derive(Default)]
struct Tally {
    operators: u64,
    operands: u64,
    decisions: u64,
}

impl Reader {
    /// Measures a function, and notes the functions that it calls or takes the reference of.
    pub(super) fn read(&mut self, body: &FunctionBody<'_>, calls: &mut Vec<u32>) -> wasmparser::Result<Measure> {
        empty(&mut self.operators);
        empty(&mut self.operands);
        let (bytes, start) = (body.as_bytes(), body.range().start);
        let mut reader = body.get_operators_reader()?;
        let (mut measure, mut tally, mut depth) = (Measure::default(), Tally::default(), 0_u32);
        while !reader.eof() {
            let at = reader.original_position() - start;
            let operator = reader.read()?;
            if matches!(operator, Operator::End) {
                depth = depth.saturating_sub(1);
                continue;
            }
            measure.instructions = measure.instructions.saturating_add(1);
            measure.deep_instructions += u32::from(depth > DEEP);
            tally.operators += 1;
            self.operators.insert(opcode(bytes.get(at..).unwrap_or_default()));
            if let Some(operand) = operand(&operator) {
                tally.operands += 1;
                if self.operands.len() < MOST_OPERANDS {
                    self.operands.insert(operand);
                }
            }
            tally.decisions += self.decisions(&operator)?;
            match operator {
                Operator::Block { .. }
                | Operator::Loop { .. }
                | Operator::If { .. }
                | Operator::Try { .. }
                | Operator::TryTable { .. } => depth = depth.saturating_add(1),
                Operator::Unreachable => measure.unreachables += 1,
                Operator::Call { function_index }
                | Operator::ReturnCall { function_index }
                | Operator::RefFunc { function_index } => calls.push(function_index),
                Operator::CallIndirect { .. }
                | Operator::ReturnCallIndirect { .. }
                | Operator::CallRef { .. }
                | Operator::ReturnCallRef { .. } => measure.indirect_calls += 1,
                Operator::TableSet { .. }
                | Operator::TableGrow { .. }
                | Operator::TableFill { .. }
                | Operator::TableCopy { .. }
                | Operator::TableInit { .. } => measure.table_writes += 1,
                _ => {}
            }
        }
        let vocabulary = self.operators.len() + self.operands.len();
        measure.maintainability = maintainability(&tally, vocabulary);
        Ok(measure)
    }

    /// The ways that an instruction adds to those through its function.
    fn decisions(&mut self, operator: &Operator<'_>) -> wasmparser::Result<u64> {
        Ok(match operator {
            Operator::If { .. }
            | Operator::BrIf { .. }
            | Operator::BrOnNull { .. }
            | Operator::BrOnNonNull { .. }
            | Operator::BrOnCast { .. }
            | Operator::BrOnCastFail { .. }
            | Operator::Select
            | Operator::TypedSelect { .. }
            | Operator::Catch { .. }
            | Operator::CatchAll => 1,
            Operator::TryTable { try_table } => try_table.catches.len() as u64,
            Operator::BrTable { targets } => {
                self.targets.clear();
                for target in targets.targets() {
                    self.targets.push(target?);
                }
                self.targets.push(targets.default());
                self.targets.sort_unstable();
                self.targets.dedup();
                self.targets.len() as u64 - 1
            }
            _ => 0,
        })
    }
}

/// Empties a set in a time that what was in it has paid for: clearing a table goes through all of its
/// room, so that behind one huge function each of a million small ones would be as dear as that one.
fn empty<T>(set: &mut HashSet<T>) {
    if set.capacity() / 8 > set.len() {
        *set = HashSet::new();
    } else {
        set.clear();
    }
}

/// The number of an instruction: its first byte, and for the families with a prefix the one behind it.
fn opcode(bytes: &[u8]) -> u32 {
    match bytes {
        [prefix @ 0xfb..=0xfe, rest @ ..] => {
            let number = BinaryReader::new(rest, 0).read_var_u32().unwrap_or_default();
            u32::from(*prefix) << 24 | (number & 0x00ff_ffff)
        }
        [first, ..] => u32::from(*first),
        [] => 0,
    }
}

/// What an instruction names. Instructions of proposals that no measured run may use name nothing.
fn operand(operator: &Operator<'_>) -> Option<(OperandKind, u64)> {
    use Operator as O;
    Some(match *operator {
        O::LocalGet { local_index } | O::LocalSet { local_index } | O::LocalTee { local_index } => {
            (OperandKind::Local, local_index.into())
        }
        O::GlobalGet { global_index } | O::GlobalSet { global_index } => (OperandKind::Global, global_index.into()),
        O::Call { function_index } | O::ReturnCall { function_index } | O::RefFunc { function_index } => {
            (OperandKind::Function, function_index.into())
        }
        O::CallIndirect { type_index, .. } | O::ReturnCallIndirect { type_index, .. } => {
            (OperandKind::Type, type_index.into())
        }
        O::I32Const { value } => (OperandKind::I32, u64::from(value.cast_unsigned())),
        O::I64Const { value } => (OperandKind::I64, value.cast_unsigned()),
        O::F32Const { value } => (OperandKind::F32, value.bits().into()),
        O::F64Const { value } => (OperandKind::F64, value.bits()),
        O::I32Load { memarg }
        | O::I64Load { memarg }
        | O::F32Load { memarg }
        | O::F64Load { memarg }
        | O::I32Load8S { memarg }
        | O::I32Load8U { memarg }
        | O::I32Load16S { memarg }
        | O::I32Load16U { memarg }
        | O::I64Load8S { memarg }
        | O::I64Load8U { memarg }
        | O::I64Load16S { memarg }
        | O::I64Load16U { memarg }
        | O::I64Load32S { memarg }
        | O::I64Load32U { memarg }
        | O::I32Store { memarg }
        | O::I64Store { memarg }
        | O::F32Store { memarg }
        | O::F64Store { memarg }
        | O::I32Store8 { memarg }
        | O::I32Store16 { memarg }
        | O::I64Store8 { memarg }
        | O::I64Store16 { memarg }
        | O::I64Store32 { memarg } => (OperandKind::Offset, memarg.offset),
        _ => return None,
    })
}

/// The index of a function; see the page of this module.
fn maintainability(tally: &Tally, vocabulary: usize) -> f64 {
    let volume = (tally.operators + tally.operands) as f64 * (vocabulary.max(1) as f64).log2();
    let lines = (tally.operators as f64 / INSTRUCTIONS_PER_LINE).max(1.0);
    let complexity = 1.0 + tally.decisions as f64;
    let index = 171.0 - 5.2 * volume.max(1.0).ln() - 0.23 * complexity - 16.2 * lines.ln();
    (index * 100.0 / 171.0).clamp(0.0, 100.0)
}
