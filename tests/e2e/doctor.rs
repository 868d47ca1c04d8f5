//! `cargo local doctor` on the running stack.

use domain::ChannelId;
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
    assert!(seen("actions", "secrets") && seen("actions", "reached"), "{findings:#?}");
    for channel in stack.keys("/channels").iter().filter(|name| *name != "web") {
        assert!(seen(channel, "secrets"), "{channel}: {findings:#?}");
        // What AWS itself hands over has no address.
        let hooked = ::channels::channel(ChannelId::from_name(channel).unwrap()).doors().webhook();
        assert!(!hooked || seen(channel, "webhook"), "{channel}: {findings:#?}");
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
    let text = String::from_utf8_lossy(&output.stdout);
    let description: Value = serde_json::from_slice(&std::fs::read(stack.file()).unwrap()).unwrap();
    let mut hidden = 0;
    let told = description["channels"].as_object().unwrap().values();
    for channel in told.chain([&description["actions"]]) {
        let secrets = channel
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| ["secret", "token", "aes_key"].iter().any(|part| name.contains(part)));
        for secret in secrets.filter_map(|(_, value)| value.as_str()) {
            assert!(!text.contains(secret), "a secret is shown");
            hidden += 1;
        }
    }
    assert!(hidden > 10, "{hidden} secrets of the stack are known");
}
