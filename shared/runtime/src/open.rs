//! Which addresses are of the open internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

/// Why an address is not fetched from, by what can be seen of it; its name is looked up later.
pub(crate) fn forbidden(url: &Url) -> Option<&'static str> {
    if url.scheme() != "https" {
        return Some("its address is not https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("its address holds a password");
    }
    // An address of numbers is never looked up.
    let host = url.host_str().unwrap_or_default();
    let number: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    number.filter(|ip| !is_open(*ip)).map(|_| "its address leads into a private network")
}

/// Looks names up, and finds only addresses of the open internet: what is looked up here is what is connected to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Open;

#[derive(Debug, thiserror::Error)]
#[error("the name leads nowhere in the open internet")]
struct NotOpen;

impl Resolve for Open {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = lookup_host((name.as_str(), 0)).await?;
            let open: Vec<SocketAddr> = found.filter(|address| is_open(address.ip())).collect();
            if open.is_empty() {
                return Err(NotOpen.into());
            }
            Ok(Box::new(open.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is of the open internet: by IANA's registries of special-purpose addresses, nothing that is private,
/// of the machine or of its link, shared, reserved, for documentation or benchmarks, or for many at once.
pub(crate) fn is_open(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_open_v4(ip),
        IpAddr::V6(ip) => is_open_v6(ip),
    }
}

fn is_open_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(a == 0
        || a >= 224
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19)))
}

/// Only what is given out as global unicast (`2000::/3`), without what carries an address of the fourth version in it.
fn is_open_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    // Teredo and other assignments of the protocol; documentation; 6to4; documentation again.
    let special = matches!((a, b), (0x2001, 0..0x200 | 0xdb8) | (0x2002, _) | (0x3fff, 0..0x1000));
    (0x2000..0x4000).contains(&a) && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_open_internet_is_open() {
        for (address, open) in [
            ("8.8.8.8", true),
            ("203.0.114.1", true),
            ("101.32.1.1", true),
            ("172.32.0.1", true),
            ("100.128.0.1", true),
            ("2606:4700::1111", true),
            ("2404:6800:4003::1", true),
            ("0.0.0.0", false),
            ("0.1.2.3", false),
            ("10.1.2.3", false),
            ("100.64.0.1", false),
            ("127.0.0.1", false),
            ("127.8.8.8", false),
            ("169.254.169.254", false),
            ("169.254.170.2", false),
            ("172.16.0.1", false),
            ("172.31.255.255", false),
            ("192.0.0.8", false),
            ("192.0.2.1", false),
            ("192.88.99.1", false),
            ("192.168.1.1", false),
            ("198.18.0.1", false),
            ("198.51.100.1", false),
            ("203.0.113.1", false),
            ("224.0.0.1", false),
            ("240.0.0.1", false),
            ("255.255.255.255", false),
            ("::", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:8.8.8.8", false),
            ("64:ff9b::a9fe:a9fe", false),
            ("2002:7f00:1::", false),
            ("2001:0:1::", false),
            ("2001:db8::1", false),
            ("fc00::1", false),
            ("fd00:ec2::254", false),
            ("fe80::1", false),
            ("ff02::1", false),
        ] {
            assert_eq!(is_open(address.parse().unwrap()), open, "{address}");
        }
    }

    #[test]
    fn an_address_that_hides_where_it_leads_is_seen_through() {
        for (address, allowed) in [
            ("https://cdn.example/x?y=1", true),
            ("https://cdn.example:8443/x", true),
            ("https://8.8.8.8/x", true),
            ("http://cdn.example/x", false),
            ("ftp://cdn.example/x", false),
            ("file:///etc/passwd", false),
            ("https://user:pass@cdn.example/x", false),
            ("https://127.0.0.1/x", false),
            ("https://127.1/x", false),
            ("https://2130706433/x", false),
            ("https://0x7f.0.0.1/x", false),
            ("https://0177.0.0.1/x", false),
            ("https://[::1]/x", false),
            ("https://[::ffff:169.254.169.254]/x", false),
        ] {
            let url = Url::parse(address).unwrap();
            assert_eq!(forbidden(&url).is_none(), allowed, "{address} {:?}", forbidden(&url));
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_not_found() {
        assert!(Open.resolve("localhost".parse().unwrap()).await.is_err());
    }
}
