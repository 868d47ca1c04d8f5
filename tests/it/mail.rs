//! A mail from the receipt to the answer, over whole events of SES.

use app::exchange::TokenStore;
use app::ports::Threads as _;
use async_trait::async_trait;
use aws_lambda_events::sqs::SqsEvent;
use channels::{KeySet, MailCall, Thread, WireCall, WireReply};
use domain::{Author, ChannelId, Content, Identity, Owner};
use lambda_runtime::{Context, LambdaEvent};
use runtime::consumer::Consumer;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testkit::World;

use crate::support::{shop_bot, sqs};

const BOX: &str = "support@shop.example";

/// SES, as far as it takes mail.
#[derive(Clone, Default)]
struct Ses(Arc<Mutex<Vec<MailCall>>>);

#[async_trait]
impl app::ports::Wire for Ses {
    async fn call(&self, _to: &Identity, call: &WireCall) -> Result<Vec<WireReply>, app::PortError> {
        let WireCall::Mail(mail) = call else { panic!("no mail") };
        let mut sent = self.0.lock().unwrap();
        sent.push(mail.clone());
        let body = json!({ "MessageId": format!("ses-{}", sent.len()), "Domain": "email.amazonses.com" }).to_string();
        Ok(vec![WireReply { status: 200, retry_after: None, body }])
    }
}

struct Desk {
    world: World,
    ses: Ses,
    receive: receive::Deps,
    responder: responder::Deps,
    outbound: outbound::Deps,
    done: (usize, usize),
}

impl Desk {
    fn new() -> Self {
        let world = World::new(shop_bot());
        let keys = json!({
            "signing_keys": [{ "kid": "k1", "secret": "a secret" }],
            "settings": { "mailboxes": { BOX: { "name": "Shop" } } },
        });
        world.set_keys(KeySet::from_json(&keys.to_string()).unwrap());
        let consumer = || Consumer {
            function: None,
            max_receives: 5,
            reserve: Duration::from_secs(1),
            dead_letters: Box::new(world.clone()),
            put_off: Box::new(world.clone()),
            clock: Box::new(world.clone()),
        };
        let ses = Ses::default();
        Self {
            receive: receive::Deps {
                channels: channels::channel,
                channel: ChannelId::Email,
                secrets: Box::new(world.clone()),
                inbound: Box::new(world.clone()),
                objects: Some(Box::new(world.clone())),
                threads: Some(Box::new(world.clone())),
                files: Some(Box::new(world.clone())),
                clock: Box::new(world.clone()),
                answers: None,
            },
            responder: responder::Deps {
                channels: channels::channel,
                conversations: Box::new(world.clone()),
                outbound: Box::new(world.clone()),
                media: Box::new(world.clone()),
                actions: Box::new(world.clone()),
                alarms: Box::new(world.clone()),
                handles: Box::new(world.clone()),
                erasure: Box::new(world.clone()),
                people: Box::new(world.clone()),
                knowledge: Box::new(world.clone()),
                writing: None,
                clock: Box::new(world.clone()),
                consumer: consumer(),
            },
            outbound: outbound::Deps {
                channels: channels::channel,
                deliveries: Box::new(world.clone()),
                secrets: Box::new(world.clone()),
                tokens: TokenStore::default(),
                wire: Box::new(ses.clone()),
                threads: Some(Box::new(world.clone())),
                inbound: Box::new(world.clone()),
                lease_seconds: 60,
                clock: Box::new(world.clone()),
                consumer: consumer(),
            },
            ses,
            world,
            done: (0, 0),
        }
    }

    /// A mail from an address to a recipient, with these headers; what is sent because of it.
    async fn mail(&mut self, from: &str, to: &str, headers: &str, text: &str) -> Vec<MailCall> {
        self.world.pass(1);
        let id = format!("m{}", self.world.inbound().len());
        let kind = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n";
        let raw = format!("From: {from}\r\nMessage-ID: <{id}@c.example>\r\n{kind}{headers}\r\n{text}");
        self.world.put_object(&id, raw.as_bytes());
        let pass = || json!({ "status": "PASS" });
        let event = json!({ "Records": [{ "eventSource": "aws:ses", "ses": {
            "mail": { "messageId": id, "source": from },
            "receipt": { "recipients": [to], "spamVerdict": pass(), "virusVerdict": pass(), "dmarcVerdict": pass() },
        } }] });
        let before = self.ses.0.lock().unwrap().len();
        receive::handle(&self.receive, &event).await.unwrap();
        receive::handle(&self.receive, &event).await.unwrap();
        let new = self.world.inbound().split_off(self.done.0);
        self.done.0 += new.len();
        responder::handle(&self.responder, lambda(sqs(&new, 1))).await.unwrap();
        let new = self.world.outbound().split_off(self.done.1);
        self.done.1 += new.len();
        outbound::handle(&self.outbound, lambda(sqs(&new, 1))).await.unwrap();
        assert_eq!(self.world.dead(), []);
        self.ses.0.lock().unwrap().split_off(before)
    }
}

fn lambda(event: SqsEvent) -> LambdaEvent<SqsEvent> {
    let mut context = Context::default();
    context.deadline = u64::MAX / 2;
    LambdaEvent::new(event, context)
}

/// A header of a mail of ours, unfolded.
fn header(mail: &MailCall, name: &str) -> String {
    let text = String::from_utf8(mail.raw.clone()).unwrap().replace("\r\n\t", " ").replace("\r\n ", " ");
    let line = text.lines().find(|line| line.starts_with(&format!("{name}: "))).unwrap_or_default();
    line.split_once(": ").map(|(_, value)| value.to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn a_question_is_answered_once_and_the_answer_found_again() {
    let mut desk = Desk::new();
    let sent = desk.mail("ann@example.com", BOX, "Subject: =?utf-8?B?5Y+R6LSn?=\r\n", "你们几天能发货？").await;
    let [answer] = sent.as_slice() else { panic!("{} mails", sent.len()) };
    assert_eq!((answer.to.as_str(), header(answer, "In-Reply-To").as_str()), ("ann@example.com", "<m0@c.example>"));
    let group =
        Identity { channel: ChannelId::Email, account: BOX.to_owned(), user: "ann@example.com".to_owned() }.group();
    let noted = desk.world.find("email#ses-1").await.unwrap().unwrap();
    let thread = header(answer, "X-Frontdesk-Loop");
    assert_eq!(
        noted,
        Thread { group: group.clone(), name: thread.clone(), last: "ses-1@email.amazonses.com".to_owned() }
    );
    // She answers; her program keeps the ids.
    let reply = "Subject: Re: x\r\nIn-Reply-To: <ses-1@email.amazonses.com>\r\n";
    let sent = desk.mail("ann@example.com", BOX, reply, "谢谢，那运费多少？\n\n> 48 小时").await;
    assert_eq!(header(&sent[0], "X-Frontdesk-Loop"), thread, "the same thread by the id that SES gave");
    // Her program loses the ids, but not the subject.
    let sent = desk.mail("ann@example.com", BOX, "Subject: =?utf-8?B?5Y+R6LSn?=\r\n", "再问一下，可以加急吗？").await;
    assert_eq!(header(&sent[0], "X-Frontdesk-Loop"), thread, "by sender and subject");
    assert!(header(&sent[0], "References").contains("<ses-"), "and it goes on after our last mail");
}

#[tokio::test]
async fn nobody_writes_in_somebody_elses_thread() {
    let mut desk = Desk::new();
    let sent = desk.mail("ann@example.com", BOX, "Subject: order\r\n", "How long does delivery take, please?").await;
    let (thread, plus) = (header(&sent[0], "X-Frontdesk-Loop"), header(&sent[0], "Reply-To"));
    let plus = plus.split(['<', '>']).nth(1).unwrap().to_owned();
    let stolen = "Subject: Re: order\r\nIn-Reply-To: <ses-1@email.amazonses.com>\r\n";
    let sent = desk.mail("eve@example.com", &plus, stolen, "How long does delivery take, please?").await;
    assert_eq!(sent[0].to, "eve@example.com");
    assert_ne!(header(&sent[0], "X-Frontdesk-Loop"), thread, "a conversation of her own");
    let sent = desk.mail("ann@example.com", &plus, "", "And what does it cost, please?").await;
    assert_eq!(header(&sent[0], "X-Frontdesk-Loop"), thread, "her own address works");
}

#[tokio::test]
async fn an_out_of_office_is_kept_and_not_answered() {
    let mut desk = Desk::new();
    let sent = desk.mail("ann@example.com", BOX, "Auto-Submitted: auto-replied\r\n", "I am away until Monday.").await;
    assert!(sent.is_empty() && desk.world.inbound().len() == 1);
}

#[tokio::test]
async fn two_machines_do_not_talk_for_ever() {
    let mut desk = Desk::new();
    let mut answers = 0;
    for _ in 0..12 {
        answers += desk.mail("robot@example.com", BOX, "Subject: x\r\n", "How long does delivery take?").await.len();
    }
    assert_eq!(answers, 5);
}

#[tokio::test]
async fn files_lie_in_their_owners_folder_and_the_mail_has_one_answer() {
    let desk = Desk::new();
    let kind = "Content-Type: multipart/mixed; boundary=b\r\n";
    let part = "--b\r\nContent-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment\r\n\r\na,b\r\n";
    let text = format!("--b\r\nContent-Type: text/plain\r\n\r\nHow long does delivery take?\r\n{part}{part}--b--\r\n");
    let raw = format!("From: ann@example.com\r\nMessage-ID: <f@c.example>\r\nMIME-Version: 1.0\r\n{kind}\r\n{text}");
    desk.world.put_object("files", raw.as_bytes());
    let pass = json!({ "status": "PASS" });
    let event: Value = json!({ "Records": [{ "eventSource": "aws:ses", "ses": {
        "mail": { "messageId": "files", "source": "ann@example.com" },
        "receipt": { "recipients": [BOX], "spamVerdict": pass, "virusVerdict": pass, "dmarcVerdict": pass },
    } }] });
    receive::handle(&desk.receive, &event).await.unwrap();
    let queued = desk.world.inbound();
    assert_eq!(queued.len(), 3);
    responder::handle(&desk.responder, lambda(sqs(&queued, 1))).await.unwrap();
    assert_eq!(desk.world.outbound().len(), 1);
    let group =
        Identity { channel: ChannelId::Email, account: BOX.to_owned(), user: "ann@example.com".to_owned() }.group();
    assert_eq!(desk.world.files(&group).len(), 2);
}

#[tokio::test]
async fn a_letter_is_answered_point_by_point_and_what_is_left_open_is_a_person_s() {
    let group =
        Identity { channel: ChannelId::Email, account: BOX.to_owned(), user: "ann@example.com".to_owned() }.group();
    for (text, queued) in [
        ("How long does delivery take? How do I get an invoice?", false),
        ("How long does delivery take? And who won the chess championship of 1972?", true),
    ] {
        let mut desk = Desk::new();
        let sent = desk.mail("ann@example.com", BOX, "Subject: two things\r\n", text).await;
        assert_eq!(sent.len(), 1, "one mail, whatever was asked");
        let turns = desk.world.turns(&group);
        let said = turns.iter().flat_map(|turn| &turn.messages).find(|message| message.author == Author::Bot).unwrap();
        let Content::Text { text } = &said.content else { panic!("{said:?}") };
        assert!(text.contains("1. How long does delivery take?\n"), "{text}");
        let owner = desk.world.head(&group).unwrap().owner;
        assert_eq!(matches!(owner, Owner::Queued { .. }), queued, "{owner:?}");
    }
}
