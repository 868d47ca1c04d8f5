//! The files that a person has uploaded, with their former versions.

use app::files::folder;
use domain::GroupId;
use serde_json::{Value, json};

use super::records::Records;

/// A version of a file, or the mark that it was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The object's key.
    pub key: String,
    /// Which version.
    pub version: String,
    /// Bytes; nothing for a mark.
    pub bytes: Option<u64>,
    /// Whether it is the newest.
    pub latest: bool,
    /// When it was stored, as S3 says it.
    pub modified: String,
}

/// All versions and marks of an identity's files.
///
/// # Errors
/// The bucket cannot be read.
pub fn versions(records: &Records, group: &GroupId) -> anyhow::Result<Vec<Version>> {
    let arguments = json!({"Bucket": records.uploads, "Prefix": folder(group)});
    let next = |page: &Value| {
        if page.get("IsTruncated").and_then(Value::as_bool) != Some(true) {
            return vec![];
        }
        let marker = |name: &str| page.get(name).cloned().unwrap_or_default();
        vec![("KeyMarker", marker("NextKeyMarker")), ("VersionIdMarker", marker("NextVersionIdMarker"))]
    };
    let pages = records.pages("s3", "list_object_versions", arguments, next)?;
    let of = |list: &str| -> Vec<Version> {
        let all = pages.iter().filter_map(|page| page.get(list)?.as_array()).flatten();
        all.map(version).collect()
    };
    Ok([of("Versions"), of("DeleteMarkers")].concat())
}

fn version(entry: &Value) -> Version {
    let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Version {
        key: text("Key"),
        version: text("VersionId"),
        bytes: entry.get("Size").and_then(Value::as_u64),
        latest: entry.get("IsLatest").and_then(Value::as_bool).unwrap_or_default(),
        modified: text("LastModified"),
    }
}
