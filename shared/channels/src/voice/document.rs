//! `TwiML`: verbs with attributes, texts and inner verbs.

use std::borrow::Cow;

use quick_xml::escape::escape;

/// A verb, or a noun within one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verb {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    text: String,
    inner: Vec<Self>,
}

impl Verb {
    pub(super) const fn new(name: &'static str) -> Self {
        Self { name, attributes: vec![], text: String::new(), inner: vec![] }
    }

    #[must_use]
    pub(super) fn with(mut self, attribute: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((attribute, value.into()));
        self
    }

    #[must_use]
    pub(super) fn text(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }

    #[must_use]
    pub(super) fn around(self, inner: Vec<Self>) -> Self {
        Self { inner, ..self }
    }

    fn write(&self, out: &mut String) {
        out.push('<');
        out.push_str(self.name);
        for (name, value) in &self.attributes {
            out.extend([" ", name, "=\"", &escaped(value), "\""]);
        }
        if self.text.is_empty() && self.inner.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        out.push_str(&escaped(&self.text));
        for verb in &self.inner {
            verb.write(out);
        }
        out.extend(["</", self.name, ">"]);
    }
}

/// The document of these verbs.
pub(super) fn document(verbs: &[Verb]) -> String {
    let mut out = r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#.to_owned();
    for verb in verbs {
        verb.write(&mut out);
    }
    out.push_str("</Response>");
    out
}

/// A text as XML takes it: escaped, and without what no XML document may hold.
fn escaped(text: &str) -> Cow<'_, str> {
    let allowed = |letter: char| {
        matches!(letter, '\t' | '\n' | '\r') || (letter >= ' ' && !matches!(letter, '\u{fffe}' | '\u{ffff}'))
    };
    if text.chars().all(allowed) {
        return escape(text);
    }
    let clean: String = text.chars().filter(|letter| allowed(*letter)).collect();
    Cow::Owned(escape(&clean).into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;

    #[test]
    fn verbs_nest_and_signs_are_escaped() {
        let say = Verb::new("Say").with("language", "en-US").text("a <b> & \"c\" \u{1}'d'");
        let gather = Verb::new("Gather").with("action", "https://a.example/?x=1&y=2").around(vec![say]);
        assert_eq!(
            document(&[gather, Verb::new("Hangup")]),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Gather action=\"https://a.example/?x=1&amp;y=2\">\
             <Say language=\"en-US\">a &lt;b&gt; &amp; &quot;c&quot; &apos;d&apos;</Say></Gather><Hangup/></Response>"
        );
        assert_eq!(document(&[]), "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response></Response>");
    }

    proptest! {
        #[test]
        fn whatever_is_said_the_document_is_well_formed(text in any::<String>()) {
            let document = document(&[Verb::new("Say").with("voice", text.as_str()).text(text.as_str())]);
            let mut reader = Reader::from_str(&document);
            let (mut depth, mut ended) = (0, false);
            while !ended {
                let event = reader.read_event().unwrap();
                depth += i32::from(matches!(event, Event::Start(_))) - i32::from(matches!(event, Event::End(_)));
                ended = matches!(event, Event::Eof);
            }
            prop_assert_eq!(depth, 0);
        }
    }
}
