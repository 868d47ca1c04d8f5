//! `TwiML`, as Twilio reads it: what is heard, and what comes next.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

/// A verb, or a noun within one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verb {
    /// Its name.
    pub name: String,
    /// Its attributes.
    pub attributes: Vec<(String, String)>,
    /// Its text.
    pub text: String,
    /// What it holds.
    pub inner: Vec<Self>,
}

impl Verb {
    /// An attribute's value; empty if it has none.
    pub fn get(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }
}

/// What the verbs of a document may be, with their attributes.
const KNOWN: &[(&str, &[&str])] = &[
    ("Response", &[]),
    ("Say", &["language", "voice", "loop"]),
    ("Play", &["loop", "digits"]),
    ("Pause", &["length"]),
    ("Hangup", &[]),
    ("Redirect", &["method"]),
    (
        "Gather",
        &[
            "input",
            "language",
            "timeout",
            "speechTimeout",
            "numDigits",
            "finishOnKey",
            "actionOnEmptyResult",
            "action",
            "method",
            "hints",
            "bargeIn",
        ],
    ),
    ("Record", &["maxLength", "timeout", "finishOnKey", "playBeep", "trim", "action", "method"]),
    ("Enqueue", &["waitUrl", "waitUrlMethod", "action", "method"]),
    ("Dial", &["timeout", "action", "method", "callerId"]),
    ("Number", &["statusCallback", "statusCallbackEvent", "statusCallbackMethod"]),
];

/// The languages that `<Gather>` takes, as far as they are used here: `zh-CN` is none of them.
const HEARD: &[&str] = &["cmn-Hans-CN", "cmn-Hant-TW", "yue-Hant-HK", "en-US", "en-GB", ""];
/// Those that `<Say>` takes.
const SPOKEN: &[&str] = &["zh-CN", "cmn-CN", "zh-HK", "zh-TW", "en-US", "en-GB", ""];

/// The verbs of a document.
///
/// # Errors
/// What Twilio would call an application error.
pub fn read(text: &str) -> Result<Vec<Verb>, String> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Verb> = vec![];
    let mut whole: Option<Verb> = None;
    loop {
        match reader.read_event().map_err(|error| format!("12100 Document parse failure: {error}"))? {
            Event::Start(start) => open.push(begun(&start)?),
            Event::Empty(start) => {
                let verb = begun(&start)?;
                close(verb, &mut open, &mut whole)?;
            }
            Event::End(_) => {
                let verb = open.pop().ok_or("12100 Document parse failure")?;
                close(verb, &mut open, &mut whole)?;
            }
            Event::Text(text) => heard(&mut open, &text),
            Event::CData(text) => heard(&mut open, &text),
            Event::GeneralRef(entity) => {
                let letter = entity.resolve_char_ref().ok().flatten().map(String::from);
                let letter = letter.or_else(|| resolve_predefined_entity(&entity).map(str::to_owned));
                heard(&mut open, &letter.ok_or("12100 Document parse failure: an unknown entity")?);
            }
            Event::Eof => break,
            Event::Decl(_) | Event::Comment(_) => {}
            Event::PI(_) | Event::DocType(_) => return Err("12100 Document parse failure".to_owned()),
        }
    }
    let whole = whole.filter(|verb| verb.name == "Response").ok_or("12102 the document's root is not Response")?;
    Ok(whole.inner)
}

fn heard(open: &mut [Verb], text: &str) {
    if let Some(verb) = open.last_mut() {
        verb.text.push_str(text);
    }
}

fn close(verb: Verb, open: &mut [Verb], whole: &mut Option<Verb>) -> Result<(), String> {
    match open.last_mut() {
        Some(outer) => {
            let nested = matches!(
                (outer.name.as_str(), verb.name.as_str()),
                ("Response", _) | ("Gather", "Say" | "Play" | "Pause") | ("Dial", "Number")
            );
            if !nested {
                return Err(format!("12200 {} may not stand in {}", verb.name, outer.name));
            }
            outer.inner.push(verb);
        }
        None if whole.is_none() => *whole = Some(verb),
        None => return Err("12100 Document parse failure: two roots".to_owned()),
    }
    Ok(())
}

fn begun(start: &BytesStart<'_>) -> Result<Verb, String> {
    let name = start.name().as_ref().to_owned();
    let known = KNOWN.iter().find(|(known, _)| **known == *name);
    let (_, known) = known.ok_or_else(|| format!("12200 there is no verb {name}"))?;
    let mut verb = Verb { name, ..Verb::default() };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| format!("12100 Document parse failure: {error}"))?;
        let key = attribute.key.as_ref().to_owned();
        let value = quick_xml::escape::unescape(&attribute.value).map_err(|error| format!("12100 {error}"))?;
        if !known.contains(&key.as_str()) {
            return Err(format!("12200 {} has no attribute {key}", verb.name));
        }
        verb.attributes.push((key, value.into_owned()));
    }
    let languages = match verb.name.as_str() {
        "Gather" => HEARD,
        "Say" => SPOKEN,
        _ => return Ok(verb),
    };
    if languages.contains(&verb.get("language")) {
        return Ok(verb);
    }
    Err(format!("13512 {} does not take the language {}", verb.name, verb.get("language")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_read_with_what_they_hold() {
        let text = r#"<?xml version="1.0"?><Response><Gather language="cmn-Hans-CN" action="/x?a=1&amp;b=2"><Say>a &lt;b&gt; &#20013;</Say></Gather><Hangup/></Response>"#;
        let verbs = read(text).unwrap();
        assert_eq!((verbs.len(), verbs[0].get("action"), verbs[1].name.as_str()), (2, "/x?a=1&b=2", "Hangup"));
        assert_eq!(verbs[0].inner[0].text, "a <b> 中");
    }

    #[test]
    fn what_twilio_does_not_know_is_an_error() {
        for text in [
            "",
            "success",
            "<Answer/>",
            "<Response><Speak/></Response>",
            "<Response><Say colour=\"red\"/></Response>",
            "<Response><Gather language=\"zh-CN\"/></Response>",
            "<Response><Say>a & b</Say></Response>",
            "<Response><Say><Hangup/></Say></Response>",
            "<Response/><Response/>",
            "<!DOCTYPE x><Response/>",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
