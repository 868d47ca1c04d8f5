//! Persons as `cargo local forget` and `export` find them: a customer and the identities that belong to it.

pub mod addresses;
pub mod files;
pub mod history;
pub mod letters;
pub mod records;
pub mod schedules;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use anyhow::{Context as _, bail};
use app::customers::Member;
use app::table::keys;
use app::table::stored::{read_head, read_member};
use channels::web::session;
use domain::{CustomerId, GroupId, Identity, VisitorId};

use self::history::History;
use self::records::Records;
use crate::console;

/// A person as the user names one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// By the customer.
    Customer(CustomerId),
    /// By a visitor of theirs.
    Visitor(VisitorId),
    /// By the group of an identity of theirs, as logs and dead letters have it.
    Group(GroupId),
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = if text.starts_with(CustomerId::PREFIX) {
            text.parse().map(Self::Customer)
        } else if text.starts_with(VisitorId::PREFIX) {
            text.parse().map(Self::Visitor)
        } else if text.starts_with(GroupId::PREFIX) {
            text.parse().map(Self::Group)
        } else {
            return Err("give a customer (cus_…), a visitor (vis_…) or a group (grp_…)".to_owned());
        };
        name.map_err(|error| error.to_string())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(id) => id.fmt(f),
            Self::Visitor(id) => id.fmt(f),
            Self::Group(id) => id.fmt(f),
        }
    }
}

/// An identity of a person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Who it is on its channel; not known of one that was forgotten.
    pub identity: Option<Identity>,
    /// As what it belongs to the customer, if it was linked.
    pub member: Option<Member>,
}

/// A person: a customer with its identities.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// The customer.
    pub customer: CustomerId,
    /// The identities, by their groups.
    pub identities: BTreeMap<GroupId, Known>,
}

impl Person {
    /// Finds the person of that name with all that is linked to them.
    ///
    /// # Errors
    /// There is no such customer, or the table cannot be read.
    pub fn find(records: &Records, name: &Name) -> anyhow::Result<Self> {
        let person = match name {
            Name::Customer(customer) => Self { customer: customer.clone(), identities: BTreeMap::new() },
            Name::Visitor(visitor) => {
                let identity = session::identity(visitor);
                Self::of(records, &identity.group(), Some(identity))?
            }
            Name::Group(group) => Self::of(records, group, None)?,
        };
        let mut person = person.with_members(records)?;
        if person.identities.is_empty() {
            person.identities = looked_for(records, &person.customer)?;
        }
        // Whoever was forgotten and signed in again without writing has addresses only.
        if person.identities.is_empty() && records.rows(person.customer.as_str(), Some(keys::HANDLE))?.is_empty() {
            bail!("there is no customer {}", person.customer);
        }
        Ok(person)
    }

    /// The person of one identity, as far as its own records tell.
    fn of(records: &Records, group: &GroupId, identity: Option<Identity>) -> anyhow::Result<Self> {
        let history = History::read(records, group)?;
        let head = history.head.as_ref().filter(|head| !head.is_erased());
        let customer = head.map_or_else(|| own(group), domain::Conversation::customer);
        let identity = identity.or_else(|| history.identity().cloned());
        Ok(Self { customer, identities: BTreeMap::from([(group.clone(), Known { identity, member: None })]) })
    }

    fn with_members(mut self, records: &Records) -> anyhow::Result<Self> {
        for row in records.rows(self.customer.as_str(), Some(keys::MEMBER))? {
            let member = read_member(row.stored()).with_context(|| format!("{} {}", self.customer, row.sort()))?;
            let identity = Some(member.identity.clone());
            self.identities.insert(member.identity.group(), Known { identity, member: Some(member) });
        }
        Ok(self)
    }
}

/// The customer that an identity is on its own.
pub fn own(group: &GroupId) -> CustomerId {
    CustomerId::derive(&[group.as_str().as_bytes()])
}

/// Looks through all heads: an identity that was never linked is in no list but its own.
fn looked_for(records: &Records, customer: &CustomerId) -> anyhow::Result<BTreeMap<GroupId, Known>> {
    console::progress(format_args!("nobody is linked to {customer}; looking through all conversations"));
    let mut found = BTreeMap::new();
    for row in records.heads()? {
        let head = read_head(row.stored()).context("a conversation's head")?;
        if head.customer() == *customer && !head.is_erased() {
            found.insert(head.identity.group(), Known { identity: Some(head.identity), member: None });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_named_by_an_id_of_three_kinds() {
        let group = GroupId::derive(&[b"g"]);
        for id in [group.as_str(), own(&group).as_str(), VisitorId::derive(&[b"v"]).as_str()] {
            assert_eq!(id.parse::<Name>().unwrap().to_string(), id);
        }
        for wrong in ["", "Ann", "cnv_00000000000000000000000000", "vis_short", "13800138000"] {
            assert!(wrong.parse::<Name>().is_err(), "{wrong}");
        }
    }
}
