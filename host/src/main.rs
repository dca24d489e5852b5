//! The command `memt`.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    memt_host::run_command_line()
}
