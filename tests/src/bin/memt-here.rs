//! The command `memt` of this checkout, for tests that start it.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    memt_host::run_command_line()
}
