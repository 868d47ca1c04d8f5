//! A question to the model, within what it may cost.

use std::time::Duration;

use bot::generate::Prompt;
use domain::UnixMillis;

use super::Writer;
use crate::model::Unsaid;

/// What came back.
pub(super) struct Said {
    /// What the model says; empty where it stopped before the end.
    pub(super) text: String,
    /// Tokens that it took.
    pub(super) tokens: u32,
}

/// Asks the model. `spent`: what the conversation has taken of its share. `None`: it was not asked, or said nothing in time.
pub(super) async fn ask(
    writer: &Writer<'_>,
    prompt: &Prompt,
    spent: u32,
    now: UnixMillis,
    wait: Duration,
) -> Option<Said> {
    let most = prompt.tokens();
    if spent.saturating_add(most) > writer.limits.conversation {
        tracing::info!("the conversation has had its share of the language model");
        return None;
    }
    let day = now.0.div_euclid(24 * 60 * 60 * 1000);
    if !reserved(writer, day, most).await {
        return None;
    }
    let completion = match writer.model.complete(prompt, wait).await {
        Ok(completion) => completion,
        Err(Unsaid { error, unspent }) => {
            tracing::warn!(error = %error.source, "{error}; the bot goes on without it");
            // Else what it took is not known: all of it stays spent.
            if unspent {
                settle(writer, day, -i64::from(most)).await;
            }
            return None;
        }
    };
    let tokens = completion.tokens.unwrap_or(most);
    settle(writer, day, i64::from(tokens) - i64::from(most)).await;
    if let Some(reason) = completion.stopped {
        tracing::warn!(model.tokens = tokens, model.stopped = reason, "the language model stopped before the end");
        return Some(Said { text: String::new(), tokens });
    }
    Some(Said { text: completion.text, tokens })
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
