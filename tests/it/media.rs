//! Customers' files, from the message to the storage and back as news of it.

use app::answers::KnowledgeBot;
use app::envelope::{read_inbound, write_inbound};
use app::exchange::TokenStore;
use app::media::speech::{Deaf, Recogniser};
use app::media::{MediaError, Worked, Worker, work};
use app::ports::{Clock as _, FileStore, Got, StoredFile};
use app::process::{Processed, process};
use channels::KeySet;
use domain::{
    Attachment, Author, Change, ChannelId, Content, EventKind, Identity, InboundEvent, Locale, MediaNews, MessageId,
    Notice, UploadId, message_id, upload_of,
};
use serde_json::json;
use testkit::{Queue, World};
use tests::album::{Album, Ear, reply};

use crate::support::responder_of;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and so on";
const OGG: &[u8] = b"OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead\x01";

struct Desk {
    world: World,
    album: Album,
    ear: Ear,
    tokens: TokenStore,
    identity: Identity,
}

impl Desk {
    fn new(channel: ChannelId) -> Self {
        let world = World::new(KnowledgeBot::without_knowledge());
        let keys = json!({
            "bot_tokens": [{ "kid": "1", "secret": "1:a" }],
            "access_tokens": [{ "kid": "1", "secret": "T" }],
        });
        world.set_keys(KeySet::from_json(&keys.to_string()).unwrap());
        let identity = Identity { channel, account: "1".to_owned(), user: "42".to_owned() };
        Self { album: Album::new(&world), ear: Ear::new(&world), tokens: TokenStore::default(), identity, world }
    }

    async fn handles(&self, event: &InboundEvent) -> Processed {
        let world = &self.world;
        let deps = responder_of(world);
        world.pass(1);
        process(&deps, &write_inbound(event)).await.unwrap()
    }

    fn event(&self, id: &str, kind: EventKind) -> InboundEvent {
        let locale = Locale::from_tag("en");
        InboundEvent::new(self.identity.clone(), id, self.world.now(), locale, kind)
    }

    /// The customer sends something; the message's id.
    async fn sends(&self, id: &str, content: Content) -> MessageId {
        let event = self.event(id, EventKind::Message { content });
        self.handles(&event).await;
        message_id(&event.id, 0)
    }

    async fn forgets(&self) {
        self.handles(&self.event("forget", EventKind::Forget)).await;
    }

    /// The bodies on the media queue.
    fn queued(&self) -> Vec<String> {
        let sent = (0..self.world.sent(Queue::Media)).filter_map(|place| self.world.sent_as(Queue::Media, place));
        sent.map(|message| message.body).collect()
    }

    async fn works_for(&self, recogniser: &dyn Recogniser, body: &str, last: bool) -> Result<Worked, MediaError> {
        let world = &self.world;
        let worker = Worker {
            channels: channels::channel,
            secrets: world,
            wire: world,
            tokens: &self.tokens,
            files: &self.album,
            store: world,
            recogniser,
            inbound: world,
            clock: world,
        };
        work(&worker, body, last).await
    }

    /// Does the newest record of the media queue.
    async fn works(&self) -> Result<Worked, MediaError> {
        let body = self.queued().pop().unwrap();
        self.works_for(&self.ear, &body, false).await
    }

    /// What came of files, in order.
    fn news(&self) -> Vec<MediaNews> {
        let events = self.world.inbound().into_iter().map(|message| read_inbound(&message.body).unwrap());
        let news = |event: InboundEvent| if let EventKind::MediaReady(news) = event.kind { Some(news) } else { None };
        events.filter_map(news).collect()
    }

    /// The newest event of the inbound queue is handled.
    async fn hears_of_it(&self) -> Processed {
        let last = self.world.inbound().pop().unwrap();
        self.handles(&read_inbound(&last.body).unwrap()).await
    }

    /// What the bot and the system have said so far.
    fn said(&self) -> Vec<String> {
        let turns = self.world.turns(&self.identity.group());
        let ours = turns.into_iter().flat_map(|turn| turn.messages);
        let text = |content| if let Content::Text { text } = content { text } else { String::new() };
        ours.filter(|message| message.author != Author::Customer).map(|message| text(message.content)).collect()
    }

    fn files(&self) -> Vec<(UploadId, String, Vec<u8>)> {
        self.world.files(&self.identity.group())
    }
}

fn file(url: &str, mime: &str) -> Attachment {
    Attachment { upload: None, url: Some(url.to_owned()), name: "f".to_owned(), mime: mime.to_owned(), size: 0 }
}

fn picture(url: &str) -> Content {
    Content::Image(file(url, "image/jpeg"))
}

fn voice(url: &str) -> Content {
    Content::Audio(file(url, "audio/ogg"))
}

fn unheard() -> String {
    bot::notices::default(Notice::Unheard, bot::text::Language::En).to_owned()
}

#[tokio::test]
async fn a_picture_is_stored_as_what_its_bytes_are_and_told_of_once() {
    let desk = Desk::new(ChannelId::Telegram);
    let message = desk.sends("1", picture("telegram-file:AB")).await;
    let path = json!({ "ok": true, "result": { "file_path": "photos/1.jpg" } }).to_string();
    for _ in 0..3 {
        desk.album.answer([reply(200, "application/json", path.as_bytes()), reply(200, "image/jpeg", PNG)]);
        assert_eq!(desk.works().await.unwrap(), Worked::Stored);
    }
    assert_eq!(desk.album.calls()[..2], ["/bot1:a/getFile?file_id=AB", "/file/bot1:a/photos/1.jpg"]);
    let upload = upload_of(&message);
    assert_eq!(desk.files(), [(upload.clone(), "image/png".to_owned(), PNG.to_vec())]);
    let stored = Attachment {
        upload: Some(upload),
        url: None,
        name: "f".to_owned(),
        mime: "image/png".to_owned(),
        size: PNG.len() as u64,
    };
    let news = MediaNews { file: Some(stored), ..MediaNews::of(message) };
    let events: Vec<_> = desk.world.inbound().into_iter().map(|event| event.dedup).collect();
    assert!(events.iter().all(|id| *id == events[0]), "the same event each time");
    assert_eq!(desk.news()[0], news);
    assert!(matches!(desk.hears_of_it().await, Processed::Committed(None)));
    assert_eq!(desk.hears_of_it().await, Processed::Repeated);
    let turn = desk.world.turns(&desk.identity.group()).pop().unwrap();
    assert_eq!((turn.changes, turn.messages.len()), (vec![Change::Media(news)], 0));
}

#[tokio::test]
async fn a_file_that_cannot_be_had_is_told_of_with_the_reason() {
    for (got, reason) in [
        (reply(404, "", b""), "the provider does not have the file any more"),
        (reply(200, "", b""), "the file is empty"),
        (Got::TooLarge, "the file is larger than 25 MB"),
        (Got::Forbidden("its address leads into a private network"), "its address leads into a private network"),
    ] {
        let desk = Desk::new(ChannelId::Messenger);
        desk.sends("1", picture("https://cdn.example/1")).await;
        let before = desk.said();
        desk.album.answer([got]);
        assert_eq!(desk.works().await.unwrap(), Worked::Failed, "{reason}");
        let news = desk.news().pop().unwrap();
        assert_eq!((news.trouble.as_deref(), news.unheard, news.file), (Some(reason), false, None));
        desk.hears_of_it().await;
        assert_eq!((desk.said(), desk.files().len()), (before, 0), "{reason}");
    }
    let desk = Desk::new(ChannelId::Weibo);
    desk.sends("1", voice("weibo-media:1")).await;
    assert_eq!(desk.works().await.unwrap(), Worked::Failed);
    assert!(desk.album.calls().is_empty());
    desk.hears_of_it().await;
    assert_eq!(desk.said(), [unheard()]);
}

#[tokio::test]
async fn an_outage_is_waited_out_and_given_up_at_last() {
    let desk = Desk::new(ChannelId::Messenger);
    desk.sends("1", voice("https://cdn.example/1")).await;
    let body = desk.queued().pop().unwrap();
    for status in [0, 429, 503] {
        desk.album.answer([reply(status, "", b"")]);
        let error = desk.works().await.unwrap_err();
        assert!(matches!(error, MediaError::Later(None)), "{error}");
    }
    assert!(desk.news().is_empty());
    desk.album.answer([reply(503, "", b"")]);
    assert_eq!(desk.works_for(&desk.ear, &body, true).await.unwrap(), Worked::Failed);
    desk.hears_of_it().await;
    assert_eq!(desk.said(), [unheard()]);
}

#[tokio::test]
async fn what_an_earlier_worker_has_stored_is_told_of_though_it_is_gone_from_the_provider() {
    let desk = Desk::new(ChannelId::Messenger);
    let message = desk.sends("1", picture("https://cdn.example/1")).await;
    let kept = StoredFile { mime: "image/png".to_owned(), bytes: PNG.to_vec() };
    FileStore::put(&desk.world, &desk.identity.group(), &upload_of(&message), kept).await.unwrap();
    assert_eq!(desk.works().await.unwrap(), Worked::Stored);
    let file = desk.news().pop().unwrap().file.unwrap();
    assert_eq!((file.mime.as_str(), file.size), ("image/png", PNG.len() as u64));
}

#[tokio::test]
async fn files_are_kept_only_where_the_channel_may() {
    let desk = Desk::new(ChannelId::Instagram);
    desk.album.lay("/1", Some(PNG));
    desk.sends("1", picture("https://cdn.example/1")).await;
    assert_eq!((desk.works().await.unwrap(), desk.album.calls().len()), (Worked::Failed, 0));
    let keys = r#"{"settings":{"keep_files":true}}"#;
    desk.world.set_keys(KeySet::from_json(keys).unwrap());
    assert_eq!(desk.works().await.unwrap(), Worked::Stored);
}

#[tokio::test]
async fn what_is_said_is_answered_as_if_it_were_written() {
    let desk = Desk::new(ChannelId::Messenger);
    desk.album.lay("/1", Some(OGG));
    desk.ear.hears(Some("hello there"));
    let message = desk.sends("1", voice("https://cdn.example/1")).await;
    assert!(desk.said().is_empty(), "it waits for the words");
    assert_eq!(desk.works().await.unwrap(), Worked::Listening);
    assert_eq!(desk.ear.begun(), [(message.clone(), "audio/ogg".to_owned(), Some("en".to_owned()))]);
    desk.hears_of_it().await;
    assert!(desk.said().is_empty(), "the file alone says nothing");
    // Word comes, and comes again.
    let word = desk.queued().pop().unwrap();
    assert_eq!(desk.works().await.unwrap(), Worked::Heard);
    assert_eq!(desk.news().pop().unwrap().transcript.as_deref(), Some("hello there"));
    desk.hears_of_it().await;
    let said = desk.said();
    assert_eq!(said.len(), 1);
    let events = desk.world.inbound().len();
    assert_eq!(desk.works_for(&desk.ear, &word, false).await.unwrap(), Worked::Nothing);
    assert_eq!((desk.world.inbound().len(), desk.hears_of_it().await), (events, Processed::Repeated));
    assert_eq!((desk.said(), desk.files().len()), (said, 1), "the file stays");
    assert!(!desk.world.is_noted(&desk.identity.group(), &message));
}

#[tokio::test]
async fn a_message_on_the_phone_waits_with_its_words_for_a_person() {
    let wav = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0".as_slice();
    let desk = Desk::new(ChannelId::Voice);
    let keys =
        json!({ "twilio_auth_tokens": [{ "kid": "AC1", "secret": "t" }], "settings": { "accounts": { "1": {} } } });
    desk.world.set_keys(KeySet::from_json(&keys.to_string()).unwrap());
    desk.ear.hears(Some("please call me back"));
    desk.sends("left", Content::Event { name: "left".to_owned() }).await;
    let recorded = Content::Audio(file("twilio-recording:AC1/RE1", "audio/wav"));
    // Five copies of the webhook are one message.
    let mut messages = vec![];
    for _ in 0..5 {
        messages.push(desk.sends("CA1:RE1", recorded.clone()).await);
    }
    let message = messages.pop().unwrap();
    let works = desk.queued();
    assert!(!works.is_empty() && works.iter().all(|body| *body == works[0]), "of one message, one piece of work");
    // Twilio does not have it yet.
    let later = desk.works().await.unwrap_err();
    assert_eq!((later.kind(), later.after()), (app::Kind::Transient, Some(15)));
    assert!(desk.news().is_empty());
    desk.album.lay("/2010-04-01/Accounts/AC1/Recordings/RE1.wav", Some(wav));
    for body in &works {
        assert_eq!(desk.works_for(&desk.ear, body, false).await.unwrap(), Worked::Listening);
    }
    assert_eq!(desk.ear.begun(), [(message.clone(), "audio/wav".to_owned(), Some("en".to_owned()))], "one job");
    assert_eq!(desk.files(), [(upload_of(&message), "audio/wav".to_owned(), wav.to_vec())]);
    desk.hears_of_it().await;
    assert_eq!(desk.works().await.unwrap(), Worked::Heard);
    desk.hears_of_it().await;
    let turns = desk.world.turns(&desk.identity.group());
    let news = |change: &&Change| matches!(change, Change::Media(news) if news.transcript.is_some());
    let told: Vec<_> = turns.iter().flat_map(|turn| &turn.changes).filter(news).collect();
    assert!(matches!(told[..], [Change::Media(news)] if news.transcript.as_deref() == Some("please call me back")));
    assert_eq!(desk.said(), [""; 0], "the caller has hung up");
    // Twilio that never has it is asked no more in the end; a person knows.
    desk.sends("CA2:RE2", Content::Audio(file("twilio-recording:AC1/RE2", "audio/wav"))).await;
    let body = desk.queued().pop().unwrap();
    assert_eq!(desk.works_for(&desk.ear, &body, true).await.unwrap(), Worked::Failed);
    assert!(desk.news().pop().unwrap().unheard);
    desk.hears_of_it().await;
    assert_eq!(desk.said(), [""; 0]);
}

#[tokio::test]
async fn what_nobody_understands_is_asked_for_in_writing() {
    let silk = b"\x02#!SILK_V3 and so on".as_slice();
    for (bytes, words, failed, refuses, reason) in [
        (silk, None, None, None, "the ear does not take audio/silk"),
        (OGG, None, None, None, "nothing is said in it"),
        (OGG, Some("words"), Some("it is broken"), None, "it is broken"),
        (OGG, None, None, Some("not today"), "not today"),
    ] {
        let desk = Desk::new(ChannelId::Messenger);
        desk.album.lay("/1", Some(bytes));
        desk.ear.hears(words);
        desk.ear.fails(failed);
        desk.ear.refuses(refuses);
        let message = desk.sends("1", voice("https://cdn.example/1")).await;
        if desk.works().await.unwrap() == Worked::Listening {
            desk.hears_of_it().await;
            assert_eq!(desk.works().await.unwrap(), Worked::Unheard, "{reason}");
        }
        let news = desk.news().pop().unwrap();
        assert_eq!((news.unheard, news.trouble.as_deref(), news.transcript), (true, Some(reason), None));
        desk.hears_of_it().await;
        assert_eq!(desk.said(), [unheard()], "{reason}");
        assert!(!desk.world.is_noted(&desk.identity.group(), &message), "{reason}");
    }
    let desk = Desk::new(ChannelId::Messenger);
    desk.album.lay("/1", Some(OGG));
    desk.sends("1", voice("https://cdn.example/1")).await;
    let body = desk.queued().pop().unwrap();
    assert_eq!(desk.works_for(&Deaf, &body, false).await.unwrap(), Worked::Unheard);
    desk.hears_of_it().await;
    assert_eq!((desk.said(), desk.files().len()), (vec![unheard()], 1), "turned off: the file is kept all the same");
}

#[tokio::test]
async fn a_visitors_own_voice_note_is_heard_where_it_lies() {
    let desk = Desk::new(ChannelId::Web);
    let upload = UploadId::derive(&[b"own"]);
    let own = Attachment { upload: Some(upload.clone()), url: None, ..file("", "audio/ogg") };
    desk.sends("1", Content::Audio(own.clone())).await;
    assert_eq!(desk.works().await.unwrap(), Worked::Failed, "nothing was uploaded");
    let kept = StoredFile { mime: "audio/ogg".to_owned(), bytes: OGG.to_vec() };
    FileStore::put(&desk.world, &desk.identity.group(), &upload, kept).await.unwrap();
    desk.sends("2", Content::Audio(own)).await;
    desk.ear.hears(Some("hello"));
    assert_eq!(desk.works().await.unwrap(), Worked::Listening);
    assert_eq!(desk.works().await.unwrap(), Worked::Heard);
    let news = desk.news();
    assert_eq!((news.len(), news[1].transcript.as_deref()), (2, Some("hello")), "the file is no news");
}

#[tokio::test]
async fn what_comes_for_somebody_who_was_forgotten_goes() {
    // Forgotten while the worker is at it, and while somebody listens.
    for content in [picture("https://cdn.example/1"), voice("https://cdn.example/1")] {
        let desk = Desk::new(ChannelId::Messenger);
        desk.album.lay("/1", Some(OGG));
        desk.ear.hears(Some("words"));
        let message = desk.sends("1", content).await;
        desk.forgets().await;
        desk.world.pass(5);
        desk.works_for(&desk.ear, &desk.queued()[0], false).await.unwrap();
        assert_eq!(desk.files().len(), 1);
        assert_eq!(desk.hears_of_it().await, Processed::Ignored);
        assert!(desk.files().is_empty() && !desk.world.is_noted(&desk.identity.group(), &message));
    }
    let desk = Desk::new(ChannelId::Messenger);
    desk.album.lay("/1", Some(OGG));
    desk.ear.hears(Some("words"));
    desk.sends("1", voice("https://cdn.example/1")).await;
    desk.works().await.unwrap();
    desk.hears_of_it().await;
    desk.forgets().await;
    assert!(desk.files().is_empty());
    assert_eq!(desk.works().await.unwrap(), Worked::Nothing, "whose it was is not known any more");
    // Who comes back is not told of what was before.
    desk.world.pass(5);
    desk.sends("2", Content::Text { text: "hello".to_owned() }).await;
    assert!(desk.news().iter().all(|news| news.transcript.is_none()));
}

#[tokio::test]
async fn a_text_costs_the_media_queue_nothing() {
    let desk = Desk::new(ChannelId::Messenger);
    desk.sends("1", Content::Text { text: "hello".to_owned() }).await;
    assert!(desk.queued().is_empty());
    desk.sends("2", picture("https://cdn.example/1")).await;
    assert_eq!(desk.queued().len(), 1);
    let again = desk.event("2", EventKind::Message { content: picture("https://cdn.example/1") });
    assert_eq!((desk.handles(&again).await, desk.queued().len()), (Processed::Repeated, 1), "the queue knows it");
    desk.world.pass(400);
    assert_eq!(desk.handles(&again).await, Processed::Repeated);
    let queued = desk.queued();
    assert_eq!((queued.len(), &queued[0]), (2, &queued[1]), "or the worker finds the same once more");
}
