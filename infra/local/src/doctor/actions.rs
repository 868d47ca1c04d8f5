//! Who carries out actions: what is set up can be read, is reached, and may be invoked.

use app::action::settings::{NAME, Target as Doer, check, names, target as doer};
use channels::KeySet;

use super::finding::{Finding, State};
use super::stack::Deployed;
use super::web::ask;
use crate::cloud::{Session, Target};

/// What is found about what is stored.
///
/// # Errors
/// Nothing can be asked at all.
pub fn findings(
    keys: &KeySet,
    deployed: &Deployed,
    target: &Target,
    session: &mut Session,
) -> anyhow::Result<Vec<Finding>> {
    let mend =
        format!("`cargo local secrets set {NAME} --file F{}`; the README says what, under Actions", target.flags());
    let faults: Vec<String> = check(keys, target.sandbox().as_deref()).iter().map(ToString::to_string).collect();
    if !faults.is_empty() {
        return Ok(vec![Finding::of(NAME, "secrets", State::Fault, faults.join("; "), mend)]);
    }
    let count = names(keys).len();
    let mut findings = vec![Finding::fine(NAME, "secrets", format!("{count} actions are set up and can be read"))];
    for name in names(keys) {
        findings.extend(match doer(keys, name) {
            Ok(Doer::Https(url)) => Some(reached(name, &url, session)?),
            Ok(Doer::Function(arn)) => Some(allowed(name, &arn, &deployed.action_functions)),
            Err(_) => None,
        });
    }
    Ok(findings)
}

/// Whether anybody answers there; what, is the system's own affair: it does nothing that is not signed.
fn reached(name: &str, url: &str, session: &mut Session) -> anyhow::Result<Finding> {
    let host = url.split('/').take(3).collect::<Vec<_>>().join("/");
    let answer = ask(session, "GET", &format!("{host}/"), &[], "")?;
    Ok(match answer.status {
        0 => {
            let mend = "this machine may have no way there; the function calls it over the internet";
            Finding::of(NAME, "reached", State::Warning, format!("{name}: {host} does not answer"), mend)
        }
        _ => Finding::fine(NAME, "reached", format!("{name}: {host} answers")),
    })
}

/// Whether the stack lets the worker invoke it.
fn allowed(name: &str, arn: &str, given: &str) -> Finding {
    if given.split(',').any(|one| one == arn) {
        return Finding::fine(NAME, "allowed", format!("{name}: its function may be invoked"));
    }
    let mend = format!("deploy with {arn} in the parameter ActionFunctions");
    Finding::of(NAME, "allowed", State::Fault, format!("{name}: its function may not be invoked"), mend)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_must_be_among_those_that_may_be_invoked() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
        assert_eq!(allowed("a", arn, &format!("x,{arn}")).state, State::Fine);
        for given in ["", "x", &format!("{arn}:live")] {
            assert_eq!(allowed("a", arn, given).state, State::Fault, "{given}");
        }
    }
}
