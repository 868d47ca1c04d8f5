//! The demo's action function: the demo shop's own systems as a Lambda function, which the worker of actions invokes. Yours
//! looks alike: it takes the call as it is, and answers what became of it. It needs no setting and keeps nothing.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use time::OffsetDateTime;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(async |event: LambdaEvent<Value>| answer(&event.payload))).await
}

/// # Errors
/// There is no such action: Lambda reports it, and the worker takes it for a failure.
fn answer(call: &Value) -> Result<Value, Error> {
    let name = call.get("name").and_then(Value::as_str).unwrap_or_default();
    let answer = shop::carry_out(name, call, OffsetDateTime::now_utc());
    answer.ok_or_else(|| format!("there is no action `{name}`; there are {}", shop::ACTIONS.join(", ")).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_is_answered_and_an_unknown_one_is_an_error_that_names_it() {
        let call = |name: &str| answer(&json!({"id": "act_1", "name": name, "input": {"order": "21"}}));
        assert_eq!(call("return_request").unwrap()["result"], "done");
        assert!(call("bake").unwrap_err().to_string().contains("no action `bake`; there are order_status"));
    }
}
