//! Items as the SDK has them.

use std::collections::HashMap;
use std::fmt::Display;

use app::table::keys::{BODY, PK, SK, TTL, V};
use app::table::stored::{Stored, VERSION};
use aws_sdk_dynamodb::types::AttributeValue;

/// An item's attributes.
pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl Display) -> AttributeValue {
    AttributeValue::N(format!("{value}"))
}

/// A number of an item.
pub(crate) fn whole<T: std::str::FromStr>(item: Option<&Item>, name: &str) -> Option<T> {
    item?.get(name)?.as_n().ok()?.parse().ok()
}

/// The key of an item.
pub(crate) fn key(partition: &str, sort: impl Into<String>) -> Item {
    HashMap::from([(PK.to_owned(), text(partition)), (SK.to_owned(), text(sort))])
}

/// An item that stays, with its key, shape and body.
pub(crate) fn lasting(partition: &str, sort: impl Into<String>, body: String) -> Item {
    let mut item = key(partition, sort);
    item.insert(V.to_owned(), number(VERSION));
    item.insert(BODY.to_owned(), text(body));
    item
}

/// An item that goes when `ends` has come.
pub(crate) fn item(partition: &str, sort: impl Into<String>, body: String, ends: i64) -> Item {
    let mut item = lasting(partition, sort, body);
    item.insert(TTL.to_owned(), number(ends));
    item
}

/// What an item holds.
pub(crate) fn stored(item: &Item) -> Stored<'_> {
    Stored { v: whole(Some(item), V), body: item.get(BODY).and_then(|body| body.as_s().ok()).map(String::as_str) }
}
