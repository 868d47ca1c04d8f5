//! A visitor's message: `{"client_id": uuid, "content": {"type": …}}`. Read by hand so that each fault names its field.

use domain::{Attachment, Content, EventKind, Identity, InboundEvent, UploadId};
use serde_json::{Map, Value};

use super::capabilities::{MAX_BODY_BYTES, MAX_TEXT_CHARS, MAX_UPLOAD_BYTES, UPLOAD_TYPES};
use crate::{Parsed, Reject, Verified};

type Read<T> = Result<T, Reject>;

/// Longest title, label or file name, in characters.
const MAX_LABEL_CHARS: usize = 256;

pub(super) fn parse(request: &Verified<'_>) -> Parsed {
    match read(request) {
        Ok(event) => Parsed { events: vec![event], ..Parsed::default() },
        Err(reject) => Parsed { rejects: vec![reject], ..Parsed::default() },
    }
}

fn read(request: &Verified<'_>) -> Read<InboundEvent> {
    if request.body.len() > MAX_BODY_BYTES {
        return Err(reject("", format!("the body has more than {MAX_BODY_BYTES} bytes")));
    }
    let body: Value = serde_json::from_slice(&request.body)
        .map_err(|error| reject("", format!("not JSON: line {}, column {}", error.line(), error.column())))?;
    let body = body.as_object().ok_or_else(|| reject("", "must be a JSON object"))?;
    let client_id = text(body, "client_id", "", MAX_LABEL_CHARS)?;
    let client_id = uuid::Uuid::try_parse(client_id).map_err(|_| reject("client_id", "must be a UUID"))?;
    let content = body
        .get("content")
        .ok_or_else(|| reject("content", "is missing"))?
        .as_object()
        .ok_or_else(|| reject("content", "must be an object"))?;
    let principal = request.principal();
    let identity =
        Identity { channel: domain::ChannelId::Web, account: principal.account.clone(), user: principal.user.clone() };
    let kind = EventKind::Message { content: read_content(content)? };
    Ok(InboundEvent::new(identity, &client_id.to_string(), request.at, principal.locale.clone(), kind))
}

fn read_content(content: &Map<String, Value>) -> Read<Content> {
    Ok(match text(content, "type", "content.", MAX_LABEL_CHARS)? {
        "text" => Content::Text { text: text(content, "text", "content.", MAX_TEXT_CHARS)?.to_owned() },
        "image" => Content::Image(attachment(content, "image/")?),
        "audio" => Content::Audio(attachment(content, "audio/")?),
        "video" => Content::Video(attachment(content, "video/")?),
        "file" => Content::File(attachment(content, "")?),
        "location" => Content::Location {
            latitude: degrees(content, "latitude", 90.0)?,
            longitude: degrees(content, "longitude", 180.0)?,
            label: content
                .contains_key("label")
                .then(|| text(content, "label", "content.", MAX_LABEL_CHARS).map(str::to_owned))
                .transpose()?,
        },
        "postback" => Content::Postback {
            payload: text(content, "payload", "content.", MAX_LABEL_CHARS)?.to_owned(),
            title: text(content, "title", "content.", MAX_LABEL_CHARS)?.to_owned(),
        },
        _ => {
            let known = "text, image, audio, video, file, location, postback";
            return Err(reject("content.type", format!("is not one of {known}")));
        }
    })
}

fn attachment(content: &Map<String, Value>, family: &str) -> Read<Attachment> {
    let upload = text(content, "upload", "content.", MAX_LABEL_CHARS)?;
    let upload: UploadId =
        upload.parse().map_err(|_| reject("content.upload", "must be an id that POST /v1/uploads gave"))?;
    let mime = text(content, "mime", "content.", MAX_LABEL_CHARS)?;
    if !UPLOAD_TYPES.contains(&mime) || !mime.starts_with(family) {
        return Err(reject("content.mime", "is not a media type that this content may have"));
    }
    let size = content
        .get("size")
        .and_then(Value::as_u64)
        .filter(|size| (1..=MAX_UPLOAD_BYTES).contains(size))
        .ok_or_else(|| reject("content.size", format!("must be a whole number from 1 to {MAX_UPLOAD_BYTES}")))?;
    let name = text(content, "name", "content.", MAX_LABEL_CHARS)?.to_owned();
    Ok(Attachment { upload: Some(upload), url: None, name, mime: mime.to_owned(), size })
}

fn degrees(content: &Map<String, Value>, name: &str, limit: f64) -> Read<f64> {
    content
        .get(name)
        .and_then(Value::as_f64)
        .filter(|value| value.abs() <= limit)
        .ok_or_else(|| reject(&format!("content.{name}"), format!("must be a number from -{limit} to {limit}")))
}

/// A field that must be a text with something to see in it.
fn text<'a>(object: &'a Map<String, Value>, name: &str, path: &str, max_chars: usize) -> Read<&'a str> {
    let field = format!("{path}{name}");
    let value = object.get(name).ok_or_else(|| reject(&field, "is missing"))?;
    let value = value.as_str().ok_or_else(|| reject(&field, "must be a text"))?;
    if value.trim().is_empty() {
        return Err(reject(&field, "is empty"));
    }
    // Noncharacters: a queue refuses them, and nobody means them.
    if value.contains(['\u{fffe}', '\u{ffff}']) {
        return Err(reject(&field, "holds a character that is no text: U+FFFE or U+FFFF"));
    }
    match value.chars().count() {
        count if count > max_chars => {
            Err(reject(&field, format!("has {count} characters; at most {max_chars} are taken")))
        }
        _ => Ok(value),
    }
}

fn reject(field: &str, reason: impl Into<String>) -> Reject {
    Reject { field: field.to_owned(), reason: reason.into(), item: None }
}

#[cfg(test)]
mod tests {
    use domain::{Locale, UnixMillis, VisitorId};
    use proptest::prelude::*;

    use super::*;
    use crate::Principal;

    const CLIENT: &str = "0b8f3f2e-53a6-4b63-9d3c-6a4a3f6f9b11";

    fn parse_bytes(body: &[u8]) -> Parsed {
        let principal = Principal {
            account: "default".into(),
            user: VisitorId::derive(&[b"a"]).into(),
            locale: Locale::from_tag("zh"),
            ..Principal::default()
        };
        parse(&Verified { body: body.into(), principal, at: UnixMillis(7) })
    }

    fn fault(content: &str) -> (String, String) {
        let body = format!(r#"{{"client_id":"{CLIENT}","content":{content}}}"#);
        let reject = parse_bytes(body.as_bytes()).rejects.pop().unwrap_or_else(|| panic!("{content} was taken"));
        (reject.field, reject.reason)
    }

    #[test]
    fn reads_a_text_and_derives_its_id_from_the_client_id() {
        let body = format!(r#"{{"client_id":"{CLIENT}","content":{{"type":"text","text":"你好"}}}}"#);
        let parsed = parse_bytes(body.as_bytes());
        let event = &parsed.events[0];
        assert_eq!(event.kind, EventKind::Message { content: Content::Text { text: "你好".into() } });
        assert_eq!(event.id, event.identity.dedup("message", CLIENT));
        let upper = parse_bytes(body.replace(CLIENT, &CLIENT.to_uppercase()).as_bytes());
        assert_eq!(upper.events[0].id, event.id, "a UUID's case does not make another message");
    }

    #[test]
    fn every_fault_names_its_field() {
        let long = format!(r#"{{"type":"text","text":"{}"}}"#, "好".repeat(4001));
        let upload = UploadId::derive(&[b"u"]);
        let image = |mime: &str, size: &str| {
            format!(r#"{{"type":"image","upload":"{upload}","name":"a.png","mime":"{mime}","size":{size}}}"#)
        };
        for (content, field) in [
            (r#""hi""#.to_owned(), "content"),
            ("{}".into(), "content.type"),
            (r#"{"type":"sticker"}"#.into(), "content.type"),
            (r#"{"type":"event","name":"x"}"#.into(), "content.type"),
            (r#"{"type":"text"}"#.into(), "content.text"),
            (r#"{"type":"text","text":" \n"}"#.into(), "content.text"),
            (r#"{"type":"text","text":5}"#.into(), "content.text"),
            (r#"{"type":"text","text":"a\uffff"}"#.into(), "content.text"),
            (long, "content.text"),
            (r#"{"type":"location","latitude":91,"longitude":0}"#.into(), "content.latitude"),
            (r#"{"type":"location","latitude":1,"longitude":"0"}"#.into(), "content.longitude"),
            (r#"{"type":"postback","payload":"x"}"#.into(), "content.title"),
            (
                r#"{"type":"image","upload":"../../etc","name":"a","mime":"image/png","size":1}"#.into(),
                "content.upload",
            ),
            (image("image/svg+xml", "1"), "content.mime"),
            (image("application/pdf", "1"), "content.mime"),
            (image("image/png", "0"), "content.size"),
            (image("image/png", "10485761"), "content.size"),
        ] {
            assert_eq!(fault(&content).0, field, "{content}");
        }
        assert!(parse_bytes(image("image/png", "10").as_bytes()).rejects[0].field == "client_id");
    }

    #[test]
    fn the_body_as_a_whole_can_be_at_fault() {
        for (body, field) in [
            (&b"{"[..], ""),
            (b"[]", ""),
            (b"\xff\xfe", ""),
            (b"{}", "client_id"),
            (br#"{"client_id":"1","content":{}}"#, "client_id"),
        ] {
            assert_eq!(parse_bytes(body).rejects[0].field, field);
        }
        assert!(parse_bytes(&vec![b' '; MAX_BODY_BYTES + 1]).rejects[0].reason.contains("65536"));
        let deep = "[".repeat(50_000);
        assert_eq!(parse_bytes(deep.as_bytes()).rejects.len(), 1);
    }

    proptest! {
        #[test]
        fn any_bytes_give_one_event_or_one_reject(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let parsed = parse_bytes(&body);
            prop_assert_eq!(parsed.events.len() + parsed.rejects.len(), 1);
        }

        #[test]
        fn any_text_up_to_the_limit_is_kept_as_it_is(text in "\\PC{1,200}") {
            prop_assume!(!text.trim().is_empty());
            let body = serde_json::json!({"client_id": CLIENT, "content": {"type": "text", "text": text}}).to_string();
            let parsed = parse_bytes(body.as_bytes());
            prop_assert_eq!(&parsed.events[0].kind, &EventKind::Message { content: Content::Text { text } });
        }
    }
}
