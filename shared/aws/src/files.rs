//! Customers' files in S3: put once, and looked at.

use app::PortError;
use app::envelope::{read_fetch, write_fetch};
use app::files;
use app::ports::{FileStore, Found, StoredFile};
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use domain::{Fetch, GroupId, MessageId, UploadId};

use crate::Aws;
use crate::error::failed;

/// Bytes by which a file's kind is told.
const BEGINNING: u64 = 8 * 1024;
/// The status of a write that was to make an object, where there is one already.
const PRECONDITION_FAILED: u16 = 412;
/// The status of a range that begins beyond an object's end: it is empty.
const NO_SUCH_RANGE: u16 = 416;

/// The uploads bucket, as the media worker has it.
#[derive(Debug, Clone)]
pub struct S3FileStore {
    client: Client,
    bucket: String,
}

impl S3FileStore {
    /// In this bucket.
    pub fn new(aws: &Aws, bucket: &str) -> Self {
        Self { client: Client::new(&aws.config), bucket: bucket.to_owned() }
    }

    /// An object, or the beginning of it; `None` if there is none.
    pub(crate) async fn get(&self, key: &str, most: Option<u64>) -> Result<Option<GetObjectOutput>, PortError> {
        let range = most.map(|most| format!("bytes=0-{}", most.saturating_sub(1)));
        let got = self.client.get_object().bucket(&self.bucket).key(key).set_range(range).send().await;
        match got {
            Ok(object) => Ok(Some(object)),
            Err(SdkError::ServiceError(error)) if error.err().is_no_such_key() => Ok(None),
            Err(error) if status(&error) == Some(NO_SUCH_RANGE) => Ok(None),
            Err(error) => Err(failed("read a customer's file")(error)),
        }
    }

    /// An object's whole text; `None` if there is none.
    pub(crate) async fn text(&self, key: &str) -> Result<Option<String>, PortError> {
        const DOING: &str = "read a note about a customer's file";
        let Some(object) = self.get(key, None).await? else { return Ok(None) };
        let bytes = object.body.collect().await.map_err(|error| PortError::transient(DOING, error))?;
        let text =
            String::from_utf8(bytes.to_vec()).map_err(|error| PortError::permanent(DOING, error.utf8_error()))?;
        Ok(Some(text))
    }

    async fn delete(&self, key: &str) -> Result<(), PortError> {
        let deleted = self.client.delete_object().bucket(&self.bucket).key(key).send().await;
        deleted.map(drop).map_err(failed("erase a note about a customer's file"))
    }
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

#[async_trait]
impl FileStore for S3FileStore {
    async fn put(&self, group: &GroupId, upload: &UploadId, file: StoredFile) -> Result<(), PortError> {
        let put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(files::key(group, upload))
            .content_type(file.mime)
            // What a customer sent is never run in a page of ours.
            .content_disposition("attachment")
            .if_none_match("*")
            .body(ByteStream::from(file.bytes))
            .send()
            .await;
        match put {
            Ok(_) => Ok(()),
            Err(error) if status(&error) == Some(PRECONDITION_FAILED) => Ok(()),
            Err(error) => Err(failed("store a customer's file")(error)),
        }
    }

    async fn look(&self, group: &GroupId, upload: &UploadId) -> Result<Option<Found>, PortError> {
        let Some(object) = self.get(&files::key(group, upload), Some(BEGINNING)).await? else { return Ok(None) };
        // `bytes 0-8191/25000`
        let whole = object.content_range().and_then(|range| range.rsplit('/').next()?.parse().ok());
        let size = whole.or_else(|| u64::try_from(object.content_length()?).ok()).unwrap_or_default();
        let beginning = object.body.collect().await;
        let beginning = beginning.map_err(|error| PortError::transient("read a customer's file", error))?;
        Ok(Some(Found { size, beginning: beginning.to_vec() }))
    }

    async fn note(&self, fetch: &Fetch) -> Result<(), PortError> {
        let key = files::note(&fetch.identity.group(), &fetch.message);
        let put = self.client.put_object().bucket(&self.bucket).key(key).content_type("application/json");
        let put = put.body(ByteStream::from(write_fetch(fetch).into_bytes())).send().await;
        put.map(drop).map_err(failed("note whose file is listened to"))
    }

    async fn noted(&self, group: &GroupId, message: &MessageId) -> Result<Option<Fetch>, PortError> {
        let Some(text) = self.text(&files::note(group, message)).await? else { return Ok(None) };
        read_fetch(&text).map(Some).map_err(|error| PortError::permanent("read whose file was listened to", error))
    }

    async fn discard(&self, group: &GroupId, message: &MessageId) -> Result<(), PortError> {
        // The note last: while it is there, what is left is known.
        self.delete(&files::transcript(group, message)).await?;
        self.delete(&files::note(group, message)).await
    }
}
