//! What the customer wants of the company's messages: it comes before everything else, and the bot never answers it.

use super::draft::Draft;
use crate::{Author, Change, Content, Notice, Wish};

/// Does as the customer wishes, and confirms it unless the provider has.
pub(super) fn made(draft: &mut Draft<'_>, content: &Content, wish: Wish, answered: bool) {
    draft.say(Author::Customer, content.clone());
    let was_out = draft.head.opted_out;
    let notice = match wish {
        Wish::OptOut => {
            // The confirmation is the last message; a second one would be one too many.
            draft.head.opted_out = true;
            if !was_out {
                draft.changes.push(Change::OptedOut);
            }
            Some(Notice::OptedOut).filter(|_| !was_out)
        }
        Wish::OptIn => {
            draft.silent = false;
            draft.head.opted_out = false;
            if was_out {
                draft.changes.push(Change::OptedIn);
            }
            Some(Notice::OptedIn)
        }
        Wish::Help => {
            // Whoever asks for help gets it, opted out or not.
            draft.silent = false;
            Some(Notice::Help)
        }
    };
    if let Some(notice) = notice.filter(|_| !answered) {
        draft.notify(notice);
    }
}
