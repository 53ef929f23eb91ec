//! The absolute address that links in answers start with.
//!
//! Clients such as QGIS take links as they stand, so every link is absolute: from the configured
//! base, else from what a trusted proxy forwards, else from the `Host` that was asked for.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};

use crate::ServerError;
use crate::problem::ApiError;

/// Longest host, port or path prefix that is taken from a header.
const MAX_PART_LEN: usize = 255;

/// `http://host[:port][/path]` without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Makes a base from its checked parts.
    fn from_parts(scheme: &str, authority: &str, prefix: &str) -> Option<Self> {
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "http" && scheme != "https" {
            return None;
        }
        let prefix = prefix.trim_end_matches('/');
        let prefix_is_plain = prefix.is_empty()
            || (prefix.starts_with('/')
                && !prefix.starts_with("//")
                && prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.~".contains(&b)));
        if authority.len() > MAX_PART_LEN || prefix.len() > MAX_PART_LEN || !prefix_is_plain {
            return None;
        }
        // What the grammar of URLs allows beyond this has a meaning elsewhere, such as `;` in a
        // policy or `'` in a page.
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
        let parsed: Authority = authority.parse().ok()?;
        if parsed.host().is_empty() || !authority.bytes().all(is_plain) {
            return None;
        }
        Some(Self(format!("{scheme}://{parsed}{prefix}")))
    }

    /// The base of a node that listens on an address, for a client that names no host.
    pub(crate) fn from_listen(listen: SocketAddr) -> Self {
        Self(format!("http://{listen}"))
    }

    /// The host that a request names; `None` where it names none.
    fn asked_for(uri: &Uri, headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let host = match (uri.authority(), headers.get(header::HOST)) {
            (Some(authority), _) => authority.as_str(),
            (None, Some(host)) => host.to_str().map_err(|_| ApiError::HostInvalid)?.trim(),
            (None, None) => return Ok(None),
        };
        if host.is_empty() {
            return Ok(None);
        }
        if is_plain_host(host.as_bytes()) {
            return Ok(Some(Self(["http://", host].concat())));
        }
        Self::from_parts("http", host, "").map(Some).ok_or(ApiError::HostInvalid)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port alone.
    pub(crate) fn origin(&self) -> &str {
        let start = self.authority_start();
        &self.0[..start + self.authority().len()]
    }

    /// Host and port.
    fn authority(&self) -> &str {
        self.0[self.authority_start()..].split('/').next().unwrap_or_default()
    }

    fn authority_start(&self) -> usize {
        self.0.find("://").map_or(0, |at| at + 3)
    }
}

impl FromStr for BaseUrl {
    type Err = ServerError;

    fn from_str(text: &str) -> Result<Self, ServerError> {
        let parse = || {
            let (scheme, rest) = text.split_once("://")?;
            let (authority, prefix) = match rest.find('/') {
                Some(slash) => rest.split_at(slash),
                None => (rest, ""),
            };
            Self::from_parts(scheme, authority, prefix)
        };
        parse().ok_or_else(|| ServerError::BaseUrlInvalid { found: text.to_owned() })
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A peer, or a network of peers, whose forwarded headers are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrustedProxy {
    network: IpAddr,
    prefix_len: u8,
}

impl TrustedProxy {
    fn covers(&self, peer: IpAddr) -> bool {
        match (self.network, peer.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(peer)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix_len)).unwrap_or(0);
                network.to_bits() & mask == peer.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(peer)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix_len)).unwrap_or(0);
                network.to_bits() & mask == peer.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl FromStr for TrustedProxy {
    type Err = ServerError;

    fn from_str(text: &str) -> Result<Self, ServerError> {
        let parse = || {
            let (address, len) = match text.split_once('/') {
                Some((address, len)) => (address, Some(len)),
                None => (text, None),
            };
            let network: IpAddr = address.parse().ok()?;
            let longest = if network.is_ipv4() { 32 } else { 128 };
            let prefix_len = match len {
                Some(len) => len.parse().ok().filter(|len| *len <= longest)?,
                None => longest,
            };
            Some(Self { network, prefix_len })
        };
        parse().ok_or_else(|| ServerError::ProxyInvalid { found: text.to_owned() })
    }
}

/// Says whether a host is surely one that [`BaseUrls::for_request`] takes: a name or an IPv4
/// address, perhaps with a port. Others may be taken, too.
pub(crate) fn is_plain_host(host: &[u8]) -> bool {
    let port = host.iter().position(|b| *b == b':').unwrap_or(host.len());
    let (name, port) = host.split_at(port);
    let is_port = port.is_empty()
        || (2..=5).contains(&port.len()) && port[1..].iter().all(u8::is_ascii_digit);
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"-._".contains(b);
    !name.is_empty() && host.len() <= MAX_PART_LEN && is_port && name.iter().all(is_name)
}

/// Where bases come from, as configured.
#[derive(Debug, Clone)]
pub(crate) struct BaseUrls {
    pub public_url: Option<BaseUrl>,
    pub trusted_proxies: Vec<TrustedProxy>,
    pub fallback: BaseUrl,
}

impl BaseUrls {
    /// Says whether some peers' forwarded headers are believed.
    pub const fn trusts_anybody(&self) -> bool {
        !self.trusted_proxies.is_empty()
    }

    /// The base of the answer to one request.
    ///
    /// # Errors
    ///
    /// [`ApiError::HostInvalid`] where the request names a host that cannot be one (RFC 9112,
    /// section 3.2), whether it would be used or not.
    pub fn for_request(
        &self,
        peer: Option<IpAddr>,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<BaseUrl, ApiError> {
        let asked = BaseUrl::asked_for(uri, headers)?;
        if let Some(public_url) = &self.public_url {
            return Ok(public_url.clone());
        }
        let is_trusted =
            peer.is_some_and(|peer| self.trusted_proxies.iter().any(|proxy| proxy.covers(peer)));
        let asked = asked.unwrap_or_else(|| self.fallback.clone());
        let forwarded = is_trusted.then(|| from_forwarded(headers, &asked)).flatten();
        Ok(forwarded.unwrap_or(asked))
    }
}

fn from_forwarded(headers: &HeaderMap, asked: &BaseUrl) -> Option<BaseUrl> {
    let scheme = first_value(headers, "x-forwarded-proto").unwrap_or("http");
    let host = first_value(headers, "x-forwarded-host").unwrap_or(asked.authority());
    let prefix = first_value(headers, "x-forwarded-prefix").unwrap_or("");
    BaseUrl::from_parts(scheme, host, prefix)
}

/// The first of a comma list: what the client itself asked for.
fn first_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()?.split(',').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE_HOSTS: [&str; 10] = [
        "evil\"onload",
        "user@evil",
        "a evil",
        "evil/path",
        "<script>evil",
        "evil;script-src",
        "evil'self'",
        "evil,b",
        "evil%41",
        "evil:port:port",
    ];

    fn base_for(peer: &str, headers: &[(&'static str, &'static str)]) -> Result<String, ApiError> {
        let bases = BaseUrls {
            public_url: None,
            trusted_proxies: vec!["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()],
            fallback: BaseUrl::from_listen("127.0.0.1:8400".parse().unwrap()),
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let peer = Some(peer.parse().unwrap());
        bases.for_request(peer, &Uri::from_static("/layers"), &map).map(|base| base.to_string())
    }

    #[test]
    fn forwarded_headers_are_believed_from_trusted_proxies_only() {
        let headers = [
            ("host", "node:8400"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "maps.example, inner"),
            ("x-forwarded-prefix", "/city/"),
        ];
        let base = |peer| base_for(peer, &headers).unwrap();
        assert_eq!(base("10.1.2.3"), "https://maps.example/city");
        assert_eq!(base("::1"), "https://maps.example/city");
        assert_eq!(base("192.0.2.7"), "http://node:8400");
    }

    #[test]
    fn a_hostile_host_never_gets_into_a_link() {
        let peers = ["192.0.2.7", "10.0.0.1"];
        for host in HOSTILE_HOSTS {
            for peer in peers {
                assert_eq!(base_for(peer, &[("host", host)]), Err(ApiError::HostInvalid), "{host}");
            }
            // Of a list the first is taken, which is a sound name here.
            if !host.contains(',') {
                let base = base_for("10.0.0.1", &[("host", "node"), ("x-forwarded-host", host)]);
                assert_eq!(base.unwrap(), "http://node", "{host}");
            }
        }
        for peer in peers {
            assert_eq!(base_for(peer, &[("host", "")]).unwrap(), "http://127.0.0.1:8400");
            assert_eq!(base_for(peer, &[]).unwrap(), "http://127.0.0.1:8400");
        }
        for host in ["city.example", "city_1.example:8400", "192.0.2.1", "[::1]:8400", "CITY"] {
            let base = base_for("192.0.2.7", &[("host", host)]).unwrap();
            assert_eq!(base, format!("http://{host}"));
        }
        for prefix in ["//evil", "evil", "/a\"b", "/a?b"] {
            let base = base_for("10.0.0.1", &[("host", "node"), ("x-forwarded-prefix", prefix)]);
            assert_eq!(base.unwrap(), "http://node", "{prefix}");
        }
    }

    #[test]
    fn a_plain_host_is_never_one_that_is_refused() {
        for host in HOSTILE_HOSTS.into_iter().chain(["", ":80", "a:", "a:123456", "a:8x"]) {
            assert!(!is_plain_host(host.as_bytes()), "{host}");
        }
        for host in ["city.example", "city_1.example:8400", "192.0.2.1:1", "CITY"] {
            assert!(is_plain_host(host.as_bytes()), "{host}");
            assert!(BaseUrl::from_parts("http", host, "").is_some(), "{host}");
        }
    }

    #[test]
    fn a_base_url_is_checked_and_loses_its_last_slash() {
        let base: BaseUrl = "https://maps.example/city/".parse().unwrap();
        assert_eq!(
            (base.as_str(), base.origin()),
            ("https://maps.example/city", "https://maps.example")
        );
        for text in
            ["maps.example", "ftp://maps.example", "https://", "https://a b", "http://u:p@h"]
        {
            assert_eq!(text.parse::<BaseUrl>().unwrap_err().code(), "base_url_invalid", "{text}");
        }
    }

    #[test]
    fn a_network_covers_its_addresses() {
        let covers = |proxy: &str, peer: &str| -> bool {
            proxy.parse::<TrustedProxy>().unwrap().covers(peer.parse().unwrap())
        };
        assert!(covers("10.0.0.0/8", "10.255.0.1") && !covers("10.0.0.0/8", "11.0.0.1"));
        assert!(covers("0.0.0.0/0", "192.0.2.1") && !covers("0.0.0.0/0", "::1"));
        assert!(covers("127.0.0.1", "::ffff:127.0.0.1"));
        assert!("10.0.0.0/33".parse::<TrustedProxy>().is_err());
    }
}
