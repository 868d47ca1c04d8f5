//! Message objects: how contents look on LINE. Limits are LINE's, in UTF-16 units where it counts these.

use domain::{Attachment, Button, Capabilities, Content};
use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation as _;

use super::CAPABILITIES;
use crate::RenderError;
use crate::fit::{Piece, fit};
use crate::markup::Marked;
use crate::split::split;

/// Quick replies below the last message.
pub(super) const QUICK_REPLIES: usize = 13;
/// Longest text of a buttons template.
const TEMPLATE_TEXT: usize = 160;
/// Longest text of a buttons template with a title or a picture.
const TITLED_TEXT: usize = 60;
const TEMPLATE_TITLE: usize = 40;
const LABEL: usize = 20;
/// Longest payload of a postback, and longest text that it leaves in the chat.
const DATA: usize = 300;
/// Stands between a payload and its title.
pub(super) const TITLE_BELOW: char = '\n';
const URI: usize = 1000;
const FILE_URL: usize = 2000;
/// Bytes of a picture that is its own preview.
const PREVIEW_BYTES: u64 = 1_000_000;

/// Choices as numbered lines.
static NUMBERED: Capabilities = Capabilities { max_quick_replies: 0, max_buttons: 0, files: false, ..CAPABILITIES };
/// Files as links: LINE has no message for files, and wants of sounds the duration and of films a preview.
static LINKED: Capabilities = Capabilities { files: false, ..CAPABILITIES };

/// The message objects of a delivery. LINE shows quick replies only below the last message of all, so they all go there.
pub(super) fn objects<'a>(contents: impl DoubleEndedIterator<Item = &'a Content>) -> Result<Vec<Value>, RenderError> {
    let (mut shown, mut replies) = (vec![], vec![]);
    for content in contents.rev() {
        let (mut objects, mut choices) = one(content, QUICK_REPLIES.saturating_sub(replies.len()))?;
        objects.append(&mut shown);
        choices.append(&mut replies);
        (shown, replies) = (objects, choices);
    }
    let items: Vec<Value> = replies.iter().map(|reply| json!({ "type": "action", "action": action(reply) })).collect();
    if let Some(last) = shown.last_mut().and_then(Value::as_object_mut).filter(|_| !items.is_empty()) {
        last.insert("quickReply".to_owned(), json!({ "items": items }));
    }
    Ok(shown)
}

/// A content's message objects, and its quick replies, of which there is room for so many.
fn one(content: &Content, room: usize) -> Result<(Vec<Value>, Vec<Button>), RenderError> {
    if let Some(card) = card(content) {
        return Ok((vec![card], vec![]));
    }
    let quick = matches!(content, Content::QuickReplies { .. });
    let (mut objects, mut replies) = (vec![], vec![]);
    for piece in fit(content, abilities(content, room))? {
        match piece {
            Piece::Text { text, choices } if choices.is_empty() => objects.extend(said(&text)),
            Piece::Text { text, choices } if quick => {
                objects.extend(said(&text));
                replies = choices;
            }
            Piece::Text { text, choices } => {
                let (before, below) = tail(&text);
                objects.extend(said(before));
                objects
                    .push(template(&json!({ "type": "buttons", "text": below, "actions": actions(&choices) }), below));
            }
            Piece::File { url, .. } => {
                objects.push(json!({ "type": "image", "originalContentUrl": url, "previewImageUrl": url }));
            }
        }
    }
    Ok((objects, replies))
}

/// What of LINE's abilities serves this content.
fn abilities(content: &Content, room: usize) -> &'static Capabilities {
    match content {
        Content::QuickReplies { text, replies } if text.trim().is_empty() || replies.len() > room => &NUMBERED,
        Content::Buttons { text, buttons } if text.trim().is_empty() || !all_open(buttons) => &NUMBERED,
        Content::Card { buttons, .. } if !all_open(buttons) => &NUMBERED,
        Content::Image(file) if is_picture(file) => &CAPABILITIES,
        Content::Image(_) | Content::Audio(_) | Content::Video(_) | Content::File(_) => &LINKED,
        Content::QuickReplies { .. }
        | Content::Buttons { .. }
        | Content::Card { .. }
        | Content::Text { .. }
        | Content::Location { .. }
        | Content::Postback { .. }
        | Content::Event { .. } => &CAPABILITIES,
    }
}

fn is_picture(file: &Attachment) -> bool {
    let short = file.url.as_ref().is_some_and(|url| units(url) <= FILE_URL);
    matches!(file.mime.as_str(), "image/jpeg" | "image/png") && file.size <= PREVIEW_BYTES && short
}

/// Whether LINE opens every button's address.
fn all_open(buttons: &[Button]) -> bool {
    buttons.iter().all(|button| match button {
        Button::Link { url, .. } => url.starts_with("https://") && units(url) <= URI,
        Button::Postback { .. } => true,
    })
}

/// A card as a buttons template, if it has what one needs and no more than one takes.
fn card(content: &Content) -> Option<Value> {
    let Content::Card { title, text: Some(text), image_url, buttons } = content else { return None };
    let text = &Marked::plain(text);
    let fits = (1..=TEMPLATE_TITLE).contains(&units(title)) && (1..=TITLED_TEXT).contains(&units(text));
    let picture = image_url.as_ref().is_none_or(|url| url.starts_with("https://") && units(url) <= FILE_URL);
    let pressed = !buttons.is_empty() && CAPABILITIES.shows_choices(content) && all_open(buttons);
    if !(fits && picture && pressed) {
        return None;
    }
    let mut card = json!({ "type": "buttons", "title": title, "text": text, "actions": actions(buttons) });
    if let (Some(card), Some(url)) = (card.as_object_mut(), image_url) {
        card.insert("thumbnailImageUrl".to_owned(), json!(url));
    }
    Some(template(&card, &format!("{title}\n{text}")))
}

fn template(template: &Value, spoken: &str) -> Value {
    json!({ "type": "template", "altText": spoken, "template": template })
}

/// A text, unless there is nothing to see in it: LINE refuses that.
fn said(text: &str) -> Option<Value> {
    (!text.trim().is_empty()).then(|| json!({ "type": "text", "text": text }))
}

/// The text parted so that what stands directly above the buttons fits there.
fn tail(text: &str) -> (&str, &str) {
    if units(text) <= TEMPLATE_TEXT {
        return ("", text);
    }
    let short = Capabilities { max_text_chars: TEMPLATE_TEXT / 2, ..Capabilities::PLAIN };
    let last = split(text, &short).pop().unwrap_or_default();
    text.split_at_checked(text.len().saturating_sub(last.len()))
        .map_or(("", text), |(before, below)| (before.trim_end(), below))
}

fn actions(buttons: &[Button]) -> Vec<Value> {
    buttons.iter().map(action).collect()
}

fn action(button: &Button) -> Value {
    match button {
        Button::Postback { title, payload } => {
            // LINE does not tell what stood on the button: the title goes and comes with the payload. What is too long to
            // come back comes back as its title.
            let both = format!("{payload}{TITLE_BELOW}{title}");
            let data = [both.as_str(), payload].into_iter().find(|data| units(data) <= DATA).unwrap_or(title);
            json!({ "type": "postback", "label": cut(title, LABEL), "data": cut(data, DATA), "displayText": cut(title, DATA) })
        }
        Button::Link { title, url } => json!({ "type": "uri", "label": cut(title, LABEL), "uri": url }),
    }
}

/// Letters as LINE counts them.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// As much of the text as LINE takes, in whole graphemes: twenty letters outside the basic plane are forty to LINE.
fn cut(text: &str, most: usize) -> &str {
    let mut taken = 0;
    let end = text.grapheme_indices(true).find(|(_, grapheme)| {
        taken += units(grapheme);
        taken > most
    });
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}
