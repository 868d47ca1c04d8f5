//! Sending.

use domain::{
    Attachment, Author, Button, ChannelId, Content, ConversationId, DeliveryId, Identity, Message, MessageId,
    QuickReply, ReplyHandle, Transport,
};
use serde_json::json;

use super::*;
use crate::TokenPlace;

const NOW: UnixMillis = UnixMillis(1_767_225_601_000);

fn outbound(contents: Vec<Content>) -> Outbound {
    let message = |(place, content)| Message {
        id: MessageId::derive(&[b"m"]),
        seq: 4 + u64::try_from(place).unwrap(),
        author: if place == 0 { Author::Customer } else { Author::Bot },
        content,
        at: NOW,
    };
    let own = Content::Text { text: "the customer's own".to_owned() };
    Outbound {
        id: DeliveryId::derive(&[b"one"]),
        identity: Identity {
            channel: ChannelId::Wecom,
            account: "wkTestOpenKfId01".to_owned(),
            user: "wmCustomer".to_owned(),
        },
        conversation: ConversationId::derive(&[b"c"]),
        transport: Transport::Social,
        messages: std::iter::once(own).chain(contents).enumerate().map(message).collect(),
        asked_at: None,
        expires: None,
        reply: None,
    }
}

/// The targets and bodies of a delivery's calls, without what names the message and the customer.
fn sent(outbound: &Outbound) -> Vec<(String, Value)> {
    let with = Rendering { keys: &KeySet::default(), now: NOW, doubt: false };
    let calls = Wecom.render(outbound, &with).unwrap();
    assert_eq!(Wecom.calls(&outbound.messages), calls.len(), "what is counted is what is sent");
    let calls = calls.into_iter().map(|call| {
        let WireCall::Http(call) = call else { panic!() };
        assert_eq!(call.token, Some(TokenPlace::Query("access_token")));
        let target = call.target.strip_prefix("/cgi-bin/kf/").unwrap().to_owned();
        (target, serde_json::from_slice(&call.body).unwrap())
    });
    calls.collect()
}

fn bodies(content: Content) -> Vec<Value> {
    let strip = |(_, mut body): (String, Value)| {
        let fields = body.as_object_mut().unwrap();
        for name in ["msgid", "touser", "open_kfid"] {
            assert!(fields.remove(name).is_some(), "{name}");
        }
        body
    };
    sent(&outbound(vec![content])).into_iter().map(strip).collect()
}

fn text(text: &str) -> Content {
    Content::Text { text: text.to_owned() }
}

fn postback(title: &str, payload: &str) -> Button {
    Button::Postback { title: title.to_owned(), payload: payload.to_owned() }
}

#[test]
fn a_text_goes_to_the_customer_under_our_name_for_it() {
    let calls = sent(&outbound(vec![text("您好 <b>")]));
    let body = json!({
        "touser": "wmCustomer", "open_kfid": "wkTestOpenKfId01", "msgid": "YV9p7U4kmjSVX8CL4g_DJAAAAAAABQyQ",
        "msgtype": "text", "text": { "content": "您好 <b>" },
    });
    assert_eq!(calls, [("send_msg".to_owned(), body)]);
}

#[test]
fn every_part_has_its_own_name_and_the_same_each_time() {
    let long = outbound(vec![text(&"很长。".repeat(500)), text("end")]);
    let names = |outbound: &Outbound| {
        let name = |(_, body): (String, Value)| body["msgid"].as_str().unwrap().to_owned();
        sent(outbound).into_iter().map(name).collect::<Vec<_>>()
    };
    let mut all = names(&long);
    assert_eq!(all, names(&long));
    assert_eq!(all.len(), 4, "4,500 bytes in three parts, and the end");
    all.dedup();
    assert_eq!(all.len(), 4);
}

#[test]
fn choices_are_a_menu() {
    let link = Button::Link { title: "More".to_owned(), url: "https://a.example".to_owned() };
    let reply = QuickReply { title: "Yes".to_owned(), payload: "yes".to_owned() };
    let click = |id: &str, title: &str| json!({ "type": "click", "click": { "id": id, "content": title } });
    for (content, menu) in [
        (
            Content::QuickReplies { text: "Sure?".to_owned(), replies: vec![reply] },
            json!({ "head_content": "Sure?", "list": [click("yes", "Yes")] }),
        ),
        (
            Content::Buttons { text: "Sure?".to_owned(), buttons: vec![postback("No", "no"), link] },
            json!({ "head_content": "Sure?", "list": [
                click("no", "No"),
                { "type": "view", "view": { "url": "https://a.example", "content": "More" } },
            ] }),
        ),
        (
            Content::Buttons {
                text: String::new(),
                buttons: vec![postback("A", &"x".repeat(65)), postback("B", "~b")],
            },
            json!({ "list": [click("~0", "A"), click("~1", "B")] }),
        ),
    ] {
        assert_eq!(bodies(content), [json!({ "msgtype": "msgmenu", "msgmenu": menu })]);
    }
}

#[test]
fn too_many_choices_are_numbered_lines() {
    let buttons = (0..11).map(|place| postback(&format!("b{place}"), "p")).collect();
    let [body] = &bodies(Content::Buttons { text: "Which?".to_owned(), buttons })[..] else { panic!() };
    assert!(body["text"]["content"].as_str().unwrap().starts_with("Which?\n\n1. b0\n2. b1\n"));
}

#[test]
fn a_long_text_above_a_menu_comes_before_it() {
    let long = "长".repeat(500);
    let calls = bodies(Content::Buttons { text: long.clone(), buttons: vec![postback("Yes", "yes")] });
    let kinds: Vec<&str> = calls.iter().map(|body| body["msgtype"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["text", "msgmenu"]);
    let (first, head) = (&calls[0]["text"]["content"], &calls[1]["msgmenu"]["head_content"]);
    assert_eq!(format!("{}{}", first.as_str().unwrap(), head.as_str().unwrap()), long);
    assert!(head.as_str().unwrap().len() <= 1024);
}

#[test]
fn a_file_goes_as_its_address() {
    let url = Some("https://files.example.com/1".to_owned());
    let file = Attachment { upload: None, url, name: "a.pdf".to_owned(), mime: "application/pdf".to_owned(), size: 1 };
    let expected = json!({ "msgtype": "text", "text": { "content": "a.pdf\nhttps://files.example.com/1" } });
    assert_eq!(bodies(Content::File(file)), [expected]);
}

#[test]
fn a_welcome_goes_with_its_code_once_and_in_time() {
    let greeting = |token: &str, until: UnixMillis| Outbound {
        reply: Some(ReplyHandle { token: token.to_owned(), until, line: None }),
        ..outbound(vec![text("welcome"), text("more")])
    };
    let calls = sent(&greeting("welcome:CODE", NOW.plus_seconds(19)));
    assert_eq!(calls[0].0, "send_msg_on_event");
    let first =
        json!({ "code": "CODE", "msgid": calls[0].1["msgid"], "msgtype": "text", "text": { "content": "welcome" } });
    assert_eq!(calls[0].1, first);
    assert_eq!((calls[1].0.as_str(), &calls[1].1["touser"]), ("send_msg", &json!("wmCustomer")));
    for (token, until) in [("welcome:CODE", NOW), ("", NOW.plus_seconds(19))] {
        let targets: Vec<String> = sent(&greeting(token, until)).into_iter().map(|(target, _)| target).collect();
        assert_eq!(targets, ["send_msg", "send_msg"], "as many calls as before");
    }
}

#[test]
fn the_access_token_is_got_with_the_corporations_secret() {
    let call = |keys: &KeySet| Tokens::call(&Wecom, "wkTestOpenKfId01", keys);
    let got = call(&keys(&[("a secret", "a+secret&")])).unwrap();
    assert_eq!((got.method, got.body.len()), ("GET", 0));
    assert_eq!(got.target, "/cgi-bin/gettoken?corpid=ww0123456789abcdef&corpsecret=a%2Bsecret%26");
    assert!(call(&KeySet::default()).is_err());
    assert!(call(&keys(&[(r#""secrets""#, r#""x""#)])).is_err());
}
