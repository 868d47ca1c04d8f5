//! Codes with which somebody who has opened the chat can be welcomed: once, and soon.

use std::collections::BTreeMap;

use crate::sandbox::provider::Moment;
use crate::sandbox::provider::tencent::Refused;

/// How long a code works, in milliseconds.
const WELCOME: i64 = 20_000;
/// How long it is remembered whose it was.
const KEPT: i64 = 3_600_000;

/// The codes.
#[derive(Debug, Default)]
pub(super) struct Welcomes(BTreeMap<String, Code>);

#[derive(Debug)]
struct Code {
    user: String,
    until: i64,
    used: bool,
}

impl Welcomes {
    /// A new code for a customer.
    pub(super) fn issue(&mut self, user: &str, moment: &mut Moment<'_>) -> String {
        self.0.retain(|_, code| code.until + KEPT > moment.now);
        let name = moment.ids.hex(32);
        self.0.insert(name.clone(), Code { user: user.to_owned(), until: moment.now + WELCOME, used: false });
        name
    }

    /// Whose a code is.
    pub(super) fn user(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|code| code.user.clone())
    }

    /// Uses a code; its customer.
    ///
    /// # Errors
    /// It was used, its time is over, or there was none. The vendor does not say which error that is.
    pub(super) fn redeem(&mut self, name: &str, now: i64) -> Result<String, Refused> {
        let code = self.0.get_mut(name).filter(|code| !code.used && code.until > now);
        let code = code.ok_or((40_058, "invalid code"))?;
        code.used = true;
        Ok(code.user.clone())
    }
}
