//! How an account's messages are sent.

use serde_json::Value;

use super::section::Section;
use super::template::{Place, places};
use crate::KeySet;
use crate::SettingsFault;
use crate::settings::fault;

/// Longest text of one call, in characters, where the account says nothing else.
pub(super) const TEXT_CHARS: usize = 4000;

/// How an account's messages are sent: the setting `send`.
///
/// - `url`: where they are posted (https);
/// - `body`: the JSON that is posted, a template: see [`Place`] for what stands in it; `{{user}}` and `{{text}}` must;
/// - `max_text_chars`: longer texts are sent in parts; 4000 if it is not set.
#[derive(Debug, PartialEq)]
pub struct Posting {
    pub(super) url: String,
    pub(super) body: Value,
    pub(super) max_text_chars: usize,
    /// Choices have a place of their own, and need not stand in the text.
    pub(super) choices: bool,
    /// So have files.
    pub(super) files: bool,
}

impl Posting {
    /// Reads the setting.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn read(path: &str, setting: &Value) -> Result<Self, SettingsFault> {
        let section = Section::read(path, setting, &["url", "body", "max_text_chars"])?;
        let (_, url) = section.needed("url", section.field("url"))?;
        let url = url.as_str().filter(|url| is_address(url));
        let url =
            url.ok_or_else(|| section.fault("url", "must be an https address without user, blanks and fragment"))?;
        let (at, body) = section.needed("body", section.field("body"))?;
        let places = places(&at, body)?;
        for needed in [Place::User, Place::Text] {
            if !places.contains(&needed) {
                return Err(fault(&at, &format!("has no place for {{{{{}}}}}", needed.name())));
            }
        }
        let max_text_chars = section.field("max_text_chars").map_or(Ok(TEXT_CHARS), |(path, value)| {
            let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
            number
                .filter(|number| (100..=10_000).contains(number))
                .ok_or_else(|| fault(&path, "must be a number from 100 to 10000"))
        })?;
        Ok(Self {
            url: url.to_owned(),
            body: body.clone(),
            max_text_chars,
            choices: places.contains(&Place::Choices),
            files: places.contains(&Place::File) || places.contains(&Place::FileUrl),
        })
    }

    /// The account's, from the channel's settings.
    ///
    /// # Errors
    /// It is not set, or wrong.
    pub(super) fn of(keys: &KeySet, account: &str) -> Result<Self, SettingsFault> {
        let path = format!("settings.{}.{account}.send", super::ACCOUNTS);
        let setting = keys.setting(super::ACCOUNTS).and_then(|accounts| accounts.get(account)?.get("send"));
        Self::read(&path, setting.ok_or_else(|| fault(&path, "is missing"))?)
    }
}

/// Whether it is a plain https address. It comes from the platform's engineer alone: no customer can choose where we call.
fn is_address(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let printable =
        url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'\\' | b'"' | b'<' | b'>'));
    !host.is_empty() && !host.contains('@') && !host.starts_with(':') && printable
}
