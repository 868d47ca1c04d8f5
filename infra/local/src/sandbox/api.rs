//! The providers' APIs: each call is written down, meets the faults that are due, and is taken or refused.

use std::rc::Rc;
use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use super::faults::Fault;
use super::hooks;
use super::play::{Play, now};
use super::provider::Taken;
use super::wire::{Call, Reply};

/// How long a provider that never answers keeps the connection.
const SILENCE: Duration = Duration::from_mins(2);

/// Answers a call; `None`: the connection ends without an answer.
pub async fn answer(play: &Rc<Play>, channel: &'static str, call: Call) -> Option<Reply> {
    let description = play.description();
    let account = description.pointer(&format!("/channels/{channel}"));
    // The company's own systems are no channel.
    let account = account.or_else(|| description.get(channel)).cloned().unwrap_or_default();
    let elsewhere = play.with(channel, &account, |provider, _| provider.elsewhere(&call)).flatten();
    let channel = elsewhere.unwrap_or(channel);
    let user = play.with(channel, &account, |provider, _| provider.addressee(&call)).flatten().unwrap_or_default();
    let entry = play.log.borrow_mut().call(channel, &user, now(), &call);
    play.wake();
    let fault = play.faults.borrow_mut().next(channel, &user);
    let amend = |name, value| play.log.borrow_mut().amend(entry, name, value);
    if let Some(fault) = fault {
        amend("fault", json!(fault.name()));
    }
    let reply = match fault {
        Some(Fault::Hangs) => {
            sleep(SILENCE).await;
            return None;
        }
        Some(Fault::Fails) => play.with(channel, &account, |provider, _| provider.failure())?,
        Some(Fault::Busy(seconds)) => {
            let seconds = Duration::from_secs_f64(seconds.ceil()).as_secs();
            play.with(channel, &account, |provider, _| provider.busy(seconds))?
        }
        Some(Fault::Delay(_) | Fault::Lost) | None => {
            let Taken { reply, shown, news } =
                play.with(channel, &account, |provider, moment| provider.take(&call, moment))?;
            for shown in shown.into_iter().map(|shown| play.kept(shown)) {
                play.tell("shown", channel, &shown.user, shown.document());
            }
            hooks::tell_later(play, channel, &account, news);
            reply
        }
    };
    amend("status", json!(reply.status));
    amend("answer", json!(String::from_utf8_lossy(&reply.body)));
    play.tell("answered", channel, &user, json!({"call": entry, "status": reply.status}));
    match fault {
        Some(Fault::Delay(seconds)) => sleep(Duration::from_secs_f64(seconds)).await,
        Some(Fault::Lost) => {
            sleep(SILENCE).await;
            return None;
        }
        Some(Fault::Fails | Fault::Busy(_) | Fault::Hangs) | None => {}
    }
    Some(reply)
}
