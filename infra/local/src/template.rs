//! What the tool must know of `template.yaml`: which functions there are and which binaries they run.

use anyhow::Context as _;

use crate::stack;

/// A function of the template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Function {
    /// Its logical id, such as `WebApi`.
    pub id: String,
    /// What its name ends with after the stack's, such as `web-api`.
    pub suffix: String,
    /// The binary that it runs: the package of that name.
    pub binary: String,
}

/// The functions of this checkout's template.
///
/// # Errors
/// The template cannot be read.
pub fn functions() -> anyhow::Result<Vec<Function>> {
    let path = stack::root().join("template.yaml");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(parse(&text))
}

/// The binaries that functions run, each once.
pub fn binaries(functions: &[Function]) -> Vec<String> {
    let mut all: Vec<String> = functions.iter().map(|function| function.binary.clone()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Finds a function by any of its names, `-`, `_` and case aside.
pub fn find<'a>(functions: &'a [Function], name: &str) -> Option<&'a Function> {
    let plain = |text: &str| text.replace(['-', '_'], "").to_lowercase();
    let name = plain(name);
    functions.iter().find(|function| plain(&function.id) == name || plain(&function.suffix) == name)
}

// The template is ours and its layout is fixed by its linter, so reading its lines will do.
fn parse(template: &str) -> Vec<Function> {
    let mut functions = Vec::new();
    let mut current = Function::default();
    for line in template.lines() {
        if let Some(id) = line.strip_prefix("  ").and_then(|rest| rest.strip_suffix(':'))
            && !id.starts_with([' ', '#'])
        {
            current = Function { id: id.to_owned(), ..Function::default() };
        } else if let Some(name) = line.strip_prefix("      FunctionName: !Sub ${AWS::StackName}-") {
            name.clone_into(&mut current.suffix);
        } else if let Some(folder) = line.strip_prefix("      CodeUri: target/lambda/") {
            folder.trim_end_matches('/').clone_into(&mut current.binary);
            functions.push(current.clone());
        } else if let Some(nested) = line.strip_prefix("      TemplateURL: infra/") {
            // `webhook.yaml` runs the binary `webhook` in its resource `Webhook`.
            nested.trim_end_matches(".yaml").clone_into(&mut current.binary);
            let resource = current.binary.get(..1).unwrap_or_default().to_uppercase();
            current.id = format!("{}/{resource}{}", current.id, current.binary.get(1..).unwrap_or_default());
        } else if let Some(channel) = line.strip_prefix("        Channel: ") {
            current.suffix = format!("{}-{channel}", current.binary);
            functions.push(current.clone());
        }
    }
    functions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_functions_are_found() {
        let functions = functions().unwrap();
        let web = find(&functions, "web-api").unwrap();
        assert_eq!((web.id.as_str(), web.binary.as_str()), ("WebApi", "web"));
        assert_eq!(find(&functions, "Web_Socket").unwrap().suffix, "web-socket");
        let telegram = find(&functions, "webhook-telegram").unwrap();
        assert_eq!((telegram.id.as_str(), telegram.binary.as_str()), ("TelegramWebhook/Webhook", "webhook"));
        assert_eq!(find(&functions, "nobody"), None);
        let binaries = binaries(&functions);
        assert!(["outbound", "responder", "web"].iter().all(|name| binaries.iter().any(|binary| binary == name)));
        assert!(functions.iter().all(|function| !function.suffix.is_empty()));
    }
}
