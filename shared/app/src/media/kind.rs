//! What a file is, by its bytes: what the sender says counts only where bytes do not tell, and is harmless.

/// What anything is that might do something when it is opened.
const OPAQUE: &str = "application/octet-stream";
/// Types without marks in their bytes that can be believed: no browser runs them.
const BELIEVED: &[&str] = &["text/plain", "text/csv", "application/json"];

/// The media type of a file that begins with these bytes and was declared as this type.
pub(super) fn kind(bytes: &[u8], declared: &str) -> String {
    let declared = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match sniffed(bytes) {
        Some(mime) if is_harmless(mime) => mime.to_owned(),
        None if BELIEVED.contains(&declared.as_str()) => declared,
        Some(_) | None => OPAQUE.to_owned(),
    }
}

/// What the bytes show.
fn sniffed(bytes: &[u8]) -> Option<&'static str> {
    if let Some(voice) = voice(bytes) {
        return Some(voice);
    }
    let mime = infer::get(bytes).map(|kind| kind.mime_type())?;
    Some(match mime {
        // Voice notes are sounds in a box that could hold films, and are sent as such.
        "audio/m4a" => "audio/mp4",
        "audio/x-wav" => "audio/wav",
        "audio/x-flac" => "audio/flac",
        "audio/opus" => "audio/ogg",
        other => other,
    })
}

/// The voice formats of phones and of Tencent's apps.
fn voice(bytes: &[u8]) -> Option<&'static str> {
    let silk = bytes.strip_prefix(&[2]).unwrap_or(bytes);
    if silk.starts_with(b"#!SILK") {
        return Some("audio/silk");
    }
    bytes.starts_with(b"#!AMR").then_some("audio/amr")
}

/// Whether nothing happens when it is shown: no page, script or program.
fn is_harmless(mime: &str) -> bool {
    let shown = mime.starts_with("image/") || mime.starts_with("audio/") || mime.starts_with("video/");
    let document = mime == "application/pdf"
        || mime == "application/zip"
        || mime.starts_with("application/vnd.openxmlformats-officedocument")
        || mime.starts_with("application/vnd.oasis.opendocument");
    (shown && !mime.contains("svg")) || document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_tell_more_than_names() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF";
        let ogg = b"OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead\x01";
        let m4a = b"\0\0\0\x20ftypM4A \0\0\0\0M4A mp42isom";
        let mp4 = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41";
        let wav = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0";
        let exe = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0";
        for (bytes, declared, mime) in [
            (&png[..], "image/jpeg", "image/png"),
            (&jpeg[..], "text/html", "image/jpeg"),
            (&ogg[..], "audio/ogg; codecs=opus", "audio/ogg"),
            (&m4a[..], "audio/mp4", "audio/mp4"),
            (&mp4[..], "", "video/mp4"),
            (&wav[..], "audio/amr", "audio/wav"),
            (b"#!AMR\n\x3c", "audio/x-speex", "audio/amr"),
            (b"#!AMR-WB\n\x3c", "audio/mpeg", "audio/amr"),
            (b"\x02#!SILK_V3", "audio/amr", "audio/silk"),
            (b"ID3\x03\0\0\0\0\0\0", "audio/mpeg", "audio/mpeg"),
            (b"fLaC\0\0\0\x22", "audio/flac", "audio/flac"),
            (b"%PDF-1.7", "image/png", "application/pdf"),
            (&exe[..], "image/jpeg", OPAQUE),
            (b"\x7fELF\x02\x01\x01\0", "image/jpeg", OPAQUE),
            (b"#!/bin/sh\nrm", "text/plain", OPAQUE),
            (b"<!DOCTYPE html><script>", "image/png", OPAQUE),
            (b"<html><script>", "text/plain", OPAQUE),
            (b"<svg xmlns='x' onload='y'>", "image/svg+xml", OPAQUE),
            (b"<?xml version='1.0'?><svg/>", "image/svg+xml", OPAQUE),
            (b"a,b\n1,2", "text/csv", "text/csv"),
            (b"some notes", "text/plain; charset=utf-8", "text/plain"),
            (b"some notes", "text/html", OPAQUE),
            (b"no picture", "image/png", OPAQUE),
            (b"", "", OPAQUE),
        ] {
            assert_eq!(kind(bytes, declared), mime, "{:?} as {declared}", String::from_utf8_lossy(bytes));
        }
    }
}
