//! A customer's file is stored once and told of once, and a voice note is listened to and answered once, wherever workers
//! and responders die.

use app::ports::{Clock as _, InboundQueue};
use domain::{Attachment, Change, ChannelId, Content, EventKind, Identity, InboundEvent};
use fastrand::Rng;
use testkit::Queue;

use crate::stage::{Invocation, Stage, VISIBILITY, Way};

const CUSTOMERS: usize = 3;
const OGG: &[u8] = b"OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead\x01";

fn customer(number: usize) -> Identity {
    Identity { channel: ChannelId::Messenger, account: "page".to_owned(), user: format!("u{}", number % CUSTOMERS) }
}

/// A customer sends a file: every second one is a voice note.
async fn send(stage: &Stage, number: usize) {
    let url = format!("https://cdn.example/{number}/end");
    stage.album.lay(&format!("/{number}/end"), Some(OGG));
    let file = Attachment { upload: None, url: Some(url), name: "f".to_owned(), mime: String::new(), size: 0 };
    let content = if number.is_multiple_of(2) { Content::Audio(file) } else { Content::Image(file) };
    let kind = EventKind::Message { content };
    let event = InboundEvent::new(customer(number), &number.to_string(), stage.world.now(), None, kind);
    // The provider tries again until it is told that the message was taken.
    while InboundQueue::send(&stage.world, std::slice::from_ref(&event)).await.is_err() {
        stage.world.tick(200);
    }
}

/// Everything is where it belongs, once.
fn judge(stage: &Stage, sent: usize, what: &str) {
    assert!(stage.world.dead().is_empty(), "{what}: {:?}", stage.world.dead());
    assert_eq!(stage.ear.begun().len(), sent.div_ceil(2), "{what}: each voice note is listened to once");
    for number in 0..CUSTOMERS {
        let group = customer(number).group();
        let own: Vec<usize> = (number..sent).step_by(CUSTOMERS).collect();
        let voices = own.iter().filter(|number| number.is_multiple_of(2)).count();
        assert_eq!(stage.world.files(&group).len(), own.len(), "{what}: files");
        let turns = stage.world.turns(&group);
        let news: Vec<_> = turns
            .iter()
            .flat_map(|turn| &turn.changes)
            .filter_map(|change| if let Change::Media(news) = change { Some(news) } else { None })
            .collect();
        let count = |wanted: fn(&&&domain::MediaNews) -> bool| news.iter().filter(wanted).count();
        assert_eq!(count(|news| news.file.is_some()), own.len(), "{what}: news of files");
        assert_eq!(count(|news| news.transcript.is_some()), voices, "{what}: news of words");
        assert_eq!(count(|news| news.unheard || news.trouble.is_some()), 0, "{what}");
        let answers = turns.iter().filter(|turn| {
            let heard = |change: &Change| matches!(change, Change::Media(news) if news.transcript.is_some());
            turn.changes.iter().any(heard) && !turn.outbox.is_empty()
        });
        assert_eq!(answers.count(), voices, "{what}: answers");
    }
}

#[tokio::test]
async fn a_worker_may_die_at_any_await() {
    for number in [0, 1] {
        let mut deaths = 0;
        // The file, and for a voice note the word that somebody has listened to it.
        for record in 0..if number == 0 { 2 } else { 1 } {
            for polls in 0.. {
                let stage = Stage::new(Way::Keyed);
                stage.ear.hears(Some("what was said"));
                send(&stage, number).await;
                stage.complete(stage.invoke(Queue::Inbound).unwrap());
                for _ in 0..record {
                    stage.complete(stage.invoke(Queue::Media).unwrap());
                }
                let mut invocation = stage.invoke(Queue::Media).unwrap();
                let ended = (0..polls).any(|_| invocation.poll().is_some());
                drop(invocation);
                // Now and then so late that the queue has forgotten what it was sent.
                stage.world.pass(if polls % 2 == 0 { VISIBILITY + 1 } else { 400 });
                stage.drain();
                let what = format!("file {number}, record {record}, died at await {polls}");
                let (turns, files) =
                    (stage.world.turns(&customer(number).group()), stage.world.files(&customer(number).group()));
                let of = |wanted: fn(&domain::MediaNews) -> bool| {
                    let changes = turns.iter().flat_map(|turn| &turn.changes);
                    changes.filter(|change| matches!(change, Change::Media(news) if wanted(news))).count()
                };
                let words = usize::from(number == 0);
                assert_eq!((files.len(), of(|news| news.file.is_some())), (1, 1), "{what}");
                assert_eq!(of(|news| news.transcript.is_some()), words, "{what}");
                assert_eq!(stage.ear.begun().len(), words, "{what}");
                assert!(stage.world.dead().is_empty(), "{what}: {:?}", stage.world.dead());
                if ended {
                    break;
                }
                deaths += 1;
            }
        }
        assert!(deaths > 5, "{deaths}");
    }
}

#[tokio::test]
async fn whatever_breaks_every_file_is_told_of_once() {
    let (mut troubles, mut deaths) = (0, 0);
    for seed in 0..60 {
        let mut rng = Rng::with_seed(seed);
        let stage = Stage::new(Way::Keyed);
        stage.ear.hears(Some("what was said"));
        stage.world.unleash(seed, 20);
        let (mut sent, mut running): (usize, Vec<Invocation>) = (0, vec![]);
        for _ in 0..3_000 {
            match rng.u32(0..1000) {
                0..30 if sent < 60 => {
                    send(&stage, sent).await;
                    sent += 1;
                }
                30..50 => stage.world.tick(rng.u64(1..4_000)),
                50..53 => stage.world.pass(rng.i64(VISIBILITY..400)),
                53..58 if !running.is_empty() => {
                    // It dies, or hangs so long that another begins.
                    drop(running.swap_remove(rng.usize(0..running.len())));
                    deaths += 1;
                }
                58..200 if running.len() < 4 => {
                    let queue = if rng.bool() { Queue::Media } else { Queue::Inbound };
                    running.extend(stage.invoke(queue));
                }
                _ if !running.is_empty() => {
                    let place = rng.usize(0..running.len());
                    if let Some(response) = running[place].poll() {
                        stage.acknowledge(&running.swap_remove(place), &response);
                    }
                }
                _ => stage.world.tick(100),
            }
        }
        drop(running);
        troubles += stage.world.calm().values().sum::<u64>();
        stage.world.pass(VISIBILITY + 1);
        stage.drain();
        judge(&stage, sent, &format!("seed {seed}"));
        assert!(sent > 30);
    }
    assert!(troubles > 500 && deaths > 100, "{troubles} {deaths}");
}
