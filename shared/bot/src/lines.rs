//! Small sentences of the bot, where the knowledge has no words of its own for them.

use crate::text::Language;

/// A sentence that a base may word itself, among its `texts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Line {
    /// Above the entries of which one may be meant.
    DidYouMean,
    /// The choice below them: none of these.
    SomethingElse,
    /// Before an answer that was given just before.
    AsISaid,
    /// To thanks.
    Thanks,
    /// To a farewell.
    Bye,
    /// To praise.
    Praise,
    /// To an insult. A person is offered with it.
    Insult,
    /// To the question whether it is a machine. A person is offered with it.
    AreYouBot,
    /// To sensitive words.
    Refused,
    /// Before an answer that is not there in the customer's language.
    OtherLanguage,
}

impl Line {
    /// Every line.
    pub const ALL: [Self; 10] = [
        Self::DidYouMean,
        Self::SomethingElse,
        Self::AsISaid,
        Self::Thanks,
        Self::Bye,
        Self::Praise,
        Self::Insult,
        Self::AreYouBot,
        Self::Refused,
        Self::OtherLanguage,
    ];

    /// The line's name, as knowledge files have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::DidYouMean => "did_you_mean",
            Self::SomethingElse => "something_else",
            Self::AsISaid => "as_i_said",
            Self::Thanks => "thanks",
            Self::Bye => "bye",
            Self::Praise => "praise",
            Self::Insult => "insult",
            Self::AreYouBot => "are_you_bot",
            Self::Refused => "refused",
            Self::OtherLanguage => "other_language",
        }
    }

    /// The usual words.
    pub fn usual(self, language: Language) -> &'static str {
        let (zh, en) = match self {
            Self::DidYouMean => ("您是想问下面哪一个？", "Which of these do you mean?"),
            Self::SomethingElse => ("都不是", "Something else"),
            Self::AsISaid => ("刚才说过：", "As I said:"),
            Self::Thanks => ("不客气！还有问题随时问我。", "You're welcome! Ask me whenever there is anything else."),
            Self::Bye => ("再见！需要时随时再来。", "Goodbye! Come back whenever you need us."),
            Self::Praise => ("谢谢夸奖！还有什么可以帮您？", "Thank you! Is there anything else I can help with?"),
            Self::Insult => (
                "很抱歉让您不满意。您可以把问题再说一次，也可以让人工客服来帮您。",
                "I'm sorry this is not going well. Tell me once more what you need, or let one of our people help you.",
            ),
            Self::AreYouBot => (
                "我是自动回答的机器人。常见问题我可以直接回答，也可以帮您找人工客服。",
                "I'm a bot that answers by itself. I know the usual questions, and can get you a person for the others.",
            ),
            Self::Refused => ("抱歉，这个话题我不能回答。", "Sorry, this is nothing I can talk about."),
            Self::OtherLanguage => {
                ("抱歉，这个问题目前只有英文的答复：", "Sorry, our answer to this is only there in Chinese:")
            }
        };
        match language {
            Language::Zh => zh,
            Language::En => en,
        }
    }
}
