//! Texts as they go out: in the cheaper alphabet where nothing is lost by it, parted where a provider would refuse them.

use domain::{Author, Capabilities, Content, Message};

use super::CAPABILITIES;
use super::segments::septets;
use super::settings::Provider;
use crate::RenderError;
use crate::fit::{Piece, fit};
use crate::split::split;

/// Most characters of one message, whoever carries it: Twilio's limit, and SNS's in bytes.
pub(super) const MOST: usize = 1600;

/// Not parted yet: how long a part may be depends on its alphabet.
static WHOLE: Capabilities = Capabilities { max_text_chars: usize::MAX, ..CAPABILITIES };

/// The texts of a message, in order.
///
/// # Errors
/// The content is nothing that can be sent.
pub(super) fn texts(content: &Content, provider: Provider) -> Result<Vec<String>, RenderError> {
    let mut texts = vec![];
    for piece in fit(content, &WHOLE)? {
        // Files are links: no piece is one.
        let Piece::Text { text, .. } = piece else { continue };
        let (text, limit) = match plain(&text) {
            Some(plain) => (plain, MOST),
            // Units of two bytes; a character has at most two of them.
            None if provider == Provider::Aws => (text, MOST / 4),
            None => (text, MOST / 2),
        };
        let bytes = Some(MOST).filter(|_| provider == Provider::Aws);
        let can = Capabilities { max_text_chars: limit, max_text_bytes: bytes, ..CAPABILITIES };
        let parts = split(&text, &can).into_iter().filter_map(|part| text.get(part));
        texts.extend(parts.filter(|part| !part.trim().is_empty()).map(str::to_owned));
    }
    Ok(texts)
}

/// How many calls the messages become at most, whoever carries them.
pub(super) fn most(messages: &[Message]) -> usize {
    let sent = messages.iter().filter(|message| message.author != Author::Customer);
    sent.map(|message| texts(&message.content, Provider::Aws).map_or(1, |texts| texts.len())).sum()
}

/// The text in the default alphabet, signs that only look finer replaced by the usual ones; `None`: something would be lost.
fn plain(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            _ if septets(letter).is_some() => plain.push(letter),
            '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' => plain.push('\''),
            '\u{201c}'..='\u{201f}' => plain.push('"'),
            // Hyphens and dashes.
            '\u{2010}'..='\u{2015}' | '\u{2022}' => plain.push('-'),
            '\u{2026}' => plain.push_str("..."),
            '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' => plain.push(' '),
            // They are not seen.
            '\u{200b}' | '\u{feff}' => {}
            _ => return None,
        }
    }
    Some(plain)
}
