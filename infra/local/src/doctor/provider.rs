//! The provider's side: it takes the company's credentials, sends its webhooks here, and is called from where it may be.

use channels::{Channel, HttpCall, Probed, WireReply};
use domain::{ChannelId, Delivery, Rejection, UnixMillis};
use serde_json::{Value, json};

use super::channel::Door;
use super::finding::{Finding, State};
use super::web::ask;
use crate::cloud::{Call, Session};
use crate::sandbox::play::now;

/// What is found about it.
///
/// # Errors
/// Nothing can be asked at all.
pub fn findings(door: &Door<'_>, session: &mut Session) -> anyhow::Result<Vec<Finding>> {
    let Some(id) = door.id().filter(|id| door.set && *id != ChannelId::Web) else { return Ok(vec![]) };
    let adapter = channels::channel(id);
    let mut findings = vec![];
    let mut asked = false;
    for trial in trials(adapter, door) {
        asked = true;
        findings.extend(tried(door, adapter, trial, session)?);
    }
    if !asked {
        let seen = "nothing can be asked of this provider without sending a message";
        findings.push(Finding::of(door.name, "credentials", State::Unknown, seen, "send one to yourself"));
    }
    if adapter.lists_callers() && door.deployed.providers.is_empty() {
        findings.push(egress(door, adapter, session)?);
    }
    Ok(findings)
}

/// What an answer is read with.
#[derive(Clone, Copy)]
enum Reader {
    Token,
    Subscription,
    Probe,
}

/// One harmless call.
struct Trial {
    account: String,
    call: Result<HttpCall, String>,
    reader: Reader,
}

fn trials(adapter: &dyn Channel, door: &Door<'_>) -> Vec<Trial> {
    let now = UnixMillis(now());
    let keys = door.keys;
    let mut trials = vec![];
    if let Some(tokens) = adapter.tokens() {
        let trial = |account: String| {
            let call = tokens.call(&account, keys).map_err(|error| error.to_string());
            Trial { account, call, reader: Reader::Token }
        };
        trials.extend(tokens.accounts(keys).into_iter().map(trial));
    }
    if let Some(subscribing) = adapter.subscribing() {
        let trial = |account: String| {
            let call = subscribing.check(&account, keys, now).map_err(|error| error.to_string());
            Trial { account, call, reader: Reader::Subscription }
        };
        trials.extend(subscribing.accounts(keys).into_iter().map(trial));
    }
    if let Some(probing) = adapter.probing() {
        trials.extend(probing.probes(keys, now).into_iter().map(|probe| Trial {
            account: probe.account,
            call: probe.call.map_err(|error| error.to_string()),
            reader: Reader::Probe,
        }));
    }
    trials
}

fn tried(door: &Door<'_>, adapter: &dyn Channel, trial: Trial, session: &mut Session) -> anyhow::Result<Vec<Finding>> {
    let Trial { account, call, reader } = trial;
    let call = match call {
        Ok(call) => call,
        Err(why) => {
            let seen = format!("{account}: {why}");
            return Ok(vec![Finding::of(door.name, "credentials", State::Fault, seen, console(door))]);
        }
    };
    let base = match door.deployed.providers.as_str() {
        "" => adapter.api().to_owned(),
        elsewhere => format!("{elsewhere}/{}", door.name),
    };
    let body = String::from_utf8_lossy(&call.body);
    let answer = ask(session, call.method, &format!("{base}{}", call.target), &call.headers, &body)?;
    if answer.status == 0 {
        // Its words may hold the address, and with it a token.
        let mend = "this machine may have no way to the provider; the functions may";
        return Ok(vec![Finding::of(door.name, "credentials", State::Unknown, "the provider cannot be reached", mend)]);
    }
    let reply = WireReply { status: answer.status, retry_after: None, body: answer.body };
    let read = match reader {
        Reader::Token => adapter.tokens().map(|tokens| tokens.token(&reply).map(|_| Probed::default())),
        Reader::Subscription => adapter.subscribing().map(|subscribing| {
            subscribing.holds(&reply, door.keys).map(|holds| {
                let trouble = "the app is not subscribed to the account: no webhooks come";
                Probed { webhook: None, trouble: (!holds).then(|| trouble.to_owned()) }
            })
        }),
        Reader::Probe => adapter.probing().map(|probing| probing.probed(&account, &reply, door.keys)),
    };
    Ok(match read {
        None => vec![],
        Some(Ok(probed)) => accepted(door, &account, probed),
        Some(Err(refused)) => vec![refusal(door, adapter, &account, &refused)],
    })
}

fn accepted(door: &Door<'_>, account: &str, probed: Probed) -> Vec<Finding> {
    let mut findings = vec![Finding::fine(door.name, "credentials", format!("{account}: the provider takes them"))];
    let ours = door.webhook();
    if let Some(theirs) = probed.webhook {
        // An account may be named in the query.
        let same = theirs.split('?').next() == Some(ours.as_str());
        findings.push(if same {
            Finding::fine(door.name, "registered", format!("{account}: the provider calls this stack"))
        } else {
            let seen = if theirs.is_empty() {
                format!("{account}: the provider has no address to call")
            } else {
                format!("{account}: the provider calls another address")
            };
            let mend = format!("give it {ours} (shared/channels/README.md, {})", door.name);
            Finding::of(door.name, "registered", State::Fault, seen, mend)
        });
    }
    if let Some(trouble) = probed.trouble {
        let mend = format!("shared/channels/README.md, {}, says how it is set up", door.name);
        findings.push(Finding::of(door.name, "provider", State::Fault, format!("{account}: {trouble}"), mend));
    }
    findings
}

fn refusal(door: &Door<'_>, adapter: &dyn Channel, account: &str, refused: &Delivery) -> Finding {
    let found = |state, seen: String, mend: String| Finding::of(door.name, "credentials", state, seen, mend);
    match refused {
        // This machine is not where the functions call from.
        Delivery::Rejected { refusal: Rejection::Misconfigured, reason }
            if adapter.lists_callers() && reason.contains("address") =>
        {
            let seen = format!("{account}: {reason}, as far as this machine goes");
            found(State::Unknown, seen, "list the egress's address with the provider, not this machine's".to_owned())
        }
        Delivery::Rejected { reason, .. } => found(State::Fault, format!("{account}: {reason}"), console(door)),
        Delivery::Retry { .. } => {
            let mend = "the provider is busy or in trouble: try again in a minute".to_owned();
            found(State::Unknown, format!("{account}: the provider does not say"), mend)
        }
        Delivery::RefreshToken => {
            found(State::Fault, format!("{account}: the access token is not valid"), console(door))
        }
        Delivery::Sent | Delivery::Absent => {
            found(State::Unknown, format!("{account}: the provider does not say"), console(door))
        }
    }
}

fn console(door: &Door<'_>) -> String {
    let Door { name, flags, .. } = door;
    format!(
        "compare with the provider's console (shared/channels/README.md), then `cargo local secrets set {name} --file F{flags}`"
    )
}

/// Whether replies reach a provider that only takes calls from listed addresses.
fn egress(door: &Door<'_>, adapter: &dyn Channel, session: &mut Session) -> anyhow::Result<Finding> {
    let name = format!("{}-outbound-social", door.deployed.name);
    let call = Call::new("lambda", "get_function_configuration", json!({"FunctionName": name}));
    let answer = session.attempt(&[call])?.answers.into_iter().next();
    let passive = adapter.answering().is_some_and(|answering| answering.waits(door.keys).is_some());
    Ok(egress_of(door, answer.as_ref(), passive))
}

fn egress_of(door: &Door<'_>, function: Option<&Value>, passive: bool) -> Finding {
    let Some(function) = function else {
        let mend = "your AWS credentials may not look at the function: lambda:GetFunctionConfiguration";
        return Finding::of(door.name, "egress", State::Unknown, "cannot be seen", mend);
    };
    let text = |pointer: &str| function.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let listed = !text("/Environment/Variables/EGRESS_PROXY_URL").is_empty() || !text("/VpcConfig/VpcId").is_empty();
    if listed {
        return Finding::fine(door.name, "egress", "calls go out from a fixed address: list it with the provider");
    }
    let seen = "the provider only takes calls from listed addresses, and the stack has no fixed one";
    if passive {
        return Finding::of(
            door.name,
            "egress",
            State::Warning,
            format!(
                "{seen}: only answers to the customer's own request go out, nothing later and nothing of a person's"
            ),
            "deploy with EgressProxyUrl, as README says if people are to answer too",
        );
    }
    Finding::of(door.name, "egress", State::Fault, seen, "deploy with EgressProxyUrl, as README says")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use channels::KeySet;

    use super::super::stack::Deployed;
    use super::*;

    fn at<T>(name: &str, see: impl FnOnce(&Door<'_>) -> T) -> T {
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
        see(&Door { name, keys: &KeySet::default(), set: true, deployed: &deployed, flags: " --aws desk" })
    }

    #[test]
    fn an_address_at_the_provider_must_be_ours() {
        for (theirs, state) in [
            ("https://x.example/webhooks/line", State::Fine),
            ("https://x.example/webhooks/line?account=shop", State::Fine),
            ("https://x.example/webhooks/telegram", State::Fault),
            ("", State::Fault),
        ] {
            let probed = Probed { webhook: Some(theirs.to_owned()), trouble: None };
            let found = at("line", |door| accepted(door, "U1", probed));
            assert_eq!((found[0].state, found[1].state, found.len()), (State::Fine, state, 2), "{theirs}");
        }
        let probed = Probed { webhook: None, trouble: Some("off".to_owned()) };
        assert_eq!(at("line", |door| accepted(door, "U1", probed))[1].state, State::Fault);
    }

    #[test]
    fn what_this_machine_may_not_ask_is_no_fault_of_the_stack() {
        let refused = |id: ChannelId, reason: &str| {
            let adapter = channels::channel(id);
            let delivery = Delivery::rejected(Rejection::Misconfigured, reason);
            at(id.as_str(), |door| refusal(door, adapter, "a", &delivery)).state
        };
        let listed: Vec<ChannelId> =
            ChannelId::ALL.iter().copied().filter(|id| channels::channel(*id).lists_callers()).collect();
        assert!(!listed.is_empty());
        for id in listed {
            // 40164 and 60020, in the words of the channels.
            let body = if id.as_str() == "wecom" { r#"{"errcode":60020}"# } else { r#"{"errcode":40164}"# };
            let reply = WireReply { status: 200, retry_after: None, body: body.to_owned() };
            let tokens = channels::channel(id).tokens().unwrap();
            let Err(Delivery::Rejected { reason, .. }) = tokens.token(&reply) else { panic!("{id}") };
            assert_eq!(refused(id, &reason), State::Unknown, "{id}: {reason}");
            assert_eq!(refused(id, "the app's id or secret is not valid"), State::Fault, "{id}");
        }
        let line = ChannelId::from_name("line").unwrap();
        assert_eq!(refused(line, "LINE's API is not at this address"), State::Fault);
    }

    #[test]
    fn without_a_fixed_address_only_answers_in_the_request_go_out() {
        let through =
            |environment: Value, vpc: Value| json!({"Environment": {"Variables": environment}, "VpcConfig": vpc});
        let proxy = through(json!({"EGRESS_PROXY_URL": "http://p:1"}), json!({}));
        let nat = through(json!({}), json!({"VpcId": "vpc-1"}));
        let none = through(json!({"EGRESS_PROXY_URL": ""}), json!({"VpcId": ""}));
        for (function, passive, state) in [
            (Some(&proxy), false, State::Fine),
            (Some(&nat), false, State::Fine),
            (Some(&none), true, State::Warning),
            (Some(&none), false, State::Fault),
            (None, false, State::Unknown),
        ] {
            assert_eq!(at("wechat", |door| egress_of(door, function, passive)).state, state);
        }
    }
}
