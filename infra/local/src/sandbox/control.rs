//! What is served under which address.

use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::faults::UNSUBSCRIBED;
use super::log::Wanted;
use super::play::{CHANNELS, Play, now};
use super::wire::{self, Call, Reply};
use super::{HEALTH, api, check, identity, pages, say};

/// Longest that `GET /feed` and `GET /outbox` wait for something new, in seconds.
const MAX_WAIT: f64 = 30.0;

/// Answers a request; `None`: the connection ends without an answer.
pub async fn respond(play: &Rc<Play>, call: Call) -> Option<Reply> {
    let (first, rest) = match call.path.trim_start_matches('/').split_once('/') {
        Some((first, rest)) => (first, format!("/{rest}")),
        None => (call.path.trim_start_matches('/'), String::new()),
    };
    if let Some(channel) = Play::channel(first).filter(|_| !rest.is_empty()) {
        return api::answer(play, channel, Call { path: rest, ..call }).await;
    }
    if foreign(&call, &play.origin()) {
        return Some(problem(403, "only the sandbox's own pages may do this"));
    }
    Some(match (call.method.as_str(), call.path.as_str()) {
        ("POST", "/say") => say::say(play, &call.json()).await,
        ("POST", "/check") => check::check(play, &call.json()).await,
        ("GET" | "HEAD", "/outbox") => find(play, &call, Some("call")).await,
        ("DELETE", "/outbox") => {
            play.log.borrow_mut().clear();
            Reply::json(200, &json!({}))
        }
        ("GET" | "HEAD", "/feed") => find(play, &call, None).await,
        ("GET" | "HEAD", "/faults") => Reply::json(200, &play.faults.borrow().document()),
        ("POST", "/faults") => set_faults(play, &call.json()),
        ("GET" | "HEAD", "/identity") => identity::token(&play.description(), &call, now()),
        ("GET" | "HEAD", path) if path.starts_with("/mail/") => {
            let raw = play.mail(path.trim_start_matches("/mail/"));
            raw.map_or_else(
                || Reply::text(404, "there is no such mail"),
                |raw| Reply { body: raw, ..Reply::text(200, "") },
            )
        }
        ("GET" | "HEAD", HEALTH) => Reply::text(200, "ok"),
        ("GET" | "HEAD", "/stack.js") => pages::stack_script(&play.description()),
        // Relative addresses of a page below a folder need the slash.
        ("GET" | "HEAD", "/channels") => Reply::text(308, "").with("location", "/channels/".to_owned()),
        ("GET" | "HEAD", path) => pages::page(path).unwrap_or_else(|| Reply::text(404, "there is no such page")),
        _ => problem(405, "this is not served here"),
    })
}

/// Whether another site's page asks for something to be done.
fn foreign(call: &Call, own: &str) -> bool {
    let localhost = own.replace("127.0.0.1", "localhost");
    let own = |origin: &str| origin == own || origin == localhost;
    !matches!(call.method.as_str(), "GET" | "HEAD") && call.header("origin").is_some_and(|origin| !own(origin))
}

/// An error.
pub fn problem(status: u16, why: &str) -> Reply {
    Reply::json(status, &json!({"error": why}))
}

fn set_faults(play: &Play, asked: &Value) -> Reply {
    if wire::plain(asked, "/mode").as_deref() == Some(UNSUBSCRIBED) {
        return unsubscribe(play, wire::text(asked, "/provider"));
    }
    let user = wire::plain(asked, "/user")
        .and_then(|user| play.with(wire::text(asked, "/provider"), &Value::Null, |provider, _| provider.user(&user)));
    let set = play.faults.borrow_mut().set(asked, user, CHANNELS);
    match set {
        Ok(()) => {
            let due = play.faults.borrow().document();
            let channel = asked.get("provider").and_then(Value::as_str).and_then(Play::channel).unwrap_or_default();
            play.tell("faults", channel, "", json!({"due": due}));
            Reply::json(200, &due)
        }
        Err(why) => problem(400, &why),
    }
}

/// The provider stops the account's webhooks, for whoever writes.
fn unsubscribe(play: &Play, provider: &str) -> Reply {
    match play.with(provider, &Value::Null, |provider, _| provider.unsubscribe()) {
        Some(true) => Reply::json(200, &play.faults.borrow().document()),
        Some(false) => problem(400, &format!("{provider} never stops an account's webhooks")),
        None => problem(400, &format!("`provider` must be one of {}", CHANNELS.join(", "))),
    }
}

/// Entries of the log; with `wait`, as soon as there is one.
async fn find(play: &Play, call: &Call, kind: Option<&'static str>) -> Reply {
    let wait = call.query("wait").and_then(|wait| wait.parse::<f64>().ok()).unwrap_or_default();
    let until = Instant::now() + Duration::from_secs_f64(wait.clamp(0.0, MAX_WAIT));
    let channel = call.query("channel").filter(|channel| !channel.is_empty());
    if let Some(unknown) = channel.as_ref().filter(|channel| Play::channel(channel).is_none()) {
        return problem(400, &format!("nobody plays the channel `{unknown}`; known: {}", CHANNELS.join(", ")));
    }
    let user = call.query("user").filter(|user| !user.is_empty());
    let user = user.map(|user| {
        let id = |channel: &&'static str| {
            play.with(channel, &Value::Null, |provider, _| provider.user(&user)).map(|id| (*channel, id))
        };
        CHANNELS.iter().filter_map(id).collect()
    });
    let after = match call.query("after") {
        Some(after) => match after.parse() {
            Ok(after) => after,
            Err(_) => return problem(400, "`after` must be an entry's id"),
        },
        None => 0,
    };
    let wanted = Wanted { kind, channel, user, others: kind.is_none(), after };
    let mut news = play.news();
    loop {
        news.mark_unchanged();
        let found = play.log.borrow().find(&wanted);
        let empty = found.as_array().is_none_or(Vec::is_empty);
        if !empty || timeout_at(until, news.changed()).await.is_err() {
            return Reply::json(200, &found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::{DEFAULT_PORT, Stack};

    fn call(method: &str, path: &str, body: &Value) -> Call {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let (method, path, query) = (method.to_owned(), path.to_owned(), query.to_owned());
        Call { method, path, query, headers, body: body.to_string().into_bytes() }
    }

    async fn status(play: &Rc<Play>, call: Call) -> u16 {
        respond(play, call).await.unwrap().status
    }

    fn run(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
    }

    #[test]
    fn pages_are_read_and_nothing_else_is_written() {
        run(async {
            let play = Rc::new(Play::new(&Stack::at(DEFAULT_PORT)));
            let none = json!(null);
            for (method, path, expected) in [
                ("POST", "/", 405),
                ("GET", "/nothing.here", 404),
                ("GET", "/health", 200),
                ("GET", "/stack.js", 200),
                ("GET", "/", 200),
                ("GET", "/outbox?channel=fax", 400),
                ("GET", "/outbox?after=x", 400),
                ("GET", "/outbox?channel=telegram&user=anna", 200),
                ("POST", "/faults", 400),
                ("POST", "/say", 400),
                ("POST", "/check", 400),
            ] {
                assert_eq!(status(&play, call(method, path, &none)).await, expected, "{method} {path}");
            }
            let mut other = call("POST", "/faults", &json!({"provider": "telegram", "mode": "500"}));
            assert_eq!(status(&play, other.clone()).await, 200);
            other.headers.push(("origin".to_owned(), "https://elsewhere.example".to_owned()));
            assert_eq!(status(&play, other).await, 403);
        });
    }

    #[test]
    fn every_call_is_in_the_outbox_and_faults_befall_the_next_ones() {
        run(async {
            let play = Rc::new(Play::new(&Stack::at(DEFAULT_PORT)));
            let fault = json!({"provider": "telegram", "mode": "429", "seconds": 7});
            assert_eq!(status(&play, call("POST", "/faults", &fault)).await, 200);
            let send = || call("POST", "/telegram/bot1/sendMessage", &json!({"chat_id": "77", "text": "你好"}));
            let busy = respond(&play, send()).await.unwrap();
            assert_eq!((busy.status, busy.headers), (429, vec![("retry-after", "7".to_owned())]));
            // The stack is not up, so no token is right.
            assert_eq!(status(&play, send()).await, 401);
            let outbox = respond(&play, call("GET", "/outbox?channel=telegram&user=77", &json!(null))).await.unwrap();
            let outbox: Value = serde_json::from_slice(&outbox.body).unwrap();
            let seen: Vec<(&str, u64)> = outbox
                .as_array()
                .unwrap()
                .iter()
                .map(|call| (call["path"].as_str().unwrap(), call["status"].as_u64().unwrap()))
                .collect();
            assert_eq!(seen, [("/bot1/sendMessage", 429), ("/bot1/sendMessage", 401)]);
            assert_eq!((&outbox[0]["fault"], &outbox[1]["fault"]), (&json!("429"), &json!(null)));
            assert_eq!(outbox[0]["body"], r#"{"chat_id":"77","text":"你好"}"#);
            assert_eq!(status(&play, call("DELETE", "/outbox", &json!(null))).await, 200);
            let outbox = respond(&play, call("GET", "/outbox", &json!(null))).await.unwrap();
            assert_eq!(outbox.body, b"[]");
        });
    }
}
