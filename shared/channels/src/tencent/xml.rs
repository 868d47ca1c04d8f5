//! The flat XML of Tencent's platforms: one root, its fields, seldom a field of fields.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};

/// Deeper than any real field.
const MAX_DEPTH: usize = 8;

/// The texts of an XML document's fields, by their names from below the root, joined with slashes: `Content`,
/// `ScanCodeInfo/ScanResult`. A field that is there twice has its first text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(pub(super) BTreeMap<String, String>);

/// A text that is not such a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the XML that is expected: {0}")]
pub(crate) struct XmlError(pub(crate) &'static str);

impl Fields {
    /// Reads a document. No DOCTYPE and no entity but XML's own five is taken: nothing is fetched or blown up.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(text: &str) -> Result<Self, XmlError> {
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        let mut fields = BTreeMap::new();
        let mut path: Vec<String> = vec![];
        let mut roots = 0;
        let mut held = String::new();
        loop {
            match reader.read_event().map_err(|_| XmlError("not well-formed"))? {
                Event::Start(start) => {
                    if path.is_empty() {
                        roots += 1;
                    }
                    if path.len() == MAX_DEPTH || roots > 1 {
                        return Err(XmlError(if roots > 1 { "two roots" } else { "too deep" }));
                    }
                    path.push(start.name().as_ref().to_owned());
                    held.clear();
                }
                Event::End(_) => {
                    let name = path.get(1..).unwrap_or_default().join("/");
                    path.pop();
                    if !name.is_empty() {
                        fields.entry(name).or_insert_with(|| held.trim().to_owned());
                    }
                    held.clear();
                }
                Event::Text(text) => held.push_str(&text),
                Event::CData(text) => held.push_str(&text),
                Event::GeneralRef(entity) => held.push_str(&resolved(&entity)?),
                Event::DocType(_) => return Err(XmlError("a DOCTYPE")),
                Event::Eof => break,
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
        if path.is_empty() && roots == 1 { Ok(Self(fields)) } else { Err(XmlError("not well-formed")) }
    }

    /// A field's text; `None` if there is no such field or it is empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }
}

fn resolved(entity: &BytesRef<'_>) -> Result<String, XmlError> {
    let unknown = XmlError("an unknown entity");
    if let Some(letter) = entity.resolve_char_ref().map_err(|_| unknown)? {
        return Ok(letter.to_string());
    }
    resolve_predefined_entity(entity).map(str::to_owned).ok_or(unknown)
}

/// A text as a CDATA section, or as several where it holds a section's end.
pub(crate) fn cdata(text: &str) -> String {
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_read_however_they_are_written() {
        let text = "<?xml version=\"1.0\"?>\n<xml><ToUserName><![CDATA[gh_1]]></ToUserName>\n<CreateTime>12</CreateTime>\
                    <Content><![CDATA[a <b> ]]]]><![CDATA[> & c]]></Content><Plain>1 &lt; 2 &amp;&#x4e2d;</Plain><None/>\
                    <Empty></Empty><ScanCodeInfo><ScanType>qr</ScanType><ScanResult>x</ScanResult></ScanCodeInfo>\
                    <CreateTime>13</CreateTime></xml>";
        let fields = Fields::read(text).unwrap();
        for (name, expected) in [
            ("ToUserName", Some("gh_1")),
            ("CreateTime", Some("12")),
            ("Content", Some("a <b> ]]> & c")),
            ("Plain", Some("1 < 2 &中")),
            ("None", None),
            ("Empty", None),
            ("ScanCodeInfo/ScanResult", Some("x")),
            ("ScanResult", None),
        ] {
            assert_eq!(fields.get(name), expected, "{name}");
        }
    }

    #[test]
    fn nothing_but_a_plain_document_is_taken() {
        let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><xml><A>&b;</A></xml>";
        for (text, why) in [
            (bomb, "a DOCTYPE"),
            ("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><xml/>", "a DOCTYPE"),
            ("<xml><A>&b;</A></xml>", "an unknown entity"),
            (deep.as_str(), "too deep"),
            ("<xml><A>", "not well-formed"),
            ("<xml></A></xml>", "not well-formed"),
            ("", "not well-formed"),
            ("text", "not well-formed"),
            ("{}", "not well-formed"),
            ("<xml></xml><xml></xml>", "two roots"),
        ] {
            assert_eq!(Fields::read(text), Err(XmlError(why)), "{}", text.get(..40).unwrap_or(text));
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back_from_cdata(text in "\\PC{0,40}(\\]\\]>|\\]|>|&|<){0,6}\\PC{0,40}") {
            let fields = Fields::read(&format!("<xml><A>{}</A></xml>", cdata(&text))).unwrap();
            prop_assert_eq!(fields.get("A").unwrap_or_default(), text.trim());
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            let _read = Fields::read(&text);
        }
    }
}
