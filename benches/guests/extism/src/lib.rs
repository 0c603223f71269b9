//! The work as a plugin of Extism.

use extism_pdk::{FnResult, WithReturnCode, plugin_fn};

/// Does the work.
#[plugin_fn]
pub fn run(input: Vec<u8>) -> FnResult<Vec<u8>> {
    guest_work::work(&input).map_err(|e| WithReturnCode::from(extism_pdk::Error::msg(e)))
}
