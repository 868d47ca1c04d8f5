//! HTTP as data: what a provider is asked, and what it answers.

use serde_json::Value;

/// Media type of JSON.
pub const JSON: &str = "application/json; charset=utf-8";
/// Media type of plain text.
pub const TEXT: &str = "text/plain; charset=utf-8";

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// Upper-case method.
    pub method: String,
    /// The path below the provider's address.
    pub path: String,
    /// The query, undecoded, without its question mark.
    pub query: String,
    /// Header names in lower case, with values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Call {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The token of the header `authorization`.
    pub fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }

    /// A parameter of the query, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        pick(self.query.as_bytes(), name)
    }

    /// A field of a form in the body, decoded.
    pub fn form(&self, name: &str) -> Option<String> {
        pick(&self.body, name)
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

fn pick(form: &[u8], name: &str) -> Option<String> {
    form_urlencoded::parse(form).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Media type of the body.
    pub kind: &'static str,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// JSON.
    pub fn json(status: u16, body: &Value) -> Self {
        Self { status, kind: JSON, headers: vec![], body: body.to_string().into_bytes() }
    }

    /// Plain text.
    pub fn text(status: u16, body: &str) -> Self {
        Self { status, kind: TEXT, headers: vec![], body: body.into() }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// A text in a document, by JSON pointer; empty if there is none.
pub fn text<'a>(document: &'a Value, pointer: &str) -> &'a str {
    document.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The items of a list in a document, by JSON pointer; none if there is no list.
pub fn list<'a>(document: &'a Value, pointer: &str) -> &'a [Value] {
    document.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A text or number in a document, by JSON pointer, as text.
pub fn plain(document: &Value, pointer: &str) -> Option<String> {
    let found = document.pointer(pointer)?;
    let number = || found.as_i64().map(|number| number.to_string());
    found.as_str().map(str::to_owned).or_else(number).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_fields_are_decoded() {
        let call = Call {
            query: "access_token=a%2Bb&x=1".to_owned(),
            body: b"data=%E4%BD%A0+%22&type=text".to_vec(),
            headers: vec![("authorization".to_owned(), "Bearer t".to_owned())],
            ..Call::default()
        };
        assert_eq!(call.query("access_token").as_deref(), Some("a+b"));
        assert_eq!(call.form("data").as_deref(), Some("你 \""));
        assert_eq!((call.bearer(), call.query("y"), call.json()), (Some("t"), None, Value::Null));
    }
}
