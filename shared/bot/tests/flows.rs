//! What is wrong with flows is told with file and line, and how to mend it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bot::knowledge::{Source, check};

const BASE: &str = "\
languages: [en]
texts:
  unknown: {en: I do not know}
  handoff_offer_title: {en: Talk to a person}
  handoff_accepted: {en: A person will come}
  greeting: {en: Hello}
  unsupported: {en: I cannot read this}
";

/// A flow with nothing wrong; each case changes one thing.
const SOUND: &str = r#"flows:
  - id: visit
    title: {en: "Book a visit"}
    start: {en: ["Book a visit"]}
    time_zone: "+08:00"
    hours: ["mon-fri 09:00-18:00"]
    misses: 2
    slots:
      - {id: day, title: {en: "day"}, type: date, prompt: {en: "When?"}, again: {en: "Which day?"}}
      - id: why
        title: {en: "reason"}
        type: choice
        prompt: {en: "Why?"}
        again: {en: "Pick one."}
        options:
          - {value: look, title: {en: "To look"}, words: {en: ["just looking"]}}
          - {value: buy, title: {en: "To buy"}}
    steps:
      - {id: day, ask: day}
      - {id: why, ask: why}
      - id: sort
        branch:
          - {slot: why, is: look, go: end}
          - {people: there, go: check}
          - {hours: closed, go: person}
          - {go: check}
      - {id: check, confirm: {en: "On {day}?"}}
      - id: book
        action: book
        input: [day]
        keep: [number]
        wait: {en: "One moment."}
        refused:
          full: {say: {en: "Full."}, forget: [day], go: day}
        failed: {say: {en: "It failed."}, go: person}
      - {id: told, say: {en: "Booked as {number}."}, next: end}
      - {id: person, handoff: {en: "A person will see to it."}}
"#;

/// A text of the sound flow, what stands in its place, on which line from there it is told, and what is told.
type Case = (&'static str, &'static str, i64, &'static str);

const UNREADABLE: &[Case] = &[
    ("  - id: visit\n", "  - title: {en: x}\n", 1, "a flow has no `id`; add it"),
    (
        "id: visit",
        "id: Visit",
        0,
        "the id `Visit` of a flow should be at most 24 small letters, digits and `_`, and not `end`",
    ),
    (
        "id: visit",
        "id: end",
        0,
        "the id `end` of a flow should be at most 24 small letters, digits and `_`, and not `end`",
    ),
    ("    start: {en: [\"Book a visit\"]}\n", "", -1, "flow `visit` has no `start`; add it"),
    (
        r#""+08:00""#,
        r#""8""#,
        0,
        r#"`time_zone` of flow `visit` should be the time ahead of UTC, for example `"+08:00"`"#,
    ),
    (
        "mon-fri 09:00-18:00",
        "weekdays",
        0,
        "`hours` of flow `visit` cannot be read; write days and times as in `mon-fri 09:00-18:00`",
    ),
    ("misses: 2", "misses: two", 0, "`misses` of flow `visit` should be a whole number"),
    (
        "misses: 2",
        "colour: red",
        0,
        "a flow has no field `colour`; it can have `id`, `title`, `start`, `time_zone`, `hours`, `misses`, `slots`, `steps`",
    ),
    (
        "type: date",
        "type: day",
        0,
        "slot `day` of flow `visit` has the unknown type `day`; it can be date, number, phone, email, pattern, choice, yes_no or text",
    ),
    ("type: date, ", "", 0, "slot `day` of flow `visit` has no `type`; add it"),
    (r#"type: date, prompt: {en: "When?"}"#, "type: date", 0, "slot `day` of flow `visit` has no `prompt`; add it"),
    ("type: date", "type: pattern", 0, "slot `day` of flow `visit` has no `pattern`; add it"),
    (
        "type: date",
        "type: pattern, pattern: '['",
        0,
        "the pattern of slot `day` of flow `visit` is no regular expression of at most 100 characters; mend it",
    ),
    ("type: date", "type: number, min: few", 0, "`min` of slot `day` of flow `visit` should be a whole number"),
    ("{value: buy, title", "{title", 0, "an option of slot `why` of flow `visit` has no `value`; add it"),
    (
        r#"{value: buy, title: {en: "To buy"}}"#,
        "{value: buy}",
        0,
        "option `buy` of slot `why` of flow `visit` has no `title`; add it",
    ),
    (
        "{id: why, ask: why}",
        "{id: why, next: sort}",
        0,
        "step `why` of flow `visit` does nothing; give it one of `ask`, `say`, `confirm`, `branch`, `action`, `handoff`",
    ),
    (
        "{people: there, go: check}",
        "{people: here, go: check}",
        0,
        "a branch of step `sort` of flow `visit` should have one condition: `slot` with `is`, `hours: open` or `closed`, `people: there` or `away`, `channel: phone` or `letters`, or none at all",
    ),
    (
        "{people: there, go: check}",
        "{people: there, hours: open, go: check}",
        0,
        "a branch of step `sort` of flow `visit` should have one condition: `slot` with `is`, `hours: open` or `closed`, `people: there` or `away`, `channel: phone` or `letters`, or none at all",
    ),
    (
        "{hours: closed, go: person}",
        "{hours: closed}",
        0,
        "a branch of step `sort` of flow `visit` has no `go`; name the step that follows, or `end`",
    ),
    (
        "{slot: why, is: look, go: end}",
        "{slot: why, go: end}",
        0,
        "a branch of step `sort` of flow `visit` should have one condition: `slot` with `is`, `hours: open` or `closed`, `people: there` or `away`, `channel: phone` or `letters`, or none at all",
    ),
    (
        "        failed: {say: {en: \"It failed.\"}, go: person}\n",
        "",
        -5,
        "step `book` of flow `visit` has no `failed`; add it with `say` and `go`, for when the system does not answer",
    ),
    (
        r#"{say: {en: "It failed."}, go: person}"#,
        r#"{say: {en: "It failed."}}"#,
        0,
        "`failed` of step `book` of flow `visit` has no `go`; add it",
    ),
    (
        "          full: {say: {en: \"Full.\"}, forget: [day], go: day}\n",
        "          - full\n",
        0,
        "`refused` of step `book` of flow `visit` should hold reasons, each with `say` and `go`",
    ),
    (r#"wait: {en: "One moment."}"#, "", -4, "step `book` of flow `visit` has no `wait`; add it"),
];

const NO_WAY: &[Case] = &[
    ("{id: told, say", "{id: book, say", 0, "flow `visit` has the step `book` twice; give one another id"),
    (
        "- id: why\n        title",
        "- id: day\n        title",
        0,
        "flow `visit` has the slot `day` twice; give one another id",
    ),
    ("{go: check}", "{go: chek}", -5, "step `sort` goes on to `chek`, which flow `visit` does not have; mend the name"),
    (
        "{id: why, ask: why}",
        "{id: why, ask: wy}",
        0,
        "step `why` asks for the slot `wy`, which flow `visit` does not have; add it under `slots`",
    ),
    (
        r#"say: {en: "Booked as {number}."}, next: end"#,
        r#"say: {en: "Booked as {numbr}."}, next: end"#,
        0,
        "step `told` of flow `visit` uses `numbr`, which nothing fills; `ask` for it or `keep` it",
    ),
    (
        "      - {id: why, ask: why}\n",
        "",
        -9,
        "the slot `why` of flow `visit` is never asked for; add a step that asks, or take it out",
    ),
    (
        "      - {id: told, say",
        "      - {id: lost, say: {en: \"x\"}, next: end}\n      - {id: told, say",
        2,
        "no way leads to step `told` of flow `visit`; take it out or go to it",
    ),
    (
        r#"say: {en: "Booked as {number}."}, next: end"#,
        r#"say: {en: "Booked as {number}."}, next: told"#,
        0,
        "step `told` of flow `visit` comes again without the customer having said anything; put a `confirm` in between or `forget` a slot that is asked for",
    ),
    (
        "forget: [day], go: day",
        "go: book",
        -6,
        "step `book` of flow `visit` comes again without the customer having said anything; put a `confirm` in between or `forget` a slot that is asked for",
    ),
];

const NEVER_TAKEN: &[Case] = &[
    (
        "          - {people: there, go: check}\n",
        "          - {go: check}\n          - {people: there, go: check}\n",
        -2,
        "branch 3 of step `sort` of flow `visit` is never taken: one before it holds always; put that last",
    ),
    (
        "{people: there, go: check}",
        "{slot: why, is: look, go: check}",
        -3,
        "branch 2 of step `sort` of flow `visit` is never taken: one before it has the same condition; take one out",
    ),
    (
        "{slot: why, is: look, go: end}",
        "{slot: why, is: loook, go: end}",
        -2,
        "branch 1 of step `sort` of flow `visit` is never taken: `why` is never `loook`; it is one of `look`, `buy`",
    ),
    (
        "          - {go: check}\n",
        "",
        -4,
        "the flow `visit` ends without a word where no branch of step `sort` holds; add a last one without a condition, such as `{go: end}`",
    ),
];

fn problems(flow: &str) -> Vec<String> {
    let source = |file: &str, text: &str| Source { file: file.to_owned(), text: text.to_owned() };
    let report = check(&[source("base.yaml", BASE), source("visit.yaml", flow)]);
    report.problems.iter().map(ToString::to_string).collect()
}

/// The line on which the changed text stands.
fn changed(from: &str, to: &str) -> (String, usize) {
    assert_eq!(SOUND.matches(from).count(), 1, "“{from}” stands once");
    let line = SOUND.split(from).next().unwrap().lines().count();
    (SOUND.replacen(from, to, 1), line)
}

fn assert_told(cases: &[Case]) {
    assert_warned(cases, "error");
}

fn assert_warned(cases: &[Case], severity: &str) {
    let wrong = cases.iter().filter_map(|(from, to, below, message)| {
        let (flow, line) = changed(from, to);
        let line = i64::try_from(line).unwrap() + below;
        let expected = format!("visit.yaml:{line}: {severity}: {message}");
        let told = problems(&flow);
        (!told.contains(&expected)).then(|| format!("“{to}”\nexpected {expected}\ntold {}\n", told.join("\n")))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_sound_flow_is_sound() {
    assert_eq!(problems(SOUND), Vec::<String>::new());
}

#[test]
fn tells_what_cannot_be_read() {
    assert_told(UNREADABLE);
}

#[test]
fn tells_what_is_no_way_through() {
    assert_told(NO_WAY);
}

#[test]
fn tells_which_branches_are_never_taken() {
    assert_warned(NEVER_TAKEN, "warning");
    let (both, _) = changed(
        "          - {people: there, go: check}\n          - {hours: closed, go: person}\n          - {go: check}\n",
        "          - {hours: closed, go: person}\n          - {hours: open, go: check}\n",
    );
    assert_eq!(problems(&both), Vec::<String>::new());
}

#[test]
fn a_flow_s_slots_must_fit_in_a_head() {
    let text = "type: text, max: 100, prompt";
    let (flow, _) = changed("type: date, prompt", text);
    let told = problems(&flow);
    let expected = "visit.yaml:2: error: the slots and the names of steps of flow `visit` can hold 477 bytes, at most 400 are \
                    kept; lower `max` of texts, keep less or part the flow";
    assert!(told.iter().any(|told| told == expected), "{}", told.join("\n"));
}
