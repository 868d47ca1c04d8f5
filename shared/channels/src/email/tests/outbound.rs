//! Mails as they go out.

use domain::{
    Author, Button, Content, ConversationId, DeliveryId, Identity, Message, MessageId, Outbound, ReplyHandle, Transport,
};
use mail_parser::{Message as Mail, MessageParser};

use super::{BOX, NOW, ann, keys};
use crate::email::thread::Line;
use crate::email::{Email, UNPROVEN};
use crate::{Channel as _, KeySet, MailCall, RenderError, Rendering, WireCall};

fn message(author: Author, content: Content) -> Message {
    Message { id: MessageId::derive(&[b"m"]), seq: 3, author, content, at: NOW }
}

fn said(author: Author, text: &str) -> Message {
    message(author, Content::Text { text: text.to_owned() })
}

fn outbound(messages: Vec<Message>, line: Option<Line>) -> Outbound {
    Outbound {
        id: DeliveryId::derive(&[b"d"]),
        identity: ann(),
        conversation: ConversationId::derive(&[b"c"]),
        transport: Transport::Email,
        messages,
        asked_at: None,
        expires: None,
        reply: line.map(|line| ReplyHandle { token: line.write(), until: NOW, line: None }),
    }
}

fn rendered(outbound: &Outbound, keys: &KeySet) -> Result<Vec<MailCall>, RenderError> {
    let calls = Email.render(outbound, &Rendering { keys, now: NOW, doubt: false })?;
    let mail = |call| match call {
        WireCall::Mail(mail) => mail,
        WireCall::Http(_) | WireCall::Push { .. } | WireCall::Text(_) => panic!("a mail"),
    };
    Ok(calls.into_iter().map(mail).collect())
}

fn one(messages: Vec<Message>, line: Option<Line>) -> MailCall {
    let [mail] = <[MailCall; 1]>::try_from(rendered(&outbound(messages, line), &keys()).unwrap()).unwrap();
    mail
}

fn read(mail: &MailCall) -> Mail<'_> {
    MessageParser::default().parse(&mail.raw).unwrap()
}

fn line() -> Line {
    let references = vec!["r1@example.com".to_owned(), "r2@example.com".to_owned()];
    Line {
        thread: "0123456789".to_owned(),
        id: "c9@example.com".to_owned(),
        references,
        subject: "订单 1001".to_owned(),
        ..Line::default()
    }
}

#[test]
fn an_answer_stands_in_the_customers_thread() {
    let call = one(vec![said(Author::Bot, "Hello **Ann**\nline two <b>")], Some(line()));
    let mail = read(&call);
    assert_eq!((call.from.as_str(), call.to.as_str()), (BOX, "ann@example.com"));
    assert_eq!(mail.subject(), Some("Re: 订单 1001"));
    assert_eq!(mail.in_reply_to().as_text(), Some("c9@example.com"));
    let references = mail.references().as_text_list().unwrap();
    assert_eq!(references, ["r1@example.com", "r2@example.com", "c9@example.com"]);
    let reply_to = mail.reply_to().unwrap().first().unwrap().address.clone().unwrap();
    assert!(reply_to.starts_with("support+0123456789.") && reply_to.ends_with("@shop.example"), "{reply_to}");
    assert_eq!(mail.from().unwrap().first().unwrap().name.as_deref(), Some("示例 Shop"));
    let raw = String::from_utf8(call.raw.clone()).unwrap();
    assert!(raw.contains("From: =?utf-8?B?") && raw.contains("Reply-To: =?utf-8?B?"), "quotes would keep it encoded");
    assert_eq!(mail.body_text(0).unwrap().trim(), "Hello Ann\r\nline two <b>");
    let html = mail.body_html(0).unwrap().replace("\r\n", "\n");
    assert!(html.contains("<p>Hello <b>Ann</b><br>\nline two &lt;b&gt;</p>"), "{html}");
    assert!(call.raw.split(|byte| *byte == b'\n').all(|line| line.len() <= 998 && line.is_ascii()));
}

#[test]
fn what_a_machine_says_says_so_and_what_a_person_says_does_not() {
    let automatic = |messages| {
        let call = one(messages, Some(line()));
        let mail = read(&call);
        let header = |name| mail.header_raw(name).map(|value| value.trim().to_owned());
        assert_eq!(header("X-Frontdesk-Loop").as_deref(), Some("0123456789"));
        ["Auto-Submitted", "X-Auto-Response-Suppress", "Precedence"].map(header)
    };
    let marks = [Some("auto-replied"), Some("All"), Some("bulk")].map(|mark| mark.map(str::to_owned));
    assert_eq!(automatic(vec![said(Author::Bot, "a")]), marks);
    assert_eq!(automatic(vec![said(Author::System, "a"), said(Author::Bot, "b")]), marks);
    assert_eq!(automatic(vec![said(Author::Agent, "a")]), [None, None, None]);
    assert_eq!(automatic(vec![said(Author::System, "a"), said(Author::Agent, "b")]), [None, None, None]);
}

#[test]
fn a_delivery_is_one_mail_and_nobodys_own_words_go_back() {
    let choices = Content::Buttons {
        text: "Sure?".to_owned(),
        buttons: vec![Button::Postback { title: "Yes".to_owned(), payload: "y".to_owned() }],
    };
    let call =
        one(vec![said(Author::Customer, "mine"), said(Author::Bot, "ours"), message(Author::Bot, choices)], None);
    assert_eq!(read(&call).body_text(0).unwrap().trim(), "ours\r\n\r\nSure?\r\n\r\n1. Yes");
    assert_eq!(read(&call).subject(), Some("示例 Shop"), "nothing to answer, so it says who writes");
    assert_eq!(rendered(&outbound(vec![said(Author::Customer, "mine")], None), &keys()), Ok(vec![]));
    let again = one(vec![said(Author::Bot, "a")], Some(line()));
    assert_eq!(again.raw, one(vec![said(Author::Bot, "a")], Some(line())).raw, "the same delivery is the same mail");
    let tags: Vec<&str> = again.tags.iter().map(|(name, _)| *name).collect();
    assert_eq!(tags, ["delivery", "seq", "user"]);
    let letters = |value: &str| value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    assert!(again.tags.iter().all(|(_, value)| letters(value)));
}

#[test]
fn an_unproven_address_and_another_one_for_answers_are_addresses() {
    let unproven = Identity { user: format!("{UNPROVEN}ann@example.com"), ..ann() };
    let to = |identity: Identity, line| {
        let outbound = Outbound { identity, ..outbound(vec![said(Author::Bot, "a")], Some(line)) };
        rendered(&outbound, &keys()).map(|mails| mails[0].to.clone())
    };
    assert_eq!(to(unproven, line()).as_deref(), Ok("ann@example.com"));
    let elsewhere = Line { reply_to: Some("ann@work.example".to_owned()), ..line() };
    assert_eq!(to(ann(), elsewhere).as_deref(), Ok("ann@work.example"));
    assert!(to(Identity { user: "änn@example.com".to_owned(), ..ann() }, line()).is_err());
}

#[test]
fn a_subject_carries_the_tag_where_that_is_wanted_and_breaks_no_header() {
    let wanting = KeySet::from_json(
        r#"{"signing_keys":[{"kid":"k","secret":"s"}],"settings":{"mailboxes":{"support@shop.example":{"name":"a\r\nBcc: x@y"}},"subject_tag":true}}"#,
    )
    .unwrap();
    let evil = Line { subject: "a\r\nBcc: x@example.com".to_owned(), ..line() };
    let mails = rendered(&outbound(vec![said(Author::Bot, "a")], Some(evil)), &wanting).unwrap();
    let mail = read(&mails[0]);
    let subject = mail.subject().unwrap();
    assert!(subject.starts_with("Re: a") && subject.contains(" [#0123456789-") && mail.bcc().is_none(), "{subject}");
}

#[test]
fn a_long_thread_is_folded() {
    let references: Vec<String> =
        (0..6).map(|number| format!("{number}.{}@mail.example.com", "x".repeat(40))).collect();
    let call = one(
        vec![said(Author::Bot, "a")],
        Some(Line { references: references.clone(), subject: String::new(), ..line() }),
    );
    let text = String::from_utf8(call.raw.clone()).unwrap();
    let header: Vec<&str> = text
        .split("References: ")
        .nth(1)
        .unwrap()
        .lines()
        .take_while(|line| line.starts_with(['<', '\t', ' ']))
        .collect();
    assert!(header.len() > 2 && header.iter().all(|line| line.len() <= 100), "{header:?}");
    assert_eq!(read(&call).references().as_text_list().unwrap().last().map(AsRef::as_ref), Some("c9@example.com"));
}
