//! Which thread a mail belongs to.

use domain::{ConversationId, DeliveryId, Identity, Outbound, ReplyHandle, Transport};
use proptest::prelude::*;

use super::{BOX, NOW, ann, from_ann, keys, mail, receipt, taken};
use crate::email::thread::{self, Line, NamedBy, Threads};
use crate::{KeySet, Thread, Threading as _, WireReply};

fn line(raw: &str, recipient: &str) -> Line {
    let parsed = taken(&receipt(&[recipient]), raw.as_bytes()).unwrap();
    Line::read(&parsed.events[0].reply.as_ref().unwrap().token)
}

fn bob() -> Identity {
    Identity { user: "bob@example.com".to_owned(), ..ann() }
}

#[test]
fn a_signed_address_names_the_thread_for_its_own_sender_only() {
    let address = thread::reply_address("0123456789", &ann(), &keys(), NOW).unwrap();
    assert!(address.starts_with("support+0123456789.") && address.ends_with("@shop.example"), "{address}");
    let found = line(&mail("Subject: x\r\n", "hello"), &address);
    assert_eq!((found.thread.as_str(), found.named_by), ("0123456789", Some(NamedBy::Address)));
    assert_eq!(
        line(&mail("", "hello"), &address.to_uppercase()).named_by,
        Some(NamedBy::Address),
        "case is lost on the way"
    );
    let forged = address.replacen("01234", "11234", 1);
    let other_box = address.replace("support+", "sales+");
    let other_sender = mail("From: bob@example.com\r\n", "hello");
    for (raw, recipient) in [(mail("", "hello"), &forged), (other_sender, &address), (mail("", "hello"), &other_box)] {
        let found = line(&raw, recipient);
        assert!(found.named_by.is_none() && found.thread != "0123456789", "{recipient}");
    }
    let old = KeySet::from_json(r#"{"signing_keys":[{"kid":"k1","secret":"first"}]}"#).unwrap();
    let old = thread::reply_address("0123456789", &ann(), &old, NOW).unwrap();
    assert_eq!(line(&mail("", "hello"), &old).named_by, Some(NamedBy::Address), "signed before the key was rotated");
}

#[test]
fn a_ticket_number_that_is_quoted_hijacks_nothing() {
    let tag = thread::tag("0123456789", &ann(), &keys(), NOW).unwrap();
    let subject = |from: &str, tag: &str| mail(&format!("From: {from}\r\nSubject: Re: order {tag}\r\n"), "hello");
    let own = line(&subject("ann@example.com", &tag), BOX);
    assert_eq!((own.thread.as_str(), own.named_by, own.subject.as_str()), ("0123456789", Some(NamedBy::Tag), "order"));
    assert_eq!(line(&subject("bob@example.com", &tag), BOX).named_by, None);
    for forged in ["[#0123456789]", "[#0123456789-0000000000]", "[#1234-ab12]", "[#0123456789-]"] {
        assert_eq!(line(&subject("ann@example.com", forged), BOX).named_by, None, "{forged}");
    }
}

#[test]
fn what_was_sent_is_found_by_its_id_and_by_its_subject() {
    let token = Line { thread: "t".to_owned(), subject: "Order".to_owned(), ..Line::default() }.write();
    let outbound = Outbound {
        id: DeliveryId::derive(&[b"d"]),
        identity: ann(),
        conversation: ConversationId::derive(&[b"c"]),
        transport: Transport::Email,
        messages: vec![],
        asked_at: None,
        expires: None,
        reply: Some(ReplyHandle { token, until: NOW, line: None }),
    };
    let reply = WireReply { status: 200, retry_after: None, body: r#"{"MessageId":"0100-1"}"#.to_owned() };
    let sent = Threads.sent(&outbound, &reply);
    let of = |headers: &str, who: &Identity| {
        let parsed = from_ann(&mail(headers, "hello"));
        let token = &parsed.events[0].reply.as_ref().unwrap().token;
        (Threads.sought(who, token), token.clone())
    };
    let known = |names: &[String]| names.iter().filter(|name| sent.iter().any(|(known, _)| known == *name)).count();
    let (names, token) =
        of("In-Reply-To: <0100-1@email.amazonses.com>\r\nReferences: <x@y>\r\nSubject: other\r\n", &ann());
    assert_eq!((names.len(), known(&names), known(&names[..1])), (2, 1, 1), "newest first: {names:?}");
    let joined = Line::read(&Threads.joined(&token, &sent[0].1));
    assert_eq!((joined.thread.as_str(), joined.references.len()), ("t", 2), "its own references stay");
    let (names, token) = of("Subject: RE: Fw:  order\r\n", &ann());
    assert_eq!((names.len(), known(&names)), (1, 1), "the same sender and subject");
    let joined = Line::read(&Threads.joined(&token, &sent[1].1));
    assert_eq!(joined.references, ["0100-1@email.amazonses.com"], "a mail that names none goes on after our last");
    assert_eq!(known(&of("Subject: order\r\n", &bob()).0), 0, "another sender's subject is another's");
    assert_eq!(known(&of("Subject: another\r\n", &ann()).0), 0);
    let (names, _) = of("Subject: order\r\nReferences: <x@y>\r\n", &ann());
    assert_eq!(known(&names), 0, "what names others is no new mail with an old subject");
}

#[test]
fn subjects_lose_marks_of_answers_and_nothing_else() {
    for (subject, plain) in [
        ("Re: Order", "Order"),
        ("RE: FW: Fwd: order 1", "order 1"),
        ("回复：订单", "订单"),
        ("答复: 转发： Re：订单  号", "订单 号"),
        ("Re[2]: x", "x"),
        ("回复：[#0123456789-abcdef0123] 订单", "订单"),
        ("Refund: please", "Refund: please"),
        ("", ""),
        ("Re:", ""),
        ("a [#b", "a [#b"),
    ] {
        assert_eq!(thread::plain_subject(subject), plain, "{subject}");
    }
    assert!(thread::is_answer("Re: x") && thread::is_answer("回复：x") && !thread::is_answer("Order  x"));
}

proptest! {
    #[test]
    fn what_is_kept_of_a_thread_stays_small(subject in "\\PC{0,400}", ids in proptest::collection::vec("[a-z0-9@.]{1,260}", 0..30)) {
        let line = Line { thread: "0123456789".to_owned(), id: ids.first().cloned().unwrap_or_default(), references: ids, subject, ..Line::default() };
        let text = line.clone().write();
        prop_assert!(text.len() <= 640, "{} bytes", text.len());
        let read = Line::read(&text);
        prop_assert!(line.subject.starts_with(&read.subject) && line.references.ends_with(&read.references) || line.references.iter().any(|id| id.len() > 200));
        prop_assert_eq!(read.clone().write(), text);
    }

    #[test]
    fn no_other_mark_holds(thread in "[0-9a-f]{10}", mark in "[0-9a-f]{20}", user in "[a-z]{1,8}@[a-z]{1,8}") {
        let identity = Identity { user, ..ann() };
        prop_assert_eq!(thread::by_address(&format!("{thread}.{mark}"), &identity, &keys()), None);
        let own = thread::reply_address(&thread, &identity, &keys(), NOW).unwrap();
        let plus = own.split(['+', '@']).nth(1).unwrap().to_owned();
        prop_assert_eq!(thread::by_address(&plus, &identity, &keys()), Some(thread));
        let group = Thread { group: identity.group(), name: String::new(), last: "x@y".to_owned() };
        prop_assert_eq!(Line::read(&Threads.joined("{\"t\":\"a\"}", &group)).thread, "a");
    }
}
