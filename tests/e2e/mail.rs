//! E-mail from a mail program's SMTP to the customer's mailbox.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{ChannelId, Identity};
use serde_json::{Value, json};
use tests::{Stack, until};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use uuid::Uuid;

/// How long an answer may take on a busy test machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A customer with a mail program.
pub(crate) struct Person {
    pub(crate) address: String,
    pub(crate) mailbox: String,
    pub(crate) smtp: String,
    sandbox: String,
}

impl Person {
    pub(crate) fn of(stack: &Stack) -> Self {
        Self {
            address: format!("e2e-{}@example.com", Uuid::new_v4().simple()),
            mailbox: stack.text("/channels/email/mailbox").to_owned(),
            smtp: stack.text("/smtp_url").trim_start_matches("smtp://").to_owned(),
            sandbox: stack.text("/sandbox_url").to_owned(),
        }
    }

    /// Hands a mail over; the answer to each command.
    pub(crate) async fn sends(&self, to: &str, headers: &str, body: &[u8]) {
        let mut stream = BufReader::new(TcpStream::connect(&self.smtp).await.unwrap());
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let commands = [
            "HELO e2e.example".to_owned(),
            format!("MAIL FROM:<{}>", self.address),
            format!("RCPT TO:<{to}>"),
            "DATA".to_owned(),
        ];
        for command in commands {
            stream.write_all(format!("{command}\r\n").as_bytes()).await.unwrap();
            line.clear();
            stream.read_line(&mut line).await.unwrap();
            assert!(line.starts_with(['2', '3']), "{command}: {line}");
        }
        let head = format!("From: {}\r\nTo: {to}\r\nMIME-Version: 1.0\r\n{headers}\r\n", self.address);
        stream.write_all(&[head.as_bytes(), body, b"\r\n.\r\n"].concat()).await.unwrap();
        line.clear();
        stream.read_line(&mut line).await.unwrap();
        assert!(line.starts_with("250"), "{line}");
    }

    /// The mails that they have got, as they are, once there are so many.
    pub(crate) async fn has(&self, count: usize) -> Vec<String> {
        until(&format!("{count} mails"), PATIENCE, async || {
            let mails = self.mails("shown", "link").await;
            (mails.len() >= count).then_some(mails)
        })
        .await
    }

    /// The mails that they have sent, as they are.
    pub(crate) async fn sent(&self) -> Vec<String> {
        self.mails("said", "mail").await
    }

    async fn mails(&self, kind: &str, link: &str) -> Vec<String> {
        let address = format!("{}/feed?channel=email&user={}", self.sandbox, self.address);
        let feed: Vec<Value> = reqwest::get(address).await.unwrap().json().await.unwrap();
        let mut mails = vec![];
        for entry in feed.iter().filter(|entry| entry["kind"] == kind) {
            mails.push(reqwest::get(entry[link].as_str().unwrap()).await.unwrap().text().await.unwrap());
        }
        mails
    }

    /// How many files of theirs are kept.
    pub(crate) fn files(&self, stack: &Stack) -> u64 {
        let (account, user) = (self.mailbox.clone(), self.address.clone());
        let prefix = format!("uploads/{}/", Identity { channel: ChannelId::Email, account, user }.group());
        let arguments = json!({ "Bucket": stack.text("/buckets/uploads"), "Prefix": prefix });
        let call = json!([{ "service": "s3", "operation": "list_objects_v2", "arguments": arguments }]);
        stack.aws(&call).first().unwrap()["KeyCount"].as_u64().unwrap()
    }
}

/// A header, unfolded.
fn header(mail: &str, name: &str) -> String {
    let head = mail.split("\r\n\r\n").next().unwrap().replace("\r\n\t", " ").replace("\r\n ", " ");
    let line = head.lines().find(|line| line.starts_with(&format!("{name}: "))).unwrap_or_default().to_owned();
    line.split_once(": ").map(|(_, value)| value.to_owned()).unwrap_or_default()
}

const PLAIN: &str = "Content-Type: text/plain; charset=utf-8\r\n";

#[tokio::test]
async fn a_thread_of_five_turns_with_files_and_an_out_of_office() {
    let Some(stack) = Stack::running() else { return };
    let person = Person::of(&stack);
    let id = |number: usize| format!("<{number}.{}>", person.address);
    // In the charset that old programs still write, declared as the smaller one of its name.
    let chinese = STANDARD
        .encode([0xc4, 0xe3, 0xc3, 0xc7, 0xbc, 0xb8, 0xcc, 0xec, 0xc4, 0xdc, 0xb7, 0xa2, 0xbb, 0xf5, 0xa3, 0xbf]);
    let kind = "Content-Type: text/plain; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n";
    let headers = format!("Message-ID: {}\r\nSubject: =?gb2312?B?t6K79Q==?=\r\n{kind}", id(0));
    person.sends(&person.mailbox, &headers, chinese.as_bytes()).await;
    let mut mails = person.has(1).await;
    let first = mails[0].clone();
    assert_eq!((header(&first, "In-Reply-To"), header(&first, "Auto-Submitted")), (id(0), "auto-replied".to_owned()));
    // Nobody answers the out-of-office; the mail after it marks the end of what it could have caused.
    let away = format!("Message-ID: {}\r\nAuto-Submitted: auto-replied\r\nSubject: away\r\n{PLAIN}", id(100));
    person.sends(&person.mailbox, &away, b"how do I return a broken item").await;
    for turn in 1..5 {
        let last = mails.last().unwrap().clone();
        let (ours, reply_to) = (header(&last, "Message-ID"), header(&last, "Reply-To"));
        let to = reply_to.rsplit_once('<').unwrap().1.trim_end_matches('>').to_owned();
        let references = format!("{} {ours}", header(&last, "References"));
        let thread = format!(
            "In-Reply-To: {ours}\r\nReferences: {references}\r\nMessage-ID: {}\r\nSubject: Re: x\r\n",
            id(turn)
        );
        let quoted = "how do I return a broken item\r\n\r\nOn Thu, Jan 1, 2026 at 10:00 AM Shop <s@shop.example> wrote:\r\n> do you ship abroad?";
        let (headers, body) = if turn == 2 {
            let part = "--b\r\nContent-Type: application/octet-stream; name=\"bill.pdf\"\r\nContent-Disposition: attachment\r\n\r\n%PDF-1.7 a bill\r\n";
            let body = format!("--b\r\n{PLAIN}\r\n{quoted}\r\n{part}--b--\r\n");
            (format!("{thread}Content-Type: multipart/mixed; boundary=b\r\n"), body)
        } else {
            (format!("{thread}{PLAIN}"), quoted.to_owned())
        };
        person.sends(&to, &headers, body.as_bytes()).await;
        mails = person.has(turn + 1).await;
        let answer = &mails[turn];
        assert_eq!(header(answer, "In-Reply-To"), id(turn));
        let named = header(answer, "References");
        assert!(named.contains(&ours) && named.ends_with(&id(turn)), "turn {turn}: {named}");
        assert_eq!(header(answer, "X-Frontdesk-Loop"), header(&first, "X-Frontdesk-Loop"), "one thread");
    }
    assert_eq!(mails.len(), 5, "the out-of-office had no answer");
    assert!(mails.iter().all(|mail| header(mail, "To").contains(&person.address)));
    assert_eq!(person.files(&stack), 1);
}

#[tokio::test]
async fn a_stranger_with_a_stolen_address_is_a_stranger() {
    let Some(stack) = Stack::running() else { return };
    let (ann, eve) = (Person::of(&stack), Person::of(&stack));
    let ask = |number: u32| format!("Message-ID: <{number}.{}>\r\nSubject: order\r\n{PLAIN}", Uuid::new_v4());
    ann.sends(&ann.mailbox, &ask(1), b"do you ship abroad?").await;
    let mail = ann.has(1).await.swap_remove(0);
    let plus = header(&mail, "Reply-To").rsplit_once('<').unwrap().1.trim_end_matches('>').to_owned();
    let stolen = format!("In-Reply-To: {}\r\n{}", header(&mail, "Message-ID"), ask(2));
    eve.sends(&plus, &stolen, b"do you ship abroad?").await;
    let hers = eve.has(1).await.swap_remove(0);
    assert_ne!(header(&hers, "X-Frontdesk-Loop"), header(&mail, "X-Frontdesk-Loop"));
    assert_eq!(ann.has(1).await.len(), 1);
}
