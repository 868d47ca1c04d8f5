//! What Frontdesk itself tells customers about their conversation, where the knowledge has no words of its own for it.

use domain::Notice;

use crate::text::Language;

/// A notice's words.
pub fn default(notice: Notice, language: Language) -> &'static str {
    let (zh, en) = match notice {
        Notice::Queued => {
            ("好的，正在为您转接人工客服，请稍候。", "I'm getting one of our people for you, please hold on.")
        }
        Notice::QueueEnded => (
            "抱歉，现在没有空闲的人工客服。您可以先留言说明问题，我也会继续尽力回答。",
            "Sorry, nobody is free right now. Please leave a message; meanwhile I'll go on helping where I can.",
        ),
        Notice::HandedBack => (
            "人工服务已结束，接下来由我继续为您服务。",
            "Our colleague has finished; I'm here again for anything else.",
        ),
        Notice::Reminder => ("请问您还在吗？", "Are you still there?"),
        Notice::ClosedIdle => (
            "由于您长时间没有回复，本次会话已结束。需要时随时再给我们留言。",
            "As we haven't heard from you for a while, this conversation is closed. Write again whenever you like.",
        ),
        Notice::Survey => ("请为本次服务评分（5 分最满意）：", "How was our service, from 1 to 5 stars?"),
        Notice::SurveyThanks => ("感谢您的评价！", "Thank you for your rating!"),
        Notice::SlowDown => (
            "您发得太快啦，消息我都收到了，请稍等一分钟再继续。",
            "That was quick! I have all your messages; please give me a minute before you go on.",
        ),
        Notice::OptedOut => (
            "您已退订，不会再收到我们的短信。回复“订阅”可恢复。",
            "You will get no more messages from us. Reply START to get them again.",
        ),
        Notice::OptedIn => {
            ("您已恢复接收我们的短信。回复“退订”可退订。", "You will get our messages again. Reply STOP to end them.")
        }
        Notice::Help => (
            "这是客服短信，直接回复即可提问。回复“退订”不再接收。",
            "This is customer service: reply with your question. Reply STOP to get no more messages.",
        ),
        Notice::Unheard => (
            "抱歉，这条语音我没能听清。请您把问题用文字发给我，好吗？",
            "Sorry, I couldn't make out that voice message. Could you please write it to me instead?",
        ),
        Notice::Links => ("您要的链接：", "Here is the link:"),
        Notice::Texted => (
            "链接已经用短信发给您了，请查收。还有什么可以帮您？",
            "I have sent you the link by text message. Is there anything else?",
        ),
        Notice::NotTexted => (
            "抱歉，没能给这个号码发送短信。还有什么可以帮您？",
            "Sorry, no text message could be sent to this number. Is there anything else?",
        ),
        Notice::MaybeTexted => (
            "短信可能已经发出。如果几分钟内没有收到，请再问我一次。",
            "The text message may be on its way. If it does not come within minutes, please ask me again.",
        ),
    };
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}
