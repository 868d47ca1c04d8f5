//! How contents look.

use domain::{Attachment, Button, Content, QuickReply};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::render::{body, calls, outbound};
use super::*;

fn shown(contents: &[Content]) -> Vec<Value> {
    let calls = calls(&outbound(contents), NOW, false, &keys()).unwrap();
    calls.iter().flat_map(|call| body(call)["messages"].as_array().unwrap().clone()).collect()
}

fn text(text: &str) -> Content {
    Content::Text { text: text.to_owned() }
}

fn postback(title: &str) -> Button {
    Button::Postback { title: title.to_owned(), payload: format!("p-{title}") }
}

fn link(url: &str) -> Button {
    Button::Link { title: "More".to_owned(), url: url.to_owned() }
}

fn quick(text: &str, titles: &[&str]) -> Content {
    let reply = |title: &&str| QuickReply { title: (*title).to_owned(), payload: format!("p-{title}") };
    Content::QuickReplies { text: text.to_owned(), replies: titles.iter().map(reply).collect() }
}

fn buttons(text: &str, buttons: Vec<Button>) -> Content {
    Content::Buttons { text: text.to_owned(), buttons }
}

fn file(mime: &str, size: u64) -> Attachment {
    let url = Some("https://files.example/a".to_owned());
    Attachment { upload: None, url, name: "a.bin".to_owned(), mime: mime.to_owned(), size }
}

fn pressed(title: &str) -> Value {
    json!({ "type": "postback", "label": title, "data": format!("p-{title}\n{title}"), "displayText": title })
}

#[test]
fn quick_replies_stand_below_the_last_message_of_all() {
    let item = |title| json!({ "type": "action", "action": pressed(title) });
    assert_eq!(
        shown(&[quick("Sure?", &["Yes", "No"]), text("Take your time.")]),
        [
            json!({ "type": "text", "text": "Sure?" }),
            json!({ "type": "text", "text": "Take your time.", "quickReply": { "items": [item("Yes"), item("No")] } }),
        ]
    );
    let both = shown(&[quick("One?", &["Yes"]), quick("Two?", &["No"])]);
    assert_eq!(both[1]["quickReply"]["items"], json!([item("Yes"), item("No")]));
    assert!(both[0].get("quickReply").is_none());
}

#[test]
fn more_quick_replies_than_there_is_room_for_are_numbered() {
    let titles: Vec<String> = (0..14).map(|at| format!("t{at}")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let objects = shown(&[quick("Which?", &titles)]);
    assert!(objects[0]["text"].as_str().unwrap().ends_with("14. t13") && objects[0].get("quickReply").is_none());
    let objects = shown(&[quick("Which?", &titles[..8]), quick("And?", &titles[8..])]);
    assert_eq!(objects[0]["text"], "Which?\n\n1. t0\n2. t1\n3. t2\n4. t3\n5. t4\n6. t5\n7. t6\n8. t7");
    assert_eq!(objects[1]["quickReply"]["items"].as_array().unwrap().len(), 6);
}

#[test]
fn buttons_are_a_template_with_as_much_text_as_one_takes() {
    let of = |text: &str, actions: Value| json!({ "type": "template", "altText": text, "template": { "type": "buttons", "text": text, "actions": actions } });
    let more = json!({ "type": "uri", "label": "More", "uri": "https://a.example" });
    assert_eq!(
        shown(&[buttons("Sure?", vec![postback("Yes"), link("https://a.example")])]),
        [of("Sure?", json!([pressed("Yes"), more]))]
    );
    let long = format!("{} {}", "A sentence of some length. ".repeat(8).trim(), "Are you sure?");
    let objects = shown(&[buttons(&long, vec![postback("Yes")])]);
    assert_eq!(objects.len(), 2);
    let (above, below) = (objects[0]["text"].as_str().unwrap(), objects[1]["template"]["text"].as_str().unwrap());
    assert_eq!(format!("{above} {below}"), long, "nothing is lost");
    assert!(below.len() <= 160 && below.ends_with("Are you sure?"));
}

#[test]
fn what_line_would_refuse_is_numbered() {
    let far = format!("https://a.example/{}", "x".repeat(1000));
    for content in [
        buttons("Sure?", (0..5).map(|at| postback(&format!("t{at}"))).collect()),
        buttons("Sure?", vec![postback("a title of more than twenty letters")]),
        buttons("Sure?", vec![link(&far)]),
        buttons("Sure?", vec![link("http://a.example")]),
        buttons(" ", vec![postback("Yes")]),
    ] {
        let objects = shown(std::slice::from_ref(&content));
        assert_eq!((objects.len(), &objects[0]["type"]), (1, &json!("text")), "{content:?}");
    }
    assert_eq!(shown(&[text(" ")]), [] as [Value; 0]);
}

#[test]
fn letters_count_as_line_counts_them() {
    let eleven = shown(&[buttons("Sure?", vec![postback(&"😀".repeat(11))])]);
    assert_eq!(eleven[0]["text"], format!("Sure?\n\n1. {}", "😀".repeat(11)), "22 letters to LINE: nothing is cut off");
    let wide = "😀".repeat(10);
    let objects = shown(&[buttons("Sure?", vec![Button::Postback { title: wide.clone(), payload: "x".repeat(301) }])]);
    let action = &objects[0]["template"]["actions"][0];
    assert_eq!(action["label"], wide);
    assert_eq!(
        (&action["data"], &action["displayText"]),
        (&json!(wide), &json!(wide)),
        "a payload too long is the title"
    );
    let objects = shown(&[text(&"😀".repeat(2600))]);
    assert_eq!(objects.len(), 2);
    let objects = shown(&[buttons(&"😀".repeat(81), vec![postback("Yes")])]);
    assert_eq!(objects.len(), 2, "162 letters to LINE");
}

#[test]
fn a_card_is_a_template_if_it_has_what_one_needs() {
    let card = |text: &str, image: Option<&str>, buttons: Vec<Button>| Content::Card {
        title: "Blue mug".to_owned(),
        text: Some(text.to_owned()),
        image_url: image.map(str::to_owned),
        buttons,
    };
    let picture = Some("https://a.example/mug.jpg");
    let objects = shown(&[card("**12 €**", picture, vec![postback("Buy")])]);
    assert_eq!(
        objects,
        [json!({ "type": "template", "altText": "Blue mug\n12 €", "template": {
            "type": "buttons", "title": "Blue mug", "text": "12 €", "thumbnailImageUrl": "https://a.example/mug.jpg",
            "actions": [pressed("Buy")] } })]
    );
    for (content, kind) in [
        (card("12 €", None, vec![]), "text"),
        (card(&"x".repeat(61), None, vec![postback("Buy")]), "template"),
        (card("12 €", Some("http://a.example/mug.jpg"), vec![postback("Buy")]), "template"),
    ] {
        let objects = shown(std::slice::from_ref(&content));
        assert_eq!(objects[0]["type"], kind);
        assert!(objects[0]["template"].get("title").is_none(), "{content:?}");
    }
}

#[test]
fn pictures_are_shown_and_other_files_are_links() {
    let url = "https://files.example/a";
    let picture = json!({ "type": "image", "originalContentUrl": url, "previewImageUrl": url });
    assert_eq!(shown(&[Content::Image(file("image/png", 1_000_000))]), [picture]);
    let linked = [json!({ "type": "text", "text": "a.bin\nhttps://files.example/a" })];
    for content in [
        Content::Image(file("image/png", 1_000_001)),
        Content::Image(file("image/webp", 1)),
        Content::Audio(file("audio/mp4", 1)),
        Content::Video(file("video/mp4", 1)),
        Content::File(file("application/pdf", 1)),
    ] {
        assert_eq!(shown(std::slice::from_ref(&content)), linked, "{content:?}");
    }
}

fn units(value: &Value) -> usize {
    value.as_str().unwrap().encode_utf16().count()
}

fn within_limits(object: &Value) {
    let actions = match object["type"].as_str().unwrap() {
        "text" => {
            assert!((1..=5000).contains(&units(&object["text"])));
            vec![]
        }
        "template" => {
            let template = &object["template"];
            assert!((1..=160).contains(&units(&template["text"])) && units(&object["altText"]) <= 400);
            template["actions"].as_array().unwrap().clone()
        }
        other => panic!("{other}"),
    };
    assert!(actions.len() <= 4);
    let quick = object["quickReply"]["items"].as_array().cloned().unwrap_or_default();
    assert!(quick.len() <= 13);
    for action in actions.iter().chain(quick.iter().map(|item| &item["action"])) {
        assert!((1..=20).contains(&units(&action["label"])) && units(&action["data"]) <= 300);
    }
}

fn content() -> impl Strategy<Value = Content> {
    let title = "[a-z😀]{1,22}";
    prop_oneof![
        "\\PC{0,6000}".prop_map(|said| text(&said)),
        ("\\PC{0,400}", proptest::collection::vec(title, 0..8))
            .prop_map(|(said, titles)| buttons(&said, titles.iter().map(|title| postback(title)).collect())),
        ("\\PC{0,400}", proptest::collection::vec(title, 0..16))
            .prop_map(|(said, titles)| quick(&said, &titles.iter().map(String::as_str).collect::<Vec<_>>())),
    ]
}

proptest! {
    #[test]
    fn whatever_is_said_line_takes_it(contents in proptest::collection::vec(content(), 1..9), late in any::<bool>()) {
        let outbound = outbound(&contents);
        let now = if late { NOW.plus_seconds(60) } else { NOW };
        let calls = calls(&outbound, now, late, &keys()).unwrap();
        let quick = calls.iter().map(|call| body(call).to_string().matches("quickReply").count()).sum::<usize>();
        prop_assert!(quick <= 1);
        for call in &calls {
            let body = body(call);
            let objects = body["messages"].as_array().unwrap();
            prop_assert!((1..=5).contains(&objects.len()));
            objects.iter().for_each(within_limits);
        }
    }
}
