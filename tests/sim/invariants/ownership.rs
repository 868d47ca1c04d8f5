//! 25, second part: agents who race for a conversation, with each other and with the bot.

use app::ports::Clock as _;
use domain::{AgentAction, Author, Change, Content, Conversation, InboundEvent, Owner, Refusal};
use testkit::{Queue, Received};

use super::{Trial, ask, visitor};
use crate::people::{action, agent};
use crate::stage::{Invocation, Stage, Way};
use crate::visitors::Visitor;

/// A conversation that the bot has, in a world of its own.
async fn with_bot(way: Way) -> (Stage, Visitor, Conversation) {
    let stage = Stage::new(way);
    let visitor = visitor(&stage, 1);
    ask(&stage, &visitor, 0).await;
    stage.drain();
    let head = stage.world.head(&visitor.group()).unwrap();
    (stage, visitor, head)
}

fn accepts(stage: &Stage, visitor: &Visitor, head: &Conversation, number: u8) -> InboundEvent {
    let key = format!("accept {number}");
    action(visitor, head, &agent(number), &key, stage.world.now(), AgentAction::Accept)
}

/// An invocation with one event, beside whatever the queue does with it.
fn alone(stage: &Stage, event: &InboundEvent) -> Invocation {
    let place = (0..stage.world.sent(Queue::Inbound))
        .find(|place| stage.world.sent_as(Queue::Inbound, *place).is_some_and(|sent| sent.dedup == event.id.as_str()));
    let message = place.and_then(|place| stage.world.sent_as(Queue::Inbound, place)).unwrap();
    stage.start(Queue::Inbound, vec![Received { receipt: message.dedup.clone(), message, receives: 1 }])
}

/// The first invocation up to an await, then the second to its end, then the first; `false`: the first was done before.
fn interleaved(stage: &Stage, first: &InboundEvent, second: &InboundEvent, awaits: u32) -> bool {
    let mut held = alone(stage, first);
    let held_up = (0..awaits).all(|_| held.poll().is_none());
    stage.complete(alone(stage, second));
    if held_up {
        stage.complete(held);
    }
    held_up
}

#[tokio::test]
async fn invariant_25_two_agents_take_one_conversation_and_one_has_it() {
    let mut trial = Trial::new(25, "two agents take one conversation: one owner, one refusal");
    for way in [Way::Web, Way::Bare] {
        for awaits in 0.. {
            let (stage, visitor, head) = with_bot(way).await;
            let [one, two] = [0, 1].map(|number| accepts(&stage, &visitor, &head, number));
            stage.put(&one).await;
            stage.put(&two).await;
            let held_up = interleaved(&stage, &one, &two, awaits);
            stage.drain();
            let changes: Vec<Change> =
                stage.world.turns(&visitor.group()).into_iter().flat_map(|turn| turn.changes).collect();
            let owners: Vec<_> = changes
                .iter()
                .filter_map(|change| if let Change::Accepted { agent } = change { Some(agent) } else { None })
                .collect();
            let refused = changes
                .iter()
                .filter(|change| matches!(change, Change::Refused { reason: Refusal::NotYours, .. }))
                .count();
            assert_eq!((owners.len(), refused), (1, 1), "after {awaits} awaits: {changes:?}");
            let head = stage.world.head(&visitor.group()).unwrap();
            assert!(matches!(&head.owner, Owner::Human { agent, .. } if agent == owners[0]));
            trial.ran(1);
            if !held_up {
                break;
            }
        }
    }
    trial.held();
}

#[tokio::test]
async fn invariant_25_the_bot_is_silent_once_an_agent_has_taken_over() {
    let mut trial = Trial::new(25, "a bot that races an agent says nothing after the takeover");
    for way in [Way::Web, Way::Bare] {
        for bot_first in [true, false] {
            for awaits in 0.. {
                let (stage, visitor, head) = with_bot(way).await;
                let accept = accepts(&stage, &visitor, &head, 0);
                let asks = visitor.send(&stage.world, 1).await.unwrap();
                stage.put(&accept).await;
                let (first, second) = if bot_first { (&asks, &accept) } else { (&accept, &asks) };
                let held_up = interleaved(&stage, first, second, awaits);
                stage.drain();
                ask(&stage, &visitor, 2).await;
                let says = AgentAction::Reply { content: Content::Text { text: "a person's words.".to_owned() } };
                stage.put(&action(&visitor, &head, &agent(0), "reply", stage.world.now(), says)).await;
                stage.drain();
                let turns = stage.world.turns(&visitor.group());
                let taken = |change: &Change| matches!(change, Change::Accepted { .. });
                let takeover = turns.iter().position(|turn| turn.changes.iter().any(taken)).unwrap();
                let after: Vec<Author> =
                    turns[takeover..].iter().flat_map(|turn| &turn.messages).map(|message| message.author).collect();
                assert!(!after.contains(&Author::Bot), "after {awaits} awaits: {after:?}");
                assert_eq!(after.iter().filter(|author| **author == Author::Agent).count(), 1);
                let asked = turns.iter().flat_map(|turn| &turn.messages);
                assert_eq!(asked.filter(|message| message.author == Author::Customer).count(), 3, "all are kept");
                trial.ran(1);
                if !held_up {
                    break;
                }
            }
        }
    }
    trial.held();
}
