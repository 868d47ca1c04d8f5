//! `bot-eval` as it is run: files as editors and other tools leave them, and what it says of those that are wrong.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bot-eval-{name}"));
    drop(fs::remove_dir_all(&path));
    fs::create_dir_all(&path).unwrap();
    path
}

/// Runs it in a folder.
fn run(folder: &Path, words: &[&str], stdin: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bot-eval"));
    let piped =
        command.args(words).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    // Who refuses its words reads nothing.
    drop(child.stdin.take().unwrap().write_all(stdin.as_bytes()));
    child.wait_with_output().unwrap()
}

fn figures(folder: &Path, words: &[&str]) -> Value {
    let output = run(folder, words, "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn refusal(folder: &Path, words: &[&str]) -> String {
    let output = run(folder, words, "");
    assert!(!output.status.success() && output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

const TRAIN: &str = "where is my parcel\torder\nwhen does my order come\torder\nhow do I return this\treturn\nI want to send it \
                     back\treturn\nsing a song\toos\n";

#[test]
fn lines_of_windows_and_marks_of_editors_change_nothing() {
    let dir = folder("lines");
    fs::write(dir.join("train.tsv"), TRAIN).unwrap();
    fs::write(dir.join("other.tsv"), format!("\u{feff}{}", TRAIN.replace('\n', "\r\n"))).unwrap();
    let ask = |train: &str| {
        let mut found = figures(&dir, &["intents", "--train", train, "--test", train, "--json"]);
        for changing in ["train_seconds", "predict_us", "peak_rss_mb"] {
            assert!(found.as_object_mut().unwrap().remove(changing).is_some(), "{changing}");
        }
        found
    };
    let found = ask("train.tsv");
    assert_eq!(found, ask("other.tsv"));
    assert_eq!((&found["accuracy"], &found["classes"]), (&json!(1.0), &json!(2)));
    assert!(found["oos"]["auroc"].is_number());
}

#[test]
fn predict_answers_each_line_and_learns_no_class_of_what_is_of_none() {
    let dir = folder("predict");
    fs::write(dir.join("train.tsv"), TRAIN.replace("oos", "none")).unwrap();
    let words = ["predict", "--train", "train.tsv", "--oos-label", "none", "--json"];
    let output = run(&dir, &words, "\u{feff}where is my parcel\r\n\nsing a song\n");
    let lines: Vec<Value> =
        output.stdout.split(|byte| *byte == b'\n').filter_map(|l| serde_json::from_slice(l).ok()).collect();
    let labels: Vec<_> =
        lines.iter().map(|line| (line["label"].as_str().unwrap(), line["in_scope"].as_bool().unwrap())).collect();
    assert_eq!(labels.len(), 3, "{labels:?}");
    assert_eq!(labels[0], ("order", true));
    assert!(labels.iter().all(|(label, _)| *label != "none"));
    let plain = run(&dir, &["predict", "--train", "train.tsv"], "where is my parcel\n");
    let plain = String::from_utf8(plain.stdout).unwrap();
    assert_eq!(plain.trim_end().split('\t').count(), 3, "{plain}");
}

#[test]
fn an_id_is_the_same_as_a_number_and_as_a_text() {
    let dir = folder("ids");
    fs::write(
        dir.join("p.jsonl"),
        "\u{feff}{\"id\": 7, \"text\": \"parcels come in three days\"}\n{\"id\": \"x\", \"text\": \"wool\"}\n",
    )
    .unwrap();
    let find = |pid: &str| {
        fs::write(dir.join("q.jsonl"), format!("{{\"q\": \"when do parcels come\", \"pid\": {pid}}}\n")).unwrap();
        let words = ["retrieval", "--passages", "p.jsonl", "--queries", "q.jsonl", "--json"];
        let output = run(&dir, &words, "");
        (serde_json::from_slice::<Value>(&output.stdout).unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    for pid in ["7", "\"7\""] {
        assert_eq!(find(pid).0["r1"], 1.0, "{pid}");
    }
    let (found, printed) = find("\"elsewhere\"");
    assert_eq!(found["mrr10"], 0.0);
    assert!(!printed.contains("-0"), "{printed}");
}

#[test]
fn what_is_wrong_is_named() {
    let dir = folder("wrong");
    fs::write(dir.join("train.tsv"), TRAIN).unwrap();
    fs::write(dir.join("empty.tsv"), "\n").unwrap();
    fs::write(dir.join("untabbed.tsv"), "where is it\torder\nwhere\n").unwrap();
    fs::write(dir.join("outside.tsv"), "sing\toos\n").unwrap();
    fs::write(dir.join("bad.jsonl"), "{\"id\": 1}\n").unwrap();
    let intents = |train: &str| refusal(&dir, &["intents", "--train", train, "--test", "train.tsv"]);
    assert!(intents("gone.tsv").starts_with("cannot read gone.tsv"));
    assert_eq!(intents("empty.tsv"), "empty.tsv has no lines\n");
    assert_eq!(intents("untabbed.tsv"), "untabbed.tsv:2: no tab with a label after it\n");
    assert_eq!(intents("outside.tsv"), "the train file has no lines but of the label `oos`\n");
    let words = ["intents", "--train", "train.tsv", "--test", "train.tsv", "--encoder", "nowhere"];
    let encoder = refusal(&dir, &words);
    assert!(encoder.contains("nowhere/encoder.fduse") && encoder.contains("`cargo local encoder`"), "{encoder}");
    fs::create_dir(dir.join("broken")).unwrap();
    fs::write(dir.join("broken/encoder.fduse"), "FDUSE\u{2}").unwrap();
    let broken = refusal(&dir, &["predict", "--train", "train.tsv", "--encoder", "broken"]);
    assert!(broken.contains("the sentence encoder is damaged"), "{broken}");
    assert_eq!(broken.matches("`cargo local encoder`").count(), 1, "{broken}");
    let dev = refusal(&dir, &["intents", "--train", "train.tsv", "--dev", "empty.tsv", "--test", "train.tsv"]);
    assert_eq!(dev, "empty.tsv has no lines\n");
    let passages = refusal(&dir, &["retrieval", "--passages", "bad.jsonl", "--queries", "bad.jsonl"]);
    assert_eq!(passages, "bad.jsonl:1: no field `text` or `a`\n");
    assert!(refusal(&dir, &["guess"]).contains("there is no command `guess`"));
    assert!(refusal(&dir, &["predict", "--trian", "x"]).contains("`--trian` is not understood here"));
}

#[test]
fn one_class_and_one_line_are_enough_to_be_asked() {
    let dir = folder("one");
    fs::write(dir.join("one.tsv"), "where is my parcel\torder\n").unwrap();
    let found = figures(&dir, &["intents", "--train", "one.tsv", "--dev", "one.tsv", "--test", "one.tsv", "--json"]);
    assert_eq!((&found["accuracy"], &found["oos"]["recall"]), (&json!(1.0), &Value::Null));
}
