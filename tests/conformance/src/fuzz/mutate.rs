//! Small changes of genuine bodies, so that more than the first bracket is read.

use std::fs;

use domain::ChannelId;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::oracle::root;

/// A change of a body.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// A part of the bytes goes, and others come.
    Splice(u16, u8, Vec<u8>),
    /// A value within the JSON becomes another; the numbers are the way to it.
    Replace(Vec<u8>, Value),
    /// A field or element within the JSON goes, or stands twice.
    Drop(Vec<u8>, bool),
}

pub(super) fn changes() -> impl Strategy<Value = Vec<Change>> {
    let way = || prop::collection::vec(any::<u8>(), 0..9);
    let value = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        "[0-9]{1,30}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!("\u{0}\u{ffff}")),
        Just(json!(i64::MIN)),
        Just(json!(u64::MAX)),
        Just(json!(1e300)),
    ];
    let change = prop_oneof![
        (any::<u16>(), any::<u8>(), prop::collection::vec(any::<u8>(), 0..6))
            .prop_map(|(at, gone, new)| Change::Splice(at, gone % 8, new)),
        (way(), value).prop_map(|(way, value)| Change::Replace(way, value)),
        (way(), any::<bool>()).prop_map(|(way, twice)| Change::Drop(way, twice)),
    ];
    prop::collection::vec(change, 1..4)
}

pub(super) fn apply(body: &[u8], change: &Change) -> Vec<u8> {
    let json = |edit: &dyn Fn(&mut Value)| {
        let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return body.to_owned() };
        edit(&mut value);
        value.to_string().into_bytes()
    };
    match change {
        Change::Splice(at, gone, new) => {
            let from = usize::from(*at) % (body.len() + 1);
            let to = (from + usize::from(*gone)).min(body.len());
            [&body[..from], new, &body[to..]].concat()
        }
        Change::Replace(way, new) => json(&|value| *walk(value, way) = new.clone()),
        Change::Drop(way, twice) => json(&|value| {
            let (last, way) = way.split_last().unwrap_or((&0, &[]));
            let last = usize::from(*last);
            match walk(value, way) {
                Value::Array(items) if !items.is_empty() => {
                    let item = items.remove(last % items.len());
                    if *twice {
                        items.extend([item.clone(), item]);
                    }
                }
                Value::Object(fields) if !fields.is_empty() => {
                    let name = fields.keys().nth(last % fields.len()).unwrap().clone();
                    fields.remove(&name);
                }
                _ => {}
            }
        }),
    }
}

fn walk<'a>(value: &'a mut Value, way: &[u8]) -> &'a mut Value {
    let Some((step, rest)) = way.split_first() else { return value };
    let step = usize::from(*step);
    let count = match value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    };
    if count == 0 {
        return value;
    }
    let next = match value {
        Value::Array(items) => items.get_mut(step % count),
        Value::Object(fields) => fields.values_mut().nth(step % count),
        _ => None,
    };
    walk(next.expect("the step is within the count"), rest)
}

/// Bodies of the channel's events in `events/`.
pub(super) fn seeds(channel: ChannelId) -> Vec<Vec<u8>> {
    let Ok(folder) = fs::read_dir(root().join("events").join(channel.as_str())) else { return vec![] };
    let mut files: Vec<_> = folder.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    files.iter().filter_map(|file| fs::read(file).ok()).map(|event| super::body_of(&event)).collect()
}
