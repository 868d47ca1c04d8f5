//! What the company has set up.

use serde_json::Value;

use super::{MAILBOXES, SUBJECT_TAG};
use crate::KeySet;

/// Our addresses, in lower case.
pub(super) fn mailboxes(keys: &KeySet) -> Vec<String> {
    let boxes = keys.setting(MAILBOXES).and_then(Value::as_object);
    boxes.into_iter().flatten().map(|(address, _)| address.to_lowercase()).collect()
}

/// The name that customers see beside an address of ours.
pub(super) fn name<'a>(keys: &'a KeySet, mailbox: &str) -> Option<&'a str> {
    let boxes = keys.setting(MAILBOXES).and_then(Value::as_object)?;
    let (_, set_up) = boxes.iter().find(|(address, _)| address.to_lowercase() == mailbox)?;
    set_up.get("name").and_then(Value::as_str)
}

/// Whether answers carry the signed tag in their subjects.
pub(super) fn tags(keys: &KeySet) -> bool {
    keys.setting(SUBJECT_TAG) == Some(&Value::Bool(true))
}

/// The mailbox of ours that an address means, and what stands behind its plus; `None`: it is not ours.
pub(super) fn mailbox(address: &str, ours: &[String]) -> Option<(String, Option<String>)> {
    let address = address.trim().to_lowercase();
    if ours.contains(&address) {
        return Some((address, None));
    }
    let (local, host) = address.rsplit_once('@')?;
    let (base, plus) = local.split_once('+')?;
    let base = format!("{base}@{host}");
    ours.contains(&base).then(|| (base, Some(plus.to_owned())))
}
