//! Messages as Weibo shows them: type and data, the same in calls and in passive answers.

use domain::{Author, Button, Content, Outbound};
use serde_json::{Value, json};

use super::CAPABILITIES;
use crate::RenderError;
use crate::fit::{Piece, fit};
use crate::markup::Marked;

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shown {
    /// A text.
    Text(String),
    /// A card that opens an address, as its `articles` entry.
    Article(Value),
}

impl Shown {
    /// Weibo's type, and its data before it is URL-encoded.
    pub(super) fn wire(&self) -> (&'static str, String) {
        match self {
            Self::Text(text) => ("text", json!({ "text": text }).to_string()),
            Self::Article(article) => ("articles", json!({ "articles": [article] }).to_string()),
        }
    }
}

/// The delivery's messages, in order; the customer's own are left out.
pub(super) fn shown(outbound: &Outbound) -> Result<Vec<Shown>, RenderError> {
    let mut all = vec![];
    for message in outbound.messages.iter().filter(|message| message.author != Author::Customer) {
        if let Some(article) = article(&message.content) {
            all.push(article);
            continue;
        }
        for piece in fit(&message.content, &CAPABILITIES)? {
            all.push(Shown::Text(match piece {
                Piece::Text { text, .. } => text,
                Piece::File { file, url, .. } => format!("{}\n{url}", file.name),
            }));
        }
    }
    Ok(all)
}

/// A card with a picture, one link and no choice is an article; the link's words stand in it, as they do elsewhere.
fn article(content: &Content) -> Option<Shown> {
    let Content::Card { title, text, image_url: Some(image), buttons } = content else { return None };
    let [Button::Link { title: link, url }] = buttons.as_slice() else { return None };
    let text = text.as_deref().map(Marked::plain);
    let summary: Vec<&str> = text.iter().map(String::as_str).chain([link.as_str()]).collect();
    let article = json!({ "display_name": title, "summary": summary.join("\n"), "image": image, "url": url });
    Some(Shown::Article(article))
}
