//! Visitors' open sockets.

use app::PortError;
use app::ports::Sockets;
use app::table::keys::{self, PK, SK, SOCKET, TTL};
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use domain::{GroupId, UnixMillis};

use super::item::{Item, item, key, text};
use crate::Aws;
use crate::error::failed;

/// Sockets in the table.
#[derive(Debug, Clone)]
pub struct DynamoSockets {
    client: Client,
    table: String,
}

impl DynamoSockets {
    /// In this table.
    pub fn new(aws: &Aws, table: &str) -> Self {
        Self { client: Client::new(&aws.config), table: table.to_owned() }
    }

    /// A visitor's sockets that may still be open, the newest first: connection id, and when it ends at the latest.
    pub(crate) async fn open(&self, group: &GroupId, now: UnixMillis) -> Result<Vec<(String, i64)>, PortError> {
        let read = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :socket)")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":pk", text(group.as_str()))
            .expression_attribute_values(":socket", text(SOCKET))
            // A socket that opened before the message was stored must be found.
            .consistent_read(true)
            .send()
            .await
            .map_err(failed("read the open sockets"))?;
        let socket = |item: &Item| {
            let id = item.get(SK)?.as_s().ok()?.strip_prefix(SOCKET)?.to_owned();
            Some((id, item.get(TTL)?.as_n().ok()?.parse::<i64>().ok()?))
        };
        // The table deletes late.
        let open = read.items().iter().filter_map(socket).filter(|(_, ends)| *ends > now.seconds());
        let mut open: Vec<_> = open.collect();
        open.sort_by_key(|(_, ends)| std::cmp::Reverse(*ends));
        Ok(open)
    }
}

#[async_trait]
impl Sockets for DynamoSockets {
    async fn opened(&self, group: &GroupId, socket: &str, ends: UnixMillis) -> Result<(), PortError> {
        let open = item(group.as_str(), keys::socket(socket), "{}".to_owned(), ends.seconds());
        let put = self.client.put_item().table_name(&self.table).set_item(Some(open));
        put.send().await.map_err(failed("note an open socket"))?;
        Ok(())
    }

    async fn closed(&self, group: &GroupId, socket: &str) -> Result<(), PortError> {
        let closed = key(group.as_str(), keys::socket(socket));
        let delete = self.client.delete_item().table_name(&self.table).set_key(Some(closed));
        delete.send().await.map_err(failed("forget a closed socket"))?;
        Ok(())
    }
}
