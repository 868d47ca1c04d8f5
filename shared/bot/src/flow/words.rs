//! The words that every flow understands and says.

use crate::text::{Language, canonical, normalise};

const CANCELS: &str = "算了 算了吧 取消 取消吧 不用了 不办了 不弄了 退出|never mind|nevermind|cancel|cancel it|cancel this|cancel that|forget it|forget about it|i changed my mind|ive changed my mind|quit|stop";
/// What begins so ends it too, whatever follows: 「算了，不退了」.
const CANCELS_AT_ONCE: &str = "算了";
const YES: &str = "是 是的 对 对的 好 好的 可以 行 嗯 确认 确定 没错 要 需要 没问题 当然 当然可以 同意 愿意 是这样|yes|y|yeah|yea|yup|yep|ok|okay|sure|correct|right|confirm|thats right|thats correct|that is right|that is correct|of course|absolutely|definitely|certainly|sounds good|go ahead|yes it is|yes i do|i do|i agree|agreed";
const NO: &str = "不 不是 不对 否 不行 不要 不需要 不用 不用了 没有 没 错 错了 不可以 不同意 不愿意 不了 不是这样|no|n|nope|nah|wrong|incorrect|not right|not correct|thats wrong|thats not right|that is wrong|no thank you|not really|i dont|no i dont|no it isnt|i disagree";
const MARKERS: [&str; 12] =
    ["不对", "不是", "说错了", "错了", "改成", "换成", "应该是", "no", "actually", "sorry", "wrong", "i meant"];

fn among(list: &str, text: &str) -> bool {
    let said = canonical(text);
    list.split('|')
        .flat_map(|part| if part.is_ascii() { vec![part] } else { part.split(' ').collect() })
        .any(|word| word == said)
}

/// Whether it ends the flow.
pub(super) fn cancels(text: &str) -> bool {
    let plain = canonical(text);
    let short = plain.trim_start_matches("please ").trim_end_matches(" please");
    plain.starts_with(CANCELS_AT_ONCE) || among(CANCELS, short)
}

/// The language in which it asks to go on.
pub(super) fn wanted_language(text: &str) -> Option<Language> {
    let plain = canonical(text);
    let bare = plain.trim_start_matches("can we ").trim_start_matches("can you ").trim_end_matches(" please");
    let bare = bare
        .trim_start_matches("请")
        .trim_start_matches("能")
        .trim_start_matches("不能")
        .trim_end_matches(['吗', '吧']);
    let bare = bare.trim_start_matches("please ");
    match bare {
        "english" | "in english" | "speak english" | "switch to english" | "说英语" | "说英文" | "用英语"
        | "用英文" | "英语" | "英文" | "换成英文" | "换成英语" => Some(Language::En),
        "chinese" | "in chinese" | "speak chinese" | "switch to chinese" | "说中文" | "用中文" | "讲中文" | "中文"
        | "换成中文" => Some(Language::Zh),
        _ => None,
    }
}

/// A yes or a no.
pub(super) fn yes_no(text: &str) -> Option<bool> {
    let plain = canonical(text);
    let short = plain
        .trim_end_matches([' ', '吧', '呀', '啊', '哦', '的'])
        .trim_end_matches(" please")
        .trim_end_matches(" thanks");
    // 「嗯嗯」, 「对对对」.
    let once = plain.chars().next().filter(|first| plain.chars().all(|c| c == *first)).map(String::from);
    let is = |list| among(list, &plain) || among(list, short) || once.as_deref().is_some_and(|once| among(list, once));
    if is(YES) { Some(true) } else { is(NO).then_some(false) }
}

/// What follows a correction's marker: "no, A-2" → "a-2". `None`: it corrects nothing.
pub(super) fn corrected(text: &str) -> Option<String> {
    let plain = normalise(text);
    let mut rest = plain.as_str();
    let mut marked = false;
    while let Some(shorter) = MARKERS.iter().find_map(|marker| {
        let after = rest.strip_prefix(marker)?;
        (!marker.is_ascii() || !after.starts_with(|c: char| c.is_ascii_alphanumeric())).then_some(after)
    }) {
        rest = shorter
            .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | ':' | '!' | '、' | '。' | ';'));
        marked = true;
    }
    (marked && !rest.is_empty()).then(|| rest.to_owned())
}

/// How a clause begins that says what is not.
const DENIALS: [&str; 12] = [
    "不",
    "没",
    "並",
    "并不",
    "并非",
    "not ",
    "no longer ",
    "it's not ",
    "its not ",
    "it isn't ",
    "it is not ",
    "isn't ",
];
/// What does not deny what follows it.
const NO_DENIALS: [&str; 3] = ["是不是", "有没", "好不"];

/// What is left of a text without what it says is not: 「不是A-1，是A-2」 → 「是A-2」. `None`: it denies nothing, or says nothing
/// else.
pub(super) fn affirmed(text: &str) -> Option<String> {
    let ends = |c: char| matches!(c, ',' | '，' | ';' | '；' | '。' | '、' | '!' | '！' | '\n');
    let clauses = text.split(ends).flat_map(|clause| clause.split(" but ")).map(str::trim);
    let (mut denied, mut left) = (false, Vec::new());
    for clause in clauses.filter(|clause| !clause.is_empty()) {
        let small = clause.to_lowercase();
        if !DENIALS.iter().any(|denial| small.starts_with(denial)) {
            left.push(clause);
            continue;
        }
        denied = true;
        // 「不是坏了是太大」
        let rest = clause.strip_prefix("不是").and_then(|rest| rest.rsplit_once('是'));
        left.extend(rest.map(|(_, other)| other).filter(|other| !other.is_empty()));
    }
    (denied && !left.is_empty()).then(|| left.join(", "))
}

/// Whether what comes next is denied by how a canonical text ends.
pub(super) fn denies_next(before: &str) -> bool {
    let plain = before.trim_end();
    let word = plain.rsplit(' ').next().unwrap_or_default();
    let denies = |denial: &str| plain.ends_with(denial) && !NO_DENIALS.iter().any(|other| plain.ends_with(other));
    matches!(word, "not" | "isnt" | "arent" | "wasnt" | "never")
        || ["不是", "没有", "没", "不", "非"].into_iter().any(denies)
}

/// Whether it asks something.
pub(super) fn asks(text: &str) -> bool {
    let plain = normalise(text);
    plain.ends_with(['?', '吗', '呢', '么'])
}

/// What every flow says.
#[derive(Clone, Copy)]
pub(super) enum Say {
    Cancelled,
    Working,
    Person,
    Yes,
    No,
    YesOrNo,
    ChangeWhat,
}

impl Say {
    pub(super) fn text(self, language: Language) -> &'static str {
        let (zh, en) = match self {
            Self::Cancelled => ("好的，已经取消了。", "All right, I've cancelled that."),
            Self::Working => ("还在办，请再等一下。", "I'm still working on it, one moment please."),
            Self::Person => ("我没能弄明白，请同事来帮您。", "I couldn't make that out, so a colleague will help you."),
            Self::Yes => ("是", "Yes"),
            Self::No => ("否", "No"),
            Self::YesOrNo => ("请回答“是”或“否”。", "Please answer yes or no."),
            Self::ChangeWhat => ("要改哪一项？不办了请说“取消”。", "What shall I change? Say “cancel” to stop."),
        };
        match language {
            Language::Zh => zh,
            Language::En => en,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn understands_its_words() {
        for (text, language) in [
            ("In English please", Some(Language::En)),
            ("English", Some(Language::En)),
            ("请说中文", Some(Language::Zh)),
            ("能用英文吗", Some(Language::En)),
            ("中文", Some(Language::Zh)),
            ("my English lamp", None),
            ("英文说明书", None),
        ] {
            assert_eq!(wanted_language(text), language, "{text}");
        }
        for text in ["算了", "取消。", "Never mind!", "cancel", "算了，不退了", "please cancel this", "Forget about it"]
        {
            assert!(cancels(text), "{text}");
        }
        assert!(!cancels("怎么取消订单") && !cancels("cancel my order"));
        for (text, expected) in [
            ("是的", Some(true)),
            ("對", Some(true)),
            ("Yes please", Some(true)),
            ("好吧", Some(true)),
            ("不是", Some(false)),
            ("No.", Some(false)),
            ("嗯嗯", Some(true)),
            ("对对对", Some(true)),
            ("当然", Some(true)),
            ("同意", Some(true)),
            ("yup", Some(true)),
            ("Of course!", Some(true)),
            ("That's correct", Some(true)),
            ("不用了", Some(false)),
            ("不同意", Some(false)),
            ("nah", Some(false)),
            ("No, thank you", Some(false)),
            ("也许", None),
            ("of course not", None),
        ] {
            assert_eq!(yes_no(text), expected, "{text}");
        }
        for (text, expected) in [
            ("不对，是 A-2", Some("是 a-2")),
            ("no, the other order", Some("the other order")),
            ("no", None),
            ("nothing", None),
            ("A-2", None),
        ] {
            assert_eq!(corrected(text).as_deref(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn are_total(text in "(no|不对|, |wrong|是|吧| ){0,12}|\\PC{0,30}") {
            corrected(&text);
            yes_no(&text);
            cancels(&text);
        }
    }
}
