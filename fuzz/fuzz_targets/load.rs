//! Any bytes: looked at, loaded, and run if they can be.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| holobiont_fuzz::load_and_run(bytes));
