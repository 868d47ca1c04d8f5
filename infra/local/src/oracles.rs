//! The third-party code that judges the channels: a folder each below `tests/conformance/oracles`, pinned there, and
//! installed below `target/local/oracles`, a Python environment or a folder of npm packages each.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::tools::{self, fingerprint};
use crate::{console, run, stack};

/// Where they are installed.
pub fn home() -> PathBuf {
    stack::shared_dir().join("oracles")
}

/// What an oracle's packages are named in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packages {
    /// `requirements.txt`.
    Python,
    /// `package.json`, and the lock beside it.
    Npm,
}

/// Installs every oracle, unless it is there as pinned.
///
/// # Errors
/// A prerequisite is missing, or an installation fails.
pub fn install() -> anyhow::Result<()> {
    for (name, packages) in all(&stack::root().join("tests/conformance/oracles"))? {
        let pinned = stack::root().join("tests/conformance/oracles").join(&name);
        let place = home().join(&name);
        let marker = place.join(".installed");
        let wanted = fingerprint(&format!("{}{}", pins(&pinned, packages)?, place.display()));
        if fs::read_to_string(&marker).is_ok_and(|found| found == wanted) {
            continue;
        }
        // Left from other pins, another place, or an installation that broke off.
        if place.exists() {
            fs::remove_dir_all(&place).with_context(|| format!("cannot remove {}", place.display()))?;
        }
        fs::create_dir_all(&place).with_context(|| format!("cannot create {}", place.display()))?;
        console::progress(format_args!("installing the oracle {name}"));
        match packages {
            Packages::Python => python(&name, &pinned, &place)?,
            Packages::Npm => npm(&name, &pinned, &place)?,
        }
        fs::write(&marker, wanted).with_context(|| format!("cannot write {}", marker.display()))?;
    }
    Ok(())
}

/// The oracles of a folder, by name.
fn all(folder: &Path) -> anyhow::Result<Vec<(String, Packages)>> {
    let listed = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut all = Vec::new();
    for entry in listed {
        let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
        let has = |file: &str| entry.path().join(file).exists();
        let packages = match (has("requirements.txt"), has("package-lock.json")) {
            (true, false) => Packages::Python,
            (false, true) => Packages::Npm,
            (false, false) if !entry.path().is_dir() || entry.file_name() == "__pycache__" => continue,
            (false, false) => bail!("{} pins nothing: requirements.txt or package-lock.json", entry.path().display()),
            (true, true) => bail!("{} has both Python and npm packages", entry.path().display()),
        };
        all.push((entry.file_name().to_string_lossy().into_owned(), packages));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}

fn pins(folder: &Path, packages: Packages) -> anyhow::Result<String> {
    let file = folder.join(match packages {
        Packages::Python => "requirements.txt",
        Packages::Npm => "package-lock.json",
    });
    fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}

fn python(name: &str, pinned: &Path, place: &Path) -> anyhow::Result<()> {
    tools::python()?;
    let log = stack::shared_dir().join("logs/oracles.log");
    let venv = place.join("venv");
    run::logged("python3 -m venv", Command::new("python3").args(["-m", "venv"]).arg(&venv), &log)?;
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "-r"]);
    run::logged(&format!("installing {name}"), pip.arg(pinned.join("requirements.txt")), &log)
        .context("check the connection to the Python package index (pip's settings are used), then try again")
}

fn npm(name: &str, pinned: &Path, place: &Path) -> anyhow::Result<()> {
    for file in ["package.json", "package-lock.json"] {
        fs::copy(pinned.join(file), place.join(file)).with_context(|| format!("cannot copy {file} of {name}"))?;
    }
    let mut npm = Command::new("npm");
    // No package of an oracle needs to run anything to be installed.
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(place);
    let log = stack::shared_dir().join("logs/oracles.log");
    run::logged(&format!("installing {name}"), &mut npm, &log)
        .context("Node.js 20 or newer with npm and a way to its registry are needed (npm's settings are used)")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn pinned() -> PathBuf {
        stack::root().join("tests/conformance/oracles")
    }

    #[test]
    fn every_oracle_has_pins_and_a_script() {
        let all = all(&pinned()).unwrap();
        assert!(!all.is_empty());
        for (name, packages) in &all {
            let script = if *packages == Packages::Python { "oracle.py" } else { "oracle.js" };
            assert!(pinned().join(name).join(script).exists(), "{name} has no {script}");
        }
        let names: BTreeSet<_> = all.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), all.len());
    }

    #[test]
    fn python_packages_are_pinned_exactly() {
        for (name, _) in all(&pinned()).unwrap().iter().filter(|(_, packages)| *packages == Packages::Python) {
            let text = pins(&pinned().join(name), Packages::Python).unwrap();
            for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
                assert!(line.contains("==") && !line.contains(['>', '<', '*', '@']), "{name}: {line}");
            }
        }
    }
}
