//! Whole Lambda events of `events/`, as requests.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::RawRequest;

/// A provider's request, as API Gateway hands it to a function (HTTP API, payload 2.0).
pub(crate) struct Event {
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Event {
    /// The event of this path below `events/`.
    pub(crate) fn read(path: &str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events").join(path);
        let event: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap();
        let query = Some(text("/rawQueryString")).filter(|query| !query.is_empty());
        let query = query.map_or_else(String::new, |query| format!("?{query}"));
        let body = text("/body").as_bytes();
        let headers = event["headers"].as_object().unwrap().iter();
        Self {
            url: format!("https://{}{}{query}", text("/requestContext/domainName"), text("/rawPath")),
            headers: headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect(),
            body: if event["isBase64Encoded"] == true { STANDARD.decode(body).unwrap() } else { body.to_owned() },
        }
    }

    /// As a channel sees it.
    pub(crate) fn request(&self) -> RawRequest<'_> {
        RawRequest { method: "POST", url: &self.url, headers: &self.headers, body: &self.body }
    }
}
