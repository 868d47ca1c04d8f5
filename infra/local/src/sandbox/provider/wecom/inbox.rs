//! What happened in an account, given out in pages.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use crate::sandbox::provider::Moment;
use crate::sandbox::provider::tencent::Refused;
use crate::sandbox::wire::{Reply, text};

/// How long items are kept, in milliseconds.
const KEPT: i64 = 3 * 24 * 3_600_000;
/// Most items that are kept.
const MOST: usize = 5_000;
/// How long the token of a callback lets in, in milliseconds.
const TOKEN: i64 = 600_000;
/// Most items that may be asked for at once.
const MAX_LIMIT: u64 = 1000;
/// Most that are given: a page may hold fewer than were asked for.
const PAGE: usize = 10;
/// Calls without a token in a minute. `WeCom` names no figure.
const BARE: usize = 30;

/// The inbox.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    /// Each item's number, which rises also over restarts, when it came, and what it says.
    items: VecDeque<(i64, i64, Value)>,
    /// Until when the tokens of callbacks let in.
    tokens: BTreeMap<String, i64>,
    /// When calls without a token came.
    bare: VecDeque<i64>,
}

impl Inbox {
    /// An item comes to lie there.
    pub(super) fn put(&mut self, item: Value, moment: &mut Moment<'_>) {
        self.items.push_back((moment.ids.number(), moment.now, item));
        while self.items.len() > MOST || self.items.front().is_some_and(|(_, at, _)| at + KEPT <= moment.now) {
            self.items.pop_front();
        }
    }

    /// A new token for those who are told that there is news.
    pub(super) fn token(&mut self, moment: &mut Moment<'_>) -> String {
        self.tokens.retain(|_, until| *until > moment.now);
        let token = format!("ENC{}", moment.ids.hex(45));
        self.tokens.insert(token.clone(), moment.now + TOKEN);
        token
    }

    /// A page: what comes after the cursor. Without one it is empty and says that there is more, as where what lies before
    /// is too old to be given out.
    ///
    /// # Errors
    /// The caller is not let in.
    pub(super) fn page(&mut self, asked: &Value, moment: &Moment<'_>) -> Result<Reply, Refused> {
        if text(asked, "/open_kfid") != text(moment.account, "/open_kfid") {
            return Err((95_000, "invalid open_kfid"));
        }
        let limit = asked.get("limit").map_or(Some(MAX_LIMIT), Value::as_u64);
        let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit)).ok_or((40_058, "invalid limit"))?;
        self.let_in(text(asked, "/token"), moment.now)?;
        let after = match text(asked, "/cursor") {
            "" => {
                let (next, more) = (self.items.front().map_or(0, |(number, ..)| number - 1), !self.items.is_empty());
                return Ok(page(&[], next, more));
            }
            cursor => number(cursor).ok_or((40_058, "invalid cursor"))?,
        };
        let mut rest = self.items.iter().filter(|(number, at, _)| *number > after && at + KEPT > moment.now);
        let most = usize::try_from(limit).unwrap_or(PAGE).min(PAGE);
        let given: Vec<&(i64, i64, Value)> = rest.by_ref().take(most).collect();
        let next = given.last().map_or(after, |(number, ..)| *number);
        let more = rest.next().is_some();
        let given: Vec<&Value> = given.into_iter().map(|(.., item)| item).collect();
        Ok(page(&given, next, more))
    }

    fn let_in(&mut self, token: &str, now: i64) -> Result<(), Refused> {
        if !token.is_empty() {
            let holds = self.tokens.get(token).is_some_and(|until| *until > now);
            return if holds { Ok(()) } else { Err((95_007, "invalid msg token")) };
        }
        self.bare.retain(|at| at + 60_000 > now);
        if self.bare.len() >= BARE {
            return Err((45_009, "api freq out of limit"));
        }
        self.bare.push_back(now);
        Ok(())
    }
}

fn page(items: &[&Value], next: i64, more: bool) -> Reply {
    let body = json!({
        "errcode": 0,
        "errmsg": "ok",
        "next_cursor": format!("{next:016x}"),
        "has_more": i32::from(more),
        "msg_list": items,
    });
    Reply::json(200, &body)
}

fn number(cursor: &str) -> Option<i64> {
    i64::from_str_radix(cursor, 16).ok().filter(|_| cursor.len() == 16)
}
