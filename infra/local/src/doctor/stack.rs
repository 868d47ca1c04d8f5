//! What all channels share: the API, the clocks, the dead letters, the egress, and who is told of alarms.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::finding::{Finding, State};
use super::web::ask;
use crate::channels::WEBHOOKS;
use crate::cloud::{Call, Session, Target, output, queues};
use crate::doors;
use crate::queue::{Depth, depth};
use crate::tools::Tools;

/// Seconds by which this machine's clock may differ: signatures are taken for some minutes.
const SKEW: i64 = 60;

/// What is known of a deployed stack.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// The name that it was deployed under.
    pub name: String,
    /// The API's base address.
    pub api: String,
    /// Below which the channels' secrets stand.
    pub secrets_prefix: String,
    /// The channels that are turned on, the web first.
    pub channels: Vec<String>,
    /// The domains whose mail it receives.
    pub mail_domains: Vec<String>,
    /// Where every provider's API is instead of at the provider's; empty on AWS.
    pub providers: String,
    /// The functions that may be invoked for actions: ARNs, with commas between them.
    pub action_functions: String,
    /// The outputs of its template.
    pub outputs: BTreeMap<String, String>,
}

impl Deployed {
    /// As AWS tells it.
    ///
    /// # Errors
    /// There is no such stack.
    pub fn of(target: &Target, tools: &Tools) -> anyhow::Result<Self> {
        let outputs = target.outputs(tools)?;
        let call = Call::new("cloudformation", "describe_stacks", json!({"StackName": target.name()}));
        let answer = target.call_one(tools, call)?;
        let parameters = parameters(&answer);
        let on = |parameter: &str| parameters.get(parameter).is_some_and(|value| value == "true");
        let hooked = WEBHOOKS.iter().filter(|hooked| on(hooked.parameter)).map(|hooked| hooked.name.to_owned());
        Ok(Self {
            name: target.name().to_owned(),
            api: output(&outputs, "ApiUrl")?.to_owned(),
            secrets_prefix: output(&outputs, "SecretsPrefix")?.to_owned(),
            channels: std::iter::once("web".to_owned()).chain(hooked).collect(),
            mail_domains: domains(parameters.get("MailDomain").map_or("", String::as_str)),
            providers: parameters.get("ProvidersUrl").cloned().unwrap_or_default(),
            action_functions: parameters.get("ActionFunctions").cloned().unwrap_or_default(),
            outputs,
        })
    }
}

fn domains(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|domain| !domain.is_empty()).map(str::to_owned).collect()
}

fn parameters(answer: &Value) -> BTreeMap<String, String> {
    let list = answer.pointer("/Stacks/0/Parameters").and_then(Value::as_array);
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    list.into_iter().flatten().map(|one| (text(one, "ParameterKey"), text(one, "ParameterValue"))).collect()
}

/// What is found about it.
///
/// # Errors
/// Nothing can be asked at all.
pub fn findings(deployed: &Deployed, target: &Target, session: &mut Session) -> anyhow::Result<Vec<Finding>> {
    let health = format!("{}/v1/health", deployed.api);
    let answer = ask(session, "GET", &health, &[], "")?;
    let mut findings = vec![match answer.status {
        200 => Finding::fine("stack", "api", format!("{} answers", deployed.api)),
        0 => Finding::of("stack", "api", State::Fault, format!("{health}: {}", answer.body), ADDRESS),
        status => {
            let mend = format!("`cargo local logs web-api{}` tells why", target.flags());
            Finding::of("stack", "api", State::Fault, format!("{health} answers with {status}"), mend)
        }
    }];
    findings.push(clock(answer.headers.get("date").map(String::as_str), OffsetDateTime::now_utc()));
    let mut queues = queues(&deployed.outputs);
    let doors = session.attempt(&[doors::list(&deployed.name)])?.answers.into_iter().next();
    if let Some(answer) = doors {
        queues.extend(doors::read(&answer, &deployed.name));
    } else {
        let mend = "your AWS credentials may not list queues: sqs:ListQueues";
        findings.push(Finding::of("stack", "dead letters", State::Unknown, "those of doors cannot be found", mend));
    }
    for (queue, url) in queues.iter().filter_map(|(name, url)| Some((name.strip_suffix("_dlq")?, url))) {
        let answer = session.attempt(&[depth(url)])?.answers.into_iter().next();
        findings.push(dead(queue, Depth::read(answer.as_ref()).ok(), &target.flags()));
    }
    if deployed.providers.is_empty() {
        findings.push(alarms(deployed, session)?);
    }
    Ok(findings)
}

const ADDRESS: &str =
    "check the address: its DNS name, its certificate, and PublicBaseUrl if something of yours stands in front";

fn clock(date: Option<&str>, now: OffsetDateTime) -> Finding {
    let Some(there) = date.and_then(|date| OffsetDateTime::parse(&date.replace("GMT", "+0000"), &Rfc2822).ok()) else {
        let mend = "compare this machine's clock with a time server's";
        return Finding::of("stack", "clock", State::Unknown, "the API tells no time", mend);
    };
    let apart = (now - there).whole_seconds();
    if apart.abs() <= SKEW {
        return Finding::fine("stack", "clock", format!("{} s apart from the API's", apart.abs()));
    }
    let seen = format!("this machine's clock is {} s {}", apart.abs(), if apart > 0 { "ahead" } else { "behind" });
    Finding::of("stack", "clock", State::Warning, seen, "set it: what this machine signs may be refused")
}

fn dead(queue: &str, depth: Option<Depth>, flags: &str) -> Finding {
    match depth.map(|depth| depth.all) {
        Some(0) => Finding::fine("stack", "dead letters", format!("none of {queue}")),
        Some(count) => {
            let mend = format!("`cargo local redrive {queue} --dry-run{flags}` says why");
            Finding::of("stack", "dead letters", State::Warning, format!("{count} of {queue}"), mend)
        }
        None => {
            let mend = "your AWS credentials may not look into the queue: sqs:GetQueueAttributes";
            Finding::of("stack", "dead letters", State::Unknown, format!("those of {queue} cannot be counted"), mend)
        }
    }
}

/// Whether anybody hears the alarms.
fn alarms(deployed: &Deployed, session: &mut Session) -> anyhow::Result<Finding> {
    let topic = output(&deployed.outputs, "AlarmTopicArn")?;
    let call = Call::new("sns", "list_subscriptions_by_topic", json!({"TopicArn": topic}));
    let answer = session.attempt(&[call])?.answers.into_iter().next();
    let list = answer.as_ref().and_then(|answer| answer.get("Subscriptions")).and_then(Value::as_array);
    Ok(heard(list.context("no list").ok().map(Vec::as_slice)))
}

fn heard(subscriptions: Option<&[Value]>) -> Finding {
    let Some(subscriptions) = subscriptions else {
        let mend = "your AWS credentials may not list the topic's subscriptions: sns:ListSubscriptionsByTopic";
        return Finding::of("stack", "alarms", State::Unknown, "who hears them cannot be seen", mend);
    };
    let confirmed =
        |one: &&Value| one.get("SubscriptionArn").and_then(Value::as_str).is_some_and(|arn| arn.starts_with("arn:"));
    match subscriptions.iter().filter(confirmed).count() {
        0 => {
            let mend = "set AlarmEmail and confirm the mail that AWS sends, or subscribe to the topic of the output AlarmTopicArn";
            Finding::of("stack", "alarms", State::Warning, "nobody hears them", mend)
        }
        count => Finding::fine("stack", "alarms", format!("{count} hear them")),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_clock_is_compared_with_the_apis() {
        let now = datetime!(2026-11-22 20:00:00 UTC);
        for (date, state) in [
            (Some("Sun, 22 Nov 2026 20:00:30 GMT"), State::Fine),
            (Some("Sun, 22 Nov 2026 19:58:00 GMT"), State::Warning),
            (Some("yesterday"), State::Unknown),
            (None, State::Unknown),
        ] {
            assert_eq!(clock(date, now).state, state, "{date:?}");
        }
        let ahead = clock(Some("Sun, 22 Nov 2026 19:58:00 GMT"), now);
        assert_eq!(ahead.seen, "this machine's clock is 120 s ahead");
    }

    #[test]
    fn a_subscription_that_nobody_confirmed_is_none() {
        let one = |arn: &str| json!({"SubscriptionArn": arn, "Protocol": "email"});
        for (list, state) in [
            (Some(vec![]), State::Warning),
            (Some(vec![one("PendingConfirmation")]), State::Warning),
            (Some(vec![one("PendingConfirmation"), one("arn:aws:sns:x:1:t:u")]), State::Fine),
            (None, State::Unknown),
        ] {
            assert_eq!(heard(list.as_deref()).state, state, "{list:?}");
        }
    }

    #[test]
    fn dead_letters_are_named_by_their_queue() {
        let found = dead("outbound-social", Some(Depth { all: 3, in_hands: 0 }), " --aws desk");
        assert_eq!((found.state, found.seen.as_str()), (State::Warning, "3 of outbound-social"));
        assert!(found.mend.is_some_and(|mend| mend.contains("redrive outbound-social --dry-run --aws desk")));
        assert_eq!(dead("inbound", Some(Depth { all: 0, in_hands: 0 }), "").state, State::Fine);
        assert_eq!(dead("inbound", None, "").state, State::Unknown);
    }

    #[test]
    fn parameters_are_read() {
        let answer = json!({"Stacks": [{"Parameters": [{"ParameterKey": "Line", "ParameterValue": "true"}]}]});
        assert_eq!(parameters(&answer), BTreeMap::from([("Line".to_owned(), "true".to_owned())]));
    }
}
