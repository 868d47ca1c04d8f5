//! How providers misbehave on demand.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::wire;

/// The mode that befalls no call: the provider stops the account's webhooks until they are asked for again.
pub const UNSUBSCRIBED: &str = "unsubscribed";

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// It is taken, and answered so many seconds later.
    Delay(f64),
    /// It is not taken: a server's failure.
    Fails,
    /// It is not taken: too many calls, come again after so many seconds.
    Busy(f64),
    /// It is not taken and never answered.
    Hangs,
    /// It is taken and never answered.
    Lost,
}

impl Fault {
    /// Its name, as `POST /faults` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delay(_) => "delay",
            Self::Fails => "500",
            Self::Busy(_) => "429",
            Self::Hangs => "hang",
            Self::Lost => "lost",
        }
    }
}

/// The faults that are due, by provider and by customer; no customer: whoever comes next.
#[derive(Debug, Default)]
pub struct Faults(BTreeMap<(String, Option<String>), (Fault, u64)>);

impl Faults {
    /// Sets what `POST /faults` asks for: `{"provider", "mode", "count", "seconds"}`. Of the next `count` calls (1 unless
    /// told otherwise) each is treated so; `ok` ends it. `user`: the customer's id, if it is about calls for one alone.
    ///
    /// # Errors
    /// What is wrong with the request.
    pub fn set(&mut self, asked: &Value, user: Option<String>, providers: &[&str]) -> Result<(), String> {
        let provider = wire::text(asked, "/provider");
        if !providers.contains(&provider) {
            return Err(format!("`provider` must be one of {}", providers.join(", ")));
        }
        let number = |name, usual: f64| match asked.get(name) {
            None | Some(Value::Null) => Ok(usual),
            Some(given) => given
                .as_f64()
                .filter(|given| (0.0..=3600.0).contains(given))
                .ok_or_else(|| format!("`{name}` must be a number from 0 to 3600")),
        };
        let seconds = number("seconds", 2.0)?;
        let count = match asked.get("count") {
            None | Some(Value::Null) => 1,
            Some(given) => given.as_u64().ok_or("`count` must be a whole number")?,
        };
        let whose = (provider.to_owned(), user);
        let mode = wire::plain(asked, "/mode").unwrap_or_default();
        let fault = match mode.as_str() {
            "ok" => {
                self.0.remove(&whose);
                return Ok(());
            }
            "delay" => Fault::Delay(seconds),
            "500" => Fault::Fails,
            "429" => Fault::Busy(seconds),
            "hang" => Fault::Hangs,
            "lost" => Fault::Lost,
            _ => return Err(format!("`mode` must be one of ok, delay, 500, 429, hang, lost, {UNSUBSCRIBED}")),
        };
        if count == 0 {
            self.0.remove(&whose);
        } else {
            self.0.insert(whose, (fault, count));
        }
        Ok(())
    }

    /// What happens to the provider's next call, which is for this customer; that much less is due.
    pub fn next(&mut self, provider: &str, user: &str) -> Option<Fault> {
        let own = (provider.to_owned(), Some(user.to_owned()));
        let whose = if self.0.contains_key(&own) { own } else { (provider.to_owned(), None) };
        let (fault, left) = self.0.get_mut(&whose)?;
        let fault = *fault;
        *left -= 1;
        if *left == 0 {
            self.0.remove(&whose);
        }
        Some(fault)
    }

    /// What is due for whoever comes next.
    pub fn document(&self) -> Value {
        let anybody = self.0.iter().filter(|((_, user), _)| user.is_none());
        let due = anybody
            .map(|((provider, _), (fault, left))| (provider.clone(), json!({"mode": fault.name(), "count": left})));
        Value::Object(due.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_befalls_as_many_calls_as_was_asked() {
        let mut faults = Faults::default();
        let known = ["telegram", "line"];
        faults.set(&json!({"provider": "telegram", "mode": "429", "count": 2, "seconds": 3}), None, &known).unwrap();
        assert_eq!(faults.next("line", ""), None);
        assert_eq!(faults.document(), json!({"telegram": {"mode": "429", "count": 2}}));
        assert_eq!(faults.next("telegram", "7"), Some(Fault::Busy(3.0)));
        assert_eq!(faults.next("telegram", "7"), Some(Fault::Busy(3.0)));
        assert_eq!(faults.next("telegram", "7"), None);
        faults.set(&json!({"provider": "line", "mode": "hang"}), None, &known).unwrap();
        faults.set(&json!({"provider": "line", "mode": "ok"}), None, &known).unwrap();
        assert_eq!(faults.next("line", ""), None);
    }

    #[test]
    fn one_customers_fault_befalls_nobody_else() {
        let mut faults = Faults::default();
        faults.set(&json!({"provider": "line", "mode": "500"}), Some("U1".to_owned()), &["line"]).unwrap();
        assert_eq!((faults.next("line", "U2"), faults.next("line", "")), (None, None));
        assert_eq!((faults.next("line", "U1"), faults.next("line", "U1")), (Some(Fault::Fails), None));
    }

    #[test]
    fn a_wrong_request_is_told_what_is_wrong() {
        let mut faults = Faults::default();
        for (asked, named) in [
            (json!({"provider": "fax", "mode": "ok"}), "`provider`"),
            (json!({"provider": "line", "mode": "sulk"}), "`mode`"),
            (json!({"provider": "line", "mode": "500", "count": "many"}), "`count`"),
            (json!({"provider": "line", "mode": "delay", "seconds": -1}), "`seconds`"),
        ] {
            let error = faults.set(&asked, None, &["line"]).unwrap_err();
            assert!(error.starts_with(named), "{error}");
        }
        assert_eq!(faults.document(), json!({}));
    }
}
