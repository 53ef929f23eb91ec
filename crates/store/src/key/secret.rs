//! The secret of a key, and the hash that is all the database knows of it.
//!
//! The text form is `urbis_<id>_<secret>`: letters, digits, `-` and `_` alone, so that it passes
//! through headers, passwords and the fragment of an address unchanged.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::StoreError;

const PREFIX: &str = "urbis_";

const ID_LEN: usize = 10;

/// Letters and digits of an id, without those that look alike (`l` and 1, `o` and 0). There are
/// 32 of them: five random bits choose one.
const ID_ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

const SECRET_BYTES: usize = 32;

/// SHA-256 of a secret. Comparing takes the same time wherever two hashes differ.
#[derive(Clone, Copy)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// Hashes the secret part of a key's text.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Reads the bytes of [`Self::as_bytes`]; `None` where they are not 32.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, to be kept where only the node reads them.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for KeyHash {
    fn eq(&self, other: &Self) -> bool {
        let differences = self.0.iter().zip(&other.0);
        differences.fold(0, |all, (a, b)| std::hint::black_box(all | (a ^ b))) == 0
    }
}

impl Eq for KeyHash {}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(..)")
    }
}

/// The whole text of a key, which only its holder has. It never shows in `Debug`.
pub struct KeySecret {
    id: String,
    secret: String,
}

impl KeySecret {
    /// Draws an id and a secret from the operating system.
    ///
    /// # Errors
    ///
    /// [`StoreError::RandomUnavailable`].
    pub fn generate() -> Result<Self, StoreError> {
        let (mut id, mut secret) = ([0; ID_LEN], [0; SECRET_BYTES]);
        for random in [&mut id[..], &mut secret[..]] {
            getrandom::fill(random).map_err(|cause| StoreError::RandomUnavailable { cause })?;
        }
        let letter = |byte: &u8| char::from(ID_ALPHABET[usize::from(byte % 32)]);
        Ok(Self { id: id.iter().map(letter).collect(), secret: URL_SAFE_NO_PAD.encode(secret) })
    }

    /// Reads `urbis_<id>_<secret>`, and nothing that only resembles it.
    ///
    /// # Errors
    ///
    /// [`StoreError::KeyMalformed`].
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let rest = text.strip_prefix(PREFIX).ok_or(StoreError::KeyMalformed)?;
        let (id, rest) = rest.split_at_checked(ID_LEN).ok_or(StoreError::KeyMalformed)?;
        let secret = rest.strip_prefix('_').ok_or(StoreError::KeyMalformed)?;
        // One secret has one text: the decoder refuses padding and bits that say nothing.
        let decoded = URL_SAFE_NO_PAD.decode(secret).is_ok_and(|bytes| bytes.len() == SECRET_BYTES);
        if decoded && id.bytes().all(|byte| ID_ALPHABET.contains(&byte)) {
            return Ok(Self { id: id.to_owned(), secret: secret.to_owned() });
        }
        Err(StoreError::KeyMalformed)
    }

    /// The id: ten characters, no secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The hash to compare with that of [`super::KeyRecord`].
    pub fn hash(&self) -> KeyHash {
        KeyHash::of(&self.secret)
    }

    /// The text that its holder sends. Whoever has it has the key's rights: never log it.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}_{}", self.id, self.secret)
    }
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySecret").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "urbis_abcdefgh23_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn is_key(text: &str) -> bool {
        KeySecret::parse(text).is_ok()
    }

    #[test]
    fn a_drawn_secret_is_read_from_its_text_and_drawn_once() {
        let drawn = KeySecret::generate().unwrap();
        let read = KeySecret::parse(&drawn.reveal()).unwrap();
        assert_eq!((read.id(), read.hash()), (drawn.id(), drawn.hash()));
        let other = KeySecret::generate().unwrap();
        assert_ne!((other.id(), other.hash()), (drawn.id(), drawn.hash()));
    }

    #[test]
    fn a_text_is_safe_in_addresses_and_headers() {
        let text = KeySecret::generate().unwrap().reveal();
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        assert!(text.bytes().all(is_safe), "{text}");
        assert_eq!(text.len(), 6 + 10 + 1 + 43);
    }

    #[test]
    fn the_hash_is_sha_256_of_the_secret() {
        // FIPS 180-4, the example "abc".
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let hash: String = KeyHash::of("abc").0.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, abc);
    }

    #[test]
    fn hashes_that_differ_in_any_byte_differ() {
        let hash = KeyHash::of("abc");
        for index in 0..32 {
            let mut other = hash;
            other.0[index] ^= 1;
            assert_ne!(other, hash, "byte {index}");
        }
        assert_eq!(KeyHash::from_bytes(&hash.0), Some(hash));
        assert_eq!(KeyHash::from_bytes(&hash.0[1..]), None);
    }

    #[test]
    fn only_the_exact_form_is_a_key() {
        assert!(is_key(TEXT));
        // The last character holds four bits of the secret; the rest of it must be zero.
        let last = |end: &str| format!("{}{end}", &TEXT[..TEXT.len() - 1]);
        for text in [
            String::new(),
            "urbis_".into(),
            TEXT.to_uppercase(),
            TEXT.replace("urbis_", "urbis-"),
            TEXT.replace("abcdefgh23", "abcdefgh2l"),
            TEXT.replace("abcdefgh23", "ABCDEFGH23"),
            TEXT.replace("abcdefgh23", "abcdefgh2é"),
            TEXT.replace("abcdefgh23", "abcdefgh234"),
            TEXT.replace("23_", "23-"),
            format!(" {TEXT}"),
            format!("{TEXT}\n"),
            format!("{TEXT}="),
            format!("{TEXT}A"),
            last(""),
            last("9"),
            last("+"),
            TEXT.repeat(1000),
        ] {
            assert!(!is_key(&text), "{text}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let secret = KeySecret::parse(TEXT).unwrap();
        let shown = format!("{secret:?} {:?}", secret.hash());
        assert_eq!(shown, "KeySecret { id: \"abcdefgh23\", .. } KeyHash(..)");
    }
}
