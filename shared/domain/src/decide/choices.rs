//! Choices that stand as numbered lines, and are taken by typing.

use super::draft::Draft;
use crate::{Author, Content, Offer, QuickReply};

impl Draft<'_> {
    /// The choice that a typed text takes, of those that stand as numbers.
    pub(super) fn offered(&self, content: &Content) -> Option<Content> {
        let Content::Text { text } = content else { return None };
        let offer = self.head.offer.as_ref().filter(|offer| offer.holds(self.head.seq))?;
        let QuickReply { title, payload } = offer.taken(text)?.clone();
        Some(Content::Postback { payload, title })
    }

    /// The same, and the offer is over: each is taken once.
    pub(super) fn take(&mut self, content: &Content) -> Option<Content> {
        let taken = self.offered(content);
        let pressed = matches!((content, &self.head.offer), (Content::Postback { payload, .. }, Some(offer))
            if offer.choices.iter().any(|choice| choice.payload == *payload));
        if taken.is_some() || pressed {
            self.head.offer = None;
        }
        taken
    }

    /// Which choices the customer now has as numbers: the last ones. What a person writes after them ends them: a number
    /// answers the person. So does what a flow asks after them.
    pub(super) fn note_offer(&mut self) {
        let before = self.messages.first().map_or(self.head.seq, |first| first.seq.saturating_sub(1));
        for message in &self.messages {
            let offer = Offer::of(&message.content, message.seq, self.context.capabilities);
            let newer = offer.is_some() && message.author != Author::Customer;
            if newer || message.author == Author::Agent {
                self.head.offer = offer;
            }
        }
        let spoke = self.messages.iter().any(|message| message.author == Author::Bot);
        let offers = self.head.offer.as_ref().is_some_and(|offer| offer.seq > before);
        if spoke && !offers && self.head.memory.flow.is_some() {
            self.head.offer = None;
        }
    }
}
