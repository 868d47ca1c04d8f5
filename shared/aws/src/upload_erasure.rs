//! Forgetting a person's files: every version and every mark of a deletion.

use app::PortError;
use app::files;
use app::ports::{Boundary, Erasure};
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::BuildError;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use aws_smithy_types::DateTime;
use domain::{GroupId, MessageId, UnixMillis, upload_of};

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

    async fn delete(&self, objects: Vec<ObjectIdentifier>) -> Result<(), PortError> {
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
        let delete = delete.map_err(|error| PortError::permanent(DOING, error))?;
        let deleted = self.client.delete_objects().bucket(&self.bucket).delete(delete).send().await;
        let deleted = deleted.map_err(failed(DOING))?;
        match deleted.errors().first() {
            Some(refused) => {
                let code = refused.code().unwrap_or("no code").to_owned();
                Err(PortError::transient(DOING, format!("a version was not deleted: {code}")))
            }
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Erasure for S3Erasure {
    async fn erase(&self, group: &GroupId, before: Boundary) -> Result<(), PortError> {
        self.erase_prefix(&files::folder(group), before.at).await
    }

    async fn erase_file(&self, group: &GroupId, message: &MessageId) -> Result<(), PortError> {
        // The notes about it begin with its key.
        self.erase_prefix(&files::key(group, &upload_of(message)), UnixMillis(i64::MAX)).await
    }
}

impl S3Erasure {
    /// Erases all versions and marks below a prefix that are no younger than this.
    async fn erase_prefix(&self, prefix: &str, until: UnixMillis) -> Result<(), PortError> {
        let (mut key, mut version) = (None, None);
        loop {
            let list = self.client.list_object_versions().bucket(&self.bucket).prefix(prefix);
            // As many as one deletion takes.
            let list = list.max_keys(1000).set_key_marker(key).set_version_id_marker(version);
            let page = list.send().await.map_err(failed(DOING))?;
            let objects = objects(&page, until).map_err(|error| PortError::permanent(DOING, error))?;
            if !objects.is_empty() {
                self.delete(objects).await?;
            }
            if page.is_truncated() != Some(true) {
                return Ok(());
            }
            (key, version) = (page.next_key_marker, page.next_version_id_marker);
        }
    }
}

/// The versions and marks of a page that are no younger than this.
fn objects(page: &ListObjectVersionsOutput, until: UnixMillis) -> Result<Vec<ObjectIdentifier>, BuildError> {
    let versions = page.versions().iter().map(|one| (one.key(), one.version_id(), one.last_modified()));
    let marks = page.delete_markers().iter().map(|one| (one.key(), one.version_id(), one.last_modified()));
    // The storage tells whole seconds.
    let old = |at: Option<&DateTime>| at.is_none_or(|at| at.secs() <= until.seconds());
    let object = |(key, version, _): (Option<&str>, Option<&str>, Option<&DateTime>)| {
        ObjectIdentifier::builder().set_key(key.map(str::to_owned)).set_version_id(version.map(str::to_owned)).build()
    };
    versions.chain(marks).filter(|(_, _, at)| old(*at)).map(object).collect()
}
