//! `holobiont:plugin/accelerator`: products of dense matrices, for those who are granted units.

use holobiont_core::{DenseProduct, DenseShape};
use wasmtime::component::Linker;

use super::{Call, Interface};
use crate::meter::OPERATIONS_PER_NS;
use crate::state::RunState;
use crate::stop::Stop;
use crate::types::Unaccelerated;

/// Units beyond which more make nothing faster: real time is at most so many times the virtual time.
const MOST_UNITS: u64 = 16;

/// The most multiply-adds of one call: the product of two matrices of 1024 x 1024.
const MOST_OPERATIONS: u64 = 1 << 30;

/// Multiply-adds between two looks at the clock: about a millisecond.
const OPERATIONS_AT_A_TIME: u64 = 1 << 20;

pub(crate) fn link(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    let mut i = Interface::new(linker, "holobiont:plugin/accelerator")?;
    i.func("units", |call, (): ()| Ok(u32::try_from(units(call.state)).unwrap_or(u32::MAX)))?;
    i.func("multiply", |call, (left, right, rows, inner, columns): (Vec<f32>, Vec<f32>, u32, u32, u32)| {
        multiply(call, &left, &right, DenseShape { rows, inner, columns })
    })
}

fn units(state: &RunState) -> u64 {
    state.limits.accelerators.min(MOST_UNITS)
}

/// A product, which is paid in bytes and in time before anything of it is made.
fn multiply(
    call: &mut Call<'_>,
    left: &[f32],
    right: &[f32],
    shape: DenseShape,
) -> Result<Result<Vec<f32>, Unaccelerated>, Stop> {
    call.takes(size_of_val(left).saturating_add(size_of_val(right)))?;
    let units = units(call.state);
    if units == 0 {
        call.denied();
        return Ok(Err(Unaccelerated::NoAccelerator));
    }
    if !shape.fits(left.len(), right.len()) {
        return Ok(Err(Unaccelerated::WrongShape));
    }
    let operations = shape.operations();
    if operations > MOST_OPERATIONS {
        return Ok(Err(Unaccelerated::TooLarge));
    }
    let result_bytes = shape.result_len().saturating_mul(size_of::<f32>() as u64);
    call.gives(usize::try_from(result_bytes).unwrap_or(usize::MAX))?;
    call.state.accelerates(operations.div_ceil(units * OPERATIONS_PER_NS))?;
    // The sizes were looked at, so there is one.
    let Some(mut product) = DenseProduct::new(shape, left, right) else { return Ok(Err(Unaccelerated::TooLarge)) };
    while product.advance(OPERATIONS_AT_A_TIME) {
        // However fast its units are said to be, the product ends at the real deadline.
        call.state.meter.check()?;
    }
    Ok(Ok(product.finish()))
}
