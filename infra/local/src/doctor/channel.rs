//! A channel's own door: its address lets in who is who they say, and nobody else.

use channels::{KeySet, UrlCheck};
use domain::{ChannelId, UnixMillis};

use super::finding::{Finding, State};
use super::stack::Deployed;
use super::web::{Answer, ask};
use crate::cloud::Session;
use crate::sandbox::play::now;

/// A channel that is turned on.
#[derive(Clone, Copy, Debug)]
pub struct Door<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its keys; none if they cannot be read.
    pub keys: &'a KeySet,
    /// Whether they can.
    pub set: bool,
    /// The stack.
    pub deployed: &'a Deployed,
    /// How `cargo local` is told to work on the stack.
    pub flags: &'a str,
}

impl Door<'_> {
    /// The channel.
    pub fn id(&self) -> Option<ChannelId> {
        ChannelId::from_name(self.name)
    }

    /// The address that providers call.
    pub fn webhook(&self) -> String {
        format!("{}/webhooks/{}", self.deployed.api, self.name)
    }
}

/// What is found about it.
///
/// # Errors
/// Nothing can be asked at all.
pub fn findings(door: &Door<'_>, session: &mut Session) -> anyhow::Result<Vec<Finding>> {
    let Some(id) = door.id() else { return Ok(vec![]) };
    if id == ChannelId::Web {
        return web(door, session).map(|found| vec![found]);
    }
    if !(channels::channel)(id).doors().webhook() {
        return Ok(vec![]);
    }
    let address = door.webhook();
    let json = [("content-type", "application/json".to_owned())];
    let mut findings = vec![unsigned(door, &ask(session, "POST", &address, &json, "{}")?)];
    let now = UnixMillis(now());
    let random = crate::secrets::random_bytes()?;
    let mut nonce = [0; 16];
    nonce.iter_mut().zip(random).for_each(|(to, from)| *to = from);
    if let Some(check) = (channels::channel)(id).url_check(door.keys, now, nonce) {
        let answer = ask(session, "GET", &format!("{address}?{}", check.query), &[], "")?;
        findings.push(checked(door, &check, &answer));
    }
    Ok(findings)
}

/// Whether a request that nobody signed is refused, for the right reason.
fn unsigned(door: &Door<'_>, answer: &Answer) -> Finding {
    let address = door.webhook();
    let fault = |seen: String, mend: String| Finding::of(door.name, "webhook", State::Fault, seen, mend);
    match answer.status {
        401 => Finding::fine(door.name, "webhook", format!("{address} refuses what nobody signed")),
        0 => {
            fault(format!("{address}: {}", answer.body), "check the address and what stands in front of it".to_owned())
        }
        404 => fault(format!("there is no {address}"), "deploy the stack with the channel turned on".to_owned()),
        503 if !door.set => fault(format!("{address} has no keys"), "set the secrets".to_owned()),
        503 => fault(
            format!("{address} has no keys yet"),
            "functions notice new secrets within five minutes; then a setting lacks: its name stands in the log"
                .to_owned(),
        ),
        200..300 => fault(
            format!("{address} takes what nobody signed"),
            "something in front of it answers instead of it, or the account is set up so".to_owned(),
        ),
        status => {
            let mend = format!("`cargo local logs webhook-{}{}` tells why", door.name, door.flags);
            fault(format!("{address} answers with {status}"), mend)
        }
    }
}

/// Whether the check of the address is answered as the provider wants.
fn checked(door: &Door<'_>, check: &UrlCheck, answer: &Answer) -> Finding {
    if answer.status == 200 && answer.body == check.expects {
        return Finding::fine(door.name, "address", "is confirmed as the provider wants it");
    }
    let seen = match answer.status {
        0 => answer.body.clone(),
        200 => "the provider's check of the address gets another answer".to_owned(),
        status => format!("the provider's check of the address is answered with {status}"),
    };
    let mend =
        "functions notice new secrets within five minutes; else something in front changes the query or the answer";
    Finding::of(door.name, "address", State::Fault, seen, mend)
}

fn web(door: &Door<'_>, session: &mut Session) -> anyhow::Result<Finding> {
    let address = format!("{}/widget.js", door.deployed.api);
    let answer = ask(session, "GET", &address, &[], "")?;
    Ok(if answer.status == 200 {
        Finding::fine(door.name, "widget", format!("{address} is served"))
    } else {
        let mend = "package and deploy again: the pages lie beside the function";
        Finding::of(door.name, "widget", State::Fault, format!("{address} answers with {}", answer.status), mend)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn asked<T>(set: bool, status: u16, body: &str, see: impl FnOnce(&Door<'_>, &Answer) -> T) -> T {
        let deployed = Deployed {
            name: "desk".to_owned(),
            api: "https://x.example".to_owned(),
            secrets_prefix: String::new(),
            channels: vec![],
            mail_domains: vec![],
            providers: String::new(),
            action_functions: String::new(),
            outputs: BTreeMap::new(),
        };
        let keys = KeySet::default();
        let door = Door { name: "line", keys: &keys, set, deployed: &deployed, flags: "" };
        see(&door, &Answer { status, body: body.to_owned(), headers: BTreeMap::new() })
    }

    #[test]
    fn a_door_is_sound_only_if_it_refuses() {
        for (set, status, state) in [
            (true, 401, State::Fine),
            (true, 200, State::Fault),
            (true, 503, State::Fault),
            (false, 503, State::Fault),
            (true, 404, State::Fault),
            (true, 502, State::Fault),
            (true, 0, State::Fault),
        ] {
            let found = asked(set, status, "no route to host", unsigned);
            assert_eq!(found.state, state, "{status}");
            assert_eq!(found.mend.is_some(), state != State::Fine);
        }
    }

    #[test]
    fn an_address_is_confirmed_with_the_very_text() {
        let check = UrlCheck { query: "a=1".to_owned(), expects: "42".to_owned() };
        for (status, body, state) in
            [(200, "42", State::Fine), (200, "\"42\"", State::Fault), (401, "42", State::Fault), (0, "", State::Fault)]
        {
            assert_eq!(
                asked(true, status, body, |door, answer| checked(door, &check, answer)).state,
                state,
                "{status} {body}"
            );
        }
    }
}
