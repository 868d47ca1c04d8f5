//! The `cargo local` command.

use std::process::ExitCode;

use clap::Parser as _;
use local::{cli, console};

fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::progress(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
