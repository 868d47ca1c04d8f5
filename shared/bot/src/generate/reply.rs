//! What of the model's reply may go out.

use serde::Deserialize;

use super::grounds::{Doubt, doubt};
use super::{Source, Task};

/// What the model said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// An answer that stands on the entries it names.
    Grounded {
        /// The answer.
        text: String,
        /// The entries, the first named first.
        sources: Vec<&'a str>,
    },
    /// The entries do not answer the question.
    Declined,
    /// Nothing that may go out.
    Unfit(Doubt),
}

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    decline: bool,
    #[serde(default)]
    sources: Vec<String>,
    #[serde(default)]
    answer: String,
}

/// Reads a reply to a task.
pub fn read<'a>(reply: &str, task: &Task<'a>) -> Said<'a> {
    let Ok(reply) = serde_json::from_str::<Reply>(bare(reply)) else { return Said::Unfit(Doubt::Form) };
    if reply.decline {
        return Said::Declined;
    }
    let named = |id: &String| task.sources.iter().find(|source| source.id == id);
    let Some(mut cited) = reply.sources.iter().map(named).collect::<Option<Vec<&Source<'a>>>>() else {
        return Said::Unfit(Doubt::Sources);
    };
    cited.dedup();
    let text = reply.answer.trim();
    match doubt(text, &cited, task) {
        Some(doubt) => Said::Unfit(doubt),
        None => Said::Grounded { text: text.to_owned(), sources: cited.iter().map(|source| source.id).collect() },
    }
}

/// Many models put JSON into a fenced block, whatever they are told.
pub(super) fn bare(reply: &str) -> &str {
    let reply = reply.trim();
    let fenced = reply.strip_prefix("```json").or_else(|| reply.strip_prefix("```"));
    fenced.and_then(|rest| rest.strip_suffix("```")).map_or(reply, str::trim)
}
