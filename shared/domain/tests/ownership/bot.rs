//! A bot that says little: it hands over, knows nothing or answers, as the customer's words ask.

use std::collections::BTreeMap;

use domain::{Action, Answer, Answers, Ask, Asked, Content, FlowState, Locale, Memory, Notice, Outcome, QuickReply};

pub(crate) struct Bot;

impl Answers for Bot {
    fn answer(&self, ask: &Ask<'_>) -> Answer {
        let Asked::Content(content) = ask.asked else { return finished(ask.memory) };
        let outcome = match content {
            Content::Text { text } if text == "person" => Outcome::Handoff,
            Content::Text { text } if text == "what" => Outcome::Unknown,
            _ => Outcome::Answered { entry: "entry".into() },
        };
        let text = "answer".to_owned();
        let content = match content {
            Content::Text { text: asked } if asked == "question" => {
                let reply = |title: &str| QuickReply { title: title.into(), payload: format!("entry:{title}") };
                Content::QuickReplies { text, replies: ["one", "two", "person"].map(reply).to_vec() }
            }
            _ => Content::Text { text },
        };
        let flow = matches!(asked(ask), Some("return")).then(|| FlowState {
            flow: "return".into(),
            step: "register".into(),
            slots: BTreeMap::new(),
            misses: 0,
            action: None,
            passed: vec![],
        });
        let action = flow.as_ref().map(|_| Action { name: "register".into(), input: BTreeMap::new() });
        let memory = Memory { flow, ..ask.memory.clone() };
        Answer {
            contents: vec![content],
            locale: Locale::from_tag("en"),
            outcome,
            memory,
            action,
            model: None,
            open: vec![],
        }
    }

    fn notice(&self, _notice: Notice, _locale: Option<&Locale>) -> String {
        "notice".into()
    }
}

/// The customer's words, if there are any.
fn asked<'a>(ask: &Ask<'a>) -> Option<&'a str> {
    if let Asked::Content(Content::Text { text }) = ask.asked { Some(text) } else { None }
}

/// What is said when the action is done that a flow waited for: it waits for none any more.
fn finished(memory: &Memory) -> Answer {
    let waited = memory.flow.as_ref().expect("an action's end is told to a flow only");
    assert!(waited.action.is_some(), "and only to one that waits for it");
    let contents = vec![Content::Text { text: "done".into() }];
    let outcome = Outcome::Guided { flow: waited.flow.clone() };
    Answer { contents, locale: None, outcome, memory: Memory::default(), action: None, model: None, open: vec![] }
}
