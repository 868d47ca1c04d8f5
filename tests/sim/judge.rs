//! What must be true of each visitor in the end.

use std::collections::{BTreeMap, BTreeSet};

use app::ports::Clock as _;
use domain::{Author, Change, Content, Conversation, DedupId, DeliveryState, Message, Owner, Turn, UnixMillis};
use serde_json::Value;

use crate::belonging;
use crate::facts::Facts;
use crate::stage::{Stage, Way};
use crate::troubles::LATE;
use crate::visitors::Visitor;

pub(crate) struct Judge<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) facts: &'a Facts,
    pub(crate) visitors: &'a [Visitor],
    pub(crate) calm: bool,
    pub(crate) shuffled: bool,
    pub(crate) overtaken: bool,
}

/// One visitor's part of the world.
struct Case<'a> {
    visitor: &'a Visitor,
    heads: Vec<Conversation>,
    turns: Vec<Turn>,
    /// The number of the turn that last made the person forgotten; 0: none did.
    erased: u64,
}

impl Case<'_> {
    /// The turns that nobody erased.
    fn kept(&self) -> impl Iterator<Item = &Turn> {
        self.turns.iter().filter(|turn| turn.number > self.erased)
    }

    fn turn(&self, event: &DedupId) -> Option<&Turn> {
        self.turns.iter().find(|turn| turn.id == *event)
    }

    fn last(&self) -> Option<&Conversation> {
        self.heads.last()
    }
}

fn says(message: &Message, text: &str) -> bool {
    matches!(&message.content, Content::Text { text: said } if said == text)
}

impl Judge<'_> {
    /// The first thing that is not as it must be.
    pub(crate) fn violation(&self, visitor: &Visitor) -> Option<String> {
        let group = visitor.group();
        let heads = self.stage.world.history(&group);
        let mut forgotten = None;
        let mut erased = 0;
        for head in &heads {
            if head.forgotten_at != forgotten {
                (forgotten, erased) = (head.forgotten_at, head.version);
            }
        }
        let case = Case { visitor, turns: self.stage.world.turns(&group), heads, erased };
        let found = Self::numbers(&case)
            .or_else(|| self.messages(&case))
            .or_else(|| Self::ownership(&case))
            .or_else(|| self.queueing(&case))
            .or_else(|| self.deliveries(&case))
            .or_else(|| self.forgetting(&case))
            .or_else(|| belonging::violation(self.stage, visitor, &case.heads, &case.turns, case.erased));
        if visitor.attended { found } else { found.or_else(|| self.strictly(&case)) }
    }

    /// Turns and messages are numbered without gaps; each conversation is closed once.
    fn numbers(case: &Case<'_>) -> Option<String> {
        let numbers: Vec<u64> = case.turns.iter().map(|turn| turn.number).collect();
        let versions: Vec<u64> = case.heads.iter().map(|head| head.version).collect();
        let expected: Vec<u64> = (1..=case.heads.len() as u64).collect();
        if numbers != expected || versions != expected {
            return Some(format!("turns {numbers:?} and heads {versions:?}"));
        }
        let mut seq = 0;
        for (turn, head) in case.turns.iter().zip(&case.heads) {
            for message in &turn.messages {
                if message.seq != seq + 1 {
                    return Some(format!("seq {} follows {seq}", message.seq));
                }
                seq += 1;
            }
            if turn.number <= case.erased {
                seq = head.seq;
            }
            if head.seq != seq {
                return Some(format!("turn {} ends at seq {seq}, its head at {}", turn.number, head.seq));
            }
        }
        let mut closed = BTreeSet::new();
        for change in case.kept().flat_map(|turn| &turn.changes) {
            if let Change::Closed { conversation, .. } = change
                && !closed.insert(conversation)
            {
                return Some(format!("{conversation} was closed twice"));
            }
        }
        let mut before: Option<&Conversation> = None;
        for (head, turn) in case.heads.iter().zip(&case.turns) {
            let was_closed = before.is_some_and(|old| matches!(old.owner, Owner::Closed { .. }));
            let shuts = matches!(head.owner, Owner::Closed { .. }) && !was_closed;
            let said = turn.changes.iter().any(|change| matches!(change, Change::Closed { .. }));
            if shuts && !said && turn.number > case.erased {
                return Some(format!("turn {} closes and does not say so", turn.number));
            }
            before = Some(head);
        }
        None
    }

    /// What the customer and the agents wrote is there once.
    fn messages(&self, case: &Case<'_>) -> Option<String> {
        let forgotten = case.last().and_then(|head| head.forgotten_at);
        for written in self.facts.written.iter().filter(|written| written.visitor == case.visitor.number) {
            match case.turn(&written.event) {
                Some(turn) if turn.number <= case.erased => {}
                Some(turn) if forgotten.is_some_and(|forgotten| written.until <= forgotten) => {
                    return Some(format!("{:?} was of one forgotten and came in turn {}", written.text, turn.number));
                }
                Some(turn) => {
                    let own = turn.messages.iter().filter(|message| message.author == Author::Customer);
                    if own.filter(|message| says(message, &written.text)).count() != 1 {
                        return Some(format!("{:?} is not once in its turn {}", written.text, turn.number));
                    }
                }
                None if forgotten.is_some_and(|forgotten| written.since <= forgotten) => {}
                None => return Some(format!("{:?} is lost", written.text)),
            }
        }
        let mut texts = BTreeMap::<&str, u32>::new();
        let turns = case.kept().flat_map(|turn| &turn.messages).filter(|message| message.author != Author::Bot);
        for message in turns {
            if let Content::Text { text } = &message.content
                && text.ends_with('.')
                && message.author != Author::System
            {
                *texts.entry(text).or_default() += 1;
            }
        }
        if let Some((text, count)) = texts.iter().find(|(_, count)| **count > 1) {
            return Some(format!("{text:?} is there {count} times"));
        }
        let replies = self.facts.acted.iter().filter(|acted| acted.reply && acted.visitor == case.visitor.number);
        for acted in replies {
            let Some(turn) = case.turn(&acted.event).filter(|turn| turn.number > case.erased) else {
                let gone = case.erased > 0 || case.heads.is_empty();
                if gone {
                    continue;
                }
                return Some(format!("{:?} was neither taken nor refused", acted.text));
            };
            let said = turn.messages.iter().filter(|message| message.author == Author::Agent).count();
            let refused = turn.changes.iter().filter(|change| matches!(change, Change::Refused { .. })).count();
            if said + refused != 1 {
                return Some(format!("{:?}: {said} times said, {refused} times refused", acted.text));
            }
        }
        None
    }

    /// The bot is silent while a person has the conversation, and one person has it at a time.
    fn ownership(case: &Case<'_>) -> Option<String> {
        let mut before: Option<&Conversation> = None;
        for (turn, head) in case.turns.iter().zip(&case.heads) {
            let number = turn.number;
            let spoke = |author| turn.messages.iter().any(|message| message.author == author);
            let changed = |kind: fn(&Change) -> bool| turn.changes.iter().any(kind);
            let left = changed(|change| matches!(change, Change::LeaseEnded { .. } | Change::Closed { .. }));
            let had = before.and_then(|head| match &head.owner {
                Owner::Human { agent, .. } => Some(agent),
                Owner::Bot | Owner::Queued { .. } | Owner::WrapUp { .. } | Owner::Closed { .. } => None,
            });
            if number > case.erased {
                if spoke(Author::Bot) && had.is_some() && !left {
                    return Some(format!("in turn {number} the bot spoke while {had:?} had it"));
                }
                if spoke(Author::Bot) && !matches!(head.owner, Owner::Bot | Owner::Queued { .. }) {
                    return Some(format!("in turn {number} the bot spoke and {:?} has it", head.owner));
                }
                if spoke(Author::Agent) && !matches!(head.owner, Owner::Human { .. }) {
                    return Some(format!("in turn {number} an agent spoke without having it"));
                }
                if let (Some(had), Owner::Human { agent, .. }) = (had, &head.owner)
                    && had != agent
                    && !left
                {
                    return Some(format!("turn {number} takes it from {had} and gives it to {agent}"));
                }
                let marks = before.map(|head| &head.marks);
                if let Some(old) = marks {
                    let new = &head.marks;
                    let stale = |then: u64, now: u64| now > then && now <= old.delivered;
                    if stale(old.failed, new.failed) || stale(old.maybe_sent, new.maybe_sent) || new.read < old.read {
                        return Some(format!("turn {number} makes {new:?} of {old:?}"));
                    }
                }
                let with_bot = before.is_none_or(|head| head.owner == Owner::Bot) && head.owner == Owner::Bot;
                if with_bot && turn.changes.is_empty() && turn.alarm.is_some() {
                    return Some(format!("turn {number} of the bot orders {:?}", turn.alarm));
                }
            }
            before = Some(head);
        }
        None
    }

    /// Nobody waits in the queue past the deadline.
    fn queueing(&self, case: &Case<'_>) -> Option<String> {
        // Nothing breaks: then a timer waits no longer than a message did.
        let allowed = LATE + if self.calm { self.longest_wait() + 5 } else { 15 * 60 };
        for (place, head) in case.heads.iter().enumerate() {
            let Owner::Queued { deadline, .. } = head.owner else { continue };
            let ends = case.heads.get(place + 1).map_or(self.stage.world.now(), |next| next.updated_at);
            let latest = deadline.unwrap_or(UnixMillis(0)).plus_seconds(allowed);
            if ends > latest {
                let late = (ends.0 - latest.0) / 1000 + allowed;
                return Some(format!("queued in turn {} until {late} s past the deadline", head.version));
            }
        }
        match case.last().map(|head| (&head.owner, head.deadline)) {
            Some((Owner::Queued { .. }, _)) => Some("left in the queue".to_owned()),
            Some((_, Some(deadline))) => Some(format!("left before {deadline:?}")),
            Some((_, None)) | None => None,
        }
    }

    /// Seconds that a customer's message waited at most until it was decided.
    fn longest_wait(&self) -> i64 {
        let turns = self.visitors.iter().flat_map(|visitor| self.stage.world.turns(&visitor.group()));
        let waits = turns.flat_map(|turn| {
            let own = turn.messages.into_iter().filter(|message| message.author == Author::Customer);
            own.map(move |message| (turn.at.0 - message.at.0) / 1000)
        });
        waits.max().unwrap_or_default()
    }

    /// Every delivery that is owed was settled, the customer was shown it, and the conversation knows how it went.
    fn deliveries(&self, case: &Case<'_>) -> Option<String> {
        let (group, identity) = (case.visitor.group(), case.visitor.identity());
        let marks = case.last().map(|head| head.marks.clone()).unwrap_or_default();
        let states: BTreeMap<_, DeliveryState> =
            self.stage.world.deliveries(&group).into_iter().map(|(outbound, state)| (outbound.id, state)).collect();
        let shown = self.shown(&group);
        for outbound in case.kept().flat_map(|turn| turn.outbound(&identity)) {
            let seq = outbound.last_seq();
            let state = states.get(&outbound.id).copied();
            let known = match state {
                Some(DeliveryState::Sent | DeliveryState::Answered) => true,
                Some(DeliveryState::Failed) => marks.failed.max(marks.delivered) >= seq,
                Some(DeliveryState::MaybeSent) => marks.maybe_sent.max(marks.delivered) >= seq,
                Some(DeliveryState::Claimed) | None => return Some(format!("the delivery of {seq} is {state:?}")),
            };
            if !known {
                return Some(format!("the delivery of {seq} is {state:?} and the conversation knows {marks:?}"));
            }
            for message in &outbound.messages {
                let count = shown.iter().filter(|shown| **shown == message.seq).count();
                let right = match (self.stage.way, state) {
                    (Way::Web, _) => count >= 1,
                    (_, Some(DeliveryState::Sent)) => count == 1,
                    (Way::Keyed, _) => count <= 1,
                    (_, _) => count <= 2,
                };
                if !right {
                    return Some(format!("message {} is {state:?} and was shown {count} times", message.seq));
                }
            }
        }
        // A sender that was at it when the person was forgotten may end later; and a function that was overtaken may send
        // a notice whose time has come ahead of what an elder turn still owes.
        let said = case.kept().flat_map(|turn| &turn.messages);
        let said = said.filter(|message| !self.overtaken || message.author != Author::System);
        let said: BTreeSet<u64> = said.map(|message| message.seq).collect();
        let mut seen = BTreeSet::new();
        let firsts: Vec<u64> = shown.into_iter().filter(|seq| said.contains(seq) && seen.insert(*seq)).collect();
        let misplaced = firsts.windows(2).find(|pair| pair[0] > pair[1]).filter(|_| !self.shuffled);
        misplaced.map(|pair| format!("message {} was shown before {}", pair[0], pair[1]))
    }

    /// The seqs of what the customer was shown, in order.
    fn shown(&self, group: &domain::GroupId) -> Vec<u64> {
        if self.stage.way != Way::Web {
            return self.stage.provider.shown_to(group).into_iter().map(|parcel| parcel.seq).collect();
        }
        let frames = self.stage.world.pushed_to_group(group);
        let frames = frames.iter().filter_map(|frame| serde_json::from_str::<Value>(frame).ok());
        frames.filter_map(|frame| frame.get("seq")?.as_u64()).collect()
    }

    /// Of a person who was forgotten nothing is left that was said before, wherever one looks.
    fn forgetting(&self, case: &Case<'_>) -> Option<String> {
        let number = case.visitor.number;
        let wanted = self.facts.forgotten.get(&number).is_some_and(|times| !times.is_empty());
        if wanted && case.erased == 0 && !case.heads.is_empty() {
            let first = case.heads.first().map(|head| head.updated_at);
            let after = self.facts.forgotten.get(&number).is_some_and(|times| times.iter().any(|at| Some(*at) > first));
            return after.then(|| "not forgotten".to_owned());
        }
        if case.erased == 0 {
            return None;
        }
        let full = case.turns.iter().find(|turn| {
            // What is left of the turn that forgot them says that it did.
            let bare = turn.changes.is_empty() || turn.number == case.erased;
            turn.number <= case.erased && !(turn.messages.is_empty() && bare && turn.outbox.is_empty())
        });
        if let Some(turn) = full {
            return Some(format!("turn {} is left of one forgotten in turn {}", turn.number, case.erased));
        }
        let kept = self.stage.world.kept(&case.visitor.group());
        let before = |event: &DedupId| case.turn(event).is_none_or(|turn| turn.number <= case.erased);
        let written = self.facts.written.iter().filter(|written| written.visitor == number);
        let written = written.map(|written| (&written.event, Some(&written.text)));
        let acted = self.facts.acted.iter().filter(|acted| acted.visitor == number);
        let mut texts = written.chain(acted.map(|acted| (&acted.event, acted.text.as_ref())));
        let left = texts.find(|(event, text)| {
            before(event) && text.is_some_and(|text| text.ends_with('.') && kept.contains(text.as_str()))
        });
        left.map(|(_, text)| format!("{text:?} is left of one forgotten in turn {}", case.erased))
    }

    /// Where nobody else has a hand: each message and its answer, in order, and nothing else.
    fn strictly(&self, case: &Case<'_>) -> Option<String> {
        let visitor = case.visitor;
        let (group, count) = (visitor.group(), u64::from(visitor.messages));
        let mut expected: Vec<Content> = (0..visitor.messages).map(|message| visitor.content(message)).collect();
        for turn in case.turns.iter().filter(|turn| !turn.messages.is_empty()) {
            let [question, answer] = turn.messages.as_slice() else {
                return Some(format!("turn {} holds {:?}", turn.number, turn.messages));
            };
            let place = expected.iter().position(|content| *content == question.content);
            let asked = place.is_some_and(|place| place == 0 || self.shuffled);
            place.map(|place| expected.remove(place));
            if !asked || question.author != Author::Customer || answer.author != Author::Bot {
                return Some(format!("place {} holds {question:?} and {answer:?}", question.seq));
            }
        }
        let told = case.turns.iter().filter(|turn| turn.messages.is_empty()).count() as u64;
        let (seq, version) = case.last().map_or((0, 0), |head| (head.seq, head.version));
        if !expected.is_empty() || (seq, version) != (2 * count, count + told) {
            return Some(format!("seq {seq}, version {version}, {told} receipts after {count} messages"));
        }
        let mine: Vec<u64> = match self.stage.way {
            Way::Web => (1..=2 * count).collect(),
            Way::Keyed | Way::Bare | Way::Hurried | Way::Waiting | Way::Phone => {
                (1..=count).map(|number| 2 * number).collect()
            }
        };
        let delivered: Vec<u64> = self.stage.world.delivered(&group).iter().map(|message| message.seq).collect();
        if delivered != mine {
            return Some(format!("{count} messages and their answers were delivered as {delivered:?}"));
        }
        let asked = self.stage.world.alarms_asked(&group);
        (asked > 0).then(|| format!("{asked} alarms for the bot's turns"))
    }
}
