//! What a guess costs in instructions, counted by valgrind: the demo shop as it is published is asked its own held-out
//! phrasings, twice as many the second time; the difference is theirs alone.
//!
//! `cargo bench -p bot --bench guess`; with the sentence encoder if `cargo local encoder` has made it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking; the figures are its result"
)]

use std::env;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use bot::Bot;
use bot::encode::Encoder;
use bot::knowledge::{Artifact, Phrasings, Source, check, compile};

/// The words of the process that is counted: `ask`, how many questions, and `encoded` if it is to use the encoder.
const ASK: &str = "ask";
const ENCODED: &str = "encoded";
const QUESTIONS: usize = 50;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn encoder() -> Option<Encoder> {
    Some(Encoder::from_bytes(fs::read(root().join("target/local/encoder/encoder.fduse")).ok()?).unwrap())
}

fn published() -> PathBuf {
    env::temp_dir().join("frontdesk-bench-guess.knowledge")
}

fn source(path: &Path) -> Source {
    Source { file: path.display().to_string(), text: fs::read_to_string(path).unwrap() }
}

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    if let [first, questions, rest @ ..] = words.as_slice()
        && first == ASK
    {
        return ask(questions.parse().unwrap(), rest.iter().any(|word| word == ENCODED));
    }
    let folder = fs::read_dir(root().join("infra/scenarios/shop/knowledge")).unwrap();
    let files: Vec<Source> = folder.map(|entry| source(&entry.unwrap().path())).collect();
    let encoder = encoder();
    let artifact = compile(check(&files).base.unwrap()).unwrap().train(encoder.as_ref());
    fs::write(published(), artifact.bytes()).unwrap();
    println!("{} entries and flows, {} bytes as published", artifact.base().searched().len(), artifact.bytes().len());
    tell("the model of words", counted(false));
    match encoder {
        Some(_) => tell("the encoder's model", counted(true)),
        None => println!("skipped: there is no sentence encoder; `cargo local encoder` makes it"),
    }
    fs::remove_file(published()).unwrap();
}

fn tell(what: &str, count: Option<u64>) {
    match count {
        Some(each) => println!("{what}: {each} instructions for a guess"),
        None => println!("skipped: valgrind counts the instructions, and is not on PATH"),
    }
}

/// Instructions for a guess.
fn counted(encoded: bool) -> Option<u64> {
    let (once, twice) = (run(encoded, QUESTIONS)?, run(encoded, 2 * QUESTIONS)?);
    Some((twice - once) / u64::try_from(QUESTIONS).unwrap())
}

fn run(encoded: bool, questions: usize) -> Option<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
    valgrind.arg(env::current_exe().unwrap()).args([ASK, &questions.to_string()]);
    valgrind.args(encoded.then_some(ENCODED));
    let output = valgrind.output().ok()?;
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let refs = told.lines().find_map(|line| line.split_once("I refs:").or_else(|| line.split_once("I   refs:")));
    Some(refs.unwrap().1.trim().replace(',', "").parse().unwrap())
}

/// What is counted.
fn ask(questions: usize, encoded: bool) {
    let artifact = Artifact::from_bytes(fs::read(published()).unwrap()).unwrap();
    let phrasings = source(&root().join("infra/scenarios/shop/phrasings.yaml"));
    let phrasings = Phrasings::read(&phrasings, artifact.base()).unwrap();
    let weights = if encoded { encoder() } else { None };
    let bot = Bot::load_with(&artifact, weights.map(Arc::new));
    let texts = phrasings.0.values().flat_map(|languages| languages.values()).flatten();
    for text in texts.take(questions) {
        black_box(bot.guess(text, None));
    }
}
