//! Amazon Transcribe as the recogniser: a job for each voice note, whose end `EventBridge` puts on the media queue.
//!
//! Sources: Amazon Transcribe API reference (`StartTranscriptionJob`) and developer guide ("Using Amazon `EventBridge` with
//! Amazon Transcribe", "Data input and output": formats).

use app::PortError;
use app::files;
use app::media::speech::{Begun, Ended, Order, Recogniser};
use async_trait::async_trait;
use aws_sdk_transcribe::Client;
use aws_sdk_transcribe::operation::start_transcription_job::StartTranscriptionJobError;
use aws_sdk_transcribe::types::{LanguageCode, Media, MediaFormat};
use domain::{GroupId, Locale, MessageId};
use serde::Deserialize;

use crate::Aws;
use crate::error::failed;
use crate::files::S3FileStore;

/// The languages that are told apart where none is known.
const LANGUAGES: [LanguageCode; 2] = [LanguageCode::ZhCn, LanguageCode::EnUs];

/// Transcribe, and the bucket that it reads from and writes to.
#[derive(Debug, Clone)]
pub struct TranscribeRecogniser {
    client: Client,
    bucket: String,
    files: S3FileStore,
    /// What the names of this stack's jobs begin with.
    prefix: String,
}

impl TranscribeRecogniser {
    /// Over the uploads bucket. The names of the jobs begin with `prefix`: it tells this stack's from others' of the
    /// account.
    pub fn new(aws: &Aws, bucket: &str, prefix: &str) -> Self {
        let (client, files) = (Client::new(&aws.config), S3FileStore::new(aws, bucket));
        Self { client, bucket: bucket.to_owned(), files, prefix: prefix.to_owned() }
    }

    /// A message's job: the same message has the same.
    fn job(&self, group: &GroupId, message: &MessageId) -> String {
        format!("{}{group}-{message}", self.prefix)
    }
}

/// What Transcribe calls a media type; `None`: it does not take it.
fn format(mime: &str) -> Option<MediaFormat> {
    Some(match mime {
        "audio/amr" => MediaFormat::Amr,
        "audio/flac" => MediaFormat::Flac,
        "audio/mp4" => MediaFormat::M4A,
        "audio/mpeg" => MediaFormat::Mp3,
        "audio/ogg" | "video/ogg" => MediaFormat::Ogg,
        "audio/wav" => MediaFormat::Wav,
        "audio/webm" | "video/webm" => MediaFormat::Webm,
        "video/mp4" => MediaFormat::Mp4,
        _ => return None,
    })
}

fn language(locale: Option<&Locale>) -> Option<LanguageCode> {
    match locale?.as_str() {
        "zh" => Some(LanguageCode::ZhCn),
        "en" => Some(LanguageCode::EnUs),
        _ => None,
    }
}

/// What `EventBridge` says of a job.
#[derive(Deserialize)]
struct StateChange {
    #[serde(rename = "detail-type")]
    kind: String,
    detail: Detail,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Detail {
    transcription_job_name: String,
    transcription_job_status: String,
    #[serde(default)]
    failure_reason: String,
}

/// What a job has written.
#[derive(Deserialize)]
struct Output {
    results: Results,
}

#[derive(Deserialize)]
struct Results {
    #[serde(default)]
    transcripts: Vec<Transcript>,
}

#[derive(Deserialize)]
struct Transcript {
    transcript: String,
}

#[async_trait]
impl Recogniser for TranscribeRecogniser {
    fn takes(&self, mime: &str) -> Result<(), String> {
        format(mime).map(drop).ok_or_else(|| format!("Amazon Transcribe does not take {mime}"))
    }

    async fn begin(&self, order: &Order<'_>) -> Result<Begun, PortError> {
        let uri = format!("s3://{}/{}", self.bucket, files::key(order.group, order.upload));
        let job = self
            .client
            .start_transcription_job()
            .transcription_job_name(self.job(order.group, order.message))
            .set_media_format(format(order.mime))
            .media(Media::builder().media_file_uri(uri).build())
            .output_bucket_name(&self.bucket)
            .output_key(files::transcript(order.group, order.message));
        let job = match language(order.locale) {
            Some(language) => job.language_code(language),
            None => job.identify_language(true).set_language_options(Some(LANGUAGES.to_vec())),
        };
        let Err(error) = job.send().await else { return Ok(Begun::Listening) };
        match error.as_service_error() {
            // An earlier worker began it.
            Some(StartTranscriptionJobError::ConflictException(_)) => Ok(Begun::Listening),
            Some(StartTranscriptionJobError::BadRequestException(_)) => {
                Ok(Begun::Cannot("Amazon Transcribe refuses the file".to_owned()))
            }
            _ => Err(failed("begin to transcribe")(error)),
        }
    }

    fn ended(&self, body: &str) -> Option<Ended> {
        let change: StateChange = serde_json::from_str(body).ok()?;
        let Detail { transcription_job_name, transcription_job_status, failure_reason } = change.detail;
        let (group, message) = transcription_job_name.strip_prefix(&self.prefix)?.split_once('-')?;
        let failed = match transcription_job_status.as_str() {
            _ if change.kind != "Transcribe Job State Change" => return None,
            "COMPLETED" => None,
            "FAILED" => Some(format!("Amazon Transcribe failed: {}", brief(&failure_reason))),
            _ => return None,
        };
        Some(Ended { group: group.parse().ok()?, message: message.parse().ok()?, failed })
    }

    async fn words(&self, group: &GroupId, message: &MessageId) -> Result<Option<String>, PortError> {
        let Some(text) = self.files.text(&files::transcript(group, message)).await? else { return Ok(None) };
        let output: Output = serde_json::from_str(&text)
            // The error would show what was said.
            .map_err(|error| PortError::permanent("read a transcript", format!("{:?} error", error.classify())))?;
        let words = output.results.transcripts.into_iter().map(|one| one.transcript).collect::<Vec<_>>().join(" ");
        Ok(Some(words.trim().to_owned()).filter(|words| !words.is_empty()))
    }
}

/// A reason of Transcribe's: its first words say what it is; the rest may name files.
fn brief(reason: &str) -> &str {
    let end = reason.find(['.', ':', '(']).unwrap_or(reason.len()).min(reason.floor_char_boundary(120));
    reason.get(..end).filter(|reason| !reason.is_empty()).unwrap_or("it did not say why")
}

#[cfg(test)]
mod tests {
    use aws_config::SdkConfig;

    use super::*;

    const KIND: &str = "Transcribe Job State Change";

    fn recogniser() -> TranscribeRecogniser {
        let config = SdkConfig::builder().behavior_version(aws_config::BehaviorVersion::latest()).build();
        TranscribeRecogniser::new(&Aws::with_config(config), "bucket", "shop-")
    }

    #[test]
    fn a_job_is_named_by_its_message_and_found_by_its_name() {
        let recogniser = recogniser();
        let (group, message) = (GroupId::derive(&[b"g"]), MessageId::derive(&[b"m"]));
        let job = recogniser.job(&group, &message);
        assert!(job.len() <= 200, "{job}");
        let word = |kind: &str, job: &str, status: &str, reason: &str| {
            let detail = serde_json::json!({
                "TranscriptionJobName": job, "TranscriptionJobStatus": status, "FailureReason": reason,
            });
            recogniser.ended(&serde_json::json!({ "detail-type": kind, "detail": detail }).to_string())
        };
        let ended = |failed: Option<&str>| {
            Some(Ended { group: group.clone(), message: message.clone(), failed: failed.map(str::to_owned) })
        };
        assert_eq!(word(KIND, &job, "COMPLETED", ""), ended(None));
        let reason = "The media format that you provided isn't valid. s3://bucket/secret";
        let told = "Amazon Transcribe failed: The media format that you provided isn't valid";
        assert_eq!(word(KIND, &job, "FAILED", reason), ended(Some(told)));
        assert_eq!(word(KIND, &job, "IN_PROGRESS", ""), None);
        assert_eq!(word("Another", &job, "COMPLETED", ""), None);
        assert_eq!(word(KIND, &format!("other-{job}"), "COMPLETED", ""), None, "another stack's");
        assert_eq!(recogniser.ended(r#"{"v":1,"body":{}}"#), None);
    }

    #[test]
    fn what_transcribe_does_not_take_is_said() {
        for mime in ["audio/amr", "audio/ogg", "audio/mpeg", "audio/mp4", "video/webm", "audio/wav", "audio/flac"] {
            assert!(recogniser().takes(mime).is_ok(), "{mime}");
        }
        for mime in ["audio/silk", "audio/x-speex", "application/octet-stream", "image/png", ""] {
            assert!(recogniser().takes(mime).unwrap_err().contains(mime), "{mime}");
        }
    }
}
