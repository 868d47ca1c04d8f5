//! The demo shop's own systems, which carry out what its flows call for: orders, returns, appointments, cards. What they
//! say follows from what they are asked, so that it can be played again: orders that end in 0 are not there, those that end
//! in 9 were delivered too long ago to come back, and from twelve to one nobody has time. Nothing is kept: the same call
//! gets the same answer.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::{Date, OffsetDateTime};

/// The actions, by name.
pub const ACTIONS: [&str; 4] = ["order_status", "return_request", "book_appointment", "report_card_loss"];

/// Carries out an action as it is asked for (`id`, `input`, `locale`), at a time; `None`: there is none of this name.
///
/// The answer is what the worker expects: `{"result": "done", "values": {…}}` or `{"result": "refused", "reason": "…"}`.
pub fn carry_out(name: &str, asked: &Value, now: OffsetDateTime) -> Option<Value> {
    let text = |path: &str| asked.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let chinese = text("/locale").starts_with("zh");
    let number = |letter: &str| json!({"number": format!("{letter}{}", digits(text("/id")))});
    let input = |name: &str| text(&format!("/input/{name}"));
    let last = input("order").trim().chars().last().filter(char::is_ascii_digit);
    Some(match name {
        "order_status" => match last {
            None | Some('0') => refused("not_found"),
            Some(last) => fulfilled(&status(last, chinese, now.date())),
        },
        "return_request" => match last {
            None | Some('0') => refused("not_found"),
            Some('9') => refused("too_late"),
            Some(_) => fulfilled(&number("R")),
        },
        "book_appointment" if input("time").starts_with("12") => refused("full"),
        "book_appointment" => fulfilled(&number("A")),
        "report_card_loss" => fulfilled(&number("C")),
        _ => return None,
    })
}

fn fulfilled(values: &Value) -> Value {
    json!({"result": "done", "values": values})
}

fn refused(reason: &str) -> Value {
    json!({"result": "refused", "reason": reason})
}

/// Where an order is, by its last digit: packed (to 3), on its way (to 7), delivered.
fn status(last: char, chinese: bool, today: Date) -> Value {
    let (code, english, words, days) = match last {
        '1'..='3' => ("packed", "being packed", "正在打包", 3),
        '4'..='7' => ("on_its_way", "on its way", "运输中", 1),
        _ => ("delivered", "delivered", "已签收", -2),
    };
    let carrier = if chinese { "顺丰速运" } else { "SF Express" };
    let eta = today.saturating_add(time::Duration::days(days)).to_string();
    json!({"status": if chinese { words } else { english }, "status_code": code, "carrier": carrier, "eta": eta})
}

/// Eight digits that follow from a call's id.
fn digits(id: &str) -> String {
    Sha256::digest(id).into_iter().take(8).map(|byte| char::from(b'0' + byte % 10)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(name: &str, id: &str, input: &Value) -> Value {
        let asked = json!({"id": id, "name": name, "input": input, "locale": "zh"});
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let answer = carry_out(name, &asked, now).unwrap();
        answer["reason"].as_str().map_or_else(|| answer["values"].clone(), |reason| json!(reason))
    }

    #[test]
    fn each_action_is_done_or_refused_as_it_says() {
        let way = json!({"status": "运输中", "status_code": "on_its_way", "carrier": "顺丰速运", "eta": "2027-01-16"});
        assert_eq!(ask("order_status", "1", &json!({"order": "A1005"})), way);
        assert_eq!(ask("order_status", "2", &json!({"order": "A1000"})), "not_found");
        assert_eq!(ask("order_status", "3", &json!({})), "not_found");
        assert_eq!(ask("return_request", "4", &json!({"order": "20", "reason": "r"})), "not_found");
        assert_eq!(ask("return_request", "5", &json!({"order": "29", "reason": "r"})), "too_late");
        assert_eq!(ask("book_appointment", "6", &json!({"date": "2027-01-20", "time": "12:30"})), "full");
        for (name, letter, input) in [
            ("return_request", 'R', json!({"order": "21"})),
            ("book_appointment", 'A', json!({"time": "15:00"})),
            ("report_card_loss", 'C', json!({"card_last4": "1234"})),
        ] {
            let number = ask(name, "7", &input)["number"].as_str().unwrap().to_owned();
            assert!(number.len() == 9 && number.starts_with(letter), "{number}");
            assert_eq!(ask(name, "7", &input)["number"], *number, "the same call, the same number");
            assert_ne!(ask(name, "8", &input)["number"], *number);
        }
    }

    #[test]
    fn it_does_these_and_no_others() {
        let all = ACTIONS.iter().all(|name| carry_out(name, &Value::Null, OffsetDateTime::UNIX_EPOCH).is_some());
        assert!(all && carry_out("bake", &Value::Null, OffsetDateTime::UNIX_EPOCH).is_none());
    }
}
