//! Modules and components that are valid as often as not, made of any bytes.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let mut entropy = Unstructured::new(bytes);
    let made = match entropy.ratio(3, 4) {
        Ok(true) => holobiont_fuzz::random_program(&mut entropy),
        Ok(false) => holobiont_fuzz::random_component(&mut entropy),
        Err(error) => Err(error),
    };
    match made {
        Ok(module) => {
            holobiont_fuzz::load_and_run(&module);
            Corpus::Keep
        }
        // Too few bytes to make anything of.
        Err(_) => Corpus::Reject,
    }
});
