//! What an entry may say besides its answer: a short form, another text outside its time, a picture or file.

use serde::{Deserialize, Serialize};

use super::read::{Located, LocatedTexts, Reader};
use super::valid::{self, Days};
use super::yaml::Node;
use super::{MAX_ANSWER_CHARS, read};
use crate::text::Language;

/// A file on the company's own pages, sent after an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Whether it is shown or offered.
    pub kind: MediaKind,
    /// Its https address.
    pub url: String,
}

/// The kinds of media.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// A picture.
    Image,
    /// Any other file.
    File,
}

impl Media {
    /// The last part of its address.
    pub fn name(&self) -> &str {
        let path = self.url.split(['?', '#']).next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default()
    }

    /// The media type that its name tells.
    pub fn mime(&self) -> &'static str {
        let ending = self.name().rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
        match (ending.as_str(), self.kind) {
            ("png", _) => "image/png",
            ("gif", _) => "image/gif",
            ("webp", _) => "image/webp",
            ("jpg" | "jpeg", _) | (_, MediaKind::Image) => "image/jpeg",
            ("pdf", _) => "application/pdf",
            (_, MediaKind::File) => "application/octet-stream",
        }
    }
}

/// The fields, as they were written.
#[derive(Debug, Default)]
pub(super) struct Extras {
    /// Its line and its texts.
    pub(super) short: Option<(u32, LocatedTexts)>,
    pub(super) valid: Option<Days>,
    /// Its line and its texts.
    pub(super) otherwise: Option<(u32, LocatedTexts)>,
    pub(super) media: Vec<Media>,
}

impl Extras {
    /// Its texts with their fields' names and lines.
    pub(super) fn located(&self) -> impl Iterator<Item = (&'static str, Option<&(u32, LocatedTexts)>)> {
        [("short", self.short.as_ref()), ("otherwise", self.otherwise.as_ref())].into_iter()
    }
}

/// Their names.
pub(super) const FIELDS: [&str; 5] = ["short", "valid", "otherwise", "image", "file"];

/// What fits into three text messages, and what can be listened to, in characters.
fn max_short_chars(language: Language) -> usize {
    match language {
        Language::Zh => 200,
        Language::En => 450,
    }
}

/// Reads an entry's extras.
pub(super) fn read(reader: &mut Reader<'_>, fields: &mut read::Fields, name: &str) -> Extras {
    let mut texts = |reader: &mut Reader<'_>, field: &str| {
        let what = format!("`{field}` of `{name}`");
        let node = fields.take(field)?;
        let line = node.line;
        let texts = reader.some_localised(node, &what);
        reader.check_length(&texts, &what, MAX_ANSWER_CHARS, "");
        Some((line, texts))
    };
    let (short, otherwise) = (texts(reader, "short"), texts(reader, "otherwise"));
    for (language, text) in short.iter().flat_map(|(_, texts)| texts) {
        let (length, most) = (text.value.chars().count(), max_short_chars(*language));
        if length > most {
            reader.warn(
                text.line,
                format!(
                    "`short` of `{name}` in `{language}` has {length} characters; by text message and on the phone more than \
                     {most} are too many"
                ),
            );
        }
    }
    let line = fields.line;
    let valid = fields.take("valid").and_then(|node| valid::read(reader, node, &format!("`valid` of `{name}`")));
    if otherwise.is_some() && valid.is_none() {
        reader.warn(line, format!("entry `{name}` has `otherwise` but always holds; add `valid` or take it out"));
    }
    let kinds = [(MediaKind::Image, "image"), (MediaKind::File, "file")];
    let media = kinds.map(|(kind, field)| fields.take(field).and_then(|node| media(reader, node, kind, field, name)));
    Extras { short, valid, otherwise, media: media.into_iter().flatten().collect() }
}

fn media(reader: &mut Reader<'_>, node: Node, kind: MediaKind, field: &str, name: &str) -> Option<Media> {
    let Located { line, value } = reader.text(node, &format!("`{field}` of `{name}`"))?;
    let host = value.strip_prefix("https://").and_then(|rest| rest.split('/').next()).unwrap_or_default();
    if host.is_empty() || value.chars().any(|c| c.is_whitespace() || c.is_control()) {
        reader.error(line, format!("`{field}` of `{name}` is `{value}`; write an address that begins with `https://`"));
        return None;
    }
    Some(Media { kind, url: value })
}
