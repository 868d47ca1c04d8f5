//! What every channel says itself whose customers listen.

use super::Language;

/// A text in both languages.
pub(crate) type Both = (&'static str, &'static str);

/// The one of the language.
pub(crate) const fn of(language: Language, (zh, en): Both) -> &'static str {
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

/// Nothing was understood.
pub(crate) const fn again(language: Language) -> &'static str {
    of(language, ("抱歉，我没有听清，请您再说一遍。", "Sorry, I did not catch that. Please say it again."))
}

/// The reply is not there yet.
pub(crate) const fn wait(language: Language) -> &'static str {
    of(language, ("请稍等，正在为您查询。", "One moment, please. I am looking that up."))
}

/// Something that cannot be read aloud.
pub(crate) const fn file(language: Language) -> &'static str {
    of(language, ("这里有一份无法在电话里播放的内容。", "Here is something that cannot be played on the phone."))
}

/// One choice.
pub(crate) fn choice(language: Language, number: usize, title: &str) -> String {
    let title = title.trim_end_matches(['。', '.', ' ']);
    match language {
        Language::Zh => format!("{title}，请按 {number}。"),
        Language::En => format!("For {title}, press {number}."),
    }
}

/// A rating.
pub(crate) fn stars(language: Language, count: usize) -> String {
    match (language, count) {
        (Language::Zh, _) => format!("{count}星"),
        (Language::En, 1) => "1 star".to_owned(),
        (Language::En, _) => format!("{count} stars"),
    }
}
