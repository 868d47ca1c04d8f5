//! What AWS says of the company's mail: the account, the domain, and the rule by which mail comes in.

use serde_json::Value;

use super::finding::{Finding, State};

/// The channel that this is about.
const MAIL: &str = "email";
const DENIED: &str =
    "your AWS credentials may not look: ses:GetAccount, ses:GetEmailIdentity, ses:DescribeActiveReceiptRuleSet";

fn text<'a>(answer: &'a Value, pointer: &str) -> &'a str {
    answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn is(answer: &Value, pointer: &str) -> bool {
    answer.pointer(pointer).and_then(Value::as_bool) == Some(true)
}

/// Whether the account may send (`GetAccount`).
pub fn account(answer: Option<&Value>) -> Finding {
    const CHECK: &str = "ses account";
    let Some(answer) = answer else { return Finding::of(MAIL, CHECK, State::Unknown, "cannot be seen", DENIED) };
    if !is(answer, "/SendingEnabled") {
        let mend = "AWS has paused the account's mail, or somebody has: see the SES console, \"Account dashboard\"";
        return Finding::of(MAIL, CHECK, State::Fault, "sends no mail", mend);
    }
    if !is(answer, "/ProductionAccessEnabled") {
        let mend =
            "ask for production access in the SES console: until then 200 mails a day, to verified addresses alone";
        return Finding::of(MAIL, CHECK, State::Fault, "is in the SES sandbox: customers get no mail", mend);
    }
    match text(answer, "/EnforcementStatus") {
        "" | "HEALTHY" => Finding::fine(MAIL, CHECK, "may send to everybody"),
        other => {
            let mend = "too many bounces or complaints: SES stops the account if it goes on";
            Finding::of(MAIL, CHECK, State::Warning, format!("is {other}"), mend)
        }
    }
}

/// Whether the domain is verified (`GetEmailIdentity`).
pub fn identity(domain: &str, answer: Option<&Value>) -> Finding {
    const CHECK: &str = "domain";
    let Some(answer) = answer else {
        let seen = format!("{domain} is no identity in SES, or cannot be seen");
        let mend = format!("`aws sesv2 create-email-identity --email-identity {domain}`, then its DNS records");
        return Finding::of(MAIL, CHECK, State::Fault, seen, mend);
    };
    if !is(answer, "/VerifiedForSendingStatus") {
        let tokens = answer.pointer("/DkimAttributes/Tokens").and_then(Value::as_array).into_iter().flatten();
        let records: Vec<String> = tokens
            .filter_map(Value::as_str)
            .map(|token| format!("{token}._domainkey.{domain} CNAME {token}.dkim.amazonses.com"))
            .collect();
        let mend = match records.as_slice() {
            [] => "finish its verification in the SES console".to_owned(),
            records => format!("set these DNS records: {}", records.join(", ")),
        };
        return Finding::of(MAIL, CHECK, State::Fault, format!("{domain} is not verified"), mend);
    }
    Finding::fine(MAIL, CHECK, format!("{domain} is verified"))
}

/// Whether mail comes in (`DescribeActiveReceiptRuleSet`): only one rule set of an account and region is active, and no
/// template can make it so.
pub fn rules(answer: Option<&Value>, wanted: &str, bucket: &str) -> Finding {
    const CHECK: &str = "receiving";
    let Some(answer) = answer else { return Finding::of(MAIL, CHECK, State::Unknown, "cannot be seen", DENIED) };
    let active = text(answer, "/Metadata/Name");
    if active.is_empty() {
        let mend = format!("`aws ses set-active-receipt-rule-set --rule-set-name {wanted}`");
        return Finding::of(MAIL, CHECK, State::Fault, "no receipt rule set is active: no mail comes in", mend);
    }
    let rules = answer.pointer("/Rules").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let ours = rules.iter().find(|rule| {
        let actions = rule.pointer("/Actions").and_then(Value::as_array).into_iter().flatten();
        actions.into_iter().any(|action| text(action, "/S3Action/BucketName") == bucket)
    });
    match ours {
        None => {
            let mend =
                format!("deploy with the rule set that is active (`{active}`): its other rules stay as they are");
            Finding::of(
                MAIL,
                CHECK,
                State::Fault,
                format!("the active rule set `{active}` holds no rule of ours"),
                mend,
            )
        }
        Some(rule) if !is(rule, "/Enabled") => {
            Finding::of(MAIL, CHECK, State::Fault, "our rule is turned off", "turn it on in the SES console")
        }
        Some(_) => Finding::fine(MAIL, CHECK, format!("the active rule set `{active}` holds our rule")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_sandboxed_or_paused_account_reaches_no_customer() {
        for (sends, production, standing, state) in [
            (true, true, "HEALTHY", State::Fine),
            (true, true, "PROBATION", State::Warning),
            (true, false, "HEALTHY", State::Fault),
            (false, true, "SHUTDOWN", State::Fault),
        ] {
            let answer =
                json!({"SendingEnabled": sends, "ProductionAccessEnabled": production, "EnforcementStatus": standing});
            assert_eq!(account(Some(&answer)).state, state, "{answer}");
        }
        assert_eq!(account(None).state, State::Unknown);
    }

    #[test]
    fn a_domain_that_waits_is_told_its_records() {
        let answer = json!({"VerifiedForSendingStatus": false, "DkimAttributes": {"Tokens": ["abc"]}});
        let found = identity("shop.example", Some(&answer));
        let mend = found.mend.unwrap();
        assert!(mend.contains("abc._domainkey.shop.example CNAME abc.dkim.amazonses.com"), "{mend}");
        assert_eq!(identity("shop.example", Some(&json!({"VerifiedForSendingStatus": true}))).state, State::Fine);
        assert_eq!(identity("shop.example", None).state, State::Fault);
    }

    #[test]
    fn mail_comes_in_by_a_rule_of_the_active_set_only() {
        let rule = |bucket: &str, on| json!({"Enabled": on, "Actions": [{"S3Action": {"BucketName": bucket}}]});
        let set = |rules: &[Value]| json!({"Metadata": {"Name": "company"}, "Rules": rules});
        for (answer, state) in [
            (json!({}), State::Fault),
            (set(&[]), State::Fault),
            (set(&[rule("theirs", true)]), State::Fault),
            (set(&[rule("theirs", true), rule("ours", false)]), State::Fault),
            (set(&[rule("theirs", true), rule("ours", true)]), State::Fine),
        ] {
            assert_eq!(rules(Some(&answer), "company", "ours").state, state, "{answer}");
        }
        let found = rules(Some(&json!({})), "company", "ours");
        assert!(found.mend.unwrap().contains("--rule-set-name company"));
    }
}
