//! What AWS says of the company's text messages. How single ones fared it tells in CloudWatch Logs alone.

use serde_json::Value;

use super::finding::{Finding, State};

const TEXTS: &str = "sms";
const DENIED: &str =
    "your AWS credentials may not look: sns:GetSMSSandboxAccountStatus, sns:GetSMSAttributes, or the region has no SMS";

/// Whether messages reach everybody (`GetSMSSandboxAccountStatus`).
pub fn account(answer: Option<&Value>) -> Finding {
    const CHECK: &str = "sns account";
    match answer.and_then(|answer| answer.get("IsInSandbox")).and_then(Value::as_bool) {
        Some(false) => Finding::fine(TEXTS, CHECK, "may write to every number"),
        Some(true) => {
            let mend = "ask to leave the SMS sandbox in the SNS console: until then only verified numbers get messages";
            Finding::of(TEXTS, CHECK, State::Fault, "is in the SMS sandbox: customers get no messages", mend)
        }
        None => Finding::of(TEXTS, CHECK, State::Unknown, "cannot be seen", DENIED),
    }
}

/// How much may be spent, and where it is told what became of messages (`GetSMSAttributes`).
pub fn attributes(answer: Option<&Value>) -> Vec<Finding> {
    let Some(attributes) = answer.and_then(|answer| answer.get("attributes")) else {
        return vec![Finding::of(TEXTS, "spend limit", State::Unknown, "cannot be seen", DENIED)];
    };
    let text = |name: &str| attributes.get(name).and_then(Value::as_str).unwrap_or_default();
    let limit: Option<f64> = text("MonthlySpendLimit").parse().ok();
    let spend = match limit {
        Some(limit) if limit > 1.0 => Finding::fine(TEXTS, "spend limit", format!("${limit} a month")),
        // An account that nobody has changed has this.
        Some(_) | None => {
            let mend = "ask for a higher limit at AWS Support: some hundred messages use $1 up, then nothing goes out";
            Finding::of(TEXTS, "spend limit", State::Warning, "$1 a month", mend)
        }
    };
    let results = if text("DeliveryStatusIAMRole").is_empty() {
        let mend =
            "turn on delivery status logging in the SNS console to see in CloudWatch Logs what became of messages";
        Finding::of(TEXTS, "results", State::Unknown, "whether messages arrive is told nowhere", mend)
    } else {
        Finding::fine(TEXTS, "results", "stand in CloudWatch Logs, sns/…/DirectPublishToPhoneNumber")
    };
    vec![spend, results]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_sandboxed_account_reaches_no_customer() {
        for (answer, state) in [
            (Some(json!({"IsInSandbox": false})), State::Fine),
            (Some(json!({"IsInSandbox": true})), State::Fault),
            (Some(json!({})), State::Unknown),
            (None, State::Unknown),
        ] {
            assert_eq!(account(answer.as_ref()).state, state);
        }
    }

    #[test]
    fn a_dollar_a_month_is_soon_spent() {
        let states =
            |attributes: Value| attributes_of(&attributes).iter().map(|finding| finding.state).collect::<Vec<_>>();
        let attributes_full = json!({"MonthlySpendLimit": "200", "DeliveryStatusIAMRole": "arn:aws:iam::1:role/r"});
        assert_eq!(states(attributes_full), [State::Fine, State::Fine]);
        assert_eq!(states(json!({"MonthlySpendLimit": "1"})), [State::Warning, State::Unknown]);
        assert_eq!(states(json!({})), [State::Warning, State::Unknown]);
        assert_eq!(attributes(None)[0].state, State::Unknown);
    }

    fn attributes_of(values: &Value) -> Vec<Finding> {
        attributes(Some(&json!({"attributes": values})))
    }
}
