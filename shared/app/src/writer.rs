//! Answers in a language model's words, where the company has one. It writes from the entries that the bot has found and
//! from nothing else; if it is slow, costs too much or says anything that does not stand there, the bot's own answer goes.

use std::time::Duration;

use bot::generate::{MOST_TOKENS, Said, prompt, read};
use domain::{Answer, Answers, Ask, Asked, Content, Locale, Memory, ModelUse, Notice, Outcome, UnixMillis};

use crate::answers::KnowledgeBot;
use crate::model::{Model, Spending};

/// A language model and what it may cost.
#[derive(Clone, Copy)]
pub struct Writer<'a> {
    /// The model.
    pub model: &'a dyn Model,
    /// What it has cost today.
    pub spending: &'a dyn Spending,
    /// What it may cost.
    pub limits: Limits,
}

/// What a language model may cost. Nothing is asked that could go beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Tokens in one conversation.
    pub conversation: u32,
    /// Tokens in one day (UTC).
    pub day: u64,
    /// How long an answer is waited for.
    pub wait: Duration,
}

/// What the model wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The answer and the entries that it rests on, if it may go out.
    answer: Option<(String, Vec<String>)>,
    tokens: u32,
}

/// Has an answer written to what a customer asked. `None`: the model was not asked, or said nothing in time.
pub async fn write(
    writer: &Writer<'_>,
    bot: &KnowledgeBot,
    question: &str,
    locale: Option<&Locale>,
    memory: &Memory,
    now: UnixMillis,
) -> Option<Written> {
    let task = bot.task(question, locale, memory.topic.as_deref())?;
    let prompt = prompt(&task);
    let most = prompt.tokens().saturating_add(MOST_TOKENS);
    if memory.tokens.saturating_add(most) > writer.limits.conversation {
        tracing::info!("the conversation has had its share of the language model");
        return None;
    }
    let day = now.0.div_euclid(24 * 60 * 60 * 1000);
    if !reserved(writer, day, most).await {
        return None;
    }
    let completion = match writer.model.complete(&prompt, writer.limits.wait).await {
        Ok(completion) => completion,
        // What it took is not known: all of it stays spent.
        Err(error) => {
            tracing::warn!(error = %error.source, "{error}; the bot's own words go out");
            return None;
        }
    };
    let tokens = completion.tokens.unwrap_or(most);
    settle(writer, day, i64::from(tokens) - i64::from(most)).await;
    let said = read(&completion.text, &task);
    let verdict = match &said {
        Said::Grounded { .. } => "grounded".to_owned(),
        Said::Declined => "declined".to_owned(),
        Said::Unfit(doubt) => format!("unfit: {doubt:?}"),
    };
    tracing::info!(model.tokens = tokens, model.verdict = verdict, "language model asked");
    let answer = match said {
        Said::Grounded { text, sources } => Some((text, sources.into_iter().map(str::to_owned).collect())),
        Said::Declined | Said::Unfit(_) => None,
    };
    Some(Written { answer, tokens })
}

/// Whether the day still has room for so many tokens, which are its then.
async fn reserved(writer: &Writer<'_>, day: i64, tokens: u32) -> bool {
    match writer.spending.spend(day, i64::from(tokens)).await {
        Ok(total) if total <= writer.limits.day => true,
        Ok(_) => {
            settle(writer, day, -i64::from(tokens)).await;
            tracing::warn!("the day has had its share of the language model");
            false
        }
        // What cannot be counted is not spent.
        Err(error) => {
            tracing::warn!(error = %error.source, "{error}; the language model is not asked");
            false
        }
    }
}

/// Brings the day's count to what was really spent. Where that fails, it stays too high, which costs nothing.
async fn settle(writer: &Writer<'_>, day: i64, more: i64) {
    if let Err(error) = writer.spending.spend(day, more).await {
        tracing::warn!(error = %error.source, "{error}; the day's count stays too high");
    }
}

/// The bot, with what the model wrote for this answer.
#[derive(Debug, Clone, Copy)]
pub struct Worded<'a> {
    /// The bot.
    pub bot: &'a KnowledgeBot,
    /// Whether a person of the company is there.
    pub people: bool,
    /// What was written.
    pub written: &'a Written,
}

impl Answers for Worded<'_> {
    fn answer(&self, ask: &Ask<'_>) -> Answer {
        let own = self.bot.answer_with(ask, self.people);
        let mut sources = vec![];
        let mut answer = match (&self.written.answer, &own.outcome) {
            (Some((text, cited)), Outcome::Answered { .. } | Outcome::Unknown) => {
                let worded = self.worded(ask, &own, text, cited);
                if worded.is_some() {
                    sources.clone_from(cited);
                }
                worded.unwrap_or(own)
            }
            _ => own,
        };
        answer.model = Some(ModelUse { sources, tokens: self.written.tokens });
        answer
    }

    fn notice(&self, notice: Notice, locale: Option<&Locale>) -> String {
        self.bot.notice(notice, locale)
    }
}

impl Worded<'_> {
    /// The answer of the first entry that was used, in the model's words.
    fn worded(&self, ask: &Ask<'_>, own: &Answer, text: &str, cited: &[String]) -> Option<Answer> {
        let payload = format!("{}{}", bot::reply::ENTRY_PAYLOAD, cited.first()?);
        let chosen = Content::Postback { payload, title: String::new() };
        let locale = own.locale.as_ref().or(ask.locale);
        let mut answer = self.bot.answer(&Ask { asked: Asked::Content(&chosen), locale, ..*ask });
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
