//! The storage of customers' files.

use app::PortError;
use app::ports::{Clock as _, FileStore, Found, StoredFile};
use async_trait::async_trait;
use domain::{Fetch, GroupId, MessageId, UploadId};

use crate::World;

impl World {
    /// The files of an identity that are stored: id, media type, bytes.
    pub fn files(&self, group: &GroupId) -> Vec<(UploadId, String, Vec<u8>)> {
        let state = self.state();
        let own = state.files.iter().filter(|((of, _), _)| of == group);
        own.map(|((_, upload), (file, _))| (upload.clone(), file.mime.clone(), file.bytes.clone())).collect()
    }

    /// Whether somebody listens to the message's file.
    pub fn is_noted(&self, group: &GroupId, message: &MessageId) -> bool {
        self.state().notes.contains_key(&(group.clone(), message.clone()))
    }
}

#[async_trait]
impl FileStore for World {
    async fn put(&self, group: &GroupId, upload: &UploadId, file: StoredFile) -> Result<(), PortError> {
        self.enter("files").await?;
        let now = self.now();
        self.state().files.entry((group.clone(), upload.clone())).or_insert((file, now));
        self.leave("files").await
    }

    async fn look(&self, group: &GroupId, upload: &UploadId) -> Result<Option<Found>, PortError> {
        self.enter("files").await?;
        let found = self.state().files.get(&(group.clone(), upload.clone())).map(|(file, _)| Found {
            size: u64::try_from(file.bytes.len()).unwrap_or(u64::MAX),
            beginning: file.bytes.clone(),
        });
        self.leave("files").await.map(|()| found)
    }

    async fn note(&self, fetch: &Fetch) -> Result<(), PortError> {
        self.enter("files").await?;
        let now = self.now();
        self.state().notes.insert((fetch.identity.group(), fetch.message.clone()), (fetch.clone(), now));
        self.leave("files").await
    }

    async fn noted(&self, group: &GroupId, message: &MessageId) -> Result<Option<Fetch>, PortError> {
        self.enter("files").await?;
        let noted = self.state().notes.get(&(group.clone(), message.clone())).map(|(fetch, _)| fetch.clone());
        self.leave("files").await.map(|()| noted)
    }

    async fn discard(&self, group: &GroupId, message: &MessageId) -> Result<(), PortError> {
        self.enter("files").await?;
        self.state().notes.remove(&(group.clone(), message.clone()));
        self.leave("files").await
    }
}
