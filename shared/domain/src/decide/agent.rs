//! What a person of the company does.

use super::draft::Draft;
use super::timer;
use crate::{AgentAction, AgentId, Author, Change, Closer, Content, ConversationId, Notice, Owner, Refusal, Step};

/// Does the action, or notes why it was not done.
pub(super) fn acted(draft: &mut Draft<'_>, agent: &AgentId, conversation: &ConversationId, action: &AgentAction) {
    let own = matches!(&draft.head.owner, Owner::Human { agent: owner, .. } | Owner::WrapUp { agent: owner, .. } if owner == agent);
    if own {
        // Whoever acts is there: nobody was faster, so the lease still holds.
        timer::overdue(draft, &[Step::EndLease, Step::Remind, Step::CloseIdle, Step::EndWrapUp]);
    } else if *action == AgentAction::Accept {
        timer::overdue(draft, &[Step::EndQueue]);
    } else {
        timer::overdue(draft, &[]);
    }
    // Where a full conversation went on in the next, the person who has it need not know yet.
    let done = if own || draft.head.id == *conversation { act(draft, agent, action) } else { Err(Refusal::Succeeded) };
    if let Err(reason) = done {
        let (agent, action) = (agent.clone(), action.name().to_owned());
        draft.changes.push(Change::Refused { agent, action, reason });
        // What it would have made pointless is due after all.
        timer::overdue(draft, &[]);
    }
}

fn act(draft: &mut Draft<'_>, agent: &AgentId, action: &AgentAction) -> Result<(), Refusal> {
    if let AgentAction::Note { text } = action {
        // Anybody may note something, at any time: no customer sees it.
        draft.changes.push(Change::Noted { agent: agent.clone(), text: text.clone() });
        renew(draft, agent);
        return Ok(());
    }
    if *action == AgentAction::Accept {
        return accept(draft, agent);
    }
    match &draft.head.owner {
        Owner::Human { agent: owner, .. } | Owner::WrapUp { agent: owner, .. } if owner == agent => {}
        Owner::Closed { .. } => return Err(Refusal::Closed),
        Owner::Bot | Owner::Queued { .. } | Owner::Human { .. } | Owner::WrapUp { .. } => {
            return Err(Refusal::NotYours);
        }
    }
    match action {
        AgentAction::Reply { .. } if draft.is_off_line() => return Err(Refusal::OffLine),
        AgentAction::Reply { content } => {
            if draft.silent {
                return Err(Refusal::OptedOut);
            }
            if !draft.affords(content) {
                return Err(Refusal::NoAllowance);
            }
            take(draft, agent);
            draft.say(Author::Agent, content.clone());
            draft.head.answered_at = Some(draft.now());
            draft.head.waiting_since = None;
            draft.head.reminded = false;
        }
        AgentAction::Transfer { to } => {
            draft.changes.push(Change::Transferred { agent: agent.clone(), to: to.clone() });
            draft.queue(to.clone());
        }
        AgentAction::HandBack => {
            draft.head.owner = Owner::Bot;
            draft.head.waiting_since = None;
            draft.changes.push(Change::HandedBack { agent: agent.clone() });
            draft.notify(Notice::HandedBack);
        }
        AgentAction::Close => match (&draft.head.owner, draft.context.policy.wrap_up_seconds) {
            (Owner::Human { .. }, Some(seconds)) => {
                draft.head.owner = Owner::WrapUp { agent: agent.clone(), until: draft.after(seconds) };
                draft.head.waiting_since = None;
                draft.changes.push(Change::WrappedUp { agent: agent.clone() });
            }
            // Closed again while wrapping up: no more time is needed.
            (_, _) => timer::close(draft, Closer::Agent),
        },
        AgentAction::Renew | AgentAction::Accept | AgentAction::Note { .. } => renew(draft, agent),
    }
    Ok(())
}

/// A person wrote in the provider's own inbox: it is theirs as if they had taken it here, and nothing is sent twice.
pub(super) fn answered_elsewhere(draft: &mut Draft<'_>, content: &Content) {
    timer::end_wrap_up(draft);
    timer::overdue(draft, &[Step::EndQueue, Step::Remind, Step::CloseIdle, Step::AskSurvey]);
    if matches!(draft.head.owner, Owner::Closed { .. }) {
        draft.head = draft.head.next(draft.now());
    }
    let identity = &draft.head.identity;
    let inbox = AgentId::derive(&[b"inbox", identity.channel.as_str().as_bytes(), identity.account.as_bytes()]);
    let agent = match &draft.head.owner {
        Owner::Human { agent, .. } => agent.clone(),
        Owner::Bot | Owner::Queued { .. } | Owner::WrapUp { .. } | Owner::Closed { .. } => inbox,
    };
    take(draft, &agent);
    draft.note(Author::Agent, content.clone());
    draft.head.answered_at = Some(draft.now());
    draft.head.waiting_since = None;
    draft.head.reminded = false;
}

fn accept(draft: &mut Draft<'_>, agent: &AgentId) -> Result<(), Refusal> {
    match &draft.head.owner {
        Owner::Closed { .. } => return Err(Refusal::Closed),
        Owner::Human { agent: owner, .. }
        | Owner::WrapUp { agent: owner, .. }
        | Owner::Queued { wanted: Some(owner), .. }
            if owner != agent =>
        {
            return Err(Refusal::NotYours);
        }
        Owner::Bot | Owner::Queued { .. } | Owner::Human { .. } | Owner::WrapUp { .. } => {}
    }
    // Whoever takes over from the bot owes the customer an answer.
    if draft.head.owner == Owner::Bot {
        draft.head.waiting_since = Some(draft.now());
    }
    take(draft, agent);
    Ok(())
}

/// The person has the conversation, with a new lease.
fn take(draft: &mut Draft<'_>, agent: &AgentId) {
    let since = match &draft.head.owner {
        Owner::Human { agent: owner, since, .. } if owner == agent => *since,
        Owner::Bot | Owner::Queued { .. } | Owner::Human { .. } | Owner::WrapUp { .. } | Owner::Closed { .. } => {
            draft.changes.push(Change::Accepted { agent: agent.clone() });
            draft.head.reminded = false;
            draft.now()
        }
    };
    let lease = draft.after(draft.context.policy.lease_seconds);
    draft.head.owner = Owner::Human { agent: agent.clone(), since, lease };
}

/// The lease begins anew, if the conversation is theirs.
fn renew(draft: &mut Draft<'_>, agent: &AgentId) {
    if matches!(&draft.head.owner, Owner::Human { agent: owner, .. } if owner == agent) {
        take(draft, agent);
    }
}
