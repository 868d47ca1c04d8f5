//! Links as a text message: nobody can listen to an address, so an answer that has some offers to text them. What was
//! offered stands in the address of the next request (`place.rs`); the message goes out as a delivery of its own, through
//! Twilio's Messages resource with the credentials of the number that was called, and the call then hears how that went.

use domain::{Author, Button, Content, Outbound};

use super::account::Account;
use crate::ear::addresses;
use crate::sms::segments;
use crate::{RenderError, Rendering, WireCall, twilio};

/// The key. Digits are choices, `0` is a person's, and `#` ends what is typed.
pub(super) const KEY: &str = "*";
/// What is said instead of pressing it, without what is around it.
const SAID: &[&str] = &[
    "text",
    "text me",
    "text it",
    "text me the link",
    "text me the links",
    "text me that",
    "text the link",
    "text it to me",
    "text the link to me",
    "send me the link",
    "send me a text",
    "send me a text message",
    "send a text",
    "send a text message",
    "send the link",
    "发短信",
    "短信",
    "发短信给我",
    "短信发给我",
    "用短信发给我",
    "把链接发给我",
    "把链接用短信发给我",
    "链接发给我",
    "发链接",
    "发给我",
    "发个短信",
    "发条短信",
];
/// Words of politeness and assent before and after it.
const BEFORE: &[&str] = &[
    "please",
    "yes",
    "yeah",
    "okay",
    "ok",
    "can you",
    "could you",
    "请",
    "麻烦",
    "好的",
    "好",
    "可以",
    "给我",
    "帮我",
];
const AFTER: &[&str] = &["please", "thank you", "thanks", "谢谢", "吧"];
/// Most links of one message, and most bytes of them together.
const MOST: usize = 3;
const MOST_BYTES: usize = 400;

/// The links that a delivery offers to text; none, where no text message can go to the caller.
pub(super) fn offered(outbound: &Outbound, account: &Account) -> Vec<String> {
    if account.sms_from.is_none() || !reaches(&outbound.identity.user) {
        return vec![];
    }
    let told = outbound.messages.iter().filter(|message| message.author != Author::Customer);
    let mut links: Vec<String> = vec![];
    let mut bytes = 0;
    for link in told.flat_map(|message| of(&message.content)) {
        if links.len() < MOST && bytes + link.len() <= MOST_BYTES && !links.contains(&link) {
            bytes += link.len();
            links.push(link);
        }
    }
    links
}

/// The links of a content.
fn of(content: &Content) -> Vec<String> {
    let linked = |buttons: &[Button]| {
        let url = |button: &Button| match button {
            Button::Link { url, .. } => Some(url.clone()),
            Button::Postback { .. } => None,
        };
        buttons.iter().filter_map(url).collect::<Vec<_>>()
    };
    match content {
        Content::Text { text } | Content::QuickReplies { text, .. } => addresses(text),
        Content::Buttons { text, buttons } => [addresses(text), linked(buttons)].concat(),
        Content::Card { text, buttons, .. } => {
            [addresses(text.as_deref().unwrap_or_default()), linked(buttons)].concat()
        }
        Content::Image(_)
        | Content::Audio(_)
        | Content::Video(_)
        | Content::File(_)
        | Content::Location { .. }
        | Content::Postback { .. }
        | Content::Event { .. } => vec![],
    }
}

/// Whether a text message can reach a caller, as far as their number tells: it is in E.164; it is none of mainland China,
/// whose carriers take approved templates alone; it is no toll-free one of North America.
fn reaches(user: &str) -> bool {
    let Some(digits) = user.strip_prefix('+') else { return false };
    let is_number = (7..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    let mainland = digits.starts_with("86");
    let toll_free =
        ["1800", "1833", "1844", "1855", "1866", "1877", "1888"].iter().any(|code| digits.starts_with(code));
    is_number && !digits.starts_with('0') && !mainland && !toll_free
}

/// Whether this is how a caller takes the offer.
pub(super) fn is_wanted(said: &str) -> bool {
    if said == KEY {
        return true;
    }
    let plain = |letter: char| if letter.is_alphanumeric() { letter } else { ' ' };
    let said: String = said.chars().flat_map(char::to_lowercase).map(plain).collect();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut said = said.as_str();
    loop {
        if SAID.contains(&said) {
            return true;
        }
        let begun = BEFORE.iter().find_map(|word| said.strip_prefix(word));
        let Some(rest) = begun.or_else(|| AFTER.iter().find_map(|word| said.strip_suffix(word))) else { return false };
        said = rest.trim();
    }
}

/// The text message. Whoever may have sent it before is not followed by a second one.
pub(super) fn render(
    outbound: &Outbound,
    account: &Account,
    with: &Rendering<'_>,
) -> Result<Vec<WireCall>, RenderError> {
    if with.doubt {
        return Err(RenderError("an earlier sender may have sent the text message".to_owned()));
    }
    let from = account.sms_from.as_deref();
    let from = from.ok_or_else(|| RenderError("the number that was called has no `sms_from`".to_owned()))?;
    let to = outbound.identity.user.as_str();
    if !reaches(to) {
        return Err(RenderError("no text message can go to the customer's number".to_owned()));
    }
    let told = outbound.messages.iter().filter(|message| message.author != Author::Customer);
    let texts: Vec<&str> = told
        .filter_map(|message| if let Content::Text { text } = &message.content { Some(text.as_str()) } else { None })
        .collect();
    let owner = account.owner(with.keys).ok_or_else(|| RenderError(format!("no `{}`", twilio::AUTH_TOKENS)))?;
    let body = shortest(&texts.join("\n"));
    let fields = [("To", to), ("From", from), ("Body", body.as_str())];
    Ok(vec![WireCall::Http(twilio::call(owner, "Messages.json", &fields, with.keys)?)])
}

/// The text; its links alone, where the words about them would cost a further message.
fn shortest(text: &str) -> String {
    let links: Vec<&str> = text.lines().filter(|line| line.starts_with("http")).collect();
    let links = links.join("\n");
    if !links.is_empty() && segments(&links).count < segments(text).count { links } else { text.to_owned() }
}
