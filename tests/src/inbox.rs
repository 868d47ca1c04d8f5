//! The provider of a channel whose messages are fetched: what customers wrote lies there and is given out in pages, to who
//! has a valid access token. It speaks 微信客服's `gettoken` and `kf/sync_msg`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use app::PortError;
use app::ports::{Clock as _, Wire};
use async_trait::async_trait;
use channels::{HttpCall, KeySet, Pull, WireCall, WireReply};
use domain::{ChannelId, Identity};
use fastrand::Rng;
use serde_json::{Value, json};
use testkit::World;

/// The company's account.
pub const ACCOUNT: &str = "wkTestOpenKfId01";
/// Milliseconds after which a caller gives a call up.
const PATIENCE: u64 = 3_000;

/// The keys of the company's account, as the published vectors have them.
///
/// # Panics
/// They are no key set.
pub fn keys() -> KeySet {
    let keys = json!({
        "tokens": [{ "kid": "1", "secret": "QDG6eK" }],
        "aes_keys": [{ "kid": "1", "secret": "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR" }],
        "secrets": [{ "kid": "ww0123456789abcdef", "secret": "a secret" }],
        "settings": { "corp_id": "ww0123456789abcdef", "accounts": [ACCOUNT] },
    });
    KeySet::from_json(&keys.to_string()).expect("a key set")
}

struct State {
    /// What lies there, in order.
    items: Vec<String>,
    /// Items of a page.
    page: usize,
    /// The number of the access token that is valid.
    token: u64,
    /// Pages that were given out, by their first item.
    given: BTreeMap<usize, u64>,
    /// What every page is refused with.
    refusal: Option<i64>,
    /// The news whose tokens still let in; none: all do.
    fresh: Option<String>,
    moods: Option<(Rng, u32)>,
    troubles: u64,
}

/// The provider. Clones are the same one.
#[derive(Clone)]
pub struct Inbox {
    world: World,
    state: Arc<Mutex<State>>,
}

impl Inbox {
    /// An empty one that gives pages of so many items.
    pub fn new(world: &World, page: usize) -> Self {
        let state = State {
            items: vec![],
            page,
            token: 1,
            given: BTreeMap::new(),
            refusal: None,
            fresh: None,
            moods: None,
            troubles: 0,
        };
        Self { world: world.clone(), state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("an unpoisoned inbox")
    }

    /// A customer writes.
    pub fn write(&self, user: &str, text: &str) {
        let place = self.state().items.len();
        let sent = self.world.now().seconds();
        self.put(&json!({
            "msgid": format!("m{place}"), "open_kfid": ACCOUNT, "external_userid": user, "send_time": sent, "origin": 3,
            "msgtype": "text", "text": { "content": text },
        }));
    }

    /// An item comes to lie there.
    pub fn put(&self, item: &Value) {
        self.state().items.push(item.to_string());
    }

    /// The news that something lies there.
    pub fn news(&self) -> Pull {
        let token = Some(format!("N{}", self.state().items.len()));
        Pull { channel: ChannelId::Wecom, account: ACCOUNT.to_owned(), token }
    }

    /// The access token that was valid is so no more.
    pub fn expire_token(&self) {
        self.state().token += 1;
    }

    /// Only this news still lets in; others are refused.
    pub fn accept_only(&self, news: &Pull) {
        self.state().fresh.clone_from(&news.token);
    }

    /// From now on every page is refused with this code, or none is.
    pub fn refuse(&self, errcode: Option<i64>) {
        self.state().refusal = errcode;
    }

    /// From now on so many of a thousand calls are not simply answered, as the seed draws it.
    pub fn unleash(&self, seed: u64, per_mille: u32) {
        self.state().moods = Some((Rng::with_seed(seed), per_mille));
    }

    /// From now on all are; how many were not.
    pub fn calm(&self) -> u64 {
        let mut state = self.state();
        state.moods = None;
        state.troubles
    }

    /// How often each page was given out, by the number of its first item.
    pub fn given(&self) -> BTreeMap<usize, u64> {
        self.state().given.clone()
    }

    /// Now and then something is wrong with a call.
    async fn trouble(&self) -> Result<Option<WireReply>, PortError> {
        let drawn = {
            let mut state = self.state();
            let drawn =
                state.moods.as_mut().and_then(|(rng, often)| (rng.u32(0..1000) < *often).then(|| rng.u32(0..6)));
            state.troubles += u64::from(drawn.is_some());
            drawn
        };
        match drawn {
            Some(0) => Ok(Some(reply(502, "<html>"))),
            Some(1) => Ok(Some(errcode(-1))),
            Some(2) => Ok(Some(errcode(45009))),
            Some(3) => {
                self.expire_token();
                Ok(None)
            }
            Some(4) => {
                self.world.sleep(PATIENCE).await;
                Err(PortError::transient("call the provider", "no answer in time"))
            }
            Some(_) => {
                self.world.sleep(PATIENCE / 2).await;
                Ok(None)
            }
            None => Ok(None),
        }
    }

    fn answer(&self, call: &HttpCall) -> WireReply {
        let mut state = self.state();
        let (path, query) = call.target.split_once('?').expect("a query");
        if path == "/cgi-bin/gettoken" {
            let known = query == "corpid=ww0123456789abcdef&corpsecret=a+secret";
            let token = json!({ "errcode": 0, "access_token": format!("AT{}", state.token), "expires_in": 7200 });
            return if known { reply(200, &token.to_string()) } else { errcode(40001) };
        }
        assert_eq!(path, "/cgi-bin/kf/sync_msg");
        if query != format!("access_token=AT{}", state.token) {
            return errcode(42001);
        }
        if let Some(code) = state.refusal {
            return errcode(code);
        }
        let asked: Value = serde_json::from_slice(&call.body).expect("JSON");
        assert_eq!(asked["open_kfid"], ACCOUNT);
        let news = asked["token"].as_str();
        if state.fresh.is_some() && news.is_some() && news != state.fresh.as_deref() {
            return errcode(95007);
        }
        let cursor = asked["cursor"].as_str().map_or("0", |cursor| cursor.strip_prefix('c').expect("a cursor of ours"));
        let first: usize = cursor.parse().expect("a number");
        *state.given.entry(first).or_default() += 1;
        let end = state.items.len().min(first + state.page);
        let list = state.items[first..end].join(",");
        let more = i32::from(end < state.items.len());
        reply(200, &format!(r#"{{"errcode":0,"next_cursor":"c{end}","has_more":{more},"msg_list":[{list}]}}"#))
    }
}

fn reply(status: u16, body: &str) -> WireReply {
    WireReply { status, body: body.to_owned(), ..WireReply::default() }
}

fn errcode(code: i64) -> WireReply {
    reply(200, &json!({ "errcode": code, "errmsg": "refused" }).to_string())
}

#[async_trait]
impl Wire for Inbox {
    async fn call(&self, _to: &Identity, call: &WireCall) -> Result<Vec<WireReply>, PortError> {
        self.world.enter("wire").await?;
        let WireCall::Http(call) = call else {
            return Err(PortError::permanent("call the provider", "this one has an HTTP API"));
        };
        let answer = match self.trouble().await? {
            Some(trouble) => trouble,
            None => self.answer(call),
        };
        self.world.leave("wire").await?;
        Ok(vec![answer])
    }
}
