//! A mail's files.

use domain::{Attachment, Content, GroupId, UploadId};
use mail_parser::{Message, MessagePart, MimeHeaders as _, PartType};

use crate::ReceivedFile;

/// Files of one mail that are kept, at most; what there is besides is named only.
const MOST_FILES: usize = 20;
/// Bytes of one file, and of all together, that are kept.
const MOST_BYTES: usize = 25 * 1024 * 1024;
const MOST_BYTES_IN_ALL: usize = 40 * 1024 * 1024;
/// Files of one mail that are named, at most.
const MOST_NAMED: usize = 50;
/// Pictures within the text that are smaller are ornaments: logos, lines, pixels that tell who has read a mail.
const ORNAMENT_BYTES: usize = 2 * 1024;
/// Longest file name, in characters.
const MAX_NAME: usize = 120;
/// The type of what is only kept.
const OCTETS: &str = "application/octet-stream";

/// A mail's files, as messages name them and as they are kept.
pub(super) fn files(mail: &Message<'_>, group: &GroupId, id: &str) -> (Vec<Content>, Vec<ReceivedFile>) {
    let (mut named, mut kept) = (vec![], vec![]);
    let mut left = MOST_BYTES_IN_ALL;
    for (index, part) in mail.attachments().enumerate() {
        let bytes = bytes(part);
        let mime = kind(part, bytes);
        if named.len() >= MOST_NAMED || is_ornament(part, &mime, bytes) {
            continue;
        }
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let fits = kept.len() < MOST_FILES && bytes.len() <= MOST_BYTES.min(left) && !bytes.is_empty();
        let upload =
            fits.then(|| UploadId::derive(&[b"mail", group.as_str().as_bytes(), id.as_bytes(), &index.to_be_bytes()]));
        if let Some(upload) = &upload {
            left -= bytes.len();
            kept.push(ReceivedFile {
                group: group.clone(),
                upload: upload.clone(),
                mime: mime.clone(),
                bytes: bytes.to_vec(),
            });
        }
        let file = Attachment { upload, url: None, name: name(part, index), mime, size };
        named.push(match file.mime.split('/').next() {
            Some("image") => Content::Image(file),
            Some("audio") => Content::Audio(file),
            Some("video") => Content::Video(file),
            _ => Content::File(file),
        });
    }
    (named, kept)
}

fn bytes<'a>(part: &'a MessagePart<'_>) -> &'a [u8] {
    match &part.body {
        PartType::Message(mail) => &mail.raw_message,
        PartType::Text(_)
        | PartType::Html(_)
        | PartType::Binary(_)
        | PartType::InlineBinary(_)
        | PartType::Multipart(_) => part.contents(),
    }
}

/// The file's type by what is in it. What a browser or a system would run is kept as bytes that mean nothing; what has no
/// signs of its own is what the sender says, if that is harmless.
fn kind(part: &MessagePart<'_>, bytes: &[u8]) -> String {
    let said = part.content_type().map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()));
    let said = said.unwrap_or_default().to_lowercase();
    if said == "application/ms-tnef" || bytes.starts_with(&[0x78, 0x9f, 0x3e, 0x22]) {
        return "application/ms-tnef".to_owned();
    }
    match infer::get(bytes) {
        Some(found) => match found.matcher_type() {
            infer::MatcherType::Image if found.mime_type() != "image/svg+xml" => found.mime_type().to_owned(),
            infer::MatcherType::Audio
            | infer::MatcherType::Video
            | infer::MatcherType::Archive
            | infer::MatcherType::Doc
            | infer::MatcherType::Book
            | infer::MatcherType::Font => found.mime_type().to_owned(),
            infer::MatcherType::App
            | infer::MatcherType::Text
            | infer::MatcherType::Custom
            | infer::MatcherType::Image => OCTETS.to_owned(),
        },
        None if matches!(said.as_str(), "text/plain" | "text/csv" | "text/calendar" | "application/json") => said,
        None => OCTETS.to_owned(),
    }
}

fn is_ornament(part: &MessagePart<'_>, mime: &str, bytes: &[u8]) -> bool {
    let inline =
        part.content_id().is_some() || part.content_disposition().is_some_and(mail_parser::ContentType::is_inline);
    inline && mime.starts_with("image/") && bytes.len() < ORNAMENT_BYTES
}

/// The file's name without folders and signs that are none; one is made up where there is none.
fn name(part: &MessagePart<'_>, index: usize) -> String {
    let given = part.attachment_name().unwrap_or_default();
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    // Signs that turn the direction of writing make `exe.txt` of `txt.exe`.
    let turns =
        |letter: char| matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    let name: String = last.chars().filter(|letter| !letter.is_control() && !turns(*letter)).take(MAX_NAME).collect();
    let name = name.trim();
    match (&part.body, name) {
        (PartType::Message(_), "") => "forwarded.eml".to_owned(),
        (_, "") => format!("file-{}", index + 1),
        (_, name) => name.to_owned(),
    }
}
