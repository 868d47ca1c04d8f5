//! `cargo local forget`: erases a person everywhere, then looks everywhere whether anything is left.
//!
//! The responder erases table and files, in the order of each conversation: a `Forget` event goes through the inbound
//! queue, behind everything that was accepted before it. What no function erases is this tool's: dead letters,
//! schedules, members, and proved addresses, which have no conversation. An errand in the table names all identities
//! until all of it is done, so a run that broke off can be repeated, with less and less left to do.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, bail};
use app::envelope::write_inbound;
use app::table::keys::ERRANDS;
use domain::{EventKind, GroupId, Identity, InboundEvent, UnixMillis};
use serde_json::{Value, json};

use crate::cloud::{Call, Target};
use crate::person::history::History;
use crate::person::letters::{self, Found, Marks};
use crate::person::records::Records;
use crate::person::{Known, Name, Person, addresses, files, schedules};
use crate::queue::{self, Depth};
use crate::run::until;
use crate::{cli, clock, console};

/// How long the responder may take: what stands before the event in the queue comes first.
const PATIENCE: Duration = Duration::from_mins(5);
/// How long a queue may take to be empty before it is looked into, which delays what is in it.
const QUIET: Duration = Duration::from_secs(20);
/// Days after which an errand that nobody ends goes by itself: nothing of that time can come again.
const ERRAND_DAYS: i64 = 29;
/// What is printed of each place at most.
const SHOWN: usize = 5;

/// Erases a person, or shows what there is of them.
///
/// # Errors
/// Something is left, or AWS refuses a call; the same command goes on where it stopped.
pub fn run(target: &Target, arguments: &cli::Forget) -> anyhow::Result<()> {
    let records = Records::of(target)?;
    let name = &arguments.person;
    let mut person = Person::find(&records, name).or_else(|error| errand(&records, name)?.ok_or(error))?;
    if let Some(before) = errand(&records, name)? {
        console::progress("going on with what was begun before");
        for (group, known) in before.identities {
            let now = person.identities.entry(group).or_default();
            now.identity = now.identity.take().or(known.identity);
        }
        person.customer = before.customer;
    }
    let marks = Marks::of(&person);
    survey(&records, &person)?;
    if arguments.dry_run {
        console::say("nothing was erased: --dry-run");
        return Ok(());
    }
    let again = format!("cargo local forget {name}{}", target.flags());
    erase(&records, name, &person, &marks).with_context(|| format!("`{again}` goes on where this stopped"))?;
    let left = left(&records, &person, &marks)?;
    if !left.is_empty() {
        left.iter().for_each(console::say);
        bail!("not all of it is gone; `{again}` goes on");
    }
    records.call(&[records.delete(ERRANDS, &name.to_string())])?;
    console::say(format_args!(
        "forgotten: {} identities of {}; nothing is left",
        person.identities.len(),
        person.customer
    ));
    console::say(
        "still to be had for a while: the table's point-in-time recovery, for at most 35 days; logs, which hold ids and \
         no texts, for LogRetentionDays. Files are gone with all their versions.",
    );
    Ok(())
}

/// The person of an errand that is not done.
fn errand(records: &Records, name: &Name) -> anyhow::Result<Option<Person>> {
    let name = name.to_string();
    let rows = records.rows(ERRANDS, Some(&name))?;
    let Some(body) = rows.iter().find(|row| row.sort() == name).and_then(|row| row.stored().body) else {
        return Ok(None);
    };
    let mut body: Value = serde_json::from_str(body).context("an errand is no JSON")?;
    let mut part = |name: &str| body.get_mut(name).map(Value::take).unwrap_or_default();
    let customer = serde_json::from_value(part("customer")).context("an errand names no customer")?;
    let identities: Vec<Identity> = serde_json::from_value(part("identities")).context("an errand names nobody")?;
    let known = |identity: Identity| (identity.group(), Known { identity: Some(identity), member: None });
    Ok(Some(Person { customer, identities: identities.into_iter().map(known).collect() }))
}

/// Says what there is of a person: counts and ids.
fn survey(records: &Records, person: &Person) -> anyhow::Result<()> {
    console::say(format_args!("customer {}", person.customer));
    for (group, known) in &person.identities {
        let history = History::read(records, group)?;
        let channel = known.identity.as_ref().map_or("unknown channel", |identity| identity.channel.as_str());
        let full = history.turns.iter().filter(|turn| !turn.messages.is_empty()).count();
        let delivered = history.deliveries.iter().filter(|delivery| delivery.outbound.is_some()).count();
        let versions = files::versions(records, group)?.len();
        let forgotten =
            if history.head.as_ref().is_some_and(domain::Conversation::is_erased) { ", forgotten" } else { "" };
        console::say(format_args!(
            "  {group} ({channel}{forgotten}): {full} turns with messages, {delivered} deliveries, {versions} file versions"
        ));
    }
    let proved = addresses::of(records, &person.customer)?.len();
    if proved > 0 {
        console::say(format_args!("  {proved} addresses that they have proved"));
    }
    Ok(())
}

fn erase(records: &Records, name: &Name, person: &Person, marks: &Marks) -> anyhow::Result<()> {
    let now = clock::now();
    let known: BTreeMap<&GroupId, &Identity> =
        person.identities.iter().filter_map(|(group, known)| Some((group, known.identity.as_ref()?))).collect();
    let body = json!({"customer": person.customer, "identities": known.values().collect::<Vec<_>>()});
    let ends = now.plus_seconds(ERRAND_DAYS * 24 * 60 * 60).seconds();
    let mut calls = vec![records.put(ERRANDS, &name.to_string(), &body, ends)];
    let inbound = records.queues.get("inbound").context("the stack has no inbound queue")?;
    for identity in known.values() {
        calls.push(send(inbound, &forget(records, identity, now)?));
    }
    records.call(&calls)?;
    console::progress("waiting for the responder");
    let mut failure = None;
    let done = until(PATIENCE, || match stored(records, person) {
        Ok((left, _)) => left.is_empty().then_some(()),
        Err(error) => {
            failure = Some(error);
            Some(())
        }
    });
    if let Some(failure) = failure {
        return Err(failure);
    }
    if done.is_none() {
        bail!(
            "the responder has not erased it within {}: see its alarms, and `cargo local redrive inbound --dry-run{}`",
            console::span(PATIENCE),
            records.target().flags()
        );
    }
    for group in person.identities.keys() {
        let names = schedules::of(records, group)?;
        records.call(&names.iter().map(|name| schedules::delete(records, name)).collect::<Vec<_>>())?;
    }
    for (queue, url) in records.queues.iter().filter(|(queue, _)| queue.ends_with("_dlq")) {
        let deleted = letters::delete(records, url, marks)?;
        if deleted > 0 {
            console::say(format_args!("  {queue}: {deleted} records deleted"));
        }
    }
    addresses::erase(records, &person.customer)?;
    let sorts = person.identities.keys().map(app::table::keys::member);
    records.call(&sorts.map(|sort| records.delete(person.customer.as_str(), &sort)).collect::<Vec<_>>())?;
    Ok(())
}

/// The event, later than anything that the conversation knows: clocks differ.
fn forget(records: &Records, identity: &Identity, now: UnixMillis) -> anyhow::Result<InboundEvent> {
    let head = History::read(records, &identity.group())?.head;
    let at = head.map_or(now, |head| now.max(UnixMillis(head.updated_at.0.saturating_add(1))));
    let mut fresh = [0_u8; 16];
    getrandom::fill(&mut fresh).context("no randomness")?;
    Ok(InboundEvent::new(identity.clone(), &hex::encode(fresh), at, None, EventKind::Forget))
}

fn send(queue: &str, event: &InboundEvent) -> Call {
    let arguments = json!({
        "QueueUrl": queue,
        "MessageBody": write_inbound(event),
        "MessageGroupId": event.identity.group(),
        "MessageDeduplicationId": event.id,
    });
    Call::new("sqs", "send_message", arguments)
}

/// What table and bucket still hold of a person, a line for each place; and who of them has written again since.
fn stored<'a>(records: &Records, person: &'a Person) -> anyhow::Result<(Vec<String>, Vec<&'a GroupId>)> {
    let (mut left, mut back) = (Vec::new(), Vec::new());
    for group in person.identities.keys() {
        let history = History::read(records, group)?;
        left.extend(line(&format!("table, {group}"), &history.left()));
        back.extend(history.came_back().then_some(group));
        let versions = files::versions(records, group)?;
        let keys: Vec<String> = versions.into_iter().map(|file| format!("{} {}", file.key, file.version)).collect();
        left.extend(line("files", &keys));
    }
    Ok((left, back))
}

/// What is left of a person anywhere, a line for each place; ids only.
fn left(records: &Records, person: &Person, marks: &Marks) -> anyhow::Result<Vec<String>> {
    let (mut left, back) = stored(records, person)?;
    for group in person.identities.keys() {
        if back.contains(&group) {
            console::say(format_args!("  {group}: they have written again since; that is kept"));
        } else {
            left.extend(line("schedules", &schedules::of(records, group)?));
        }
    }
    let members = records.rows(person.customer.as_str(), Some(app::table::keys::MEMBER))?;
    let of_them = |sort: &str| person.identities.keys().any(|group| app::table::keys::member(group) == sort);
    let members: Vec<String> = members.iter().map(|row| row.sort().to_owned()).filter(|sort| of_them(sort)).collect();
    left.extend(line("members", &members));
    let proved = records.rows(person.customer.as_str(), Some(app::table::keys::HANDLE))?;
    left.extend(line("addresses", &proved.iter().map(|row| row.sort().to_owned()).collect::<Vec<_>>()));
    for (name, url) in &records.queues {
        let Found { theirs, unseen } = looked_into(records, name, url, marks)?;
        if theirs > 0 {
            left.push(format!("{name}: {theirs} records"));
        }
        if unseen > 0 {
            console::progress(format_args!(
                "{name}: {unseen} records of others, or in a function's hands, were not looked at; whatever of them is \
                 this person's is dropped when it is read"
            ));
        }
    }
    Ok(left)
}

/// Looks into a queue. One that functions read is given the time to get empty first.
fn looked_into(records: &Records, name: &str, url: &str, marks: &Marks) -> anyhow::Result<Found> {
    if !name.ends_with("_dlq") {
        let empty = until(QUIET, || {
            let answer = records.call_one(queue::depth(url)).ok()?;
            Depth::read(Some(&answer)).ok().filter(|depth| depth.all == 0)
        });
        if empty.is_some() {
            return Ok(Found::default());
        }
    }
    letters::count(records, url, marks)
}

fn line(place: &str, found: &[String]) -> Option<String> {
    let shown: Vec<&str> = found.iter().map(String::as_str).take(SHOWN).collect();
    (!found.is_empty()).then(|| format!("{place}: {} left, such as {}", found.len(), shown.join(", ")))
}
