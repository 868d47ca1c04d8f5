//! A summary for the person who takes a conversation over: a note, which no customer sees.

use bot::generate::{Line, Prompt, summarising, summary};
use bot::text::{Language, detect};
use domain::{AgentAction, AgentId, Author, Change, Content, EventKind, InboundEvent, Locale, Turn, UnixMillis, mask};

use super::Writer;
use super::ask::ask;
use crate::PortError;
use crate::answers::KnowledgeBot;
use crate::ports::Conversations;

/// Messages that the model is given at most, the latest.
const MOST_LINES: usize = 30;

/// Who writes the summaries: no person, and none has this id.
pub fn author() -> AgentId {
    AgentId::derive(&[b"language model"])
}

/// The note for a turn that gave the customer to a person. `None`: it gave nobody to anybody, the note is there already,
/// there is no time or no share of tokens left for it, or the model said nothing that may stand in it. The model is asked once for a turn, unless the process ends before its
/// note is committed.
///
/// # Errors
/// The conversation cannot be read.
pub async fn brief(
    writer: &Writer<'_>,
    conversations: &dyn Conversations,
    bot: &KnowledgeBot,
    (event, turn): (&InboundEvent, &Turn),
    (locale, now): (Option<&Locale>, UnixMillis),
) -> Result<Option<InboundEvent>, PortError> {
    if !writer.sums_up || !was_given_to_a_person(turn) {
        return Ok(None);
    }
    let group = event.identity.group();
    let note = |text| {
        let (agent, conversation) = (author(), turn.conversation.clone());
        let kind = EventKind::Agent { agent, conversation, action: AgentAction::Note { text } };
        InboundEvent::new(event.identity.clone(), &format!("summary:{}", event.id), now, None, kind)
    };
    if conversations.turn(&group, &note(String::new()).id).await?.is_some() {
        return Ok(None);
    }
    let Some(wait) = writer.wait() else { return Ok(None) };
    let turns = conversations.turns_of(&group, &turn.conversation).await?;
    let lines: Vec<Line<'_>> = turns.iter().flat_map(|turn| &turn.messages).filter_map(line).collect();
    let lines = lines.get(lines.len().saturating_sub(MOST_LINES)..).unwrap_or_default();
    let known = turn
        .changes
        .iter()
        .filter_map(|change| if let Change::Collected { slots, .. } = change { Some(slots) } else { None });
    let known = known.flatten().map(|(slot, value)| (slot.as_str(), value.as_str()));
    let theirs = lines.iter().rev().filter(|line| line.author == "customer").find_map(|line| detect(line.text));
    let language = locale.and_then(|locale| Language::from_locale(locale.as_str())).or(theirs);
    let prompt = summarising(lines, known, language.unwrap_or(Language::Zh));
    let spent = spent(turns.iter().filter(|earlier| earlier.number < turn.number), &prompt);
    let Some(said) = ask(writer, &prompt, spent, now, wait).await else { return Ok(None) };
    let text = summary(&said.text, &prompt).map(|text| mask(&text, &bot.policy().mask));
    tracing::info!(model.tokens = said.tokens, model.summed_up = text.is_some(), "language model asked for a summary");
    Ok(text.map(note))
}

/// What the conversation has had of its share: its answers, and for each earlier hand-over as much as this one may take,
/// since what became of that summary stands nowhere if nothing did.
fn spent<'a>(earlier: impl Iterator<Item = &'a Turn>, prompt: &Prompt) -> u32 {
    earlier.fold(0, |spent: u32, turn| {
        let summary = if was_given_to_a_person(turn) { prompt.tokens() } else { 0 };
        let answers =
            turn.changes.iter().map(|change| if let Change::Written(used) = change { used.tokens } else { 0 });
        answers.fold(spent.saturating_add(summary), u32::saturating_add)
    })
}

/// Whether the customer came to a person by it. Who is given on by a person has their notes.
fn was_given_to_a_person(turn: &Turn) -> bool {
    let queued = turn.changes.iter().any(|change| matches!(change, Change::Queued { .. }));
    queued
        && !turn.changes.iter().any(|change| matches!(change, Change::Transferred { .. } | Change::LeaseEnded { .. }))
}

fn line(message: &domain::Message) -> Option<Line<'_>> {
    let (Content::Text { text } | Content::QuickReplies { text, .. } | Content::Postback { title: text, .. }) =
        &message.content
    else {
        return None;
    };
    let author = match message.author {
        Author::Customer => "customer",
        Author::Bot | Author::System => "bot",
        Author::Agent => "agent",
    };
    Some(Line { author, text })
}
