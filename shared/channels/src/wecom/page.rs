//! Pages of `sync_msg`.

use domain::{Delivery, UnixMillis};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::{classify, news};
use crate::{HttpCall, Page, Parsed, Pull, Reject, TokenPlace, WireReply};

/// The most that a page can hold.
const LIMIT: u32 = 1000;

/// The call for the page after a place.
pub(super) fn call(pull: &Pull, after: Option<&str>) -> HttpCall {
    let mut body = json!({ "open_kfid": pull.account, "limit": LIMIT, "voice_format": 0 });
    if let Some(fields) = body.as_object_mut() {
        if let Some(cursor) = after {
            fields.insert("cursor".to_owned(), json!(cursor));
        }
        if let Some(token) = &pull.token {
            fields.insert("token".to_owned(), json!(token));
        }
    }
    HttpCall::json("/cgi-bin/kf/sync_msg".to_owned(), &body).needing_token(TokenPlace::Query("access_token"))
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(default)]
    next_cursor: String,
    #[serde(default)]
    has_more: u8,
    /// Each is read alone, so that a bad one spoils no other.
    #[serde(borrow, default)]
    msg_list: Vec<&'a RawValue>,
}

/// Reads a page, item by item.
pub(super) fn read(pull: &Pull, reply: &WireReply, now: UnixMillis) -> Result<Page, Delivery> {
    match classify::classify(reply) {
        Delivery::Sent => {}
        refused @ (Delivery::Absent | Delivery::Retry { .. } | Delivery::RefreshToken | Delivery::Rejected { .. }) => {
            return Err(refused);
        }
    }
    // Cut short or mangled on the way: the same page can be had again.
    let answer: Answer<'_> = serde_json::from_str(&reply.body).map_err(|_| Delivery::Retry { after: None })?;
    let mut parsed = Parsed::default();
    for (place, item) in answer.msg_list.iter().enumerate() {
        match news::read(pull, item.get(), now) {
            Ok(event) => parsed.events.extend(event),
            Err(reason) => {
                let field = format!("msg_list[{place}]");
                parsed.rejects.push(Reject { field, reason, item: Some(item.get().to_owned()) });
            }
        }
    }
    let next = Some(answer.next_cursor).filter(|cursor| !cursor.is_empty());
    // Without a place to go on from, the same page would come for ever.
    let more = answer.has_more != 0 && next.is_some();
    Ok(Page { parsed, next, more })
}
