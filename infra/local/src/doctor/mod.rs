//! `cargo local doctor`: tries everything that a customer's message needs, and says what to do about what does not hold.

pub mod actions;
pub mod aws;
pub mod channel;
pub mod finding;
pub mod mail;
pub mod provider;
pub mod stack;
pub mod texts;
pub mod web;

use anyhow::bail;
use app::action::settings::NAME;
use channels::KeySet;
use domain::ChannelId;

use self::channel::Door;
use self::finding::{Finding, State, as_json, as_text, sound};
use self::stack::Deployed;
use crate::cloud::{Call, Session, Target};
use crate::console;
use crate::tools::Tools;

/// How it is told that nothing is stored.
const NOT_SET: &str = " is not set";

/// Checks a stack.
///
/// # Errors
/// There is no such stack, or something was found that keeps customers from being served.
pub fn run(target: &Target, json: bool) -> anyhow::Result<()> {
    let tools = Tools::ready()?;
    let deployed = Deployed::of(target, &tools)?;
    let mut session = target.session(&tools)?;
    let mut findings = stack::findings(&deployed, target, &mut session)?;
    for name in &deployed.channels {
        let keys = secrets(&deployed, target, name, &mut session)?;
        let (keys, found) = match keys {
            Ok(keys) => (keys, Finding::fine(name, "secrets", "are set and can be read")),
            Err(fault) => (KeySet::default(), fault),
        };
        let set = found.state == State::Fine;
        findings.push(found);
        let door = Door { name, keys: &keys, set, deployed: &deployed, flags: &target.flags() };
        findings.extend(channel::findings(&door, &mut session)?);
        findings.extend(provider::findings(&door, &mut session)?);
        findings.extend(aws::findings(&door, &mut session)?);
    }
    match secrets(&deployed, target, NAME, &mut session)? {
        Ok(keys) => findings.extend(actions::findings(&keys, &deployed, target, &mut session)?),
        Err(fault) if fault.seen.ends_with(NOT_SET) => {
            findings.push(Finding::fine(NAME, "secrets", "none is set up: flows that call one go on to a person"));
        }
        Err(fault) => findings.push(fault),
    }
    if json {
        console::say(format_args!("{:#}", as_json(&findings)));
    } else {
        console::say(as_text(&findings));
    }
    if !sound(&findings) {
        bail!("customers are not served as they should be; what to do stands behind each →");
    }
    Ok(())
}

/// A channel's keys, or what is wrong with what is stored.
fn secrets(
    deployed: &Deployed,
    target: &Target,
    channel: &str,
    session: &mut Session,
) -> anyhow::Result<Result<KeySet, Finding>> {
    let name = format!("{}/{channel}", deployed.secrets_prefix);
    let call = Call::new("ssm", "get_parameter", serde_json::json!({"Name": name, "WithDecryption": true}));
    let attempt = session.attempt(&[call])?;
    let file = if channel == "web" { "" } else { " --file F" };
    let mend =
        format!("`cargo local secrets set {channel}{file}{}`; shared/channels/README.md says what", target.flags());
    let fault = |seen: String| Finding::of(channel, "secrets", State::Fault, seen, mend.clone());
    if let Some(refusal) = attempt.refusal {
        return Ok(Err(match refusal.code.as_str() {
            "ParameterNotFound" => fault(format!("{name}{NOT_SET}")),
            code => fault(format!("{name} cannot be read: {code}")),
        }));
    }
    let answer = attempt.answers.into_iter().next().unwrap_or_default();
    let text = answer.pointer("/Parameter/Value").and_then(serde_json::Value::as_str).unwrap_or_default();
    if answer.pointer("/Parameter/Type").is_some_and(|kind| kind != "SecureString") {
        return Ok(Err(fault(format!("{name} is not encrypted"))));
    }
    let keys = match KeySet::from_json(text) {
        Ok(keys) => keys,
        Err(error) => return Ok(Err(fault(format!("{name}: {error}")))),
    };
    let faults = ChannelId::from_name(channel).map(|id| channels::channel(id).check(&keys)).unwrap_or_default();
    if faults.is_empty() {
        return Ok(Ok(keys));
    }
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    Ok(Err(fault(faults.join("; "))))
}
