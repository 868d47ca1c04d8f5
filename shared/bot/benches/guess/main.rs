//! What publishing and a guess cost. Publishing: processor time, memory, bytes. A guess: instructions, counted by valgrind:
//! the base as it is published is asked so many questions, and twice as many the second time; the difference is theirs
//! alone. Two bases: the demo shop with its held-out phrasings, and one of a thousand entries ([`large`]).
//!
//! `cargo bench -p bot --bench guess`; with the sentence encoder if `cargo local encoder` has made it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking; the figures are its result"
)]

mod large;

use std::env;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use bot::Bot;
use bot::encode::Encoder;
use bot::knowledge::{Artifact, Phrasings, Source, check, compile};

/// The words of the process that is counted: `ask`, the base, how many questions, and `encoded` if it is to use the encoder.
const ASK: &str = "ask";
/// The same of one that publishes: `publish`, the base, and `encoded`.
const PUBLISH: &str = "publish";
const ENCODED: &str = "encoded";
const QUESTIONS: usize = 50;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn encoder() -> Option<Encoder> {
    Some(Encoder::from_bytes(fs::read(root().join("target/local/encoder/encoder.fduse")).ok()?).unwrap())
}

/// A base and what it is asked.
#[derive(Clone, Copy, PartialEq)]
enum Base {
    Shop,
    Large,
}

impl Base {
    const ALL: [Self; 2] = [Self::Shop, Self::Large];

    fn name(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Large => "large",
        }
    }

    fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|base| base.name() == name).unwrap()
    }

    fn files(self) -> Vec<Source> {
        match self {
            Self::Shop => {
                let folder = fs::read_dir(root().join("infra/scenarios/shop/knowledge")).unwrap();
                folder.map(|entry| source(&entry.unwrap().path())).collect()
            }
            Self::Large => large::files(),
        }
    }

    fn questions(self, artifact: &Artifact) -> Vec<String> {
        match self {
            Self::Shop => {
                let phrasings = source(&root().join("infra/scenarios/shop/phrasings.yaml"));
                let phrasings = Phrasings::read(&phrasings, artifact.base()).unwrap();
                phrasings.0.into_values().flat_map(|languages| languages.into_values().flatten()).collect()
            }
            Self::Large => large::questions(),
        }
    }

    /// Where it is kept while it is measured.
    fn published(self) -> PathBuf {
        env::temp_dir().join(format!("frontdesk-bench-{}.knowledge", self.name()))
    }
}

fn source(path: &Path) -> Source {
    Source { file: path.display().to_string(), text: fs::read_to_string(path).unwrap() }
}

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let encoded = words.iter().any(|word| word == ENCODED);
    if let [first, base, questions, ..] = words.as_slice()
        && first == ASK
    {
        return ask(Base::named(base), questions.parse().unwrap(), encoded);
    }
    if let [first, base, ..] = words.as_slice()
        && first == PUBLISH
    {
        return publish(Base::named(base), encoded);
    }
    let encoders = encoder().is_some();
    if !encoders {
        println!("skipped: there is no sentence encoder; `cargo local encoder` makes it");
    }
    for base in Base::ALL {
        for encoded in [false, true].into_iter().filter(|encoded| encoders || !encoded) {
            let mut words = vec![PUBLISH, base.name()];
            words.extend(encoded.then_some(ENCODED));
            assert!(Command::new(env::current_exe().unwrap()).args(words).status().unwrap().success());
            tell(if encoded { "the encoder's model" } else { "the model of words" }, counted(base, encoded));
        }
        fs::remove_file(base.published()).unwrap();
    }
}

/// Trains and stores a base, and tells what that took.
fn publish(base: Base, encoded: bool) {
    let report = check(&base.files());
    let plain = compile(report.base.unwrap()).unwrap();
    let weights = if encoded { encoder() } else { None };
    let before = processor_seconds();
    let started = Instant::now();
    let artifact = plain.train(weights.as_ref());
    let (wall, seconds) = (started.elapsed().as_secs_f64(), processor_seconds() - before);
    fs::write(base.published(), artifact.bytes()).unwrap();
    let entries = artifact.base().searched();
    let phrasings: usize = entries.iter().flat_map(|entry| entry.questions.values()).map(Vec::len).sum();
    println!(
        "{}: {} entries and flows, {phrasings} questions; {}published with {seconds:.1} s of processor time in {wall:.1} s, \
         {} bytes, {:.0} MB of memory at most",
        base.name(),
        entries.len(),
        if encoded { "with the encoder " } else { "" },
        artifact.bytes().len(),
        peak_megabytes()
    );
}

/// The processor time that this process has taken, all its threads together.
fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: f64 = fields.get(11).unwrap().parse::<f64>().unwrap() + fields.get(12).unwrap().parse::<f64>().unwrap();
    // Linux counts in hundredths for every program.
    ticks / 100.0
}

/// The most memory that this process has held.
fn peak_megabytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap() / 1024.0
}

fn tell(what: &str, count: Option<u64>) {
    match count {
        Some(each) => println!("{what}: {each} instructions for a guess"),
        None => println!("skipped: valgrind counts the instructions, and is not on PATH"),
    }
}

/// Instructions for a guess.
fn counted(base: Base, encoded: bool) -> Option<u64> {
    let (once, twice) = (run(base, encoded, QUESTIONS)?, run(base, encoded, 2 * QUESTIONS)?);
    Some((twice - once) / u64::try_from(QUESTIONS).unwrap())
}

fn run(base: Base, encoded: bool, questions: usize) -> Option<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
    valgrind.arg(env::current_exe().unwrap()).args([ASK, base.name(), &questions.to_string()]);
    valgrind.args(encoded.then_some(ENCODED));
    let output = valgrind.output().ok()?;
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let refs = told.lines().find_map(|line| line.split_once("I refs:").or_else(|| line.split_once("I   refs:")));
    Some(refs.unwrap().1.trim().replace(',', "").parse().unwrap())
}

/// What is counted.
fn ask(base: Base, questions: usize, encoded: bool) {
    let artifact = Artifact::from_bytes(fs::read(base.published()).unwrap()).unwrap();
    let texts = base.questions(&artifact);
    let weights = if encoded { encoder() } else { None };
    let bot = Bot::load_with(&artifact, weights.map(Arc::new));
    let mut times = Vec::new();
    for text in texts.iter().take(questions) {
        let started = Instant::now();
        black_box(bot.guess(text, None));
        times.push(started.elapsed());
    }
    times.sort_unstable();
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len().saturating_sub(1)));
    if let (Some(median), Some(slow)) = (at(50), at(99)) {
        println!(
            "{questions} guesses: {} µs at the median, {} µs at the 99th percentile",
            median.as_micros(),
            slow.as_micros()
        );
    }
}
