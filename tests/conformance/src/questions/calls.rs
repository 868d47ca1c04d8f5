//! What goes out.

use channels::{KeySet, Rendering, WireCall};
use domain::{
    Attachment, Author, Button, Capabilities, Content, ConversationId, DeliveryId, Identity, Message, MessageId,
    Outbound, QuickReply,
};
use serde_json::Value;

use super::{Asked, Checks};
use crate::fixture::NOW;
use crate::{Fixture, Secret, Shown};

/// A delivery of these contents by the bot, to the first customer.
pub(crate) fn delivery(fixture: &dyn Fixture, contents: &[(Author, Content)]) -> Outbound {
    let message = |(number, (author, content)): (usize, &(Author, Content))| Message {
        id: MessageId::derive(&[b"suite", &[u8::try_from(number).unwrap()]]),
        seq: number as u64 + 1,
        author: *author,
        content: content.clone(),
        at: NOW,
    };
    let account = fixture.account().to_owned();
    Outbound {
        id: DeliveryId::derive(&[b"suite"]),
        identity: Identity { channel: fixture.channel(), account, user: fixture.user(0) },
        conversation: ConversationId::derive(&[b"suite"]),
        transport: fixture.adapter().capabilities().transport,
        messages: contents.iter().enumerate().map(message).collect(),
        asked_at: None,
        expires: None,
        reply: fixture.reply(),
    }
}

fn render(fixture: &dyn Fixture, outbound: &Outbound, seconds: i64, doubt: bool) -> Result<Vec<WireCall>, String> {
    let keys = fixture.keys(&[Secret::New]);
    let with = Rendering { keys: &keys, now: NOW.plus_seconds(seconds), doubt };
    fixture.adapter().render(outbound, &with).map_err(|error| error.to_string())
}

fn file(name: &str, mime: &str, url: &str) -> Attachment {
    Attachment { upload: None, url: Some(url.to_owned()), name: name.to_owned(), mime: mime.to_owned(), size: 1000 }
}

/// What a bot or a person may send.
fn contents(can: &Capabilities) -> Vec<Content> {
    let text = |text: &str| Content::Text { text: text.to_owned() };
    let postback = |title: String| Button::Postback { payload: format!("entry:{title}"), title };
    let replies = |number: usize, title: &str| Content::QuickReplies {
        text: "您好，请选择：".to_owned(),
        replies: (0..number)
            .map(|n| QuickReply { title: format!("{title}{n}"), payload: format!("entry:{n}") })
            .collect(),
    };
    let link = Button::Link { title: "More".to_owned(), url: "https://shop.example.com/a?b=c&d=e".to_owned() };
    let card = |buttons: Vec<Button>| Content::Card {
        title: "订单 #1001".to_owned(),
        text: Some("已发货，两天到。".to_owned()),
        image_url: Some("https://shop.example.com/a.png".to_owned()),
        buttons,
    };
    vec![
        text("Your parcel comes tomorrow."),
        text("您的包裹明天到，请留意。😀"),
        text("quotes \" and \\ and <b>tags</b> & ]]> and %E4 and \u{200d}"),
        text(&"很长的一句话，要分开发送。".repeat(900)),
        text(&"word ".repeat(4000)),
        text(&"👩‍👩‍👧‍👦".repeat(1200)),
        text(&"x".repeat(9000)),
        text(&format!("{} https://shop.example.com/track/1 {}", "before ".repeat(280), "after ".repeat(280))),
        replies(2, "是"),
        replies(13, "choice "),
        replies(40, "选择"),
        // One more than there is room for.
        replies(can.max_quick_replies + 1, "选"),
        Content::Buttons {
            text: "很多".to_owned(),
            buttons: (0..=can.max_buttons).map(|n| postback(format!("{n}"))).collect(),
        },
        replies(3, "a title that is much too long for any button of any channel whatsoever, honestly "),
        Content::Buttons { text: "Sure?".to_owned(), buttons: vec![postback("Yes".into()), postback("No".into())] },
        Content::Buttons { text: "看看".to_owned(), buttons: vec![link.clone(), postback("好".into())] },
        Content::Buttons { text: "长".repeat(3000), buttons: (0..9).map(|n| postback(format!("{n}"))).collect() },
        card(vec![]),
        card(vec![link, postback("退货".to_owned())]),
        Content::Image(file("a.png", "image/png", "https://shop.example.com/a.png")),
        Content::Audio(file("a.mp3", "audio/mpeg", "https://shop.example.com/a.mp3")),
        Content::Video(file("a.mp4", "video/mp4", "https://shop.example.com/a.mp4")),
        Content::File(file("发票.pdf", "application/pdf", "https://shop.example.com/%E5%8F%91.pdf")),
        Content::Location { latitude: 31.23, longitude: 121.47, label: Some("店".to_owned()) },
        Content::Location { latitude: -33.9, longitude: 18.4, label: None },
        Content::Postback { payload: "entry:x".to_owned(), title: "Yes".to_owned() },
    ]
}

/// Whether what is sent for a content stays within what the channel takes.
///
/// # Errors
/// It does not.
pub fn within_capabilities(fixture: &dyn Fixture, content: &Content, checks: &mut Checks) -> Result<(), String> {
    if fixture.raw_content().is_some() {
        return Ok(());
    }
    let outbound = delivery(fixture, &[(Author::Bot, content.clone())]);
    let calls = render(fixture, &outbound, 0, false).map_err(|error| format!("{content:?}: {error}"))?;
    checks.hold(!calls.is_empty(), || format!("{content:?} becomes nothing"))?;
    for (seconds, doubt) in [(0, true), (3600, false), (3600, true)] {
        let again = render(fixture, &outbound, seconds, doubt)?.len();
        checks.hold(again == calls.len(), || format!("{} calls, later {again}: {content:?}", calls.len()))?;
    }
    calls.iter().try_for_each(|call| one_call(fixture, call, checks))?;
    said(content, &calls.iter().map(|call| fixture.shown(call)).collect::<Vec<_>>(), checks)
}

/// Whether every word and every choice is there.
fn said(content: &Content, shown: &[Shown], checks: &mut Checks) -> Result<(), String> {
    let texts: String = shown.iter().flat_map(|shown| &shown.texts).map(|text| dense(text)).collect();
    let titles: String = shown.iter().flat_map(|shown| shown.choices.concat()).map(|title| dense(&title)).collect();
    if let Content::Text { text } = content {
        // Signs of markup are the channel's; a title that is its own address is said once.
        let marked = text.contains(['*', '_', '`', '[', '#']);
        let exact = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
        let all: String = shown.iter().flat_map(|shown| &shown.texts).map(|text| exact(text)).collect();
        let same = if marked { texts == dense(text) || text.contains("](http") } else { all == exact(text) };
        checks.hold(same, || format!("{text:?} is said as {all:?}"))?;
    }
    for title in titles_of(content) {
        let title = dense(title);
        checks.hold(texts.contains(&title) || titles.contains(&title), || format!("the choice {title:?} is lost"))?;
    }
    Ok(())
}

/// Letters and digits: blanks go where a text is split, and signs where it is marked up.
fn dense(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

fn titles_of(content: &Content) -> Vec<&str> {
    match content {
        Content::QuickReplies { replies, .. } => replies.iter().map(|reply| reply.title.as_str()).collect(),
        Content::Buttons { buttons, .. } | Content::Card { buttons, .. } => buttons
            .iter()
            .map(|button| match button {
                Button::Postback { title, .. } | Button::Link { title, .. } => title.as_str(),
            })
            .collect(),
        _ => vec![],
    }
}

fn one_call(fixture: &dyn Fixture, call: &WireCall, checks: &mut Checks) -> Result<(), String> {
    let can = fixture.adapter().capabilities();
    let shown = fixture.shown(call);
    for text in &shown.texts {
        let (chars, bytes) = (text.chars().count(), text.len());
        checks.hold(!text.trim().is_empty(), || "an empty text".to_owned())?;
        checks.hold(chars <= can.max_text_chars, || format!("{chars} characters, {} fit", can.max_text_chars))?;
        checks.hold(can.max_text_bytes.is_none_or(|most| bytes <= most), || format!("{bytes} bytes are too many"))?;
    }
    for choices in &shown.choices {
        let most = can.max_quick_replies.max(can.max_buttons);
        checks.hold(choices.len() <= most, || format!("{} choices, {most} fit", choices.len()))?;
        for title in choices {
            let fits = !title.is_empty() && title.chars().count() <= can.max_choice_chars;
            checks.hold(fits, || format!("the title {title:?}"))?;
        }
    }
    if let Some(to) = &shown.to {
        checks.hold(*to == fixture.user(0), || format!("it goes to {to}"))?;
    }
    let WireCall::Http(call) = call else { return Ok(()) };
    let there = call.target.starts_with('/') || call.target.starts_with("https://");
    checks.hold(there && call.target.is_ascii(), || format!("the target {}", call.target))?;
    let kind = call.headers.iter().find(|(name, _)| *name == "content-type").map_or("", |(_, value)| value.as_str());
    match kind.split(';').next().unwrap_or_default() {
        "application/json" => {
            let read = serde_json::from_slice::<Value>(&call.body);
            checks.hold(read.is_ok_and(|body| body.is_object()), || "the body is no JSON object".to_owned())
        }
        "application/x-www-form-urlencoded" => {
            let plain = call.body.is_ascii() && form_urlencoded::parse(&call.body).all(|(name, _)| !name.is_empty());
            checks.hold(plain, || "the body is no form".to_owned())
        }
        "" => checks.hold(call.body.is_empty(), || "a body of no type".to_owned()),
        other => Err(format!("a body of type {other}")),
    }
}

pub(super) fn calls(fixture: &dyn Fixture) -> Result<Asked, String> {
    if let Some(reason) = fixture.raw_content() {
        return Ok(Asked::Beside(reason));
    }
    let mut checks = Checks::default();
    for content in contents(fixture.adapter().capabilities()) {
        within_capabilities(fixture, &content, &mut checks)?;
    }
    let adapter = fixture.adapter();
    let text = |text: &str| Content::Text { text: text.to_owned() };
    let event = Content::Event { name: "follow".to_owned() };
    if !adapter.capabilities().echoes {
        let nothing = render(fixture, &delivery(fixture, &[(Author::Bot, event)]), 0, false);
        checks.hold(nothing.is_err(), || "an event is sent as a message".to_owned())?;
        let both = [(Author::Customer, text("mine")), (Author::Bot, text("ours"))];
        let calls = render(fixture, &delivery(fixture, &both), 0, false)?;
        let said: Vec<String> = calls.iter().flat_map(|call| fixture.shown(call).texts).collect();
        checks.hold(said == ["ours"], || format!("the customer's own words go back to them: {said:?}"))?;
    }
    if !adapter.api().is_empty() && adapter.tokens().is_none() {
        let (with, out) = (KeySet::default(), delivery(fixture, &[(Author::Bot, text("hello"))]));
        let found = adapter.render(&out, &Rendering { keys: &with, now: NOW, doubt: false });
        checks.hold(found.is_err(), || "a call without any key".to_owned())?;
    }
    let calls = render(fixture, &delivery(fixture, &[(Author::Agent, text("a private word"))]), 0, false)?;
    for call in calls.iter().filter(|call| matches!(call, WireCall::Http(_))) {
        checks
            .hold(!format!("{call:?}").contains("private"), || "a call shows its text when it is logged".to_owned())?;
    }
    Ok(checks.held())
}
