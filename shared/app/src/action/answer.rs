//! What a system's answer means.

use std::collections::BTreeMap;

use domain::ActionResult;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::ports::ActionReply;

/// Values of an answer, at most.
const MAX_VALUES: usize = 20;
/// Characters of a value's name and of a reason, at most.
const MAX_NAME: usize = 64;
/// Characters of a value, at most.
const MAX_VALUE: usize = 500;
/// Bytes of all values, at most: they stand in the conversation's turn.
const MAX_ALL: usize = 4_000;

/// What comes of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It has ended.
    Ended(ActionResult),
    /// It can be tried again under the same id.
    Again {
        /// Seconds to wait, if the system said so.
        after: Option<u32>,
        /// Why, without personal data.
        reason: String,
    },
    /// No try can help.
    Failed(String),
}

/// Reads an answer: `{"result":"done","values":{…}}` or `{"result":"refused","reason":"…"}` with a status 2xx.
pub(super) fn meaning(reply: &ActionReply) -> Meaning {
    let failed = |reason: &str| Meaning::Failed(reason.to_owned());
    let reply = match reply {
        ActionReply::Reply(reply) => reply,
        ActionReply::TooLarge => return failed("its answer is longer than 64 KB"),
        ActionReply::Forbidden(reason) => return failed(reason),
    };
    match reply.status {
        200..=299 => read(&reply.body).map_or_else(failed, Meaning::Ended),
        300..=399 => failed("it sends elsewhere, which is not followed"),
        0 => Meaning::Again { after: None, reason: "it cannot be reached".to_owned() },
        // A call of this id is under way (409), or may come later.
        status @ (408 | 409 | 425 | 429 | 500..=599) => {
            Meaning::Again { after: reply.retry_after, reason: format!("it answers {status}") }
        }
        status => Meaning::Failed(format!("it answers {status}")),
    }
}

#[derive(Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
enum Answered {
    Done {
        #[serde(default)]
        values: Map<String, Value>,
    },
    Refused {
        reason: String,
    },
}

fn read(body: &str) -> Result<ActionResult, &'static str> {
    match serde_json::from_str(body).map_err(|_| "its answer is none that was agreed")? {
        Answered::Done { values } => Ok(ActionResult::Done { values: texts(values)? }),
        Answered::Refused { reason } if is_name(&reason) => Ok(ActionResult::Refused { reason }),
        Answered::Refused { .. } => Err("its reason is no name of 1 to 64 letters, digits, `_` and `-`"),
    }
}

fn texts(values: Map<String, Value>) -> Result<BTreeMap<String, String>, &'static str> {
    if values.len() > MAX_VALUES {
        return Err("its answer holds more than 20 values");
    }
    let texts: BTreeMap<String, String> = values.into_iter().map(text).collect::<Result<_, _>>()?;
    if texts.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_ALL {
        return Err("its values are longer than 4,000 bytes");
    }
    Ok(texts)
}

fn text((name, value): (String, Value)) -> Result<(String, String), &'static str> {
    let value = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return Err("a value is neither text, number nor boolean"),
    };
    if !is_name(&name) {
        return Err("a value's name is none of 1 to 64 letters, digits, `_` and `-`");
    }
    if value.chars().count() > MAX_VALUE {
        return Err("a value is longer than 500 characters");
    }
    Ok((name, value))
}

/// Whether it can name an action, a value or a reason.
pub(super) fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use channels::WireReply;
    use serde_json::json;

    use super::*;

    fn of(status: u16, retry_after: Option<u32>, body: &str) -> Meaning {
        meaning(&ActionReply::Reply(WireReply { status, retry_after, body: body.to_owned() }))
    }

    #[test]
    fn an_answer_that_was_agreed_is_read() {
        for (body, values) in [
            (r#"{"result":"done"}"#, &[][..]),
            (r#"{"result":"done","values":{}}"#, &[]),
            (
                r#"{"result":"done","values":{"eta":"明天","n":3,"x":1.5,"paid":true}}"#,
                &[("eta", "明天"), ("n", "3"), ("x", "1.5"), ("paid", "true")],
            ),
            (r#"{"result":"done","values":{"a":"b"},"more":[1]}"#, &[("a", "b")]),
        ] {
            let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            assert_eq!(of(200, None, body), Meaning::Ended(ActionResult::Done { values }), "{body}");
        }
        let refused = Meaning::Ended(ActionResult::Refused { reason: "too_late".to_owned() });
        assert_eq!(of(201, None, r#"{"result":"refused","reason":"too_late"}"#), refused);
    }

    #[test]
    fn what_was_not_agreed_has_failed_and_is_not_repeated() {
        let many: Map<String, Value> = (0..21).map(|at| (at.to_string(), json!("x"))).collect();
        let whole: Map<String, Value> = (0..9).map(|at| (at.to_string(), json!("x".repeat(500)))).collect();
        for body in [
            String::new(),
            "<html>secret</html>".to_owned(),
            "null".to_owned(),
            "[]".to_owned(),
            "{}".to_owned(),
            json!({"result": "failed"}).to_string(),
            json!({"result": "done", "values": ["secret"]}).to_string(),
            json!({"result": "done", "values": {"a": null}}).to_string(),
            json!({"result": "done", "values": {"a": {"b": "secret"}}}).to_string(),
            json!({"result": "done", "values": {"": "secret"}}).to_string(),
            json!({"result": "done", "values": {"secret name": "b"}}).to_string(),
            json!({"result": "done", "values": {"a": "密".repeat(501)}}).to_string(),
            json!({"result": "done", "values": many}).to_string(),
            json!({"result": "done", "values": whole}).to_string(),
            json!({"result": "refused"}).to_string(),
            json!({"result": "refused", "reason": ""}).to_string(),
            json!({"result": "refused", "reason": "no secret today"}).to_string(),
            json!({"result": "refused", "reason": "x".repeat(65)}).to_string(),
        ] {
            let Meaning::Failed(reason) = of(200, None, &body) else { panic!("{body}") };
            assert!(!reason.contains("secret"), "{reason}");
        }
        let most = json!({"result": "done", "values": {"a": "密".repeat(500)}}).to_string();
        assert!(matches!(of(200, None, &most), Meaning::Ended(_)));
    }

    #[test]
    fn only_what_may_come_right_is_tried_again() {
        let done = r#"{"result":"done"}"#;
        for (status, again) in [
            (0, true),
            (400, false),
            (401, false),
            (403, false),
            (404, false),
            (408, true),
            (409, true),
            (410, false),
            (422, false),
            (425, true),
            (429, true),
            (500, true),
            (501, true),
            (503, true),
            (599, true),
            (301, false),
            (302, false),
            (307, false),
            (101, false),
            (600, false),
        ] {
            let found = of(status, None, done);
            assert_eq!(matches!(found, Meaning::Again { .. }), again, "{status}: {found:?}");
            assert_eq!(matches!(found, Meaning::Failed(_)), !again, "{status}: {found:?}");
        }
        assert!(matches!(of(429, Some(7), ""), Meaning::Again { after: Some(7), .. }));
        assert!(matches!(meaning(&ActionReply::TooLarge), Meaning::Failed(_)));
        assert_eq!(meaning(&ActionReply::Forbidden("why")), Meaning::Failed("why".to_owned()));
    }
}
