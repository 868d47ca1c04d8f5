//! News whose messages must be fetched: from the provider's callback to the inbound queue.

use app::envelope::{read_inbound, read_pull};
use app::exchange::TokenStore;
use app::ports::{Clock, Cursors as _, Place, PullQueue as _};
use app::pull::{PullError, Pulled, Puller, pull};
use app::{Kind, answers::KnowledgeBot};
use async_trait::async_trait;
use channels::Pull;
use domain::{ChannelId, Content, EventKind, UnixMillis};
use lambda_http::Body;
use serde_json::{Value, json};
use testkit::{Queue, World};
use tests::inbox::{ACCOUNT, Inbox, keys};
use webhook::WebhookDoor;

use crate::support::event;

/// The moment at which the events were signed: what is older than ten minutes is refused.
struct WhenSent;

#[async_trait]
impl Clock for WhenSent {
    fn now(&self) -> UnixMillis {
        UnixMillis::from_seconds(1_767_225_600)
    }

    async fn pause(&self, _millis: u64) {}
}

struct Desk {
    world: World,
    inbox: Inbox,
    tokens: TokenStore,
}

impl Desk {
    fn new() -> Self {
        let world = World::new(KnowledgeBot::without_knowledge());
        world.set_keys(keys());
        Self { inbox: Inbox::new(&world, 10), tokens: TokenStore::default(), world }
    }

    /// A record of the pull queue, with so many milliseconds.
    async fn pull_for(&self, body: &str, millis: i64) -> Result<Pulled, PullError> {
        let world = &self.world;
        let deps = Puller {
            channels: channels::channel,
            secrets: world,
            wire: &self.inbox,
            tokens: &self.tokens,
            cursors: world,
            inbound: world,
            pulls: world,
            clock: world,
        };
        pull(&deps, body, world.now().plus_millis(millis)).await
    }

    async fn pull(&self) -> Result<Pulled, PullError> {
        self.pull_for(&app::envelope::write_pull(&self.inbox.news()), 10_000).await
    }

    fn door(&self, pulls: bool) -> WebhookDoor {
        WebhookDoor {
            channels: channels::channel,
            channel: ChannelId::Wecom,
            public_base_url: None,
            secrets: Box::new(self.world.clone()),
            inbound: Box::new(self.world.clone()),
            pulls: if pulls { Some(Box::new(self.world.clone())) } else { None },
            clock: Box::new(WhenSent),
            answers: None,
        }
    }

    /// What was queued, in order.
    fn texts(&self) -> Vec<String> {
        let events = self.world.inbound().into_iter().filter_map(|message| read_inbound(&message.body).ok());
        let text = |kind| {
            let EventKind::Message { content: Content::Text { text } } = kind else { panic!("{kind:?}") };
            text
        };
        events.map(|event| text(event.kind)).collect()
    }
}

async fn answered(door: &WebhookDoor, event: &Value) -> (u16, String) {
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = webhook::handle(door, request).await;
    let Body::Text(text) = response.body() else { panic!("a text") };
    (response.status().as_u16(), text.clone())
}

#[tokio::test]
async fn a_callback_is_queued_once_and_acknowledged() {
    let desk = Desk::new();
    let door = desk.door(true);
    let checked = answered(&door, &event("wecom/check-address.json")).await;
    assert_eq!(checked, (200, "1616140317555161061".to_owned()));
    for _ in 0..3 {
        assert_eq!(answered(&door, &event("wecom/news.json")).await, (200, "success".to_owned()));
    }
    assert_eq!(desk.world.sent(Queue::Pulls), 1, "the provider's tries are one piece of news");
    let queued = desk.world.sent_as(Queue::Pulls, 0).unwrap();
    let token = Some("ENCtestSyncToken01".to_owned());
    let news = Pull { channel: ChannelId::Wecom, account: ACCOUNT.to_owned(), token };
    assert_eq!(read_pull(&queued.body), Ok(news.clone()));
    let other = Pull { account: "wkOther".to_owned(), ..news.clone() };
    assert_ne!(app::pull::group(&news), app::pull::group(&other), "each account has its own order");
    assert!(desk.world.inbound().is_empty());
}

#[tokio::test]
async fn a_callback_that_cannot_be_queued_is_not_acknowledged() {
    let desk = Desk::new();
    let without = desk.door(false);
    assert_eq!(answered(&without, &event("wecom/news.json")).await.0, 503);
    let door = desk.door(true);
    desk.world.break_part(Some("pulls"));
    assert_eq!(answered(&door, &event("wecom/news.json")).await.0, 503);
    assert_eq!(desk.world.sent(Queue::Pulls), 0);
    let mut forged = event("wecom/news.json");
    forged["rawQueryString"] = json!(forged["rawQueryString"].as_str().unwrap().replace("nonce=1", "nonce=2"));
    assert_eq!(answered(&door, &forged).await.0, 401);
}

#[tokio::test]
async fn every_version_of_news_that_was_ever_queued_is_still_read() {
    let record = &event("queues/pull-v1.json")["Records"][0];
    let news = read_pull(record["body"].as_str().unwrap()).unwrap();
    assert_eq!((news.account.as_str(), news.token.as_deref()), (ACCOUNT, Some("ENCtestSyncToken01")));
    assert_eq!(record["attributes"]["MessageGroupId"], app::pull::group(&news).as_str());
    assert_eq!(record["attributes"]["MessageDeduplicationId"], app::pull::news_id(&news, None).as_str());
}

#[tokio::test]
async fn everything_is_fetched_page_by_page_and_only_what_is_new_the_next_time() {
    let desk = Desk::new();
    let write = |numbers: std::ops::Range<u32>| numbers.for_each(|number| desk.inbox.write("wm1", &number.to_string()));
    write(0..25);
    assert_eq!(desk.pull().await.unwrap(), Pulled::Done { events: 25 });
    assert_eq!(desk.texts(), (0..25).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(desk.pull().await.unwrap(), Pulled::Done { events: 0 });
    write(25..27);
    assert_eq!(desk.pull().await.unwrap(), Pulled::Done { events: 2 });
    assert_eq!(desk.texts().len(), 27);
}

#[tokio::test]
async fn without_time_every_record_does_a_page_and_leaves_the_rest_to_the_next() {
    let desk = Desk::new();
    (0..25).for_each(|number| desk.inbox.write("wm1", &number.to_string()));
    desk.world.put(
        Queue::Pulls,
        testkit::Queued {
            body: app::envelope::write_pull(&desk.inbox.news()),
            group: "g".to_owned(),
            dedup: "d".to_owned(),
        },
    );
    let mut outcomes = vec![];
    for place in 0.. {
        let Some(record) = desk.world.sent_as(Queue::Pulls, place) else { break };
        outcomes.push(desk.pull_for(&record.body, 0).await.unwrap());
    }
    let again = Pulled::Again { events: 10 };
    assert_eq!(outcomes, [again, Pulled::Again { events: 10 }, Pulled::Done { events: 5 }]);
    assert_eq!(desk.texts(), (0..25).map(|number| number.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_page_that_could_not_be_queued_is_fetched_again() {
    let desk = Desk::new();
    desk.inbox.write("wm1", "hello");
    for part in ["inbound", "table", "wire"] {
        desk.world.break_part(Some(part));
        let error = desk.pull().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Transient, "{part}: {error}");
    }
    desk.world.break_part(None);
    assert_eq!(desk.pull().await.unwrap(), Pulled::Done { events: 1 });
}

#[tokio::test]
async fn a_refused_access_token_is_renewed_once() {
    let desk = Desk::new();
    desk.inbox.write("wm1", "one");
    desk.pull().await.unwrap();
    desk.inbox.expire_token();
    desk.inbox.write("wm1", "two");
    assert_eq!(desk.pull().await.unwrap(), Pulled::Done { events: 1 });
    desk.inbox.refuse(Some(42001));
    assert!(matches!(desk.pull().await, Err(PullError::Later(None))), "a fresh one is refused too");
}

#[tokio::test]
async fn stale_news_is_fetched_without_its_token() {
    let desk = Desk::new();
    desk.inbox.write("wm1", "one");
    let stale = app::envelope::write_pull(&desk.inbox.news());
    desk.inbox.write("wm1", "two");
    desk.inbox.accept_only(&desk.inbox.news());
    assert_eq!(desk.pull_for(&stale, 0).await.unwrap(), Pulled::Done { events: 2 });
}

#[tokio::test]
async fn a_refusal_says_what_helps_and_waits() {
    let desk = Desk::new();
    desk.inbox.write("wm1", "one");
    for (code, after, text) in [
        (45009, Some(60), "the provider does not give the page now"),
        (-1, None, "the provider does not give the page now"),
        (60020, Some(300), "the provider refuses: our address is not among the app's trusted ones (60020)"),
    ] {
        desk.inbox.refuse(Some(code));
        let error = desk.pull().await.unwrap_err();
        assert_eq!((error.kind(), error.after(), error.to_string().as_str()), (Kind::Transient, after, text));
    }
    desk.world.set_keys(channels::KeySet::default());
    let error = desk.pull().await;
    assert!(matches!(error, Err(PullError::Later(_) | PullError::Refused(_))), "{error:?}");
    assert!(desk.world.inbound().is_empty());
}

#[tokio::test]
async fn what_cannot_be_pulled_is_given_up() {
    let desk = Desk::new();
    for (body, kind) in [
        ("{}", Kind::Permanent),
        (r#"{"v":1,"body":{"channel":"telegram","account":"1"}}"#, Kind::Permanent),
        (r#"{"v":9,"body":{}}"#, Kind::Transient),
    ] {
        assert_eq!(desk.pull_for(body, 0).await.unwrap_err().kind(), kind, "{body}");
    }
}

#[tokio::test]
async fn what_was_written_before_the_account_was_connected_is_history() {
    let desk = Desk::new();
    desk.inbox.write("wm1", "three days ago");
    desk.world.pass(601);
    desk.inbox.write("wm1", "just now");
    // The first try fails; what is written while somebody mends that is no history.
    desk.inbox.refuse(Some(60020));
    assert!(desk.pull().await.is_err());
    desk.world.pass(9_999);
    desk.inbox.write("wm1", "later");
    desk.inbox.refuse(None);
    assert_eq!(desk.pull().await.unwrap(), Pulled::Done { events: 2 });
    assert_eq!(desk.texts(), ["just now", "later"]);
}

#[tokio::test]
async fn an_item_that_cannot_be_read_is_quarantined_alone() {
    let desk = Desk::new();
    desk.inbox.write("wm1", "one");
    desk.inbox.put(&json!({ "msgid": 5, "secret": "13800138000" }));
    desk.inbox.write("wm1", "two");
    assert_eq!(desk.pull().await.unwrap(), Pulled::Done { events: 2 });
    let inbound = desk.world.inbound();
    let bad: Vec<String> =
        inbound.iter().filter_map(|message| read_inbound(&message.body).err()).map(|error| error.to_string()).collect();
    assert_eq!(bad, ["wecom: msg_list[1]: not a message: line 1, column 10"]);
    let place = desk.world.load(ChannelId::Wecom, ACCOUNT).await.unwrap().unwrap();
    assert_eq!(place.cursor.as_deref(), Some("c3"));
}

#[tokio::test]
async fn who_was_overtaken_stops() {
    let desk = Desk::new();
    (0..25).for_each(|number| desk.inbox.write("wm1", &number.to_string()));
    let first = Place { version: 1, since: UnixMillis(0), cursor: None };
    assert!(desk.world.advance(ChannelId::Wecom, ACCOUNT, &first).await.unwrap());
    let slow = desk.pull();
    let mut slow = std::pin::pin!(slow);
    // It has read the place; then another does all there is to do.
    let waker = std::task::Waker::noop();
    assert!(slow.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
    assert!(slow.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
    assert_eq!(desk.pull().await.unwrap(), Pulled::Done { events: 25 });
    assert_eq!(slow.await.unwrap(), Pulled::Overtaken);
    desk.world.send(&desk.inbox.news(), None).await.unwrap();
    assert_eq!(desk.texts().len(), 25, "what it sent again was known");
}
