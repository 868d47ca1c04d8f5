//! Messages as a channel can show them: split where they are too long, with choices as buttons where the channel has
//! them and as numbered lines where it has not. Every channel says the same words and offers the same choices.

use domain::{Attachment, Author, Button, Capabilities, Content, Message};

use crate::RenderError;
use crate::markup::Marked;

/// A part of a message that goes in one call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    /// A text that the channel takes as it is, marked up in its form, and the choices below it, which the channel can show.
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
    let read = |text: &str| Marked::read(text, can.markup);
    let (text, choices) = match content {
        Content::Text { text } => (read(text), vec![]),
        Content::QuickReplies { text, replies } => {
            let choices = replies.iter().map(|reply| {
                let (title, payload) = (reply.title.clone(), reply.payload.clone());
                Button::Postback { title, payload }
            });
            below(read(text), choices.collect(), content, can)
        }
        Content::Buttons { text, buttons } => below(read(text), buttons.clone(), content, can),
        Content::Card { title, text, image_url, buttons } => {
            let mut card = Marked::new(can.markup);
            card.push_heading(title);
            if let Some(text) = text {
                card.push("\n");
                card.push_markdown(text);
            }
            if let Some(url) = image_url {
                card.push("\n");
                card.push(url);
            }
            below(card, buttons.clone(), content, can)
        }
        Content::Image(file) => return sent_file(FileKind::Image, file, can),
        Content::Audio(file) => return sent_file(FileKind::Audio, file, can),
        Content::Video(file) => return sent_file(FileKind::Video, file, can),
        Content::File(file) => return sent_file(FileKind::File, file, can),
        Content::Location { latitude, longitude, label } => {
            let place = format!("https://maps.google.com/?q={latitude},{longitude}");
            let text = label.as_ref().map_or_else(|| place.clone(), |label| format!("{label}\n{place}"));
            (literal(&text, can), vec![])
        }
        Content::Postback { title, .. } => (literal(title, can), vec![]),
        Content::Event { name } => return Err(RenderError(format!("the event `{name}` is nothing to send"))),
    };
    Ok(texts(&text, choices, can))
}

/// How many pieces the messages become; what cannot be sent counts as one.
pub(crate) fn pieces(messages: &[Message], can: &Capabilities) -> usize {
    let sent = messages.iter().filter(|message| message.author != Author::Customer);
    sent.map(|message| fit(&message.content, can).map_or(1, |pieces| pieces.len())).sum()
}

/// A text without markup.
fn literal(text: &str, can: &Capabilities) -> Marked {
    let mut marked = Marked::new(can.markup);
    marked.push(text);
    marked
}

/// The text with its choices: those that the channel shows as they are, the others written below it.
fn below(mut text: Marked, choices: Vec<Button>, content: &Content, can: &Capabilities) -> (Marked, Vec<Button>) {
    let shown = can.shows_choices(content);
    let opens = |choice: &Button| matches!(choice, Button::Link { .. });
    let (under, choices): (Vec<_>, Vec<_>) =
        choices.into_iter().partition(|choice| shown && (can.link_buttons || !opens(choice)));
    let mut number = 0;
    let lines = choices.iter().map(|choice| match choice {
        Button::Postback { title, .. } => {
            number += 1;
            format!("{number}. {title}")
        }
        Button::Link { title, url } => format!("{title}: {url}"),
    });
    let lines: Vec<String> = lines.collect();
    text.push(if text.is_empty() || lines.is_empty() { "" } else { "\n\n" });
    text.push(&lines.join("\n"));
    (text, under)
}

fn texts(text: &Marked, choices: Vec<Button>, can: &Capabilities) -> Vec<Piece> {
    let mut pieces: Vec<Piece> =
        text.parts(can).into_iter().map(|text| Piece::Text { text, choices: vec![] }).collect();
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
    Ok(texts(&literal(&format!("{}\n{url}", file.name), can), vec![], can))
}

#[cfg(test)]
mod tests {
    use domain::{MessageId, Offer, UnixMillis};

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
    fn a_number_stands_before_the_choice_that_it_takes() {
        let link = || Button::Link { title: "More".to_owned(), url: "https://a.example".to_owned() };
        let buttons = vec![link(), postback("*Yes*"), link(), postback("第二"), postback("No")];
        let card = |buttons| Content::Card { title: "T".to_owned(), text: None, image_url: None, buttons };
        for content in [Content::Buttons { text: "**Sure?**".to_owned(), buttons: buttons.clone() }, card(buttons)] {
            let shown = said(&content, &Capabilities::PLAIN);
            let offer = Offer::of(&content, 1, &Capabilities::PLAIN).unwrap();
            assert_eq!(offer.choices.len(), 3);
            for (number, choice) in (1..).zip(&offer.choices) {
                assert!(shown[0].0.contains(&format!("\n{number}. {}", choice.title)), "{shown:?}");
                assert_eq!(offer.taken(&number.to_string()), Some(choice));
            }
        }
    }

    #[test]
    fn what_is_counted_is_what_is_sent() {
        let can = Capabilities { max_text_chars: 10, ..BUTTONS };
        let message = |author, content| {
            let id = MessageId::derive(&[b"m"]);
            Message { id, seq: 1, author, content, at: UnixMillis(0) }
        };
        let text = || Content::Text { text: "one two three **four**".to_owned() };
        let event = Content::Event { name: "follow".to_owned() };
        assert_eq!(pieces(&[message(Author::Bot, text())], &can), fit(&text(), &can).unwrap().len());
        let all = [(Author::Customer, text()), (Author::Bot, text()), (Author::System, event), (Author::Agent, text())];
        assert_eq!(pieces(&all.map(|(author, content)| message(author, content)), &can), 2 + 1 + 2);
    }

    #[test]
    fn links_are_lines_where_buttons_open_no_address() {
        let can = Capabilities { link_buttons: false, ..BUTTONS };
        let link = || Button::Link { title: "Rather long".to_owned(), url: "https://a.example".to_owned() };
        for (buttons, shown) in [
            (vec![postback("Yes"), link(), postback("No")], ("Sure?\n\nRather long: https://a.example", 2)),
            (vec![link()], ("Sure?\n\nRather long: https://a.example", 0)),
            (
                vec![postback("a"), link(), postback("b"), postback("c")],
                ("Sure?\n\n1. a\nRather long: https://a.example\n2. b\n3. c", 0),
            ),
        ] {
            let content = Content::Buttons { text: "Sure?".to_owned(), buttons };
            assert_eq!(said(&content, &can), [(shown.0.to_owned(), shown.1)]);
            assert_eq!(can.shows_choices(&content), !shown.0.contains("1. a"));
        }
    }

    #[test]
    fn choices_stand_below_the_last_part_of_a_long_text() {
        let can = Capabilities { max_text_chars: 10, ..BUTTONS };
        let content = Content::Buttons { text: "one two three four".to_owned(), buttons: vec![postback("Yes")] };
        assert_eq!(said(&content, &can), [("one two".to_owned(), 0), ("three four".to_owned(), 1)]);
    }
}
