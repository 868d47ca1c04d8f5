//! The schedules that are set for a person's conversations: each carries the identity that it is about.

use domain::GroupId;
use serde_json::{Value, json};

use super::records::Records;
use crate::cloud::Call;

/// The schedule group of a stack, as `template.yaml` names it.
fn group_name(records: &Records) -> String {
    format!("{}-conversations", records.target().name())
}

/// Names of the schedules of an identity.
///
/// # Errors
/// The scheduler cannot be asked.
pub fn of(records: &Records, group: &GroupId) -> anyhow::Result<Vec<String>> {
    let arguments = json!({"GroupName": group_name(records), "NamePrefix": format!("{group}-")});
    let next = |page: &Value| {
        let token = page.get("NextToken").filter(|token| !token.is_null()).cloned();
        token.map(|token| ("NextToken", token)).into_iter().collect()
    };
    let pages = records.pages("scheduler", "list_schedules", arguments, next)?;
    let schedules = pages.iter().filter_map(|page| page.get("Schedules")?.as_array()).flatten();
    Ok(schedules.filter_map(|schedule| Some(schedule.get("Name")?.as_str()?.to_owned())).collect())
}

/// The call that takes a schedule back.
pub fn delete(records: &Records, name: &str) -> Call {
    Call::new("scheduler", "delete_schedule", json!({"GroupName": group_name(records), "Name": name}))
}
