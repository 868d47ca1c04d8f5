//! What goes out: calls to providers and their answers, as data.

use std::fmt;

/// An access token.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The token.
    pub value: String,
    /// Seconds for which it holds.
    pub seconds: u32,
}

impl fmt::Debug for Token {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("seconds", &self.seconds).finish_non_exhaustive()
    }
}

/// A delivery that the channel cannot carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot be rendered: {0}")]
pub struct RenderError(pub String);

/// One call to a provider, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireCall {
    /// Push text frames to every open socket of the identity.
    Push {
        /// The frames, in order.
        frames: Vec<String>,
    },
    /// An HTTP request to the provider's API.
    Http(HttpCall),
    /// A mail, whole as it goes out.
    Mail(MailCall),
    /// A text message over AWS.
    Text(TextCall),
}

/// A text message over AWS, which lets the function in by its own permissions.
#[derive(Clone, PartialEq, Eq)]
pub struct TextCall {
    /// Our number.
    pub from: String,
    /// The customer's, in E.164.
    pub to: String,
    /// What it says.
    pub text: String,
}

impl fmt::Debug for TextCall {
    /// Without numbers and text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextCall").field("bytes", &self.text.len()).finish_non_exhaustive()
    }
}

/// A mail to one recipient.
#[derive(Clone, PartialEq, Eq)]
pub struct MailCall {
    /// The envelope's sender, a mailbox of ours.
    pub from: String,
    /// The envelope's recipient.
    pub to: String,
    /// The mail in its RFC 5322 form.
    pub raw: Vec<u8>,
    /// What comes back with everything that becomes known of it: names and values of letters, digits, `-` and `_`.
    pub tags: Vec<(&'static str, String)>,
}

impl fmt::Debug for MailCall {
    /// Without addresses and text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailCall").field("bytes", &self.raw.len()).finish_non_exhaustive()
    }
}

/// An HTTP request to a provider's API.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpCall {
    /// Upper-case HTTP method.
    pub method: &'static str,
    /// What follows the API's address, from the first slash, query included. It may hold a token.
    pub target: String,
    /// Headers in lower case, with values. They may hold a token.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Where the account's access token goes, on channels that have [`Tokens`](crate::Tokens).
    pub token: Option<TokenPlace>,
}

/// Where an access token goes in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenPlace {
    /// A parameter of the query, of this name.
    Query(&'static str),
    /// The header `authorization`, as a bearer token.
    Bearer,
}

impl HttpCall {
    /// A POST of JSON.
    pub fn json(target: String, body: &serde_json::Value) -> Self {
        // Ours: text keys and finite numbers. Raw UTF-8, which some providers insist on.
        let body = body.to_string().into_bytes();
        Self {
            method: "POST",
            target,
            headers: vec![("content-type", "application/json".to_owned())],
            body,
            token: None,
        }
    }

    /// A GET.
    pub fn get(target: String) -> Self {
        Self { method: "GET", target, headers: vec![], body: vec![], token: None }
    }

    /// A POST of a form.
    pub fn form(target: String, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes();
        let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        Self { method: "POST", target, headers, body, token: None }
    }

    /// The same, with the account's access token.
    #[must_use]
    pub fn needing_token(self, place: TokenPlace) -> Self {
        Self { token: Some(place), ..self }
    }

    /// The same with the token where it belongs.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        match self.token.take() {
            Some(TokenPlace::Query(name)) => {
                self.target.push(if self.target.contains('?') { '&' } else { '?' });
                self.target.push_str(name);
                self.target.push('=');
                self.target.extend(form_urlencoded::byte_serialize(token.as_bytes()));
            }
            Some(TokenPlace::Bearer) => self.headers.push(("authorization", format!("Bearer {token}"))),
            None => {}
        }
        self
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl fmt::Debug for HttpCall {
    /// Without token and text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpCall")
            .field("method", &self.method)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A provider's answer, as data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WireReply {
    /// HTTP status; 0 when the call certainly did not reach the provider.
    pub status: u16,
    /// Seconds of a `Retry-After` header.
    pub retry_after: Option<u32>,
    /// The body's beginning.
    pub body: String,
}
