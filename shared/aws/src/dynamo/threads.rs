//! What is noted of threads.

use app::PortError;
use app::ports::{Clock as _, Threads};
use app::table::keys;
use app::table::stored::{read_thread, write_thread};
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use channels::Thread;

use super::Retention;
use super::item::{item, key, stored};
use crate::error::failed;
use crate::{Aws, SystemClock};

/// Threads in the table.
#[derive(Debug, Clone)]
pub struct DynamoThreads {
    client: Client,
    table: String,
    retention: Retention,
}

impl DynamoThreads {
    /// In this table.
    pub fn new(aws: &Aws, table: &str, retention: Retention) -> Self {
        Self { client: Client::new(&aws.config), table: table.to_owned(), retention }
    }
}

#[async_trait]
impl Threads for DynamoThreads {
    async fn note(&self, name: &str, thread: &Thread) -> Result<(), PortError> {
        let ends = self.retention.ends(SystemClock.now());
        let item = item(&keys::thread(name), keys::THREAD, write_thread(thread), ends);
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        put.send().await.map_err(failed("note a thread"))?;
        Ok(())
    }

    async fn find(&self, name: &str) -> Result<Option<Thread>, PortError> {
        let key = key(&keys::thread(name), keys::THREAD);
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key));
        let read = get.send().await.map_err(failed("find a thread"))?;
        read.item.as_ref().map(|item| read_thread(stored(item))).transpose()
    }
}
