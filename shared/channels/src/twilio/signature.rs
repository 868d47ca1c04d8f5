//! What Twilio signs, and with what.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Fields;
use crate::hmac;

/// With what a webhook is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// The account's auth token, by HMAC-SHA1.
    Token,
    /// The shared key of this id, by HMAC-SHA256.
    SharedKey(String),
}

impl Algorithm {
    /// What the header `X-Twilio-Webhooks-Signature-Settings` (`key=<id>,algorithm=<name>`) names; without it, or without
    /// an algorithm in it, it is the auth token. `None`: one that is not known.
    pub(super) fn named(settings: Option<&str>) -> Option<Self> {
        let part = |name: &str| {
            let parts = settings.unwrap_or_default().split(',').filter_map(|part| part.split_once('='));
            let mut parts = parts.map(|(name, value)| (name.trim(), value.trim()));
            parts.find(|(found, value)| *found == name && !value.is_empty()).map(|(_, value)| value)
        };
        match part("algorithm").unwrap_or("HMAC_SHA1").to_ascii_uppercase().as_str() {
            "HMAC_SHA1" => Some(Self::Token),
            "HMAC_SHA256" => Some(Self::SharedKey(part("key").unwrap_or_default().to_owned())),
            _ => None,
        }
    }

    /// The signature of an address with these fields, in base 64.
    pub(super) fn sign(&self, secret: &str, url: &str, fields: &Fields) -> String {
        let text = signed_text(url, fields);
        let (secret, parts) = (secret.as_bytes(), [text.as_bytes()]);
        match self {
            Self::Token => STANDARD.encode(hmac::sha1(secret, &parts)),
            Self::SharedKey(_) => STANDARD.encode(hmac::sha256(secret, &parts)),
        }
    }
}

/// The address, and each field's name and value after it: names in order, each value of a name once and in order.
fn signed_text(url: &str, fields: &Fields) -> String {
    let mut text = url.to_owned();
    for (name, values) in fields.iter() {
        let mut values: Vec<&String> = values.iter().collect();
        values.sort();
        values.dedup();
        for value in values {
            text.push_str(name);
            text.push_str(value);
        }
    }
    text
}

/// The address without its port, and with it: Twilio signs now the one, now the other.
pub(super) fn spellings(url: &str) -> [String; 2] {
    let Some((scheme, rest)) = url.split_once("://") else { return [url.to_owned(), url.to_owned()] };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    // A colon before a bracket is part of an IPv6 address.
    let port = authority.rfind(':').filter(|at| !authority.get(*at..).is_some_and(|after| after.contains(']')));
    let (host, port) = port.map_or((authority, ""), |at| authority.split_at(at));
    let usual = if scheme == "http" { ":80" } else { ":443" };
    let port = if port.is_empty() { usual } else { port };
    [format!("{scheme}://{host}{rest}"), format!("{scheme}://{host}{port}{rest}")]
}
