//! The pinned Python tools: the AWS emulator, the SAM CLI, cfn-lint, and for releases cargo-lambda.
//!
//! They live in `target/local/venv` and nowhere else.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};

use crate::{console, run, stack};

const REQUIREMENTS: &str = include_str!("../requirements.txt");
const RELEASE_REQUIREMENTS: &str = include_str!("../requirements-release.txt");
/// Prints what keeps a Python from making virtual environments; nothing when all is well.
const PROBE: &str = "import sys\n\
    if sys.version_info < (3, 10): print('it is Python %d.%d, 3.10 is needed' % sys.version_info[:2]); sys.exit()\n\
    try:\n import venv, ensurepip\n\
    except ImportError: print('its venv module is missing (Debian, Ubuntu: apt install python3-venv)')";

/// The installed tools.
#[derive(Clone, Debug)]
pub struct Tools {
    venv: PathBuf,
}

impl Tools {
    /// Installs the tools, unless they are there.
    ///
    /// # Errors
    /// A prerequisite is missing, or the installation fails.
    pub fn ready() -> anyhow::Result<Self> {
        let tools = Self { venv: stack::shared_dir().join("venv") };
        tools.install("MiniStack, SAM CLI and cfn-lint", "requirements.txt", REQUIREMENTS)?;
        Ok(tools)
    }

    /// Installs the tools and those that only releases need, unless they are there.
    ///
    /// # Errors
    /// A prerequisite is missing, or the installation fails.
    pub fn ready_for_release() -> anyhow::Result<Self> {
        let tools = Self::ready()?;
        tools.install("cargo-lambda and zig", "requirements-release.txt", RELEASE_REQUIREMENTS)?;
        Ok(tools)
    }

    /// Names the installed versions, so that a process started from others is noticed.
    pub fn build(&self) -> String {
        fingerprint(REQUIREMENTS)
    }

    /// One of the tools' programs.
    pub fn program(&self, name: &str) -> Command {
        Command::new(self.bin().join(name))
    }

    /// The search path with the tools first.
    pub fn search_path(&self) -> OsString {
        let inherited = inherited("PATH").unwrap_or_default();
        let all = std::iter::once(self.bin()).chain(std::env::split_paths(&inherited));
        std::env::join_paths(all).unwrap_or(inherited)
    }

    fn bin(&self) -> PathBuf {
        self.venv.join("bin")
    }

    fn install(&self, what: &str, file: &str, requirements: &str) -> anyhow::Result<()> {
        let marker = self.venv.join(format!(".{file}"));
        let wanted = fingerprint(&format!("{requirements}{}", self.venv.display()));
        if fs::read_to_string(&marker).is_ok_and(|found| found == wanted) && self.bin().join("python").exists() {
            return Ok(());
        }
        let log = stack::shared_dir().join("logs/tools.log");
        self.leave_old_place()?;
        if !self.bin().join("pip").exists() {
            python()?;
            console::progress(format_args!("making a Python environment in {}", self.venv.display()));
            run::logged("python3 -m venv", Command::new("python3").args(["-m", "venv"]).arg(&self.venv), &log)?;
        }
        console::progress(format_args!("installing {what} (about a minute the first time)"));
        let list = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let mut pip = self.program("python");
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "-r"]);
        run::logged(&format!("installing {what}"), pip.arg(list), &log)
            .context("check the connection to the Python package index (pip's settings are used), then try again")?;
        fs::write(self.place(), self.venv.as_os_str().as_encoded_bytes())
            .and_then(|()| fs::write(&marker, wanted))
            .with_context(|| format!("cannot write {}", marker.display()))
    }

    /// Removes an environment that was moved here with its checkout: its programs name the old place.
    fn leave_old_place(&self) -> anyhow::Result<()> {
        let moved = fs::read(self.place()).is_ok_and(|place| place != self.venv.as_os_str().as_encoded_bytes());
        if moved {
            fs::remove_dir_all(&self.venv).with_context(|| format!("cannot remove {}", self.venv.display()))?;
        }
        Ok(())
    }

    fn place(&self) -> PathBuf {
        self.venv.join(".place")
    }
}

/// A variable of the user's environment.
#[expect(clippy::disallowed_methods, reason = "the tool hands the user's own environment on; it is no function")]
pub fn inherited(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Whether Python is there, and can make environments.
///
/// # Errors
/// What is missing.
pub(crate) fn python() -> anyhow::Result<()> {
    match Command::new("python3").args(["-c", PROBE]).output() {
        Err(_) => bail!("python3 is missing: install Python 3.10 or newer, with its venv module"),
        Ok(output) => match String::from_utf8_lossy(&output.stdout).trim() {
            "" if output.status.success() => Ok(()),
            "" => bail!("python3 does not work: {}", String::from_utf8_lossy(&output.stderr).trim()),
            fault => bail!("python3 cannot be used: {fault}"),
        },
    }
}

/// Names a text, so that a change of it is noticed.
pub(crate) fn fingerprint(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}
