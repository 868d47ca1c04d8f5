//! What the responder is made of, from its settings.

use std::time::{Duration, Instant};

use app::model::{Model, Spending};
use app::ports::{
    ActionQueue, Alarms, Clock, Conversations, Erasure, Handles, Knowledge, MediaQueue, OutboundQueue, People,
};
use app::process::Responder;
use app::writer::{Cost, Limits, Writer};
use aws::dynamo::Retention;
use aws::{
    AlarmSettings, Aws, BedrockModel, DynamoConversations, DynamoErasure, DynamoHandles, DynamoPeople, DynamoSpending,
    S3Erasure, S3Knowledge, SchedulerAlarms, SqsActions, SqsDeadLetters, SqsMedia, SqsOutbound, SqsPutOff, SsmModelKey,
    SystemClock,
};
use channels::Registry;
use domain::Transport;
use runtime::chat::ChatModel;
use runtime::consumer::{Consumer, ConsumerSettings};
use runtime::fault::watched;
use runtime::settings::{Settings, SettingsError};

use crate::encoder;

/// The responder's parts.
pub struct Deps {
    /// The channels.
    pub channels: Registry,
    /// Heads and turns.
    pub conversations: Box<dyn Conversations>,
    /// Where deliveries go.
    pub outbound: Box<dyn OutboundQueue>,
    /// Where files go that are to be fetched.
    pub media: Box<dyn MediaQueue>,
    /// Where calls of the company's own systems go.
    pub actions: Box<dyn ActionQueue>,
    /// What comes back at its time.
    pub alarms: Box<dyn Alarms>,
    /// Whose addresses are.
    pub handles: Box<dyn Handles>,
    /// What makes a person forgotten.
    pub erasure: Box<dyn Erasure>,
    /// When people were at work.
    pub people: Box<dyn People>,
    /// The bot.
    pub knowledge: Box<dyn Knowledge>,
    /// The language model, if the company has one.
    pub writing: Option<Writing>,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// How batches are run.
    pub consumer: Consumer,
}

/// A language model and what it may cost.
pub struct Writing {
    /// The model.
    pub model: Box<dyn Model>,
    /// What it has cost.
    pub spending: Box<dyn Spending>,
    /// What it may cost.
    pub limits: Limits,
    /// Whether it makes questions of follow-ups.
    pub rewrites: bool,
    /// Whether it sums up for the person who takes over.
    pub sums_up: bool,
}

impl Deps {
    /// Reads the settings and makes the clients.
    ///
    /// # Errors
    /// Every setting that is missing or wrong.
    pub async fn from_settings(mut read: Settings) -> Result<Self, SettingsError> {
        let consumer = ConsumerSettings::read(&mut read);
        let (table, retention) = (read.text("TABLE"), Retention::days(read.value("RETENTION_DAYS")));
        let (bucket, prefix) = (read.text("KNOWLEDGE_BUCKET"), read.text("KNOWLEDGE_PREFIX"));
        // There is one where a channel of the transport is on.
        let queue = |transport: &Transport| {
            let name = format!("OUTBOUND_{}_QUEUE_URL", transport.as_str().to_uppercase());
            Some((*transport, read.optional(&name)?))
        };
        let queues: Vec<(Transport, String)> = Transport::ALL.iter().filter_map(queue).collect();
        let (uploads, media) = (read.text("UPLOADS_BUCKET"), read.text("MEDIA_QUEUE_URL"));
        let actions = read.text("ACTIONS_QUEUE_URL");
        let package = read.optional("LAMBDA_TASK_ROOT");
        let alarms = AlarmSettings {
            group: read.text("ALARM_GROUP"),
            role: read.text("ALARM_ROLE_ARN"),
            queue: read.text("ALARM_QUEUE_ARN"),
        };
        // The limits are read where there is a model only: without one nobody sets them.
        let model = read.optional("MODEL").map(|name| {
            let limits = Limits {
                conversation: read.value("MODEL_TOKENS_PER_CONVERSATION"),
                day: read.value("MODEL_TOKENS_PER_DAY"),
                wait: Duration::from_millis(read.value("MODEL_WAIT_MS")),
            };
            let cost = Cost {
                price: read.value("MODEL_PRICE"),
                conversation: read.value("MODEL_COST_PER_CONVERSATION"),
                day: read.value("MODEL_COST_PER_DAY"),
            };
            let limits = limits.at_most(cost).unwrap_or_else(|fault| {
                read.wrong(&format!("MODEL_PRICE, MODEL_COST_PER_CONVERSATION, MODEL_COST_PER_DAY: {fault}"));
                limits
            });
            let [rewrites, sums_up] = ["MODEL_REWRITES", "MODEL_SUMS_UP"].map(|name| read.value(name));
            let place = (read.optional("MODEL_URL"), read.optional("MODEL_REGION"), read.text("MODEL_KEY_PARAMETER"));
            (name, place, limits, rewrites, sums_up)
        });
        read.finish(())?;
        let aws = Aws::from_environment(consumer.call).await;
        let dead_letters = SqsDeadLetters::new(&aws, &consumer.dead_letter_queue);
        let put_off = SqsPutOff::new(&aws, &consumer.queue);
        let erasure: Vec<Box<dyn Erasure>> =
            vec![Box::new(DynamoErasure::new(&aws, &table, retention)), Box::new(S3Erasure::new(&aws, &uploads))];
        let writing = match model {
            Some((name, (url, region, key), limits, rewrites, sums_up)) => {
                let model: Box<dyn Model> = match url {
                    Some(url) => Box::new(ChatModel::new(&url, &name, Box::new(SsmModelKey::new(&aws, &key)))?),
                    None => Box::new(BedrockModel::new(&aws, region, &name)),
                };
                Some(Writing {
                    model,
                    spending: Box::new(DynamoSpending::new(&aws, &table)),
                    limits,
                    rewrites,
                    sums_up,
                })
            }
            None => None,
        };
        Ok(Self {
            channels: channels::channel,
            conversations: Box::new(watched(DynamoConversations::new(&aws, &table, retention))),
            outbound: Box::new(watched(SqsOutbound::new(&aws, queues))),
            media: Box::new(watched(SqsMedia::new(&aws, &media))),
            actions: Box::new(watched(SqsActions::new(&aws, &actions))),
            alarms: Box::new(watched(SchedulerAlarms::new(&aws, alarms))),
            handles: Box::new(DynamoHandles::new(&aws, &table, retention)),
            erasure: Box::new(erasure),
            people: Box::new(DynamoPeople::new(&aws, &table)),
            knowledge: Box::new(
                S3Knowledge::new(&aws, &bucket, &prefix).with_encoder(encoder::load(package.as_deref())),
            ),
            writing,
            clock: Box::new(SystemClock),
            consumer: consumer.consumer(dead_letters, put_off, SystemClock),
        })
    }

    /// The use case's view of the parts, for a record that is cut off after this time.
    pub(crate) fn responder(&self, time: Duration) -> Responder<'_> {
        Responder {
            channels: self.channels,
            conversations: self.conversations.as_ref(),
            outbound: self.outbound.as_ref(),
            media: self.media.as_ref(),
            actions: self.actions.as_ref(),
            alarms: self.alarms.as_ref(),
            handles: self.handles.as_ref(),
            erasure: self.erasure.as_ref(),
            people: self.people.as_ref(),
            knowledge: self.knowledge.as_ref(),
            writer: self.writing.as_ref().map(|writing| Writer {
                model: writing.model.as_ref(),
                spending: writing.spending.as_ref(),
                limits: writing.limits,
                rewrites: writing.rewrites,
                sums_up: writing.sums_up,
                until: Instant::now().checked_add(time),
            }),
            clock: self.clock.as_ref(),
        }
    }
}
