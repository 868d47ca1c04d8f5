//! One conversation's history: what happens next, three writers who decide it, and the table that takes one of them.

mod invariants;

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ActionId, ActionNews, ActionResult, AgentAction, AgentId, Alarm, Capabilities, ChannelId, Content, Context,
    Conversation, CustomerId, Decision, DedupId, DeliveryId, DeliveryStatus, EventKind, Identity, InboundEvent,
    MediaNews, Message, MessageId, Policy, Proof, Transport, UnixMillis, decide,
};
use fastrand::Rng;

use crate::bot::Bot;

/// Seconds that a schedule may be late, and what a busy queue adds.
const LATE: i64 = 60;

pub(crate) struct History {
    rng: Rng,
    now: UnixMillis,
    policy: Policy,
    capabilities: Capabilities,
    head: Option<Conversation>,
    pub(crate) turns: BTreeMap<DedupId, u64>,
    alarms: BTreeSet<(UnixMillis, u64)>,
    /// Alarms that went off and are being decided.
    ringing: BTreeSet<(UnixMillis, u64)>,
    sent: Vec<InboundEvent>,
    pub(crate) events: u64,
    seq: u64,
    pub(crate) closed: BTreeMap<String, u32>,
    /// Times of calls, on a channel that counts.
    calls: Vec<UnixMillis>,
    /// How often nothing went out because nothing was left.
    pub(crate) withheld: usize,
    /// When the last message was accepted that has had its turn.
    granted: Option<UnixMillis>,
    ids: u64,
}

/// What each message grants on a channel that counts: little, so that it is spent often.
const GRANT: (u32, u32) = (2, 48 * 60 * 60);

fn identity() -> Identity {
    Identity { channel: ChannelId::Web, account: "shop".into(), user: "vis_1".into() }
}

impl History {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut some = |least: u32, most: u32| rng.bool().then(|| rng.u32(least..most));
        let policy = Policy {
            wrap_up_seconds: some(1, 300),
            reminder_seconds: some(60, 2000),
            idle_close_seconds: some(60, 9000),
            renew_seconds: some(600, 90_000),
            survey_seconds: some(0, 600),
            messages_per_minute: 5,
            ..Policy::default()
        };
        let counted = rng.u32(0..3) == 0;
        let capabilities = Capabilities {
            transport: Transport::Web,
            max_text_chars: 4000,
            max_quick_replies: if rng.bool() { 13 } else { 0 },
            max_buttons: 5,
            cards: true,
            files: true,
            echoes: rng.bool() && !counted,
            idempotent: true,
            reply_window_seconds: rng.bool().then_some(3600).filter(|_| !counted),
            counted,
            ..Capabilities::PLAIN
        };
        Self {
            rng,
            now: UnixMillis(1_800_000_000_000),
            policy,
            capabilities,
            head: None,
            turns: BTreeMap::new(),
            alarms: BTreeSet::new(),
            ringing: BTreeSet::new(),
            sent: vec![],
            events: 0,
            seq: 0,
            closed: BTreeMap::new(),
            calls: vec![],
            withheld: 0,
            granted: None,
            ids: 0,
        }
    }

    fn event(&mut self, kind: EventKind) -> InboundEvent {
        self.ids += 1;
        let event = match kind {
            EventKind::Timer { alarm } => InboundEvent::timer(identity(), alarm),
            kind => InboundEvent::new(identity(), &self.ids.to_string(), self.now, None, kind),
        };
        let counts = self.capabilities.counted && matches!(event.kind, EventKind::Message { .. });
        let event = if counts { event.granting(GRANT.0, GRANT.1) } else { event };
        self.sent.push(event.clone());
        event
    }

    fn kind(&mut self) -> EventKind {
        let text = |text: &str| Content::Text { text: text.into() };
        let conversation = self.head.as_ref().map(|head| head.id.clone());
        match (self.rng.u32(0..100), conversation) {
            (0..40, _) | (_, None) => {
                let content = match self.rng.u32(0..10) {
                    0 => text("person"),
                    1 => text("人工"),
                    2 => text("what"),
                    3 => Content::Postback { payload: "survey:3".into(), title: "★★★".into() },
                    4 => text("4"),
                    5 => text("2."),
                    6 => text("One"),
                    9 => text("return"),
                    _ => text("question"),
                };
                EventKind::Message { content }
            }
            (40..80, Some(conversation)) => {
                let agent = |rng: &mut Rng| AgentId::derive(&[&[rng.u8(0..2)]]);
                let action = match self.rng.u32(0..16) {
                    0..4 => AgentAction::Accept,
                    4..9 => AgentAction::Reply { content: text("reply") },
                    9 => AgentAction::Note { text: "note".into() },
                    10 => AgentAction::Renew,
                    11 => AgentAction::Transfer { to: self.rng.bool().then(|| agent(&mut self.rng)) },
                    12 => AgentAction::HandBack,
                    _ => AgentAction::Close,
                };
                EventKind::Agent { agent: agent(&mut self.rng), conversation, action }
            }
            (80..82, _) => EventKind::AnsweredElsewhere { content: text("from the other inbox") },
            (82..85, _) => {
                let until = UnixMillis(self.now.0 - self.rng.i64(-1_000..60_000));
                EventKind::Seen { until, read: self.rng.bool() }
            }
            (85..90, _) => {
                let status = match self.rng.u32(0..5) {
                    0 => DeliveryStatus::MaybeSent,
                    1 => DeliveryStatus::Sent,
                    2 => DeliveryStatus::Failed { reason: "blocked".into() },
                    3 => DeliveryStatus::Delivered,
                    _ => DeliveryStatus::Read,
                };
                EventKind::Receipt {
                    delivery: DeliveryId::derive(&[b"d"]),
                    seq: self.rng.u64(1..=self.seq.max(1)),
                    status,
                }
            }
            (90..92, _) => {
                let waited = self.head.as_ref().and_then(|head| head.memory.flow.as_ref()?.action.clone());
                let other = ActionId::derive(&[b"another"]);
                let id = waited.filter(|_| self.rng.u8(0..4) > 0).unwrap_or(other);
                EventKind::ActionDone(ActionNews { id, result: ActionResult::Failed })
            }
            (92..94, _) => {
                let transcript = self.rng.bool().then(|| "question".to_owned());
                EventKind::MediaReady(MediaNews::of(MessageId::derive(&[b"m"])).saying(transcript))
            }
            (94..97, _) => {
                let customer = |rng: &mut Rng| CustomerId::derive(&[&[rng.u8(0..3)]]);
                let proof = match self.rng.u8(0..6) {
                    0 => Proof::Agent { agent: AgentId::derive(&[b"a"]) },
                    1..3 => Proof::SignedIdentity,
                    _ => Proof::VerifiedEmail,
                };
                let address = self.rng.bool().then(|| customer(&mut self.rng));
                EventKind::IdentityLinked { customer: customer(&mut self.rng), proof, address }
            }
            (97..99, _) => EventKind::IdentitySeparated { agent: AgentId::derive(&[b"a"]) },
            _ if self.rng.u32(0..50) == 0 => EventKind::Forget,
            _ => EventKind::Timer { alarm: Alarm { at: self.now, turn: self.rng.u64(0..9) } },
        }
    }

    /// The next thing that happens: an alarm that is due, something old again, or something new.
    fn happens(&mut self, first: bool) -> InboundEvent {
        let pass = match self.rng.u32(0..20) {
            _ if !first => 0,
            0 => self.rng.i64(0..4_000_000),
            1 => self.rng.i64(0..100_000_000) / 20,
            _ => self.rng.i64(0..20_000),
        };
        let soonest = self.alarms.first().copied();
        let until = UnixMillis(self.now.0 + pass);
        if let Some((at, turn)) = soonest.filter(|(at, _)| *at <= until) {
            self.alarms.remove(&(at, turn));
            self.ringing.insert((at, turn));
            // Up to a minute late, now and then early.
            let late = if self.rng.u32(0..20) == 0 { -5 } else { self.rng.i64(0..LATE) };
            self.now = self.now.max(at.plus_seconds(late));
            return self.event(EventKind::Timer { alarm: Alarm { at, turn } });
        }
        self.now = until;
        if self.rng.u32(0..12) == 0 && !self.sent.is_empty() {
            let at = self.rng.usize(0..self.sent.len());
            return self.sent.get(at).cloned().unwrap();
        }
        let kind = self.kind();
        self.event(kind)
    }

    /// Three writers decide, each what it was handed, on the head as it read it; one commits, the others decide anew.
    pub(crate) fn round(&mut self) {
        let read = self.head.clone();
        self.ringing.clear();
        let events: Vec<InboundEvent> = (0..self.rng.usize(1..=3)).map(|place| self.happens(place == 0)).collect();
        let mut decided: Vec<(InboundEvent, Option<Decision>)> = events
            .into_iter()
            .map(|event| {
                let decision = self.decide(read.as_ref(), &event);
                (event, decision)
            })
            .collect();
        self.rng.shuffle(&mut decided);
        for (event, decision) in decided {
            self.events += 1;
            if !self.commit(&event, decision) {
                let decision = self.decide(self.head.clone().as_ref(), &event);
                assert!(self.commit(&event, decision), "nobody else writes now");
            }
        }
    }

    fn decide(&self, head: Option<&Conversation>, event: &InboundEvent) -> Option<Decision> {
        let context = Context {
            now: self.now,
            bot: &Bot,
            capabilities: &self.capabilities,
            calls: &<[Message]>::len,
            policy: &self.policy,
            proven: None,
        };
        decide(head, event, &context)
    }

    /// As the table commits: the turn new, the version next. Whether the writer is done.
    fn commit(&mut self, event: &InboundEvent, decision: Option<Decision>) -> bool {
        let Some(decision) = decision else { return true };
        if self.turns.contains_key(&decision.turn.id) {
            return true;
        }
        let version = self.head.as_ref().map_or(0, |head| head.version);
        if decision.head.version != version + 1 {
            return false;
        }
        self.check_link(event, &decision.head);
        self.check(&decision);
        self.check_silence(event, &decision);
        self.check_count(event, &decision);
        self.turns.insert(decision.turn.id.clone(), decision.turn.number);
        if let Some(order) = decision.turn.alarm {
            order.cancel.map(|alarm| self.alarms.remove(&(alarm.at, alarm.turn)));
            order.set.map(|alarm| self.alarms.insert((alarm.at, alarm.turn)));
        }
        self.head = Some(decision.head);
        true
    }
}
