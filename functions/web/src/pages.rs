//! The chat's page, script and files.

use lambda_http::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, VARY,
};
use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::{Body, Request, Response};
use runtime::http::Problem;

use crate::assets::{Asset, Assets, media_type};

/// A file under its hashed name never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The stable script and the page name the current files: a new deploy is seen within minutes.
const FIVE_MINUTES: &str = "public, max-age=300";
const NO_STORE: &str = "no-cache";

/// What the chat page may load and who may embed it.
#[derive(Debug, Clone)]
pub(crate) struct PagePolicy(String);

impl PagePolicy {
    /// From the sites that may embed the page, and the addresses that it talks to besides its own.
    pub(crate) fn new(embedders: &[String], socket_url: &str, uploads_url: &str) -> Self {
        let origin = |address: &str| {
            let parsed = url::Url::parse(address).ok();
            parsed
                .and_then(|url| Some(format!("{}://{}", url.scheme(), url.host_str()?) + &port(&url)))
                .unwrap_or_default()
        };
        let (socket, uploads) = (origin(socket_url), origin(uploads_url));
        Self(format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data: {uploads}; \
             media-src blob: {uploads}; connect-src 'self' {socket} {uploads}; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'self' {}",
            embedders.join(" ")
        ))
    }
}

fn port(url: &url::Url) -> String {
    url.port().map(|port| format!(":{port}")).unwrap_or_default()
}

/// The chat as a page of its own, for a frame.
pub(crate) fn chat(assets: &Assets, policy: &PagePolicy, request: &Request) -> Response<Body> {
    let mut response = file(assets.named("chat.html"), "chat.html", NO_STORE, request);
    if let Ok(policy) = HeaderValue::from_str(&policy.0) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The widget's stable script.
pub(crate) fn widget(assets: &Assets, request: &Request) -> Response<Body> {
    file(assets.named("loader.js"), "loader.js", FIVE_MINUTES, request)
}

/// A file under its hashed name.
pub(crate) fn packed(assets: &Assets, name: &str, request: &Request) -> Response<Body> {
    file(assets.packed(name), name, FOR_EVER, request)
}

fn file(asset: Option<&Asset>, name: &str, caching: &'static str, request: &Request) -> Response<Body> {
    let Some(asset) = asset else {
        return Problem::new(StatusCode::NOT_FOUND, "there is no such file").into_response();
    };
    let accepted = request.headers().get(ACCEPT_ENCODING).and_then(|accepted| accepted.to_str().ok());
    let compressed = asset.compressed.as_ref().filter(|_| accepted.is_some_and(accepts_gzip));
    let mut response = Response::new(match (compressed, std::str::from_utf8(&asset.plain)) {
        (Some(compressed), _) => Body::Binary(compressed.clone()),
        (None, Ok(text)) => Body::Text(text.to_owned()),
        (None, Err(_)) => Body::Binary(asset.plain.clone()),
    });
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if compressed.is_some() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    headers.insert(HeaderName::from_static("referrer-policy"), HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    response
}

/// Whether an `Accept-Encoding` header takes gzip (RFC 9110 §12.5.3); `q=0` means that it does not.
fn accepts_gzip(header: &str) -> bool {
    header.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        named && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_used_only_where_it_is_taken() {
        for (header, taken) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.2", true),
            ("gzip;q=0", false),
            ("br", false),
            ("", false),
        ] {
            assert_eq!(accepts_gzip(header), taken, "{header}");
        }
    }

    #[test]
    fn the_policy_has_no_inline_script_and_names_its_embedders() {
        let policy = PagePolicy::new(
            &["https://shop.example.com".into()],
            "wss://abc.execute-api.eu-west-1.amazonaws.com/live",
            "https://files.s3.eu-west-1.amazonaws.com",
        );
        assert!(policy.0.contains("script-src 'self';"));
        assert!(policy.0.contains("connect-src 'self' wss://abc.execute-api.eu-west-1.amazonaws.com https://files"));
        assert!(policy.0.ends_with("frame-ancestors 'self' https://shop.example.com"));
        assert!(!policy.0.contains("unsafe"));
    }
}
