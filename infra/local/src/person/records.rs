//! What a deployed stack keeps of persons, and the calls that read the table.

use std::cell::RefCell;
use std::collections::BTreeMap;

use anyhow::bail;
use app::table::keys::{BODY, HEAD, PK, SK, V};
use app::table::stored::Stored;
use serde_json::{Value, json};

use crate::cloud::{Call, Session, Target, output, queues};
use crate::tools::Tools;

/// Where a stack keeps what it knows of persons.
pub struct Records {
    target: Target,
    session: RefCell<Session>,
    /// The table.
    pub table: String,
    /// The bucket of visitors' files.
    pub uploads: String,
    /// The queues' URLs, by name.
    pub queues: BTreeMap<String, String>,
}

/// An item of the table.
#[derive(Clone, Debug)]
pub struct Row(Value);

impl Row {
    /// From boto3's form of an item.
    pub const fn new(item: Value) -> Self {
        Self(item)
    }

    /// Its sort key.
    pub fn sort(&self) -> &str {
        self.text(SK).unwrap_or_default()
    }

    /// An attribute that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.get("S")?.as_str()
    }

    /// What it holds.
    pub fn stored(&self) -> Stored<'_> {
        let version = || self.0.get(V)?.get("N")?.as_str()?.parse().ok();
        Stored { v: version(), body: self.text(BODY) }
    }
}

impl Records {
    /// Of this stack.
    ///
    /// # Errors
    /// There is no such stack, or it is older than this checkout.
    pub fn of(target: &Target) -> anyhow::Result<Self> {
        let tools = Tools::ready()?;
        let outputs = target.outputs(&tools)?;
        Ok(Self {
            table: output(&outputs, "TableName")?.to_owned(),
            uploads: output(&outputs, "UploadsBucketName")?.to_owned(),
            queues: queues(&outputs),
            session: RefCell::new(target.session(&tools)?),
            target: target.clone(),
        })
    }

    /// The stack.
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Makes calls, one after the other.
    ///
    /// # Errors
    /// The first refusal, with what to do about a missing permission.
    pub fn call(&self, calls: &[Call]) -> anyhow::Result<Vec<Value>> {
        if calls.is_empty() {
            return Ok(vec![]);
        }
        let attempt = self.session.borrow_mut().attempt(calls)?;
        let Some(refusal) = attempt.refusal else { return Ok(attempt.answers) };
        if refusal.code.contains("AccessDenied") {
            bail!("{refusal}; README, \"Forget and export\", lists what your AWS user must be allowed");
        }
        bail!(refusal)
    }

    /// Makes one call.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn call_one(&self, call: Call) -> anyhow::Result<Value> {
        Ok(self.call(&[call])?.pop().unwrap_or_default())
    }

    /// Makes a call for every page of its answer; `next` makes the arguments of the following page, if there is one.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn pages(
        &self,
        service: &'static str,
        operation: &'static str,
        mut arguments: Value,
        next: impl Fn(&Value) -> Vec<(&'static str, Value)>,
    ) -> anyhow::Result<Vec<Value>> {
        let mut pages = Vec::new();
        loop {
            let page = self.call_one(Call::new(service, operation, arguments.clone()))?;
            let more = next(&page);
            pages.push(page);
            if more.is_empty() {
                return Ok(pages);
            }
            if let Some(arguments) = arguments.as_object_mut() {
                arguments.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
            }
        }
    }

    /// The items of a partition, or those whose sort keys begin so.
    ///
    /// # Errors
    /// The table cannot be read.
    pub fn rows(&self, partition: &str, prefix: Option<&str>) -> anyhow::Result<Vec<Row>> {
        let mut condition = "#pk = :pk".to_owned();
        let mut names = json!({"#pk": PK});
        let mut values = json!({":pk": {"S": partition}});
        if let (Some(prefix), Some(names), Some(values)) = (prefix, names.as_object_mut(), values.as_object_mut()) {
            condition.push_str(" AND begins_with(#sk, :sk)");
            names.insert("#sk".to_owned(), json!(SK));
            values.insert(":sk".to_owned(), json!({"S": prefix}));
        }
        self.items(
            "query",
            json!({
                "TableName": self.table,
                "KeyConditionExpression": condition,
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": values,
                "ConsistentRead": true,
            }),
        )
    }

    /// The heads of all conversations. It reads the whole table.
    ///
    /// # Errors
    /// The table cannot be read.
    pub fn heads(&self) -> anyhow::Result<Vec<Row>> {
        self.with_sort(HEAD)
    }

    /// The items of all partitions with this sort key. It reads the whole table.
    ///
    /// # Errors
    /// The table cannot be read.
    pub fn with_sort(&self, sort: &str) -> anyhow::Result<Vec<Row>> {
        self.items(
            "scan",
            json!({
                "TableName": self.table,
                "FilterExpression": "#sk = :sk",
                "ExpressionAttributeNames": {"#sk": SK},
                "ExpressionAttributeValues": {":sk": {"S": sort}},
                "ConsistentRead": true,
            }),
        )
    }

    fn items(&self, operation: &'static str, arguments: Value) -> anyhow::Result<Vec<Row>> {
        let next = |page: &Value| {
            let last = page.get("LastEvaluatedKey").filter(|key| !key.is_null()).cloned();
            last.map(|key| ("ExclusiveStartKey", key)).into_iter().collect()
        };
        let pages = self.pages("dynamodb", operation, arguments, next)?;
        let items = pages.into_iter().flat_map(|mut page| match page.get_mut("Items").map(Value::take) {
            Some(Value::Array(items)) => items,
            Some(_) | None => vec![],
        });
        Ok(items.map(Row).collect())
    }

    /// The call that puts an item without an end but its own.
    pub fn put(&self, partition: &str, sort: &str, body: &Value, ends: i64) -> Call {
        let item = json!({
            PK: {"S": partition},
            SK: {"S": sort},
            V: {"N": app::table::stored::VERSION.to_string()},
            BODY: {"S": body.to_string()},
            app::table::keys::TTL: {"N": ends.to_string()},
        });
        Call::new("dynamodb", "put_item", json!({"TableName": self.table, "Item": item}))
    }

    /// The call that deletes an item if a condition holds.
    pub fn delete_if(
        &self,
        partition: &str,
        sort: &str,
        condition: &str,
        names: &Value,
        values: Option<&Value>,
    ) -> Call {
        let key = json!({PK: {"S": partition}, SK: {"S": sort}});
        let mut arguments = json!({"TableName": self.table, "Key": key, "ConditionExpression": condition});
        if let Some(arguments) = arguments.as_object_mut() {
            arguments.insert("ExpressionAttributeNames".to_owned(), names.clone());
            arguments.extend(values.map(|values| ("ExpressionAttributeValues".to_owned(), values.clone())));
        }
        Call::new("dynamodb", "delete_item", arguments)
    }

    /// The call that deletes an item.
    pub fn delete(&self, partition: &str, sort: &str) -> Call {
        let key = json!({PK: {"S": partition}, SK: {"S": sort}});
        Call::new("dynamodb", "delete_item", json!({"TableName": self.table, "Key": key}))
    }
}
