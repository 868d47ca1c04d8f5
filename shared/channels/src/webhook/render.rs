//! A POST per part of a message, signed.

use domain::{Attachment, Author, Button, Capabilities, Outbound};
use serde_json::{Value, json};

use super::posting::Posting;
use super::template::{Place, fill};
use super::{CAPABILITIES, SEND_SECRETS, sign};
use crate::fit::{FileKind, Piece, fit};
use crate::{HttpCall, RenderError, Rendering, WireCall};

/// How many choices go where choices have a place of their own, and their longest title.
const CHOICES: usize = 100;
const CHOICE_CHARS: usize = 200;

pub(super) fn render(outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
    let account = &outbound.identity.account;
    let posting = Posting::of(with.keys, account).map_err(|fault| RenderError(fault.to_string()))?;
    let keys = with.keys.get(SEND_SECRETS).iter().filter(|key| key.kid == *account);
    let secrets: Vec<Vec<u8>> = keys.filter_map(sign::secret).collect();
    if secrets.is_empty() {
        return Err(RenderError(format!("no `{SEND_SECRETS}` for this account")));
    }
    let can = abilities(&posting);
    let mut calls = vec![];
    for message in outbound.messages.iter().filter(|message| message.author != Author::Customer) {
        for piece in fit(&message.content, &can)? {
            let id = format!("{}:{}", outbound.id, calls.len() + 1);
            let values = |place| value(place, &id, outbound, message.author, &piece);
            let body = fill(&posting.body, &values).unwrap_or_default();
            calls.push(WireCall::Http(sign::signed(
                HttpCall::json(posting.url.clone(), &body),
                &id,
                &secrets,
                with.now,
            )));
        }
    }
    Ok(calls)
}

fn abilities(posting: &Posting) -> Capabilities {
    let choices = if posting.choices { CHOICES } else { 0 };
    Capabilities {
        max_text_chars: posting.max_text_chars,
        max_quick_replies: choices,
        max_buttons: choices,
        max_choice_chars: CHOICE_CHARS,
        files: posting.files,
        ..CAPABILITIES
    }
}

/// What stands in a place.
fn value(place: Place, id: &str, outbound: &Outbound, author: Author, piece: &Piece) -> Option<Value> {
    let (text, choices, file) = match piece {
        Piece::Text { text, choices } => (text, choices.as_slice(), None),
        Piece::File { file, url, .. } => (&file.name, &[][..], Some((file, url))),
    };
    match place {
        Place::Id => Some(json!(id)),
        Place::Account => Some(json!(outbound.identity.account)),
        Place::User => Some(json!(outbound.identity.user)),
        Place::Conversation => Some(json!(outbound.conversation)),
        Place::Author => Some(json!(author)),
        Place::Type => Some(json!(kind(piece))),
        Place::Text => Some(json!(text)),
        Place::Choices => (!choices.is_empty()).then(|| choices.iter().map(choice).collect()),
        Place::File => file.map(|(file, url)| described(file, url)),
        Place::FileUrl => file.map(|(_, url)| json!(url)),
        Place::FileName => file.map(|(file, _)| json!(file.name)),
        Place::FileMime => file.map(|(file, _)| json!(file.mime)),
    }
}

fn kind(piece: &Piece) -> &'static str {
    match piece {
        Piece::Text { .. } => "text",
        Piece::File { kind: FileKind::Image, .. } => "image",
        Piece::File { kind: FileKind::Audio, .. } => "audio",
        Piece::File { kind: FileKind::Video, .. } => "video",
        Piece::File { kind: FileKind::File, .. } => "file",
    }
}

fn choice(button: &Button) -> Value {
    match button {
        Button::Postback { title, payload } => json!({ "title": title, "payload": payload }),
        Button::Link { title, url } => json!({ "title": title, "url": url }),
    }
}

fn described(file: &Attachment, url: &str) -> Value {
    json!({ "url": url, "name": file.name, "mime": file.mime, "size": file.size })
}
