//! Content codings: which one a client takes, and packing a body in it.

use std::cell::RefCell;

use axum::http::{HeaderMap, HeaderValue, header};
use libdeflater::{CompressionLvl, Compressor};

/// Bodies up to this length travel as they are: a packed one would hardly be shorter.
const MIN_PACKED_LEN: usize = 512;

/// Middle of the scale: most of the gain for a tenth of the time of the best.
const BROTLI_QUALITY: i32 = 5;
const GZIP_LEVEL: i32 = 6;

/// Brotli's window, 2^22 bytes.
const BROTLI_WINDOW: i32 = 22;

/// A content coding of RFC 9110, 8.4.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// The smallest answer first.
    const BY_SIZE: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Identity];

    /// What is packed soonest first: a tile in Brotli is some 5 % smaller and takes three times as
    /// long.
    const BY_TIME: [Self; 3] = [Self::Gzip, Self::Brotli, Self::Identity];

    /// The best coding that a client takes, where it is packed while its client waits.
    pub fn negotiate_quick(headers: &HeaderMap) -> Self {
        Accepted::read(headers).quickest()
    }

    /// The word in headers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    pub const fn header(self) -> HeaderValue {
        HeaderValue::from_static(self.as_str())
    }

    /// Packs a body; gives it back as it is, with `Identity`, where that is not worth it.
    pub fn pack(self, body: Vec<u8>) -> (Self, Vec<u8>) {
        if body.len() <= MIN_PACKED_LEN {
            return (Self::Identity, body);
        }
        match self {
            Self::Brotli => (self, pack_brotli(&body)),
            Self::Gzip => (self, pack_gzip(&body)),
            Self::Identity => (self, body),
        }
    }
}

/// The weights that a client gives to codings (RFC 9110, 12.5.3), thousandths, 0 is refused; `None`
/// where it does not name one. What it names twice counts as it did first.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Accepted {
    brotli: Option<u16>,
    gzip: Option<u16>,
    x_gzip: Option<u16>,
    identity: Option<u16>,
    any: Option<u16>,
}

impl Accepted {
    /// Reads what a request says.
    pub fn read(headers: &HeaderMap) -> Self {
        let mut accepted = Self::default();
        let values = headers.get_all(header::ACCEPT_ENCODING).iter();
        let words = values.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','));
        for (coding, weight) in words.map(split_weight) {
            let slots = [
                ("br", &mut accepted.brotli),
                ("gzip", &mut accepted.gzip),
                ("x-gzip", &mut accepted.x_gzip),
                ("identity", &mut accepted.identity),
                ("*", &mut accepted.any),
            ];
            let slot = slots.into_iter().find(|(name, _)| coding.eq_ignore_ascii_case(name));
            if let Some((_, slot)) = slot {
                slot.get_or_insert(weight);
            }
        }
        accepted
    }

    /// The coding of the smallest answer; `Identity` where the client names none that is known,
    /// which it may do even against its word.
    pub fn smallest(self) -> Encoding {
        self.best(Encoding::BY_SIZE)
    }

    /// The same for an answer that is packed while its client waits.
    pub fn quickest(self) -> Encoding {
        self.best(Encoding::BY_TIME)
    }

    /// Of equal weight the first is taken.
    fn best(self, order: [Encoding; 3]) -> Encoding {
        let mut best = (Encoding::Identity, 0);
        for encoding in order {
            let weight = self.weight(encoding);
            if weight > best.1 {
                best = (encoding, weight);
            }
        }
        best.0
    }

    /// Identity is never preferred to a coding that the client names.
    fn weight(self, encoding: Encoding) -> u16 {
        match encoding {
            Encoding::Brotli => self.brotli.or(self.any).unwrap_or(0),
            Encoding::Gzip => self.gzip.or(self.x_gzip).or(self.any).unwrap_or(0),
            Encoding::Identity => self.identity.unwrap_or(1),
        }
    }
}

/// `gzip;q=0.5` as the coding and thousandths; a weight that is none counts as 0.
fn split_weight(word: &str) -> (&str, u16) {
    let Some((coding, parameter)) = word.split_once(';') else { return (word.trim(), 1000) };
    let number = parameter.trim().strip_prefix("q=").or(parameter.trim().strip_prefix("Q="));
    let weight = number.and_then(|number| number.trim().parse::<f32>().ok());
    let weight = weight.filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(0.0);
    (coding.trim(), (weight * 1000.0).round() as u16)
}

fn pack_gzip(body: &[u8]) -> Vec<u8> {
    thread_local! {
        // Setting one up takes as long as packing a small tile.
        static COMPRESSOR: RefCell<Compressor> =
            RefCell::new(Compressor::new(CompressionLvl::new(GZIP_LEVEL).expect("1 to 12")));
    }
    COMPRESSOR.with_borrow_mut(|compressor| {
        let mut packed = vec![0; compressor.gzip_compress_bound(body.len())];
        let len = compressor.gzip_compress(body, &mut packed).expect("the bound is enough");
        packed.truncate(len);
        packed.shrink_to_fit();
        packed
    })
}

fn pack_brotli(mut body: &[u8]) -> Vec<u8> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: body.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut body, &mut packed, &params)
        .expect("writing to memory does not fail");
    packed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiate(accepted: &str) -> Encoding {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
        Accepted::read(&headers).smallest()
    }

    #[test]
    fn the_best_coding_that_the_client_takes_is_chosen() {
        for (accepted, expected) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("gzip, deflate", Encoding::Gzip),
            ("GZIP", Encoding::Gzip),
            ("x-gzip", Encoding::Gzip),
            ("br;q=0.5, gzip;q=0.8", Encoding::Gzip),
            ("br;q=0, gzip", Encoding::Gzip),
            ("*", Encoding::Brotli),
            ("br;q=0, *;q=0.1", Encoding::Gzip),
            ("identity", Encoding::Identity),
            ("identity;q=0.5, gzip;q=0.4", Encoding::Identity),
            ("gzip;q=0, br;q=0", Encoding::Identity),
            ("gzip;q=nonsense", Encoding::Identity),
            ("deflate", Encoding::Identity),
            ("", Encoding::Identity),
        ] {
            assert_eq!(negotiate(accepted), expected, "{accepted}");
        }
        assert_eq!(Accepted::read(&HeaderMap::new()).smallest(), Encoding::Identity);
    }

    #[test]
    fn what_a_client_waits_for_is_packed_by_gzip_unless_it_says_otherwise() {
        for (accepted, expected) in [
            ("gzip, deflate, br, zstd", Encoding::Gzip),
            ("br, gzip;q=0.9", Encoding::Brotli),
            ("br", Encoding::Brotli),
            ("*", Encoding::Gzip),
            ("", Encoding::Identity),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
            assert_eq!(Encoding::negotiate_quick(&headers), expected, "{accepted}");
        }
    }

    #[test]
    fn a_packed_body_comes_back() {
        use std::io::Read;

        let body = b"Da Nang, Hoi An, Tam Ky. ".repeat(100);
        let (_, gzip) = Encoding::Gzip.pack(body.clone());
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(&gzip[..]).read_to_end(&mut back).unwrap();
        assert_eq!(back, body);

        let (_, packed) = Encoding::Brotli.pack(body.clone());
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut &packed[..], &mut back).unwrap();
        assert_eq!(back, body);
        assert_eq!(Encoding::Gzip.pack(b"short".to_vec()).0, Encoding::Identity);
    }
}
