//! Accounts whose provider stopped their webhooks, and the caretaker who asks for them again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use app::PortError;
use app::answers::KnowledgeBot;
use app::exchange::TokenStore;
use app::ports::Wire;
use async_trait::async_trait;
use caretaker::{Deps, Done, handle};
use channels::{KeySet, WireCall, WireReply};
use domain::{ChannelId, Identity};
use lambda_runtime::{Context, Error, LambdaEvent};
use runtime::settings::Settings;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use testkit::World;

/// How the provider treats an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// Webhooks come.
    Sends,
    /// They come again once they are asked for.
    Stopped,
    /// It takes the order, and goes on sending nothing.
    Deaf,
    /// The account's token is refused.
    Refuses,
    /// It fails for now.
    Fails,
    /// It cannot be reached.
    Gone,
}

/// The provider.
#[derive(Clone, Default)]
struct Graph {
    moods: Arc<Mutex<BTreeMap<String, Mood>>>,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Graph {
    fn of(accounts: &[(&str, Mood)]) -> Self {
        let graph = Self::default();
        for (account, mood) in accounts {
            graph.set(account, *mood);
        }
        graph
    }

    fn set(&self, account: &str, mood: Mood) {
        self.moods.lock().unwrap().insert(account.to_owned(), mood);
    }

    /// The calls since the last time this was asked: method and account.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

#[async_trait]
impl Wire for Graph {
    async fn call(&self, to: &Identity, call: &WireCall) -> Result<Vec<WireReply>, PortError> {
        let WireCall::Http(call) = call else { panic!("not a call of the provider's API") };
        self.calls.lock().unwrap().push(format!("{} {}", call.method, to.account));
        assert!(call.target.starts_with(&format!("/v26.0/{}/subscribed_apps?", to.account)), "{}", call.method);
        let fields = call.target.split("subscribed_fields=").nth(1).map(|rest| rest.split('&').next().unwrap());
        let mut moods = self.moods.lock().unwrap();
        let mood = moods.get_mut(&to.account).unwrap();
        let all = "messages,messaging_postbacks,messaging_optins,messaging_referrals,message_deliveries,message_reads,\
                   message_echoes";
        let (status, body) = match (*mood, call.method) {
            (Mood::Gone, _) => return Err(PortError::transient("call the provider", "a timeout")),
            (Mood::Refuses, _) => (400, json!({ "error": { "code": 190, "message": "the token EAAtoken-2 is bad" } })),
            (Mood::Fails, _) => (500, json!({ "error": { "code": 2 } })),
            (Mood::Sends, "GET") => {
                let fields: Vec<&str> = all.split(',').collect();
                (200, json!({ "data": [{ "id": "42", "subscribed_fields": fields }] }))
            }
            (Mood::Stopped | Mood::Deaf, "GET") => (200, json!({ "data": [] })),
            (_, "POST") => {
                assert_eq!(fields.unwrap().replace("%2C", ","), all);
                if *mood == Mood::Stopped {
                    *mood = Mood::Sends;
                }
                (200, json!({ "success": true }))
            }
            (_, other) => panic!("{other}"),
        };
        Ok(vec![WireReply { status, retry_after: None, body: body.to_string() }])
    }
}

fn keys() -> KeySet {
    let keys = json!({
        "app_secrets": [{ "kid": "app", "secret": "s" }],
        "page_tokens": [{ "kid": "1", "secret": "EAAtoken-1" }, { "kid": "2", "secret": "EAAtoken-2" }],
        "settings": { "app_id": "42" },
    });
    KeySet::from_json(&keys.to_string()).unwrap()
}

async fn round(graph: &Graph, world: &World) -> Result<Done, Error> {
    let deps = Deps {
        channels: channels::channel,
        subscribed: vec![ChannelId::Messenger],
        secrets: Box::new(world.clone()),
        wire: Box::new(graph.clone()),
        tokens: TokenStore::default(),
        clock: Box::new(world.clone()),
        function: None,
    };
    handle(&deps, LambdaEvent::new(IgnoredAny, Context::default())).await
}

fn world() -> World {
    let world = World::new(KnowledgeBot::without_knowledge());
    world.set_keys(keys());
    world
}

#[tokio::test]
async fn webhooks_that_were_stopped_are_asked_for_and_the_others_left_alone() {
    let (graph, world) = (Graph::of(&[("1", Mood::Sends), ("2", Mood::Stopped)]), world());
    assert_eq!(round(&graph, &world).await.unwrap(), Done { held: 1, renewed: 1 });
    assert_eq!(graph.take(), ["GET 1", "GET 2", "POST 2", "GET 2"]);
    assert_eq!(round(&graph, &world).await.unwrap(), Done { held: 2, renewed: 0 });
    assert_eq!(graph.take(), ["GET 1", "GET 2"]);
}

#[tokio::test]
async fn an_account_in_trouble_fails_the_round_once_the_others_are_looked_after() {
    for (mood, calls) in [
        (Mood::Deaf, vec!["GET 1", "POST 1", "GET 1"]),
        (Mood::Refuses, vec!["GET 1"]),
        (Mood::Fails, vec!["GET 1"]),
        (Mood::Gone, vec!["GET 1"]),
    ] {
        let (graph, world) = (Graph::of(&[("1", mood), ("2", Mood::Stopped)]), world());
        let error = round(&graph, &world).await.unwrap_err().to_string();
        assert!(error.starts_with("of 1 accounts") && !error.contains("token"), "{error}");
        assert_eq!(graph.take(), [calls, vec!["GET 2", "POST 2", "GET 2"]].concat(), "{mood:?}");
        // Mended, the next try finds nothing to do.
        graph.set("1", Mood::Sends);
        assert_eq!(round(&graph, &world).await.unwrap(), Done { held: 2, renewed: 0 });
    }
}

#[tokio::test]
async fn secrets_that_cannot_be_read_fail_the_round() {
    let (graph, world) = (Graph::of(&[("1", Mood::Sends), ("2", Mood::Sends)]), world());
    world.break_part(Some("secrets"));
    round(&graph, &world).await.unwrap_err();
    assert!(graph.take().is_empty());
    world.break_part(None);
    world.set_keys(KeySet::default());
    assert_eq!(round(&graph, &world).await.unwrap(), Done::default(), "no account yet: nothing to look after");
}

#[tokio::test]
async fn it_is_told_what_is_wrong_with_its_settings() {
    let variables: Value = json!({
        "CHANNELS": "messenger,telegram,fax", "CALL_TIMEOUT_MS": "1000", "SECRETS_PREFIX": "/frontdesk/x",
    });
    let variables = variables.as_object().unwrap().iter();
    let settings =
        Settings::from_variables(variables.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())));
    let Err(error) = Deps::from_settings(settings).await else { panic!("settings that are wrong") };
    assert_eq!(
        error.to_string(),
        "settings: AWS_LAMBDA_FUNCTION_NAME is not set; CHANNELS: `telegram` is no channel whose webhooks are asked for; \
         CHANNELS: `fax` is no channel whose webhooks are asked for"
    );
}
