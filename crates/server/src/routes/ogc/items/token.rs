//! Where the next page begins, as the parameter `after` carries it.
//!
//! The token is base64url without padding: some clients cut an address at `=`. It says where the
//! page before ended and how many features there were, so that they are counted once. It opens
//! nothing: whoever makes one up gets a page that begins elsewhere.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use urbis_store::FeatureCursor;

/// Longest token, characters.
const MAX_LEN: usize = 64;

/// Where a page begins, and how many features all pages have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub after: FeatureCursor,
    /// `None` where counting them took too long.
    pub matched: Option<u64>,
}

impl Token {
    /// The text of the token.
    pub fn encode(self) -> String {
        let matched = self.matched.map(|matched| matched.to_string()).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(format!("{}.{matched}", self.after))
    }

    /// Reads a token; `None` where the text is none.
    pub fn decode(text: &str) -> Option<Self> {
        if text.len() > MAX_LEN {
            return None;
        }
        let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (after, matched) = plain.split_once('.')?;
        let matched = if matched.is_empty() { None } else { Some(matched.parse().ok()?) };
        let token = Self { after: after.parse().ok()?, matched };
        (token.encode() == text).then_some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_and_nothing_else_is_one() {
        for (after, matched) in [("1", None), ("2", Some(0)), ("n9007199254740991", Some(u64::MAX))]
        {
            let token = Token { after: after.parse().unwrap(), matched };
            assert_eq!(Token::decode(&token.encode()), Some(token));
            assert!(
                token.encode().bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
            );
        }
        for text in ["", "MQ", "Lg", "!!!!", "MS4xMA==", "LTEuMQ", &"A".repeat(65)] {
            assert_eq!(Token::decode(text), None, "{text}");
        }
    }
}
