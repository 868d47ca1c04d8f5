//! Calls of five message objects at most: the first with the customer's reply token while that lasts, the others and
//! all later ones as pushes.
//!
//! **Once.** A push carries a retry key that follows from the delivery and the call's place in it: however often the
//! call is made, LINE takes it once, for 24 hours. LINE refuses such keys on replies, but there the token itself works
//! only once: while it lasts, every sender makes the same reply, in doubt or not, and "invalid reply token" says that an
//! earlier one came through. The calls are as many whichever way is taken.
//!
//! **What is left.** LINE takes a *reply*, but the sender dies before its mark (or reads a 5xx, or nothing), and the next
//! one comes when the token has ended. Nobody can ask LINE whether the reply arrived; the push may be the second
//! message, and is noted as sent all the same. Saying nothing would more often lose the answer. Who minds more than the quota (replies are free, pushes are
//! counted) sets `push_only`: no reply is made, and the case is gone. In doubt after the retry key's 24 hours nothing is
//! sent. And should LINE end a token before its minute is over, that answer is lost.

use domain::{Author, Message, Outbound};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Builder;

use super::message::objects;
use super::{ACCESS_TOKENS, PUSH_ONLY};
use crate::{HttpCall, RenderError, Rendering, WireCall};

/// Message objects of one call.
const OBJECTS: usize = 5;
/// Seconds for which LINE remembers a retry key.
const RETRY_KEY_SECONDS: i64 = 24 * 60 * 60;

pub(super) fn render(outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
    let account = &outbound.identity.account;
    let token = with.keys.of(ACCESS_TOKENS, account);
    let token = token.ok_or_else(|| RenderError(format!("no `{ACCESS_TOKENS}` for this account")))?;
    let ours = |message: &&Message| message.author != Author::Customer;
    let objects = objects(outbound.messages.iter().filter(ours).map(|message| &message.content))?;
    // Nobody made a call before the messages were decided.
    let decided = outbound.messages.iter().filter(ours).map(|message| message.at).max().unwrap_or(with.now);
    if with.doubt && decided.plus_seconds(RETRY_KEY_SECONDS) <= with.now {
        return Err(RenderError("it may have been sent a day ago, and LINE's retry key has ended".to_owned()));
    }
    let calls = objects.chunks(OBJECTS).enumerate().map(|(part, objects)| {
        let call = match reply_token(outbound, with).filter(|_| part == 0) {
            Some(token) => reply(token, objects),
            None => push(outbound, part, objects),
        };
        WireCall::Http(call.with_header("authorization", format!("Bearer {}", token.secret)))
    });
    Ok(calls.collect())
}

/// The customer's reply token, while it lasts. In doubt, too: it works once.
fn reply_token<'a>(outbound: &'a Outbound, with: &Rendering<'_>) -> Option<&'a str> {
    let push_only = with.keys.setting(PUSH_ONLY).and_then(Value::as_bool).unwrap_or_default();
    let reply = outbound.reply.as_ref().filter(|reply| !push_only && with.now < reply.until)?;
    Some(reply.token.as_str()).filter(|token| !token.is_empty())
}

fn reply(token: &str, objects: &[Value]) -> HttpCall {
    HttpCall::json("/v2/bot/message/reply".to_owned(), &json!({ "replyToken": token, "messages": objects }))
}

fn push(outbound: &Outbound, part: usize, objects: &[Value]) -> HttpCall {
    let body = json!({ "to": outbound.identity.user, "messages": objects });
    HttpCall::json("/v2/bot/message/push".to_owned(), &body).with_header("x-line-retry-key", retry_key(outbound, part))
}

/// A UUID that follows from the delivery and the call's place in it.
fn retry_key(outbound: &Outbound, part: usize) -> String {
    let digest = Sha256::digest(format!("line/{}/{part}", outbound.id));
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    Builder::from_random_bytes(bytes).into_uuid().to_string()
}
