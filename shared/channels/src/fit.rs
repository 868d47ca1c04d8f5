//! Messages as a channel can show them: split where they are too long, with choices as buttons where the channel has
//! them and as numbered lines where it has not. Every channel says the same words and offers the same choices.

use domain::{Attachment, Button, Capabilities, Content};

use crate::RenderError;
use crate::split::split;

/// A part of a message that goes in one call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    /// A text that the channel takes as it is, and the choices below it, which the channel can show.
    Text {
        /// The text.
        text: String,
        /// The choices; none, if the channel has none of this kind or they stand in the text.
        choices: Vec<Button>,
    },
    /// A file, on channels that carry files.
    File {
        /// What kind it is.
        kind: FileKind,
        /// The file.
        file: Attachment,
        /// Where it can be fetched (https).
        url: String,
    },
}

/// The kinds of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Image,
    Audio,
    Video,
    File,
}

/// The pieces of a message, in order.
///
/// # Errors
/// The content is nothing that can be sent.
pub(crate) fn fit(content: &Content, can: &Capabilities) -> Result<Vec<Piece>, RenderError> {
    let (text, choices) = match content {
        Content::Text { text } => (text.clone(), vec![]),
        Content::QuickReplies { text, replies } => {
            let choices = replies.iter().map(|reply| {
                let (title, payload) = (reply.title.clone(), reply.payload.clone());
                Button::Postback { title, payload }
            });
            below(text, choices.collect(), can.shows_choices(content))
        }
        Content::Buttons { text, buttons } => below(text, buttons.clone(), can.shows_choices(content)),
        Content::Card { title, text, image_url, buttons } => {
            let lines = [Some(title), text.as_ref(), image_url.as_ref()];
            let text = lines.into_iter().flatten().cloned().collect::<Vec<_>>().join("\n");
            below(&text, buttons.clone(), can.shows_choices(content))
        }
        Content::Image(file) => return sent_file(FileKind::Image, file, can),
        Content::Audio(file) => return sent_file(FileKind::Audio, file, can),
        Content::Video(file) => return sent_file(FileKind::Video, file, can),
        Content::File(file) => return sent_file(FileKind::File, file, can),
        Content::Location { latitude, longitude, label } => {
            let place = format!("https://maps.google.com/?q={latitude},{longitude}");
            (label.as_ref().map_or_else(|| place.clone(), |label| format!("{label}\n{place}")), vec![])
        }
        Content::Postback { title, .. } => (title.clone(), vec![]),
        Content::Event { name } => return Err(RenderError(format!("the event `{name}` is nothing to send"))),
    };
    Ok(texts(&text, choices, can))
}

/// The text with its choices: as they are, or written below it.
fn below(text: &str, choices: Vec<Button>, shown: bool) -> (String, Vec<Button>) {
    if shown {
        return (text.to_owned(), choices);
    }
    let mut number = 0;
    let lines = choices.iter().map(|choice| match choice {
        Button::Postback { title, .. } => {
            number += 1;
            format!("{number}. {title}")
        }
        Button::Link { title, url } => format!("{title}: {url}"),
    });
    let lines: Vec<String> = lines.collect();
    let gap = if text.is_empty() || lines.is_empty() { "" } else { "\n\n" };
    (format!("{text}{gap}{}", lines.join("\n")), vec![])
}

fn texts(text: &str, choices: Vec<Button>, can: &Capabilities) -> Vec<Piece> {
    let mut pieces: Vec<Piece> =
        split(text, can).into_iter().map(|text| Piece::Text { text, choices: vec![] }).collect();
    if let Some(Piece::Text { choices: under, .. }) = pieces.last_mut() {
        *under = choices;
    }
    pieces
}

fn sent_file(kind: FileKind, file: &Attachment, can: &Capabilities) -> Result<Vec<Piece>, RenderError> {
    let url = file.url.as_ref().filter(|url| url.starts_with("https://"));
    let url = url.ok_or_else(|| RenderError("a file without an address".to_owned()))?;
    if can.files {
        return Ok(vec![Piece::File { kind, file: file.clone(), url: url.clone() }]);
    }
    Ok(texts(&format!("{}\n{url}", file.name), vec![], can))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUTTONS: Capabilities =
        Capabilities { max_quick_replies: 2, max_buttons: 2, max_choice_chars: 5, ..Capabilities::PLAIN };

    fn postback(title: &str) -> Button {
        Button::Postback { title: title.to_owned(), payload: format!("p-{title}") }
    }

    fn said(content: &Content, can: &Capabilities) -> Vec<(String, usize)> {
        let pieces = fit(content, can).unwrap();
        pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Text { text, choices } => (text, choices.len()),
                Piece::File { url, .. } => (url, 0),
            })
            .collect()
    }

    #[test]
    fn choices_are_buttons_where_they_fit_and_numbered_lines_where_they_do_not() {
        let link = Button::Link { title: "More".to_owned(), url: "https://a.example".to_owned() };
        for (buttons, can, shown) in [
            (vec![postback("Yes"), postback("No")], &BUTTONS, ("Sure?", 2)),
            (vec![postback("Yes"), postback("No")], &Capabilities::PLAIN, ("Sure?\n\n1. Yes\n2. No", 0)),
            (vec![postback("Yes"), postback("Perhaps")], &BUTTONS, ("Sure?\n\n1. Yes\n2. Perhaps", 0)),
            (vec![link, postback("No")], &Capabilities::PLAIN, ("Sure?\n\nMore: https://a.example\n1. No", 0)),
            (vec![], &Capabilities::PLAIN, ("Sure?", 0)),
        ] {
            let content = Content::Buttons { text: "Sure?".to_owned(), buttons };
            assert_eq!(said(&content, can), [(shown.0.to_owned(), shown.1)]);
        }
    }

    #[test]
    fn choices_stand_below_the_last_part_of_a_long_text() {
        let can = Capabilities { max_text_chars: 10, ..BUTTONS };
        let content = Content::Buttons { text: "one two three four".to_owned(), buttons: vec![postback("Yes")] };
        assert_eq!(said(&content, &can), [("one two".to_owned(), 0), ("three four".to_owned(), 1)]);
    }
}
