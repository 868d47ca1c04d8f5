//! The commands for knowledge and their arguments.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{approve, check, diff, import, publish, test};
use crate::cli::TargetArgs;
use crate::stack::Stack;

/// What to do with knowledge.
#[derive(Debug, Subcommand)]
pub enum Knowledge {
    /// Say what is wrong with it
    Check {
        /// The folder
        dir: PathBuf,
        /// As JSON, for other programs
        #[arg(long)]
        json: bool,
    },
    /// Say how well it is understood, and hold the dialogues that lie beside it
    Test(Test),
    /// Make entries of a table of questions and answers
    Import {
        /// The table: CSV (UTF-8 or GB18030) or XLSX, its first row naming the columns
        file: PathBuf,
        /// The folder
        #[arg(long, value_name = "DIR")]
        into: PathBuf,
    },
    /// Say what changed from one folder to another
    Diff {
        /// The folder before
        from: PathBuf,
        /// The folder after
        to: PathBuf,
        /// As JSON, for other programs
        #[arg(long)]
        json: bool,
    },
    /// Approve what is in it now; publishing asks for that where base.yaml says `approval: required`
    Approve {
        /// The folder
        dir: PathBuf,
        /// Who approves
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// Make it what the bot answers from
    Publish {
        /// The folder
        dir: PathBuf,
        /// Where
        #[command(flatten)]
        target: TargetArgs,
    },
}

/// What is tested, and how.
#[derive(Debug, Args)]
pub struct Test {
    /// The folder; beside it `tests/` with dialogues and perhaps `off_topic.txt`
    pub dir: PathBuf,
    /// Phrasings that are not in the knowledge, by entry; without it `phrasings.yaml` beside the folder, if it is there
    #[arg(long, value_name = "FILE")]
    pub phrasings: Option<PathBuf>,
    /// Train with the sentence encoder of this folder, such as target/local/encoder
    #[arg(long, value_name = "DIR")]
    pub encoder: Option<PathBuf>,
    /// As JSON, for other programs
    #[arg(long)]
    pub json: bool,
}

/// Runs a command.
///
/// # Errors
/// Whatever kept it from doing its work, with what to do about it.
pub fn run(command: &Knowledge, local: &Stack) -> anyhow::Result<()> {
    match command {
        Knowledge::Check { dir, json } => check::run(dir, *json),
        Knowledge::Test(arguments) => test::run(arguments),
        Knowledge::Import { file, into } => import::run(file, into),
        Knowledge::Diff { from, to, json } => diff::run(from, to, *json),
        Knowledge::Approve { dir, by } => approve::run(dir, by),
        Knowledge::Publish { dir, target } => publish::run(dir, &target.target(local)),
    }
}
