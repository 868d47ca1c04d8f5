//! Holds a written dialogue with the bot, as a deployed system would: every turn goes through [`domain::decide()`].

mod told;

use std::collections::BTreeMap;

use domain::{
    ActionNews, ActionResult, Answers, Author, Capabilities, Change, Content, Context, Conversation, Decision,
    EventKind, FlowState, Identity, InboundEvent, Locale, Message, Outcome, Policy, QuickReply, UnixMillis, decide,
};

use self::told::titles;

use crate::knowledge::{Dialogue, Said};

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
    /// The actions that were called in it.
    called: Vec<String>,
    /// What a person was given of a flow's slots in it.
    handed: Option<BTreeMap<String, String>>,
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
        called: Vec::new(),
        handed: None,
    };
    let mut failures = Vec::new();
    for turn in &dialogue.turns {
        scene.begins();
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
            Said::Acts(result) => {
                if !scene.acts(result) {
                    failures.push(Failure {
                        line: turn.line,
                        expected: "an action to be under way that can end so".to_owned(),
                        got: "none is under way".to_owned(),
                    });
                }
                None
            }
            Said::Nothing => None,
        };
        if let Some(content) = content {
            scene.comes(content, dialogue.locale.clone());
        }
        let unmet = turn.expected.iter().filter_map(|(line, expected)| Some((*line, scene.unmet(expected)?)));
        failures.extend(unmet.map(|(line, (expected, got))| Failure { line, expected, got }));
    }
    failures
}

impl Scene<'_> {
    /// Another turn.
    fn begins(&mut self) {
        (self.said, self.outcome, self.choices) = (Vec::new(), None, Vec::new());
        (self.called, self.handed) = (Vec::new(), None);
    }

    /// The customer's message.
    fn comes(&mut self, content: Content, locale: Option<Locale>) {
        let Stage { identity, capabilities, .. } = self.stage;
        let id = self.next_id();
        let event = InboundEvent::new(identity.clone(), &id, self.now, locale, EventKind::Message { content });
        let event = if capabilities.live { event.on_line("rehearsal") } else { event };
        let (messages, seconds) = GRANTED;
        let event = if capabilities.counted { event.granting(messages, seconds) } else { event };
        self.happens(&event, self.now);
    }

    /// The end of the action that the flow waits for; whether there is one.
    fn acts(&mut self, result: &ActionResult) -> bool {
        let Some(id) = self.flow().and_then(|flow| flow.action.clone()) else { return false };
        let news = ActionNews { id, result: result.clone() };
        let locale = self.head.as_ref().and_then(|head| head.locale.clone());
        let event = InboundEvent::action_done(self.stage.identity.clone(), news, self.now, locale);
        self.happens(&event, self.now);
        true
    }

    fn flow(&self) -> Option<&FlowState> {
        self.head.as_ref()?.memory.flow.as_ref()
    }

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
            self.said.extend(told::words(&message.content));
            let choices = message.content.postbacks();
            if !choices.is_empty() {
                self.offered.clone_from(&choices);
                self.choices.extend(choices);
            }
        }
        for change in turn.changes {
            if let Change::ActionCalled(call) = change {
                self.called.push(call.name);
            } else if let Change::Collected { slots, .. } = change {
                self.handed = Some(slots);
            }
        }
        true
    }
}
