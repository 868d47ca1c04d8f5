//! Words that the law gives customers: to end messages, to have them again, to ask whose they are. Only a message that is
//! nothing else counts: "cancel my order" is a question.

use domain::{Content, Locale};

use super::settings::{Account, Provider};

/// Each word in lower case, and the wish that it is.
const WORDS: &[(&str, &str)] = &[
    ("stop", "opt_out"),
    ("stopall", "opt_out"),
    ("unsubscribe", "opt_out"),
    ("cancel", "opt_out"),
    ("end", "opt_out"),
    ("quit", "opt_out"),
    ("revoke", "opt_out"),
    ("optout", "opt_out"),
    ("opt-out", "opt_out"),
    ("remove", "opt_out"),
    ("arret", "opt_out"),
    ("td", "opt_out"),
    ("退订", "opt_out"),
    ("退訂", "opt_out"),
    ("取消订阅", "opt_out"),
    ("取消訂閱", "opt_out"),
    ("拒收", "opt_out"),
    ("start", "opt_in"),
    ("unstop", "opt_in"),
    ("订阅", "opt_in"),
    ("訂閱", "opt_in"),
    ("恢复订阅", "opt_in"),
    ("恢復訂閱", "opt_in"),
    ("help", "help"),
    ("info", "help"),
    ("帮助", "help"),
    ("幫助", "help"),
];
/// Words of mainland templates, which mean something else elsewhere.
const MAINLAND: &[&str] = &["t", "n", "0000"];

/// The words that Twilio answers itself.
const TWILIO: &[&str] =
    &["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "start", "unstop", "help", "info"];
/// The words that AWS answers itself.
const AWS: &[&str] = &[
    "arret",
    "cancel",
    "end",
    "opt-out",
    "optout",
    "quit",
    "remove",
    "stop",
    "td",
    "unsubscribe",
    "start",
    "unstop",
    "help",
];

/// The wish that a message is, and its language; `None`: it is a message like any other. `told`: what the provider itself
/// took it for, which it has answered.
pub(super) fn wish(text: &str, account: &Account, told: Option<&str>) -> Option<(Content, Option<Locale>)> {
    let word = plain(text);
    let locale = Locale::from_tag(if word.is_ascii() { "en" } else { "zh" });
    let event = |name: String| (Content::Event { name }, locale.clone());
    match told {
        Some("STOP") => return Some(event("opt_out".to_owned())),
        Some("START") => return Some(event("opt_in".to_owned())),
        Some("HELP") => return Some(event("help".to_owned())),
        Some(_) | None => {}
    }
    let mainland = matches!(account.provider, Provider::Aliyun | Provider::Tencent);
    let known = WORDS.iter().find(|(known, _)| *known == word).map(|(_, wish)| *wish);
    let further = account.opt_out_words.iter().any(|known| plain(known) == word);
    let opts_out = (mainland && MAINLAND.contains(&word.as_str())) || (further && !word.is_empty());
    let wish = known.or_else(|| opts_out.then_some("opt_out"))?;
    let answered = match account.provider {
        Provider::Twilio => !account.self_managed && TWILIO.contains(&word.as_str()),
        Provider::Aws => !account.self_managed && AWS.contains(&word.as_str()),
        // Only templates go out there: nothing could confirm it.
        Provider::Aliyun | Provider::Tencent => true,
    };
    Some(event(if answered { wish.to_owned() } else { format!("{wish}_unanswered") }))
}

/// The word alone: without blanks, signs around it and case; full-width letters as the usual ones.
fn plain(text: &str) -> String {
    let usual = |letter: char| match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        _ => letter,
    };
    let text: String = text.chars().map(usual).flat_map(char::to_lowercase).collect();
    let around = |letter: char| {
        letter.is_whitespace() || matches!(letter, '.' | '!' | '?' | ',' | '。' | '"' | '\'' | '“' | '”')
    };
    text.trim_matches(around).to_owned()
}
