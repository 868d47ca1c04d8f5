//! Third-party code as processes: a request and an answer, each a line of JSON.
//!
//! An oracle is a folder below `tests/conformance/oracles`: `oracle.py` with `requirements.txt`, or `oracle.js` with
//! `package.json` and its lock. `cargo local test conformance` installs them below `target/local/oracles`. A request is
//! `{"do": …}`; the answer `{"ok": true, …}` or `{"ok": false, "error": …}`. Every oracle answers `about` with the
//! `name` and `version` of the code that judges.

use std::cell::{Cell as Counter, RefCell};
use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;

use serde_json::{Value, json};

use crate::Reason;

/// What third-party code said of a channel.
pub type Cell = Result<Vec<Verdict>, Without>;

/// One judge's word: nothing was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The judge, with its version.
    pub by: String,
    /// How much was looked at.
    pub checks: usize,
}

/// Why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Without {
    /// There is nobody to ask.
    Beside(Reason),
    /// What is missing here.
    Missing(String),
    /// The judge disagrees.
    Wrong(String),
}

impl From<String> for Without {
    fn from(fault: String) -> Self {
        Self::Wrong(fault)
    }
}

/// Where oracles are installed.
#[derive(Debug)]
pub struct Oracles {
    home: Option<PathBuf>,
    running: RefCell<BTreeMap<String, Rc<Process>>>,
}

impl Oracles {
    /// Those that `cargo local test conformance` has installed.
    pub fn installed() -> Self {
        #[expect(clippy::disallowed_methods, reason = "`cargo local test` says where it has installed the oracles")]
        let told = env::var_os("FRONTDESK_ORACLES").map(PathBuf::from);
        let usual = || Some(root().join("target/local/oracles")).filter(|home| home.is_dir());
        Self { home: told.or_else(usual), running: RefCell::default() }
    }

    /// Whether any is.
    pub fn any(&self) -> bool {
        self.home.is_some()
    }

    /// One of them, started or still running.
    ///
    /// # Errors
    /// It is not installed, or does not start.
    pub fn start(&self, name: &str) -> Result<Oracle, Without> {
        let known = self.running.borrow().get(name).cloned();
        let process = match known {
            Some(process) => process,
            None => Rc::new(self.process(name)?),
        };
        self.running.borrow_mut().insert(name.to_owned(), Rc::clone(&process));
        let by = name.to_owned();
        let mut oracle = Oracle { by, process, asked: Counter::new(0) };
        let about = oracle.ask(&json!({"do": "about"}))?;
        let word = |field: &str| about[field].as_str().unwrap_or_default();
        oracle.by = format!("{} {}", word("name"), word("version"));
        oracle.asked.set(0);
        Ok(oracle)
    }

    fn process(&self, name: &str) -> Result<Process, Without> {
        let missing = || Without::Missing(format!("{name} is not installed"));
        let home = self.home.as_ref().ok_or_else(missing)?.join(name);
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles").join(name);
        let mut command = if scripts.join("oracle.py").exists() {
            let mut python = Command::new(home.join("venv/bin/python"));
            python.args(["-u", "-B"]).arg(scripts.join("oracle.py"));
            python
        } else {
            let mut node = Command::new("node");
            node.arg(scripts.join("oracle.js")).env("NODE_PATH", home.join("node_modules"));
            node
        };
        if !home.is_dir() {
            return Err(missing());
        }
        // Recorders are on this machine: no proxy stands before them.
        command.env("no_proxy", "*").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| Without::Missing(format!("{name} does not start: {error}")))?;
        let pipes = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Ok(Process { child, pipes: RefCell::new(pipes) })
    }
}

/// An oracle that is asked about one thing.
#[derive(Debug)]
pub struct Oracle {
    by: String,
    process: Rc<Process>,
    asked: Counter<usize>,
}

#[derive(Debug)]
struct Process {
    child: Child,
    pipes: RefCell<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Oracle {
    /// Asks it.
    ///
    /// # Errors
    /// It says no, or says nothing.
    pub fn ask(&self, request: &Value) -> Result<Value, String> {
        let (stdin, stdout) = &mut *self.process.pipes.borrow_mut();
        let mut line = String::new();
        let spoken =
            writeln!(stdin, "{request}").and_then(|()| stdin.flush()).and_then(|()| stdout.read_line(&mut line));
        let broken = |error: &dyn std::fmt::Display| format!("{} broke off: {error}", self.by);
        spoken.map_err(|error| broken(&error))?;
        let answer: Value = serde_json::from_str(&line).map_err(|error| broken(&error))?;
        self.asked.set(self.asked.get() + 1);
        if answer["ok"] == true { Ok(answer) } else { Err(format!("{} on {request}: {}", self.by, answer["error"])) }
    }

    /// Asks it for a text.
    ///
    /// # Errors
    /// It says no, or the answer has no such field.
    pub fn text(&self, request: &Value, field: &str) -> Result<String, String> {
        let answer = self.ask(request)?;
        answer[field].as_str().map(str::to_owned).ok_or_else(|| format!("{} on {request}: no `{field}`", self.by))
    }

    /// Its word, after all was well.
    pub fn verdict(&self) -> Verdict {
        Verdict { by: self.by.clone(), checks: self.asked.get() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end or to wait for.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
