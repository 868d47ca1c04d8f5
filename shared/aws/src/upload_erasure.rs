//! Forgetting a person's files: every version and every mark of a deletion.

use app::PortError;
use app::files;
use app::ports::Erasure;
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::BuildError;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use domain::GroupId;

use crate::Aws;
use crate::error::failed;

const DOING: &str = "erase a person's files";

/// The uploads bucket, as far as it is erased.
#[derive(Debug, Clone)]
pub struct S3Erasure {
    client: Client,
    bucket: String,
}

impl S3Erasure {
    /// In this bucket.
    pub fn new(aws: &Aws, bucket: &str) -> Self {
        Self { client: Client::new(&aws.config), bucket: bucket.to_owned() }
    }
}

#[async_trait]
impl Erasure for S3Erasure {
    async fn erase(&self, group: &GroupId) -> Result<(), PortError> {
        let prefix = files::folder(group);
        loop {
            let list = self.client.list_object_versions().bucket(&self.bucket).prefix(&prefix);
            // As many as one deletion takes.
            let page = list.max_keys(1000).send().await.map_err(failed(DOING))?;
            let objects = objects(&page).map_err(|error| PortError::permanent(DOING, error))?;
            if objects.is_empty() {
                return Ok(());
            }
            let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
            let delete = delete.map_err(|error| PortError::permanent(DOING, error))?;
            let deleted = self.client.delete_objects().bucket(&self.bucket).delete(delete).send().await;
            let deleted = deleted.map_err(failed(DOING))?;
            if let Some(refused) = deleted.errors().first() {
                let code = refused.code().unwrap_or("no code").to_owned();
                return Err(PortError::transient(DOING, format!("a version was not deleted: {code}")));
            }
        }
    }
}

/// The versions and marks of a page.
fn objects(page: &ListObjectVersionsOutput) -> Result<Vec<ObjectIdentifier>, BuildError> {
    let versions = page.versions().iter().map(|version| (version.key(), version.version_id()));
    let marks = page.delete_markers().iter().map(|mark| (mark.key(), mark.version_id()));
    let object = |(key, version): (Option<&str>, Option<&str>)| {
        ObjectIdentifier::builder().set_key(key.map(str::to_owned)).set_version_id(version.map(str::to_owned)).build()
    };
    versions.chain(marks).map(object).collect()
}
