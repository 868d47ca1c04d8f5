use domain::{Attachment, Button, QuickReply};

use super::*;
use crate::{AnswerWith, Unanswered};

fn with<'a>(request: &'a RawRequest<'a>, keys: &'a KeySet, now: UnixMillis) -> AnswerWith<'a> {
    AnswerWith { request, keys, now, random: [0; 16] }
}

fn answering() -> &'static dyn crate::Answering {
    Voice.answering().unwrap()
}

/// What a delivery is answered with.
fn answer(request: &Request, outbound: &Outbound, now: UnixMillis) -> String {
    let (raw, keys) = (request.raw(), keys());
    let answer = answering().answer(outbound, &with(&raw, &keys, now)).unwrap().unwrap();
    assert_eq!(answer.content_type, "text/xml; charset=utf-8");
    answer.body
}

fn otherwise(request: &Request, why: Unanswered) -> Option<String> {
    let (raw, keys) = (request.raw(), keys());
    answering().otherwise(why, &with(&raw, &keys, NOW)).map(|answer| answer.body)
}

/// How a document's addresses at the door begin.
fn at(about: &str, turn: &str, language: &str) -> String {
    format!("{DOOR}?about={about}&amp;turn={turn}&amp;lang={language}")
}

#[test]
fn an_answer_is_said_while_the_next_question_is_listened_for() {
    let request = Request::new(QUEUE, "turn=3&lang=zh", &[("SpeechResult", "怎么退货")]);
    let said =
        outbound(QUEUE, "zh", false, &[(Author::Customer, text("怎么退货")), (Author::Bot, text("**7 天**内 & 免费"))]);
    let head = r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#;
    assert_eq!(
        answer(&request, &said, NOW),
        format!(
            "{head}<Gather input=\"dtmf speech\" language=\"cmn-Hans-CN\" timeout=\"5\" speechTimeout=\"auto\" \
             actionOnEmptyResult=\"true\" action=\"{}#rc=2&amp;rp=5xx,ct,rt\" method=\"POST\">\
             <Say language=\"zh-CN\">7 天内 和 免费。</Say></Gather></Response>",
            at("talk", "12", "zh")
        )
    );
}

#[test]
fn choices_are_keys_and_words_have_the_voice_of_their_language() {
    let replies =
        ["Returns", "A person"].map(|title| QuickReply { title: title.to_owned(), payload: title.to_owned() });
    let replies = Content::QuickReplies { text: "What is it about?".to_owned(), replies: replies.to_vec() };
    let request = Request::new(DIAL, "turn=3&lang=en", &[("SpeechResult", "hello")]);
    let said = answer(&request, &outbound(DIAL, "en", false, &[(Author::Bot, replies)]), NOW);
    assert!(said.contains("numDigits=\"1\" "), "{said}");
    for line in ["What is it about?", "For Returns, press 1.", "For A person, press 2."] {
        assert!(said.contains(&format!("<Say language=\"en-US\" voice=\"Polly.Amy\">{line}</Say>")), "{said}");
    }
    let link = Button::Link { title: "Open".to_owned(), url: "https://shop.example".to_owned() };
    let link = Content::Buttons { text: "See our page".to_owned(), buttons: vec![link] };
    let file = Attachment {
        upload: None,
        url: Some("https://shop.example/a.mp3".to_owned()),
        name: "a.mp3".to_owned(),
        mime: "audio/mpeg".to_owned(),
        size: 1,
    };
    let contents = [(Author::Bot, link), (Author::Agent, Content::Audio(file)), (Author::Agent, text("订单在路上"))];
    let said = answer(&request, &outbound(DIAL, "en", false, &contents), NOW);
    let play = "</Say><Play>https://shop.example/a.mp3</Play><Say language=\"zh-CN\">订单在路上。</Say></Gather>";
    assert!(said.contains(play) && !said.contains("Open") && !said.contains("numDigits"), "{said}");
}

#[test]
fn who_waits_for_a_person_is_handed_over_as_the_number_is_set_up() {
    let notice = (Author::System, text("正在为您转接人工客服，请稍候。"));
    let handed = |number: &str, language: &str, now: UnixMillis| {
        let request = Request::new(number, &format!("turn=3&lang={language}"), &[("SpeechResult", "转人工")]);
        answer(&request, &outbound(number, language, true, std::slice::from_ref(&notice)), now)
    };
    let queue = handed(QUEUE, "zh", NOW);
    assert!(
        queue.contains("请稍候。</Say><Enqueue waitUrl=\"") && queue.contains(">support</Enqueue></Response>"),
        "{queue}"
    );
    assert!(queue.contains(&at("queue", "11", "zh")) && queue.contains(&at("dequeued", "11", "zh")), "{queue}");
    let dial = handed(DIAL, "en", NOW);
    assert!(dial.contains("<Dial timeout=\"30\"") && dial.contains(">+15550100009</Number></Dial>"), "{dial}");
    assert!(dial.contains("&amp;number=%2B15550100003#rc=2") && dial.contains(&at("dialled", "11", "en")), "{dial}");
    let hold = handed(MENU, "zh", NOW);
    assert!(
        hold.contains("timeout=\"20\"") && hold.contains(&format!("{}&amp;held=1", at("talk", "11", "zh"))),
        "{hold}"
    );
    // On Tuesday nobody is at the queue; at the other number, nobody ever is.
    for closed in [handed(QUEUE, "zh", NOW.plus_seconds(24 * 3600)), handed(CLOSED, "zh", NOW)] {
        let record =
            "<Record maxLength=\"120\" timeout=\"5\" finishOnKey=\"#\" playBeep=\"true\" trim=\"trim-silence\"";
        assert!(closed.contains("非工作时间") && closed.contains(record), "{closed}");
        assert!(!closed.contains("请稍候") && closed.contains(&at("recorded", "11", "zh")), "{closed}");
    }
}

#[test]
fn what_is_not_understood_is_asked_again_twice() {
    for (query, says, next) in [
        ("turn=4&lang=en", "Please say it again", "turn=4.1&amp;lang=en&amp;unheard=1#"),
        ("turn=4.1&lang=en&unheard=1", "Please say it again", "turn=4.2&amp;lang=en&amp;unheard=2#"),
        ("turn=&lang=en&about=talk&held=1", "<Gather", "turn=0.1&amp;lang=en&amp;held=2#"),
        ("turn=9.3&lang=en&held=3", "stay on the line", "turn=9.4&amp;lang=en&amp;held=4#"),
    ] {
        let again = otherwise(&Request::new(DIAL, query, &[]), Unanswered::Unasked);
        let Some(again) = again else { panic!("{query}") };
        assert!(again.contains(says) && again.contains(next), "{query}: {again}");
    }
    let menu = otherwise(&Request::new(MENU, "", &[]), Unanswered::Unasked).unwrap();
    assert!(menu.contains("input=\"dtmf\" numDigits=\"1\"") && menu.contains("about=language"), "{menu}");
}

#[test]
fn a_late_reply_is_waited_for_with_words_and_then_comes_by_itself() {
    let late =
        |query: &str| otherwise(&Request::new(QUEUE, query, &[("SpeechResult", "x")]), Unanswered::Late).unwrap();
    let first = late("turn=4&lang=zh");
    let again =
        format!("<Redirect method=\"POST\">{}&amp;try=1#rc=2&amp;rp=5xx,ct,rt</Redirect>", at("talk", "4", "zh"));
    assert!(first.contains("请稍等") && first.contains(&again), "{first}");
    assert!(late("turn=4&lang=zh&try=1").contains("&amp;try=2#"));
    let last = late("turn=4&lang=zh&try=2");
    assert!(!last.contains("<Redirect") && last.contains("请不要挂断"), "{last}");
    assert!(last.contains(&format!("{}&amp;held=1", at("talk", "4.1", "zh"))), "{last}");
    let greeting = late("");
    assert!(greeting.contains(&format!("{}&amp;try=1", at("talk", "", "zh"))), "{greeting}");
    let silent = otherwise(&Request::new(QUEUE, "turn=4", &[("SpeechResult", "x")]), Unanswered::Elsewhere).unwrap();
    assert!(silent.contains("<Gather") && !silent.contains("<Say"), "a person has it: {silent}");
}

#[test]
fn the_ends_of_transfers_and_calls() {
    let told = |query: &str, more: &[(&str, &str)]| otherwise(&Request::new(QUEUE, query, more), Unanswered::Unasked);
    let position = told("about=queue&turn=11&lang=zh", &[("QueuePosition", "3")]).unwrap();
    assert!(position.contains("第 3 位") && position.contains("<Pause length=\"20\"/>"), "{position}");
    for (query, more, says) in [
        ("about=dialled&turn=11", ("DialCallStatus", "completed"), "再见。</Say><Hangup/>"),
        ("about=dialled&turn=11", ("DialCallStatus", "no-answer"), "<Record "),
        ("about=dialled&turn=11", ("DialCallStatus", "busy"), "<Record "),
        ("about=dequeued&turn=11", ("QueueResult", "bridged"), "再见。</Say><Hangup/>"),
        ("about=dequeued&turn=11", ("QueueResult", "queue-full"), "<Record "),
        ("about=dequeued&turn=11", ("QueueResult", "system-error"), "<Record "),
        ("about=recorded&turn=11", ("RecordingDuration", "3"), "谢谢您的留言，再见。</Say><Hangup/>"),
    ] {
        let document = told(query, &[more]).unwrap();
        assert!(document.contains(says), "{query} {more:?}: {document}");
    }
    for (query, more) in [
        ("about=dequeued&turn=11", ("QueueResult", "redirected")),
        ("about=dequeued&turn=11", ("CallStatus", "completed")),
        ("turn=4", ("CallStatus", "completed")),
    ] {
        assert_eq!(told(query, &[more]), None, "{query} {more:?}");
    }
}
