//! Keys: who may see more than everybody, and who may write.
//!
//! The database keeps hashes; the secret is shown once, to whom the key is issued. Nodes learn
//! of keys at loading and from the tail, and then need no database to know one.

mod secret;

use sqlx::Row;
use sqlx::postgres::{PgConnection, PgRow};
use urbis_model::{KeyScope, Moment, Openness};

use crate::error::while_doing;
use crate::instant::read_moment;
use crate::session::answer;
use crate::{Store, StoreError};

pub use secret::{KeyHash, KeySecret};

/// The layer name under which the change log tells of keys; no layer can have it.
pub(crate) const LOG_NAME: &str = "@api_key";

/// The table; whoever reads it under a snapshot locks it first, as layers.
pub(crate) const TABLE: &str = "urbis.api_key";

/// Who is named as the maker of a key from the operator's file.
const OPERATOR: &str = "operator";

/// A key as the database and every node know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Ten lower-case letters and digits; no secret.
    pub id: String,
    /// Hash of the secret.
    pub hash: KeyHash,
    /// Level of openness up to which its holder sees.
    pub level: Openness,
    /// What it allows, in order.
    pub scopes: Vec<KeyScope>,
    /// What people call it; may be empty.
    pub label: String,
    /// When it was made.
    pub created_at: Moment,
    /// When it was revoked; `None` while it holds.
    pub revoked_at: Option<Moment>,
}

impl KeyRecord {
    /// Says whether it allows something: by a scope of that name, or by [`KeyScope::Admin`], which
    /// allows everything. Whether it was revoked is another question.
    pub fn may(&self, scope: &KeyScope) -> bool {
        self.scopes.iter().any(|held| held == scope || *held == KeyScope::Admin)
    }

    /// Says whether a secret is this key's, and the key was not revoked.
    pub fn admits(&self, secret: &KeySecret) -> bool {
        self.revoked_at.is_none() && self.id == secret.id() && self.hash == secret.hash()
    }
}

/// What a key shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Level of openness up to which its holder sees.
    pub level: Openness,
    /// What it allows; order and repetitions do not matter.
    pub scopes: Vec<KeyScope>,
    /// What people call it; may be empty.
    pub label: String,
}

/// A key that was made just now.
#[derive(Debug)]
pub struct IssuedKey {
    /// The key as the database keeps it.
    pub record: KeyRecord,
    /// Its secret, which nothing else knows.
    pub secret: KeySecret,
}

impl Store {
    /// Makes a key; `actor` is kept as its maker.
    ///
    /// # Errors
    ///
    /// [`StoreError::RandomUnavailable`], [`StoreError::Database`].
    pub async fn create_key(&self, key: &NewKey, actor: &str) -> Result<IssuedKey, StoreError> {
        let secret = KeySecret::generate()?;
        let record =
            self.write_key(include_str!("sql/insert_key.sql"), key, &secret, actor).await?;
        Ok(IssuedKey { record, secret })
    }

    /// Makes a key whose secret is there already, such as that of the operator's file. Where the
    /// database has it, it gets the level and the scopes that are asked for, if they differ; its
    /// label stays. Gives the key as the database has it then.
    ///
    /// # Errors
    ///
    /// [`StoreError::KeyRevoked`]; [`StoreError::KeySecretDiffers`] where the id is another key's;
    /// [`StoreError::Database`].
    pub async fn ensure_key(
        &self,
        key: &NewKey,
        secret: &KeySecret,
    ) -> Result<KeyRecord, StoreError> {
        let statement = include_str!("sql/ensure_key.sql");
        self.write_key(statement, key, secret, OPERATOR).await
    }

    /// All keys, also those revoked, in the order in which they were made.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn list_keys(&self) -> Result<Vec<KeyRecord>, StoreError> {
        let mut connection = self.pool.acquire().await.map_err(while_doing("listing keys"))?;
        read_keys(&mut connection, None).await
    }

    /// Revokes a key for good and says whether there is one of this id. A key that was revoked
    /// before keeps the time of that.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn revoke_key(&self, id: &str) -> Result<bool, StoreError> {
        sqlx::query_scalar(include_str!("sql/revoke_key.sql"))
            .bind(id)
            .fetch_one(&self.pool)
            .await
            .map_err(while_doing("revoking a key"))
    }

    async fn write_key(
        &self,
        statement: &'static str,
        key: &NewKey,
        secret: &KeySecret,
        actor: &str,
    ) -> Result<KeyRecord, StoreError> {
        let mut scopes = key.scopes.clone();
        scopes.sort();
        scopes.dedup();
        sqlx::query(statement)
            .bind(secret.id())
            .bind(secret.hash().as_bytes().as_slice())
            .bind(key.level.as_str())
            .bind(scopes.iter().map(ToString::to_string).collect::<Vec<_>>())
            .bind(&key.label)
            .bind(actor)
            .execute(&self.pool)
            .await
            .map_err(while_doing("making a key"))?;
        let mut connection = self.pool.acquire().await.map_err(while_doing("reading a key"))?;
        let found = read_keys(&mut connection, Some(secret.id())).await?.pop();
        match found {
            Some(record) if record.admits(secret) => Ok(record),
            Some(record) if record.hash == secret.hash() => {
                Err(StoreError::KeyRevoked { id: record.id })
            }
            // Another program deleted it just now, or another key has its id.
            _ => Err(StoreError::KeySecretDiffers { id: secret.id().to_owned() }),
        }
    }
}

/// Reads one key or all in the order in which they were made, in the current transaction.
pub(crate) async fn read_keys(
    connection: &mut PgConnection,
    id: Option<&str>,
) -> Result<Vec<KeyRecord>, StoreError> {
    let failed = while_doing("reading keys");
    let query = sqlx::query(include_str!("sql/read_keys.sql")).bind(id);
    let rows = answer(query.fetch_all(connection)).await;
    rows.map_err(&failed)?.iter().map(|row| read_key(row).map_err(&failed)).collect()
}

/// Reads one row. What a newer program wrote and this one does not know grants nothing here.
fn read_key(row: &PgRow) -> Result<KeyRecord, sqlx::Error> {
    let hash = KeyHash::from_bytes(row.try_get(1)?);
    let scopes: Vec<String> = row.try_get(3)?;
    Ok(KeyRecord {
        id: row.try_get(0)?,
        hash: hash.ok_or_else(|| sqlx::Error::Decode("a hash of another length".into()))?,
        level: row.try_get::<&str, _>(2)?.parse().unwrap_or(Openness::Open),
        scopes: scopes.iter().filter_map(|scope| scope.parse().ok()).collect(),
        label: row.try_get(4)?,
        created_at: read_moment(row, 5)?.unwrap_or(Moment(i64::MIN)),
        revoked_at: read_moment(row, 6)?,
    })
}
