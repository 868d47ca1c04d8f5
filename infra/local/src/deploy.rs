//! Deploying `template.yaml` to the emulator, as README deploys it to AWS.

use std::collections::BTreeMap;
use std::fs;
use std::time::Instant;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

use crate::cloud::Target;
use crate::stack::{self, Stack};
use crate::tools::Tools;
use crate::{actions, channels, console, emulator, http, run};

/// Root's name in the emulator; it checks no signature of root's.
const ROOT: &str = "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/apigateway/aws4_request, \
                    SignedHeaders=host, Signature=0";

/// Deploys, unless template, parameters and packages are those of the last time. The outputs come back.
///
/// # Errors
/// The deployment fails.
pub fn ensure(stack: &Stack, tools: &Tools, packages: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let target = Target::local(stack);
    let template = stack::root().join("template.yaml");
    let text = fs::read_to_string(&template).with_context(|| format!("cannot read {}", template.display()))?;
    let parameters = parameters(stack);
    let mut wanted = format!("{parameters:?}\n{packages}\n{text}");
    for nested in ["infra/webhook.yaml", "infra/receive.yaml", "infra/egress.yaml"].map(|path| stack::root().join(path))
    {
        let text = fs::read_to_string(&nested).with_context(|| format!("cannot read {}", nested.display()))?;
        wanted.push_str(&text);
    }
    let record = emulator::deployed(stack);
    if fs::read_to_string(&record).is_ok_and(|found| found == wanted)
        && let Ok(outputs) = target.outputs(tools)
    {
        return Ok(outputs);
    }
    let started = Instant::now();
    console::progress("deploying template.yaml");
    drop(fs::remove_file(&record));
    let mut sam = tools.program("sam");
    sam.args(["deploy", "--template-file", "template.yaml", "--stack-name", target.name(), "--resolve-s3"]);
    sam.args([
        "--capabilities",
        "CAPABILITY_IAM",
        "CAPABILITY_AUTO_EXPAND",
        "--no-confirm-changeset",
        "--no-fail-on-empty-changeset",
    ]);
    sam.args(["--no-progressbar", "--parameter-overrides"]).args(parameters).current_dir(stack::root());
    run::logged("deploying", target.point(tools, &mut sam), &stack.log("deploy.log")).with_context(|| {
        format!("if it goes on failing, `cargo local down --forget{}` starts afresh", target.flags())
    })?;
    mend_cors(stack)?;
    let outputs = target.outputs(tools)?;
    fs::write(&record, wanted).with_context(|| format!("cannot write {}", record.display()))?;
    console::progress(format_args!("deployed in {}", console::span(started.elapsed())));
    Ok(outputs)
}

/// How the local stack differs from the template's defaults. Two spellings of this machine, since people type both.
fn parameters(stack: &Stack) -> Vec<String> {
    let sandbox = stack.sandbox_port();
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let mut parameters = vec![
        format!("Emulator={}", stack.address()),
        format!("AllowedOrigins=http://127.0.0.1:{sandbox},http://localhost:{sandbox}"),
        format!("Architecture={architecture}"),
        "Timeouts=short".to_owned(),
        format!("ProvidersUrl={}", stack.sandbox_url()),
        "DemoActions=true".to_owned(),
        format!("ActionFunctions={}", actions::function(&Target::local(stack))),
    ];
    parameters.extend(channels::WEBHOOKS.iter().map(|hooked| format!("{}=true", hooked.parameter)));
    parameters
}

/// MiniStack 1.5.33 stores an HTTP API's CORS settings from a template under names that it does not read
/// (`AllowOrigins` for `allowOrigins`), so it refuses every preflight. This sends them again under the right ones.
fn mend_cors(stack: &Stack) -> anyhow::Result<()> {
    let answer = http::request(stack.port(), "GET", "/v2/apis", &[ROOT], b"")?;
    let list: Value = serde_json::from_slice(&answer.body).context("the emulator's list of APIs is no JSON")?;
    for api in list.get("items").and_then(Value::as_array).into_iter().flatten() {
        let (Some(id), Some(Value::Object(cors))) =
            (api.get("apiId").and_then(Value::as_str), api.get("corsConfiguration"))
        else {
            continue;
        };
        let body = serde_json::json!({"corsConfiguration": lower_camel(cors)}).to_string();
        let headers = [ROOT, "Content-Type: application/json"];
        let answer = http::request(stack.port(), "PATCH", &format!("/v2/apis/{id}"), &headers, body.as_bytes())?;
        if answer.status >= 300 {
            bail!("the emulator refuses an API's CORS settings: {}", String::from_utf8_lossy(&answer.body));
        }
    }
    Ok(())
}

fn lower_camel(object: &Map<String, Value>) -> Map<String, Value> {
    let lower = |name: &str| {
        let mut letters = name.chars();
        letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
    };
    object.iter().map(|(name, value)| (lower(name), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cors_settings_get_the_names_that_are_read() {
        let settings = json!({"AllowOrigins": ["http://a"], "maxAge": 600});
        let mended = lower_camel(settings.as_object().unwrap());
        assert_eq!(Value::Object(mended), json!({"allowOrigins": ["http://a"], "maxAge": 600}));
    }

    #[test]
    fn the_sandbox_is_an_allowed_origin() {
        let parameters = parameters(&Stack::at(5000));
        assert!(parameters.contains(&"Emulator=127.0.0.1:5000".to_owned()));
        assert!(parameters.iter().any(|line| line.starts_with("AllowedOrigins=http://127.0.0.1:5001,")));
    }
}
