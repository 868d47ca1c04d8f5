use domain::{Attachment, EventKind, Grant, InboundEvent};
use proptest::prelude::*;

use super::*;
use crate::Parsed;

fn parsed(body: &str) -> Parsed {
    let keys = keys(&json!({ "mode": "plain" }));
    WeChat.parse(&plain(body).accepted(&keys))
}

fn event(fields: &str) -> Option<InboundEvent> {
    let parsed = parsed(&xml(fields));
    assert!(parsed.rejects.is_empty(), "{parsed:?}");
    parsed.events.into_iter().next()
}

fn message(kind: &str, fields: &str) -> Content {
    let event = event(&format!("<MsgType><![CDATA[{kind}]]></MsgType>{fields}<MsgId>24</MsgId>")).unwrap();
    assert_eq!(event.grant, Some(Grant { messages: 5, seconds: 172_800 }), "{kind}");
    assert_eq!((event.identity.account.as_str(), event.identity.user.as_str(), event.at), (ACCOUNT, USER, NOW));
    let EventKind::Message { content } = event.kind else { panic!("a message: {kind}") };
    content
}

fn file(id: &str, name: &str, mime: &str) -> Attachment {
    Attachment {
        upload: None,
        url: Some(format!("wechat-media:{id}")),
        name: name.to_owned(),
        mime: mime.to_owned(),
        size: 0,
    }
}

fn words(text: &str) -> Content {
    Content::Text { text: text.to_owned() }
}

fn choice(payload: &str, title: &str) -> Content {
    Content::Postback { payload: payload.to_owned(), title: title.to_owned() }
}

#[test]
fn every_kind_of_message_is_read() {
    for (kind, fields, content) in [
        ("text", "<Content><![CDATA[退款 <1> ]]></Content>", words("退款 <1>")),
        ("text", "<Content>满意</Content><bizmsgmenuid>101</bizmsgmenuid>", choice("101", "满意")),
        ("text", "<Content></Content>", Content::Event { name: "unsupported".to_owned() }),
        (
            "image",
            "<PicUrl>http://p/1</PicUrl><MediaId>m1</MediaId>",
            Content::Image(file("m1", "photo.jpg", "image/jpeg")),
        ),
        ("voice", "<MediaId>m2</MediaId><Format>amr</Format>", Content::Audio(file("m2", "voice.amr", "audio/amr"))),
        (
            "voice",
            "<MediaId>m2</MediaId><Format>speex</Format><Recognition></Recognition>",
            Content::Audio(file("m2", "voice.spx", "audio/x-speex")),
        ),
        (
            "voice",
            "<MediaId>m2</MediaId><Format>amr</Format><Recognition><![CDATA[几天到货]]></Recognition>",
            words("几天到货"),
        ),
        (
            "video",
            "<MediaId>m3</MediaId><ThumbMediaId>t</ThumbMediaId>",
            Content::Video(file("m3", "video.mp4", "video/mp4")),
        ),
        ("shortvideo", "<MediaId>m4</MediaId>", Content::Video(file("m4", "video.mp4", "video/mp4"))),
        (
            "location",
            "<Location_X>23.134521</Location_X><Location_Y>113.358803</Location_Y><Scale>20</Scale><Label>广州</Label>",
            Content::Location { latitude: 23.134_521, longitude: 113.358_803, label: Some("广州".to_owned()) },
        ),
        (
            "link",
            "<Title>官网</Title><Description>说明</Description><Url>https://a.example/</Url>",
            words("官网\n说明\nhttps://a.example/"),
        ),
        (
            "miniprogrampage",
            "<Title>订单</Title><AppId>wx1</AppId><PagePath>pages/order?id=1</PagePath>",
            words("订单\npages/order?id=1"),
        ),
    ] {
        assert_eq!(message(kind, fields), content, "{kind}");
    }
}

#[test]
fn every_event_is_read_and_grants_what_it_grants() {
    let happened = |name: &str| Content::Event { name: name.to_owned() };
    for (fields, content, grant) in [
        ("<Event>subscribe</Event><EventKey/>", happened("follow"), Some((3, 60))),
        ("<Event>subscribe</Event><EventKey>qrscene_7</EventKey><Ticket>t</Ticket>", happened("follow"), Some((3, 60))),
        ("<Event>unsubscribe</Event>", happened("unfollow"), None),
        ("<Event>SCAN</Event><EventKey>7</EventKey><Ticket>t</Ticket>", happened("scan"), Some((3, 60))),
        ("<Event>CLICK</Event><EventKey>ask</EventKey>", choice("ask", "ask"), Some((3, 60))),
        (
            "<Event>scancode_waitmsg</Event><EventKey>parcel</EventKey><ScanCodeInfo><ScanType>barcode</ScanType>\
             <ScanResult>SF1</ScanResult></ScanCodeInfo>",
            choice("parcel", "SF1"),
            Some((3, 60)),
        ),
        ("<Event>user_enter_tempsession</Event><SessionFrom>s</SessionFrom>", happened("enter"), Some((2, 60))),
    ] {
        let event = event(&format!("<MsgType>event</MsgType>{fields}")).unwrap();
        let grant = grant.map(|(messages, seconds)| Grant { messages, seconds });
        assert_eq!((event.kind, event.grant), (EventKind::Message { content }, grant), "{fields}");
    }
    let person = event("<MsgType>event</MsgType><Event>kf_create_session</Event><KfAccount>a@b</KfAccount>").unwrap();
    assert!(matches!(person.kind, EventKind::AnsweredElsewhere { .. }));
    assert_eq!(person.grant, None);
}

#[test]
fn what_asks_for_no_answer_and_what_is_not_known_is_passed_over() {
    for fields in [
        "<MsgType>event</MsgType><Event>VIEW</Event><EventKey>https://a.example</EventKey>",
        "<MsgType>event</MsgType><Event>LOCATION</Event><Latitude>23.1</Latitude><Longitude>113.3</Longitude>",
        "<MsgType>event</MsgType><Event>pic_weixin</Event><EventKey>k</EventKey>",
        "<MsgType>event</MsgType><Event>location_select</Event><EventKey>k</EventKey>",
        "<MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event><MsgID>1</MsgID><Status>success</Status>",
        "<MsgType>event</MsgType><Event>MASSSENDJOBFINISH</Event>",
        "<MsgType>event</MsgType><Event>kf_close_session</Event>",
        "<MsgType>event</MsgType><Event>user_authorization_revoke</Event>",
        "<MsgType>event</MsgType><Event>debug_demo</Event>",
        "<MsgType>hologram</MsgType><MsgId>1</MsgId>",
    ] {
        assert_eq!(parsed(&xml(fields)), Parsed::default(), "{fields}");
    }
}

#[test]
fn what_is_wrong_is_said_and_kept() {
    for (body, field, reason) in [
        (xml("<MsgType>text</MsgType><Content>x</Content>"), "MsgId", "missing"),
        (xml("<MsgType>image</MsgType><MsgId>1</MsgId>"), "MediaId", "missing"),
        (xml("<MsgType>event</MsgType>"), "Event", "missing"),
        (xml("<MsgType>event</MsgType><Event>CLICK</Event>"), "EventKey", "missing"),
        (xml("<Content>x</Content>"), "MsgType", "missing"),
        (text("x").replace(USER, ""), "FromUserName", "missing"),
        (text("x").replace(ACCOUNT, ""), "ToUserName", "missing"),
        (
            xml("<MsgType>location</MsgType><Location_X>91</Location_X><Location_Y>0</Location_Y><MsgId>1</MsgId>"),
            "Location_X",
            "no number of degrees",
        ),
        (
            xml("<MsgType>location</MsgType><Location_X>1</Location_X><Location_Y>NaN</Location_Y><MsgId>1</MsgId>"),
            "Location_Y",
            "no number of degrees",
        ),
        ("<!DOCTYPE x><xml/>".to_owned(), "", "not the XML that is expected: a DOCTYPE"),
        ("{\"ToUserName\":".to_owned(), "", "not a JSON object: line 1, column 14"),
    ] {
        let parsed = parsed(&body);
        assert!(parsed.events.is_empty());
        let [reject] = parsed.rejects.as_slice() else { panic!("one reject: {body}") };
        assert_eq!((reject.field.as_str(), reject.reason.as_str()), (field, reason), "{body}");
        assert_eq!(reject.item.as_deref(), Some(body.as_str()));
    }
}

#[test]
fn mini_programs_write_the_same_as_json() {
    let body = json!({
        "ToUserName": ACCOUNT, "FromUserName": USER, "CreateTime": 1_767_225_600, "MsgType": "text",
        "Content": "退款", "MsgId": 24,
    });
    assert_eq!(parsed(&body.to_string()), parsed(&text("退款")));
}

#[test]
fn the_same_again_has_the_same_id_and_nothing_else_has() {
    let id = |body: &str| parsed(body).events.first().unwrap().id.clone();
    let click = |key: &str, at: &str| {
        xml(&format!("<MsgType>event</MsgType><Event>CLICK</Event><EventKey>{key}</EventKey>"))
            .replace("1767225600", at)
    };
    assert_eq!(id(&text("x")), id(&text("x").replace("1767225600", "1767225605")), "another try");
    assert_eq!(id(&click("a", "1")), id(&click("a", "1")));
    let all = [
        id(&text("x")),
        id(&text("x").replace(">24<", ">25<")),
        id(&text("x").replace(USER, "oOther")),
        id(&click("a", "1")),
        id(&click("a", "2")),
        id(&click("b", "1")),
        id(&click("a", "1").replace("CLICK", "SCAN")),
    ];
    let different: std::collections::BTreeSet<_> = all.iter().map(domain::DedupId::as_str).collect();
    assert_eq!(different.len(), all.len());
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300), fields in ".{0,80}") {
        let keys = keys(&json!({ "mode": "plain" }));
        for body in [body, xml(&fields).into_bytes(), format!("{{{fields}}}").into_bytes()] {
            let request = Request { body, ..plain("") };
            if let Ok(Gate::Accept(verified)) = request.verify(&keys, NOW) {
                let parsed = WeChat.parse(&verified);
                prop_assert!(parsed.events.len() + parsed.rejects.len() <= 1);
            }
        }
    }
}
