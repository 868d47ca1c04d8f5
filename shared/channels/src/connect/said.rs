//! A delivery as it is heard or read.

use domain::{Author, Button, Capabilities, Outbound};

use super::asked::Asked;
use crate::RenderError;
use crate::ear::{Heard, heard, shortened, words};
use crate::fit::{Piece, fit};

/// Characters of what is heard at one time, at most.
const MAX_HEARD: usize = 1000;

/// What is said.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// The texts, each to be shown or read aloud as one.
    pub(super) texts: Vec<String>,
    /// The titles of the last message's choices, in the order of their numbers.
    pub(super) choices: Vec<String>,
    /// The same below the last text, where they can be shown as buttons; they are then not in the text.
    pub(super) buttons: Vec<String>,
}

impl Said {
    /// The delivery to a customer who listens or reads. `eye`: what can be shown to one who reads.
    pub(super) fn of(outbound: &Outbound, asked: &Asked, eye: &Capabilities) -> Result<Self, RenderError> {
        let mut said = Self::default();
        let ours = outbound.messages.iter().filter(|message| message.author != Author::Customer);
        for message in ours {
            said.choices = message.content.postbacks().into_iter().map(|choice| choice.title).collect();
            said.buttons.clear();
            if asked.listens {
                let (all, _) = heard(message, asked.language);
                said.texts.extend(all.into_iter().map(|heard| match heard {
                    Heard::Words(_, text) => text,
                    Heard::Sound(_) => words::file(asked.language).to_owned(),
                }));
                continue;
            }
            for piece in fit(&message.content, eye)? {
                match piece {
                    Piece::Text { text, choices } => {
                        said.texts.push(text);
                        said.buttons = choices.into_iter().filter_map(title).collect();
                    }
                    Piece::File { url, .. } => said.texts.push(url),
                }
            }
        }
        if asked.listens {
            said.texts = vec![shortened(&said.texts.join(" "), MAX_HEARD)];
        }
        Ok(said)
    }
}

fn title(button: Button) -> Option<String> {
    match button {
        Button::Postback { title, .. } => Some(title),
        Button::Link { .. } => None,
    }
}
