use domain::{Attachment, Locale};
use proptest::prelude::*;

use super::*;

#[test]
fn who_may_come_in_is_twilio_for_a_number_of_the_account_that_signs() {
    let genuine = Request::new(DIAL, "about=talk&turn=3", &[("SpeechResult", "我要退货")]);
    assert!(Voice.verify(&genuine.raw(), &keys(), NOW).is_ok());
    let altered = |change: &dyn Fn(&mut Request)| {
        let mut request = genuine.clone();
        change(&mut request);
        request.refused()
    };
    let forged = VerifyError::Refused("the signature is not made with a key of ours");
    assert_eq!(
        altered(&|request| request.url = request.url.replace("turn=3", "turn=4")),
        forged,
        "the place is signed"
    );
    assert_eq!(altered(&|request| request.body.extend(b"&a=b")), forged);
    assert_eq!(altered(&|request| request.headers.truncate(1)), VerifyError::Missing("the header x-twilio-signature"));
    let unknown = Request::new("+15550100000", "", &[]).refused();
    assert_eq!(unknown, VerifyError::Refused("the number that was called is not set up: `settings.accounts`"));
    let foreign = Request::new(FOREIGN, "", &[]).refused();
    assert_eq!(foreign, VerifyError::Refused("the number that was called is another Twilio account's"));
    assert_eq!(Request::new("", "", &[]).refused(), VerifyError::Refused("it does not say which number was called"));
}

#[test]
fn a_call_begins_in_the_numbers_language_or_in_the_one_that_is_chosen() {
    for (number, query, more, locale) in [
        (QUEUE, "", &[][..], Some("zh")),
        (DIAL, "", &[], Some("en")),
        (MENU, "", &[], None),
        (MENU, "about=language&turn=", &[("Digits", "1")], Some("zh")),
        (MENU, "about=language&turn=", &[("Digits", "2")], Some("en")),
        (MENU, "about=language&turn=", &[], Some("zh")),
    ] {
        let parsed = Request::new(number, query, more).parsed();
        let begun: Vec<_> = parsed.events.iter().map(|event| event.locale.as_ref().map(Locale::as_str)).collect();
        assert_eq!(begun, locale.map(Some).into_iter().collect::<Vec<_>>(), "{number} {query}");
        for event in &parsed.events {
            assert!(content(event).is_arrival());
            let line = format!("{DOOR}?call={CALL}&lang={}", locale.unwrap());
            assert_eq!(event.line(), Some(line.as_str()));
            assert_eq!((event.identity.account.as_str(), event.identity.user.as_str()), (number, USER));
        }
    }
}

#[test]
fn what_is_said_and_pressed_is_a_text() {
    for (more, said) in [
        (&[("SpeechResult", " 我要退货 "), ("Confidence", "0.91")][..], Some("我要退货")),
        (&[("SpeechResult", "我要退货"), ("Confidence", "0.3")], Some("我要退货")),
        (&[("SpeechResult", "我要退货")], Some("我要退货")),
        (&[("SpeechResult", "我要退货"), ("Confidence", "often")], Some("我要退货")),
        (&[("SpeechResult", "我要退货"), ("Confidence", "0.29")], None),
        (&[("SpeechResult", "  ")], None),
        (&[("Digits", "2")], Some("2")),
        (&[("Digits", "12"), ("SpeechResult", "")], Some("12")),
        (&[("Digits", "")], None),
        (&[], None),
    ] {
        let parsed = Request::new(QUEUE, "about=talk&turn=7&lang=zh", more).parsed();
        let heard: Vec<_> = parsed.events.iter().map(content).collect();
        assert_eq!(heard, said.map(text).iter().collect::<Vec<_>>(), "{more:?}");
    }
    let stricter = Request::new(CLOSED, "turn=7", &[("SpeechResult", "我要退货"), ("Confidence", "0.4")]);
    assert_eq!(stricter.parsed(), Parsed::default(), "the company's own bound");
}

#[test]
fn the_third_silence_in_a_row_is_a_persons() {
    let silent = |unheard: &str| Request::new(DIAL, &format!("turn=4{unheard}"), &[]).parsed().events;
    assert_eq!((silent(""), silent("&unheard=1")), (vec![], vec![]));
    let [third] = <[_; 1]>::try_from(silent("&unheard=2")).unwrap();
    assert!(content(&third).needs_person() && third.line().is_some());
    assert_eq!(silent("&unheard=2&held=1"), [], "who holds the line may be silent");
}

#[test]
fn a_repeated_or_polling_request_names_the_same_event() {
    let said = [("SpeechResult", "我要退货"), ("Confidence", "0.91")];
    let first = Request::new(DIAL, "turn=4&lang=en", &said).event();
    assert_eq!(Request::new(DIAL, "turn=4&lang=en", &said).event(), first);
    let poll = Request::new(DIAL, "about=talk&turn=4&lang=en&try=2", &[]).parsed();
    let awaited = poll.awaits.unwrap();
    assert_eq!((poll.events, &awaited.event, &awaited.identity), (vec![], &first.id, &first.identity));
    let next = Request::new(DIAL, "turn=5", &said).event();
    let other_call = Request::new(DIAL, "turn=4", &[said[0], ("CallSid", "CA2")]).event();
    assert!(next.id != first.id && other_call.id != first.id);
    let begun = Request::new(DIAL, "", &[]).event();
    let poll = Request::new(DIAL, "about=talk&turn=&try=1", &[]).parsed();
    assert_eq!(poll.awaits.unwrap().event, begun.id);
}

#[test]
fn the_end_of_a_call_is_told_once() {
    let mut ids = vec![];
    for status in ["completed", "busy", "failed", "no-answer", "canceled"] {
        let event = Request::new(DIAL, "", &[("CallStatus", status)]).event();
        assert!(content(&event).is_departure() && event.line().is_none(), "{status}");
        ids.push(event.id);
    }
    let hung_up = Request::new(DIAL, "turn=4", &[("CallStatus", "completed"), ("SpeechResult", "so")]).event();
    assert!(ids.iter().all(|id| *id == hung_up.id), "whichever request tells it");
    for status in ["queued", "ringing", "in-progress"] {
        assert!(content(&Request::new(DIAL, "", &[("CallStatus", status)]).event()).is_arrival(), "{status}");
    }
}

#[test]
fn callers_without_a_number_are_their_calls() {
    for (from, user) in [
        ("+266696687", CALL),
        ("+7378742833", CALL),
        ("+86282452253", CALL),
        ("anonymous", CALL),
        ("", CALL),
        ("+14155550100", "+14155550100"),
        ("sip:anna@example.com", "sip:anna@example.com"),
    ] {
        assert_eq!(Request::new(DIAL, "", &[("From", from)]).event().identity.user, user, "{from}");
    }
    let ours = [("Direction", "outbound-api"), ("From", DIAL), ("To", USER)];
    let called = Request::new(USER, "", &ours).event().identity;
    assert_eq!((called.account.as_str(), called.user.as_str()), (DIAL, USER), "a call that we made");
}

#[test]
fn a_message_is_left_by_somebody_who_is_gone() {
    let url = format!("https://api.twilio.com/2010-04-01/Accounts/{SID}/Recordings/RE1");
    let recorded = |more: &[(&str, &str)]| {
        let usual = [("RecordingUrl", url.as_str()), ("RecordingDuration", "9")];
        let all: Vec<_> = usual.into_iter().chain(more.to_vec()).collect();
        Request::new(CLOSED, "about=recorded&turn=11&lang=zh", &all).parsed()
    };
    let parsed = recorded(&[("RecordingSid", "RE1"), ("Digits", "#")]);
    let [left, message] = <[_; 2]>::try_from(parsed.events).unwrap();
    assert!(content(&left).is_departure());
    let url = Some(format!("twilio-recording:{SID}/RE1"));
    let file =
        Attachment { upload: None, url, name: "voicemail.wav".to_owned(), mime: "audio/wav".to_owned(), size: 0 };
    assert_eq!(content(&message), &Content::Audio(file));
    assert_eq!(left.id, Request::new(CLOSED, "", &[("CallStatus", "completed")]).event().id);
    assert_eq!(recorded(&[]).events, [left, message], "the id stands in the address too");
    assert_eq!(recorded(&[("RecordingDuration", "0")]).events, []);
    let hung_up = recorded(&[("CallStatus", "completed"), ("Digits", "hangup")]);
    assert_eq!(hung_up.events.len(), 2, "who hangs up has left a message all the same");
    assert_eq!(recorded(&[("RecordingUrl", "https://x/a b")]).rejects.len(), 1);
}

#[test]
fn who_is_with_somebody_else_is_parked() {
    let queued = Request::new(QUEUE, "about=queue&turn=11&lang=zh", &[("QueuePosition", "2")]).event();
    assert_eq!(content(&queued), &named("parked"));
    let leg = [("CallSid", "CA9"), ("ParentCallSid", CALL), ("Direction", "outbound-dial"), ("To", "+15550100009")];
    let number: String = form_urlencoded::byte_serialize(DIAL.as_bytes()).collect();
    let bridged = Request::new("", &format!("about=bridged&turn=&lang=en&number={number}"), &leg).event();
    assert_eq!((content(&bridged), bridged.identity.user.as_str()), (&named("parked"), USER));
    assert_eq!(bridged.identity.account, DIAL);
    for query in ["about=dequeued&turn=11", "about=dialled&turn=11"] {
        assert_eq!(Request::new(QUEUE, query, &[]).parsed().events, [], "{query}");
    }
}

proptest! {
    #[test]
    fn nothing_that_is_signed_makes_it_fall(query in "[ -~]{0,60}", value in "\\PC{0,40}", name in "[A-Za-z]{1,20}") {
        let query = query.replace('#', "");
        let request = Request::new(DIAL, &query, &[(&name, &value)]);
        if let Ok(Gate::Accept(verified)) = Voice.verify(&request.raw(), &keys(), NOW) {
            let parsed = Voice.parse(&verified);
            prop_assert!(parsed.events.len() + parsed.rejects.len() <= 2);
        }
    }
}
