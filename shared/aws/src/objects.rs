//! Objects in S3: what events name, and customers' files that come whole.

use app::PortError;
use app::files;
use app::ports::{Files, Objects};
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::GetObjectError;
use channels::ReceivedFile;

use crate::Aws;
use crate::error::failed;

/// A bucket whose objects are read.
#[derive(Debug, Clone)]
pub struct S3Objects {
    client: Client,
    bucket: String,
}

impl S3Objects {
    /// The bucket.
    pub fn new(aws: &Aws, bucket: &str) -> Self {
        Self { client: Client::new(&aws.config), bucket: bucket.to_owned() }
    }
}

#[async_trait]
impl Objects for S3Objects {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PortError> {
        const DOING: &str = "read an object";
        match self.client.get_object().bucket(&self.bucket).key(key).send().await {
            Ok(object) => {
                let bytes = object.body.collect().await.map_err(|error| PortError::transient(DOING, error))?;
                Ok(Some(bytes.to_vec()))
            }
            Err(error) if matches!(error.as_service_error(), Some(GetObjectError::NoSuchKey(_))) => Ok(None),
            Err(error) => Err(failed(DOING)(error)),
        }
    }
}

/// The uploads bucket, as far as the door puts files there.
#[derive(Debug, Clone)]
pub struct S3Files {
    client: Client,
    bucket: String,
}

impl S3Files {
    /// The bucket.
    pub fn new(aws: &Aws, bucket: &str) -> Self {
        Self { client: Client::new(&aws.config), bucket: bucket.to_owned() }
    }
}

#[async_trait]
impl Files for S3Files {
    async fn put(&self, file: &ReceivedFile) -> Result<(), PortError> {
        let key = files::key(&file.group, &file.upload);
        let put = self.client.put_object().bucket(&self.bucket).key(key).content_type(&file.mime);
        put.body(file.bytes.clone().into()).send().await.map_err(failed("store a file"))?;
        Ok(())
    }
}
