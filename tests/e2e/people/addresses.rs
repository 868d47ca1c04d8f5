//! Persons who are known by an address that the company has verified.

use domain::Handle;

use super::*;

/// An address that nobody else has.
fn fresh() -> String {
    format!("Zebra.{}@Example.com", Uuid::new_v4())
}

fn verified(address: &str) -> Value {
    json!({ "email": address, "email_verified": true })
}

fn with(address: &str, sub: &str) -> Value {
    json!({ "sub": sub, "email": address, "email_verified": true })
}

async fn open(stack: &Stack, claims: Value) -> Visitor {
    Visitor::open(stack, &signed_as(stack, claims)).await
}

/// Waits until an export shows so many identities.
async fn together(stack: &Stack, visitor: &Visitor, count: usize) -> Value {
    until(&format!("{count} identities"), PATIENCE, async || {
        let export = export(stack, visitor.id().as_str());
        (groups(&export).len() == count).then_some(export)
    })
    .await
}

/// Items of the table that hold one of these texts.
async fn items_with(stack: &Stack, texts: &[&str]) -> Vec<(String, String)> {
    let items = whole_table(stack).await.into_iter();
    items.filter(|(_, item)| texts.iter().any(|text| item.contains(text))).collect()
}

#[tokio::test]
async fn guests_of_one_address_are_one_customer_and_then_the_account_that_has_it() {
    let Some(stack) = Stack::running() else { return };
    let (address, sub) = (fresh(), Uuid::new_v4().to_string());
    let handle = Handle::email(&address).unwrap();
    let one = open(&stack, verified(&address)).await;
    one.ask("do you ship abroad").await;
    let two = open(&stack, verified(&address.to_uppercase())).await;
    two.ask("how long does a refund take").await;
    let both = together(&stack, &one, 2).await;
    assert_eq!(both["customer"], json!(handle.customer()));
    assert_eq!(written(&both), ["do you ship abroad", "how long does a refund take"]);
    assert!(both["identities"].as_array().unwrap().iter().all(|one| one["linked_by"]["proof"] == "verified_email"));

    // The same name, and the same address that nobody has verified.
    let claimed = json!({ "sub": Uuid::new_v4(), "email": address, "email_verified": false });
    let unproved = open(&stack, claimed).await;
    unproved.ask("which payment methods are there").await;
    assert_eq!(groups(&export(&stack, unproved.id().as_str())).len(), 1);

    // An account with that address, opened in the first guest's browser.
    let account = one.again(&signed_as(&stack, with(&address, &sub))).await;
    let all = together(&stack, &account, 3).await;
    let proved = all["addresses"].as_array().unwrap();
    assert_eq!(proved.len(), 1);
    assert_eq!((&proved[0]["handle"], &proved[0]["kind"]), (&json!(handle.key()), &json!("email")));
    assert_eq!(proved[0]["standing"], "theirs");
    let late = open(&stack, verified(&address)).await;
    late.ask("do you ship abroad").await;
    together(&stack, &account, 4).await;
    assert_eq!(groups(&export(&stack, unproved.id().as_str())).len(), 1, "nor has it been since");

    let plain = address.to_lowercase();
    assert_eq!(items_with(&stack, &[&address, &plain]).await, [], "no address is stored");
    let logs = stack.local(&["logs"]);
    assert!(!String::from_utf8_lossy(&logs.stdout).to_lowercase().contains(&plain), "an address is in the logs");

    let people = [&one, &two, &late, &account].map(|visitor| visitor.id().to_string());
    let mut traces: Vec<&str> = people.iter().map(String::as_str).collect();
    let key = handle.key();
    traces.push(key.as_str());
    let (shown, key_items) = (forget(&stack, &[&people[3], "--dry-run"]), items_with(&stack, &[key.as_str()]).await);
    assert!(shown.contains("1 addresses") && key_items.len() == 2, "{shown}{key_items:?}");
    let said = forget(&stack, &[&people[3]]);
    assert!(said.contains("forgotten: 4 identities"), "{said}");
    assert_eq!(items_with(&stack, &traces).await, []);

    // The account is there again as soon as it is used, and so can it be forgotten again before it has written.
    open(&stack, with(&address, &sub)).await;
    assert_eq!(items_with(&stack, &[key.as_str()]).await.len(), 2);
    let customer = all["customer"].as_str().unwrap();
    let said = forget(&stack, &[customer]);
    assert!(said.contains("1 addresses") && said.contains("nothing is left"), "{said}");
    assert_eq!(items_with(&stack, &traces).await, []);
}

#[tokio::test]
async fn an_address_of_two_accounts_links_nobody_and_goes_with_the_last_of_them() {
    let Some(stack) = Stack::running() else { return };
    let address = fresh();
    let key = Handle::email(&address).unwrap().key();
    let mut accounts = vec![];
    for _ in 0..2 {
        let account = open(&stack, with(&address, &Uuid::new_v4().to_string())).await;
        account.ask("do you ship abroad").await;
        accounts.push(account);
    }
    let guest = open(&stack, verified(&address)).await;
    // A link would have come before the answer.
    guest.ask("how long does a refund take").await;
    let alone = export(&stack, guest.id().as_str());
    assert_eq!((groups(&alone).len(), &alone["identities"][0]["linked_by"]), (1, &Value::Null));
    assert_eq!(items_with(&stack, &[key.as_str()]).await.len(), 3, "the mark, and an address of each");
    for (account, left) in accounts.iter().zip([2, 0]) {
        let one = together(&stack, account, 1).await;
        assert_eq!(
            (&one["addresses"][0]["handle"], &one["addresses"][0]["standing"]),
            (&json!(key), &json!("contested"))
        );
        forget(&stack, &[account.id().as_str()]);
        assert_eq!(items_with(&stack, &[key.as_str()]).await.len(), left);
    }
    assert_eq!(groups(&export(&stack, guest.id().as_str())).len(), 1);
}
