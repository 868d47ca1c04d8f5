//! Holds a written dialogue with the bot, as a deployed system would: every turn goes through [`domain::decide()`].

use domain::{
    Answers, Author, Capabilities, Content, Context, Conversation, Decision, EventKind, Identity, InboundEvent,
    Message, Outcome, Owner, Policy, QuickReply, UnixMillis, decide,
};

use crate::knowledge::{Dialogue, Expectation, Said};

/// Where a dialogue is held.
#[derive(Clone, Copy)]
pub struct Stage<'a> {
    /// The customer there.
    pub identity: &'a Identity,
    /// What the channel can do.
    pub capabilities: &'a Capabilities,
    /// How many of the channel's own messages a delivery becomes.
    pub calls: &'a dyn Fn(&[Message]) -> usize,
    /// The bot.
    pub bot: &'a dyn Answers,
    /// The company's rules.
    pub policy: &'a Policy,
}

/// What went otherwise than expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The line of the expectation.
    pub line: u32,
    /// What was expected.
    pub expected: String,
    /// What happened.
    pub got: String,
}

/// How many alarms may go off on end: more is no dialogue, but a loop.
const MOST_ALARMS: usize = 100;

/// What the customer's message lets the company send, on channels that count: more than a dialogue takes.
const GRANTED: (u32, u32) = (1000, 7 * 24 * 60 * 60);

/// A conversation under way.
struct Scene<'a> {
    stage: Stage<'a>,
    head: Option<Conversation>,
    now: UnixMillis,
    events: u32,
    /// The choices that were offered last.
    offered: Vec<QuickReply>,
    /// What was said in the turn under way, its answer's kind, and the choices in it.
    said: Vec<String>,
    outcome: Option<Outcome>,
    choices: Vec<QuickReply>,
}

/// Holds a dialogue to its end, and tells what went otherwise than expected.
pub fn rehearse(dialogue: &Dialogue, stage: Stage<'_>) -> Vec<Failure> {
    let mut scene = Scene {
        stage,
        head: None,
        now: dialogue.at,
        events: 0,
        offered: Vec::new(),
        said: Vec::new(),
        outcome: None,
        choices: Vec::new(),
    };
    let mut failures = Vec::new();
    for turn in &dialogue.turns {
        (scene.said, scene.outcome, scene.choices) = (Vec::new(), None, Vec::new());
        scene.wait(turn.after_seconds);
        let content = match &turn.said {
            Said::Text(text) => Some(Content::Text { text: text.clone() }),
            Said::Comes => Some(Content::Event { name: "enter".to_owned() }),
            Said::Takes(title) => {
                let choice = scene.offered.iter().find(|choice| choice.title == *title).cloned();
                if choice.is_none() {
                    failures.push(Failure {
                        line: turn.line,
                        expected: format!("the choice “{title}” to be there to take"),
                        got: titles(&scene.offered),
                    });
                }
                choice.map(|QuickReply { title, payload }| Content::Postback { payload, title })
            }
            Said::Nothing => None,
        };
        if let Some(content) = content {
            let locale = dialogue.locale.clone();
            let id = scene.next_id();
            let identity = stage.identity.clone();
            let event = InboundEvent::new(identity, &id, scene.now, locale, EventKind::Message { content });
            let event = if stage.capabilities.live { event.on_line("rehearsal") } else { event };
            let (messages, seconds) = GRANTED;
            let event = if stage.capabilities.counted { event.granting(messages, seconds) } else { event };
            scene.happens(&event, scene.now);
        }
        let unmet = turn.expected.iter().filter_map(|(line, expected)| Some((*line, scene.unmet(expected)?)));
        failures.extend(unmet.map(|(line, (expected, got))| Failure { line, expected, got }));
    }
    failures
}

impl Scene<'_> {
    fn next_id(&mut self) -> String {
        self.events += 1;
        self.events.to_string()
    }

    /// Lets time pass: what falls due in it happens at its moment.
    fn wait(&mut self, seconds: u32) {
        let until = self.now.plus_seconds(i64::from(seconds));
        for _ in 0..MOST_ALARMS {
            let Some(alarm) = self.head.as_ref().and_then(|head| head.alarm).filter(|alarm| alarm.at <= until) else {
                break;
            };
            let event = InboundEvent::timer(self.stage.identity.clone(), alarm);
            if !self.happens(&event, alarm.at.max(self.now)) {
                break;
            }
        }
        self.now = until;
    }

    /// Whether the event changed anything.
    fn happens(&mut self, event: &InboundEvent, now: UnixMillis) -> bool {
        let Stage { bot, capabilities, calls, policy, .. } = self.stage;
        let context = Context { now, bot, capabilities, calls, policy, proven: None };
        let Some(Decision { head, turn, outcome }) = decide(self.head.as_ref(), event, &context) else { return false };
        self.now = self.now.max(now);
        self.head = Some(head);
        self.outcome = outcome.or(self.outcome.take());
        for message in turn.messages.iter().filter(|message| matches!(message.author, Author::Bot | Author::System)) {
            self.said.extend(words(&message.content));
            let choices = message.content.postbacks();
            if !choices.is_empty() {
                self.offered.clone_from(&choices);
                self.choices.extend(choices);
            }
        }
        true
    }

    /// What was expected and what is, if that is not the same.
    fn unmet(&self, expected: &Expectation) -> Option<(String, String)> {
        let said = || if self.said.is_empty() { "nothing was said".to_owned() } else { self.said.join(" / ") };
        let (met, wanted, got) = match expected {
            Expectation::Entry(id) => {
                let met = matches!(&self.outcome, Some(Outcome::Answered { entry }) if entry == id);
                (met, format!("entry `{id}`"), outcome(self.outcome.as_ref()))
            }
            Expectation::Outcome(name) => {
                (kind(self.outcome.as_ref()) == *name, format!("outcome `{name}`"), outcome(self.outcome.as_ref()))
            }
            Expectation::Says(part) => {
                (self.said.iter().any(|text| text.contains(part)), format!("“{part}” to be said"), said())
            }
            Expectation::SaysNot(part) => {
                (!self.said.iter().any(|text| text.contains(part)), format!("“{part}” not to be said"), said())
            }
            Expectation::Offers(title) => {
                let met = self.choices.iter().any(|choice| choice.title == *title);
                (met, format!("the choice “{title}”"), titles(&self.choices))
            }
            Expectation::State(name) => {
                let state = state(self.head.as_ref());
                (state == *name, format!("state `{name}`"), format!("state `{state}`"))
            }
        };
        (!met).then_some((wanted, got))
    }
}

/// What a customer reads of a content.
fn words(content: &Content) -> Vec<String> {
    match content {
        Content::Text { text } | Content::QuickReplies { text, .. } | Content::Buttons { text, .. } => {
            vec![text.clone()]
        }
        Content::Card { title, text, .. } => [Some(title), text.as_ref()].into_iter().flatten().cloned().collect(),
        Content::Image(_)
        | Content::Audio(_)
        | Content::Video(_)
        | Content::File(_)
        | Content::Location { .. }
        | Content::Postback { .. }
        | Content::Event { .. } => Vec::new(),
    }
}

fn titles(choices: &[QuickReply]) -> String {
    if choices.is_empty() {
        return "no choices".to_owned();
    }
    let titles: Vec<_> = choices.iter().map(|choice| format!("“{}”", choice.title)).collect();
    format!("the choices {}", titles.join(", "))
}

fn kind(outcome: Option<&Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Answered { .. }) => "answered",
        Some(Outcome::Greeted) => "greeted",
        Some(Outcome::Guided { .. }) => "guided",
        Some(Outcome::Asked) => "asked",
        Some(Outcome::Refused) => "refused",
        Some(Outcome::Unknown) => "unknown",
        Some(Outcome::Handoff) => "handoff",
        Some(Outcome::Unsupported) => "unsupported",
        None => "none",
    }
}

fn outcome(outcome: Option<&Outcome>) -> String {
    match outcome {
        Some(Outcome::Answered { entry }) => format!("entry `{entry}`"),
        other => format!("outcome `{}`", kind(other)),
    }
}

fn state(head: Option<&Conversation>) -> &'static str {
    match head.map(|head| &head.owner) {
        None | Some(Owner::Bot) => "bot",
        Some(Owner::Queued { .. }) => "queued",
        Some(Owner::Human { .. }) => "human",
        Some(Owner::WrapUp { .. }) => "wrap_up",
        Some(Owner::Closed { .. }) => "closed",
    }
}
