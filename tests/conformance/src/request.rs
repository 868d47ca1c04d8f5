//! Requests as providers make them, and which bytes of one its proof covers.

use std::ops::Range;

use channels::RawRequest;

/// A provider's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Upper-case HTTP method.
    pub method: &'static str,
    /// The exact public address.
    pub url: String,
    /// Headers in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A POST.
    pub fn post(url: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { method: "POST", url: url.to_owned(), headers, body: body.to_owned() }
    }

    /// A GET.
    pub fn get(url: &str) -> Self {
        Self { method: "GET", ..Self::post(url, &[], b"") }
    }

    /// As channels see it.
    pub fn raw(&self) -> RawRequest<'_> {
        RawRequest { method: self.method, url: &self.url, headers: &self.headers, body: &self.body }
    }
}

/// A part of a request that its proof covers, the proof itself included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A header's value.
    Header(&'static str),
    /// The value of a parameter of the query, as it stands in the address.
    Query(&'static str),
    /// Bytes of the body.
    Body(Range<usize>),
}

/// A request with its proof.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The request.
    pub request: Request,
    /// What of it nobody may change.
    pub covers: Vec<Place>,
}

impl Signed {
    /// Whether the proof covers anything of the body.
    pub fn covers_body(&self) -> bool {
        self.covers.iter().any(|place| matches!(place, Place::Body(_)))
    }

    /// How many bytes nobody may change.
    pub fn covered(&self) -> usize {
        self.covers.iter().map(|place| self.bytes(place)).sum()
    }

    fn bytes(&self, place: &Place) -> usize {
        match place {
            Place::Header(name) => self.request.raw().header(name).map_or(0, str::len),
            Place::Query(name) => query(&self.request.url, name).len(),
            Place::Body(range) => range.len(),
        }
    }

    /// The same with one covered byte changed, counted from 0 through all covered places. The change keeps ASCII ASCII.
    #[must_use]
    pub fn tampered(&self, number: usize, bits: u8) -> Request {
        let mut request = self.request.clone();
        let mut number = number;
        for place in &self.covers {
            let bytes = self.bytes(place);
            if number >= bytes {
                number -= bytes;
                continue;
            }
            match place {
                Place::Header(name) => {
                    let (_, value) = request.headers.iter_mut().find(|(header, _)| header == name).unwrap();
                    *value = flipped(value, number, bits);
                }
                Place::Query(name) => {
                    let at = query(&request.url, name).start + number;
                    request.url = flipped(&request.url, at, bits);
                }
                Place::Body(range) => request.body[range.start + number] ^= bits,
            }
            return request;
        }
        unreachable!("there are only {} covered bytes", self.covered());
    }

    /// The same without its proof: every covered header and parameter is gone.
    #[must_use]
    pub fn bare(&self) -> Request {
        let mut request = self.request.clone();
        for place in &self.covers {
            match place {
                Place::Header(name) => request.headers.retain(|(header, _)| header != name),
                Place::Query(name) => {
                    let value = query(&request.url, name);
                    let from = value.start - name.len() - 1;
                    let to = if request.url[value.end..].starts_with('&') { value.end + 1 } else { value.end };
                    request.url.replace_range(from..to, "");
                }
                Place::Body(_) => {}
            }
        }
        request
    }
}

/// Where the value of a parameter stands in an address.
fn query(url: &str, name: &str) -> Range<usize> {
    let start = url.find('?').map_or(url.len(), |at| at + 1);
    let mut at = start;
    for pair in url[start..].split('&') {
        if let Some(value) = pair.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
            return at + name.len() + 1..at + name.len() + 1 + value.len();
        }
        at += pair.len() + 1;
    }
    panic!("the address has no parameter `{name}`");
}

fn flipped(text: &str, at: usize, bits: u8) -> String {
    let mut bytes = text.as_bytes().to_owned();
    bytes[at] ^= bits;
    String::from_utf8(bytes).expect("signatures are ASCII, and a change of a low bit keeps it so")
}
