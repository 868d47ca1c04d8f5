mod classify;
mod doors;
mod pages;
mod sends;

use super::*;

/// Keys of the published vectors' corporation.
fn keys(changes: &[(&str, &str)]) -> KeySet {
    let mut text = r#"{
        "tokens":[{"kid":"2","secret":"aNewToken"},{"kid":"1","secret":"QDG6eK"}],
        "aes_keys":[{"kid":"2","secret":"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"},
                    {"kid":"1","secret":"kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"}],
        "secrets":[{"kid":"ww0123456789abcdef","secret":"a secret"}],
        "settings":{"corp_id":"ww0123456789abcdef","accounts":["wkOther","wkTestOpenKfId01"]}}"#
        .to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    KeySet::from_json(&text).unwrap()
}

fn fixture(name: &str) -> String {
    let path = format!("{}/../../events/wecom/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}
