//! What a message says.

use domain::{Attachment, Content};

use super::update;

/// The contents of a message, in order; never none.
pub(super) fn contents(message: &update::Message) -> Vec<Content> {
    let text = message.text.as_ref().filter(|text| !text.trim().is_empty());
    if let Some(reply) = &message.quick_reply {
        let title = text.unwrap_or(&reply.payload).clone();
        return vec![Content::Postback { payload: reply.payload.clone(), title }];
    }
    let attachments = message.attachments.iter().flatten();
    // A link in the text comes again as an attachment of this kind.
    let attachments = attachments.filter(|attachment| text.is_none() || attachment.kind != "fallback");
    let mut contents: Vec<Content> = text.map(|text| Content::Text { text: text.clone() }).into_iter().collect();
    contents.extend(attachments.map(attached));
    if contents.is_empty() || message.is_unsupported {
        contents = vec![event("unsupported")];
    }
    contents
}

pub(super) fn event(name: &str) -> Content {
    Content::Event { name: name.to_owned() }
}

fn attached(attachment: &update::Attachment) -> Content {
    let payload = attachment.payload.as_ref();
    let url = payload.and_then(|payload| payload.url.as_ref()).or(attachment.url.as_ref());
    let url = url.filter(|url| url.starts_with("https://"));
    let title = payload.and_then(|payload| payload.title.as_ref()).or(attachment.title.as_ref());
    let coordinates = payload.and_then(|payload| payload.coordinates.as_ref());
    match (attachment.kind.as_str(), url, coordinates) {
        ("image", Some(url), _) => Content::Image(file(url, "photo.jpg", "image/jpeg")),
        ("audio", Some(url), _) => Content::Audio(file(url, "voice.mp4", "audio/mp4")),
        ("video" | "reel" | "ig_reel", Some(url), _) => Content::Video(file(url, "video.mp4", "video/mp4")),
        ("file", Some(url), _) => {
            let name = named(url).unwrap_or_else(|| "file".to_owned());
            Content::File(file(url, &name, "application/octet-stream"))
        }
        ("fallback" | "share" | "post" | "ig_post", Some(url), _) => {
            let text = title.map_or_else(|| url.clone(), |title| format!("{title}\n{url}"));
            Content::Text { text }
        }
        ("location", _, Some(place)) if place.lat.abs() <= 90.0 && place.long.abs() <= 180.0 => {
            Content::Location { latitude: place.lat, longitude: place.long, label: title.cloned() }
        }
        ("story_mention", _, _) => event("story_mention"),
        _ => event("unsupported"),
    }
}

/// A file at the provider's own address, which holds for some days.
fn file(url: &str, name: &str, mime: &str) -> Attachment {
    Attachment { upload: None, url: Some(url.to_owned()), name: name.to_owned(), mime: mime.to_owned(), size: 0 }
}

/// The name that a file has in its address.
fn named(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let (_, name) = path.strip_prefix("https://")?.rsplit_once('/')?;
    // As a query's value it is decoded without a plus becoming a blank.
    let query = format!("name={}", name.replace('+', "%2B"));
    let (_, name) = form_urlencoded::parse(query.as_bytes()).next()?;
    let plain = name.contains('.')
        && name.len() <= 200
        && !name.chars().any(|letter| letter.is_control() || "/\\".contains(letter));
    plain.then(|| name.into_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(message: Value) -> Vec<Content> {
        contents(&serde_json::from_value(message).unwrap())
    }

    fn text(text: &str) -> Content {
        Content::Text { text: text.to_owned() }
    }

    #[test]
    fn every_kind_of_message_is_something() {
        let url = "https://cdn.example/v/t59/x.mp4?_nc=1";
        let attached = |kind: &str| json!({ "attachments": [{ "type": kind, "payload": { "url": url } }] });
        let postback = |payload: &str, title: &str| Content::Postback { payload: payload.into(), title: title.into() };
        for (message, expected) in [
            (json!({ "text": "你好" }), vec![text("你好")]),
            (json!({ "text": " " }), vec![event("unsupported")]),
            (json!({}), vec![event("unsupported")]),
            (json!({ "is_unsupported": true }), vec![event("unsupported")]),
            (json!({ "text": "Yes", "quick_reply": { "payload": "Y" } }), vec![postback("Y", "Yes")]),
            (json!({ "quick_reply": { "payload": "Y" } }), vec![postback("Y", "Y")]),
            (attached("image"), vec![Content::Image(file(url, "photo.jpg", "image/jpeg"))]),
            (attached("audio"), vec![Content::Audio(file(url, "voice.mp4", "audio/mp4"))]),
            (attached("video"), vec![Content::Video(file(url, "video.mp4", "video/mp4"))]),
            (attached("ig_reel"), vec![Content::Video(file(url, "video.mp4", "video/mp4"))]),
            (attached("file"), vec![Content::File(file(url, "x.mp4", "application/octet-stream"))]),
            (attached("share"), vec![text(url)]),
            (attached("story_mention"), vec![event("story_mention")]),
            (attached("ephemeral"), vec![event("unsupported")]),
            (attached("new kind"), vec![event("unsupported")]),
            (
                json!({ "attachments": [{ "type": "image", "payload": { "url": "http://a.example" } }] }),
                vec![event("unsupported")],
            ),
            (json!({ "attachments": [{ "type": "image", "payload": null }] }), vec![event("unsupported")]),
            (
                json!({ "attachments": [{ "type": "location", "title": "Office", "payload": { "coordinates": { "lat": 1.5, "long": -2 } } }] }),
                vec![Content::Location { latitude: 1.5, longitude: -2.0, label: Some("Office".to_owned()) }],
            ),
            (
                json!({ "attachments": [{ "type": "fallback", "title": "Shop", "url": "https://a.example", "payload": null }] }),
                vec![text("Shop\nhttps://a.example")],
            ),
            (
                json!({ "text": "see https://a.example", "attachments": [{ "type": "fallback", "url": "https://a.example" }] }),
                vec![text("see https://a.example")],
            ),
            (
                json!({ "text": "two", "attachments": [{ "type": "image", "payload": { "url": url } }, { "type": "audio", "payload": { "url": url } }] }),
                vec![
                    text("two"),
                    Content::Image(file(url, "photo.jpg", "image/jpeg")),
                    Content::Audio(file(url, "voice.mp4", "audio/mp4")),
                ],
            ),
        ] {
            assert_eq!(of(message.clone()), expected, "{message}");
        }
    }

    #[test]
    fn a_file_has_the_name_of_its_address_if_that_is_one() {
        for (url, name) in [
            ("https://a.example/x/order%20+1.pdf?y=/z.exe", Some("order +1.pdf")),
            ("https://a.example/x/%E5%8F%91%E7%A5%A8.pdf", Some("发票.pdf")),
            ("https://a.example/x", None),
            ("https://a.example", None),
            ("https://a.example/..%2Fx.pdf", None),
            ("https://a.example/a%00.pdf", None),
        ] {
            assert_eq!(named(url).as_deref(), name, "{url}");
        }
    }
}
