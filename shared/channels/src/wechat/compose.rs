//! Messages as WeChat shows them, before they become calls or answers.

use domain::{Button, Capabilities, Content};

use super::CAPABILITIES;
use super::account::Kind;
use crate::RenderError;
use crate::fit::{Piece, fit};
use crate::markup::Marked;

/// Most lines of a menu, and longest one, in characters.
const MAX_ITEMS: usize = 10;
const MAX_ITEM_CHARS: usize = 64;
/// Longest id of a menu's line, in bytes.
const MAX_ID_BYTES: usize = 128;

/// One customer-service message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    /// What passive answers have too.
    Plain(Plain),
    /// A text with lines to tap.
    Menu {
        /// What stands above them.
        head: String,
        /// Id and text of each.
        items: Vec<(String, String)>,
        /// What stands below them.
        tail: String,
    },
}

/// One message without choices to tap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plain {
    /// A text.
    Text(String),
    /// A card that opens an address.
    Article(Article),
}

/// A card that opens an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Article {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) url: String,
    pub(super) picture: Option<String>,
}

/// The messages for a content, as many as the core counts or fewer.
pub(super) fn shown(content: &Content, kind: Kind) -> Result<Vec<Shown>, RenderError> {
    let menu = if kind == Kind::Official { menu(content)? } else { None };
    match menu {
        Some(menu) => Ok(vec![menu]),
        None => Ok(plain(content)?.into_iter().map(Shown::Plain).collect()),
    }
}

/// The same with choices as numbered lines.
pub(super) fn plain(content: &Content) -> Result<Vec<Plain>, RenderError> {
    if let Some(article) = article(content) {
        return Ok(vec![Plain::Article(article)]);
    }
    let texts = fit(content, &CAPABILITIES)?.into_iter().map(|piece| match piece {
        Piece::Text { text, .. } => Plain::Text(clean(&text)),
        Piece::File { file, url, .. } => Plain::Text(clean(&format!("{}\n{url}", file.name))),
    });
    Ok(texts.collect())
}

/// A card with one link and no choice is an article; the link's words stand in it, as they do elsewhere.
fn article(content: &Content) -> Option<Article> {
    let Content::Card { title, text, image_url, buttons } = content else { return None };
    let [Button::Link { title: link, url }] = buttons.as_slice() else { return None };
    let text = text.as_deref().map(Marked::plain);
    let description: Vec<&str> = text.iter().map(String::as_str).chain([link.as_str()]).collect();
    Some(Article {
        title: clean(title),
        description: clean(&description.join("\n")),
        url: clean(url),
        picture: image_url.as_deref().map(clean),
    })
}

/// A content with choices as a menu, if it fits in one message.
fn menu(content: &Content) -> Result<Option<Shown>, RenderError> {
    let can = Capabilities {
        max_quick_replies: MAX_ITEMS,
        max_buttons: MAX_ITEMS,
        max_choice_chars: MAX_ITEM_CHARS,
        ..CAPABILITIES.clone()
    };
    let pieces = fit(content, &can)?;
    let [Piece::Text { text, choices }] = pieces.as_slice() else { return Ok(None) };
    let mut items = vec![];
    let mut links = vec![];
    for choice in choices {
        match choice {
            // Numbered as elsewhere, so that a typed number is the same choice.
            Button::Postback { title, payload } if links.is_empty() => {
                items.push((clean(payload), format!("{}. {}", items.len() + 1, clean(title))));
            }
            Button::Link { title, url } => links.push(clean(&format!("{title}: {url}"))),
            // Links cannot stand between a menu's lines.
            Button::Postback { .. } => return Ok(None),
        }
    }
    let (head, tail) = (clean(text), links.join("\n"));
    // The vendor gives no limit for the whole; a text's is kept.
    let bytes = head.len() + tail.len() + 1 + items.iter().map(|(_, title)| title.len() + 1).sum::<usize>();
    let ids = items.iter().all(|(id, _)| !id.is_empty() && id.len() <= MAX_ID_BYTES);
    let fits = ids && !items.is_empty() && CAPABILITIES.max_text_bytes.is_none_or(|most| bytes <= most);
    Ok(fits.then_some(Shown::Menu { head, items, tail }))
}

/// A text without control characters: JSON would write them as `\u` escapes, which WeChat refuses (40033), and XML has no
/// form for them.
fn clean(text: &str) -> String {
    let kept = |letter: &char| match letter {
        '\n' | '\t' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        letter => !letter.is_control(),
    };
    text.chars().filter(kept).collect()
}
