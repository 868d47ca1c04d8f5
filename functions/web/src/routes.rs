//! Which request goes where. The OpenAPI file lists the same: a test compares them.

use lambda_http::http::Method;

/// What can be asked over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// Open or renew a session.
    OpenSession,
    /// Send a message.
    SendMessage,
    /// Read messages.
    ReadMessages,
    /// Ask for a form to upload a file with.
    GrantUpload,
    /// Ask for a link to an uploaded file.
    LinkUpload,
    /// The API's description.
    OpenApi,
    /// Whether the door works, and what was built.
    Health,
    /// The chat as a page of its own.
    ChatPage,
    /// The widget's stable script.
    WidgetScript,
    /// A file with its hash in its name.
    Static,
}

/// Every route: method, path with `{name}` for a segment that varies, and what it is.
pub const ROUTES: &[(Method, &str, Route)] = &[
    (Method::POST, "/v1/sessions", Route::OpenSession),
    (Method::POST, "/v1/messages", Route::SendMessage),
    (Method::GET, "/v1/messages", Route::ReadMessages),
    (Method::POST, "/v1/uploads", Route::GrantUpload),
    (Method::GET, "/v1/uploads/{upload}", Route::LinkUpload),
    (Method::GET, "/v1/openapi.json", Route::OpenApi),
    (Method::GET, "/v1/health", Route::Health),
    (Method::GET, "/chat", Route::ChatPage),
    (Method::GET, "/widget.js", Route::WidgetScript),
    (Method::GET, "/static/{file}", Route::Static),
];

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// A route, with the segment that varies (empty if none does).
    Route(Route, &'a str),
    /// The path is there, but not with this method; these it has.
    OtherMethods(Vec<&'static Method>),
    /// Nothing is there.
    Nothing,
}

/// Finds the route of a request.
pub(crate) fn find<'a>(method: &Method, path: &'a str) -> Found<'a> {
    let mut methods = vec![];
    for (wanted, pattern, route) in ROUTES {
        let Some(segment) = matched(pattern, path) else { continue };
        if wanted == method {
            return Found::Route(*route, segment);
        }
        methods.push(wanted);
    }
    if methods.is_empty() { Found::Nothing } else { Found::OtherMethods(methods) }
}

/// The varying segment of a path that fits a pattern.
fn matched<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    match pattern.split_once('{') {
        None => (pattern == path).then_some(""),
        Some((before, _)) => {
            let segment = path.strip_prefix(before)?;
            (!segment.is_empty() && !segment.contains('/')).then_some(segment)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_by_method_and_path() {
        assert_eq!(find(&Method::POST, "/v1/messages"), Found::Route(Route::SendMessage, ""));
        assert_eq!(find(&Method::GET, "/v1/uploads/upl_1"), Found::Route(Route::LinkUpload, "upl_1"));
        assert_eq!(find(&Method::DELETE, "/v1/messages"), Found::OtherMethods(vec![&Method::POST, &Method::GET]));
        for path in ["/", "/v1/messages/", "/static/", "/static/a/b", "/v1/uploads/../x"] {
            assert_eq!(find(&Method::GET, path), Found::Nothing, "{path}");
        }
    }
}
