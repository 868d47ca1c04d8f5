//! What happened at the sandbox, in order: the providers' calls, what customers said and saw. Bounded: the oldest goes.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::wire::Call;

/// Most entries that are kept, and most bytes of them together.
const MOST: usize = 5_000;
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// An entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number; they rise.
    pub id: u64,
    /// `call`, `answered`, `said`, `told`, `shown`, `hook`, `check` or `faults`.
    pub kind: &'static str,
    /// The channel, which is also its provider.
    pub channel: &'static str,
    /// The customer's id there; empty where it is about none.
    pub user: String,
    /// Milliseconds since the epoch.
    pub at: i64,
    /// What there is to tell.
    pub what: Value,
    bytes: usize,
}

impl Entry {
    /// What others are told.
    pub fn document(&self) -> Value {
        let mut document = json!({
            "id": self.id,
            "kind": self.kind,
            "time": time(self.at),
            "provider": self.channel,
            "channel": self.channel,
            "user": self.user,
        });
        if let (Some(into), Some(from)) = (document.as_object_mut(), self.what.as_object()) {
            into.extend(from.clone());
        }
        document
    }
}

fn time(millis: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000);
    time.ok().and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
}

/// The log.
#[derive(Debug, Default)]
pub struct Log {
    entries: VecDeque<Entry>,
    bytes: usize,
    last: u64,
}

/// Which entries are asked for; nothing said means all.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of this kind.
    pub kind: Option<&'static str>,
    /// Of this channel.
    pub channel: Option<String>,
    /// About one customer: their ids by channel. With `others`, what is about none, too.
    pub user: Option<BTreeMap<&'static str, String>>,
    /// See `user`.
    pub others: bool,
    /// After this number.
    pub after: u64,
}

impl Log {
    /// Writes an entry down; its number.
    pub fn add(&mut self, kind: &'static str, channel: &'static str, user: &str, at: i64, what: Value) -> u64 {
        self.last += 1;
        let bytes = what.to_string().len();
        self.bytes += bytes;
        self.entries.push_back(Entry { id: self.last, kind, channel, user: user.to_owned(), at, what, bytes });
        while self.entries.len() > MOST || self.bytes > MOST_BYTES {
            let Some(gone) = self.entries.pop_front() else { break };
            self.bytes -= gone.bytes;
        }
        self.last
    }

    /// Writes a provider's call down; its number.
    pub fn call(&mut self, channel: &'static str, user: &str, at: i64, call: &Call) -> u64 {
        let headers: serde_json::Map<String, Value> =
            call.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let what = json!({
            "method": call.method,
            "path": call.path,
            "query": call.query,
            "headers": headers,
            "body": String::from_utf8_lossy(&call.body),
        });
        self.add("call", channel, user, at, what)
    }

    /// Adds to what is told of an entry, such as how a call ended.
    pub fn amend(&mut self, id: u64, name: &str, value: Value) {
        let entry = self.entries.iter_mut().find(|entry| entry.id == id);
        if let Some(fields) = entry.and_then(|entry| entry.what.as_object_mut()) {
            fields.insert(name.to_owned(), value);
        }
    }

    /// The number of the newest entry.
    pub const fn last(&self) -> u64 {
        self.last
    }

    /// The entries that are asked for, in order.
    pub fn find(&self, wanted: &Wanted) -> Value {
        let fits = |entry: &&Entry| {
            entry.id > wanted.after
                && wanted.kind.is_none_or(|kind| entry.kind == kind)
                && wanted.channel.as_deref().is_none_or(|channel| entry.channel == channel)
                && wanted.user.as_ref().is_none_or(|user| {
                    user.get(entry.channel) == Some(&entry.user) || (wanted.others && entry.user.is_empty())
                })
        };
        self.entries.iter().filter(fits).map(Entry::document).collect()
    }

    /// Forgets everything but the numbers that were given.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_by_channel_and_customer_in_order() {
        let mut log = Log::default();
        let call = |path: &str| Call {
            method: "POST".to_owned(),
            path: path.to_owned(),
            headers: vec![("a".to_owned(), "b".to_owned())],
            body: "你好".into(),
            ..Call::default()
        };
        log.call("line", "U1", 0, &call("/1"));
        log.call("telegram", "2", 1, &call("/2"));
        let third = log.call("line", "U1", 1500, &call("/3"));
        log.add("said", "line", "U1", 2, json!({"text": "x"}));
        log.amend(third, "status", json!(200));
        let wanted = |channel: Option<&str>, user: Option<&str>, after| Wanted {
            kind: Some("call"),
            channel: channel.map(str::to_owned),
            user: user.map(|user| BTreeMap::from([("telegram", user.to_owned()), ("line", user.to_owned())])),
            others: false,
            after,
        };
        let paths = |found: Value| {
            found.as_array().unwrap().iter().map(|entry| entry["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(paths(log.find(&wanted(Some("line"), None, 0))), ["/1", "/3"]);
        assert_eq!(paths(log.find(&wanted(None, Some("2"), 0))), ["/2"]);
        let after = log.find(&wanted(None, None, 2));
        assert_eq!(after[0]["time"], "1970-01-01T00:00:01.5Z");
        assert_eq!(
            (&after[0]["body"], &after[0]["headers"]["a"], &after[0]["status"]),
            (&json!("你好"), &json!("b"), &json!(200))
        );
        log.clear();
        assert_eq!((log.find(&Wanted::default()), log.last()), (json!([]), 4));
    }

    #[test]
    fn the_oldest_goes() {
        let mut log = Log::default();
        for _ in 0..=MOST {
            log.add("said", "line", "", 0, json!({}));
        }
        assert_eq!(log.find(&Wanted::default())[0]["id"], 2);
        log.add("said", "line", "", 0, json!({"text": "x".repeat(MOST_BYTES)}));
        assert_eq!(log.find(&Wanted::default()), json!([]));
    }
}
