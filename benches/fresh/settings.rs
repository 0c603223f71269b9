//! The engine's settings as the sandbox has them: its own function, which build.rs takes out of its source.

use wasmtime::{Config, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, WasmBacktraceDetails};

use crate::options::Options;

include!(concat!(env!("OUT_DIR"), "/settings.rs"));
