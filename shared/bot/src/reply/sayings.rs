//! What the bot says once it knows what is meant: an entry, a choice, or its fixed words.

use super::verdict::Scored;
use super::{Answer, Bot, HANDOFF_PAYLOAD, Query, QuickReply, SOMETHING_ELSE_PAYLOAD, Talk, say, speaks, text};
use crate::knowledge::{Entry, HANDOFF, OnSensitive};
use crate::lines::Line;
use crate::text::Language;

impl Bot {
    pub(super) fn tell<'a>(
        &'a self,
        entry: &'a Entry,
        language: Language,
        score: f64,
        query: &Query<'_>,
    ) -> Answer<'a> {
        let replies = entry.replies.iter().filter_map(|id| self.reply(id, language, query.now)).collect();
        let holds = entry.holds(query.now);
        let media = if holds { entry.media.as_slice() } else { &[] };
        let (spoken, text) = text(entry, language, query.short, query.now);
        let opening = self.opening(spoken, language);
        Answer::Entry { id: &entry.id, language, spoken, opening, text, media, replies, score }
    }

    /// What was told right before: shorter, if the entry can, and with a person.
    pub(super) fn tell_again<'a>(
        &'a self,
        entry: &'a Entry,
        language: Language,
        score: f64,
        query: &Query<'_>,
    ) -> Answer<'a> {
        let others = entry.replies.iter().filter(|id| *id != HANDOFF);
        let others = others.filter_map(|id| self.reply(id, language, query.now));
        let (spoken, text) = text(entry, language, true, query.now);
        Answer::Entry {
            id: &entry.id,
            language,
            spoken,
            opening: self.opening(spoken, language).or_else(|| Some(self.line(Line::AsISaid, language))),
            text,
            media: &[],
            replies: std::iter::once(self.offer(language)).chain(others).collect(),
            score,
        }
    }

    /// What is said before a text that is not in the customer's language.
    pub(super) fn opening(&self, spoken: Language, language: Language) -> Option<&str> {
        (spoken != language).then(|| self.line(Line::OtherLanguage, language))
    }

    /// A quick reply to an entry that has something to say, or to a person.
    fn reply(&self, id: &str, language: Language, now: i64) -> Option<QuickReply<'_>> {
        if id == HANDOFF {
            return Some(self.offer(language));
        }
        let place = *self.places.get(id)?;
        let entry = self.base.entries.get(place).filter(|entry| speaks(entry, now))?;
        Some(QuickReply { title: say(&entry.title, language), payload: self.payloads.get(place)? })
    }

    pub(super) fn ask_which(&self, near: &[Scored], language: Language) -> Answer<'_> {
        let choice = |(place, _): &Scored| {
            let entry = self.base.entries.get(*place)?;
            Some(QuickReply { title: say(&entry.title, language), payload: self.payloads.get(*place)? })
        };
        let none = QuickReply { title: self.line(Line::SomethingElse, language), payload: SOMETHING_ELSE_PAYLOAD };
        let choices = near.iter().filter_map(choice).chain([none]).collect();
        Answer::Choices { language, text: self.line(Line::DidYouMean, language), choices }
    }

    pub(super) fn talk(&self, talk: Talk, language: Language, insults: u32) -> Answer<'_> {
        let (line, offers) = match talk {
            Talk::Thanks => (Line::Thanks, false),
            Talk::Bye => (Line::Bye, false),
            Talk::Praise => (Line::Praise, false),
            // A person is what is missing.
            Talk::Insult if insults > 0 => return self.hand_off(language),
            Talk::Insult => (Line::Insult, true),
            Talk::Machine => (Line::AreYouBot, true),
        };
        Answer::Talk { talk, language, text: self.line(line, language), offer: offers.then(|| self.offer(language)) }
    }

    pub(super) fn refuse(&self, language: Language) -> Answer<'_> {
        let own = self.base.sensitive.as_ref();
        let said = own.and_then(|sensitive| sensitive.text.as_ref()).and_then(|text| text.get(language));
        match own.map(|sensitive| sensitive.answer) {
            Some(OnSensitive::Handoff) => {
                let text = said.unwrap_or_else(|| say(&self.base.texts.handoff_accepted, language));
                Answer::Handoff { language, text }
            }
            Some(OnSensitive::Refuse) | None => {
                Answer::Refused { language, text: said.unwrap_or_else(|| self.line(Line::Refused, language)) }
            }
        }
    }

    /// A line's words: the base's own, or the bot's.
    fn line(&self, line: Line, language: Language) -> &str {
        let own = self.base.texts.lines.get(line.name()).and_then(|texts| texts.get(language));
        own.unwrap_or_else(|| line.usual(language))
    }

    pub(super) fn greet(&self, language: Language) -> Answer<'_> {
        Answer::Greeting { language, text: say(&self.base.texts.greeting, language) }
    }

    pub(super) fn hand_off(&self, language: Language) -> Answer<'_> {
        Answer::Handoff { language, text: say(&self.base.texts.handoff_accepted, language) }
    }

    pub(super) fn give_up(&self, language: Language, unknowns: u32) -> Answer<'_> {
        let most = self.base.conversation.as_ref().and_then(|policy| policy.unknown_handoff);
        if most.is_some_and(|most| unknowns.saturating_add(1) >= most) {
            return self.hand_off(language);
        }
        let texts = &self.base.texts;
        let again = texts.unknown_again.as_ref().filter(|_| unknowns > 0);
        Answer::Unknown { language, text: say(again.unwrap_or(&texts.unknown), language), offer: self.offer(language) }
    }

    /// The offer of a person.
    fn offer(&self, language: Language) -> QuickReply<'_> {
        QuickReply { title: say(&self.base.texts.handoff_offer_title, language), payload: HANDOFF_PAYLOAD }
    }
}
