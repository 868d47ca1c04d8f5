//! People of the company, and what else puts events on the inbound queue: providers' receipts, files that were looked
//! at, signed identities, and now and then the wish to be forgotten.

use app::ports::Clock as _;
use domain::{
    AgentAction, AgentId, Content, Conversation, CustomerId, DeliveryStatus, EventKind, InboundEvent, MediaNews, Owner,
    Proof, UnixMillis, message_id,
};
use fastrand::Rng;
use testkit::World;

use crate::facts::{Acted, Shared};
use crate::stage::put;
use crate::visitors::Visitor;

pub(crate) fn agent(number: u8) -> AgentId {
    AgentId::derive(&[b"agent", &[number]])
}

/// What an agent does, as an event.
pub(crate) fn action(
    visitor: &Visitor,
    head: &Conversation,
    agent: &AgentId,
    key: &str,
    at: UnixMillis,
    action: AgentAction,
) -> InboundEvent {
    let kind = EventKind::Agent { agent: agent.clone(), conversation: head.id.clone(), action };
    InboundEvent::new(visitor.identity(), key, at, None, kind)
}

/// Whoever puts events on the queue while visitors write.
pub(crate) struct Person {
    pub(crate) world: World,
    pub(crate) rng: Rng,
    pub(crate) facts: Shared,
    /// Whom it has to do with; never empty.
    pub(crate) visitors: Vec<Visitor>,
    /// What makes its events its own.
    pub(crate) name: u8,
}

impl Person {
    fn over(&self) -> bool {
        self.facts.borrow().writing == 0
    }

    fn anybody(&mut self) -> Visitor {
        self.rng.choice(&self.visitors).cloned().unwrap()
    }

    async fn send(&mut self, visitor: &Visitor, event: InboundEvent, text: Option<String>, reply: bool) {
        let acted = Acted { visitor: visitor.number, event: event.id.clone(), text, reply };
        self.facts.borrow_mut().acted.push(acted);
        put(&self.world, &event).await;
        if self.rng.u32(0..8) == 0 {
            self.facts.borrow_mut().copies += 1;
            put(&self.world, &event).await;
        }
    }

    /// An agent: looks at the head, as the desk does, and acts on what it says.
    pub(crate) async fn attend(mut self) {
        let me = agent(self.name);
        for count in 0_u32.. {
            self.world.sleep(self.rng.u64(0..30_000)).await;
            if self.over() {
                return;
            }
            let visitor = self.anybody();
            let Some(head) = self.world.head(&visitor.group()) else { continue };
            let text = format!("agent {}, words {count}.", self.name);
            let act = self.choice(&head, &me, &text);
            let reply = matches!(act, AgentAction::Reply { .. });
            let text = (reply || matches!(act, AgentAction::Note { .. })).then_some(text);
            // What was read may be old by now.
            self.world.sleep(self.rng.u64(0..400)).await;
            let key = format!("agent {}, {count}", self.name);
            let event = action(&visitor, &head, &me, &key, self.world.now(), act);
            self.send(&visitor, event, text, reply).await;
        }
    }

    fn choice(&mut self, head: &Conversation, me: &AgentId, text: &str) -> AgentAction {
        let reply = || AgentAction::Reply { content: Content::Text { text: text.to_owned() } };
        let own = matches!(&head.owner, Owner::Human { agent, .. } | Owner::WrapUp { agent, .. } if agent == me);
        // Mostly what the desk offers, at times anything.
        let offered = if self.rng.u32(0..6) == 0 { self.rng.bool() } else { own };
        if !offered {
            return if self.rng.u32(0..6) == 0 {
                AgentAction::Note { text: text.to_owned() }
            } else {
                AgentAction::Accept
            };
        }
        match self.rng.u32(0..20) {
            0..9 => reply(),
            9..11 => AgentAction::Note { text: text.to_owned() },
            11..13 => AgentAction::Renew,
            13..15 => AgentAction::Transfer { to: self.rng.bool().then(|| agent(self.rng.u8(0..2))) },
            15..17 => AgentAction::HandBack,
            _ => AgentAction::Close,
        }
    }

    /// Everything else that comes in. `forgets`: whether somebody is forgotten at times.
    pub(crate) async fn report(mut self, forgets: bool) {
        for count in 0_u32.. {
            self.world.sleep(self.rng.u64(0..30_000)).await;
            if self.over() {
                return;
            }
            let visitor = self.anybody();
            let text = format!("transcript {count}.");
            let (kind, key) = match self.rng.u32(0..100) {
                0..60 => match self.receipt(&visitor) {
                    Some(receipt) => receipt,
                    None => continue,
                },
                60..75 => {
                    let written = self.facts.borrow().written.clone();
                    let own: Vec<_> = written.iter().filter(|message| message.visitor == visitor.number).collect();
                    let Some(message) = self.rng.choice(own) else { continue };
                    let transcript = self.rng.bool().then(|| text.clone());
                    (
                        EventKind::MediaReady(MediaNews::of(message_id(&message.event, 0)).saying(transcript)),
                        count.to_string(),
                    )
                }
                75..88 => {
                    let customer = CustomerId::derive(&[&[self.rng.u8(0..3)]]);
                    (
                        EventKind::IdentityLinked { customer, proof: Proof::SignedIdentity, address: None },
                        count.to_string(),
                    )
                }
                88..96 => (EventKind::IdentitySeparated { agent: agent(0) }, count.to_string()),
                _ if forgets => (EventKind::Forget, count.to_string()),
                _ => continue,
            };
            let at = self.world.now();
            if kind == EventKind::Forget {
                self.facts.borrow_mut().forgotten.entry(visitor.number).or_default().push(at);
            }
            let text = matches!(&kind, EventKind::MediaReady(news) if news.transcript.is_some()).then_some(text);
            let event = InboundEvent::new(visitor.identity(), &key, at, None, kind);
            self.send(&visitor, event, text, false).await;
        }
    }

    /// A receipt for some delivery of the last, in whatever order.
    fn receipt(&mut self, visitor: &Visitor) -> Option<(EventKind, String)> {
        let deliveries = self.world.deliveries(&visitor.group());
        let (outbound, _) = self.rng.choice(deliveries.iter().rev().take(5))?;
        let status = match self.rng.u32(0..8) {
            0 => DeliveryStatus::Sent,
            1 => DeliveryStatus::Failed { reason: "unknown subscriber".to_owned() },
            2..5 => DeliveryStatus::Delivered,
            _ => DeliveryStatus::Read,
        };
        let (delivery, seq) = (outbound.id.clone(), outbound.last_seq());
        let key = format!("provider's {delivery}");
        Some((EventKind::Receipt { delivery, seq, status }, key))
    }
}
