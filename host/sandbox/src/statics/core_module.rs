//! One core module: its functions, what leads to them, and what it shows to the outside.

use std::collections::HashSet;

use wasmparser::{
    ConstExpr, DataSectionReader, Element, ElementItems, ExportSectionReader, ExternalKind, FunctionBody, Import,
    Operator, Table, TableInit, TableType, TypeRef,
};

use super::function::{Measure, Reader};
use super::shape::Shape;

/// Instructions past which a function is huge: a hundred lines of source, by the measure of the
/// maintainability index.
pub(super) const HUGE: u32 = 1_000;

/// Instructions from which two functions of the same bytes are a repetition rather than a coincidence.
const LEAST_TWIN: u32 = 10;

/// A core module as it is read. What it keeps grows with what is there, by less than a hundred bytes for each
/// function and four for each call or element; never by a number that the module merely claims.
#[derive(Default)]
pub(super) struct CoreModule<'a> {
    /// Types of the functions defined here.
    types: Vec<u32>,
    functions: Vec<Function<'a>>,
    imported_functions: u32,
    /// Function indices, each function's behind those of the one before.
    calls: Vec<u32>,
    /// Functions that need no call from here to run.
    roots: Vec<u32>,
    /// Of each table, whether it can grow.
    tables: Vec<bool>,
    /// Of each global, whether it can be written.
    globals: Vec<bool>,
    named: bool,
}

struct Function<'a> {
    bytes: &'a [u8],
    /// Where its part of the calls ends.
    calls_end: usize,
    measure: Measure,
}

impl<'a> CoreModule<'a> {
    pub(super) fn import(&mut self, import: Import<'_>) {
        match import.ty {
            TypeRef::Func(_) | TypeRef::FuncExact(_) => {
                self.imported_functions = self.imported_functions.saturating_add(1);
            }
            TypeRef::Table(table) => self.tables.push(can_grow(&table)),
            TypeRef::Global(global) => self.globals.push(global.mutable),
            TypeRef::Memory(_) | TypeRef::Tag(_) => {}
        }
    }

    pub(super) fn function_type(&mut self, index: u32) {
        self.types.push(index);
    }

    pub(super) fn table(&mut self, table: &Table<'_>) -> wasmparser::Result<()> {
        self.tables.push(can_grow(&table.ty));
        match &table.init {
            TableInit::Expr(init) => self.constant(init),
            TableInit::RefNull => Ok(()),
        }
    }

    pub(super) fn global(&mut self, mutable: bool, init: &ConstExpr<'_>) -> wasmparser::Result<()> {
        self.globals.push(mutable);
        self.constant(init)
    }

    pub(super) fn exports(&mut self, section: ExportSectionReader<'_>, shape: &mut Shape) -> wasmparser::Result<()> {
        for export in section {
            let export = export?;
            let is = |kinds: &[bool]| u64::from(kinds.get(export.index as usize).is_some_and(|is| *is));
            match export.kind {
                ExternalKind::Func | ExternalKind::FuncExact => self.roots.push(export.index),
                ExternalKind::Table => shape.growable_tables += is(&self.tables),
                ExternalKind::Global => shape.writable_globals += is(&self.globals),
                ExternalKind::Memory | ExternalKind::Tag => {}
            }
        }
        Ok(())
    }

    pub(super) fn start(&mut self, function: u32) {
        self.roots.push(function);
    }

    pub(super) fn element(&mut self, element: Element<'_>) -> wasmparser::Result<()> {
        match element.items {
            ElementItems::Functions(functions) => {
                for function in functions {
                    self.roots.push(function?);
                }
            }
            ElementItems::Expressions(_, expressions) => {
                for expression in expressions {
                    self.constant(&expression?)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn function(&mut self, body: FunctionBody<'a>, reader: &mut Reader) -> wasmparser::Result<()> {
        let measure = reader.read(&body, &mut self.calls)?;
        self.functions.push(Function { bytes: body.as_bytes(), calls_end: self.calls.len(), measure });
        Ok(())
    }

    pub(super) fn named(&mut self) {
        self.named = true;
    }

    /// A constant that takes the reference of a function leads to it.
    fn constant(&mut self, expression: &ConstExpr<'_>) -> wasmparser::Result<()> {
        for operator in expression.get_operators_reader() {
            if let Operator::RefFunc { function_index } = operator? {
                self.roots.push(function_index);
            }
        }
        Ok(())
    }

    /// Adds what the module is to the sums.
    pub(super) fn finish(self, shape: &mut Shape) {
        let reached = self.reached();
        let (imported, defined) = reached.split_at((self.imported_functions as usize).min(reached.len()));
        shape.imports += imported.len() as u64;
        shape.unused_imports += imported.iter().filter(|reached| !**reached).count() as u64;
        // Of functions that equal one another the first is the original.
        let mut bodies = HashSet::new();
        for (index, (function, live)) in self.functions.iter().zip(defined).enumerate() {
            let Function { bytes, measure, .. } = function;
            let instructions = u64::from(measure.instructions);
            shape.functions += 1;
            shape.instructions += instructions;
            if !live {
                shape.dead_functions += 1;
                shape.dead_instructions += instructions + 1;
                continue;
            }
            shape.live_instructions += instructions;
            shape.live_code_bytes += bytes.len() as u64;
            shape.weighted_maintainability += measure.maintainability * instructions as f64;
            let excess = measure.instructions.saturating_sub(HUGE);
            shape.huge_functions += u64::from(excess > 0);
            shape.huge_excess += u64::from(excess);
            shape.deep_functions += u64::from(measure.deep_instructions > 0);
            shape.deep_instructions += u64::from(measure.deep_instructions);
            shape.unreachables += u64::from(measure.unreachables);
            shape.indirect_calls += u64::from(measure.indirect_calls);
            shape.table_writes += u64::from(measure.table_writes);
            if !self.named {
                shape.nameless_instructions += instructions;
            }
            let signature = self.types.get(index);
            if measure.instructions >= LEAST_TWIN && !bodies.insert((signature, *bytes)) {
                shape.twin_functions += 1;
                shape.twin_instructions += instructions;
            }
        }
    }

    /// Of each function, imported ones first, whether anything leads to it. Indices that lead nowhere are
    /// the validator's business.
    fn reached(&self) -> Vec<bool> {
        let imported = self.imported_functions as usize;
        let mut reached = vec![false; imported + self.functions.len()];
        let mut next: Vec<u32> = Vec::new();
        let mut visit = |functions: &[u32], next: &mut Vec<u32>| {
            for &function in functions {
                if let Some(reached @ false) = reached.get_mut(function as usize) {
                    *reached = true;
                    next.push(function);
                }
            }
        };
        visit(&self.roots, &mut next);
        while let Some(function) = next.pop() {
            let Some(index) = (function as usize).checked_sub(imported) else { continue };
            let start = index.checked_sub(1).map_or(0, |before| self.calls_end(before));
            visit(self.calls.get(start..self.calls_end(index)).unwrap_or_default(), &mut next);
        }
        reached
    }

    fn calls_end(&self, index: usize) -> usize {
        self.functions.get(index).map_or(0, |function| function.calls_end)
    }
}

/// Bytes of the data segments of a module.
pub(super) fn data_bytes(section: DataSectionReader<'_>) -> wasmparser::Result<u64> {
    let mut bytes = 0;
    for data in section {
        bytes += data?.data.len() as u64;
    }
    Ok(bytes)
}

fn can_grow(table: &TableType) -> bool {
    table.maximum.is_none_or(|maximum| maximum > table.initial)
}
