use super::*;

fn faults(keys: &Value) -> Vec<String> {
    let keys = KeySet::from_json(&keys.to_string()).unwrap();
    Connect.check(&keys).iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_wrong_with_the_sources_is_told() {
    assert_eq!(Connect.check(&keys()), vec![]);
    for arn in [
        "",
        "12345678-1234-1234-1234-123456789012",
        "arn:aws:connect:us-east-1:111122223333:instance/",
        "arn:aws:lex:us-east-1:111122223333:bot/ABCDEFGHIJ",
        "arn:aws:lex:us-east-1:111122223333:bot-alias/ABCDEFGHIJ",
        "arn:aws:sns:us-east-1:111122223333:topic",
    ] {
        let found = faults(&json!({ "sources": [{ "kid": "a", "secret": arn }] }));
        assert!(found.iter().any(|fault| fault.starts_with("sources.0: must be")), "{arn}: {found:?}");
    }
    let china = "arn:aws-cn:lex:cn-north-1:111122223333:bot-alias/ABCDEFGHIJ/TSTALIASID";
    assert_eq!(faults(&json!({ "sources": [{ "kid": "a", "secret": china }] })), Vec::<String>::new());
    let accounts = json!({ "b": {}, "a": { "language": "fr" } });
    let found = faults(&json!({ "sources": [{ "kid": "a", "secret": china }], "settings": { "accounts": accounts } }));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].starts_with("settings.accounts.a.language: must be") && found[1].starts_with("settings.accounts.b:")
    );
}
