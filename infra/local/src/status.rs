//! `cargo local status`.

use anyhow::bail;
use serde_json::Value;

use crate::cloud::Target;
use crate::console;
use crate::process::{self, Role};
use crate::stack::Stack;

/// Says where a stack is reached.
///
/// # Errors
/// It does not run.
pub fn run(stack: &Stack, json: bool) -> anyhow::Result<()> {
    let flags = Target::local(stack).flags();
    let running = process::of(&stack.dir()).iter().any(|process| process.first && process.is(Role::Emulator));
    let Some(description) = stack.read()?.filter(|_| running) else {
        bail!("no stack runs at port {}; start it with `cargo local up --detach{flags}`", stack.port());
    };
    if json {
        console::say(format_args!("{description:#}"));
        return Ok(());
    }
    let text = |pointer: &str| description.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    console::say(format_args!(
        "\n  demo shop   {}\n  chat page   {}\n  API         {}/v1  (described at /v1/openapi.json)\n  \
         as JSON     cargo local status --json{flags}\n  logs        cargo local logs{flags}\n  \
         stop        cargo local down{flags}\n",
        text("/sandbox_url"),
        text("/channels/web/chat_url"),
        text("/api_url"),
    ));
    Ok(())
}
