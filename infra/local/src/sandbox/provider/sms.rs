//! Text messages: Twilio's Messaging API for one of the company's numbers, SNS for another.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Act, Hook, Moment, Patience, Provider, Said, Taken, twilio};
use crate::sandbox::ids::digits;
use crate::sandbox::people::People;
use crate::sandbox::shown::Shown;
use crate::sandbox::sign::hmac_sha1_base64;
use crate::sandbox::wire::{Call, Reply, text};

/// Most characters of a message.
const MAX_TEXT: usize = 1600;
/// Most messages of which receipts can be sent.
const MOST: usize = 5_000;
/// The words that a provider answers itself.
const STOP: &[&str] = &["stop", "stopall", "unsubscribe", "cancel", "end", "quit"];
const START: &[&str] = &["start", "unstop"];

/// Both providers.
#[derive(Debug, Default)]
pub struct Sms {
    people: People,
    /// Where Twilio is to tell what became of a message, from which number it went; by the message's id.
    callbacks: BTreeMap<String, (String, String)>,
    sent: VecDeque<String>,
}

impl Provider for Sms {
    fn user(&self, name: &str) -> String {
        let is_number = name
            .strip_prefix('+')
            .is_some_and(|number| number.len() >= 7 && number.bytes().all(|byte| byte.is_ascii_digit()));
        if is_number { name.to_owned() } else { format!("+1310{}", digits(name, 7)) }
    }

    fn says(&mut self, said: &Said, moment: &mut Moment<'_>) -> Result<Value, String> {
        let ours = text(moment.account, "/account");
        let id = format!("SM{}", moment.ids.hex(32));
        let words = match &said.act {
            Act::Text(words) => words,
            // There are no choices but numbered lines.
            Act::Choose { title, .. } => title,
            act @ Act::Media(_) => return Err(super::media::unplayed(act)),
            Act::Receipt { status, message } => {
                let Some((callback, from)) = self.callbacks.get(message) else {
                    return Err("this message is not known, or nobody asked what became of it".to_owned());
                };
                return Ok(json!({
                    "callback": callback,
                    "fields": {
                        "MessageSid": message, "SmsSid": message, "MessageStatus": status, "SmsStatus": status,
                        "To": said.user, "From": from, "AccountSid": text(moment.account, "/account_sid"),
                        "ApiVersion": "2010-04-01",
                    },
                }));
            }
            Act::Event { name, .. } => return Err(format!("a text message is no event `{name}`")),
        };
        let word = words.trim().to_lowercase();
        let wish = if STOP.contains(&word.as_str()) {
            Some("STOP")
        } else if START.contains(&word.as_str()) {
            Some("START")
        } else {
            (word == "help").then_some("HELP")
        };
        let person = self.people.acts(&said.user, moment.now);
        person.blocked = (person.blocked || wish == Some("STOP")) && wish != Some("START");
        if text(moment.account, "/provider") == "aws" {
            return Ok(json!({
                "topic": text(moment.account, "/topic_arn"),
                "message": {
                    "originationNumber": said.user, "destinationNumber": ours, "messageKeyword": "KEYWORD_1",
                    "messageBody": words, "inboundMessageId": id, "previousPublishedMessageId": "",
                },
            }));
        }
        let mut fields = json!({
            "MessageSid": id, "SmsSid": id, "SmsMessageSid": id, "AccountSid": text(moment.account, "/account_sid"),
            "From": said.user, "To": ours, "Body": words, "NumMedia": "0", "NumSegments": segments(words).0.to_string(),
            "SmsStatus": "received", "ApiVersion": "2010-04-01", "FromCountry": "US", "FromCity": "",
        });
        if let (Some(wish), Some(fields)) = (wish, fields.as_object_mut()) {
            fields.insert("OptOutType".to_owned(), json!(wish));
        }
        Ok(json!({"fields": fields}))
    }

    fn hook(&self, event: &Value, _attempt: u32, moment: &mut Moment<'_>) -> Hook {
        let form = ("content-type", "application/x-www-form-urlencoded; charset=UTF-8".to_owned());
        if let Some(message) = event.get("message") {
            let body = form_of(&[
                ("Action", "Publish"),
                ("Version", "2010-03-31"),
                ("TopicArn", text(event, "/topic")),
                ("Message", &message.to_string()),
            ]);
            // The emulator checks no signature of root's.
            let root =
                "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=0";
            return Hook { query: String::new(), headers: vec![form, ("authorization", root.to_owned())], body };
        }
        let fields = event.get("fields").and_then(Value::as_object);
        let fields: BTreeMap<&str, &str> =
            fields.into_iter().flatten().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect();
        let query = text(event, "/callback").split_once('?').map_or("", |(_, query)| query);
        let address = text(moment.account, "/webhook_url");
        let mut signed = if query.is_empty() { address.to_owned() } else { format!("{address}?{query}") };
        for (name, value) in &fields {
            signed.push_str(name);
            signed.push_str(value);
        }
        let signature = hmac_sha1_base64(text(moment.account, "/auth_token").as_bytes(), signed.as_bytes());
        let pairs: Vec<(&str, &str)> = fields.into_iter().collect();
        let headers = vec![form, ("user-agent", "TwilioProxy/1.1".to_owned()), ("x-twilio-signature", signature)];
        Hook { query: query.to_owned(), headers, body: form_of(&pairs) }
    }

    /// Twilio tries once more where somebody has asked it to.
    fn patience(&self) -> Patience {
        Patience { wait: Duration::from_secs(15), tries: 2, pause: Duration::from_secs(1), complaint: None }
    }

    fn addressee(&self, call: &Call) -> Option<String> {
        call.form("To").or_else(|| call.form("PhoneNumber")).filter(|user| !user.is_empty())
    }

    fn take(&mut self, call: &Call, moment: &mut Moment<'_>) -> Taken {
        if call.path.trim_end_matches('/') == "/sns" {
            return self.publish(call, moment);
        }
        let sid = text(moment.account, "/account_sid");
        let credentials = STANDARD.encode(format!("{sid}:{}", text(moment.account, "/auth_token")));
        if sid.is_empty() || call.header("authorization") != Some(&format!("Basic {credentials}")) {
            return refused(401, 20003, "Authenticate").into();
        }
        if let Some(reply) = twilio::asked(call, moment.account, "sms", text(moment.account, "/webhook_url")) {
            return reply.into();
        }
        if call.method != "POST" || call.path != format!("/2010-04-01/Accounts/{sid}/Messages.json") {
            return refused(404, 20404, "The requested resource was not found").into();
        }
        self.create(call, moment).unwrap_or_else(Taken::from)
    }

    fn failure(&self) -> Reply {
        refused(500, 20500, "Internal Server Error")
    }

    fn busy(&self, seconds: u64) -> Reply {
        refused(429, 20429, "Too Many Requests").with("retry-after", seconds.to_string())
    }
}

impl Sms {
    /// Twilio takes a message.
    fn create(&mut self, call: &Call, moment: &mut Moment<'_>) -> Result<Taken, Reply> {
        let field = |name| call.form(name).unwrap_or_default();
        let (to, from, body) = (field("To"), field("From"), field("Body"));
        if to.is_empty() {
            return Err(refused(400, 21604, "A 'To' phone number is required."));
        }
        if self.user(&to) != to {
            return Err(refused(400, 21211, "Invalid 'To' Phone Number"));
        }
        if from != text(moment.account, "/account") {
            return Err(refused(400, 21606, "The 'From' phone number is not a valid, SMS-capable number of yours"));
        }
        if body.is_empty() {
            return Err(refused(400, 21602, "Message body is required."));
        }
        if body.encode_utf16().count() > MAX_TEXT {
            return Err(refused(400, 21617, "The concatenated message body exceeds the 1600 character limit"));
        }
        if self.people.known(&to).is_some_and(|person| person.blocked) {
            return Err(refused(400, 21610, "Attempt to send to unsubscribed recipient"));
        }
        let sid = format!("SM{}", moment.ids.hex(32));
        let (count, alphabet) = segments(&body);
        let answer = json!({
            "sid": sid, "account_sid": text(moment.account, "/account_sid"), "to": to, "from": from, "body": body,
            "status": "queued", "direction": "outbound-api", "num_segments": count.to_string(), "num_media": "0",
            "error_code": null, "error_message": null, "api_version": "2010-04-01",
        });
        let callback = field("StatusCallback");
        if !callback.is_empty() {
            self.sent.push_back(sid.clone());
            self.callbacks.insert(sid.clone(), (callback, from));
            if self.sent.len() > MOST {
                self.sent.pop_front().map(|oldest| self.callbacks.remove(&oldest));
            }
        }
        let shown = Shown { note: note(count, alphabet), ..Shown::text(&to, &sid, &body) };
        Ok(Taken::showing(Reply::json(201, &answer), vec![shown]))
    }

    /// SNS takes a message.
    fn publish(&mut self, call: &Call, moment: &mut Moment<'_>) -> Taken {
        let field = |name| call.form(name).unwrap_or_default();
        let (to, message) = (field("PhoneNumber"), field("Message"));
        let attributes = (1..=9).filter_map(|number| {
            let entry = format!("MessageAttributes.entry.{number}");
            Some((call.form(&format!("{entry}.Name"))?, call.form(&format!("{entry}.Value.StringValue"))?))
        });
        let origin = attributes.collect::<BTreeMap<_, _>>().remove("AWS.MM.SMS.OriginationNumber").unwrap_or_default();
        let known = text(moment.account, "/accounts/aws/account");
        let fault = if field("Action") != "Publish" {
            Some(("InvalidAction", "this is not played here"))
        } else if self.user(&to) != to {
            Some(("InvalidParameter", "Invalid parameter: PhoneNumber Reason: is not valid to publish to"))
        } else if message.is_empty() || message.len() > MAX_TEXT {
            Some(("InvalidParameter", "Invalid parameter: Message"))
        } else if origin != known || known.is_empty() {
            Some(("InvalidParameter", "Invalid parameter: AWS.MM.SMS.OriginationNumber"))
        } else if self.people.known(&to).is_some_and(|person| person.blocked) {
            Some(("InvalidParameter", "Invalid parameter: PhoneNumber Reason: it is opted out"))
        } else {
            None
        };
        if let Some((code, why)) = fault {
            let body = format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{why}</Message></Error></ErrorResponse>"
            );
            return Reply { kind: "text/xml", ..Reply::text(400, &body) }.into();
        }
        let id = moment.ids.hex(32);
        let body =
            format!("<PublishResponse><PublishResult><MessageId>{id}</MessageId></PublishResult></PublishResponse>");
        let (count, alphabet) = segments(&message);
        let shown = Shown { note: note(count, alphabet), ..Shown::text(&to, &id, &message) };
        Taken::showing(Reply { kind: "text/xml", ..Reply::text(200, &body) }, vec![shown])
    }
}

fn form_of(fields: &[(&str, &str)]) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes()
}

fn refused(status: u16, code: u32, why: &str) -> Reply {
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    Reply::json(status, &json!({"code": code, "message": why, "more_info": more, "status": status}))
}

/// What is paid for.
fn note(count: usize, alphabet: &str) -> String {
    format!("{count} × {alphabet}")
}

/// How many messages a text is, and in which alphabet; counted as the providers' own calculators do, unit by unit.
fn segments(words: &str) -> (usize, &'static str) {
    const ALPHABET: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
    let size = |letter: char| match letter {
        _ if letter.is_ascii_alphanumeric() || ALPHABET.contains(letter) => Some(1),
        '\u{c}' | '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' => Some(2),
        _ => None,
    };
    let (sizes, alone, each, alphabet) = match words.chars().map(size).collect::<Option<Vec<usize>>>() {
        Some(sizes) => (sizes, 160, 153, "GSM-7"),
        None => (words.chars().map(char::len_utf16).collect(), 70, 67, "UCS-2"),
    };
    if sizes.iter().sum::<usize>() <= alone {
        return (1, alphabet);
    }
    let (count, _) =
        sizes.into_iter().fold(
            (1, 0),
            |(count, filled), size| {
                if filled + size > each { (count + 1, size) } else { (count, filled + size) }
            },
        );
    (count, alphabet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::ids::Ids;

    const ANN: &str = "+13105550100";

    fn account() -> Value {
        json!({
            "webhook_url": "https://api.example.com/webhooks/twilio/sms?tenant=t1", "account": "+14155550199", "provider": "twilio",
            "account_sid": "AC00000000000000000000000000000001", "auth_token": "12345678901234567890123456789012",
            "accounts": {"aws": {"account": "+12125550101"}},
        })
    }

    fn at<T>(sms: &mut Sms, act: impl FnOnce(&mut Sms, &mut Moment<'_>) -> T) -> T {
        act(sms, &mut Moment { account: &account(), now: 5, ids: &mut Ids::from(5) })
    }

    fn says(sms: &mut Sms, words: &str) -> Value {
        let said = Said { user: ANN.to_owned(), act: Act::Text(words.to_owned()), chinese: false, wishes: Value::Null };
        at(sms, |sms, moment| sms.says(&said, moment)).unwrap()
    }

    fn sends(sms: &mut Sms, path: &str, token: &str, fields: &[(&str, &str)]) -> Taken {
        let credentials = STANDARD.encode(format!("AC00000000000000000000000000000001:{token}"));
        let headers = vec![("authorization".to_owned(), format!("Basic {credentials}"))];
        let call = Call {
            method: "POST".to_owned(),
            path: path.to_owned(),
            headers,
            body: form_of(fields),
            ..Call::default()
        };
        at(sms, |sms, moment| sms.take(&call, moment))
    }

    const MESSAGES: &str = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json";
    const TOKEN: &str = "12345678901234567890123456789012";

    #[test]
    fn the_signature_is_twilios() {
        // On which twilio-python and twilio-node agree; the address already has a query here.
        let fields = json!({
            "ToCountry": "US", "MessageSid": "SM00000000000000000000000000000001", "SmsSid": "SM00000000000000000000000000000001",
            "AccountSid": "AC00000000000000000000000000000001", "From": "+14155550100", "To": "+14155550199",
            "Body": "我的订单到哪了? 😀 a+b&c=d", "NumMedia": "0", "NumSegments": "1", "SmsStatus": "received",
            "ApiVersion": "2010-04-01", "FromCity": "",
        });
        let mut account = account();
        account["webhook_url"] = json!("https://api.example.com/webhooks/twilio/sms");
        let event = json!({"fields": fields, "callback": "https://x?tenant=t1"});
        let hook = Sms::default().hook(&event, 0, &mut Moment { account: &account, now: 0, ids: &mut Ids::from(0) });
        assert!(hook.headers.contains(&("x-twilio-signature", "u8BM3CCsuCnbPvaaFsxmqdcv7GM=".to_owned())), "{hook:?}");
        assert_eq!(hook.query, "tenant=t1");
    }

    #[test]
    fn whoever_stopped_gets_nothing_until_they_start() {
        let mut sms = Sms::default();
        let fields =
            [("To", ANN), ("From", "+14155550199"), ("Body", "It's here"), ("StatusCallback", "https://a/x?mark=1")];
        let taken = sends(&mut sms, MESSAGES, TOKEN, &fields);
        assert_eq!((taken.reply.status, taken.shown[0].note.as_str()), (201, "1 × GSM-7"));
        let receipt = Act::Receipt { status: "delivered".to_owned(), message: taken.shown[0].id.clone() };
        let said = Said { user: ANN.to_owned(), act: receipt, chinese: false, wishes: Value::Null };
        let told = at(&mut sms, |sms, moment| sms.says(&said, moment)).unwrap();
        assert_eq!(
            (&told["callback"], &told["fields"]["MessageStatus"]),
            (&json!("https://a/x?mark=1"), &json!("delivered"))
        );
        assert_eq!(says(&mut sms, " Stop ")["fields"]["OptOutType"], "STOP");
        let code = |taken: &Taken| serde_json::from_slice::<Value>(&taken.reply.body).unwrap()["code"].clone();
        assert_eq!(code(&sends(&mut sms, MESSAGES, TOKEN, &fields)), 21610);
        assert_eq!(says(&mut sms, "start")["fields"]["OptOutType"], "START");
        assert_eq!(sends(&mut sms, MESSAGES, TOKEN, &fields).reply.status, 201);
    }

    #[test]
    fn wrong_calls_get_twilios_codes() {
        let mut sms = Sms::default();
        let long = "好".repeat(1601);
        for (path, token, fields, code) in [
            (MESSAGES, "wrong", vec![], 20003),
            ("/2010-04-01/Accounts/AC2/Messages.json", TOKEN, vec![], 20404),
            (MESSAGES, TOKEN, vec![], 21604),
            (MESSAGES, TOKEN, vec![("To", "12345")], 21211),
            (MESSAGES, TOKEN, vec![("To", ANN), ("From", "+1")], 21606),
            (MESSAGES, TOKEN, vec![("To", ANN), ("From", "+14155550199")], 21602),
            (MESSAGES, TOKEN, vec![("To", ANN), ("From", "+14155550199"), ("Body", &long)], 21617),
        ] {
            let taken = sends(&mut sms, path, token, &fields);
            assert_eq!(serde_json::from_slice::<Value>(&taken.reply.body).unwrap()["code"], code);
            assert!(taken.shown.is_empty());
        }
    }

    #[test]
    fn sns_takes_messages_from_its_number_alone() {
        let mut sms = Sms::default();
        let name = ("MessageAttributes.entry.1.Name", "AWS.MM.SMS.OriginationNumber");
        for (to, from, message, status) in [
            (ANN, "+12125550101", "hi", 200),
            (ANN, "+14155550199", "hi", 400),
            ("1234", "+12125550101", "hi", 400),
            (ANN, "+12125550101", "", 400),
        ] {
            let from = ("MessageAttributes.entry.1.Value.StringValue", from);
            let fields = [("Action", "Publish"), ("PhoneNumber", to), ("Message", message), name, from];
            let taken = sends(&mut sms, "/sns/", TOKEN, &fields);
            assert_eq!((taken.reply.status, taken.shown.len()), (status, usize::from(status == 200)), "{to} {message}");
        }
    }

    #[test]
    fn segments_are_counted() {
        for (words, counted) in [
            ("a".repeat(160), (1, "GSM-7")),
            ("a".repeat(161), (2, "GSM-7")),
            ("€".repeat(81), (2, "GSM-7")),
            ("好".repeat(70), (1, "UCS-2")),
            ("😀".repeat(67), (3, "UCS-2")),
        ] {
            assert_eq!(segments(&words), counted);
        }
    }
}
