//! Which sites may use the visitor API from a browser. API Gateway answers preflights; this refuses what needs none.

/// The origins that are let in.
#[derive(Debug, Clone)]
pub struct Origins {
    own: String,
    allowed: Vec<String>,
}

impl Origins {
    /// The API's own origin, from its public address, and those of the parameter.
    pub fn new(public_base_url: &str, allowed: Vec<String>) -> Self {
        let own = url::Url::parse(public_base_url).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        Self { own, allowed }
    }

    /// Whether a request may come from here. Without an `Origin` header it comes from an app or a server, which no
    /// page can make send a visitor's token.
    pub fn allow(&self, origin: Option<&str>) -> bool {
        origin.is_none_or(|origin| origin == self.own || self.allowed.iter().any(|allowed| allowed == origin))
    }

    /// The sites that may embed the chat page.
    pub fn allowed(&self) -> &[String] {
        &self.allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lets_in_its_own_and_the_listed_origins_only() {
        let origins = Origins::new("https://chat.example.com/base", vec!["https://shop.example.com".into()]);
        assert!(origins.allow(None));
        assert!(origins.allow(Some("https://chat.example.com")));
        assert!(origins.allow(Some("https://shop.example.com")));
        for foreign in [
            "null",
            "",
            "http://shop.example.com",
            "https://shop.example.com.evil.example",
            "https://shop.example.com:8443",
        ] {
            assert!(!origins.allow(Some(foreign)), "{foreign}");
        }
    }
}
