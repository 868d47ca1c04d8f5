//! What is wrong with a knowledge folder.

use std::fmt;

use super::KnowledgeBase;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The base cannot be published.
    Error,
    /// The base works, but hardly as meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// One thing to mend. It shows as `file:line: severity: message`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file's name, as it came in.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, severity, message } = self;
        write!(f, "{file}:{line}: {severity}: {message}")
    }
}

/// What [`check`](super::check) found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// All problems, by file and line.
    pub problems: Vec<Problem>,
    /// The base, if no problem is an error.
    pub base: Option<KnowledgeBase>,
    /// Whether somebody must approve it before it is published, as `base.yaml` says.
    pub approval: bool,
}
