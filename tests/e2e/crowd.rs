//! A webhook of a thousand updates: the webhook's binary with its deployed settings, before the deployed queue, through a
//! proxy that counts. What it costs is printed; times are not judged.

use std::time::{Duration, Instant};

use app::envelope::Unreadable;
use app::ports::Conversations as _;
use aws::dynamo::Retention;
use aws::{Aws, DynamoConversations};
use base64::Engine as _;
use channels::{Gate, KeySet, Parsed, RawRequest, channel};
use domain::{ChannelId, UnixMillis};
use hmac::{Hmac, Mac as _};
use reqwest::Client;
use serde_json::{Value, json};
use sha2::Sha256;
use tests::history::History;
use tests::lambda::{Function, Settings};
use tests::proxy::Proxy;
use tests::{Stack, until};
use uuid::Uuid;

use crate::redrive::Dlq;

const CHANNEL: ChannelId = ChannelId::Messenger;
/// Of each page, the poison included.
const UPDATES: [usize; 3] = [334, 333, 333];
/// Customers of the first page who ask the bot something; the others have agreed to be written to, which stands in their
/// conversations and asks for no answer.
const ASKED: usize = 20;

/// The pages, and what they are told.
struct Crowd {
    keys: Value,
    body: Vec<u8>,
    signature: String,
    /// Customers who ask.
    asked: Vec<String>,
    /// What stands in the poison.
    mark: String,
}

impl Crowd {
    /// The stack's own page and two that only this webhook knows.
    fn of(stack: &Stack) -> Self {
        let of = |name: &str| stack.text(&format!("/channels/{CHANNEL}/{name}")).to_owned();
        let run = Uuid::new_v4().as_u128() % 1_000_000_000;
        let pages = [of("account"), format!("7{run:09}1"), format!("7{run:09}2")];
        let mark = format!("m_poison_{}", Uuid::new_v4().simple());
        let (mut asked, mut entries) = (vec![], vec![]);
        for (page, (account, count)) in pages.iter().zip(UPDATES).enumerate() {
            let update = |at: usize| {
                let (user, mid) = (format!("{}{run:09}{at:05}", page + 1), format!("m_{run}_{page}_{at}"));
                let what = if page == 1 && at == 100 {
                    json!({ "sender": {}, "message": { "mid": mark, "text": "from nobody" } })
                } else if page == 0 && at < ASKED {
                    let asks =
                        json!({ "sender": { "id": user }, "message": { "mid": mid, "text": "do you ship abroad?" } });
                    asked.push(user);
                    asks
                } else {
                    json!({ "sender": { "id": user }, "optin": { "ref": "newsletter" } })
                };
                let mut update = json!({ "recipient": { "id": account }, "timestamp": 1_767_225_600_000_i64 });
                update.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
                update
            };
            let updates: Vec<Value> = (0..count).map(update).collect();
            entries.push(json!({ "id": account, "time": 1_767_225_600_000_i64, "messaging": updates }));
        }
        let body = json!({ "object": "page", "entry": entries }).to_string().into_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(of("app_secret").as_bytes()).unwrap();
        mac.update(&body);
        let tokens = pages.iter().map(|page| json!({ "kid": page, "secret": of("access_token") }));
        let keys = json!({
            "app_secrets": [{ "kid": "app", "secret": of("app_secret") }],
            "verify_tokens": [{ "kid": "1", "secret": of("verify_token") }],
            "page_tokens": tokens.collect::<Vec<_>>(),
            "settings": { "app_id": of("app_id") },
        });
        let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        Self { keys, body, signature, asked, mark }
    }

    /// As API Gateway hands it over.
    fn event(&self) -> Value {
        let path = format!("/webhooks/{CHANNEL}");
        json!({
            "version": "2.0",
            "routeKey": format!("ANY {path}"),
            "rawPath": path,
            "rawQueryString": "",
            "headers": { "content-type": "application/json", "x-hub-signature-256": self.signature },
            "requestContext": {
                "accountId": "000000000000", "apiId": "a", "domainName": "a.example", "domainPrefix": "a",
                "http": { "method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "x" },
                "requestId": "r", "routeKey": "$default", "stage": "$default",
                "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1_767_225_600_000_i64,
            },
            "isBase64Encoded": true,
            "body": base64::engine::general_purpose::STANDARD.encode(&self.body),
        })
    }

    /// What it holds.
    fn parsed(&self) -> Parsed {
        let headers = [("x-hub-signature-256".to_owned(), self.signature.clone())];
        let request = RawRequest { method: "POST", url: "", headers: &headers, body: &self.body };
        let keys = KeySet::from_json(&self.keys.to_string()).unwrap();
        let gate = channel(CHANNEL).verify(&request, &keys, UnixMillis(1_800_000_000_000)).unwrap();
        let verified = match gate {
            Gate::Accept(verified) => Some(verified),
            Gate::Challenge(_) => None,
        };
        channel(CHANNEL).parse(&verified.unwrap())
    }
}

/// The webhook's binary with the settings of the deployed one, other secrets and a proxy before AWS.
fn hook(stack: &Stack, proxy: &Proxy, prefix: &str) -> Function {
    let instead = [("AWS_ENDPOINT_URL", proxy.url.as_str()), ("SECRETS_PREFIX", prefix)];
    let settings = Settings::deployed(stack, &format!("webhook-{CHANNEL}"), "webhook", &instead);
    Function::new(settings, History::default())
}

#[tokio::test]
async fn of_a_thousand_updates_over_three_pages_only_the_poison_is_not_handled() {
    let Some(stack) = Stack::running() else { return };
    let crowd = Crowd::of(&stack);
    let Parsed { events, rejects, .. } = crowd.parsed();
    assert_eq!((events.len(), rejects.len()), (999, 1));

    let prefix = format!("/frontdesk/crowd-{}", Uuid::new_v4().simple());
    let name = format!("{prefix}/{CHANNEL}");
    let put = json!({ "Name": name, "Value": crowd.keys.to_string(), "Type": "SecureString" });
    stack.aws(&json!([{ "service": "ssm", "operation": "put_parameter", "arguments": put }]));
    let proxy = Proxy::before(stack.text("/aws_endpoint")).await;
    let hook = hook(&stack, &proxy, &prefix);
    // The first request of a process also pays for its start and its secrets.
    let mut forged = crowd.event();
    if let Some(header) = forged.pointer_mut("/headers/x-hub-signature-256") {
        *header = json!("sha256=00");
    }
    let refused = hook.invoke(&forged, vec![]).await.answer();
    assert_eq!(refused.get("statusCode"), Some(&json!(401)), "{refused}");
    assert!(proxy.take().iter().all(|call| call.operation.contains("GetParameter")));

    let (cpu, started) = (hook.cpu(), Instant::now());
    let answer = hook.invoke(&crowd.event(), vec![]).await.answer();
    let (wall, cpu) = (started.elapsed(), hook.cpu().saturating_sub(cpu));
    stack.aws(&json!([{ "service": "ssm", "operation": "delete_parameter", "arguments": { "Name": name } }]));
    assert_eq!(answer.get("statusCode"), Some(&json!(200)), "{answer}");
    let calls = proxy.take();
    assert!(calls.iter().all(|call| call.operation == "AmazonSQS.SendMessageBatch" && call.status == 200), "{calls:?}");
    let entries = |call: &tests::proxy::Call| call.body.get("Entries").and_then(Value::as_array).map_or(0, Vec::len);
    let sizes: Vec<usize> = calls.iter().map(entries).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 1000, "{sizes:?}");
    assert_eq!(sizes.len(), 999_usize.div_ceil(10) + 1, "tens, and what could not be read by itself: {sizes:?}");
    println!(
        "a webhook of {} KB with 1000 updates over {} pages, one of them poison: {} SQS batches measured, acknowledged after \
         {wall:.0?} in all on the emulator, of which {cpu:.0?} are the function's own processor time",
        crowd.body.len() / 1000,
        UPDATES.len(),
        sizes.len(),
    );

    let aws = Aws::with_config(stack.sdk(None).await);
    let turns = DynamoConversations::new(&aws, stack.text("/table"), Retention::days(365));
    let mut rest: Vec<_> = events.iter().map(|event| (event.identity.group(), event.id.clone())).collect();
    until("999 turns", Duration::from_mins(4), async || {
        let mut open = vec![];
        for (group, id) in rest.drain(..) {
            if turns.turn(&group, &id).await.unwrap().is_none() {
                open.push((group, id));
            }
        }
        rest = open;
        rest.is_empty().then_some(())
    })
    .await;

    let poison = Unreadable::of(CHANNEL, &rejects[0]).unwrap();
    let dlq = Dlq::of(&stack).await;
    let letter = dlq.record_of(poison.id().as_str()).await;
    assert!(letter.body().unwrap().contains(&crowd.mark), "the part itself is kept");
    let reason = letter.message_attributes().unwrap()["reason"].string_value().unwrap();
    assert!(reason.contains("sender.id") && !reason.contains(&crowd.mark), "{reason}");
    dlq.delete(&letter).await;

    let client = Client::new();
    for user in &crowd.asked {
        let outbox = format!("{}/outbox?channel={CHANNEL}&user={user}", stack.text("/sandbox_url"));
        until("the bot's answer", Duration::from_mins(2), async || {
            let calls: Value = client.get(&outbox).send().await.unwrap().json().await.unwrap();
            calls.as_array().unwrap().iter().any(|call| call["status"] == 200).then_some(())
        })
        .await;
    }
}
