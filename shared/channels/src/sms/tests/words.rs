//! Words for opting out and in, zh and en.

use domain::Locale;

use super::super::settings::Account;
use super::super::words::wish;
use super::event;

fn account(provider: &str, self_managed: bool) -> Account {
    let stored = serde_json::json!({ "provider": provider, "self_managed": self_managed, "opt_out_words": ["R", ""] });
    serde_json::from_value(stored).unwrap()
}

fn name(text: &str, account: &Account) -> Option<String> {
    let (content, _) = wish(text, account, None)?;
    let domain::Content::Event { name } = content else { panic!("{content:?}") };
    Some(name)
}

#[test]
fn a_word_alone_is_a_wish_and_a_sentence_is_a_question() {
    let twilio = account("twilio", false);
    for (text, wish) in [
        ("STOP", "opt_out"),
        (" stop. ", "opt_out"),
        ("ＳＴＯＰ", "opt_out"),
        ("“Cancel!”", "opt_out"),
        ("Start", "opt_in"),
        ("unstop", "opt_in"),
        ("HELP?", "help"),
        // Twilio answers its own words only.
        ("arret", "opt_out_unanswered"),
        ("退订", "opt_out_unanswered"),
        ("退订。", "opt_out_unanswered"),
        ("退訂", "opt_out_unanswered"),
        ("恢复订阅", "opt_in_unanswered"),
        ("帮助", "help_unanswered"),
        ("r", "opt_out_unanswered"),
    ] {
        assert_eq!(name(text, &twilio).as_deref(), Some(wish), "{text}");
    }
    for text in ["", "cancel my order", "how do I stop it", "退订会员怎么办", "help me", "yes", "n", "T", "1", "。"]
    {
        assert_eq!(name(text, &twilio), None, "{text}");
    }
}

#[test]
fn what_the_provider_answers_is_not_answered_twice() {
    let (aws, own) = (account("aws", false), account("aws", true));
    for (text, by_aws, by_us) in [
        ("ARRET", "opt_out", "opt_out_unanswered"),
        ("stop", "opt_out", "opt_out_unanswered"),
        ("stopall", "opt_out_unanswered", "opt_out_unanswered"),
        ("help", "help", "help_unanswered"),
        ("start", "opt_in", "opt_in_unanswered"),
    ] {
        assert_eq!((name(text, &aws).as_deref(), name(text, &own).as_deref()), (Some(by_aws), Some(by_us)), "{text}");
    }
    assert_eq!(name("T", &account("aliyun", false)).as_deref(), Some("opt_out"));
    assert_eq!(name("退订", &account("tencent", true)).as_deref(), Some("opt_out"), "nothing could go out there");
}

#[test]
fn what_the_provider_took_it_for_counts_and_tells_the_language() {
    let own = account("twilio", true);
    let (english, chinese) = (Locale::from_tag("en"), Locale::from_tag("zh"));
    assert_eq!(wish("yes", &own, Some("START")), Some((event("opt_in"), english.clone())));
    assert_eq!(wish("不要了", &own, Some("STOP")), Some((event("opt_out"), chinese.clone())));
    assert_eq!(wish("info please", &own, Some("HELP")), Some((event("help"), english.clone())));
    assert_eq!(wish("hello", &own, Some("NEW")), None);
    assert_eq!(wish("退订", &own, None), Some((event("opt_out_unanswered"), chinese)));
    assert_eq!(wish("STOP", &own, None), Some((event("opt_out_unanswered"), english)));
}
