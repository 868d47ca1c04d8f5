//! Persons on the running stack: signing in links, `cargo local export` shows one history, `cargo local forget` leaves
//! nothing of it.

mod addresses;

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Duration;

use app::envelope::{write_inbound, write_outbound};
use app::files::folder;
use app::table::keys;
use app::table::stored::{Stored, VERSION, read_delivery};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use channels::web::session::identity;
use domain::{AgentId, Content, EventKind, GroupId, Identity, InboundEvent, Outbound, UnixMillis, UploadId};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};
use tests::{Stack, Visitor, until};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_mins(1);

/// What the company's site signs for a customer.
fn signed(stack: &Stack, sub: &str) -> Value {
    signed_as(stack, json!({ "sub": sub }))
}

/// What it signs of somebody, and their name with it.
fn signed_as(stack: &Stack, mut claims: Value) -> Value {
    let secret = STANDARD.decode(stack.text("/channels/web/identity_key/secret")).unwrap();
    let header = Header { kid: Some(stack.text("/channels/web/identity_key/kid").to_owned()), ..Header::default() };
    let rest = [("aud", json!("frontdesk")), ("exp", json!(4_000_000_000_u64)), ("name", json!("Ann Example"))];
    claims.as_object_mut().unwrap().extend(rest.map(|(name, value)| (name.to_owned(), value)));
    json!({ "identity": encode(&header, &claims, &EncodingKey::from_secret(&secret)).unwrap() })
}

fn export(stack: &Stack, name: &str) -> Value {
    serde_json::from_slice(&stack.local(&["export", name]).stdout).unwrap()
}

fn forget(stack: &Stack, arguments: &[&str]) -> String {
    String::from_utf8(stack.local(&[&["forget"], arguments].concat()).stdout).unwrap()
}

fn groups(export: &Value) -> Vec<&str> {
    export["identities"].as_array().unwrap().iter().map(|identity| identity["group"].as_str().unwrap()).collect()
}

/// What customers have written, in the order of the history.
fn written(export: &Value) -> Vec<&str> {
    let turns = export["history"].as_array().unwrap();
    let messages = turns.iter().flat_map(|turn| turn["messages"].as_array().unwrap());
    let theirs = messages.filter(|message| message["author"] == "customer");
    theirs.map(|message| message.pointer("/content/text").and_then(Value::as_str).unwrap_or("(file)")).collect()
}

/// Puts a body on a queue as a record of this group, under a new id.
async fn put(stack: &Stack, queue: &str, group: &GroupId, body: &str) {
    let sqs = aws_sdk_sqs::Client::new(&stack.sdk(None).await);
    let send = sqs.send_message().queue_url(stack.text(&format!("/queues/{queue}"))).message_body(body);
    let send = send.message_group_id(group.as_str()).message_deduplication_id(Uuid::new_v4().to_string());
    send.send().await.unwrap();
}

/// Bodies in a dead-letter queue that hold this text; all records stay visible.
async fn dead(stack: &Stack, queue: &str, text: &str) -> usize {
    let sqs = aws_sdk_sqs::Client::new(&stack.sdk(None).await);
    let url = stack.text(&format!("/queues/{queue}"));
    let mut seen = vec![];
    loop {
        let receive = sqs.receive_message().queue_url(url).max_number_of_messages(10).visibility_timeout(30);
        let received = receive.send().await.unwrap().messages.unwrap_or_default();
        if received.is_empty() {
            break;
        }
        seen.extend(received);
    }
    for message in &seen {
        let show = sqs.change_message_visibility().queue_url(url).visibility_timeout(0);
        show.receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
    }
    seen.iter().filter(|message| message.body().unwrap().contains(text)).count()
}

/// Every item of the table, as text.
async fn whole_table(stack: &Stack) -> Vec<(String, String)> {
    let client = aws_sdk_dynamodb::Client::new(&stack.sdk(None).await);
    let mut pages = client.scan().table_name(stack.text("/table")).into_paginator().send();
    let mut items = vec![];
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        items.extend(page.items().iter().map(|item| (item[keys::PK].as_s().unwrap().clone(), format!("{item:?}"))));
    }
    items
}

/// An identity's deliveries as they were sent.
async fn deliveries(stack: &Stack, group: &GroupId) -> Vec<Outbound> {
    let client = aws_sdk_dynamodb::Client::new(&stack.sdk(None).await);
    let query = client.query().table_name(stack.text("/table")).key_condition_expression("pk = :pk AND sk < :end");
    let query = query.expression_attribute_values(":pk", AttributeValue::S(group.to_string()));
    let found = query.expression_attribute_values(":end", AttributeValue::S(keys::DELIVERY_END.to_owned()));
    let found = found.send().await.unwrap();
    let body = |item: &std::collections::HashMap<String, AttributeValue>| {
        read_delivery(Stored { v: Some(VERSION), body: item[keys::BODY].as_s().ok().map(String::as_str) }).unwrap()
    };
    found.items().iter().map(body).collect()
}

async fn bucket(stack: &Stack) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(&stack.sdk(None).await).force_path_style(true).build();
    aws_sdk_s3::Client::from_conf(config)
}

/// A file with two versions and the mark of its deletion.
async fn upload(stack: &Stack, group: &GroupId) -> aws_sdk_s3::Client {
    let s3 = bucket(stack).await;
    let bucket = stack.text("/buckets/uploads");
    let versions = |status| VersioningConfiguration::builder().status(status).build();
    let version = s3.put_bucket_versioning().bucket(bucket);
    version.versioning_configuration(versions(BucketVersioningStatus::Enabled)).send().await.unwrap();
    let key = app::files::key(group, &UploadId::derive(&[group.as_str().as_bytes()]));
    for bytes in [b"one" as &[u8], b"two"] {
        s3.put_object().bucket(bucket).key(&key).body(ByteStream::from_static(bytes)).send().await.unwrap();
    }
    s3.delete_object().bucket(bucket).key(&key).send().await.unwrap();
    let version = s3.put_bucket_versioning().bucket(bucket);
    version.versioning_configuration(versions(BucketVersioningStatus::Suspended)).send().await.unwrap();
    s3
}

async fn versions(s3: &aws_sdk_s3::Client, stack: &Stack, group: &GroupId) -> (usize, usize) {
    let list = s3.list_object_versions().bucket(stack.text("/buckets/uploads")).prefix(folder(group));
    let list = list.send().await.unwrap();
    (list.versions().len(), list.delete_markers().len())
}

#[tokio::test]
async fn signing_in_makes_one_history_and_separating_makes_two() {
    let Some(stack) = Stack::running() else { return };
    let sub = Uuid::new_v4().to_string();
    let before = Visitor::open(&stack, &json!({})).await;
    before.ask("do you ship abroad").await;
    let after = before.again(&signed(&stack, &sub)).await;
    after.ask("how long does a refund take").await;
    let (anonymous, named) = (identity(&before.id()), identity(&after.id()));
    let linked = until("one customer", PATIENCE, async || {
        let export = export(&stack, after.id().as_str());
        (groups(&export).len() == 2).then_some(export)
    })
    .await;
    assert_eq!(written(&linked), ["do you ship abroad", "how long does a refund take"]);
    assert!(linked["identities"].as_array().unwrap().iter().all(|one| one["linked_by"]["proof"] == "signed_identity"));
    let sent = linked["deliveries"].as_array().unwrap();
    assert!(sent.len() == 2 && sent.iter().all(|delivery| delivery["state"] == "sent"), "{sent:?}");
    for name in [linked["customer"].as_str().unwrap(), anonymous.group().as_str()] {
        let same = export(&stack, name);
        assert_eq!((&same["identities"], &same["history"]), (&linked["identities"], &linked["history"]), "{name}");
    }

    // Another customer of the same name, in the same browser, without signing out.
    let other = after.again(&signed(&stack, &Uuid::new_v4().to_string())).await;
    other.ask("which payment methods are there").await;
    assert_eq!(groups(&export(&stack, other.id().as_str())), [identity(&other.id()).group().as_str()]);
    assert_eq!(groups(&export(&stack, after.id().as_str())).len(), 2);

    let kind = EventKind::IdentitySeparated { agent: AgentId::derive(&[b"agent"]) };
    let event = InboundEvent::new(anonymous.clone(), &sub, UnixMillis(1_800_000_000_000), None, kind);
    put(&stack, "inbound", &anonymous.group(), &write_inbound(&event)).await;
    until("two customers", PATIENCE, async || {
        (groups(&export(&stack, after.id().as_str())) == [named.group().as_str()]).then_some(())
    })
    .await;
    assert_eq!(written(&export(&stack, before.id().as_str())), ["do you ship abroad"]);
}

#[tokio::test]
async fn files_are_given_out_as_they_were_uploaded() {
    let Some(stack) = Stack::running() else { return };
    let visitor = Visitor::open(&stack, &json!({})).await;
    visitor.ask("how do I return a broken item").await;
    let (group, id) = (identity(&visitor.id()).group(), UploadId::derive(&[Uuid::new_v4().as_bytes()]));
    // No text, which is all that the tool's answers can carry.
    let bytes: Vec<u8> = (0..=255).collect();
    let put =
        bucket(&stack).await.put_object().bucket(stack.text("/buckets/uploads")).key(app::files::key(&group, &id));
    put.content_type("image/png").body(ByteStream::from(bytes.clone())).send().await.unwrap();
    let folder = std::env::temp_dir().join(format!("export-{id}"));
    stack.local(&["export", group.as_str(), "--to", folder.to_str().unwrap()]);
    let told: Value = serde_json::from_slice(&std::fs::read(folder.join("export.json")).unwrap()).unwrap();
    let upload = &told["uploads"][0];
    assert_eq!((&upload["upload"], &upload["type"], &upload["bytes"]), (&json!(id), &json!("image/png"), &json!(256)));
    assert_eq!(std::fs::read(folder.join(upload["file"].as_str().unwrap())).unwrap(), bytes);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(written(&told), ["how do I return a broken item"]);
    assert_eq!(export(&stack, group.as_str())["uploads"][0].get("file"), None);
}

/// How many schedules are set for an identity.
async fn schedules(stack: &Stack, group: &GroupId) -> usize {
    let client = aws_sdk_scheduler::Client::new(&stack.sdk(None).await);
    let list = client.list_schedules().name_prefix(group.as_str()).send().await.unwrap();
    list.schedules().len()
}

/// A person whose every trace holds the canary: two identities, files, dead letters.
struct Canary {
    text: String,
    visitors: [Visitor; 2],
    identities: [Identity; 2],
}

impl Canary {
    async fn sing(stack: &Stack) -> Self {
        let text = format!("zebra-canary-{}", Uuid::new_v4());
        let before = Visitor::open(stack, &json!({})).await;
        before.ask(&text).await;
        let after = before.again(&signed(stack, &text)).await;
        after.ask(&text).await;
        let visitors = [before, after];
        let identities = [&visitors[0], &visitors[1]].map(|visitor| identity(&visitor.id()));
        until("one customer", PATIENCE, async || {
            (groups(&export(stack, identities[1].group().as_str())).len() == 2).then_some(())
        })
        .await;
        Self { text, visitors, identities }
    }

    /// An event of theirs as the door wrote it before they were forgotten.
    fn old_event(&self, id: &str) -> InboundEvent {
        let kind = EventKind::Message { content: Content::Text { text: self.text.clone() } };
        InboundEvent::new(self.identities[1].clone(), id, UnixMillis(1_700_000_000_000), None, kind)
    }

    /// Items of the table that still say something of them.
    async fn items(&self, stack: &Stack) -> Vec<(String, String)> {
        let telling = |(_, item): &(String, String)| {
            item.contains(&self.text) || self.identities.iter().any(|identity| item.contains(&identity.user))
        };
        whole_table(stack).await.into_iter().filter(telling).collect()
    }
}

#[tokio::test]
async fn who_is_forgotten_leaves_nothing_and_comes_back_only_by_writing() {
    let Some(stack) = Stack::running() else { return };
    let canary = Canary::sing(&stack).await;
    let [anonymous, named] = [0, 1].map(|index| canary.identities[index].group());
    let other = Visitor::open(&stack, &json!({})).await;
    other.ask("do you ship abroad").await;
    let s3 = upload(&stack, &anonymous).await;
    canary.visitors[1].say("shopkeeper").await;
    until("the queue's deadline", PATIENCE, async || (schedules(&stack, &named).await == 1).then_some(())).await;
    let bystander = identity(&other.id()).group();
    for queue in ["inbound_dlq", "outbound-web_dlq"] {
        put(&stack, queue, &named, &canary.text).await;
        put(&stack, queue, &bystander, bystander.as_str()).await;
    }
    let old_event = write_inbound(&canary.old_event("never seen"));
    let old_delivery = write_outbound(&deliveries(&stack, &named).await[0]);
    assert!(old_delivery.contains(&canary.text));
    let name = canary.visitors[1].id();

    let shown = forget(&stack, &[name.as_str(), "--dry-run"]);
    assert!(shown.contains(anonymous.as_str()) && shown.contains("3 file versions"), "{shown}");
    assert!(canary.items(&stack).await.len() >= 8, "two heads, turns, deliveries and members");
    let said = forget(&stack, &[name.as_str()]);
    assert!(said.contains("forgotten: 2 identities") && said.contains("35 days"), "{said}");

    assert_eq!(canary.items(&stack).await, []);
    assert_eq!(versions(&s3, &stack, &anonymous).await, (0, 0));
    assert_eq!(schedules(&stack, &named).await, 0);
    for queue in ["inbound_dlq", "outbound-web_dlq"] {
        assert_eq!(dead(&stack, queue, &canary.text).await, 0, "{queue}");
        assert_eq!(dead(&stack, queue, bystander.as_str()).await, 1, "{queue}: another's stays");
    }
    assert_eq!(written(&export(&stack, other.id().as_str())), ["do you ship abroad"]);
    let logs = stack.local(&["logs"]);
    let logs = String::from_utf8_lossy(&logs.stdout);
    assert!(logs.contains(named.as_str()) || logs.contains("turn committed"));
    assert!(!logs.contains(&canary.text), "a text is in the logs");

    // What was under way comes again: from a queue, from another, from the dead.
    put(&stack, "inbound", &named, &old_event).await;
    put(&stack, "outbound-web", &named, &old_delivery).await;
    put(&stack, "inbound_dlq", &named, &write_inbound(&canary.old_event("dead"))).await;
    stack.local(&["redrive", "inbound"]);
    let said = forget(&stack, &[name.as_str()]);
    assert!(said.contains("nothing is left"), "{said}");
    assert_eq!(canary.items(&stack).await, [], "a copy brings nobody back");

    // In the order of the groups: behind all of that.
    let hello = canary.visitors[1].say("which payment methods are there").await;
    let page = until("an answer", PATIENCE, async || {
        let page: Value = canary.visitors[1].get("/v1/messages?after=0&wait=2").await.json().await.unwrap();
        (page["messages"].as_array().unwrap().len() >= 2).then_some(page)
    })
    .await;
    assert_eq!((page["messages"].as_array().unwrap().len(), &page["messages"][0]["id"]), (2, &json!(hello)));
    assert_eq!(written(&export(&stack, named.as_str())), ["which payment methods are there"]);
    assert!(canary.items(&stack).await.iter().all(|(partition, _)| partition == named.as_str()));

    let said = forget(&stack, &[bystander.as_str()]);
    assert!(said.contains("forgotten: 1 identities"), "{said}");
    for queue in ["inbound_dlq", "outbound-web_dlq"] {
        assert_eq!(dead(&stack, queue, bystander.as_str()).await, 0, "{queue}");
    }
}

#[tokio::test]
async fn what_was_broken_off_goes_on_although_the_person_is_half_forgotten() {
    let Some(stack) = Stack::running() else { return };
    let canary = Canary::sing(&stack).await;
    let [anonymous, named] = [0, 1].map(|index| canary.identities[index].group());
    put(&stack, "inbound_dlq", &anonymous, &canary.text).await;
    let mut command = std::process::Command::new("cargo");
    command.args(["local", "forget", named.as_str(), "--port-base", &stack.port().to_string()]);
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).stderr(Stdio::piped()).stdout(Stdio::null());
    let mut broken_off = command.spawn().unwrap();
    let mut said = BufReader::new(broken_off.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains("waiting for the responder")));
    broken_off.kill().unwrap();
    broken_off.wait().unwrap();
    until("the named one to be forgotten", PATIENCE, async || {
        let export = export(&stack, named.as_str());
        export["identities"][0]["forgotten_at"].is_string().then_some(())
    })
    .await;
    let said = forget(&stack, &[named.as_str()]);
    assert!(said.contains("forgotten: 2 identities"), "{said}");
    assert_eq!(canary.items(&stack).await, []);
    assert_eq!(dead(&stack, "inbound_dlq", &canary.text).await, 0);
}

#[tokio::test]
async fn a_person_whom_nobody_knows_is_no_success() {
    let Some(stack) = Stack::running() else { return };
    let nobody = domain::CustomerId::derive(&[Uuid::new_v4().as_bytes()]);
    let mut command = std::process::Command::new("cargo");
    command.args(["local", "forget", nobody.as_str(), "--port-base", &stack.port().to_string()]);
    let output = command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("there is no customer"), "{said}");
}
