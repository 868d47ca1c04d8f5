//! The bot as the core asks it: values of `bot` on one side, of `domain` on the other.

use std::sync::Arc;

pub use bot::encode::{Encoder, EncoderError};
use bot::knowledge::{Artifact, ArtifactError, Media, MediaKind};
use bot::{Bot, Input, Letter, Query, Talk};
use domain::{
    Answer, Answers, Ask, Asked, Attachment, Capabilities, Content, Locale, Memory, Notice, Outcome, Policy,
    QuickReply, Transport,
};

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

    /// The bot over published knowledge, with the sentence encoder if there is one.
    pub fn load_with(artifact: &Artifact, encoder: Option<Arc<Encoder>>) -> Self {
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

    /// What a language model would be asked: the entries that a question may be about. None: there are none.
    pub fn task<'a>(
        &'a self,
        question: &'a str,
        locale: Option<&Locale>,
        topic: Option<&str>,
    ) -> Option<bot::generate::Task<'a>> {
        self.bot.as_ref()?.task(question, locale.map(Locale::as_str), topic)
    }

    /// Whether any flow looks at who is there.
    pub fn looks_for_people(&self) -> bool {
        self.bot.as_ref().is_some_and(Bot::looks_for_people)
    }

    /// The answer while a person of the company is there, or none is.
    pub fn answer_with(&self, ask: &Ask<'_>, people: bool) -> Answer {
        let Some(bot) = &self.bot else { return unpublished(ask) };
        bot.guide(ask, people, &|| known(bot, ask))
    }

    /// A message as one that follows on the entry `topic`, for a language model to make a question of it.
    pub fn follow_up<'a>(
        &'a self,
        text: &'a str,
        locale: Option<&str>,
        topic: &str,
    ) -> Option<bot::generate::FollowUp<'a>> {
        self.bot.as_ref()?.follow_up(text, locale, topic)
    }

    /// What an entry answers, or which of several is meant: no flow is begun, nobody is called. `None`: neither.
    pub fn look_up(&self, ask: &Ask<'_>) -> Option<Answer> {
        let answer = known(self.bot.as_ref()?, ask);
        let entry = |id: &str| !id.starts_with(bot::flow::FLOW_PAYLOAD);
        let found =
            answer.outcome == Outcome::Asked || matches!(&answer.outcome, Outcome::Answered { entry: id } if entry(id));
        found.then_some(answer)
    }

    /// The company's rules, published with the knowledge.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

impl Answers for KnowledgeBot {
    fn answer(&self, ask: &Ask<'_>) -> Answer {
        self.answer_with(ask, false)
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

/// What the knowledge answers, whatever flow is under way.
fn known(bot: &Bot, ask: &Ask<'_>) -> Answer {
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
    if let Input::Text(text) = input
        && ask.capabilities.letters
        && let Some(letter) = bot.answer_letter(text, ask.locale.map(Locale::as_str), ask.now.seconds())
    {
        return written(letter, ask.memory);
    }
    let query = Query {
        input,
        locale: ask.locale.map(Locale::as_str),
        unknowns: ask.unknown_streak,
        topic: ask.memory.topic.as_deref(),
        insults: ask.memory.insults,
        short: matches!(ask.capabilities.transport, Transport::Sms | Transport::Voice),
        now: ask.now.seconds(),
    };
    let answer = converted(bot.answer(&query), ask);
    match input {
        // Of a letter, it is the question that nobody could answer.
        Input::Text(text)
            if ask.capabilities.letters && matches!(answer.outcome, Outcome::Unknown | Outcome::Asked) =>
        {
            Answer { open: asked(text), ..answer }
        }
        Input::Text(_) | Input::Postback { .. } | Input::Opened | Input::Other => answer,
    }
}

/// What a letter asks: its questions, or all of it if none reads as one.
fn asked(text: &str) -> Vec<String> {
    let questions = bot::reply::questions(text);
    if questions.is_empty() { vec![text.trim().to_owned()] } else { questions }
}

/// A letter that leaves something open goes to a person as well.
fn written(letter: Letter<'_>, memory: &Memory) -> Answer {
    let Letter { language, text, entries, open, complete } = letter;
    let outcome = match entries.last() {
        Some(entry) if complete => Outcome::Answered { entry: (*entry).to_owned() },
        Some(_) | None => Outcome::Handoff,
    };
    let topic = entries.last().map(|entry| (*entry).to_owned()).or_else(|| memory.topic.clone());
    let memory = Memory { topic, ..memory.clone() };
    let contents = vec![Content::Text { text }];
    Answer { contents, locale: Locale::from_tag(language.code()), outcome, memory, action: None, model: None, open }
}

fn converted(answer: bot::Answer<'_>, ask: &Ask<'_>) -> Answer {
    let mut memory = ask.memory.clone();
    let said = |text: &str, language, outcome| (vec![with_replies(text, &[])], language, outcome);
    let (contents, language, outcome) = match answer {
        bot::Answer::Entry { id, language, spoken, opening, text, media, replies, .. } => {
            memory.topic = Some(id.to_owned());
            // A voice speaks one language from a message's begin to its end.
            let apart = spoken != language && ask.capabilities.transport == Transport::Voice;
            let (before, opening) = if apart { (opening, None) } else { (None, opening) };
            let text = opening.map_or_else(|| text.to_owned(), |opening| format!("{opening}\n{text}"));
            let before = before.map(|opening| Content::Text { text: opening.to_owned() });
            let contents = before.into_iter().chain(with_media(&text, media, &replies, ask.capabilities)).collect();
            (contents, language, Outcome::Answered { entry: id.to_owned() })
        }
        bot::Answer::Several(answers) => return one_after_another(answers, ask),
        bot::Answer::Choices { language, text, choices } => {
            (vec![with_replies(text, &choices)], language, Outcome::Asked)
        }
        bot::Answer::Talk { talk, language, text, offer } => {
            memory.insults = memory.insults.saturating_add(u32::from(talk == Talk::Insult));
            (vec![with_replies(text, offer.as_slice())], language, Outcome::Greeted)
        }
        bot::Answer::Refused { language, text } => said(text, language, Outcome::Refused),
        bot::Answer::Greeting { language, text } => said(text, language, Outcome::Greeted),
        bot::Answer::Unknown { language, text, offer } => {
            (vec![with_replies(text, &[offer])], language, Outcome::Unknown)
        }
        bot::Answer::Handoff { language, text } => said(text, language, Outcome::Handoff),
        bot::Answer::Unsupported { language, text } => said(text, language, Outcome::Unsupported),
    };
    Answer {
        contents,
        locale: Locale::from_tag(language.code()),
        outcome,
        memory,
        action: None,
        model: None,
        open: vec![],
    }
}

/// Several answers as one: what the last one leaves is kept.
fn one_after_another(answers: Vec<bot::Answer<'_>>, ask: &Ask<'_>) -> Answer {
    let mut all = silent(ask);
    for answer in answers {
        let mut next = converted(answer, ask);
        all.contents.append(&mut next.contents);
        all = Answer { contents: all.contents, ..next };
    }
    all
}

/// A text and what is sent with it; where the channel carries no files, their links are lines of the text.
fn with_media(text: &str, media: &[Media], replies: &[bot::QuickReply<'_>], can: &Capabilities) -> Vec<Content> {
    // Nobody listens to an address; some have it as a text message.
    if media.is_empty() || (can.transport == Transport::Voice && !can.texts) {
        return vec![with_replies(text, replies)];
    }
    if !can.files {
        let addresses = media.iter().map(|media| media.url.as_str());
        let lines: Vec<_> = std::iter::once(text).chain(addresses).collect();
        return vec![with_replies(&lines.join("\n"), replies)];
    }
    let file = |media: &Media| {
        let (name, mime) = (media.name().to_owned(), media.mime().to_owned());
        let file = Attachment { upload: None, url: Some(media.url.clone()), name, mime, size: 0 };
        match media.kind {
            MediaKind::Image => Content::Image(file),
            MediaKind::File => Content::File(file),
        }
    };
    let (said, files) = ([with_replies(text, replies)], media.iter().map(file));
    // Choices are gone on some channels once another message comes.
    if replies.is_empty() { said.into_iter().chain(files).collect() } else { files.chain(said).collect() }
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
    Answer {
        contents: vec![],
        locale: None,
        outcome: Outcome::Unsupported,
        memory,
        action: None,
        model: None,
        open: vec![],
    }
}

fn unpublished(ask: &Ask<'_>) -> Answer {
    let text = match ask.locale.map(Locale::as_str) {
        Some("en") => "Our answers are not published yet. Please come back soon.",
        _ => "知识库尚未发布，请稍后再来。Our answers are not published yet.",
    };
    let content = Content::Text { text: text.to_owned() };
    let memory = ask.memory.clone();
    Answer {
        contents: vec![content],
        locale: None,
        outcome: Outcome::Unknown,
        memory,
        action: None,
        model: None,
        open: vec![],
    }
}
