//! The ports of `app` on AWS: DynamoDB, SQS, S3, SSM, Lambda, Transcribe and the socket API. One file per service and role.

mod actions;
mod alarms;
mod bedrock;
mod dead_letters;
pub mod dynamo;
mod error;
mod files;
mod inbound;
mod knowledge;
mod mail;
mod media;
mod model_key;
mod objects;
mod outbound;
mod pulls;
mod secrets;
mod session;
mod sockets;
mod system;
mod texts;
mod transcribe;
mod upload_erasure;
mod uploads;

pub use actions::{LambdaActions, SqsActions};
pub use alarms::{AlarmSettings, SchedulerAlarms};
pub use bedrock::BedrockModel;
pub use dead_letters::{SqsDeadLetters, SqsPutOff};
pub use dynamo::{
    DynamoConversations, DynamoCursors, DynamoCustomers, DynamoDeliveries, DynamoErasure, DynamoHandles, DynamoMailbox,
    DynamoPeople, DynamoSockets, DynamoSpending, DynamoThreads,
};
pub use files::S3FileStore;
pub use inbound::SqsInbound;
pub use knowledge::S3Knowledge;
pub use mail::SesWire;
pub use media::SqsMedia;
pub use model_key::SsmModelKey;
pub use objects::{S3Files, S3Objects};
pub use outbound::SqsOutbound;
pub use pulls::SqsPulls;
pub use secrets::SsmSecrets;
pub use session::Aws;
pub use sockets::SocketWire;
pub use system::{SystemClock, SystemRandom};
pub use texts::SnsTexts;
pub use transcribe::TranscribeRecogniser;
pub use upload_erasure::S3Erasure;
pub use uploads::S3Uploads;
