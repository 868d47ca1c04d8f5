//! Threads of mail before the eyes of others: swaks sends, Python's `email` package reads, notmuch threads.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tests::Stack;
use uuid::Uuid;

use crate::mail::Person;

/// 我叫㐂，你们几天能发货？ in GB18030; the third letter has four bytes there, and is in neither GB2312 nor GBK.
const GB18030: &str = "ced2bdd08139ef31a3acc4e3c3c7bcb8ccecc4dcb7a2bbf5a3bf";

/// Whether a program is there; a line says so if it is not.
#[expect(clippy::print_stderr, reason = "the one line that says what is left out")]
fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        eprintln!("skipped: {program} is not on PATH; `apt-get install {program}` brings it");
    }
    found
}

/// A folder of a test's own.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mail-{}", Uuid::new_v4().simple()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The company's mails as Python's `email` package reads them.
fn read(mails: &[String]) -> Vec<Value> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut python = Command::new(format!("{root}/target/local/venv/bin/python"));
    python.arg(format!("{root}/tests/e2e/headers.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = python.spawn().unwrap();
    child.stdin.take().unwrap().write_all(serde_json::to_string(mails).unwrap().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "Python cannot read our mail");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text<'a>(mail: &'a Value, name: &str) -> &'a str {
    mail[name].as_str().unwrap()
}

/// Hands a mail over with swaks: besides who it is from and to, as its command line is told.
fn swaks(person: &Person, to: &str, arguments: &[&str]) {
    let (from, server) = (person.address.as_str(), person.smtp.as_str());
    let fixed = ["--server", server, "--from", from, "--to", to, "--helo", "e2e.example", "--hide-all"];
    let output = Command::new("swaks").args(fixed).args(arguments).output().unwrap();
    assert!(output.status.success(), "swaks: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn five_turns_through_swaks_with_files_gb18030_and_an_out_of_office() {
    let Some(stack) = Stack::running() else { return };
    if !has("swaks") {
        return;
    }
    let (person, folder) = (Person::of(&stack), folder());
    let id = |number: usize| format!("<{number}.{}>", person.address);
    let header = |name: &str, value: &str| format!("{name}: {value}");
    let body = folder.join("body");
    std::fs::write(&body, hex::decode(GB18030).unwrap()).unwrap();
    let body = format!("@{}", body.display());
    let (first, kind) = (header("Message-ID", &id(0)), header("Content-Type", "text/plain; charset=GB18030"));
    let transfer = header("Content-Transfer-Encoding", "8bit");
    let told = ["--h-Subject", "=?GB18030?B?t6K79Q==?=", "--add-header", &kind, "--add-header", &transfer];
    swaks(&person, &person.mailbox, &[&told[..], &["--header", &first, "--body", &body]].concat());
    person.has(1).await;

    let away = header("Message-ID", &id(100));
    let away = ["--h-Subject", "Away", "--header", "Auto-Submitted: auto-replied", "--header", &away];
    swaks(&person, &person.mailbox, &[&away[..], &["--body", "how do I return a broken item"]].concat());

    let names = ["bill.pdf", "broken.png"];
    std::fs::write(folder.join(names[0]), b"%PDF-1.7 a bill").unwrap();
    std::fs::write(folder.join(names[1]), b"\x89PNG\r\n\x1a\n a picture").unwrap();
    let files = names.map(|name| format!("@{}", folder.join(name).display()));
    for turn in 1..5 {
        let last = read(&person.has(turn).await).pop().unwrap();
        let answered = text(&last, "Message-ID");
        let references = format!("{} {answered}", text(&last, "References"));
        let [id, references, answers] =
            [("Message-ID", id(turn)), ("References", references), ("In-Reply-To", answered.to_owned())]
                .map(|(name, value)| header(name, &value));
        // She changes the subject in the middle: the thread is the same all the same.
        let subject = if turn < 3 { "Re: the parcel" } else { "Something else" };
        let mut arguments =
            vec!["--h-Subject", subject, "--header", &id, "--header", &references, "--header", &answers];
        let question = ["do you ship abroad?", "how do I return a broken item"][turn % 2];
        match turn {
            1 => arguments.extend(["--attach-type", "text/plain", "--attach-body", question]),
            3 => arguments.extend(["--attach-body", question, "--attach-type", "image/png", "--attach", &files[1]]),
            _ => arguments.extend(["--body", question]),
        }
        if turn == 1 {
            arguments.extend(["--attach-type", "application/pdf", "--attach", &files[0]]);
        }
        swaks(&person, text(&last, "reply_to"), &arguments);
    }
    let mails = read(&person.has(5).await);
    assert_eq!(mails.len(), 5, "the out-of-office had no answer");
    for (turn, mail) in mails.iter().enumerate() {
        assert_eq!(mail["defects"], serde_json::json!([]), "turn {turn}");
        assert_eq!(text(mail, "In-Reply-To"), id(turn), "turn {turn}");
        assert_eq!(text(mail, "Auto-Submitted"), "auto-replied");
        assert_eq!(text(mail, "X-Frontdesk-Loop"), text(&mails[0], "X-Frontdesk-Loop"), "turn {turn}: one thread");
        let references: Vec<&str> = text(mail, "References").split_whitespace().collect();
        assert_eq!(references.last(), Some(&id(turn).as_str()), "turn {turn}");
        if let Some(before) = turn.checked_sub(1) {
            assert!(references.contains(&text(&mails[before], "Message-ID")), "turn {turn}: {references:?}");
        }
    }
    assert_eq!((text(&mails[2], "Subject"), text(&mails[4], "Subject")), ("Re: the parcel", "Re: Something else"));
    // In Chinese, and as if she had asked in UTF-8; other questions have other answers.
    let other = Person::of(&stack);
    let kind = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nSubject: x\r\n";
    other.sends(&other.mailbox, kind, "我叫㐂，你们几天能发货？".as_bytes()).await;
    assert_eq!(mails[0]["text"], read(&other.has(1).await)[0]["text"]);
    assert_eq!((&mails[1]["text"], &mails[2]["text"]), (&mails[3]["text"], &mails[4]["text"]));
    assert_ne!(mails[1]["text"], mails[2]["text"]);
    let kept = person.files(&stack);
    assert_eq!(kept, 2, "the bill and the picture");
}

/// What notmuch makes of mails: how many each thread has.
fn threaded(mails: &[String]) -> Vec<usize> {
    let folder = folder();
    for kind in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(folder.join(kind)).unwrap();
    }
    for (number, mail) in mails.iter().enumerate() {
        std::fs::write(folder.join("new").join(format!("{number}.e2e")), mail).unwrap();
    }
    let config = folder.join("config");
    let settings = format!("[database]\npath={}\n[user]\nprimary_email=e2e@example.com\n", folder.display());
    std::fs::write(&config, settings).unwrap();
    let notmuch = |arguments: &[&str]| {
        let output = Command::new("notmuch").env("NOTMUCH_CONFIG", &config).args(arguments).output().unwrap();
        assert!(output.status.success(), "notmuch: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    notmuch(&["new", "--quiet"]);
    let found: Value = serde_json::from_slice(&notmuch(&["search", "--format=json", "*"])).unwrap();
    let found = found.as_array().unwrap().iter();
    let mut sizes: Vec<usize> =
        found.map(|thread| usize::try_from(thread["total"].as_u64().unwrap()).unwrap()).collect();
    sizes.sort_unstable();
    std::fs::remove_dir_all(&folder).unwrap();
    sizes
}

#[tokio::test]
async fn threads_are_whole_and_apart_to_notmuch() {
    let Some(stack) = Stack::running() else { return };
    if !has("notmuch") {
        return;
    }
    // Two threads of Ann's and one of Ben's by turns; Ann has no more than five automatic answers a day. The subjects of
    // the first and the last are the same, and change.
    let (ann, ben) = (Person::of(&stack), Person::of(&stack));
    let threads = [(&ann, "the parcel", 3), (&ann, "my bill", 2), (&ben, "the parcel", 5)];
    let kind = "Content-Type: text/plain; charset=utf-8\r\n";
    let mut last = threads.map(|_| None::<Value>);
    for turn in 0..5 {
        for (thread, (person, subject, turns)) in threads.into_iter().enumerate() {
            if turn >= turns {
                continue;
            }
            let subject = if turn == turns - 1 && thread != 1 { "Something else" } else { subject };
            let id = format!("<{turn}.{thread}.{}>", person.address);
            let mut headers = format!("{kind}Message-ID: {id}\r\nSubject: {subject}\r\n");
            let mut to = person.mailbox.clone();
            if let Some(before) = &last[thread] {
                let answered = text(before, "Message-ID");
                // As some programs do, she names no more than the mail that she answers, in the second.
                let references = if thread == 1 { "" } else { text(before, "References") };
                headers = format!("{headers}In-Reply-To: {answered}\r\nReferences: {references} {answered}\r\n");
                text(before, "reply_to").clone_into(&mut to);
            }
            let so_far = person.has(0).await.len();
            person.sends(&to, &headers, b"how do I return a broken item").await;
            last[thread] = read(&person.has(so_far + 1).await).pop();
        }
    }
    let ours = [ann.has(5).await, ben.has(5).await].concat();
    let names = read(&ours).into_iter().map(|mut mail| mail["X-Frontdesk-Loop"].take().to_string());
    assert_eq!(names.collect::<BTreeSet<_>>().len(), 3, "three threads of ours");
    let all = [ann.sent().await, ben.sent().await, ours].concat();
    assert_eq!(threaded(&all), [4, 6, 10]);
    // The judge can say no: without what our mails name, they are threads of their own.
    let bare: Vec<String> =
        all.iter().map(|mail| mail.replace("In-Reply-To:", "X-A:").replace("References:", "X-B:")).collect();
    assert_eq!(threaded(&bare).len(), 20);
}
