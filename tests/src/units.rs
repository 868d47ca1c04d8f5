//! What DynamoDB would charge for a write, from the request's own JSON.
//!
//! Source: Amazon DynamoDB developer guide, "Item sizes and formats" and "Read and write capacity": an item weighs its
//! attributes' names and values; a write costs one unit per started KB, twice that in a transaction.

use serde_json::Value;

/// An item's size in bytes.
pub fn item_bytes(item: &Value) -> usize {
    let attributes = item.as_object().expect("an item");
    attributes.iter().map(|(name, value)| name.len() + value_bytes(value)).sum()
}

fn value_bytes(value: &Value) -> usize {
    let (kind, value) = value.as_object().and_then(|value| value.iter().next()).expect("a typed value");
    match kind.as_str() {
        "S" => value.as_str().unwrap().len(),
        // One byte for two significant digits, and one more.
        "N" => value.as_str().unwrap().trim_start_matches('-').len().div_ceil(2) + 1,
        "BOOL" | "NULL" => 1,
        other => panic!("an attribute of type {other}: add its size"),
    }
}

/// Write units of a `DynamoDB` request, by operation (`PutItem`, `TransactWriteItems`, `UpdateItem`) and body. For an
/// update, `stored` is the size of the item that is updated.
pub fn write_units(operation: &str, body: &Value, stored: usize) -> usize {
    let units = |bytes: usize| bytes.div_ceil(1024).max(1);
    match operation {
        "PutItem" => units(item_bytes(&body["Item"])),
        "UpdateItem" => units(stored),
        "TransactWriteItems" => {
            let writes = body["TransactItems"].as_array().unwrap().iter();
            writes.map(|write| 2 * units(item_bytes(&write["Put"]["Item"]))).sum()
        }
        _ => 0,
    }
}
