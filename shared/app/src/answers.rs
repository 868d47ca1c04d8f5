//! The bot as the core asks it: values of `bot` on one side, of `domain` on the other.

use std::sync::Arc;

pub use bot::encode::Encoder;
use bot::knowledge::{Artifact, ArtifactError};
use bot::{Bot, Input, Query};
use domain::{Answer, Answers, Ask, Asked, Content, Locale, Memory, Notice, Outcome, Policy, QuickReply};

/// The bot over one version of the knowledge.
#[derive(Debug)]
pub struct KnowledgeBot {
    bot: Option<Bot>,
    policy: Policy,
}

impl KnowledgeBot {
    /// The bot over published knowledge, without the sentence encoder.
    pub fn load(artifact: &Artifact) -> Self {
        Self::load_with(artifact, None)
    }

    fn load_with(artifact: &Artifact, encoder: Option<Arc<Encoder>>) -> Self {
        let bot = Bot::load_with(artifact, encoder);
        Self { bot: Some(bot), policy: artifact.base().conversation.clone().unwrap_or_default() }
    }

    /// The bot over a published artifact's bytes, with the sentence encoder if there is one.
    ///
    /// # Errors
    /// They are no artifact, or one of another format.
    pub fn read(bytes: Vec<u8>, encoder: Option<Arc<Encoder>>) -> Result<Self, ArtifactError> {
        Artifact::from_bytes(bytes).map(|artifact| Self::load_with(&artifact, encoder))
    }

    /// A bot to which nothing was published yet: it says so.
    pub fn without_knowledge() -> Self {
        Self { bot: None, policy: Policy::default() }
    }

    /// What messages are understood by, for logs.
    pub fn understands_by(&self) -> &'static str {
        self.bot.as_ref().map_or("nothing", |bot| bot.understands_by().name())
    }

    /// The same bot under other rules.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// The company's rules, published with the knowledge.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

impl Answers for KnowledgeBot {
    fn answer(&self, ask: &Ask<'_>) -> Answer {
        let Some(bot) = &self.bot else { return unpublished(ask) };
        // No flow waits for an action yet.
        let Asked::Content(content) = ask.asked else { return silent(ask) };
        let input = match content {
            Content::Text { text } => Input::Text(text),
            Content::Postback { payload, title } => Input::Postback { payload, title },
            arrival @ Content::Event { .. } if arrival.is_arrival() => Input::Opened,
            Content::Image(_)
            | Content::Audio(_)
            | Content::Video(_)
            | Content::File(_)
            | Content::Location { .. }
            | Content::QuickReplies { .. }
            | Content::Buttons { .. }
            | Content::Card { .. }
            | Content::Event { .. } => Input::Other,
        };
        let query = Query { input, locale: ask.locale.map(Locale::as_str), unknowns: ask.unknown_streak };
        converted(bot.answer(&query), ask.memory)
    }

    fn notice(&self, notice: Notice, locale: Option<&Locale>) -> String {
        let locale = locale.map(Locale::as_str);
        if let Some(bot) = &self.bot {
            return bot.notice(notice, locale).to_owned();
        }
        let language = locale.and_then(bot::text::Language::from_locale).unwrap_or(bot::text::Language::Zh);
        bot::notices::default(notice, language).to_owned()
    }
}

fn converted(answer: bot::Answer<'_>, memory: &Memory) -> Answer {
    let (language, content, outcome) = match answer {
        bot::Answer::Entry { id, language, text, replies, .. } => {
            (language, with_replies(text, &replies), Outcome::Answered { entry: id.to_owned() })
        }
        bot::Answer::Greeting { language, text } => (language, with_replies(text, &[]), Outcome::Greeted),
        bot::Answer::Unknown { language, text, offer } => (language, with_replies(text, &[offer]), Outcome::Unknown),
        bot::Answer::Handoff { language, text } => (language, with_replies(text, &[]), Outcome::Handoff),
        bot::Answer::Unsupported { language, text } => (language, with_replies(text, &[]), Outcome::Unsupported),
    };
    let topic = match &outcome {
        Outcome::Answered { entry } => Some(entry.clone()),
        Outcome::Greeted | Outcome::Guided { .. } | Outcome::Unknown | Outcome::Handoff | Outcome::Unsupported => {
            memory.topic.clone()
        }
    };
    let memory = Memory { topic, ..memory.clone() };
    Answer { contents: vec![content], locale: Locale::from_tag(language.code()), outcome, memory, action: None }
}

fn with_replies(text: &str, replies: &[bot::QuickReply<'_>]) -> Content {
    let text = text.to_owned();
    if replies.is_empty() {
        return Content::Text { text };
    }
    let replies = replies
        .iter()
        .map(|reply| QuickReply { title: reply.title.to_owned(), payload: reply.payload.to_owned() })
        .collect();
    Content::QuickReplies { text, replies }
}

/// Nothing to say, and nothing forgotten.
fn silent(ask: &Ask<'_>) -> Answer {
    let memory = ask.memory.clone();
    Answer { contents: vec![], locale: None, outcome: Outcome::Unsupported, memory, action: None }
}

fn unpublished(ask: &Ask<'_>) -> Answer {
    let text = match ask.locale.map(Locale::as_str) {
        Some("en") => "Our answers are not published yet. Please come back soon.",
        _ => "知识库尚未发布，请稍后再来。Our answers are not published yet.",
    };
    let content = Content::Text { text: text.to_owned() };
    let memory = ask.memory.clone();
    Answer { contents: vec![content], locale: None, outcome: Outcome::Unknown, memory, action: None }
}
