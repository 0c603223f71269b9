//! holobiont.toml: read or refused in words that can be shown.

#![no_main]

use holobiont::Settings;
use holobiont_fuzz::assert_plain;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Settings::read(text, &|_| None) {
        Ok(settings) => {
            settings.limits().expect("the chosen preset is one of them");
            assert!(!settings.all().is_empty());
        }
        Err(error) => assert_plain(&error.to_string()),
    }
});
