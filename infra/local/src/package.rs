//! Building the functions and laying them out as `template.yaml` expects: `target/lambda/<binary>/bootstrap`, and
//! beside it what the binary reads at run time.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Instant, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::tools::Tools;
use crate::{console, elf, encoder, stack, template};

/// The newest C library of Lambda's `provided.al2023`.
pub const GLIBC: elf::Version = (2, 34);
/// The profile that the local stack runs.
pub const LOCAL_PROFILE: &str = "local";
/// The profile that AWS runs.
const RELEASE_PROFILE: &str = "release";
/// The binary that understands messages, and so is packed with the sentence encoder.
const UNDERSTANDS: &str = "responder";
/// The binary that serves the pages, and so is packed with them.
const SERVES_PAGES: &str = "web";
/// Stands in every binary with fault points (`shared/runtime/src/fault/points.rs`): those are for tests only.
const FAULT_POINTS: &str = "frontdesk-fault-points";

/// A processor that Lambda has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Architecture {
    /// 64-bit Intel and AMD
    #[value(name = "x86_64")]
    X86_64,
    /// AWS Graviton
    Arm64,
}

impl Architecture {
    const fn target(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Arm64 => "aarch64-unknown-linux-gnu",
        }
    }

    const fn machine(self) -> u64 {
        match self {
            Self::X86_64 => 62,
            Self::Arm64 => 183,
        }
    }
}

/// The folder of a binary's package.
pub fn dir(binary: &str) -> PathBuf {
    stack::root().join("target/lambda").join(binary)
}

/// What a package says of itself in its `build.json`: commit, profile and architecture.
pub fn build_info(binary: &str) -> Value {
    fs::read(dir(binary).join("build.json"))
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// Builds and packs, and says what came of it.
///
/// # Errors
/// A prerequisite is missing, the build fails, or the binaries would not run on Lambda.
pub fn run(release: bool, arch: Architecture) -> anyhow::Result<()> {
    if release {
        release_build(arch)?;
    } else {
        local_build()?;
    }
    for binary in template::binaries(&template::functions()?) {
        let bytes = fs::metadata(dir(&binary).join("bootstrap")).map_or(0, |data| data.len());
        console::say(format_args!("target/lambda/{binary}/  bootstrap {:.1} MB", megabytes(bytes)));
    }
    Ok(())
}

/// Bytes as megabytes.
#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Keeps the packages as they are until it is dropped: all stacks of a checkout are deployed from the same ones.
///
/// # Errors
/// The lock's file cannot be written.
pub fn lock() -> anyhow::Result<File> {
    let dir = stack::root().join("target");
    fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let path = dir.join("lambda.lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    if file.try_lock().is_err() {
        console::progress("waiting for another command that builds or deploys from this checkout");
        file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    }
    Ok(file)
}

/// Builds and packs for this machine. The text that comes back changes whenever a package does.
///
/// # Errors
/// The build fails or the packages cannot be written.
pub fn local_build() -> anyhow::Result<String> {
    let binaries = template::binaries(&template::functions()?);
    console::progress("building the functions (several minutes the first time)");
    let started = Instant::now();
    let mut cargo = cargo("cargo");
    cargo.args(["build", "--profile", LOCAL_PROFILE, "--message-format", "json-render-diagnostics"]);
    // The whole workspace, as the tests build it: another choice of packages would be another choice of their
    // dependencies' features, and the SDKs would be compiled again.
    let output = cargo
        .args(["--workspace", "--bins"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo is missing: install Rust from https://rustup.rs")?;
    if !output.status.success() {
        bail!("the build failed; its messages stand above");
    }
    console::progress(format_args!("built in {}", console::span(started.elapsed())));
    let built = executables(&String::from_utf8_lossy(&output.stdout));
    let arch = if cfg!(target_arch = "aarch64") { Architecture::Arm64 } else { Architecture::X86_64 };
    let mut fingerprint = String::new();
    for binary in &binaries {
        let Some((_, path)) = built.iter().find(|(name, _)| name == binary) else {
            bail!("package {binary} has no binary `{binary}`; template.yaml names target/lambda/{binary}/");
        };
        let dir = dir(binary);
        fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let fresh = dir.join("bootstrap.new");
        fs::copy(path, &fresh)
            .and_then(|_| fs::rename(&fresh, dir.join("bootstrap")))
            .with_context(|| format!("cannot copy {} to {}", path.display(), dir.display()))?;
        let beside = dress(binary, LOCAL_PROFILE, arch)?;
        writeln!(fingerprint, "{binary} {} {beside}", stamp(path))?;
    }
    Ok(fingerprint)
}

fn release_build(arch: Architecture) -> anyhow::Result<()> {
    let tools = Tools::ready_for_release()?;
    let binaries = template::binaries(&template::functions()?);
    let target = arch.target();
    let library = Command::new("rustc").args(["--print", "target-libdir", "--target", target]).output();
    let library = library.context("rustc is missing: install Rust from https://rustup.rs")?;
    if !Path::new(String::from_utf8_lossy(&library.stdout).trim()).exists() {
        bail!("Rust's standard library for {target} is missing: rustup target add {target}");
    }
    console::progress(format_args!("building for AWS Lambda, {target} (a quarter of an hour the first time)"));
    let program = tools.program("cargo-lambda");
    let mut lambda = cargo(program.get_program());
    let status = lambda
        .args(["lambda", "build", "--release", "--output-format", "binary", "--target"])
        .arg(format!("{target}.{}.{}", GLIBC.0, GLIBC.1))
        .args(packages(&binaries))
        .env("PATH", tools.search_path())
        .stdin(Stdio::null())
        .status()
        .context("cannot start cargo-lambda")?;
    if !status.success() {
        bail!("the build failed; its messages stand above");
    }
    for binary in &binaries {
        let path = dir(binary).join("bootstrap");
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        fits_lambda(&bytes, arch).with_context(|| format!("{} would not run on AWS Lambda", path.display()))?;
        dress(binary, RELEASE_PROFILE, arch)?;
    }
    Ok(())
}

fn fits_lambda(binary: &[u8], arch: Architecture) -> anyhow::Result<()> {
    let facts = elf::facts(binary).context("it is no Linux binary")?;
    if facts.machine != arch.machine() {
        bail!("it is not built for {arch}");
    }
    if has_fault_points(binary) {
        bail!("it holds the tests' fault points: a build for AWS must leave out debug assertions");
    }
    match facts.glibc {
        Some(found) if found > GLIBC => {
            bail!("it needs glibc {}.{}, Lambda has {}.{}", found.0, found.1, GLIBC.0, GLIBC.1)
        }
        Some(_) | None => Ok(()),
    }
}

fn has_fault_points(binary: &[u8]) -> bool {
    binary.windows(FAULT_POINTS.len()).any(|part| part == FAULT_POINTS.as_bytes())
}

/// Puts beside a bootstrap what belongs there, and describes it.
fn dress(binary: &str, profile: &str, arch: Architecture) -> anyhow::Result<String> {
    let dir = dir(binary);
    let info = json!({"commit": commit(), "profile": profile, "architecture": arch.to_string()});
    let path = dir.join("build.json");
    fs::write(&path, format!("{info:#}\n")).with_context(|| format!("cannot write {}", path.display()))?;
    if binary == UNDERSTANDS {
        let encoder = put_encoder(&dir)?;
        let file = dir.join(encoder::FILE);
        if profile == RELEASE_PROFILE && file.exists() {
            console::progress(format_args!("the sentence encoder: {:.1} MB zipped", megabytes(encoder::fits(&file)?)));
        }
        return Ok(format!("{info} {encoder}"));
    }
    if binary != SERVES_PAGES {
        return Ok(info.to_string());
    }
    let pages =
        ui::pack(&stack::root().join("shared/ui/static"), &dir.join("static")).context("cannot pack the pages")?;
    Ok(format!("{info} {pages:?}"))
}

/// Puts the sentence encoder into a folder with its licence, and names it; without one, takes away an old one.
fn put_encoder(dir: &Path) -> anyhow::Result<String> {
    let Some(home) = encoder::if_it_can_be_had() else {
        for name in [encoder::FILE, encoder::LICENCE] {
            match fs::remove_file(dir.join(name)) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot remove {name} from {}", dir.display()));
                }
                Ok(()) | Err(_) => {}
            }
        }
        return Ok("without encoder".to_owned());
    };
    for name in [encoder::FILE, encoder::LICENCE] {
        let (from, to) = (home.join(name), dir.join(name));
        fs::copy(&from, &to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    }
    Ok(stamp(&home.join(encoder::FILE)))
}

/// The commit that is checked out, marked when files differ from it.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(stack::root()).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    match (git(&["rev-parse", "HEAD"]), git(&["status", "--porcelain"])) {
        (Some(commit), Some(changes)) if changes.is_empty() => commit,
        (Some(commit), _) => format!("{commit}+changes"),
        (None, _) => "unknown".to_owned(),
    }
}

/// A cargo that builds as it would from the user's shell: `cargo local` itself runs under `cargo run`, whose variables
/// would make build scripts run again.
pub fn cargo(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_"].iter().any(|part| text.starts_with(part)) {
            command.env_remove(&name);
        }
    }
    command.current_dir(stack::root());
    command
}

fn packages(binaries: &[String]) -> impl Iterator<Item = OsString> {
    binaries.iter().flat_map(|binary| [OsString::from("--package"), OsString::from(binary)])
}

/// The binaries in cargo's report, by name.
fn executables(report: &str) -> Vec<(String, PathBuf)> {
    let read = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let path = message.get("executable")?.as_str()?;
        Some((message.pointer("/target/name")?.as_str()?.to_owned(), PathBuf::from(path)))
    };
    report.lines().filter_map(read).collect()
}

/// Changes when the file does; cheaper than hashing a big one.
pub fn stamp(path: &Path) -> String {
    let Ok(data) = fs::metadata(path) else { return String::new() };
    let time = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!("{} {}", data.len(), time.map_or(0, |time| time.as_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binaries_are_read_from_cargos_report() {
        let report = r#"{"reason":"compiler-artifact","target":{"name":"serde"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"web"},"executable":"/t/web"}
{"reason":"build-finished","success":true}
"#;
        assert_eq!(executables(report), [("web".to_owned(), PathBuf::from("/t/web"))]);
    }

    #[test]
    fn a_binary_for_another_machine_is_refused() {
        let own = fs::read(std::env::current_exe().unwrap()).unwrap();
        let other = if cfg!(target_arch = "x86_64") { Architecture::Arm64 } else { Architecture::X86_64 };
        assert!(fits_lambda(&own, other).unwrap_err().to_string().starts_with("it is not built for"));
        assert!(fits_lambda(b"#!/bin/sh", other).is_err());
    }

    #[test]
    fn a_binary_with_fault_points_is_refused() {
        // This test's own binary names the marker, as a function built for tests does.
        let mut own = fs::read(std::env::current_exe().unwrap()).unwrap();
        let arch = if cfg!(target_arch = "x86_64") { Architecture::X86_64 } else { Architecture::Arm64 };
        assert!(fits_lambda(&own, arch).unwrap_err().to_string().contains("fault points"));
        while let Some(at) = own.windows(FAULT_POINTS.len()).position(|part| part == FAULT_POINTS.as_bytes()) {
            own[at] = b' ';
        }
        let other = fits_lambda(&own, arch).err().map(|error| error.to_string());
        assert!(!other.unwrap_or_default().contains("fault points"), "nothing but the marker makes them");
    }

    #[test]
    fn the_marker_is_the_one_that_functions_carry() {
        let points = fs::read_to_string(stack::root().join("shared/runtime/src/fault/points.rs")).unwrap();
        assert!(points.contains(&format!("const MARKER: &str = \"{FAULT_POINTS}\";")));
    }
}
