//! What AWS itself says of the channels that go through it.

use serde_json::{Value, json};

use super::channel::Door;
use super::finding::Finding;
use super::{mail, texts};
use crate::cloud::{Call, Session};

/// What is found about a channel's AWS services. Nothing on the local stack: the emulator has no account to speak of.
///
/// # Errors
/// Nothing can be asked at all.
pub fn findings(door: &Door<'_>, session: &mut Session) -> anyhow::Result<Vec<Finding>> {
    if !door.deployed.providers.is_empty() {
        return Ok(vec![]);
    }
    match door.name {
        "email" => mailing(door, session),
        "sms" => texting(session),
        _ => Ok(vec![]),
    }
}

fn mailing(door: &Door<'_>, session: &mut Session) -> anyhow::Result<Vec<Finding>> {
    let outputs = &door.deployed.outputs;
    let told = |name: &str| outputs.get(name).map(String::as_str).unwrap_or_default();
    let account = asked(session, "sesv2", "get_account", json!({}))?;
    let mut findings = vec![mail::account(account.as_ref())];
    for domain in &door.deployed.mail_domains {
        let identity = asked(session, "sesv2", "get_email_identity", json!({"EmailIdentity": domain}))?;
        findings.push(mail::identity(domain, identity.as_ref()));
    }
    if !door.deployed.mail_domains.is_empty() {
        let active = asked(session, "ses", "describe_active_receipt_rule_set", json!({}))?;
        findings.push(mail::rules(active.as_ref(), told("MailRuleSetName"), told("MailBucketName")));
    }
    Ok(findings)
}

fn texting(session: &mut Session) -> anyhow::Result<Vec<Finding>> {
    let sandbox = asked(session, "sns", "get_sms_sandbox_account_status", json!({}))?;
    let attributes = asked(session, "sns", "get_sms_attributes", json!({}))?;
    let mut findings = vec![texts::account(sandbox.as_ref())];
    findings.extend(texts::attributes(attributes.as_ref()));
    Ok(findings)
}

/// The answer; `None`: AWS does not give it.
fn asked(
    session: &mut Session,
    service: &'static str,
    operation: &'static str,
    arguments: Value,
) -> anyhow::Result<Option<Value>> {
    Ok(session.attempt(&[Call::new(service, operation, arguments)])?.answers.into_iter().next())
}
