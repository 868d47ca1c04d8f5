use domain::QuickReply;
use proptest::prelude::*;

use super::*;

fn replies(words: &str, titles: &[&str]) -> Content {
    let replies = titles.iter().map(|title| QuickReply { title: (*title).to_owned(), payload: format!("p:{title}") });
    Content::QuickReplies { text: words.to_owned(), replies: replies.collect() }
}

#[test]
fn a_caller_hears_the_answer_and_the_keys() {
    let said = outbound(
        false,
        &[
            (Author::Customer, text("怎么退货")),
            (Author::Bot, replies("**7 天**内：https://a.example", &["运费", "转人工"])),
        ],
    );
    let told = answered(&event("flow-said.json"), Ok(&said));
    let wanted = [
        ("status", "listen"),
        ("reply", "7 天内。 运费，请按 1。 转人工，请按 2。"),
        ("turn", "12"),
        ("late", ""),
        ("language", "zh-CN"),
        ("choices", "2"),
        ("choice_1", "运费"),
        ("choice_2", "转人工"),
        ("choice_9", ""),
    ];
    for (name, value) in wanted {
        assert_eq!(told[name], value, "{told}");
    }
    assert!(told.as_object().unwrap().values().all(Value::is_string), "{told}");
    assert_eq!(answered(&event("flow-said.json"), Ok(&said)), told, "the same answer again");
}

#[test]
fn who_reads_sees_numbered_lines_or_buttons() {
    let said =
        outbound(false, &[(Author::Bot, replies("See [ours](https://a.example/x).", &["Shipping", "Warranty"]))]);
    let chat = answered(&event("flow-chat.json"), Ok(&said));
    assert_eq!(chat["language"], "en-US");
    let reply = chat["reply"].as_str().unwrap();
    assert!(reply.contains("https://a.example/x") && reply.contains("2. Warranty"), "{reply}");
    let lex = answered(&event("lex-text.json"), Ok(&said));
    let card = &lex["messages"][1];
    assert_eq!(card["contentType"], "ImageResponseCard");
    let buttons = json!([{ "text": "Shipping", "value": "Shipping" }, { "text": "Warranty", "value": "Warranty" }]);
    assert_eq!(card["imageResponseCard"]["buttons"], buttons);
    assert!(!lex["messages"][0]["content"].as_str().unwrap().contains("Warranty"), "{lex}");
    let many = outbound(false, &[(Author::Bot, replies("Which?", &["a", "b", "c", "d", "e", "f"]))]);
    let lex = answered(&event("lex-text.json"), Ok(&many));
    assert_eq!(lex["messages"].as_array().unwrap().len(), 1, "six do not fit on a card: {lex}");
    assert!(lex["messages"][0]["content"].as_str().unwrap().contains("6. f"), "{lex}");
}

#[test]
fn lex_keeps_its_attributes_and_goes_on_listening() {
    let said = outbound(false, &[(Author::Bot, text("7 天内"))]);
    let told = answered(&event("lex-speech.json"), Ok(&said));
    assert_eq!(told["sessionState"]["dialogAction"], json!({ "type": "ElicitIntent" }));
    let attributes = json!({ "shop": "1", "frontdesk_turn": "11", "frontdesk_status": "listen", "frontdesk_late": "" });
    assert_eq!(told["sessionState"]["sessionAttributes"], attributes);
    assert_eq!(told["sessionState"].get("intent"), None);
    assert_eq!(told["messages"], json!([{ "contentType": "PlainText", "content": "7 天内。" }]));
}

#[test]
fn a_person_takes_over() {
    let said = outbound(true, &[(Author::System, text("正在为您转接人工客服，请稍候。"))]);
    let told = answered(&event("flow-said.json"), Ok(&said));
    assert_eq!((&told["status"], &told["reply"]), (&json!("transfer"), &json!("正在为您转接人工客服，请稍候。")));
    let told = answered(&event("lex-speech.json"), Ok(&said));
    let state = &told["sessionState"];
    assert_eq!(state["dialogAction"]["type"], "Close");
    assert_eq!(state["intent"], json!({ "name": "FallbackIntent", "slots": {}, "state": "Fulfilled" }));
    assert_eq!(state["sessionAttributes"]["frontdesk_status"], "transfer");
    // A person has the conversation already, or the reply did not come for a minute.
    let told = answered(&event("flow-said.json"), Err(Unanswered::Elsewhere));
    assert_eq!(told["status"], "transfer");
    assert!(told["reply"].as_str().unwrap().contains("人工"));
}

#[test]
fn a_late_reply_is_waited_for_in_the_callers_own_way() {
    let own = one(&event("flow-said.json")).id;
    let told = answered(&event("flow-said.json"), Err(Unanswered::Late));
    for (name, value) in [("status", "wait"), ("turn", "2"), ("late", own.as_str()), ("language", "zh-CN")] {
        assert_eq!(told[name], value, "{told}");
    }
    assert!(told["reply"].as_str().unwrap().contains("请稍等"));
    let own = one(&event("lex-text.json")).id;
    let told = answered(&event("lex-text.json"), Err(Unanswered::Late));
    assert_eq!(told["sessionState"]["dialogAction"]["type"], "ElicitIntent");
    let attributes = &told["sessionState"]["sessionAttributes"];
    assert_eq!((&attributes["frontdesk_status"], &attributes["frontdesk_late"]), (&json!("wait"), &json!(own)));
    assert_eq!(told["messages"][1]["imageResponseCard"]["buttons"][0]["value"], "Continue");
    // The next one is late, too: both are owed, the older first; what was asked for again is owed once.
    let next = lex("lex-text.json", "more", attributes);
    let late = answered(&next, Err(Unanswered::Late))["sessionState"]["sessionAttributes"]["frontdesk_late"].clone();
    assert_eq!(late, format!("{own},{}", one(&next).id));
    let poll = lex("lex-text.json", "continue", attributes);
    let late = answered(&poll, Err(Unanswered::Late))["sessionState"]["sessionAttributes"]["frontdesk_late"].clone();
    assert_eq!(late, own.as_str());
}

#[test]
fn what_asks_nothing_has_an_answer_all_the_same() {
    let told = answered(&flow(&json!({ "turn": "4" })), Err(Unanswered::Unasked));
    assert_eq!((&told["status"], &told["turn"]), (&json!("listen"), &json!("4.1")));
    assert!(told["reply"].as_str().unwrap().contains("再说一遍"));
    let told = answered(&lex("lex-speech.json", "", &json!({ "frontdesk_turn": "4.1" })), Err(Unanswered::Unasked));
    assert_eq!(told["sessionState"]["sessionAttributes"]["frontdesk_turn"], "4.2");
    let told = answered(&flow(&json!({ "event": "left" })), Err(Unanswered::Unasked));
    assert_eq!((&told["status"], &told["reply"]), (&json!("done"), &json!("")));
}

#[test]
fn nothing_is_said_to_a_contact_unasked() {
    let keys = keys();
    let with = crate::Rendering { keys: &keys, now: NOW, doubt: false };
    assert!(Connect.render(&outbound(false, &[(Author::Agent, text("hello"))]), &with).is_err());
}

proptest! {
    #[test]
    fn whatever_is_said_fits(
        words in "\\PC{0,400}", times in 1_usize..60, titles in proptest::collection::vec("\\PC{1,80}", 0..14),
        big in "[a-z]{0,15000}", speaks in any::<bool>(),
    ) {
        let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
        let said = outbound(false, &[
            (Author::Agent, text(&words.repeat(times))), (Author::Bot, replies(&words.repeat(times), &titles)),
        ]);
        for file in ["flow-said.json", "flow-chat.json"] {
            let told = answered(&event(file), Ok(&said));
            prop_assert!(told.to_string().len() <= 32 * 1024);
            prop_assert!(told.as_object().unwrap().values().all(Value::is_string));
        }
        let file = if speaks { "lex-speech.json" } else { "lex-text.json" };
        let told = answered(&lex(file, "x", &json!({ "theirs": big, "n": 7 })), Ok(&said));
        prop_assert!(told["sessionState"]["sessionAttributes"].to_string().len() <= 12 * 1024);
        let messages = told["messages"].as_array().unwrap();
        prop_assert!(messages.len() <= 5 && (!messages.is_empty() || told["sessionState"]["dialogAction"]["type"] == "Close"));
        for message in messages {
            let chars = message["content"].as_str().map_or(0, |text| text.chars().count());
            prop_assert!(chars <= 1024 && !message["content"].as_str().is_some_and(|text| text.trim().is_empty()));
            let buttons = message["imageResponseCard"]["buttons"].as_array().cloned().unwrap_or_default();
            prop_assert!(buttons.len() <= 5);
            prop_assert!(buttons.iter().all(|one| (1..=50).contains(&one["text"].as_str().unwrap().chars().count())));
        }
    }
}
