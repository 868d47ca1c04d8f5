//! Answers in the model's words, and follow-ups that it makes questions of.

use std::time::{Duration, Instant};

use bot::generate::{Said, prompt, read, rewriting, rewritten};
use domain::{Answer, Answers, Ask, Asked, Content, Locale, Memory, ModelUse, Notice, Outcome, UnixMillis};

use super::Writer;
use super::ask::ask;
use crate::answers::KnowledgeBot;

/// What the model did for one message. It was asked, whatever came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Helped {
    /// The message as a question that stands alone.
    question: Option<String>,
    /// The answer and the entries that it rests on, if it may go out.
    answer: Option<(String, Vec<String>)>,
    /// Tokens that it took, if it answered.
    tokens: Option<u32>,
}

/// A message with which the model may help.
struct Helping<'a> {
    writer: &'a Writer<'a>,
    bot: &'a KnowledgeBot,
    text: &'a str,
    locale: Option<&'a Locale>,
    memory: &'a Memory,
    now: UnixMillis,
    until: Instant,
}

/// Has the model help with what a customer wrote. `outcome` is the bot's own; `placed` says what it becomes with the help
/// so far.
pub async fn help(
    writer: &Writer<'_>,
    bot: &KnowledgeBot,
    (text, outcome): (&str, Option<&Outcome>),
    (locale, memory, now): (Option<&Locale>, &Memory, UnixMillis),
    placed: impl Fn(&Helped) -> Option<Outcome>,
) -> Helped {
    let mut helped = Helped::default();
    let Some(wait) = writer.wait() else { return helped };
    let helping = Helping { writer, bot, text, locale, memory, now, until: Instant::now() + wait };
    if writer.rewrites && outcome == Some(&Outcome::Unknown) && memory.flow.is_none() {
        helping.rewrite(&mut helped).await;
    }
    if helped.question.is_none() || may_be_worded(placed(&helped).as_ref()) {
        helping.word(&mut helped).await;
    }
    helped
}

impl Helping<'_> {
    /// Makes a question of a follow-up.
    async fn rewrite(&self, helped: &mut Helped) {
        let locale = self.locale.map(Locale::as_str);
        let follow_up = self.memory.topic.as_deref().and_then(|topic| self.bot.follow_up(self.text, locale, topic));
        let Some(follow_up) = follow_up else { return };
        let Some(said) = self.asked(&rewriting(&follow_up), helped).await else { return };
        helped.question = rewritten(&said, &follow_up);
        tracing::info!(model.rewritten = helped.question.is_some(), "language model asked for the question");
    }

    /// Words the answer.
    async fn word(&self, helped: &mut Helped) {
        let question = helped.question.clone();
        let question = question.as_deref().unwrap_or(self.text);
        let Some(task) = self.bot.task(question, self.locale, self.memory.topic.as_deref()) else { return };
        let Some(said) = self.asked(&prompt(&task), helped).await else { return };
        let said = read(&said, &task);
        let verdict = match &said {
            Said::Grounded { .. } => "grounded".to_owned(),
            Said::Declined => "declined".to_owned(),
            Said::Unfit(doubt) => format!("unfit: {doubt:?}"),
        };
        tracing::info!(model.tokens = helped.tokens, model.verdict = verdict, "language model asked");
        helped.answer = match said {
            Said::Grounded { text, sources } => Some((text, sources.into_iter().map(str::to_owned).collect())),
            Said::Declined | Said::Unfit(_) => None,
        };
    }

    /// What the model says in the time that is left.
    async fn asked(&self, prompt: &bot::generate::Prompt, helped: &mut Helped) -> Option<String> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left == Duration::ZERO {
            return None;
        }
        let spent = self.memory.tokens.saturating_add(helped.tokens.unwrap_or_default());
        let said = ask(self.writer, prompt, spent, self.now, left).await?;
        helped.tokens = Some(helped.tokens.unwrap_or_default().saturating_add(said.tokens));
        Some(said.text)
    }
}

/// The bot, with the model's help for this message.
#[derive(Debug, Clone, Copy)]
pub struct Worded<'a> {
    /// The bot.
    pub bot: &'a KnowledgeBot,
    /// Whether a person of the company is there.
    pub people: bool,
    /// The help.
    pub helped: &'a Helped,
}

impl Answers for Worded<'_> {
    fn answer(&self, ask: &Ask<'_>) -> Answer {
        let own = self.placed(ask);
        let mut sources = vec![];
        let mut answer = match (&self.helped.answer, &own.outcome) {
            (Some((text, cited)), Outcome::Answered { .. } | Outcome::Unknown) => {
                let worded = self.worded(ask, &own, text, cited);
                if worded.is_some() {
                    sources.clone_from(cited);
                }
                worded.unwrap_or(own)
            }
            _ => own,
        };
        answer.model = self.helped.tokens.map(|tokens| ModelUse { sources, tokens });
        answer
    }

    fn notice(&self, notice: Notice, locale: Option<&Locale>) -> String {
        self.bot.notice(notice, locale)
    }
}

impl Worded<'_> {
    /// The bot's own answer; to the question that stands alone, if the bot had none to the message.
    fn placed(&self, ask: &Ask<'_>) -> Answer {
        let own = self.bot.answer_with(ask, self.people);
        let (Some(question), Outcome::Unknown) = (&self.helped.question, &own.outcome) else { return own };
        let question = Content::Text { text: question.clone() };
        let found = self.bot.look_up(&Ask { asked: Asked::Content(&question), ..*ask });
        found.unwrap_or(own)
    }

    /// The answer of the first entry that was used, in the model's words.
    fn worded(&self, ask: &Ask<'_>, own: &Answer, text: &str, cited: &[String]) -> Option<Answer> {
        let payload = format!("{}{}", bot::reply::ENTRY_PAYLOAD, cited.first()?);
        let chosen = Content::Postback { payload, title: String::new() };
        let locale = own.locale.as_ref().or(ask.locale);
        let mut answer = self.bot.answer_with(&Ask { asked: Asked::Content(&chosen), locale, ..*ask }, self.people);
        let (Content::Text { text: words } | Content::QuickReplies { text: words, .. }) =
            answer.contents.first_mut()?
        else {
            return None;
        };
        text.clone_into(words);
        Some(answer)
    }
}

/// Whether an answer's words may be a model's: an entry's, or those that say that there is none.
pub(crate) fn may_be_worded(outcome: Option<&Outcome>) -> bool {
    matches!(outcome, Some(Outcome::Answered { .. } | Outcome::Unknown))
}
