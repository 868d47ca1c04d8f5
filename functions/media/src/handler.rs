//! One batch of files, and of word that somebody has listened to one.

use app::media::{Worked, work};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent};
use runtime::batch::{Failure, Record};

use crate::Deps;

/// Handles a batch; answers which records are to come again.
///
/// # Errors
/// None: every failure is a record's own.
pub async fn handle(deps: &Deps, event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
    let record = async |record: Record<'_>| match work(&deps.worker(), record.body, record.last).await {
        Ok(Worked::Stored) => Ok("FilesStored"),
        Ok(Worked::Listening) => Ok("VoiceNotesBegun"),
        Ok(Worked::Failed) => Ok("FilesFailed"),
        Ok(Worked::Heard) => Ok("VoiceNotesHeard"),
        Ok(Worked::Unheard) => Ok("VoiceNotesUnheard"),
        Ok(Worked::Nothing) => Ok("Nothing"),
        Err(error) => Err(Failure::of(&error, error.kind(), error.after())),
    };
    Ok(deps.consumer.run(event, record).await)
}
