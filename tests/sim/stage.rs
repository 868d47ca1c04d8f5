//! The functions over one world, played as Lambda and its event source mappings play them: a batch in, an invocation that
//! can be polled, cut and resumed at any await, and what was done deleted.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use app::PortError;
use app::accept::{AcceptError, Accepted, Door, accept};
use app::answers::KnowledgeBot;
use app::exchange::TokenStore;
use app::ports::{Clock as _, Conversations, InboundQueue, Keyless, Secrets, Wire};
use async_trait::async_trait;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use channels::{KeySet, RawRequest, Registry};
use domain::{ChannelId, InboundEvent, Policy, UnixMillis};
use lambda_runtime::LambdaEvent;
use runtime::consumer::Consumer;
use testkit::{Queue, Received, World};
use tests::Provider;
use tests::album::{Album, Ear};
use tests::inbox::{self, Inbox};
use tests::system::System;
use tokio::task::coop::unconstrained;

use crate::phone::{Phone, PhoneKeys};

/// Seconds for which a received message is hidden.
pub(crate) const VISIBILITY: i64 = 60;
/// Seconds for which a claim keeps other senders away.
pub(crate) const LEASE: i64 = 60;
/// Messages of a fetched page.
pub(crate) const PAGE: usize = 10;
/// Receives after which a message is given up, as in the template.
pub(crate) const MAX_RECEIVES: u32 = 20;

/// Through which channel replies go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// The web's: a mailbox and sockets.
    Web,
    /// The test channel, whose provider takes an idempotency key.
    Keyed,
    /// The test channel, whose provider takes none.
    Bare,
    /// The same, and replies are allowed for a minute.
    Hurried,
    /// The same, and the provider's request waits for the answer.
    Waiting,
    /// The telephone.
    Phone,
}

impl Way {
    pub(crate) fn registry(self) -> Registry {
        match self {
            Self::Web | Self::Phone => channels::channel,
            Self::Keyed => tests::channel::keyed,
            Self::Bare => tests::channel::bare,
            Self::Hurried => tests::channel::hurried,
            Self::Waiting => tests::channel::waiting,
        }
    }
}

/// The keys of the account that the puller fetches from.
struct Keys;

#[async_trait]
impl Secrets for Keys {
    async fn keys(&self, _channel: ChannelId) -> Result<Arc<KeySet>, PortError> {
        Ok(Arc::new(inbox::keys()))
    }
}

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) provider: Provider,
    pub(crate) phone: Phone,
    /// What the puller fetches from.
    pub(crate) inbox: Inbox,
    /// Where customers' files come from, and who listens to them.
    pub(crate) album: Album,
    pub(crate) ear: Ear,
    /// The company's own system.
    pub(crate) system: System,
    pub(crate) way: Way,
    pub(crate) max_receives: u32,
    action: Rc<action::Deps>,
    responder: Rc<responder::Deps>,
    outbound: Rc<outbound::Deps>,
    puller: Rc<puller::Deps>,
    media: Rc<media::Deps>,
}

impl Stage {
    pub(crate) fn new(way: Way) -> Self {
        Self::with_policy(way, Policy { messages_per_minute: 1_000_000, ..Policy::default() })
    }

    pub(crate) fn with_policy(way: Way, policy: Policy) -> Self {
        let world = World::new(KnowledgeBot::without_knowledge().with_policy(policy));
        let conversations = Box::new(world.clone());
        Self::over(way, world, conversations, MAX_RECEIVES)
    }

    /// Over a world whose table is reached through something else.
    pub(crate) fn over(way: Way, world: World, conversations: Box<dyn Conversations>, max_receives: u32) -> Self {
        let (provider, phone) = (Provider::new(&world), Phone::new(&world));
        let consumer = || Consumer {
            function: None,
            max_receives,
            reserve: Duration::from_secs(1),
            dead_letters: Box::new(world.clone()),
            put_off: Box::new(world.clone()),
            clock: Box::new(world.clone()),
        };
        let responder = responder::Deps {
            channels: way.registry(),
            conversations,
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
        };
        let wire: Box<dyn Wire> = match way {
            Way::Web => Box::new(world.clone()),
            Way::Phone => Box::new(phone.clone()),
            Way::Keyed | Way::Bare | Way::Hurried | Way::Waiting => Box::new(provider.clone()),
        };
        let secrets: Box<dyn Secrets> = if way == Way::Phone { Box::new(PhoneKeys) } else { Box::new(Keyless) };
        let outbound = outbound::Deps {
            channels: way.registry(),
            deliveries: Box::new(world.clone()),
            secrets,
            threads: None,
            tokens: TokenStore::default(),
            wire,
            inbound: Box::new(world.clone()),
            lease_seconds: LEASE,
            clock: Box::new(world.clone()),
            consumer: consumer(),
        };
        let inbox = Inbox::new(&world, PAGE);
        let puller = puller::Deps {
            channels: channels::channel,
            secrets: Box::new(Keys),
            wire: Box::new(inbox.clone()),
            tokens: TokenStore::default(),
            cursors: Box::new(world.clone()),
            inbound: Box::new(world.clone()),
            pulls: Box::new(world.clone()),
            clock: Box::new(world.clone()),
            consumer: consumer(),
        };
        let (album, ear) = (Album::new(&world), Ear::new(&world));
        let media = media::Deps {
            channels: channels::channel,
            secrets: Box::new(Keyless),
            wire: Box::new(world.clone()),
            tokens: TokenStore::default(),
            files: Box::new(album.clone()),
            store: Box::new(world.clone()),
            recogniser: Box::new(ear.clone()),
            inbound: Box::new(world.clone()),
            clock: Box::new(world.clone()),
            consumer: consumer(),
        };
        let system = System::new(&world);
        let action = Rc::new(action::Deps {
            settings: Box::new(system.clone()),
            https: Box::new(system.clone()),
            functions: Box::new(system.clone()),
            inbound: Box::new(world.clone()),
            clock: Box::new(world.clone()),
            consumer: consumer(),
        });
        let (responder, outbound, puller) = (Rc::new(responder), Rc::new(outbound), Rc::new(puller));
        let media = Rc::new(media);
        Self {
            world,
            provider,
            phone,
            inbox,
            album,
            ear,
            system,
            way,
            max_receives,
            action,
            responder,
            outbound,
            puller,
            media,
        }
    }

    /// Puts an event on the inbound queue, as often as it takes.
    pub(crate) async fn put(&self, event: &InboundEvent) {
        put(&self.world, event).await;
    }

    pub(crate) fn receive(&self, queue: Queue) -> Vec<Received> {
        self.world.receive(queue, VISIBILITY, self.max_receives)
    }

    /// An invocation with these messages.
    pub(crate) fn start(&self, queue: Queue, batch: Vec<Received>) -> Invocation {
        let event = event(&batch);
        let (responder, outbound) = (Rc::clone(&self.responder), Rc::clone(&self.outbound));
        let future: Running = match queue {
            Queue::Inbound => {
                Box::pin(unconstrained(async move { responder::handle(&responder, event).await.unwrap() }))
            }
            Queue::Outbound => {
                Box::pin(unconstrained(async move { outbound::handle(&outbound, event).await.unwrap() }))
            }
            Queue::Media => {
                let media = Rc::clone(&self.media);
                Box::pin(unconstrained(async move { media::handle(&media, event).await.unwrap() }))
            }
            Queue::Actions => {
                let action = Rc::clone(&self.action);
                Box::pin(unconstrained(async move { action::handle(&action, event).await.unwrap() }))
            }
            Queue::Pulls => {
                let puller = Rc::clone(&self.puller);
                Box::pin(unconstrained(async move { puller::handle(&puller, event).await.unwrap() }))
            }
        };
        Invocation { queue, batch, future, polls: 0, began: self.world.now(), flag: Flag::raised() }
    }

    /// An invocation with what the queue has, if it has anything.
    pub(crate) fn invoke(&self, queue: Queue) -> Option<Invocation> {
        let batch = self.receive(queue);
        (!batch.is_empty()).then(|| self.start(queue, batch))
    }

    /// Deletes what an invocation did.
    pub(crate) fn acknowledge(&self, invocation: &Invocation, response: &SqsBatchResponse) {
        for done in invocation.batch.iter().filter(|received| !has_failed(response, received)) {
            self.world.delete(invocation.queue, &done.receipt);
        }
    }

    /// Runs an invocation to its end, time passing as it sleeps, and deletes what it did; what it answered.
    pub(crate) fn complete(&self, mut invocation: Invocation) -> Vec<String> {
        let response = loop {
            if let Some(response) = invocation.poll() {
                break response;
            }
            self.world.tick(1);
            if !invocation.is_awake() {
                self.pass_to(self.world.next_timer());
            }
        };
        self.acknowledge(&invocation, &response);
        response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    }

    /// Lets time pass until an instant, if it is not over.
    pub(crate) fn pass_to(&self, instant: Option<UnixMillis>) {
        let millis = instant.map_or(1, |instant| instant.0 - self.world.now().0);
        self.world.tick(u64::try_from(millis).unwrap_or(0));
    }

    /// Runs all queues empty, one invocation at a time, time passing while nothing can be received.
    pub(crate) fn drain(&self) {
        self.drain_until(None);
    }

    /// The same, until an instant at most.
    pub(crate) fn drain_until(&self, end: Option<UnixMillis>) {
        loop {
            if end.is_some_and(|end| self.world.now() >= end) {
                return;
            }
            let mut worked = false;
            for queue in [Queue::Pulls, Queue::Inbound, Queue::Media, Queue::Actions, Queue::Outbound] {
                if let Some(invocation) = self.invoke(queue) {
                    self.complete(invocation);
                    worked = true;
                }
            }
            if !worked {
                let Some(opens) = self.world.next_visible() else { return };
                self.pass_to(Some(UnixMillis(end.map_or(opens.0, |end| end.0.min(opens.0)) + 1)));
            }
        }
    }
}

/// A visitor's request through the world's door.
pub(crate) async fn post(world: &World, token: &str, body: &str) -> Result<Vec<InboundEvent>, AcceptError> {
    let headers = [("authorization".to_owned(), format!("Bearer {token}"))];
    let request = RawRequest { method: "POST", url: "/v1/messages", headers: &headers, body: body.as_bytes() };
    let door = Door {
        channels: channels::channel,
        secrets: world,
        inbound: world,
        pulls: None,
        threads: None,
        files: None,
        clock: world,
    };
    match accept(&door, ChannelId::Web, &request).await? {
        Accepted::Queued { events, .. } => Ok(events),
        Accepted::Challenge(_) => Ok(vec![]),
    }
}

/// Puts an event on the inbound queue, as often as it takes.
pub(crate) async fn put(world: &World, event: &InboundEvent) {
    while InboundQueue::send(world, std::slice::from_ref(event)).await.is_err() {
        world.sleep(200).await;
    }
}

/// Whether a message is to come again.
pub(crate) fn has_failed(response: &SqsBatchResponse, received: &Received) -> bool {
    response.batch_item_failures.iter().any(|failure| failure.item_identifier == received.receipt)
}

/// Whether somebody woke a task.
pub(crate) struct Flag(AtomicBool);

impl Flag {
    pub(crate) fn raised() -> Arc<Self> {
        Arc::new(Self(AtomicBool::new(true)))
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn lower(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

type Running = Pin<Box<dyn Future<Output = SqsBatchResponse>>>;

/// An invocation under way. Dropped, it has died.
pub(crate) struct Invocation {
    pub(crate) queue: Queue,
    pub(crate) began: UnixMillis,
    pub(crate) polls: u32,
    pub(crate) flag: Arc<Flag>,
    pub(crate) batch: Vec<Received>,
    future: Running,
}

impl Invocation {
    /// Lets it go on to its next await; its answer, if it has come to its end.
    pub(crate) fn poll(&mut self) -> Option<SqsBatchResponse> {
        self.polls += 1;
        self.flag.lower();
        let waker = Waker::from(Arc::clone(&self.flag));
        match self.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(response) => Some(response),
            Poll::Pending => None,
        }
    }

    /// Whether it has something to do now.
    pub(crate) fn is_awake(&self) -> bool {
        self.flag.is_raised()
    }
}

fn event(batch: &[Received]) -> LambdaEvent<SqsEvent> {
    let mut event = SqsEvent::default();
    event.records = batch.iter().map(record).collect();
    let mut context = lambda_runtime::Context::default();
    context.deadline = u64::MAX / 2;
    LambdaEvent::new(event, context)
}

fn record(received: &Received) -> SqsMessage {
    let mut record = SqsMessage::default();
    record.message_id = Some(received.receipt.clone());
    record.receipt_handle = Some(received.receipt.clone());
    record.body = Some(received.message.body.clone());
    let attributes = [
        ("ApproximateReceiveCount", received.receives.to_string()),
        ("MessageGroupId", received.message.group.clone()),
        ("MessageDeduplicationId", received.message.dedup.clone()),
    ];
    record.attributes = attributes.map(|(name, value)| (name.to_owned(), value)).into();
    record
}
