//! What the channel itself says.

use crate::ear::Language;
use crate::ear::words::of;

/// What a customer may say to hear a late reply.
const GO_ON: [&str; 4] = ["继续", "繼續", "continue", "go on"];

/// Whether that is all that they said.
pub(super) fn goes_on(said: &str) -> bool {
    let said = said.trim_end_matches(['。', '.', '！', '!']).to_lowercase();
    GO_ON.contains(&said.as_str())
}

/// The reply is late, and Lex asks for nothing by itself: the customer has to.
pub(super) const fn later(language: Language, listens: bool) -> &'static str {
    let (heard, seen) = (
        ("请稍等，正在为您查询。要听回答，请说“继续”。", "One moment, please. Say \"continue\" to hear the answer."),
        ("请稍等，正在为您查询。回复“继续”查看回答。", "One moment, please. Write \"continue\" to see the answer."),
    );
    of(language, if listens { heard } else { seen })
}

/// The word for it, on a button.
pub(super) const fn go_on(language: Language) -> &'static str {
    of(language, ("继续", "Continue"))
}

/// A person takes over.
pub(super) const fn transfer(language: Language) -> &'static str {
    of(language, ("正在为您转接人工客服，请稍候。", "I am connecting you with a person. Please hold."))
}

/// What stands above buttons.
pub(super) const fn choose(language: Language) -> &'static str {
    of(language, ("请选择", "Please choose"))
}
