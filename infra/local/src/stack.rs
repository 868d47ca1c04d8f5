//! Where a local stack lies: its folder, its ports, and `stack.json`, which tells others.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// The port of the emulator of the stack that nobody gave a number.
pub const DEFAULT_PORT: u16 = 4566;
/// The name that every local stack is deployed under.
pub const NAME: &str = "frontdesk";
/// The region that the emulator plays.
pub const REGION: &str = "us-east-1";

/// A local stack, whether it runs or not.
#[derive(Clone, Debug)]
pub struct Stack {
    port: u16,
}

/// Held while a command changes a stack.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "closing the file gives the lock back")] File);

impl Stack {
    /// The stack whose emulator has this port.
    pub const fn at(port: u16) -> Self {
        Self { port }
    }

    /// The emulator's port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The sandbox's port.
    pub const fn sandbox_port(&self) -> u16 {
        self.port + 1
    }

    /// The port at which the sandbox takes mail.
    pub const fn smtp_port(&self) -> u16 {
        self.port + 2
    }

    /// The emulator's address, as the template's parameter `Emulator` wants it.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Where AWS clients find the emulator.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Where the sandbox's pages are.
    pub fn sandbox_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.sandbox_port())
    }

    /// Where the sandbox takes mail.
    pub fn smtp_url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.smtp_port())
    }

    /// The folder with all that belongs to this stack.
    pub fn dir(&self) -> PathBuf {
        let shared = shared_dir();
        if self.port == DEFAULT_PORT { shared } else { shared.join(self.port.to_string()) }
    }

    /// The emulator's folder: its state, files and temporary files.
    pub fn emulator_dir(&self) -> PathBuf {
        self.dir().join("emulator")
    }

    /// A log file of this stack.
    pub fn log(&self, name: &str) -> PathBuf {
        self.dir().join("logs").join(name)
    }

    /// `stack.json`.
    pub fn file(&self) -> PathBuf {
        self.dir().join("stack.json")
    }

    /// What `stack.json` says; `None` when there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(&self) -> anyhow::Result<Option<Value>> {
        let file = self.file();
        if !file.exists() {
            return Ok(None);
        }
        let text = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let json = serde_json::from_slice(&text)
            .with_context(|| format!("{} is damaged; run `cargo local up` again", file.display()))?;
        Ok(Some(json))
    }

    /// Writes `stack.json`, for this user's eyes only: it holds the stack's random secrets.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, json: &Value) -> anyhow::Result<()> {
        let file = self.file();
        let fresh = file.with_extension("json.new");
        let write = || {
            fs::write(&fresh, format!("{json:#}\n"))?;
            private(&fresh)?;
            fs::rename(&fresh, &file)
        };
        write().with_context(|| format!("cannot write {}", file.display()))
    }

    /// Keeps other commands from changing this stack at the same time.
    ///
    /// # Errors
    /// Another command is at it, or the folder cannot be written.
    pub fn lock(&self) -> anyhow::Result<Lock> {
        let dir = self.dir();
        fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let path = dir.join("lock");
        let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => bail!(
                "another `cargo local` command is at work on the stack at port {}; wait for it, or take another stack \
                 with --port-base",
                self.port
            ),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
        }
    }
}

/// The root of the checkout.
pub fn root() -> PathBuf {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR"));
    tool.ancestors().nth(2).unwrap_or(tool).to_owned()
}

/// What all local stacks share: the tools.
pub fn shared_dir() -> PathBuf {
    root().join("target/local")
}

fn private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_share_nothing_but_the_tools() {
        let (a, b) = (Stack::at(DEFAULT_PORT), Stack::at(5000));
        assert_eq!(a.dir(), root().join("target/local"));
        assert_eq!(b.dir(), root().join("target/local/5000"));
        assert_eq!((a.sandbox_url().as_str(), b.address().as_str()), ("http://127.0.0.1:4567", "127.0.0.1:5000"));
    }

    #[test]
    fn the_root_holds_the_template() {
        assert!(root().join("template.yaml").exists());
    }
}
