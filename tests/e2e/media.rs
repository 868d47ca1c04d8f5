//! Customers' files: sent at the sandbox, fetched from the providers' own APIs, stored, and answered where they speak.

use std::time::Duration;

use app::files::is_note;
use aws_sdk_s3::Client as S3;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{ChannelId, GroupId, Identity};
use reqwest::Client;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tests::{Stack, Visitor, until};
use uuid::Uuid;

/// How long all of it may take on a busy test machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A picture that everybody takes for one, and that calls itself another.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0 and some bytes";
/// The beginning of a voice note.
const OGG: &[u8] = b"OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead\x01 and some sounds";
/// One that no recogniser takes.
const SILK: &[u8] = b"\x02#!SILK_V3 and some sounds";

/// What the demo shop says when a voice note was not understood: in English, and where nothing tells the language.
const UNHEARD: &str = "make out your voice message";
const UNHEARD_ZH: &str = "这条语音我没听明白";
/// What a question is answered with.
const ANSWER: &str = "photograph the item";

/// The channels whose files the sandbox plays, and where `stack.json` has their accounts.
const PLAYED: [(ChannelId, &str); 4] = [
    (ChannelId::Telegram, "bot_id"),
    (ChannelId::WeChat, "account"),
    (ChannelId::WhatsApp, "account"),
    (ChannelId::Line, "destination"),
];

struct Customer<'a> {
    stack: &'a Stack,
    s3: S3,
    client: Client,
    channel: ChannelId,
    account: &'a str,
    name: String,
}

impl<'a> Customer<'a> {
    async fn of(stack: &'a Stack, (channel, account): (ChannelId, &str)) -> Self {
        let config = stack.sdk(None).await;
        let s3 = S3::from_conf(aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build());
        let account = stack.text(&format!("/channels/{channel}/{account}"));
        Self { stack, s3, client: Client::new(), channel, account, name: format!("media-{}", Uuid::new_v4()) }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let address = format!("{}{path}", self.stack.text("/sandbox_url"));
        let response = self.client.post(address).json(body).send().await.unwrap();
        let (status, answer) = (response.status(), response.text().await.unwrap());
        assert_eq!(status, 200, "{path} {body}: {answer}");
        serde_json::from_str(&answer).unwrap()
    }

    /// Does something; the group of the customer's identity.
    async fn says(&self, what: &Value) -> GroupId {
        let mut body = json!({ "channel": self.channel, "user": self.name, "locale": "en" });
        body.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        let told = self.post("/say", &body).await;
        assert_eq!(told.get("accepted"), Some(&json!(true)), "{}: {told}", self.channel);
        let user = told.get("user").and_then(Value::as_str).unwrap().to_owned();
        Identity { channel: self.channel, account: self.account.to_owned(), user }.group()
    }

    async fn sends(&self, kind: &str, bytes: &[u8], mime: &str) -> GroupId {
        let media = json!({ "kind": kind, "name": "a", "mime": mime, "data": STANDARD.encode(bytes) });
        self.says(&json!({ "media": media, "copies": 5 })).await
    }

    /// What the customer has seen of the company.
    async fn seen(&self) -> Vec<String> {
        let sandbox = self.stack.text("/sandbox_url");
        let address = format!("{sandbox}/feed?channel={}&user={}", self.channel, self.name);
        let feed: Value = self.client.get(address).send().await.unwrap().json().await.unwrap();
        let shown =
            feed.as_array().unwrap().iter().filter(|entry| entry["kind"] == "shown" && entry["notice"] == false);
        shown.map(|shown| shown["text"].as_str().unwrap().to_owned()).collect()
    }

    /// The same once it holds something.
    async fn sees(&self, words: &str) -> Vec<String> {
        until(&format!("`{words}` on {}", self.channel), PATIENCE, async || {
            let seen = self.seen().await;
            seen.iter().any(|text| text.contains(words)).then_some(seen)
        })
        .await
    }

    /// Asks something after everything else: whatever the copies of a file did comes before its answer.
    async fn sees_all(&self) -> Vec<String> {
        self.says(&json!({ "text": "how do I return a broken item" })).await;
        self.sees(ANSWER).await
    }

    /// The keys of an identity's objects.
    async fn keys(&self, group: &GroupId) -> Vec<String> {
        let bucket = self.stack.text("/buckets/uploads");
        let list = self.s3.list_objects_v2().bucket(bucket).prefix(format!("uploads/{group}/")).send().await.unwrap();
        list.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
    }

    /// An identity's only file: type, disposition, bytes.
    async fn file(&self, group: &GroupId) -> (String, String, Vec<u8>) {
        let key = until(&format!("a file from {}", self.channel), PATIENCE, async || {
            let mut keys = self.keys(group).await;
            keys.retain(|key| !is_note(key));
            assert!(keys.len() <= 1, "{keys:?}");
            keys.pop()
        })
        .await;
        let bucket = self.stack.text("/buckets/uploads");
        let object = self.s3.get_object().bucket(bucket).key(key).send().await.unwrap();
        let (kind, way) = (object.content_type().unwrap().to_owned(), object.content_disposition().unwrap().to_owned());
        (kind, way, object.body.collect().await.unwrap().to_vec())
    }

    /// How often the history holds something.
    fn history(&self, group: &GroupId, words: &str) -> usize {
        let arguments = json!({
            "TableName": self.stack.text("/table"),
            "KeyConditionExpression": "pk = :g and begins_with(sk, :t)",
            "ExpressionAttributeValues": { ":g": { "S": group }, ":t": { "S": "T#" } },
        });
        let call = json!([{ "service": "dynamodb", "operation": "query", "arguments": arguments }]);
        let page = self.stack.aws(&call).remove(0);
        let turns = page.get("Items").and_then(Value::as_array).unwrap();
        turns.iter().filter(|turn| turn.to_string().contains(words)).count()
    }
}

#[tokio::test]
async fn a_picture_of_every_channel_is_stored_once_as_what_it_is() {
    let Some(stack) = Stack::running() else { return };
    for played in PLAYED {
        let customer = Customer::of(&stack, played).await;
        let group = customer.sends("image", PNG, "image/jpeg").await;
        let file = customer.file(&group).await;
        assert_eq!(file, ("image/png".to_owned(), "attachment".to_owned(), PNG.to_vec()), "{}", customer.channel);
        until("news of the file", PATIENCE, async || {
            (customer.history(&group, r#"\"change\":\"media\""#) > 0).then_some(())
        })
        .await;
        customer.sees_all().await;
        assert_eq!(customer.history(&group, r#"\"change\":\"media\""#), 1, "{}", customer.channel);
        assert_eq!(customer.keys(&group).await.len(), 1, "{}", customer.channel);
    }
}

#[tokio::test]
async fn a_voice_note_is_transcribed_and_answered_once() {
    let Some(stack) = Stack::running() else { return };
    for played in PLAYED {
        let customer = Customer::of(&stack, played).await;
        let group = customer.sends("voice", OGG, "audio/ogg").await;
        // The emulator's words are always of this kind.
        until("the words", PATIENCE, async || {
            (customer.history(&group, "ministack mock transcript") > 0).then_some(())
        })
        .await;
        let seen = customer.sees_all().await;
        assert_eq!(customer.history(&group, "ministack mock transcript"), 1, "{}", customer.channel);
        assert!(
            seen.len() >= 2 && !seen[0].contains(ANSWER),
            "{}: the words are answered first: {seen:?}",
            customer.channel
        );
        let unheard = |text: &&String| text.contains(UNHEARD) || text.contains(UNHEARD_ZH);
        assert_eq!(seen.iter().find(unheard), None, "{}: {seen:?}", customer.channel);
        let file = customer.file(&group).await;
        assert_eq!((file.0.as_str(), file.2.as_slice()), ("audio/ogg", OGG), "the file stays");
        until("no note is left", PATIENCE, async || (customer.keys(&group).await.len() == 1).then_some(())).await;
    }
}

#[tokio::test]
async fn what_cannot_be_heard_is_asked_for_in_writing_once() {
    let Some(stack) = Stack::running() else { return };
    // A format that nobody takes.
    let customer = Customer::of(&stack, PLAYED[1]).await;
    let group = customer.sends("voice", SILK, "audio/amr").await;
    customer.sees(UNHEARD_ZH).await;
    let seen = customer.sees_all().await;
    assert_eq!(seen.iter().filter(|text| text.contains(UNHEARD_ZH)).count(), 1, "{seen:?}");
    assert_eq!(customer.history(&group, "Amazon Transcribe does not take audio/silk"), 1);
    // A job that fails: the file is gone before it is read.
    let customer = Customer::of(&stack, PLAYED[0]).await;
    let group = customer.sends("voice", OGG, "audio/ogg").await;
    let note = until("somebody listens", PATIENCE, async || {
        customer.keys(&group).await.into_iter().find(|key| key.ends_with(".note.json"))
    })
    .await;
    let file = note.replace(".note.json", "");
    customer.s3.delete_object().bucket(stack.text("/buckets/uploads")).key(file).send().await.unwrap();
    customer.sees(UNHEARD).await;
    let seen = customer.sees_all().await;
    assert_eq!(seen.iter().filter(|text| text.contains(UNHEARD)).count(), 1, "{seen:?}");
    assert_eq!(customer.history(&group, "Amazon Transcribe failed"), 1);
}

#[tokio::test]
async fn a_provider_in_trouble_still_gives_its_file_in_the_end() {
    let Some(stack) = Stack::running() else { return };
    for (mode, played) in [("500", PLAYED[0]), ("429", PLAYED[3]), ("hang", PLAYED[2])] {
        let customer = Customer::of(&stack, played).await;
        // A picture is answered too: that call may meet the trouble instead, and is made again as well.
        let fault = json!({
            "provider": customer.channel, "user": customer.name, "mode": mode, "count": 2, "seconds": 1,
        });
        customer.post("/faults", &fault).await;
        let group = customer.sends("image", PNG, "image/png").await;
        assert_eq!(customer.file(&group).await.2, PNG, "{} {mode}", customer.channel);
    }
}

#[tokio::test]
async fn a_visitors_voice_note_is_answered_too() {
    let Some(stack) = Stack::running() else { return };
    let visitor = Visitor::open(&stack, &json!({ "locale": "en" })).await;
    let body = json!({ "name": "voice.ogg", "mime": "audio/ogg", "size": OGG.len() });
    let grant: Value = visitor.post_json("/v1/uploads", &body).await.json().await.unwrap();
    let mut form = Form::new();
    for (name, value) in grant["fields"].as_object().unwrap() {
        form = form.text(name.clone(), value.as_str().unwrap().to_owned());
    }
    let form = form.part("file", Part::bytes(OGG).file_name("voice.ogg"));
    assert!(
        Client::new().post(grant["url"].as_str().unwrap()).multipart(form).send().await.unwrap().status().is_success()
    );
    let content = json!({
        "type": "audio", "upload": grant["upload"], "name": "voice.ogg", "mime": "audio/ogg", "size": OGG.len(),
    });
    assert_eq!(visitor.post(Uuid::new_v4(), &content).await.status(), 202);
    let answer = visitor.messages(2).await.remove(1);
    assert_eq!(answer["author"], "bot", "{answer}");
    assert!(!answer.to_string().contains(UNHEARD), "{answer}");
}
