//! What was found, and how it is told.

use serde_json::{Value, json};

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It holds.
    Fine,
    /// It could not be seen from here.
    Unknown,
    /// Something to look at.
    Warning,
    /// Customers are not served as long as this is so.
    Fault,
}

impl State {
    const fn mark(self) -> &'static str {
        match self {
            Self::Fine => "ok     ",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Fault => "FAULT  ",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Fault => "fault",
        }
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The channel; `stack` for what all share.
    pub about: String,
    /// What was checked.
    pub check: &'static str,
    /// How it ended.
    pub state: State,
    /// What was seen, without any secret.
    pub seen: String,
    /// What to do about it.
    pub mend: Option<String>,
}

impl Finding {
    /// What holds.
    pub fn fine(about: &str, check: &'static str, seen: impl Into<String>) -> Self {
        Self { about: about.to_owned(), check, state: State::Fine, seen: seen.into(), mend: None }
    }

    /// What does not, and what to do about it.
    pub fn of(
        about: &str,
        check: &'static str,
        state: State,
        seen: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self { mend: Some(mend.into()), state, ..Self::fine(about, check, seen) }
    }

    fn json(&self) -> Value {
        let Self { about, check, state, seen, mend } = self;
        json!({"about": about, "check": check, "state": state.name(), "seen": seen, "mend": mend})
    }
}

/// Whether customers are served, as far as was seen.
pub fn sound(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.state < State::Fault)
}

/// All of it as JSON.
pub fn as_json(findings: &[Finding]) -> Value {
    json!({"ok": sound(findings), "findings": findings.iter().map(Finding::json).collect::<Vec<_>>()})
}

/// All of it as lines, a heading for each thing.
pub fn as_text(findings: &[Finding]) -> String {
    let mut lines = vec![];
    let mut about = "";
    for finding in findings {
        if finding.about != about {
            about = &finding.about;
            lines.push(format!("\n{about}"));
        }
        lines.push(format!("  {} {:<12} {}", finding.state.mark(), finding.check, finding.seen));
        lines.extend(finding.mend.as_ref().map(|mend| format!("{:23}→ {mend}", "")));
    }
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let (fine, faults) = (count(State::Fine), count(State::Fault));
    let (warnings, unknown) = (count(State::Warning), count(State::Unknown));
    lines.push(format!("\ndoctor: {fine} ok, faults: {faults}, warnings: {warnings}, unknown: {unknown}"));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_fault_is_no_soundness() {
        let found = |state| Finding::of("sms", "secrets", state, "seen", "mend");
        assert!(sound(&[found(State::Fine), found(State::Unknown), found(State::Warning)]));
        assert!(!sound(&[found(State::Fine), found(State::Fault)]));
    }

    #[test]
    fn the_words_and_the_json_say_the_same() {
        let findings = [
            Finding::fine("stack", "api", "answers"),
            Finding::of("line", "credentials", State::Fault, "the access token is not valid", "set a new one"),
            Finding::fine("line", "webhook", "is ours"),
        ];
        let text = as_text(&findings);
        assert_eq!(text.matches("\nline\n").count(), 1, "{text}");
        assert!(text.contains("FAULT   credentials  the access token is not valid\n"), "{text}");
        assert!(text.contains("→ set a new one\n"), "{text}");
        assert!(text.ends_with("doctor: 2 ok, faults: 1, warnings: 0, unknown: 0"), "{text}");
        let json = as_json(&findings);
        assert_eq!((&json["ok"], &json["findings"][1]["state"]), (&json!(false), &json!("fault")));
        assert_eq!(json["findings"][0]["mend"], Value::Null);
    }
}
