//! Who carries out actions on the local stack: the sandbox, which plays the company's own systems, and for one of them the
//! demo's function.

use anyhow::{Context as _, bail};
use app::action::settings;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use channels::KeySet;
use serde_json::{Map, Value, json};
use shop::ACTIONS;

use crate::cloud::Target;
use crate::secrets::random_bytes;

/// The name of the parameter, beside the channels'.
pub const NAME: &str = settings::NAME;
/// What the demo's function does, so that both ways are gone.
const BY_FUNCTION: &str = "report_card_loss";

/// The ARN of a local stack's demo function.
pub fn function(target: &Target) -> String {
    format!("arn:aws:lambda:us-east-1:000000000000:function:{}-demo", target.name())
}

/// The settings of a local stack that has none yet, with a random secret.
///
/// # Errors
/// The stack has no sandbox, or the system gives no random numbers.
pub fn made_up(target: &Target) -> anyhow::Result<Value> {
    let sandbox = target.sandbox().context("only a local stack has a sandbox")?;
    let action = |name: &&str| {
        let by_function = *name == BY_FUNCTION;
        let url = json!({"url": format!("{sandbox}/{NAME}/{name}")});
        ((*name).to_owned(), if by_function { json!({"function": function(target)}) } else { url })
    };
    let actions: Map<String, Value> = ACTIONS.iter().map(action).collect();
    let secret = format!("whsec_{}", STANDARD.encode(random_bytes()?));
    Ok(json!({"send_secrets": [{"kid": "1", "secret": secret}], "settings": {"actions": actions}}))
}

/// What `stack.json` says of them.
pub fn described(document: &Value) -> Value {
    json!({
        "send_secret": document.pointer("/send_secrets/0/secret"),
        "targets": document.pointer("/settings/actions"),
    })
}

/// Refuses what the worker could not work with.
///
/// # Errors
/// Every fault, by field; none shows a secret.
pub fn usable(document: &Value, sandbox: Option<&str>) -> anyhow::Result<()> {
    let keys = KeySet::from_json(&document.to_string())?;
    let faults: Vec<String> = settings::check(&keys, sandbox).iter().map(|fault| format!("\n  {fault}")).collect();
    if !faults.is_empty() {
        bail!("nothing was stored, because no action could be carried out with it:{}", faults.concat());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::{DEFAULT_PORT, Stack};

    #[test]
    fn the_local_stack_has_its_own_sandbox_do_everything() {
        let target = Target::local(&Stack::at(DEFAULT_PORT));
        let made = made_up(&target).unwrap();
        usable(&made, target.sandbox().as_deref()).unwrap();
        let said = described(&made);
        assert_eq!(said["targets"]["order_status"]["url"], "http://127.0.0.1:4567/actions/order_status");
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:frontdesk-demo";
        assert_eq!(said["targets"]["report_card_loss"]["function"], arn);
        assert_eq!(said["targets"].as_object().unwrap().len(), ACTIONS.len());
        let secret = said["send_secret"].as_str().unwrap();
        assert_ne!(made_up(&target).unwrap()["send_secrets"][0]["secret"], secret);
        let refused = usable(&made, None).unwrap_err().to_string();
        assert!(refused.contains("\n  settings.actions.order_status.url: must be") && !refused.contains(secret));
        assert!(made_up(&Target::aws("desk")).is_err());
    }
}
