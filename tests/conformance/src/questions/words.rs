//! The same answer has the same words and choices on every channel.

use channels::Rendering;
use domain::{Author, Button, Content, QuickReply};

use super::calls::delivery;
use super::{Asked, Checks};
use crate::fixture::NOW;
use crate::{Fixture, Secret};

/// An answer, what is read of it, and what can be chosen below it: titles, those of links with their address.
struct Answer {
    content: Content,
    words: String,
    choices: Vec<(String, Option<String>)>,
}

fn answers() -> Vec<Answer> {
    let text = |text: &str, words: &str| Answer {
        content: Content::Text { text: text.to_owned() },
        words: words.to_owned(),
        choices: vec![],
    };
    let reply = |title: &str| QuickReply { title: title.to_owned(), payload: format!("entry:{title}") };
    let replies = |text: &str, titles: &[&str]| Answer {
        content: Content::QuickReplies {
            text: text.to_owned(),
            replies: titles.iter().map(|title| reply(title)).collect(),
        },
        words: text.to_owned(),
        choices: titles.iter().map(|title| ((*title).to_owned(), None)).collect(),
    };
    let postback = |title: &str| Button::Postback { title: title.to_owned(), payload: format!("entry:{title}") };
    let url = "https://shop.example.com/orders?id=1001&lang=zh";
    let link = || Button::Link { title: "订单".to_owned(), url: url.to_owned() };
    let linked = ("订单".to_owned(), Some(url.to_owned()));
    let long = "Parcels leave our house within two days. 节假日顺延。".repeat(150);
    vec![
        text(
            "您的包裹明天到，请留意短信：2*3 件，编号 a_b_c。😀",
            "您的包裹明天到，请留意短信：2*3 件，编号 a_b_c。😀",
        ),
        text("Your parcel comes tomorrow (<3 & \"soon\").", "Your parcel comes tomorrow (<3 & \"soon\")."),
        text(&long, &long),
        text(
            "# 退货\n**七天内**可以 *免费* 退：\n- 填写 `单号`\n1. 见[说明](https://shop.example.com/returns)",
            "退货 七天内可以 免费 退：填写 单号 1. 见说明: https://shop.example.com/returns",
        ),
        replies("您好，请选择：", &["运费", "退货", "Talk to a person"]),
        replies("Which size?", &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14"]),
        replies(
            "**哪一个？**",
            &[
                "一个特别特别长、任何频道的按钮都放不下的选项标题，真的非常非常长，长到需要写成带编号的文字行才行",
                "*短*",
            ],
        ),
        Answer {
            content: Content::Buttons {
                text: "看看".to_owned(),
                buttons: vec![postback("好"), link(), postback("No")],
            },
            words: "看看".to_owned(),
            choices: vec![("好".to_owned(), None), linked.clone(), ("No".to_owned(), None)],
        },
        Answer {
            content: Content::Card {
                title: "订单 #1001".to_owned(),
                text: Some("已发货，**两天**到。".to_owned()),
                image_url: None,
                buttons: vec![postback("退货"), link()],
            },
            words: "订单 1001 已发货，两天到。".to_owned(),
            choices: vec![("退货".to_owned(), None), linked],
        },
        Answer {
            content: Content::Location { latitude: 31.23, longitude: 121.47, label: Some("外滩店".to_owned()) },
            words: "外滩店 https://maps.google.com/?q=31.23,121.47".to_owned(),
            choices: vec![],
        },
    ]
}

/// Letters and digits: signs and their places are the channel's.
fn letters(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// The words, and below them the choices as lines: `1. title`, or `title: address`. `None`: they are not there.
fn without_lines<'a>(said: &'a str, choices: &[(String, Option<String>)]) -> Option<&'a str> {
    let mut number = 0;
    let lines = choices.iter().map(|(title, url)| {
        number += usize::from(url.is_none());
        url.as_ref().map_or_else(|| format!("{number}. {title}"), |url| format!("{title}: {url}"))
    });
    let lines: Vec<String> = lines.collect();
    let mut rest = said.trim_end();
    for line in lines.iter().rev() {
        rest = rest.strip_suffix(line.as_str())?.strip_suffix('\n')?;
    }
    Some(rest.trim_end())
}

pub(super) fn words(fixture: &dyn Fixture) -> Result<Asked, String> {
    if let Some(reason) = fixture.raw_content() {
        return Ok(Asked::Beside(reason));
    }
    let mut checks = Checks::default();
    let (keys, adapter) = (fixture.keys(&[Secret::New]), fixture.adapter());
    for Answer { content, words, choices } in answers() {
        let outbound = delivery(fixture, &[(Author::Bot, content.clone())]);
        let with = Rendering { keys: &keys, now: NOW, doubt: false };
        let calls = adapter.render(&outbound, &with).map_err(|error| format!("{content:?}: {error}"))?;
        let counted = adapter.calls(&outbound.messages);
        checks.hold(calls.len() <= counted, || format!("{} calls count as {counted}: {content:?}", calls.len()))?;
        let shown: Vec<_> = calls.iter().map(|call| fixture.shown(call)).collect();
        let said: Vec<String> = shown.iter().flat_map(|shown| shown.texts.clone()).collect();
        let titles: Vec<String> = shown.into_iter().flat_map(|shown| shown.choices).flatten().collect();
        let said = said.join("\n");
        let read = if titles.is_empty() {
            without_lines(&said, &choices).ok_or_else(|| format!("{choices:?} are not offered in {said:?}"))?
        } else {
            // Links may stand in the text, where buttons open no addresses.
            let written = |(title, url): &&(String, Option<String>)| url.is_some() && !titles.contains(title);
            let lines: Vec<_> = choices.iter().filter(written).cloned().collect();
            let wanted: Vec<&String> =
                choices.iter().filter(|choice| !written(choice)).map(|(title, _)| title).collect();
            checks.hold(titles.iter().collect::<Vec<_>>() == wanted, || format!("{titles:?} instead of {wanted:?}"))?;
            without_lines(&said, &lines).ok_or_else(|| format!("{lines:?} are not offered in {said:?}"))?
        };
        checks.hold(letters(read) == letters(&words), || format!("{words:?} is said as {read:?}"))?;
    }
    Ok(checks.held())
}
