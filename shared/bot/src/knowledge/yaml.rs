//! A YAML file as a tree that knows its lines, so that one pass can report every problem in it.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::DuplicateKeyPolicy;
use serde_saphyr::{MessageFormatter as _, Spanned, UserMessageFormatter};

/// A value and the line (from 1) where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) line: u32,
    pub(super) value: Value,
}

/// What a YAML value is, as far as knowledge files care.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    List(Vec<Node>),
    /// Keys in the file's order, repeated ones included.
    Map(Vec<(Key, Node)>),
    /// Nothing stands there.
    Empty,
    /// A whole number, not below zero.
    Whole(u64),
    /// Another number, or a word that YAML reads as true or false.
    Other,
}

/// A key of a map and its line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) line: u32,
    pub(super) name: String,
}

/// Why a file could not be read at all.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SyntaxError {
    pub(super) line: u32,
    pub(super) message: String,
}

/// Reads one YAML document. An empty one is [`Value::Empty`].
pub(super) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options::<Spanned<Value>>(text, options).map(Node::from).map_err(|error| {
        let error = error.without_snippet();
        SyntaxError {
            line: error.location().map_or(1, |l| line(l.line())),
            message: UserMessageFormatter.format_message(error).into_owned(),
        }
    })
}

impl From<Spanned<Value>> for Node {
    fn from(spanned: Spanned<Value>) -> Self {
        Self { line: line(spanned.referenced.line()), value: spanned.value }
    }
}

fn line(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX).max(1)
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list or a map")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Empty)
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Empty)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_i128<E: de::Error>(self, _: i128) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Whole(number))
    }

    fn visit_u128<E: de::Error>(self, _: u128) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Spanned<Value>>()? {
            list.push(item.into());
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some((key, value)) = entries.next_entry::<Spanned<String>, Spanned<Value>>()? {
            map.push((Key { line: line(key.referenced.line()), name: key.value }, value.into()));
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(node: &Node) -> Vec<(u32, &str, u32)> {
        let Value::Map(map) = &node.value else { panic!("no map: {node:?}") };
        map.iter().map(|(k, v)| (k.line, k.name.as_str(), v.line)).collect()
    }

    #[test]
    fn knows_every_line() {
        let node = parse("# note\na: x\nb:\n  - y\n  - z: |\n      long\n      text\na: 7\nc:\n").unwrap();
        assert_eq!(names(&node), [(2, "a", 2), (3, "b", 4), (8, "a", 8), (9, "c", 9)]);
        let Value::Map(map) = &node.value else { panic!() };
        let Value::List(list) = &map[1].1.value else { panic!() };
        assert_eq!(list[0], Node { line: 4, value: Value::Text("y".into()) });
        // A block text starts on the line after its key.
        assert_eq!(names(&list[1]), [(5, "z", 6)]);
        assert_eq!(map[2].1.value, Value::Whole(7));
        assert_eq!(map[3].1.value, Value::Empty);
    }

    #[test]
    fn tells_numbers_from_words() {
        for (text, value) in [
            ("0", Value::Whole(0)),
            ("600", Value::Whole(600)),
            ("-1", Value::Other),
            ("1.5", Value::Other),
            ("99999999999999999999", Value::Other),
            ("true", Value::Other),
            ("off", Value::Text("off".into())),
            ("10m", Value::Text("10m".into())),
            ("'7'", Value::Text("7".into())),
        ] {
            assert_eq!(parse(text).unwrap().value, value, "{text}");
        }
    }

    #[test]
    fn tells_where_the_syntax_breaks() {
        for (text, line) in [("a: [1, 2\nb: c\n", 2), ("a: b\n\tc: d\n", 1), ("a: \"x\n", 1), ("a: b: c\n", 1)] {
            let error = parse(text).unwrap_err();
            assert!(error.line >= line, "{text:?}: {error:?}");
            assert!(!error.message.is_empty());
        }
    }

    #[test]
    fn an_empty_file_is_empty() {
        for text in ["", "\n", "# only a note\n"] {
            assert_eq!(parse(text).unwrap().value, Value::Empty, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in any::<String>()) {
            drop(parse(&text));
        }

        #[test]
        fn never_panics_on_yaml_like_text(text in "([a-z]{1,3}: |- |  |\\[|\\]|\\{|\\}|\"|'|#|&a |\\*a|!!str |\\||>|[0-9.]{1,4}|\n|：|中文|<<: ){0,40}") {
            drop(parse(&text));
        }
    }
}
