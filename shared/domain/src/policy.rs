//! How a company wants its conversations led: limits, waits and words. Data that a support lead edits.

use serde::{Deserialize, Serialize};

use crate::Personal;

/// The rules of a company's conversations. Times are seconds; without a value, that step does not happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// Whole messages that ask for a person, whatever the bot knows. Case, width and outer punctuation do not count.
    pub handoff_words: Vec<String>,
    /// Keys that ask for a person on channels with a keypad.
    pub handoff_keys: Vec<String>,
    /// How long a customer waits for a person before the bot is back.
    pub queue_seconds: u32,
    /// How long a person may leave a waiting customer without any action before the customer is queued again.
    pub lease_seconds: u32,
    /// How long a person has after closing to write notes; a customer who writes meanwhile has the same person again.
    pub wrap_up_seconds: Option<u32>,
    /// Silence after a person's message until the customer is asked whether they are still there.
    pub reminder_seconds: Option<u32>,
    /// Silence after a person's message (and reminder) until the conversation is closed.
    pub idle_close_seconds: Option<u32>,
    /// Silence after which a customer's next message opens a new conversation with the bot.
    pub renew_seconds: Option<u32>,
    /// When, after its close, the customer of a conversation with a person is asked for a rating; 0: at once.
    pub survey_seconds: Option<u32>,
    /// Messages of one customer in a minute that the bot answers.
    pub messages_per_minute: u32,
    /// After so many messages in a row that the bot does not know an answer to, a person is asked for by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_handoff: Option<u32>,
    /// What is covered in the customer's words before they are kept. The bot itself is asked with all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mask: Vec<Personal>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            handoff_words: ["人工", "转人工", "agent", "human"].map(str::to_owned).to_vec(),
            handoff_keys: vec!["0".to_owned()],
            queue_seconds: 10 * 60,
            lease_seconds: 15 * 60,
            wrap_up_seconds: Some(2 * 60),
            reminder_seconds: Some(30 * 60),
            idle_close_seconds: Some(2 * 60 * 60),
            renew_seconds: Some(24 * 60 * 60),
            survey_seconds: None,
            messages_per_minute: 30,
            unknown_handoff: None,
            mask: vec![],
        }
    }
}

/// Fewest seconds for which a customer waits for a person by letter, and a person may leave a letter unanswered.
const LETTER_QUEUE_SECONDS: u32 = 3 * 24 * 60 * 60;
const LETTER_LEASE_SECONDS: u32 = 24 * 60 * 60;

impl Policy {
    /// The same for channels whose customers look in now and then: nobody is asked whether they are still there, nothing
    /// is closed because they are silent, and people have days.
    #[must_use]
    pub fn by_letter(&self) -> Self {
        Self {
            queue_seconds: self.queue_seconds.max(LETTER_QUEUE_SECONDS),
            lease_seconds: self.lease_seconds.max(LETTER_LEASE_SECONDS),
            reminder_seconds: None,
            idle_close_seconds: None,
            survey_seconds: None,
            ..self.clone()
        }
    }

    /// Whether a whole message is one of the words that ask for a person.
    pub fn asks_for_person(&self, text: &str, keypad: bool) -> bool {
        let said = plain(text);
        self.handoff_words.iter().any(|word| plain(word) == said)
            || (keypad && self.handoff_keys.iter().any(|key| plain(key) == said))
    }
}

/// A message in one spelling: lower case, half width, without outer spaces and punctuation.
fn plain(text: &str) -> String {
    let narrow = text.chars().map(half_width).flat_map(char::to_lowercase).collect::<String>();
    narrow.trim_matches(|letter: char| !letter.is_alphanumeric()).to_owned()
}

/// A full-width letter, digit or sign as its ordinary form (Unicode block FF01–FF5E).
pub(crate) fn half_width(letter: char) -> char {
    match u32::from(letter) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(letter),
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn end_words_are_whole_messages() {
        let policy = Policy::default();
        for text in ["人工", " 转人工！", "Agent", "HUMAN.", "ｈｕｍａｎ", "人工。"] {
            assert!(policy.asks_for_person(text, false), "{text}");
        }
        for text in ["人工费多少", "my agent said so", "", "0", "?"] {
            assert!(!policy.asks_for_person(text, false), "{text}");
        }
        assert!(policy.asks_for_person("0", true) && policy.asks_for_person("０", true));
        let own = Policy { handoff_words: vec!["掌柜".to_owned()], ..Policy::default() };
        assert!(own.asks_for_person("掌柜", false) && !own.asks_for_person("人工", false));
    }
}
