//! Parses the command line and runs one command.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before any thread is started.
    heartstrings_model::prepare_process();
    heartstrings::cli::run()
}
