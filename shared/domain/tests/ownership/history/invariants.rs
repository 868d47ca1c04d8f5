//! What must hold after every commit.

use domain::{Author, Change, Conversation, Decision, EventKind, InboundEvent, Owner, Proof, Refusal};

use super::{GRANT, History, LATE, identity};

impl History {
    /// Once an identity is somebody's, it becomes another's by hand, or by the very address by which alone it was known.
    pub(super) fn check_link(&self, event: &InboundEvent, head: &Conversation) {
        let Some(old) = self.head.as_ref().and_then(|head| head.link.as_ref()) else { return };
        if head.link.as_ref() == Some(old) {
            return;
        }
        let may = match &event.kind {
            EventKind::Forget
            | EventKind::IdentitySeparated { .. }
            | EventKind::IdentityLinked { proof: Proof::Agent { .. }, .. } => true,
            EventKind::IdentityLinked { proof: Proof::VerifiedEmail, address, .. } => {
                !old.separated && address.as_ref() == Some(&old.customer)
            }
            _ => false,
        };
        assert!(may, "{:?} makes {:?} of {old:?}", event.kind, head.link);
    }

    pub(super) fn check(&mut self, decision: &Decision) {
        let (head, turn) = (&decision.head, &decision.turn);
        let before = self.head.as_ref().map(|head| head.owner.clone());
        for message in &turn.messages {
            assert_eq!(message.seq, self.seq + 1, "seq is gapless");
            self.seq = message.seq;
        }
        assert_eq!((head.seq, head.version), (self.seq, turn.number));

        let agent_spoke = turn.messages.iter().any(|message| message.author == Author::Agent);
        assert!(!agent_spoke || matches!(head.owner, Owner::Human { .. }), "an agent spoke without having it");

        if let Owner::Queued { deadline, .. } = head.owner {
            let deadline = deadline.expect("a deadline");
            assert!(self.now <= deadline.plus_seconds(LATE), "queued past its deadline");
        }
        if let (Some(deadline), Some(alarm)) = (head.deadline, head.alarm) {
            let key = (alarm.at, alarm.turn);
            let set = self.alarms.contains(&key) || self.ringing.contains(&key) || turn.alarm.is_some();
            assert!(set && alarm.at <= deadline.at, "no alarm before {deadline:?}: {alarm:?}");
        }
        assert!(head.deadline.is_none() || head.alarm.is_some(), "due and no alarm");

        let handed_over = turn.changes.iter().filter(|change| matches!(change, Change::Accepted { .. })).count();
        assert!(handed_over <= 1, "one owner");
        for change in &turn.changes {
            if let Change::Closed { conversation, .. } = change {
                let times = self.closed.entry(conversation.to_string()).or_default();
                *times += 1;
                assert_eq!(*times, 1, "closed twice");
            }
            assert!(!matches!(change, Change::Rated { .. }) || matches!(before, Some(Owner::Closed { .. })));
        }
        let stored: Conversation = serde_json::from_str(&serde_json::to_string(head).unwrap()).unwrap();
        assert_eq!(stored, *head, "what is stored is what was decided");
        assert!(serde_json::to_string(head).unwrap().len() <= 1024, "a head is at most 1 KB");
    }

    /// The bot is silent while a person has it, also one who writes elsewhere.
    pub(super) fn check_silence(&self, event: &InboundEvent, decision: &Decision) {
        let turn = &decision.turn;
        let spoke = |author: Author| turn.messages.iter().filter(|message| message.author == author).count();
        let had = self.head.as_ref().is_some_and(|head| matches!(head.owner, Owner::Human { .. }));
        let ended = turn.changes.iter().any(|change| {
            matches!(change, Change::LeaseEnded { .. } | Change::HandedBack { .. } | Change::Closed { .. })
        });
        assert!(!had || ended || spoke(Author::Bot) == 0, "the bot spoke while a person had it");
        let has = matches!(decision.head.owner, Owner::Human { .. } | Owner::WrapUp { .. });
        assert!(!has || spoke(Author::Bot) == 0, "the bot spoke and a person has it");
        if let EventKind::AnsweredElsewhere { .. } = event.kind {
            assert_eq!((turn.messages.len(), spoke(Author::Agent), turn.outbox.len()), (1, 1, 0), "said already");
            assert!(matches!(decision.head.owner, Owner::Human { .. }) && decision.head.waiting_since.is_none());
        }
        if let EventKind::Seen { .. } = event.kind {
            assert!(decision.head.marks.delivered <= decision.head.seq, "seen before it was said");
        }
        if let Some(offer) = &decision.head.offer {
            assert!(offer.seq <= decision.head.seq && self.capabilities.max_quick_replies < offer.choices.len());
        }
    }

    /// Never more than was granted, whoever was first; and whoever wrote last has the last one.
    pub(super) fn check_count(&mut self, event: &InboundEvent, decision: &Decision) {
        if !self.capabilities.counted {
            assert!(decision.head.allowances.is_empty());
            return;
        }
        if event.grant.is_some() {
            self.granted = self.granted.max(Some(event.at));
        }
        for outbound in decision.turn.outbound(&identity()) {
            self.calls.extend(outbound.messages.iter().map(|_| self.now));
            let granted = self.granted.expect("a message went out and none had come");
            let since = self.calls.iter().filter(|call| **call >= granted).count();
            assert!(since <= GRANT.0 as usize, "{since} calls since the last message");
            assert!(outbound.expires.is_some_and(|expires| expires > self.now), "it can still go");
            let person = outbound.messages.iter().any(|message| message.author == Author::Agent);
            assert!(person || since < GRANT.0 as usize, "the last one is a person's");
        }
        let refused = |change: &Change| {
            matches!(change, Change::Withheld { .. } | Change::Refused { reason: Refusal::NoAllowance, .. })
        };
        self.withheld += decision.turn.changes.iter().filter(|change| refused(change)).count();
    }
}
