//! Questions that customers asked and the bot could not answer, as the table keeps them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use app::table::keys::{self, HEAD, PK, SK};
use app::table::stored::{read_head, read_turn};
use bot::text::canonical;
use domain::{Author, Change, Content, Conversation, DedupId, GroupId, Part, Turn, UnixMillis, Why};
use serde_json::{Value, json};

use crate::cloud::Call;
use crate::person::records::{Records, Row};

/// Items that one call reads at most.
const BATCH: usize = 100;

/// An item's key: partition and sort key.
type Key = (String, String);
/// A turn of an identity.
type Place = (GroupId, DedupId);

/// A question that was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// Who asked.
    pub(super) group: GroupId,
    /// The words, as they are kept.
    pub(super) text: String,
    /// What shows it.
    pub(super) why: Why,
    /// When that was shown.
    pub(super) at: UnixMillis,
}

/// The questions of the days up to one, and whether there are more than were read.
pub(super) fn read(records: &Records, last: i64, days: u16, most: usize) -> anyhow::Result<(Vec<Question>, bool)> {
    let mut shown: Vec<Place> = Vec::new();
    let mut more = false;
    for day in 0..i64::from(days) {
        let rows = records.rows(&keys::unanswered(last - day), None)?;
        shown.extend(rows.iter().filter_map(|row| keys::showing(row.sort())));
        if shown.len() >= most {
            more = shown.len() > most || day + 1 < i64::from(days);
            break;
        }
    }
    shown.truncate(most);
    let mut turns = read_turns(records, &shown.iter().cloned().collect())?;
    let asked = |(place, turn): (&Place, &Turn)| -> Vec<Place> {
        let questions = turn.unanswered.iter().filter_map(|one| one.question.clone());
        questions.map(|question| (place.0.clone(), question)).collect()
    };
    let missing = turns.iter().flat_map(asked).filter(|place| !turns.contains_key(place)).collect();
    let earlier = read_turns(records, &missing)?;
    let open = open(&turns);
    let heads = read_heads(records, &open)?;
    turns.extend(earlier);
    Ok((questions(&shown, &turns, &heads), more))
}

/// Those who were asked what they mean and have not written since, as far as the turns tell.
fn open(turns: &BTreeMap<Place, Turn>) -> BTreeSet<GroupId> {
    let asks = |turn: &Turn| turn.unanswered.iter().any(|one| one.why == Why::Asked);
    turns.iter().filter(|(_, turn)| asks(turn)).map(|((group, _), _)| group.clone()).collect()
}

/// What was not answered: a question is one, whatever shows it.
fn questions(shown: &[Place], turns: &BTreeMap<Place, Turn>, heads: &BTreeMap<GroupId, Conversation>) -> Vec<Question> {
    let mut found: BTreeMap<(Place, Option<Part>), (Why, UnixMillis)> = BTreeMap::new();
    for place in shown {
        let Some(turn) = turns.get(place) else { continue };
        for one in &turn.unanswered {
            let asked = (place.0.clone(), one.question.clone().unwrap_or_else(|| turn.id.clone()));
            let waits = || {
                let doubt = heads.get(&asked.0).and_then(|head| head.doubt.as_ref());
                doubt.is_some_and(|doubt| doubt.turn == asked.1)
            };
            let why = match one.why {
                // Nothing came after: no choice was taken.
                Why::Asked if waits() => Why::NotMeant,
                Why::Asked => continue,
                Why::NotMeant if turns.get(&asked).is_some_and(|asked| took_a_choice(asked, turn)) => continue,
                why @ (Why::Unknown | Why::NotMeant | Why::Handoff) => why,
            };
            let asked = (asked, one.part);
            // What shows it last counts; of two at once, that they went to a person.
            let latest = (turn.at, why == Why::Handoff);
            let known = found.get(&asked).map(|(why, at)| (*at, *why == Why::Handoff));
            if known.is_none_or(|known| known < latest) {
                found.insert(asked, (why, turn.at));
            }
        }
    }
    let told = |((place, part), (why, at)): ((Place, Option<Part>), (Why, UnixMillis))| {
        let text = words(turns.get(&place)?, part)?;
        Some(Question { group: place.0, text, why, at })
    };
    found.into_iter().filter_map(told).collect()
}

/// Whether what was written next is what stood on a choice: then it was taken, though by typing.
fn took_a_choice(asked: &Turn, next: &Turn) -> bool {
    let Some(typed) = words(next, None).map(|text| canonical(&text)) else { return false };
    let said = asked.messages.iter().filter(|message| message.author == Author::Bot);
    said.flat_map(|message| message.content.postbacks()).any(|choice| canonical(&choice.title) == typed)
}

/// What the customer wrote or said in a turn, or in a part of its letter.
fn words(turn: &Turn, part: Option<Part>) -> Option<String> {
    let written = turn.messages.iter().filter(|message| message.author == Author::Customer);
    let written = written
        .filter_map(|message| if let Content::Text { text } = &message.content { Some(text.clone()) } else { None });
    let spoken = turn
        .changes
        .iter()
        .filter_map(|change| if let Change::Media(news) = change { news.transcript.clone() } else { None });
    let asked = |text: String| part.map_or_else(|| text.trim().to_owned(), |part| part.of(&text));
    written.chain(spoken).map(asked).find(|text| !text.is_empty())
}

fn read_turns(records: &Records, places: &BTreeSet<Place>) -> anyhow::Result<BTreeMap<Place, Turn>> {
    let wanted: Vec<Key> = places.iter().map(|(group, event)| (group.to_string(), keys::turn(event))).collect();
    let mut turns = BTreeMap::new();
    for row in items(records, &wanted)? {
        let place = row.text(PK).and_then(|group| group.parse().ok()).zip(keys::turn_event(row.sort()));
        let Some((group, event)) = place else { continue };
        let turn = read_turn(&event, row.stored()).with_context(|| format!("{group} {}", row.sort()))?;
        turns.insert((group, event), turn);
    }
    Ok(turns)
}

fn read_heads(records: &Records, groups: &BTreeSet<GroupId>) -> anyhow::Result<BTreeMap<GroupId, Conversation>> {
    let wanted: Vec<Key> = groups.iter().map(|group| (group.to_string(), HEAD.to_owned())).collect();
    let mut heads = BTreeMap::new();
    for row in items(records, &wanted)? {
        let Some(group) = row.text(PK).and_then(|group| group.parse().ok()) else { continue };
        heads.insert(group, read_head(row.stored()).context("a conversation's head")?);
    }
    Ok(heads)
}

/// The items of these keys that are there.
fn items(records: &Records, wanted: &[Key]) -> anyhow::Result<Vec<Row>> {
    let mut found = Vec::new();
    for batch in wanted.chunks(BATCH) {
        let list: Vec<Value> =
            batch.iter().map(|(partition, sort)| json!({PK: {"S": partition}, SK: {"S": sort}})).collect();
        let mut request = json!({ records.table.as_str(): {"Keys": list} });
        // What was too much for one answer is asked for again.
        while request.as_object().is_some_and(|tables| !tables.is_empty()) {
            let call = Call::new("dynamodb", "batch_get_item", json!({ "RequestItems": request }));
            let mut answer = records.call_one(call)?;
            let rows = answer.get_mut("Responses").and_then(|tables| tables.get_mut(&records.table)).map(Value::take);
            if let Some(Value::Array(rows)) = rows {
                found.extend(rows.into_iter().map(Row::new));
            }
            request = answer.get_mut("UnprocessedKeys").map(Value::take).unwrap_or_default();
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use domain::{ChannelId, Doubt, Identity, MediaNews, Message, QuickReply, Unanswered, message_id};

    use super::*;

    fn identity(user: &str) -> Identity {
        Identity { channel: ChannelId::Web, account: "default".into(), user: user.into() }
    }

    fn turn(user: &str, number: u32, text: &str, unanswered: Vec<Unanswered>) -> (Place, Turn) {
        let identity = identity(user);
        let id = identity.dedup("message", &number.to_string());
        let said = |index: u32, author, content| Message {
            id: message_id(&id, index),
            seq: u64::from(index),
            author,
            content,
            at: UnixMillis(i64::from(number)),
        };
        let choice = QuickReply { title: "Gift cards".into(), payload: "entry:gift".into() };
        let messages = vec![
            said(0, Author::Customer, Content::Text { text: text.into() }),
            said(1, Author::Bot, Content::QuickReplies { text: "which?".into(), replies: vec![choice] }),
        ];
        let turn = Turn {
            conversation: Conversation::first(&identity, UnixMillis(0)).id,
            at: UnixMillis(i64::from(number)),
            number: u64::from(number),
            messages,
            changes: vec![],
            unanswered,
            outbox: vec![],
            alarm: None,
            id: id.clone(),
        };
        ((identity.group(), id), turn)
    }

    fn shows(why: Why, question: Option<&Place>) -> Vec<Unanswered> {
        vec![Unanswered { why, question: question.map(|(_, event)| event.clone()), part: None }]
    }

    /// Texts with why, from turns in which all that is shown was shown.
    fn told(turns: &[(Place, Turn)], doubt: Option<(&str, &Place)>) -> Vec<(String, Why)> {
        let shown: Vec<Place> =
            turns.iter().filter(|(_, turn)| !turn.unanswered.is_empty()).map(|(place, _)| place.clone()).collect();
        let heads = doubt.map(|(user, place)| {
            let doubt = Some(Doubt { turn: place.1.clone(), choices: true });
            (place.0.clone(), Conversation { doubt, ..Conversation::first(&identity(user), UnixMillis(0)) })
        });
        let turns: BTreeMap<_, _> = turns.iter().cloned().collect();
        let found = questions(&shown, &turns, &heads.into_iter().collect());
        found.into_iter().map(|question| (question.text, question.why)).collect()
    }

    #[test]
    fn what_is_unknown_counts_and_what_was_erased_does_not() {
        let (place, unknown) = turn("a", 1, " zebra? ", shows(Why::Unknown, None));
        assert_eq!(told(&[(place.clone(), unknown.clone())], None), [("zebra?".to_owned(), Why::Unknown)]);
        let erased = Turn { messages: vec![], unanswered: vec![], ..unknown };
        assert_eq!(questions(std::slice::from_ref(&place), &[(place.clone(), erased)].into(), &BTreeMap::new()), []);
    }

    #[test]
    fn of_a_letter_the_questions_count_and_no_more_is_told() {
        let part = |letter: &str, sentence: &str| Unanswered {
            why: Why::Unknown,
            question: None,
            part: Part::find(letter, sentence),
        };
        let letter = "Dear shop, my name is Ann.\nDo you sell\nzebra saddles? Do you rent lamps?";
        let unanswered = vec![part(letter, "Do you sell zebra saddles?"), part(letter, "Do you rent lamps?")];
        let all = told(&[turn("a", 1, letter, unanswered)], None);
        let texts: Vec<&str> = all.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["Do you sell zebra saddles?", "Do you rent lamps?"]);
    }

    #[test]
    fn being_asked_counts_if_no_choice_was_taken() {
        let asked = turn("a", 1, "cards", shows(Why::Asked, None));
        let next = |text: &str, why| turn("a", 2, text, shows(why, Some(&asked.0)));
        let all = |next: &(Place, Turn)| told(&[asked.clone(), next.clone()], None);
        assert_eq!(told(std::slice::from_ref(&asked), None), [], "a choice was taken since");
        let waits = told(std::slice::from_ref(&asked), Some(("a", &asked.0)));
        assert_eq!(waits, [("cards".to_owned(), Why::NotMeant)], "they went away");
        assert_eq!(all(&next("no, post cards", Why::NotMeant)), [("cards".to_owned(), Why::NotMeant)]);
        assert_eq!(all(&next("gift cards!", Why::NotMeant)), [], "it stood on a choice");
        assert_eq!(all(&next("a person", Why::Handoff)), [("cards".to_owned(), Why::Handoff)], "once");
        // Of another's turn it says nothing.
        let other = turn("b", 1, "cards", shows(Why::Asked, None));
        assert_eq!(told(&[other], Some(("a", &asked.0))), []);
    }

    #[test]
    fn a_question_may_be_older_than_what_shows_it() {
        let mut answered = turn("a", 1, "where is it", vec![]);
        let person = turn("a", 2, "a person", shows(Why::Handoff, Some(&answered.0)));
        let expected = [("where is it".to_owned(), Why::Handoff)];
        assert_eq!(told(&[answered.clone(), person.clone()], None), expected);
        // Retention may have taken the one and not yet the other; what was spoken is in what was heard.
        assert_eq!(told(std::slice::from_ref(&person), None), []);
        let message = answered.1.messages[0].id.clone();
        answered.1.messages.clear();
        answered.1.changes.push(Change::Media(MediaNews::of(message).saying(Some("where".to_owned()))));
        assert_eq!(told(&[answered, person], None), [("where".to_owned(), Why::Handoff)]);
    }
}
