//! `cargo local doctor` on the running stack.

use serde_json::Value;
use tests::Stack;

#[tokio::test]
async fn the_doctor_finds_a_sound_stack_sound() {
    let Some(stack) = Stack::running() else { return };
    let output = stack.local(&["doctor", "--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = told["findings"].as_array().unwrap();
    let faults: Vec<&Value> = findings.iter().filter(|finding| finding["state"] == "fault").collect();
    assert!(faults.is_empty() && told["ok"] == true, "{faults:#?}");
    let seen = |about: &str, check: &str| {
        findings
            .iter()
            .any(|finding| finding["about"] == about && finding["check"] == check && finding["state"] == "ok")
    };
    assert!(seen("stack", "api") && seen("web", "widget"));
    for channel in stack.keys("/channels").iter().filter(|name| *name != "web") {
        for check in ["secrets", "webhook"] {
            assert!(seen(channel, check), "{channel}: {check}: {findings:#?}");
        }
    }
    // The provider's own check of the address, its word for the credentials, and where it sends webhooks.
    for channel in ["wechat", "wecom", "weibo", "messenger", "instagram", "whatsapp"] {
        assert!(seen(channel, "address"), "{channel}: {findings:#?}");
    }
    for channel in ["wechat", "wecom", "messenger", "instagram", "whatsapp", "telegram", "line"] {
        assert!(seen(channel, "credentials"), "{channel}: {findings:#?}");
    }
    for channel in ["telegram", "line"] {
        assert!(seen(channel, "registered"), "{channel}: {findings:#?}");
    }
    let secrets = std::fs::read_to_string(stack.file()).unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    for secret in secrets.split('"').filter(|text| text.len() >= 32 && !text.contains("://") && !text.contains('/')) {
        assert!(!text.contains(secret), "a secret is shown");
    }
}
