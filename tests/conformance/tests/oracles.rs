//! Every channel against third-party code, and all that is known of it in one table; and the calls of the company's own
//! systems, by the libraries of the specification that signs them.
//!
//! `cargo local test conformance` installs the oracles and runs this; without them it is left out.

use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs};

use app::action::request;
use channels::KeySet;
use conformance::FIXTURES;
use conformance::oracle::Oracles;
use conformance::table::Table;
use domain::{ActionCall, ActionId, ActionOrder, ChannelId, Conversation, Identity, Locale, UnixMillis};
use serde_json::{Map, Value, json};

#[test]
fn every_channel_holds_against_code_that_others_wrote() {
    let oracles = Oracles::installed();
    if !oracles.any() {
        eprintln!("left out: no oracle is installed; run `cargo local test conformance`");
        return;
    }
    let mut table = Table::default();
    for fixture in FIXTURES {
        table.add(*fixture, &oracles);
    }
    #[expect(clippy::disallowed_methods, reason = "`cargo local test conformance` says where it wants the table")]
    match env::var_os("FRONTDESK_CONFORMANCE_TABLE") {
        Some(file) => fs::write(file, table.to_string()).unwrap(),
        None => println!("{table}"),
    }
    assert!(table.faults().is_empty(), "{}", table.faults().join("\n"));
}

const NEW: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const OTHERS: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

/// The libraries know no time but the machine's.
fn now() -> UnixMillis {
    #[expect(clippy::disallowed_methods, reason = "a third party that looks at its own clock judges")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis::from_seconds(i64::try_from(now.as_secs()).unwrap_or_default())
}

#[test]
fn the_specifications_own_libraries_take_an_actions_call() {
    let oracles = Oracles::installed();
    if !oracles.any() {
        eprintln!("left out: no oracle is installed; run `cargo local test conformance`");
        return;
    }
    let keys = json!({"send_secrets": [{"kid": "2", "secret": NEW}, {"kid": "1", "secret": OLD}]});
    let keys = KeySet::from_json(&keys.to_string()).unwrap();
    let identity = Identity { channel: ChannelId::Web, account: "default".to_owned(), user: "u".to_owned() };
    for name in ["standardwebhooks", "standardwebhooks-js"] {
        let library = oracles.start(name).unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
        for text in ["hello", "你好，我的订单到哪了？", "😀 a+b&c=d \"q\" <b> \\", "two\nlines"] {
            let input = [("reason".to_owned(), text.to_owned())].into();
            let id = ActionId::derive(&[text.as_bytes()]);
            let order = ActionOrder {
                identity: identity.clone(),
                conversation: Conversation::first(&identity, now()).id,
                at: now(),
                locale: Locale::from_tag("zh"),
                call: ActionCall { id, name: "return_request".to_owned(), input },
            };
            let call = request(&order, "https://shop.example/actions".to_owned(), &keys, now()).unwrap();
            let body = String::from_utf8(call.body).unwrap();
            let headers: Map<String, Value> =
                call.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            for (secret, body, genuine) in [
                (NEW, body.clone(), true),
                // While a secret changes, a system may know the one before only.
                (OLD, body.clone(), true),
                (OTHERS, body.clone(), false),
                (NEW, body.replacen('{', "{ ", 1), false),
            ] {
                let question = json!({"do": "accepts", "secret": secret, "headers": headers, "body": body});
                let accepts = library.ask(&question).unwrap_or_else(|fault| panic!("{name}: {fault}"));
                assert_eq!(accepts["accepts"], genuine, "{name}: {text}");
            }
        }
    }
}
