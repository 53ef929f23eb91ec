//! Who asks: the key that a request carries and what it opens.
//!
//! - **In**: the `Authorization` header (RFC 9110, 11.6.2): `Bearer KEY`, or `Basic` with any user
//!   and the key as the password, as QGIS and other programs of the field send it.
//! - **Out**: an [`Access`]. A request without the header is everybody's; one whose key is not
//!   known is refused, never served as everybody's.
//!
//! No text of a key gets into an answer, an error or the log.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use urbis_model::{KeyScope, Openness};
use urbis_store::{KeyRecord, KeySecret};

use crate::problem::ApiError;

/// Longest `Authorization` that is read, bytes: a key has 60, a user's name some more.
const MAX_LEN: usize = 1024;

/// What a caller may see and do: what everybody may, or what a key opens.
#[derive(Debug, Clone, Default)]
pub(crate) struct Access {
    key: Option<Arc<KeyRecord>>,
}

/// Whom an answer is for, and so who may keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Everybody gets the same.
    Everybody,
    /// The holder of the key that was sent, whatever it opens.
    KeyHolder,
}

impl Access {
    /// What the caller may see: up to the key's level, where the key may read.
    pub fn class(&self) -> Openness {
        let reads = self.key.as_ref().filter(|key| key.may(&KeyScope::Read));
        reads.map_or(Openness::Open, |key| key.level)
    }

    /// The level of the key, whether it reads or not; that of everybody without one.
    pub fn level(&self) -> Openness {
        self.key.as_ref().map_or(Openness::Open, |key| key.level)
    }

    /// Refuses who may not do what needs a scope.
    ///
    /// # Errors
    ///
    /// [`ApiError::KeyRequired`] (401) without a key, [`ApiError::ScopeMissing`] (403) for one that
    /// lacks the scope.
    pub fn require(&self, scope: KeyScope) -> Result<(), ApiError> {
        let key = self.key.as_ref().ok_or(ApiError::KeyRequired)?;
        if key.may(&scope) { Ok(()) } else { Err(ApiError::ScopeMissing { scope }) }
    }

    /// Whom the answer is for.
    pub const fn audience(&self) -> Audience {
        if self.key.is_some() { Audience::KeyHolder } else { Audience::Everybody }
    }
}

/// The keys that hold, by id.
#[derive(Debug, Default)]
pub(crate) struct KeyRing(HashMap<String, Arc<KeyRecord>>);

impl KeyRing {
    /// All keys of the database; those that were revoked open nothing.
    pub fn new(records: Vec<KeyRecord>) -> Self {
        let valid = records.into_iter().filter(|record| record.revoked_at.is_none());
        Self(valid.map(|record| (record.id.clone(), Arc::new(record))).collect())
    }

    /// Says whether no key opens anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a request may see and do.
    ///
    /// # Errors
    ///
    /// [`ApiError::AuthorizationInvalid`] (400), [`ApiError::KeyUnknown`] (401).
    pub fn access(&self, headers: &HeaderMap) -> Result<Access, ApiError> {
        let Some(value) = authorization(headers)? else { return Ok(Access::default()) };
        let secret = read_key(value).ok_or(ApiError::KeyUnknown)?;
        let record = self.0.get(secret.id()).filter(|record| record.admits(&secret));
        let key = record.cloned().ok_or(ApiError::KeyUnknown)?;
        Ok(Access { key: Some(key) })
    }
}

/// The one `Authorization` header of a request; `None` where it has none.
///
/// # Errors
///
/// [`ApiError::AuthorizationInvalid`] where there are several, of which two programs could choose
/// differently, and where it is too long.
pub(crate) fn authorization(headers: &HeaderMap) -> Result<Option<&HeaderValue>, ApiError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(ApiError::AuthorizationInvalid { fault: "is there twice" });
    }
    if first.is_some_and(|value| value.len() > MAX_LEN) {
        return Err(ApiError::AuthorizationInvalid { fault: "is longer than 1024 bytes" });
    }
    Ok(first)
}

fn read_key(value: &HeaderValue) -> Option<KeySecret> {
    let (scheme, credentials) = value.to_str().ok()?.split_once(' ')?;
    let credentials = credentials.trim_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") {
        return KeySecret::parse(credentials).ok();
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let login = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let (_user, password) = login.split_once(':')?;
    KeySecret::parse(password).ok()
}
