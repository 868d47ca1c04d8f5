//! The addresses that a customer has proved. The table holds their hashes, and whose each is.

use anyhow::Context as _;
use app::customers::Address;
use app::table::keys::{self, CUSTOMER, HANDLE, OWNER, PK};
use app::table::stored::read_address;
use domain::{CustomerId, HandleId, UnixMillis};
use serde_json::{Value, json};

use super::records::{Records, Row};

/// An address that a customer has proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// The address's hash.
    pub handle: HandleId,
    /// What it is, and when it was proved.
    pub address: Address,
    /// Whose it is.
    pub standing: Standing,
}

/// Whose an address is, seen by one who has proved it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Theirs.
    Theirs,
    /// Nobody's: another account has proved it too.
    Contested,
    /// Its time is over, or it became another's since.
    Gone,
}

impl Standing {
    fn of(handle: Option<&Row>, customer: &CustomerId) -> Self {
        match handle.map(|row| row.text(OWNER)) {
            Some(Some(owner)) if owner == customer.as_str() => Self::Theirs,
            Some(None) => Self::Contested,
            Some(Some(_)) | None => Self::Gone,
        }
    }
}

/// The addresses of a customer.
///
/// # Errors
/// The table cannot be read, or an item of it.
pub fn of(records: &Records, customer: &CustomerId) -> anyhow::Result<Vec<Proved>> {
    let mut found = vec![];
    for row in records.rows(customer.as_str(), Some(HANDLE))? {
        let unread = || format!("{customer} {}", row.sort());
        let handle = keys::address_handle(row.sort()).with_context(unread)?;
        let address = read_address(row.stored()).with_context(unread)?;
        let owned = records.rows(row.sort(), Some(CUSTOMER))?;
        found.push(Proved { handle, address, standing: Standing::of(owned.first(), customer) });
    }
    Ok(found)
}

/// Erases a customer's addresses. One that is contested stays so for the others who have proved it, if there are any.
///
/// # Errors
/// The table cannot be read or written, or somebody proves an address at this moment; the next try goes on.
pub fn erase(records: &Records, customer: &CustomerId) -> anyhow::Result<()> {
    for Proved { handle, standing, .. } in of(records, customer)? {
        let key = keys::handle(&handle);
        let names = json!({"#owner": OWNER});
        let mut calls = vec![];
        match standing {
            Standing::Theirs => {
                let values = json!({":customer": {"S": customer}});
                calls.push(records.delete_if(&key, CUSTOMER, "#owner = :customer", &names, Some(&values)));
            }
            Standing::Contested if !others(&records.with_sort(&key)?, customer) => {
                calls.push(records.delete_if(&key, CUSTOMER, "attribute_not_exists(#owner)", &names, None));
            }
            Standing::Contested | Standing::Gone => {}
        }
        // Last: what broke off is found by it.
        calls.push(records.delete(customer.as_str(), &key));
        records.call(&calls).context("an address was not erased")?;
    }
    Ok(())
}

/// Whether some customer but this one has proved an address.
fn others(rows: &[Row], customer: &CustomerId) -> bool {
    rows.iter().any(|row| row.text(PK) != Some(customer.as_str()))
}

/// The addresses as an export tells of them.
pub fn told(proved: &[Proved]) -> Vec<Value> {
    let standing = |standing| match standing {
        Standing::Theirs => Some("theirs"),
        Standing::Contested => Some("contested"),
        Standing::Gone => None,
    };
    let told = |one: &Proved| {
        json!({
            "handle": one.handle,
            "kind": one.address.kind,
            "proved_at": UnixMillis::rfc3339(one.address.at),
            "standing": standing(one.standing),
        })
    };
    proved.iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_ones_own_contested_or_gone() {
        let [ann, bob] = [b"ann", b"bob"].map(|name| CustomerId::derive(&[name]));
        let row = |owner: &CustomerId| Row::new(json!({"pk": {"S": owner}, OWNER: {"S": owner}}));
        let contested = Row::new(json!({"pk": {"S": "H#"}}));
        assert_eq!(Standing::of(Some(&row(&ann)), &ann), Standing::Theirs);
        assert_eq!(Standing::of(Some(&row(&bob)), &ann), Standing::Gone);
        assert_eq!(Standing::of(Some(&contested), &ann), Standing::Contested);
        assert_eq!(Standing::of(None, &ann), Standing::Gone);
        assert!(others(&[row(&ann), row(&bob)], &ann) && !others(&[row(&ann)], &ann));
    }
}
