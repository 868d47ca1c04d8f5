use super::*;
use crate::{AnswerWith, HttpCall, RenderError, Rendering, Unanswered, WireCall};

const LINK: &str = "https://shop.example/returns?a=b";
/// What an answer is told with a link in it.
const ANSWER: &str = "Returns are free. See [how](https://shop.example/returns?a=b).";
const OFFER: &str = "To get the link as a text message, press star and then hash, or say: text me the link.";
/// The offer where any key is a choice.
const KEY_OFFER: &str = "To get the link as a text message, press star, or say: text me the link.";

/// A delivery to a caller of this number.
fn to(number: &str, user: &str, waits: bool, said: &str) -> Outbound {
    let mut outbound = outbound(number, "en", waits, &[(Author::Bot, text(said))]);
    user.clone_into(&mut outbound.identity.user);
    outbound
}

fn render(outbound: &Outbound, doubt: bool) -> Result<HttpCall, RenderError> {
    let keys = keys();
    match <[WireCall; 1]>::try_from(Voice.render(outbound, &Rendering { keys: &keys, now: NOW, doubt })?) {
        Ok([WireCall::Http(call)]) => Ok(call),
        other => panic!("{other:?}"),
    }
}

fn field(call: &HttpCall, name: &str) -> String {
    form_urlencoded::parse(&call.body).find(|(known, _)| known == name).unwrap().1.into_owned()
}

/// What a delivery is heard as, and whether it offers its links.
fn offers(outbound: &Outbound) -> bool {
    let said = field(&render(outbound, false).unwrap(), "Twiml");
    assert!(said.starts_with("<?xml") && !said.contains(">https"), "{said}");
    assert_eq!(said.contains(OFFER), said.contains("&amp;links="), "what is offered stands in the address: {said}");
    said.contains(OFFER)
}

const CALLER: &str = "+13105550123";
/// The query in which the next request comes back.
const OFFERED: &str = "about=talk&turn=11&lang=en&links=https%3A%2F%2Fshop.example%2Freturns%3Fa%3Db";

#[test]
fn links_are_offered_to_whom_they_can_be_texted() {
    let said = field(&render(&to(TEXTS, CALLER, false, ANSWER), false).unwrap(), "Twiml");
    let address = OFFERED.replace('&', "&amp;");
    assert!(said.contains(&format!("action=\"{DOOR}?{address}#rc=2")) && !said.contains("numDigits"), "{said}");
    for (number, user, waits, answer, offered) in [
        (TEXTS, CALLER, false, ANSWER, true),
        (TEXTS, "+4915112345678", false, ANSWER, true),
        // On the line to a person, who writes.
        (TEXTS, CALLER, true, ANSWER, true),
        (TEXTS, CALLER, false, "Returns are free.", false),
        (TEXTS, CALLER, false, "Write to ann@shop.example or www.shop.example.", false),
        // No number to text from.
        (MENU, CALLER, false, ANSWER, false),
        // Mainland China, withheld, toll-free, short, a SIP address.
        (TEXTS, USER, false, ANSWER, false),
        (TEXTS, CALL, false, ANSWER, false),
        (TEXTS, "+18005550123", false, ANSWER, false),
        (TEXTS, "+12345", false, ANSWER, false),
        (TEXTS, "sip:ann@a.example", false, ANSWER, false),
    ] {
        assert_eq!(offers(&to(number, user, waits, answer)), offered, "{number} {user} {answer}");
    }
}

#[test]
fn a_number_that_is_asked_for_with_a_link_is_not_cut_short() {
    let said = |messages: &[(Author, Content)]| {
        let mut outbound = outbound(TEXTS, "en", false, messages);
        CALLER.clone_into(&mut outbound.identity.user);
        field(&render(&outbound, false).unwrap(), "Twiml")
    };
    let asks = text("What is your order number? You find it at https://shop.example/orders.");
    let said_asking = said(&[(Author::Bot, text(ANSWER)), (Author::Bot, asks)]);
    assert!(said_asking.contains(OFFER) && !said_asking.contains("numDigits"), "{said_asking}");
    // A choice is one key, and so is the star.
    let replies = ["Returns", "A person"];
    let replies = replies.map(|title| domain::QuickReply { title: title.to_owned(), payload: title.to_owned() });
    let choice = Content::QuickReplies { text: ANSWER.to_owned(), replies: replies.to_vec() };
    let said_choice = said(&[(Author::Bot, choice)]);
    assert!(said_choice.contains(KEY_OFFER) && said_choice.contains("numDigits=\"1\""), "{said_choice}");
    // What is typed whole is what is heard, the star among it no wish.
    for digits in ["20260417", "12*", "**"] {
        let request = Request::new(TEXTS, OFFERED, &[("From", CALLER), ("Digits", digits)]);
        assert_eq!(*content(&request.event()), text(digits));
    }
}

#[test]
fn long_lists_of_links_are_cut_to_what_a_message_bears() {
    let links = |links: &str| {
        super::super::texting::offered(&to(TEXTS, CALLER, false, links), &{
            super::super::account::Account::expect(&keys(), TEXTS).unwrap()
        })
    };
    let three = ["https://a.example/1", "https://a.example/2", "https://a.example/3"];
    assert_eq!(links(&format!("{} https://a.example/1 https://a.example/4", three.join(" "))), three);
    let long = format!("https://a.example/{}", "x".repeat(400));
    assert_eq!(links(&format!("{long} https://a.example/2")), ["https://a.example/2"]);
    let button = crate::voice::tests::outbound(
        TEXTS,
        "en",
        false,
        &[(
            Author::Bot,
            Content::Buttons {
                text: "See this.".to_owned(),
                buttons: vec![domain::Button::Link { title: "Returns".to_owned(), url: LINK.to_owned() }],
            },
        )],
    );
    let button = Outbound { identity: Identity { user: CALLER.to_owned(), ..button.identity.clone() }, ..button };
    assert!(offers(&button));
}

#[test]
fn a_star_or_the_words_take_the_offer_and_nothing_else_does() {
    let heard = |query: &str, field: &str, value: &str| {
        let request = Request::new(TEXTS, query, &[("From", CALLER), (field, value)]);
        request.parsed().events.first().map(|event| content(event).clone())
    };
    for (field, value) in [
        ("Digits", "*"),
        ("SpeechResult", "Text me the link."),
        ("SpeechResult", "Yes, please text me the link, thanks"),
        ("SpeechResult", "发短信。"),
        ("SpeechResult", "好的，请发短信给我，谢谢"),
    ] {
        assert_eq!(heard(OFFERED, field, value), Some(Content::texting([LINK], value)), "{value}");
    }
    for (field, value) in [
        ("Digits", "1"),
        ("Digits", "0"),
        ("SpeechResult", "Do I get a text message when it ships?"),
        ("SpeechResult", "我没收到短信"),
        ("SpeechResult", "please"),
    ] {
        assert_eq!(heard(OFFERED, field, value), Some(text(value)), "{value}");
    }
    // Nothing is offered there: a star is nothing, and the words are a question.
    let (talk, hold) = ("about=talk&turn=11&lang=en", "about=talk&turn=11.1&lang=en&held=1");
    assert_eq!((heard(talk, "Digits", "*"), heard(hold, "Digits", "*")), (None, None));
    assert_eq!(heard(talk, "SpeechResult", "text me the link"), Some(text("text me the link")));
}

#[test]
fn the_same_request_twice_is_one_event_and_the_caller_hears_what_happens() {
    let request = Request::new(TEXTS, OFFERED, &[("From", CALLER), ("Digits", "*")]);
    assert_eq!(request.event().id, request.event().id);
    let keys = keys();
    let raw = request.raw();
    let with = AnswerWith { request: &raw, keys: &keys, now: NOW, random: [0; 16] };
    let answering = Voice.answering().unwrap();
    // No answer to the request is a text message.
    assert_eq!(answering.answer(&texted("Here is the link:", LINK), &with), Ok(None));
    let said = answering.otherwise(Unanswered::Elsewhere, &with).unwrap().body;
    assert!(said.contains("I am sending the text message") && !said.contains("links="), "{said}");
    assert!(said.contains("turn=11.1&amp;lang=en&amp;held=1"), "{said}");
    // Nothing goes out: nothing is said to be sent, and the offer stands.
    let refused = answering.otherwise(Unanswered::Nothing, &with).unwrap().body;
    assert!(
        refused.contains("cannot send the text message right now") && !refused.contains("I am sending"),
        "{refused}"
    );
    assert!(
        refused.contains("turn=11.1&amp;lang=en&amp;links=https") && refused.contains("timeout=\"5\""),
        "{refused}"
    );
    let waiting = Request::new(TEXTS, &format!("{OFFERED}&held=1"), &[("From", CALLER), ("Digits", "*")]);
    let raw = waiting.raw();
    let refused = answering.otherwise(Unanswered::Nothing, &AnswerWith { request: &raw, ..with }).unwrap().body;
    assert!(refused.contains("held=1") && refused.contains("timeout=\"20\""), "{refused}");
    // Who says nothing after the offer can still take it.
    let silent = Request::new(TEXTS, OFFERED, &[("From", CALLER)]);
    let raw = silent.raw();
    let again = answering.otherwise(Unanswered::Unasked, &AnswerWith { request: &raw, ..with }).unwrap().body;
    assert!(again.contains("say it again") && again.contains("links=https"), "{again}");
}

/// The delivery that is the text message.
fn texted(words: &str, links: &str) -> Outbound {
    let mut text = to(TEXTS, CALLER, false, &format!("{words}\n{links}"));
    if let Some(line) = text.reply.as_mut().and_then(|reply| reply.line.as_mut()) {
        line.texts = true;
    }
    text
}

#[test]
fn the_text_message_goes_out_once_from_the_number_that_is_set() {
    let sent = render(&texted("Here is the link:", LINK), false).unwrap();
    assert_eq!(sent.target, format!("/2010-04-01/Accounts/{SID}/Messages.json"));
    let fields = ["To", "From", "Body"].map(|name| field(&sent, name));
    assert_eq!(fields, [CALLER, SENDER, &format!("Here is the link:\n{LINK}")]);
    assert!(sent.headers.iter().any(|(name, _)| *name == "authorization"));
    // An earlier sender may have sent it: no second one follows.
    assert!(render(&texted("Here is the link:", LINK), true).is_err());
    let mut unset = texted("Here is the link:", LINK);
    MENU.clone_into(&mut unset.identity.account);
    assert!(render(&unset, false).unwrap_err().0.contains("sms_from"));
}

#[test]
fn words_about_a_link_cost_no_further_message() {
    let body = |words: &str, links: &str| field(&render(&texted(words, links), false).unwrap(), "Body");
    let long = format!("https://shop.example/{}", "x".repeat(60));
    assert_eq!(body("您要的链接：", LINK), format!("您要的链接：\n{LINK}"), "70 letters of two bytes hold both");
    assert_eq!(body("您要的链接：", &long), long, "160 letters of seven bits hold the link alone");
    assert_eq!(body("Here is the link:", &long), format!("Here is the link:\n{long}"));
}

#[test]
fn what_twilio_does_not_text_is_refused_for_good_or_tried_again() {
    use domain::{Delivery, Rejection};
    let meaning = |status, code: u32| {
        let body = json!({ "code": code, "message": CALLER }).to_string();
        Voice.classify(&crate::WireReply { status, retry_after: None, body })
    };
    for (code, wanted) in [
        (21610, Rejection::Blocked),
        (21614, Rejection::Blocked),
        (21211, Rejection::Blocked),
        (21612, Rejection::Blocked),
        (21408, Rejection::Misconfigured),
        (21606, Rejection::Misconfigured),
        (21617, Rejection::Content),
    ] {
        let Delivery::Rejected { refusal, reason } = meaning(400, code) else { panic!("{code}") };
        assert!(refusal == wanted && !reason.contains(CALLER), "{code} {reason}");
    }
    // An account that is not there; a call that is not there is one that has ended.
    for (resource, wanted) in [("Messages", Rejection::Misconfigured), ("Calls/CA1", Rejection::Blocked)] {
        let message = format!("The requested resource /2010-04-01/Accounts/{SID}/{resource}.json was not found");
        let body = json!({ "code": 20404, "message": message, "status": 404 }).to_string();
        let meaning = Voice.classify(&crate::WireReply { status: 404, retry_after: None, body });
        assert!(matches!(meaning, Delivery::Rejected { refusal, .. } if refusal == wanted), "{resource}: {meaning:?}");
    }
    assert_eq!(meaning(400, 21611), Delivery::Retry { after: None });
    assert_eq!(meaning(201, 0), Delivery::Sent);
}

#[test]
fn the_number_to_text_from_is_one() {
    for (number, faults) in [(json!("+14155550100"), 0), (json!(null), 0), (json!("4155550100"), 1), (json!(7), 1)] {
        let keys = json!({
            "twilio_auth_tokens": [{ "kid": SID, "secret": TOKEN }],
            "settings": { "accounts": { "+14155550101": { "sms_from": number } } },
        });
        assert_eq!(Voice.check(&KeySet::from_json(&keys.to_string()).unwrap()).len(), faults, "{number}");
    }
}
