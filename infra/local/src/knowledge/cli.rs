//! The commands for knowledge and their arguments.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{approve, check, diff, import, publish, rollback, test, unanswered, versions};
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
    /// Say what changed between two folders, two published versions, or one of each
    Diff {
        /// What was before: a folder, `live`, or a version by its first letters
        from: String,
        /// What came after, named likewise; without it, what FROM would change if it were published
        to: Option<String>,
        /// As JSON, for other programs
        #[arg(long)]
        json: bool,
        /// Where versions are looked up
        #[command(flatten)]
        target: TargetArgs,
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
    /// List what was published, and which version is live
    Versions {
        /// As JSON, for other programs
        #[arg(long)]
        json: bool,
        /// Where
        #[command(flatten)]
        target: TargetArgs,
    },
    /// Make a version live again that was published before
    Rollback {
        /// Which, by its first letters; without it, the one that was published before the live one
        version: Option<String>,
        /// Who approves it, where an approval is asked for and it has none
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
        /// Where
        #[command(flatten)]
        target: TargetArgs,
    },
    /// List what customers asked and the bot could not answer, alike questions together, the most frequent first
    Unanswered(Unanswered),
}

/// Which questions are listed, and how.
#[derive(Debug, Args)]
pub struct Unanswered {
    /// Days (UTC) back from today, with it
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=3650))]
    pub days: u16,
    /// Questions read at most, the latest first
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub most: u32,
    /// As JSON, for other programs
    #[arg(long, conflicts_with = "yaml")]
    pub json: bool,
    /// As YAML, to paste into the knowledge's files
    #[arg(long)]
    pub yaml: bool,
    #[command(flatten)]
    pub(super) target: TargetArgs,
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
        Knowledge::Diff { from, to, json, target } => diff::run(from, to.as_deref(), *json, &target.target(local)),
        Knowledge::Approve { dir, by } => approve::run(dir, by),
        Knowledge::Publish { dir, target } => publish::run(dir, &target.target(local)),
        Knowledge::Versions { json, target } => versions::run(&target.target(local), *json),
        Knowledge::Rollback { version, by, target } => {
            rollback::run(version.as_deref(), by.as_deref(), &target.target(local))
        }
        Knowledge::Unanswered(arguments) => unanswered::run(arguments, &arguments.target.target(local)),
    }
}
