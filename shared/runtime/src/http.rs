//! HTTP answers: JSON, and problems as RFC 9457 describes them.

use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::{Body, Response};
use serde::Serialize;

/// A fault, told to whoever sent the request. Texts are fixed or name a field: no internals, no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// `about:blank`: the status says it all (RFC 9457 §4.2.1).
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What is wrong and how to mend it.
    pub detail: String,
    /// The field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Problem {
    /// A problem with this status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            field: None,
        }
    }

    /// The same, naming the field at fault.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The answer.
    pub fn into_response(self) -> Response<Body> {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = body(status, "application/problem+json", &self);
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// A JSON answer; never cached.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    body(status, "application/json", value)
}

fn body(status: StatusCode, content_type: &'static str, value: &impl Serialize) -> Response<Body> {
    let text = serde_json::to_string(value).unwrap_or_default();
    let mut response = Response::new(Body::Text(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_its_field_and_asks_for_credentials() {
        let problem = Problem::new(StatusCode::UNAUTHORIZED, "no token").at("authorization").into_response();
        assert_eq!(problem.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(problem.headers()[WWW_AUTHENTICATE], "Bearer");
        let Body::Text(text) = problem.body() else { panic!("not a text") };
        let wanted =
            r#"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"no token","field":"authorization"}"#;
        assert_eq!(text, wanted);
    }
}
