//! What the tests compile in: a program that is a compile worker and nothing else. The test binary itself
//! cannot be one, since its `main` is the test runner's.

use std::process::ExitCode;

fn main() -> ExitCode {
    holobiont_sandbox::compile_worker().unwrap_or(ExitCode::FAILURE)
}
