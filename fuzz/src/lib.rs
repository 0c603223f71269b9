//! What the fuzz targets share.

/// Fails if a terminal would obey a text rather than show it: the host prints what this was asked of.
pub fn assert_plain(text: &str) {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    if let Some(c) = text.chars().find(|c| obeyed(*c)) {
        panic!("{:?} in {text:?}", c);
    }
}

#[cfg(feature = "engine")]
mod sandbox;
#[cfg(feature = "engine")]
pub use sandbox::{load_and_run, random_component, random_program};
