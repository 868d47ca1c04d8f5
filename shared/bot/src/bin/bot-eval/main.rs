//! Measures the bot's understanding on files of texts whose meaning is known.
//!
//! - `bot-eval intents --train F.tsv [--dev F.tsv] --test F.tsv [--oos-label oos] [--encoder DIR] [--json]`
//! - `bot-eval retrieval --passages F.jsonl --queries F.jsonl [--encoder DIR] [--json]`
//! - `bot-eval predict --train F.tsv [--oos-label oos] [--encoder DIR] [--json]`: reads texts from stdin, a line each.

mod arguments;
mod encoder;
mod files;
mod intents;
mod measure;
mod predict;
mod report;
mod retrieval;
mod scores;

use std::io::Write as _;
use std::process::ExitCode;

const USAGE: &str = "\
bot-eval intents --train F.tsv [--dev F.tsv] --test F.tsv [--oos-label oos] [--encoder DIR] [--json]
bot-eval retrieval --passages F.jsonl --queries F.jsonl [--encoder DIR] [--json]
bot-eval predict --train F.tsv [--oos-label oos] [--encoder DIR] [--json]

TSV: a text, a tab, its label. `--dev` tunes and never trains; lines of it that are in the train file are left out.
The words of a label (`card_arrival`) count as one more of its phrasings.
JSONL: `id` and `text` of a passage (or `a`), `q` and `pid` of a query (or `id`).
`predict` reads texts from stdin, a line each, and answers each with a line: label, tab, confidence, tab, `in` or `out`;
with `--json` an object: `label`, `confidence`, `in_scope`.
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let done = match command.as_str() {
        "intents" => intents::run(words),
        "retrieval" => retrieval::run(words),
        "predict" => predict::run(words),
        _ => Err(format!("there is no command `{command}`\n{USAGE}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // Nobody is left to tell when stderr is gone.
            drop(writeln!(std::io::stderr(), "{message}"));
            ExitCode::FAILURE
        }
    }
}
