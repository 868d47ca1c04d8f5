//! The support lead's work on a running stack: to publish, to go back, and to see what was not answered.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Stack, Visitor, until};
use uuid::Uuid;

use crate::mail::Person;

/// A copy of the demo's knowledge with one entry more.
fn folder(words: &str, answer: &str) -> PathBuf {
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/scenarios/shop/knowledge");
    let folder = std::env::temp_dir().join(format!("library-{}", Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    for entry in std::fs::read_dir(shop).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    let entry = format!(
        "entries:\n  - id: test.library\n    questions: {{zh: [图书馆{words}], en: [{words}]}}\n    \
         answer: {{zh: 图书馆说{answer}。, en: The library says {answer}.}}\n    title: {{zh: 图书馆, en: Library}}\n"
    );
    std::fs::write(folder.join("library.yaml"), entry).unwrap();
    folder
}

fn told(stack: &Stack, arguments: &[&str]) -> Value {
    let output = stack.local(&[&["knowledge"], arguments, &["--json"]].concat());
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn says(stack: &Stack, question: &str, answer: &str) {
    until(answer, Duration::from_mins(1), async || {
        let visitor = Visitor::open(stack, &json!({ "locale": "en" })).await;
        visitor.ask(question).await.contains(answer).then_some(())
    })
    .await;
}

/// A command that runs.
fn begun(stack: &Stack, arguments: &[&str]) -> Child {
    let mut command = Command::new("cargo");
    command.args(["local", "knowledge"]).args(arguments).args(["--port-base", &stack.port().to_string()]);
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Why a command does not do it.
fn refused(stack: &Stack, arguments: &[&str]) -> String {
    let output = begun(stack, arguments).wait_with_output().unwrap();
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What `base.yaml` of a folder says more.
fn demanding(folder: &Path) {
    let base = folder.join("base.yaml");
    let text = std::fs::read_to_string(&base).unwrap();
    std::fs::write(base, text + "\napproval: required\n").unwrap();
}

#[tokio::test]
async fn a_version_is_rolled_back_and_forth() {
    let Some(stack) = Stack::running() else { return };
    let demo = told(&stack, &["versions"])["live"].as_str().unwrap().to_owned();
    let words = format!("wobbly {} shelf", Uuid::new_v4().simple());
    let (first, second) = (folder(&words, "ounce"), folder(&words, "lynx"));
    stack.local(&["knowledge", "publish", first.to_str().unwrap()]);
    says(&stack, &words, "says ounce").await;
    stack.local(&["knowledge", "publish", second.to_str().unwrap()]);
    says(&stack, &words, "says lynx").await;

    let listed = told(&stack, &["versions"]);
    let versions = listed["versions"].as_array().unwrap();
    let (newest, before) = (&versions[0], &versions[1]);
    assert!(newest["live"] == true && before["live"] == false, "{listed}");
    assert_eq!(newest["entries"], before["entries"]);
    assert!(newest["phrasings"].as_u64() > newest["entries"].as_u64() && newest["bytes"].as_u64() > Some(10_000));

    // What changed, by a version's first letters and by folder.
    let name = |version: &Value| version["version"].as_str().unwrap().chars().take(12).collect::<String>();
    let changed = told(&stack, &["diff", &name(before), "live"]);
    assert_eq!(changed["differences"].as_array().unwrap().len(), 2, "{changed}");
    assert_eq!(changed["differences"][0]["entry"], "test.library");
    assert_eq!(told(&stack, &["diff", second.to_str().unwrap()])["differences"], json!([]), "it is live");
    assert_eq!(
        told(&stack, &["diff", second.to_str().unwrap(), first.to_str().unwrap()])["differences"]
            .as_array()
            .unwrap()
            .len(),
        2
    );

    stack.local(&["knowledge", "rollback"]);
    says(&stack, &words, "says ounce").await;
    let again = stack.local(&["knowledge", "rollback", &name(before)]);
    assert!(String::from_utf8_lossy(&again.stdout).contains("is live already"));
    stack.local(&["knowledge", "rollback", &name(newest)]);
    says(&stack, &words, "says lynx").await;

    assert!(refused(&stack, &["rollback", "00000000"]).contains("was ever published"));
    // A version of a later release.
    let (bucket, later) = (stack.text("/buckets/knowledge"), "f".repeat(64));
    let key = format!("knowledge/{later}.json");
    let put = json!({"Bucket": bucket, "Key": key, "Body": "{\"v\":99}"});
    stack.aws(&json!([{"service": "s3", "operation": "put_object", "arguments": put}]));
    let why = refused(&stack, &["rollback", &later]);
    stack.aws(&json!([{"service": "s3", "operation": "delete_object", "arguments": {"Bucket": bucket, "Key": key}}]));
    assert!(why.contains("format 99"), "{why}");
    assert_eq!(told(&stack, &["versions"])["live"], newest["version"], "what was refused changed nothing");

    stack.local(&["knowledge", "rollback", &demo]);
    for folder in [first, second] {
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[tokio::test]
async fn of_two_who_publish_at_once_one_is_told_that_it_lost() {
    let Some(stack) = Stack::running() else { return };
    let demo = told(&stack, &["versions"])["live"].as_str().unwrap().to_owned();
    let deadline = Instant::now() + Duration::from_mins(3);
    // Until they meet: whoever begins when the other has ended has nothing to lose.
    loop {
        let words = format!("crooked {} chair", Uuid::new_v4().simple());
        let folders = [folder(&words, "stork"), folder(&words, "heron")];
        let both = folders.each_ref().map(|folder| begun(&stack, &["publish", folder.to_str().unwrap()]));
        let [one, other] = both.map(|child| child.wait_with_output().unwrap());
        for folder in &folders {
            std::fs::remove_dir_all(folder).unwrap();
        }
        let (won, lost) = match (one.status.success(), other.status.success()) {
            (true, true) if Instant::now() < deadline => continue,
            (true, false) => (one, other),
            (false, true) => (other, one),
            (both, _) => panic!("both won: {both}; {}", String::from_utf8_lossy(&one.stderr)),
        };
        let why = String::from_utf8_lossy(&lost.stderr).into_owned();
        assert!(why.contains("live meanwhile, so nothing was changed"), "{why}");
        let live = told(&stack, &["versions"])["live"].as_str().unwrap().to_owned();
        assert!(String::from_utf8_lossy(&won.stdout).contains(&live), "{live}");
        break;
    }
    stack.local(&["knowledge", "rollback", &demo]);
}

#[tokio::test]
async fn where_an_approval_is_asked_for_nobody_goes_back_without_one() {
    let Some(stack) = Stack::running() else { return };
    let demo = told(&stack, &["versions"])["live"].as_str().unwrap().to_owned();
    let words = format!("silent {} bench", Uuid::new_v4().simple());
    let [free, strict] = ["finch", "raven"].map(|answer| folder(&words, answer));
    demanding(&strict);
    let publish = |folder: &Path| stack.local(&["knowledge", "publish", folder.to_str().unwrap()]);
    let path = |folder: &Path| folder.to_str().unwrap().to_owned();
    publish(&free);
    let earlier = told(&stack, &["versions"])["live"].as_str().unwrap().to_owned();
    assert!(refused(&stack, &["publish", &path(&strict)]).contains("nobody has approved this"));
    stack.local(&["knowledge", "approve", &path(&strict), "--by", "Ann"]);
    publish(&strict);
    // What came before was approved by nobody, named or not; and taking the demand out is a change like others.
    for arguments in [&["rollback"][..], &["rollback", &earlier]] {
        assert!(refused(&stack, arguments).contains("nobody has approved version"), "{arguments:?}");
    }
    let taken_out = refused(&stack, &["publish", &path(&free)]);
    assert!(taken_out.contains("asks for no approval any more"), "{taken_out}");
    stack.local(&["knowledge", "rollback", &earlier, "--by", "Bo"]);
    let versions = told(&stack, &["versions"]);
    let live = versions["versions"].as_array().unwrap().iter().find(|one| one["live"] == true).unwrap();
    assert_eq!((&live["version"], &live["approved"]["by"]), (&json!(earlier), &json!("Bo")));
    // The demand stays, though this version did not have it.
    assert!(refused(&stack, &["publish", &path(&free)]).contains("asks for no approval any more"));
    stack.local(&["knowledge", "approve", &path(&free), "--by", "Ann"]);
    publish(&free);
    stack.local(&["knowledge", "rollback", &demo]);
    for folder in [free, strict] {
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[tokio::test]
async fn of_a_letter_the_questions_that_stay_open_are_listed_and_no_more() {
    let Some(stack) = Stack::running() else { return };
    let mark = Uuid::new_v4().simple().to_string();
    let question = format!("Do you breed walruses {mark}?");
    let person = Person::of(&stack);
    let letter =
        format!("Dear shop, I am Ann of Walrus Street.\r\nHow do I return a lamp? {question}\r\nKind regards\r\n");
    person
        .sends(&person.mailbox, "Subject: Two things\r\nContent-Type: text/plain; charset=utf-8\r\n", letter.as_bytes())
        .await;
    person.has(1).await;
    let listed = told(&stack, &["unanswered", "--days", "2"]);
    let clusters = listed["clusters"].as_array().unwrap();
    let wordings: Vec<&str> = clusters
        .iter()
        .flat_map(|cluster| cluster["wordings"].as_array().unwrap())
        .map(|one| one["text"].as_str().unwrap())
        .filter(|text| text.contains(&mark))
        .collect();
    assert_eq!(wordings, [question.as_str()]);
    assert!(!listed.to_string().contains("Walrus Street"));
}

#[tokio::test]
async fn what_was_not_answered_is_listed_by_likeness_and_forgotten_with_the_person() {
    let Some(stack) = Stack::running() else { return };
    let mark = Uuid::new_v4().simple().to_string();
    let saddles = format!("zebra saddles {mark}");
    let first = Visitor::open(&stack, &json!({ "locale": "en" })).await;
    first.ask(&format!("{saddles} sold here")).await;
    let second = Visitor::open(&stack, &json!({ "locale": "en" })).await;
    second.ask(&saddles).await;
    second.ask(&saddles).await;
    // It is answered, and a person is wanted all the same.
    let third = Visitor::open(&stack, &json!({ "locale": "en" })).await;
    third.ask("how do I return a lamp").await;
    third.ask("I want to talk to a person").await;

    let clusters = || {
        let listed = told(&stack, &["unanswered", "--days", "2"]);
        let all = listed["clusters"].as_array().unwrap().clone();
        let of = |text: &str| {
            let has = |cluster: &&Value| cluster["wordings"].as_array().unwrap().iter().any(|one| one["text"] == text);
            all.iter().find(has).cloned()
        };
        (of(&saddles), of("how do I return a lamp"))
    };
    let (found, returned) = clusters();
    let found = found.expect("the question that nobody answered");
    assert_eq!((&found["count"], &found["customers"]), (&json!(3), &json!(2)), "{found}");
    assert_eq!(found["why"], json!({"unknown": 3}));
    assert_eq!(found["wordings"][0], json!({"text": saddles, "count": 2}), "the most frequent first");
    let returned = returned.expect("an answer after which a person was wanted");
    assert!(returned["why"]["handoff"].as_u64() >= Some(1), "{returned}");
    assert!(returned["nearest"]["entry"].as_str().unwrap().starts_with("returns."), "{returned}");

    let visitor = second.session["visitor_id"].as_str().unwrap();
    stack.local(&["forget", visitor]);
    let (left, _) = clusters();
    assert!(left.is_none(), "{left:?}");
}
