use super::*;

#[test]
fn the_whole_events_are_what_they_are_called() {
    for (file, account, user, said, locale) in [
        ("flow-begins.json", "hotline", CALLER, named("enter"), "zh"),
        ("flow-said.json", "hotline", CALLER, text("怎么退货"), "zh"),
        ("flow-chat.json", "hotline", CONTACT, text("how do I return a broken item"), "en"),
        ("lex-speech.json", "shop-bot", SESSION, text("怎么退货"), "zh"),
        ("lex-text.json", "shop-bot", SESSION, text("how do I return a broken item"), "en"),
    ] {
        let event = one(&event(file));
        assert_eq!((event.identity.account.as_str(), event.identity.user.as_str()), (account, user), "{file}");
        assert_eq!(content(&event), &said, "{file}");
        assert_eq!(event.locale.as_ref().unwrap().as_str(), locale, "{file}");
        assert_eq!(event.line(), Some(if file.starts_with("flow") { CONTACT } else { SESSION }), "{file}");
    }
}

#[test]
fn the_same_step_is_the_same_event_and_another_is_another() {
    let base = json!({ "said": "退货", "turn": "4" });
    let first = one(&flow(&base));
    assert_eq!(first.id, one(&flow(&base)).id);
    // What else the invocation holds does not matter: a retry may say that the contact was moved meanwhile.
    let mut moved = flow(&base);
    moved["Details"]["ContactData"]["Queue"] = json!({ "ARN": "arn:x", "Name": "q" });
    moved["Details"]["ContactData"]["Attributes"] = json!({ "x": "y" });
    assert_eq!(first.id, one(&moved).id);
    for other in [json!({ "said": "退货", "turn": "6" }), json!({ "said": "发货", "turn": "4" })] {
        assert_ne!(first.id, one(&flow(&other)).id, "{other}");
    }
    let mut contact = flow(&base);
    contact["Details"]["ContactData"]["ContactId"] = json!("another");
    assert_ne!(first.id, one(&contact).id);

    let utterance = lex("lex-text.json", "hello", &json!({}));
    let mut fulfilment = utterance.clone();
    fulfilment["invocationSource"] = json!("FulfillmentCodeHook");
    assert_eq!(one(&utterance).id, one(&fulfilment).id, "both hooks of one utterance");
    assert_ne!(one(&utterance).id, one(&lex("lex-text.json", "hi", &json!({}))).id);
    let nameless = |turn: &str| {
        let mut event = lex("lex-text.json", "hello", &json!({ "frontdesk_turn": turn }));
        event["sessionState"].as_object_mut().unwrap().remove("originatingRequestId");
        one(&event).id
    };
    assert_eq!(nameless("3"), nameless("3"));
    assert_ne!(nameless("3"), nameless("5"), "the same words, later");
}

#[test]
fn what_a_block_does_not_pass_is_taken_from_the_contact() {
    let mut event = flow(&json!({ "said": "hello" }));
    event["Details"]["ContactData"]["Attributes"] = json!({ "frontdesk_turn": "4", "frontdesk_language": "en" });
    let passed = one(&flow(&json!({ "said": "hello", "turn": "4", "language": "en" })));
    assert_eq!(one(&event), passed);
    let mut wordless = flow(&json!({ "said": "hello" }));
    wordless["Details"]["ContactData"]["LanguageCode"] = Value::Null;
    assert_eq!(one(&wordless).locale.unwrap().as_str(), "en", "the account's own");
}

#[test]
fn silence_is_asked_again_twice_and_then_a_persons() {
    for (turn, found) in [("4", None), ("4.1", None), ("4.2", Some(named("unheard")))] {
        for event in [
            flow(&json!({ "turn": turn, "said": " " })),
            lex("lex-speech.json", "", &json!({ "frontdesk_turn": turn })),
        ] {
            let parsed = parsed(&event).unwrap();
            assert_eq!(parsed.events.first().map(content), found.as_ref(), "{turn}");
            assert_eq!(parsed.awaits.is_some(), found.is_some());
        }
    }
}

#[test]
fn the_flow_tells_who_has_gone_and_who_is_with_a_person() {
    for name in ["left", "parked"] {
        let parsed = parsed(&flow(&json!({ "event": name, "said": "x", "turn": "4" }))).unwrap();
        assert_eq!((content(&parsed.events[0]), parsed.events[0].line()), (&named(name), None));
        assert_eq!(parsed.awaits, None);
    }
    assert_eq!(parsed(&flow(&json!({ "event": "quantum" }))).unwrap(), Parsed::default());
    let mut hook = event("lex-text.json");
    hook["invocationSource"] = json!("QuantumCodeHook");
    assert_eq!(parsed(&hook).unwrap(), Parsed::default());
}

#[test]
fn late_replies_are_asked_for_with_the_next_step() {
    let ids: Vec<DedupId> = [b"1", b"2"].map(|name| DedupId::derive(&[name])).to_vec();
    let late = format!("{},{},nonsense", ids[0], ids[1]);
    let attributes = json!({ "frontdesk_turn": "4", "frontdesk_late": late });
    for said in ["", "继续", "Continue."] {
        let parsed = parsed(&lex("lex-text.json", said, &attributes)).unwrap();
        let awaited = parsed.awaits.unwrap();
        assert_eq!((parsed.events.len(), &awaited.event, &awaited.before[..]), (0, &ids[1], &ids[..1]), "{said}");
    }
    let parsed = parsed(&lex("lex-text.json", "and gift wrapping?", &attributes)).unwrap();
    let awaited = parsed.awaits.unwrap();
    assert_eq!((&awaited.event, &awaited.before), (&parsed.events[0].id, &ids));
    let own = one(&flow(&json!({ "said": "x", "turn": "4" }))).id;
    let again = super::parsed(&flow(&json!({ "said": "x", "turn": "4", "late": own.as_str() }))).unwrap();
    assert_eq!(again.awaits.unwrap().before, vec![], "a flow that asks again asks for its own");
}

#[test]
fn only_aws_and_only_the_companys_own() {
    let mut stranger = flow(&json!({}));
    stranger["Details"]["ContactData"]["InstanceARN"] = json!(format!("{INSTANCE}0"));
    let mut bot = event("lex-text.json");
    bot["bot"]["aliasId"] = json!("ALIASID");
    for event in [stranger, bot, json!({}), json!({ "Name": "ContactFlowEvent" }), json!({ "messageVersion": "1.0" })] {
        assert!(matches!(parsed(&event), Err(VerifyError::Refused(_))), "{event}");
    }
    let body = flow(&json!({})).to_string();
    let posted = RawRequest { method: "POST", url: "https://x.example", headers: &[], body: body.as_bytes() };
    assert!(matches!(Connect.verify(&posted, &keys(), NOW), Err(VerifyError::Refused(_))));
    let none = Connect.verify(&RawRequest { method: EVENT, ..posted }, &KeySet::default(), NOW);
    assert!(matches!(none, Err(VerifyError::NoKey("sources"))));
}

#[test]
fn a_step_of_no_contact_is_kept_and_nobodys() {
    let mut event = flow(&json!({ "said": "hello" }));
    event["Details"]["ContactData"].as_object_mut().unwrap().remove("ContactId");
    let parsed = parsed(&event).unwrap();
    assert_eq!((parsed.events.len(), parsed.rejects[0].field.as_str()), (0, "ContactId"));
    assert!(parsed.rejects[0].item.as_ref().unwrap().contains("hello"));
}
