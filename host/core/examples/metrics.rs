//! Prints docs/METRICS.md as it should be; `cargo xtask metrics --bless` writes it there.

#![expect(clippy::print_stdout, reason = "an example that prints a page")]

fn main() {
    print!("{}", holobiont_core::metrics_document());
}
