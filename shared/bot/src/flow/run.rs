//! A flow's turn, from what is asked to what is answered.

use std::collections::BTreeMap;

use domain::{Answer, Ask, Asked, Content, FlowState, Memory, Outcome, Personal, QuickReply};

use super::state::{Waiting, waiting};
use super::{FLOW_PAYLOAD, Flow, Kind, hours};
use crate::text::{self, Language};

/// What a flow's turn may know besides what is asked.
pub struct Guide<'a> {
    /// The flows.
    pub flows: &'a [Flow],
    /// The languages of the knowledge.
    pub languages: &'a [Language],
    /// What is covered where slots are shown and kept.
    pub masks: &'a [Personal],
    /// Whether a text holds words that are answered before any flow.
    pub sensitive: &'a dyn Fn(&str) -> bool,
    /// Whether a person of the company is there.
    pub people: bool,
    /// What the knowledge answers to the customer's message.
    pub faq: &'a dyn Fn() -> Answer,
}

impl Guide<'_> {
    /// Answers from the flow under way or the one that is started, and else from the knowledge.
    pub fn answer(&self, ask: &Ask<'_>) -> Answer {
        let under_way = ask.memory.flow.as_ref().and_then(|state| {
            let flow = self.flows.iter().find(|flow| flow.id == state.flow)?;
            Some((flow, state.clone(), waiting(flow, state)?))
        });
        let Some((flow, state, waits)) = under_way else { return self.begun(ask) };
        let run =
            Run { guide: self, flow, ask, language: spoken(self.languages, ask), state, said: vec![], replies: vec![] };
        match ask.asked {
            Asked::Action(news) => match waits {
                Waiting::Action(step) => run.acted(step, &news.result),
                Waiting::Slot(..) | Waiting::Confirm(_) | Waiting::Change(_) => unheard(ask),
            },
            Asked::Content(content) => run.heard(content, &waits),
        }
    }

    fn begun(&self, ask: &Ask<'_>) -> Answer {
        let Asked::Content(content) = ask.asked else { return unheard(ask) };
        let tapped = payload(content).and_then(|payload| payload.strip_prefix(FLOW_PAYLOAD));
        if let Some(flow) = tapped.and_then(|id| self.flows.iter().find(|flow| flow.id == id)) {
            let language = ask.locale.and_then(|locale| Language::from_locale(locale.as_str()));
            let language = language.filter(|language| self.languages.contains(language));
            return self.started(flow, ask, language.unwrap_or_else(|| spoken(self.languages, ask)), "");
        }
        let mut found = (self.faq)();
        if let Some(flow) = self.named(&found.outcome) {
            let language = found.locale.as_ref().and_then(|locale| Language::from_locale(locale.as_str()));
            let language = language.unwrap_or_else(|| spoken(self.languages, ask));
            return self.started(flow, ask, language, words_of(content).unwrap_or_default());
        }
        found.memory.flow = None;
        found
    }

    /// The flow that the knowledge found.
    pub(super) fn named(&self, outcome: &Outcome) -> Option<&Flow> {
        let Outcome::Answered { entry } = outcome else { return None };
        let id = entry.strip_prefix(FLOW_PAYLOAD)?;
        self.flows.iter().find(|flow| flow.id == id)
    }

    /// A flow from its first step, with what the first message says already.
    pub(super) fn started(&self, flow: &Flow, ask: &Ask<'_>, language: Language, text: &str) -> Answer {
        let state = FlowState {
            flow: flow.id.clone(),
            step: String::new(),
            slots: BTreeMap::new(),
            misses: 0,
            action: None,
            passed: vec![],
        };
        let mut run = Run { guide: self, flow, ask, language, state, said: vec![], replies: vec![] };
        for slot in flow.slots.iter().filter(|slot| slot.kind.is_strict()) {
            if let Some(value) = run.taken(&slot.kind, text) {
                run.state.slots.insert(slot.id.clone(), value);
            }
        }
        run.advance(flow.steps.first())
    }
}

/// Nothing to say, and nothing forgotten.
pub(super) fn unheard(ask: &Ask<'_>) -> Answer {
    let memory = ask.memory.clone();
    Answer {
        contents: vec![],
        locale: None,
        outcome: Outcome::Unsupported,
        memory,
        action: None,
        model: None,
        open: vec![],
    }
}

/// The language of a flow's words. An order's number, a name or an address says nothing of it.
pub(super) fn spoken(languages: &[Language], ask: &Ask<'_>) -> Language {
    let words = if let Asked::Content(Content::Text { text }) = ask.asked { text.as_str() } else { "" };
    let known = ask.locale.and_then(|locale| Language::from_locale(locale.as_str()));
    let enough = |found: &Language| known.is_none_or(|known| known == *found || text::is_said_in(words, *found));
    let found = text::detect(words).filter(enough).or(known).filter(|language| languages.contains(language));
    found.or_else(|| languages.first().copied()).unwrap_or(Language::En)
}

pub(super) fn payload(content: &Content) -> Option<&str> {
    if let Content::Postback { payload, .. } = content { Some(payload) } else { None }
}

pub(super) fn words_of(content: &Content) -> Option<&str> {
    if let Content::Text { text } = content { Some(text) } else { None }
}

/// A turn in the making.
pub(super) struct Run<'a> {
    pub(super) guide: &'a Guide<'a>,
    pub(super) flow: &'a Flow,
    pub(super) ask: &'a Ask<'a>,
    pub(super) language: Language,
    pub(super) state: FlowState,
    pub(super) said: Vec<String>,
    pub(super) replies: Vec<QuickReply>,
}

impl Run<'_> {
    pub(super) fn taken(&self, kind: &Kind, text: &str) -> Option<String> {
        kind.take(text, hours::today(self.ask.now, self.flow.offset))
    }

    pub(super) fn memory(&self) -> Memory {
        Memory { flow: Some(self.state.clone()), ..self.ask.memory.clone() }
    }
}
