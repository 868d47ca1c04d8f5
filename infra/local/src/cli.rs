//! The commands and their arguments.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::cloud::Target;
use crate::person::Name;
use crate::stack::{DEFAULT_PORT, Stack};
use crate::{
    bench, doctor, down, encoder, export, forget, knowledge, logs, package, redrive, sandbox, secrets, status, test, up,
};

/// Frontdesk on this machine: the template, the binaries and the AWS calls of a deployment, on an AWS emulator.
#[derive(Debug, Parser)]
#[command(name = "cargo local", bin_name = "cargo local")]
pub struct Cli {
    /// First of the two ports of the local stack (emulator, sandbox); another one is another stack
    #[arg(long, global = true, value_name = "N", default_value_t = DEFAULT_PORT, value_parser = clap::value_parser!(u16).range(1024..=65534))]
    pub port_base: u16,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build everything, start it on this machine and print its URLs
    Up {
        /// Return when it runs, instead of staying until Ctrl-C
        #[arg(long)]
        detach: bool,
    },
    /// Stop the local stack and every process of it
    Down {
        /// Forget its data too: conversations, secrets, logs
        #[arg(long)]
        forget: bool,
    },
    /// Say where the local stack is reached
    Status {
        /// As JSON, for other programs
        #[arg(long)]
        json: bool,
    },
    /// Show what the functions logged
    Logs(Logs),
    /// Run the tests: without a word, the gate
    Test {
        /// Only one kind
        #[arg(value_enum)]
        kind: Option<test::Kind>,
        /// The whole campaign instead of its bounded form
        #[arg(long)]
        full: bool,
    },
    /// Check, test or publish a folder of knowledge files
    #[command(subcommand)]
    Knowledge(knowledge::cli::Knowledge),
    /// Make the bot's sentence encoder from its package, in target/local/encoder
    Encoder {
        /// Also what it is compared with: every piece in single precision, and the package's own vectors
        #[arg(long)]
        full: bool,
    },
    /// Set or rotate the secrets of a channel
    #[command(subcommand)]
    Secrets(Secrets),
    /// Try everything that a customer's message needs: secrets, webhooks, providers, queues; and say what to mend
    Doctor(Doctor),
    /// Send the records of a dead-letter queue back to the queue that they came from, once their cause is mended
    Redrive(Redrive),
    /// Erase everything of a person: conversations, files, dead letters; then show that nothing is left
    Forget(Forget),
    /// Give out everything of a person as JSON
    Export(Export),
    /// Build the functions and pack them as `template.yaml` expects them
    Package {
        /// For AWS: optimised, bound to a glibc that Lambda has
        #[arg(long)]
        release: bool,
        /// Processor to build for (with --release)
        #[arg(long, value_enum, default_value_t = package::Architecture::X86_64, requires = "release")]
        arch: package::Architecture,
    },
    /// Show the packages' sizes and what it costs to start each function
    Bench {
        /// Starts per function
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
        runs: u32,
    },
    /// Serve the sandbox (`up` starts it)
    #[command(hide = true)]
    Sandbox,
}

/// Which logs.
#[derive(Debug, Args)]
pub struct Logs {
    /// A function, such as web-api; all of them by default
    pub function: Option<String>,
    /// Go on showing new lines
    #[arg(long)]
    pub follow: bool,
    /// How far back, such as 10min or 2hours
    #[arg(long, default_value = "10min")]
    pub since: String,
    #[command(flatten)]
    target: TargetArgs,
}

/// What the doctor looks at, and how it tells.
#[derive(Debug, Args)]
pub struct Doctor {
    /// As JSON, for other programs
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// Which dead letters go back, and how.
#[derive(Debug, Args)]
pub struct Redrive {
    /// The dead-letter queue by its queue's or function's name, such as inbound, outbound-web or receive-email
    #[arg(value_name = "DLQ")]
    pub queue: String,
    /// Show how many records there are, of which groups and why, and move none
    #[arg(long)]
    pub dry_run: bool,
    /// Most records moved in a second
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rate: u32,
    /// Most records moved (with --dry-run: looked at) in all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub max: Option<u32>,
    #[command(flatten)]
    target: TargetArgs,
}

/// Who is forgotten.
#[derive(Debug, Args)]
pub struct Forget {
    /// The person, by customer (cus_…), visitor (vis_…) or group (grp_…): all that is linked to them is one person
    pub person: Name,
    /// Show what there is of them, and erase nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// Who is exported, and where to.
#[derive(Debug, Args)]
pub struct Export {
    /// The person, by customer (cus_…), visitor (vis_…) or group (grp_…): all that is linked to them is one person
    pub person: Name,
    /// A new folder for export.json and the uploaded files; without it, the JSON goes to stdout
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
    #[command(flatten)]
    target: TargetArgs,
}

/// What to do with a channel's secrets.
#[derive(Debug, Subcommand)]
pub enum Secrets {
    /// Store them for the first time, or replace them with a file's
    Set {
        /// The channel, such as web
        channel: String,
        /// JSON to store (`-` reads it from stdin); without it, a channel with keys of our own gets random ones
        #[arg(long)]
        file: Option<PathBuf>,
        /// Where
        #[command(flatten)]
        target: TargetArgs,
    },
    /// Put a new key before the present one; both count until the next rotation
    Rotate {
        /// The channel, such as web
        channel: String,
        /// Which list of keys in the secrets; all by default
        #[arg(long)]
        keys: Option<String>,
        /// Where
        #[command(flatten)]
        target: TargetArgs,
    },
}

/// Which stack a command works on.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// A stack in AWS, by its name there, with your AWS credentials and region; without it, the local one
    #[arg(long, value_name = "STACK")]
    aws: Option<String>,
}

impl TargetArgs {
    pub(crate) fn target(&self, local: &Stack) -> Target {
        match &self.aws {
            Some(name) => Target::aws(name),
            None => Target::local(local),
        }
    }
}

/// Runs a command.
///
/// # Errors
/// Whatever kept it from doing its work, with what to do about it.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    let stack = Stack::at(cli.port_base);
    match cli.command {
        Command::Up { detach } => up::run(&stack, detach),
        Command::Down { forget } => down::run(&stack, forget),
        Command::Status { json } => status::run(&stack, json),
        Command::Logs(logs) => {
            let target = logs.target.target(&stack);
            logs::run(&target, &logs)
        }
        Command::Test { kind, full } => test::run(kind, full),
        Command::Knowledge(command) => knowledge::cli::run(&command, &stack),
        Command::Encoder { full } => encoder::run(full),
        Command::Secrets(Secrets::Set { channel, file, target }) => {
            secrets::set(&channel, file.as_deref(), &target.target(&stack))
        }
        Command::Secrets(Secrets::Rotate { channel, keys, target }) => {
            secrets::rotate(&channel, keys.as_deref(), &target.target(&stack))
        }
        Command::Doctor(Doctor { json, target }) => doctor::run(&target.target(&stack), json),
        Command::Redrive(redrive) => {
            let target = redrive.target.target(&stack);
            redrive::run(&target, &redrive)
        }
        Command::Forget(forget) => {
            let target = forget.target.target(&stack);
            forget::run(&target, &forget)
        }
        Command::Export(export) => {
            let target = export.target.target(&stack);
            export::run(&target, &export)
        }
        Command::Package { release, arch } => package::run(release, arch),
        Command::Bench { runs } => bench::run(&stack, runs),
        Command::Sandbox => sandbox::run(&stack),
    }
}

impl std::fmt::Display for package::Architecture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.to_possible_value().map_or(Ok(()), |value| f.write_str(value.get_name()))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_hold_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_port_base_may_stand_anywhere() {
        let after = Cli::parse_from(["cargo local", "up", "--detach", "--port-base", "5000"]);
        let before = Cli::parse_from(["cargo local", "--port-base", "5000", "up"]);
        assert_eq!((after.port_base, before.port_base), (5000, 5000));
        assert!(Cli::try_parse_from(["cargo local", "up", "--port-base", "80"]).is_err());
    }

    #[test]
    fn a_redrive_moves_at_least_something() {
        for wrong in [["--rate", "0"], ["--max", "0"], ["--rate", "1001"]] {
            assert!(Cli::try_parse_from(["cargo local", "redrive", "inbound"].into_iter().chain(wrong)).is_err());
        }
        let Command::Redrive(redrive) = Cli::parse_from(["cargo local", "redrive", "inbound"]).command else {
            panic!("another command");
        };
        assert_eq!((redrive.rate, redrive.max, redrive.dry_run), (20, None, false));
    }

    #[test]
    fn an_architecture_needs_a_release_build() {
        assert!(Cli::try_parse_from(["cargo local", "package", "--arch", "arm64"]).is_err());
        assert!(Cli::try_parse_from(["cargo local", "package", "--release", "--arch", "arm64"]).is_ok());
    }
}
