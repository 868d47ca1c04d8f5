//! The same fields written as JSON, which the console offers beside XML.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Fields, Format};

impl Fields {
    /// Reads a body in the format that it is in; the names are the same in both.
    ///
    /// # Errors
    /// What is wrong with it; nothing of the text is repeated.
    pub(crate) fn of(body: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(body).map_err(|_| "not UTF-8".to_owned())?;
        match Format::of(body) {
            Format::Xml => Self::read(text).map_err(|error| error.to_string()),
            Format::Json => {
                let object: Map<String, Value> = serde_json::from_str(text)
                    .map_err(|error| format!("not a JSON object: line {}, column {}", error.line(), error.column()))?;
                let mut fields = BTreeMap::new();
                for (name, value) in &object {
                    collect(name, value, &mut fields);
                }
                Ok(Self(fields))
            }
        }
    }
}

/// Texts and numbers, also those of fields of fields; lists, which no field of ours is, are passed over.
fn collect(path: &str, value: &Value, fields: &mut BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            fields.insert(path.to_owned(), text.trim().to_owned());
        }
        // As it stands there: ids are integers of 64 bits.
        Value::Number(number) => {
            fields.insert(path.to_owned(), number.to_string());
        }
        Value::Object(object) => {
            for (name, value) in object {
                collect(&format!("{path}/{name}"), value, fields);
            }
        }
        Value::Null | Value::Bool(_) | Value::Array(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_give_the_same_fields() {
        let xml = "<xml><A><![CDATA[x]]></A><MsgId>24000000000000001</MsgId><S><R>r</R></S><N>23.1</N><None/></xml>";
        let json = r#"{"A":" x","MsgId":24000000000000001,"S":{"R":"r"},"N":23.1,"None":""}"#;
        for body in [xml, json] {
            let fields = Fields::of(body.as_bytes()).unwrap();
            for (name, value) in [("A", "x"), ("MsgId", "24000000000000001"), ("S/R", "r"), ("N", "23.1")] {
                assert_eq!(fields.get(name), Some(value), "{body}");
            }
            assert_eq!([fields.get("S"), fields.get("R"), fields.get("None")], [None; 3], "{body}");
        }
    }

    #[test]
    fn what_is_neither_is_said_to_be_so() {
        let deep = format!("{{\"A\":{}", "[".repeat(100_000));
        for (body, why) in [
            (&b"{\"A\":"[..], "not a JSON object: line 1, column 5"),
            (deep.as_bytes(), "not a JSON object: line 1, column 132"),
            (b"[]", "not the XML that is expected: not well-formed"),
            (b"{\"A\":\"\xff\"}", "not UTF-8"),
        ] {
            assert_eq!(Fields::of(body), Err(why.to_owned()));
        }
    }
}
