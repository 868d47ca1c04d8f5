//! A flow's turns.

use domain::{Action, ActionResult, Answer, Ask, Asked, Content, FlowState, Locale, Memory, Outcome, QuickReply};

use super::state::{CHANGE, Waiting, waiting};
use super::words::{self, Say};
use super::{Arm, Condition, Does, FLOW_PAYLOAD, Flow, Kind, Slot, Step, VALUE_BYTES, hours};
use crate::knowledge::Localised;
use crate::text::{self, Language};

/// The start of a payload that answers a flow; what it answers follows, `=` and the answer.
const PAYLOAD: &str = "slot:";
/// More steps without the customer are no flow. The check of the knowledge lets none pass.
const MAX_STEPS: usize = 64;

/// Answers from the flow under way or the one that is started, and else from the knowledge: `faq` says what that answers to
/// the customer's message.
pub fn answer(flows: &[Flow], languages: &[Language], ask: &Ask<'_>, faq: &dyn Fn() -> Answer) -> Answer {
    let under_way = ask.memory.flow.as_ref().and_then(|state| {
        let flow = flows.iter().find(|flow| flow.id == state.flow)?;
        Some((flow, state.clone(), waiting(flow, state)?))
    });
    let Some((flow, state, waits)) = under_way else { return begun(flows, languages, ask, faq) };
    let run = Run { flow, ask, language: spoken(languages, ask), state, said: vec![], replies: vec![] };
    match ask.asked {
        Asked::Action(news) => match waits {
            Waiting::Action(step) => run.acted(step, &news.result),
            Waiting::Slot(..) | Waiting::Confirm(_) | Waiting::Change(_) => unheard(ask),
        },
        Asked::Content(content) => run.heard(content, &waits, flows, languages, faq),
    }
}

/// Nothing to say, and nothing forgotten.
fn unheard(ask: &Ask<'_>) -> Answer {
    Answer {
        contents: vec![],
        locale: None,
        outcome: Outcome::Unsupported,
        memory: ask.memory.clone(),
        action: None,
        model: None,
    }
}

fn begun(flows: &[Flow], languages: &[Language], ask: &Ask<'_>, faq: &dyn Fn() -> Answer) -> Answer {
    let Asked::Content(content) = ask.asked else { return unheard(ask) };
    let tapped = payload(content).and_then(|payload| payload.strip_prefix(FLOW_PAYLOAD));
    if let Some(flow) = tapped.and_then(|id| flows.iter().find(|flow| flow.id == id)) {
        let language = ask.locale.and_then(|locale| Language::from_locale(locale.as_str()));
        let language =
            language.filter(|language| languages.contains(language)).unwrap_or_else(|| spoken(languages, ask));
        return started(flow, ask, language, "");
    }
    let mut found = faq();
    if let Some(flow) = named(flows, &found.outcome) {
        let language = found.locale.as_ref().and_then(|locale| Language::from_locale(locale.as_str()));
        return started(
            flow,
            ask,
            language.unwrap_or_else(|| spoken(languages, ask)),
            words_of(content).unwrap_or_default(),
        );
    }
    found.memory.flow = None;
    found
}

/// The flow that the knowledge found.
fn named<'a>(flows: &'a [Flow], outcome: &Outcome) -> Option<&'a Flow> {
    let Outcome::Answered { entry } = outcome else { return None };
    let id = entry.strip_prefix(FLOW_PAYLOAD)?;
    flows.iter().find(|flow| flow.id == id)
}

/// A flow from its first step, with what the first message says already.
fn started(flow: &Flow, ask: &Ask<'_>, language: Language, text: &str) -> Answer {
    let slots = std::collections::BTreeMap::new();
    let state = FlowState { flow: flow.id.clone(), step: String::new(), slots, misses: 0, action: None };
    let mut run = Run { flow, ask, language, state, said: vec![], replies: vec![] };
    for slot in flow.slots.iter().filter(|slot| slot.kind.is_strict()) {
        if let Some(value) = run.taken(&slot.kind, text) {
            run.state.slots.insert(slot.id.clone(), value);
        }
    }
    run.advance(flow.steps.first())
}

/// The language of a flow's words. An order's number or a mail address says nothing of it.
fn spoken(languages: &[Language], ask: &Ask<'_>) -> Language {
    let words = if let Asked::Content(Content::Text { text }) = ask.asked { text.as_str() } else { "" };
    let known = ask.locale.and_then(|locale| Language::from_locale(locale.as_str()));
    let enough = |found: &Language| match found {
        Language::Zh => true,
        Language::En => {
            known.is_none()
                || words
                    .split(' ')
                    .filter(|word| word.len() > 1 && word.bytes().all(|c| c.is_ascii_alphabetic()))
                    .count()
                    > 1
        }
    };
    let found = text::detect(words).filter(enough).or(known).filter(|language| languages.contains(language));
    found.or_else(|| languages.first().copied()).unwrap_or(Language::En)
}

fn payload(content: &Content) -> Option<&str> {
    if let Content::Postback { payload, .. } = content { Some(payload) } else { None }
}

fn words_of(content: &Content) -> Option<&str> {
    if let Content::Text { text } = content { Some(text) } else { None }
}

/// A turn in the making.
struct Run<'a> {
    flow: &'a Flow,
    ask: &'a Ask<'a>,
    language: Language,
    state: FlowState,
    said: Vec<String>,
    replies: Vec<QuickReply>,
}

impl<'a> Run<'a> {
    fn heard(
        mut self,
        content: &Content,
        waits: &Waiting<'a>,
        flows: &[Flow],
        languages: &[Language],
        faq: &dyn Fn() -> Answer,
    ) -> Answer {
        if matches!(waits, Waiting::Action(_)) {
            return self.meanwhile(faq());
        }
        let said = words_of(content);
        if said.is_some_and(words::cancels) {
            self.say(Say::Cancelled.text(self.language).to_owned());
            return self.finished();
        }
        let tapped = payload(content).and_then(|payload| payload.strip_prefix(PAYLOAD)?.split_once('='));
        let (slot, step) = match waits {
            Waiting::Slot(slot, step) => (Some(*slot), *step),
            Waiting::Confirm(step) | Waiting::Change(step) | Waiting::Action(step) => (None, *step),
        };
        if let Some((name, value)) = tapped
            && let Some(slot) = self.flow.slot(name)
        {
            return self.picked(slot, value, step);
        }
        if let Some((_, rest)) = said.and_then(|said| Some((said, words::corrected(said)?)))
            && let Some(known) = self.meant(&rest, slot)
        {
            return match self.taken(&known.kind, &rest).filter(|_| known.kind.is_strict()) {
                Some(value) => self.filled(known, value, step),
                None => self.reask(known, step),
            };
        }
        let value = match (slot, said) {
            (Some(slot), Some(said)) => self.taken(&slot.kind, said),
            (None, _) | (_, None) => None,
        };
        if let (Some(slot), Some(value)) = (slot, value)
            && (!said.is_some_and(words::asks) || !matches!(faq().outcome, Outcome::Answered { .. }))
        {
            return self.filled(slot, value, step);
        }
        let yes = tapped
            .filter(|(name, _)| name.is_empty())
            .map(|(_, value)| value == "yes")
            .or_else(|| words::yes_no(said?));
        match (waits, yes) {
            (Waiting::Confirm(_), Some(true)) => {
                self.state.misses = 0;
                let next = self.after(step);
                return self.advance(next);
            }
            (Waiting::Confirm(_) | Waiting::Change(_), Some(false)) => return self.change(step),
            (Waiting::Confirm(_) | Waiting::Change(_), None) => {
                if let Some(known) = said.and_then(|said| self.meant(said, None)) {
                    return match said.and_then(|said| self.taken(&known.kind, said)).filter(|_| known.kind.is_strict())
                    {
                        Some(value) => self.filled(known, value, step),
                        None => self.reask(known, step),
                    };
                }
            }
            (Waiting::Slot(..) | Waiting::Action(_) | Waiting::Change(_), _) => {}
        }
        let found = faq();
        match &found.outcome {
            Outcome::Handoff => Answer { memory: self.memory(), ..found },
            Outcome::Answered { .. } | Outcome::Greeted | Outcome::Refused => match named(flows, &found.outcome) {
                Some(other) if other.id != self.flow.id => {
                    started(other, self.ask, spoken(languages, self.ask), said.unwrap_or_default())
                }
                Some(_) => self.missed(waits),
                None => self.digressed(found, waits),
            },
            Outcome::Asked | Outcome::Unknown | Outcome::Unsupported | Outcome::Guided { .. } => self.missed(waits),
        }
    }

    /// What is asked while an action is under way.
    fn meanwhile(mut self, found: Answer) -> Answer {
        let sure = match &found.outcome {
            Outcome::Answered { entry } => !entry.starts_with(FLOW_PAYLOAD),
            Outcome::Handoff | Outcome::Refused => true,
            Outcome::Greeted | Outcome::Asked | Outcome::Guided { .. } | Outcome::Unknown | Outcome::Unsupported => {
                false
            }
        };
        if sure {
            let memory = Memory { flow: Some(self.state), ..found.memory };
            return Answer { memory, ..found };
        }
        self.say(Say::Working.text(self.language).to_owned());
        self.waits()
    }

    /// A question of the knowledge was answered; the flow asks again.
    fn digressed(mut self, found: Answer, waits: &Waiting<'_>) -> Answer {
        self.prompt(waits, false);
        let topic = found.memory.topic.clone();
        let mut answer = self.waits();
        // The question's own replies would hide the flow's.
        let told = found.contents.into_iter().map(|content| {
            if let Content::QuickReplies { text, .. } = content { Content::Text { text } } else { content }
        });
        answer.contents = told.chain(answer.contents).collect();
        answer.memory.topic = topic;
        answer
    }

    fn missed(mut self, waits: &Waiting<'_>) -> Answer {
        self.state.misses = self.state.misses.saturating_add(1);
        if self.state.misses >= self.flow.misses {
            self.say(Say::Person.text(self.language).to_owned());
            return self.handed_off();
        }
        self.prompt(waits, true);
        self.waits()
    }

    /// The known slot that is meant: by a value that it takes, or by its name; not the one that is asked for.
    fn meant(&self, text: &str, asked: Option<&Slot>) -> Option<&'a Slot> {
        let known = || self.flow.slots.iter().filter(|slot| self.state.slots.contains_key(&slot.id));
        if asked.is_some_and(|slot| slot.kind.is_strict() && self.taken(&slot.kind, text).is_some()) {
            return None;
        }
        let said = text::canonical(text);
        let called = |slot: &&Slot| {
            slot.title.0.values().any(|title| {
                let title = text::canonical(title);
                !title.is_empty() && said.contains(&title)
            })
        };
        known()
            .find(|slot| slot.kind.is_strict() && self.taken(&slot.kind, text).is_some())
            .or_else(|| known().find(called))
    }

    fn taken(&self, kind: &Kind, text: &str) -> Option<String> {
        kind.take(text, hours::today(self.ask.now, self.flow.offset))
    }

    /// A tap: a choice, or the slot to change.
    fn picked(self, slot: &'a Slot, value: &str, step: &'a Step) -> Answer {
        if value == CHANGE {
            return self.reask(slot, step);
        }
        match self.taken(&slot.kind, value) {
            Some(value) => self.filled(slot, value, step),
            None => self.reask(slot, step),
        }
    }

    fn filled(mut self, slot: &Slot, value: String, step: &'a Step) -> Answer {
        self.state.slots.insert(slot.id.clone(), value);
        self.state.misses = 0;
        self.advance(Some(step))
    }

    /// Asks for a slot that was known; then it goes on at the step.
    fn reask(mut self, slot: &'a Slot, step: &'a Step) -> Answer {
        self.state.slots.remove(&slot.id);
        self.state.step = format!("{}/{}", step.id, slot.id);
        self.prompt(&Waiting::Slot(slot, step), false);
        self.waits()
    }

    fn change(mut self, step: &'a Step) -> Answer {
        self.state.step = format!("{}/{CHANGE}", step.id);
        self.prompt(&Waiting::Change(step), false);
        self.waits()
    }

    fn after(&self, step: &Step) -> Option<&'a Step> {
        self.flow.step(step.next.as_deref()?)
    }

    /// Goes on from a step until the customer or an action is waited for.
    fn advance(mut self, from: Option<&'a Step>) -> Answer {
        let mut next = from;
        for _ in 0..MAX_STEPS {
            let Some(step) = next else { return self.finished() };
            let mut to = step.next.as_deref();
            match &step.does {
                Does::Ask(slot) => {
                    if let Some(slot) = self.flow.slot(slot).filter(|slot| !self.state.slots.contains_key(&slot.id)) {
                        self.state.step.clone_from(&step.id);
                        self.prompt(&Waiting::Slot(slot, step), false);
                        return self.waits();
                    }
                }
                Does::Say(text) => self.tell(text),
                Does::Confirm(_) => {
                    self.state.step.clone_from(&step.id);
                    self.prompt(&Waiting::Confirm(step), false);
                    return self.waits();
                }
                Does::Branch(arms) => to = arms.iter().find(|arm| self.holds(arm)).and_then(|arm| arm.go.as_deref()),
                Does::Action(call) => {
                    self.state.step.clone_from(&step.id);
                    self.tell(&call.wait);
                    let given = call.input.iter().filter_map(|slot| self.state.slots.get_key_value(slot));
                    let input = given.map(|(slot, value)| (slot.clone(), value.clone())).collect();
                    let action = Some(Action { name: call.name.clone(), input });
                    return Answer { action, ..self.waits() };
                }
                Does::Handoff(text) => {
                    self.tell(text);
                    return self.handed_off();
                }
            }
            next = to.and_then(|id| self.flow.step(id));
        }
        self.say(Say::Person.text(self.language).to_owned());
        self.handed_off()
    }

    fn holds(&self, arm: &Arm) -> bool {
        match &arm.when {
            Condition::Slot { slot, is } => self.state.slots.get(slot) == Some(is),
            Condition::Open(open) => hours::open(&self.flow.hours, self.ask.now, self.flow.offset) == *open,
            Condition::Phone => self.ask.capabilities.live,
            Condition::Letters => self.ask.capabilities.letters,
            Condition::Always => true,
        }
    }

    fn acted(mut self, step: &'a Step, result: &ActionResult) -> Answer {
        self.state.action = None;
        let Does::Action(call) = &step.does else { return unheard(self.ask) };
        let branch = match result {
            ActionResult::Done { values } => {
                for name in &call.keep {
                    if let Some(value) = values.get(name) {
                        self.state.slots.insert(name.clone(), cut(value));
                    }
                }
                let next = self.after(step);
                return self.advance(next);
            }
            ActionResult::Refused { reason } => call.refused.get(reason).unwrap_or(&call.failed),
            ActionResult::Failed => &call.failed,
        };
        self.tell(&branch.say);
        for slot in &branch.forget {
            self.state.slots.remove(slot);
        }
        let next = branch.go.as_deref().and_then(|go| self.flow.step(go));
        self.advance(next)
    }

    fn prompt(&mut self, waits: &Waiting<'_>, again: bool) {
        match waits {
            Waiting::Slot(slot, _) => {
                self.tell(if again { &slot.again } else { &slot.prompt });
                self.replies = self.options(slot);
            }
            Waiting::Confirm(step) => {
                if again {
                    self.say(Say::YesOrNo.text(self.language).to_owned());
                }
                if let Does::Confirm(text) = &step.does {
                    self.tell(text);
                }
                self.replies = yes_or_no(self.language, "");
            }
            Waiting::Change(_) => {
                self.say(Say::ChangeWhat.text(self.language).to_owned());
                let known = self.flow.slots.iter().filter(|slot| self.state.slots.contains_key(&slot.id));
                let reply = |slot: &Slot| reply(slot.title.get(self.language).unwrap_or(&slot.id), &slot.id, CHANGE);
                self.replies = known.map(reply).collect();
            }
            Waiting::Action(_) => self.say(Say::Working.text(self.language).to_owned()),
        }
    }

    fn options(&self, slot: &Slot) -> Vec<QuickReply> {
        match &slot.kind {
            Kind::Choice { options } => {
                let title =
                    |option: &super::Choice| option.title.get(self.language).unwrap_or(&option.value).to_owned();
                options.iter().map(|option| reply(&title(option), &slot.id, &option.value)).collect()
            }
            Kind::YesNo => yes_or_no(self.language, &slot.id),
            Kind::Date { .. }
            | Kind::Number { .. }
            | Kind::Phone
            | Kind::Email
            | Kind::Pattern { .. }
            | Kind::Text { .. } => vec![],
        }
    }

    /// Says a text of the flow, what is known in its places.
    fn tell(&mut self, text: &Localised) {
        let mut text = text.get(self.language).unwrap_or_default().to_owned();
        for (name, value) in &self.state.slots {
            let shown = self.flow.slot(name).map_or_else(|| value.clone(), |slot| slot.kind.show(value, self.language));
            // What a customer wrote in braces is no place.
            text = text.replace(&format!("{{{name}}}"), &shown.replace(['{', '}'], " "));
        }
        self.say(text);
    }

    fn say(&mut self, text: String) {
        self.said.push(text);
    }

    fn memory(&self) -> Memory {
        Memory { flow: Some(self.state.clone()), ..self.ask.memory.clone() }
    }

    fn waits(self) -> Answer {
        let memory = self.memory();
        self.end(memory, None)
    }

    fn finished(self) -> Answer {
        let memory = Memory { flow: None, ..self.ask.memory.clone() };
        self.end(memory, None)
    }

    /// A person goes on with what is known; the flow itself is over.
    fn handed_off(mut self) -> Answer {
        self.state.step = String::new();
        self.state.action = None;
        let memory = self.memory();
        self.end(memory, Some(Outcome::Handoff))
    }

    fn end(self, memory: Memory, outcome: Option<Outcome>) -> Answer {
        let text = self.said.join("\n");
        let content = match self.replies {
            replies if replies.is_empty() => Content::Text { text },
            replies => Content::QuickReplies { text, replies },
        };
        let contents = if self.said.is_empty() { vec![] } else { vec![content] };
        let outcome = outcome.unwrap_or_else(|| Outcome::Guided { flow: self.flow.id.clone() });
        Answer { contents, locale: Locale::from_tag(self.language.code()), outcome, memory, action: None, model: None }
    }
}

fn reply(title: &str, slot: &str, value: &str) -> QuickReply {
    QuickReply { title: title.to_owned(), payload: format!("{PAYLOAD}{slot}={value}") }
}

fn yes_or_no(language: Language, slot: &str) -> Vec<QuickReply> {
    [(Say::Yes, "yes"), (Say::No, "no")].map(|(say, value)| reply(say.text(language), slot, value)).to_vec()
}

/// As much of a value as a slot holds.
fn cut(value: &str) -> String {
    let mut end = value.len().min(VALUE_BYTES);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    value.get(..end).unwrap_or_default().to_owned()
}
