//! Dialogues as customers have them, line by line. How each was recorded stands in `tests/e2e/dialogues`, and a dialogue
//! that is held now has to be the same but for days and reference numbers. It is written to `target/local/dialogues`;
//! where the change is wanted, that file becomes the recorded one.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long the rest of an answer is waited for; and in a dialogue that was not recorded before.
const REST: Duration = Duration::from_secs(20);
const UNKNOWN_REST: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(100);

/// What one side said once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Who, and on the phone how.
    who: &'static str,
    pub(crate) text: String,
    /// What could be tapped.
    choices: Vec<String>,
}

impl Line {
    /// A message of the visitor API.
    pub(crate) fn of_web(message: &Value) -> Self {
        let who = match message["author"].as_str().unwrap() {
            "customer" => "customer writes",
            "bot" => "bot writes",
            _ => "notice",
        };
        let content = &message["content"];
        Self { who, text: text(&content["text"]), choices: titles(&content["replies"], &content["buttons"]) }
    }

    /// An entry of the sandbox's feed; `None` for what neither side says.
    pub(crate) fn of_feed(channel: &str, entry: &Value) -> Option<Self> {
        let (phone, said) = (channel == "voice", text(&entry["text"]));
        let who = match entry["kind"].as_str().unwrap() {
            "said" if entry["event"] == "call" => "customer calls",
            "said" if phone && said.bytes().all(|byte| byte.is_ascii_digit()) => "customer presses",
            "said" if phone => "customer says",
            "said" => "customer writes",
            "shown" if entry["notice"] == true => "notice",
            "shown" if phone => "bot says",
            "shown" => "bot writes",
            _ => return None,
        };
        Some(Self { who, text: said, choices: titles(&entry["choices"], &Value::Null) })
    }

    pub(crate) fn is_customers(&self) -> bool {
        self.who.starts_with("customer")
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().trim().to_owned()
}

fn titles(replies: &Value, buttons: &Value) -> Vec<String> {
    let all = [replies, buttons].into_iter().filter_map(Value::as_array).flatten();
    all.map(|choice| text(&choice["title"])).collect()
}

/// As it is read.
fn transcript(lines: &[Line]) -> String {
    let line = |line: &Line| {
        let words = line.text.replace('\n', "\n    ");
        let choices =
            if line.choices.is_empty() { String::new() } else { format!("    [{}]\n", line.choices.join("] [")) };
        let colon = if words.is_empty() { "" } else { ": " };
        format!("{}{colon}{words}\n{choices}", line.who)
    };
    lines.iter().map(line).collect()
}

/// How a dialogue was recorded.
pub(crate) struct Recorded {
    name: String,
    text: String,
}

impl Recorded {
    pub(crate) fn of(flow: &str, language: &str, channel: &str) -> Self {
        let name = format!("{flow}.{language}.{channel}.txt");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/dialogues").join(&name);
        Self { text: fs::read_to_string(file).unwrap_or_default(), name }
    }

    /// Waits until as much was said as was recorded up to the customer's turn after this many; no longer than that takes.
    pub(crate) async fn come_to(&self, turns: usize, lines: impl AsyncFn() -> Vec<Line>) {
        let rest = if self.text.is_empty() { UNKNOWN_REST } else { REST };
        let (started, expected) = (Instant::now(), steady(&self.until(turns)));
        while steady(&transcript(&lines().await)) != expected && started.elapsed() < rest {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Writes down how it went; where, if that is not as it was recorded.
    pub(crate) fn conclude(&self, lines: &[Line]) -> Option<String> {
        let (now, folder) = (transcript(lines), home());
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(&self.name);
        fs::write(&file, &now).unwrap();
        (steady(&now) != steady(&self.text)).then(|| format!("{}\n{now}", file.display()))
    }

    fn until(&self, turns: usize) -> String {
        let mut said = 0;
        let lines = self.text.lines().take_while(|line| {
            said += usize::from(line.starts_with("customer") && !line.starts_with("customer calls"));
            said <= turns
        });
        lines.flat_map(|line| [line, "\n"]).collect()
    }
}

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/local/dialogues")
}

/// A transcript without what differs from day to day: dates, and the company's reference numbers (a letter and eight
/// digits, on the phone one by one).
fn steady(transcript: &str) -> String {
    let (mut steady, mut rest, mut before) = (String::new(), transcript, ' ');
    while let Some(next) = rest.chars().next() {
        let found =
            [date(rest), reference(rest)].into_iter().flatten().next().filter(|_| !before.is_ascii_alphanumeric());
        let (shown, length) = found.unwrap_or((None, next.len_utf8()));
        steady.push_str(shown.unwrap_or_else(|| rest.get(..length).unwrap()));
        before = next;
        rest = rest.get(length..).unwrap();
    }
    steady
}

/// What stands for a date at the beginning, and the date's length.
fn date(text: &str) -> Option<(Option<&'static str>, usize)> {
    let form = "dddd-dd-dd";
    let found = text.get(..form.len())?;
    let fits = found.chars().zip(form.chars()).all(|(c, of)| if of == 'd' { c.is_ascii_digit() } else { c == of });
    fits.then_some((Some("<day>"), form.len()))
}

/// What stands for a reference number at the beginning, and its length.
fn reference(text: &str) -> Option<(Option<&'static str>, usize)> {
    let shown = [("A", "A<number>"), ("C", "C<number>"), ("R", "R<number>")];
    let (_, shown) = shown.into_iter().find(|(letter, _)| text.starts_with(letter))?;
    let digits = |form: &str| {
        let found = text.get(1..=form.len())?;
        let fits = found.chars().zip(form.chars()).all(|(c, of)| if of == 'd' { c.is_ascii_digit() } else { c == of });
        fits.then_some((Some(shown), form.len() + 1))
    };
    digits("dddddddd").or_else(|| digits("d d d d d d d d"))
}

#[test]
fn dialogues_differ_in_days_and_reference_numbers_only() {
    let one = "预约号 A50811289。A visit on 2026-11-24, A-10293, phone +8613800138000, R1 7 2 8 2 6 2 2.";
    let other = "预约号 A50811280。A visit on 2027-01-02, A-10293, phone +8613800138000, R9 7 2 8 2 6 2 2.";
    assert_eq!(steady(one), steady(other));
    assert_ne!(steady(one), steady(&other.replace("A-10293", "A-10294")));
    assert_ne!(steady(one), steady(&other.replace("13800138000", "13800138001")));
}
