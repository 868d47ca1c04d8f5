//! What is noted of a version beside it when it is published: `knowledge/versions/<version>.json`.

use bot::knowledge::{Approval, Artifact};
use serde_json::{Value, json};

use crate::cloud::Call;

/// What the keys of these notes begin with.
pub(super) const RECORDS: &str = "knowledge/versions/";

/// What is known of a published version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// When it was last published, as RFC 3339 in UTC.
    pub(super) published_at: String,
    /// How many entries it has.
    pub(super) entries: u64,
    /// How many phrasings, of entries and of flows, in all languages.
    pub(super) phrasings: u64,
    /// Who approved it, and when, if it was approved.
    pub(super) approved: Option<(String, String)>,
    /// Whether it never was live, because another version was published meanwhile.
    pub(super) overtaken: bool,
}

impl Record {
    /// Of an artifact.
    pub(super) fn of(artifact: &Artifact, published_at: &str, approval: Option<&Approval>) -> Self {
        let base = artifact.base();
        let questions = base.entries.iter().map(|entry| &entry.questions);
        let phrasings = questions.chain(base.flows.iter().map(|flow| &flow.start));
        Self {
            published_at: published_at.to_owned(),
            entries: count(base.entries.len()),
            phrasings: phrasings.flat_map(|lists| lists.values()).map(|list| count(list.len())).sum(),
            approved: approval.map(|approval| (approval.by.clone(), approval.at.clone())),
            overtaken: false,
        }
    }

    /// From the bucket; `None` if it is no such note, or a newer one.
    pub(super) fn read(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        if value.get("v")?.as_u64()? != 1 {
            return None;
        }
        let text = |pointer: &str| Some(value.pointer(pointer)?.as_str()?.to_owned());
        Some(Self {
            published_at: text("/published_at")?,
            entries: value.get("entries")?.as_u64()?,
            phrasings: value.get("phrasings")?.as_u64()?,
            approved: text("/approved/by").zip(text("/approved/at")),
            overtaken: value.get("overtaken").and_then(Value::as_bool).unwrap_or_default(),
        })
    }

    /// As the bucket has it, and other programs get it.
    pub(super) fn written(&self) -> Value {
        let Self { published_at, entries, phrasings, approved, overtaken } = self;
        let approved = approved.as_ref().map(|(by, at)| json!({"by": by, "at": at}));
        json!({
            "v": 1,
            "published_at": published_at,
            "entries": entries,
            "phrasings": phrasings,
            "approved": approved,
            "overtaken": overtaken,
        })
    }

    /// The call that keeps it.
    pub(super) fn keep(&self, bucket: &str, version: &str) -> Call {
        let (key, body) = (format!("{RECORDS}{version}.json"), self.written().to_string());
        let mut arguments = json!({"Bucket": bucket, "Key": key, "Body": body, "ContentType": "application/json"});
        if let (true, Some(arguments)) = (self.overtaken, arguments.as_object_mut()) {
            // What is known of it from an earlier publication stays.
            arguments.insert("IfNoneMatch".to_owned(), json!("*"));
        }
        Call::new("s3", "put_object", arguments)
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::compiled;
    use crate::stack;

    #[test]
    fn a_record_reads_back_whole() {
        let artifact = compiled(&stack::root().join("infra/scenarios/shop/knowledge")).unwrap();
        let by = Approval { content: String::new(), by: "小林".into(), at: "2026-01-02T03:04:05Z".into() };
        for approval in [None, Some(&by)] {
            let record = Record::of(&artifact, "2026-01-02T03:05:00Z", approval);
            assert_eq!(Record::read(&record.written().to_string()).unwrap(), record);
            let overtaken = Record { overtaken: true, ..record.clone() };
            assert_eq!(Record::read(&overtaken.written().to_string()).unwrap(), overtaken);
            let condition = |record: &Record| record.keep("b", "v").arguments().get("IfNoneMatch").cloned();
            assert_eq!((condition(&record), condition(&overtaken)), (None, Some(json!("*"))));
            assert_eq!(record.approved.is_some(), approval.is_some());
            assert!(record.phrasings > 2 * record.entries, "{record:?}");
        }
        for other in ["", "{}", r#"{"v":2,"published_at":"x","entries":1,"phrasings":1}"#] {
            assert_eq!(Record::read(other), None, "{other}");
        }
    }
}
