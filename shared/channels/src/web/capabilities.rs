//! What the web channel carries, and the visitor API's limits.

use domain::{Capabilities, Transport};

/// Longest text a visitor may send, in characters.
pub const MAX_TEXT_CHARS: usize = 4000;
/// Largest body of a visitor API request, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// Largest file a visitor may upload, in bytes.
pub const MAX_UPLOAD_BYTES: u64 = 10 * 1024 * 1024;
/// Media types a visitor may upload.
pub const UPLOAD_TYPES: &[&str] = &[
    "application/pdf",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/webm",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/plain",
    "video/mp4",
    "video/webm",
];

pub(crate) static CAPABILITIES: Capabilities = Capabilities {
    transport: Transport::Web,
    max_text_chars: MAX_TEXT_CHARS,
    max_quick_replies: 13,
    max_buttons: 5,
    max_choice_chars: 60,
    cards: true,
    files: true,
    echoes: true,
    // Readers and sockets know messages by their ids.
    idempotent: true,
    ..Capabilities::PLAIN
};
