//! `sensitive` in `base.yaml`: words to which the bot says nothing of its own.

use serde::{Deserialize, Serialize};

use super::base::values;
use super::read::{Located, LocatedTexts, Reader};
use super::yaml::Node;
use super::{Localised, MAX_ANSWER_CHARS};
use crate::text::canonical;

/// The words and what they bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sensitive {
    /// The words, in any spelling.
    pub words: Vec<String>,
    /// What the bot does.
    pub answer: OnSensitive,
    /// What it says; some words of its own, if the base has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Localised>,
}

/// What the bot does on sensitive words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnSensitive {
    /// It says the fixed text.
    Refuse,
    /// It gets a person.
    Handoff,
}

/// Reads the section; with it, where its words stand.
pub(super) fn read(
    reader: &mut Reader<'_>,
    node: Node,
    located: &mut Vec<(String, LocatedTexts)>,
) -> Option<(Sensitive, Vec<Located<String>>)> {
    let mut fields = reader.fields(node, "`sensitive`", &["words", "answer", "text"])?;
    let line = fields.line;
    let Some(node) = fields.take("words") else {
        reader.error(line, "`sensitive` lacks `words`; add a list of them, or take the section out".to_owned());
        return None;
    };
    let mut words: Vec<Located<String>> = Vec::new();
    for word in reader.texts(node, "`words` of `sensitive`") {
        let (plain, at) = (canonical(&word.value), word.line);
        if plain.is_empty() {
            reader.error(at, format!("the sensitive word `{}` has no letter or digit; take it out", word.value));
        } else if let Some(first) = words.iter().find(|first| canonical(&first.value) == plain) {
            let message =
                format!("the sensitive word `{}` stands already on line {}; take one out", word.value, first.line);
            reader.warn(at, message);
        } else {
            words.push(word);
        }
    }
    let answer = match fields.take("answer").and_then(|node| reader.text(node, "`answer` of `sensitive`")) {
        None => OnSensitive::Refuse,
        Some(said) => match said.value.as_str() {
            "refuse" => OnSensitive::Refuse,
            "handoff" => OnSensitive::Handoff,
            other => {
                reader.error(said.line, format!("`answer` of `sensitive` is `{other}`; write `refuse` or `handoff`"));
                OnSensitive::Refuse
            }
        },
    };
    let text = fields.take("text").map(|node| {
        let texts = reader.localised(node, "`text` of `sensitive`");
        reader.check_length(&texts, "`text` of `sensitive`", MAX_ANSWER_CHARS, "");
        located.push(("`text` of `sensitive`".to_owned(), texts.clone()));
        values(texts)
    });
    let plain = words.iter().map(|word| word.value.clone()).collect();
    Some((Sensitive { words: plain, answer, text }, words))
}
