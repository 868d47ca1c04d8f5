//! What a message says.

use domain::{Attachment, Content};

use super::update::{Contact, Media, Message};

/// The contents of a message, in order: none of what is no message by itself. A field that is not there, or is not as it should be, is named.
pub(super) fn contents(message: &Message) -> Result<Vec<Content>, &'static str> {
    let file = |media: &Option<Media>, field, kind: fn(Attachment) -> Content, name, mime| {
        let media = media.as_ref().ok_or(field)?;
        let caption = media.caption.as_ref().filter(|caption| !caption.trim().is_empty());
        let caption = caption.map(|caption| Content::Text { text: caption.clone() });
        Ok([kind(attachment(media, name, mime))].into_iter().chain(caption).collect())
    };
    match message.kind.as_str() {
        "text" => {
            let text = message.text.as_ref().ok_or("text.body")?.body.clone();
            Ok(vec![if text.trim().is_empty() { event("unsupported") } else { Content::Text { text } }])
        }
        "image" => file(&message.image, "image.id", Content::Image, "photo.jpg", "image/jpeg"),
        "sticker" => file(&message.sticker, "sticker.id", Content::Image, "sticker.webp", "image/webp"),
        "audio" | "voice" => file(&message.audio, "audio.id", Content::Audio, "voice.ogg", "audio/ogg"),
        "video" => file(&message.video, "video.id", Content::Video, "video.mp4", "video/mp4"),
        "document" => file(&message.document, "document.id", Content::File, "file", "application/octet-stream"),
        "location" => {
            let place = message.location.as_ref().ok_or("location")?;
            if !(place.latitude.abs() <= 90.0 && place.longitude.abs() <= 180.0) {
                return Err("location.latitude");
            }
            let label = [&place.name, &place.address].into_iter().flatten().cloned().collect::<Vec<_>>().join("\n");
            let label = Some(label).filter(|label| !label.is_empty());
            Ok(vec![Content::Location { latitude: place.latitude, longitude: place.longitude, label }])
        }
        "contacts" => Ok(vec![numbers(message.contacts.as_deref().unwrap_or_default())]),
        "interactive" => chosen(message).map(|content| vec![content]),
        "button" => {
            let button = message.button.as_ref().ok_or("button")?;
            let payload = button.payload.as_ref().unwrap_or(&button.text).clone();
            Ok(vec![Content::Postback { payload, title: button.text.clone() }])
        }
        // Of an earlier message, or of the number and not from the person.
        "reaction" | "edit" | "revoke" | "system" => Ok(vec![]),
        "order" => Ok(vec![event("order")]),
        "" => Err("type"),
        _ => Ok(vec![event("unsupported")]),
    }
}

/// A choice of ours that was taken, or a form that was filled in.
fn chosen(message: &Message) -> Result<Content, &'static str> {
    let interactive = message.interactive.as_ref().ok_or("interactive")?;
    if let Some(choice) = interactive.button_reply.as_ref().or(interactive.list_reply.as_ref()) {
        let title = choice.title.as_ref().unwrap_or(&choice.id).clone();
        return Ok(Content::Postback { payload: choice.id.clone(), title });
    }
    Ok(match &interactive.nfm_reply {
        Some(form) => {
            let payload = form.response_json.clone().unwrap_or_default();
            let title = form.body.as_ref().unwrap_or(&payload).clone();
            Content::Postback { payload, title }
        }
        None => event("unsupported"),
    })
}

fn event(name: &str) -> Content {
    Content::Event { name: name.to_owned() }
}

/// The numbers of the people whose cards were sent.
fn numbers(contacts: &[Contact]) -> Content {
    let phones = contacts.iter().flat_map(|contact| &contact.phones);
    let text = phones.filter_map(|phone| phone.phone.clone()).collect::<Vec<_>>().join("\n");
    if text.is_empty() { event("unsupported") } else { Content::Text { text } }
}

/// A file by the provider's own id: its address is asked for when it is fetched.
fn attachment(media: &Media, name: &str, mime: &str) -> Attachment {
    let or = |given: &Option<String>, usual: &str| {
        given.as_ref().filter(|given| !given.is_empty()).map_or_else(|| usual.to_owned(), Clone::clone)
    };
    Attachment {
        upload: None,
        url: Some(format!("whatsapp-media:{}", media.id)),
        name: or(&media.filename, name),
        mime: or(&media.mime_type, mime),
        size: 0,
    }
}
