//! What the channel itself says.

use super::place::Language;
use crate::ear::words::of;
pub(super) use crate::ear::words::{again, wait};

/// The menu of languages: each is offered in itself.
pub(super) const MENU: [(Language, &str); 2] =
    [(Language::Zh, "您好。普通话服务请按 1。"), (Language::En, "Hello. For English, press 2.")];

/// The reply is still not there: it comes when it comes.
pub(super) const fn later(language: Language) -> &'static str {
    of(
        language,
        (
            "还需要一点时间，查到后我会马上告诉您，请不要挂断。您也可以先说别的问题。",
            "This takes a little longer. Please stay on the line, I will tell you as soon as I know. You can also ask \
             something else meanwhile.",
        ),
    )
}

/// An answer's links can be had as a text message. `one_key`: no key is waited for after the first.
pub(super) const fn offer(language: Language, one_key: bool) -> &'static str {
    let choice = (
        "要把链接用短信发给您，请按星号键，或者说发短信。",
        "To get the link as a text message, press star, or say: text me the link.",
    );
    let ended = (
        "要把链接用短信发给您，请按星号键再按井号键，或者说发短信。",
        "To get the link as a text message, press star and then hash, or say: text me the link.",
    );
    of(language, if one_key { choice } else { ended })
}

/// The text message is on its way to the provider.
pub(super) const fn texting(language: Language) -> &'static str {
    of(language, ("正在发送短信，请稍等。", "One moment, I am sending the text message."))
}

/// The text message does not go out now.
pub(super) const fn not_texting(language: Language) -> &'static str {
    of(
        language,
        (
            "抱歉，现在还不能发送短信。请过一分钟再试。",
            "Sorry, I cannot send the text message right now. Please try again in a minute.",
        ),
    )
}

/// The caller is still on hold.
pub(super) const fn held(language: Language) -> &'static str {
    of(language, ("请不要挂断，我们马上为您服务。", "Please stay on the line, we will be with you shortly."))
}

/// Where the caller stands in the queue.
pub(super) fn position(language: Language, position: u32) -> String {
    match (language, position) {
        (Language::Zh, 0 | 1) => "您是下一位，请不要挂断。".to_owned(),
        (Language::En, 0 | 1) => "You are next in line. Please hold.".to_owned(),
        (Language::Zh, _) => format!("您现在排在第 {position} 位，请不要挂断。"),
        (Language::En, _) => format!("You are number {position} in line. Please hold."),
    }
}

/// Nobody is there at this hour.
pub(super) const fn closed(language: Language) -> &'static str {
    of(
        language,
        (
            "现在是非工作时间，没有人工客服。请在提示音后留言，说完请按井号键，我们会尽快联系您。",
            "Our office is closed now. Please leave a message after the tone and press the hash key when you are done. We \
             will get back to you.",
        ),
    )
}

/// Nobody has answered.
pub(super) const fn nobody(language: Language) -> &'static str {
    of(
        language,
        (
            "抱歉，人工客服现在都在忙。请在提示音后留言，说完请按井号键，我们会尽快联系您。",
            "Sorry, nobody can take your call now. Please leave a message after the tone and press the hash key when you \
             are done. We will get back to you.",
        ),
    )
}

/// The message was recorded.
pub(super) const fn recorded(language: Language) -> &'static str {
    of(language, ("谢谢您的留言，再见。", "Thank you for your message. Goodbye."))
}

/// The talk is over.
pub(super) const fn goodbye(language: Language) -> &'static str {
    of(language, ("感谢您的来电，再见。", "Thank you for calling. Goodbye."))
}
