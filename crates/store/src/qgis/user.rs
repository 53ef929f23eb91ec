//! Logins for people who open the database in QGIS.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use urbis_model::Openness;

use crate::error::while_doing;
use crate::layer_sql::{quote_identifier, quote_literal};
use crate::session::{connect, run};
use crate::{Store, StoreError};

/// Random bytes of a password.
const PASSWORD_BYTES: usize = 18;

/// Connections of one person: QGIS opens several a layer source.
const MAX_CONNECTIONS: u32 = 20;

/// Longest name; the server cuts a name off after 63 bytes.
const MAX_NAME_LEN: usize = 40;

/// Name of a login: small letters, digits and `_`, a letter first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserName(String);

/// Why a text is no [`UserName`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a user's name has small letters a-z, digits and _, a letter first, and at most 40 characters; \
     names in pg_ belong to the server"
)]
pub struct UserNameInvalid;

impl FromStr for UserName {
    type Err = UserNameInvalid;

    fn from_str(text: &str) -> Result<Self, UserNameInvalid> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let starts = text.starts_with(|c: char| c.is_ascii_lowercase());
        let fits = text.len() <= MAX_NAME_LEN && !text.starts_with("pg_");
        let is_valid = starts && fits && text.chars().all(is_plain);
        is_valid.then(|| Self(text.to_owned())).ok_or(UserNameInvalid)
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A login that was just made.
#[derive(Clone, PartialEq, Eq)]
pub struct QgisUser {
    /// The login.
    pub name: UserName,
    /// Its password; the database keeps a hash alone.
    pub password: String,
}

impl fmt::Debug for QgisUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QgisUser").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Store {
    /// Makes a login that reads the views of one class and nothing else; one that is there gets a
    /// new password and that class.
    ///
    /// # Errors
    ///
    /// [`StoreError::QgisGroupMissing`] where the program could make no roles;
    /// [`StoreError::QgisUserTaken`] where the name belongs to a role of another kind;
    /// [`StoreError::RandomUnavailable`], [`StoreError::Connect`], [`StoreError::Database`].
    pub async fn make_qgis_user(
        &self,
        name: UserName,
        class: Openness,
    ) -> Result<QgisUser, StoreError> {
        let mut random = [0; PASSWORD_BYTES];
        getrandom::fill(&mut random).map_err(|cause| StoreError::RandomUnavailable { cause })?;
        let password = URL_SAFE_NO_PAD.encode(random);
        let mut connection = connect(&self.options).await?;
        let groups = read_groups(&mut connection).await?;
        let group = groups.iter().find(|(known, _)| *known == class).map(|(_, group)| group);
        let group = group.ok_or(StoreError::QgisGroupMissing { class })?;
        let verb = match find(&mut connection, &name, &groups).await? {
            Found::Nothing => "CREATE",
            Found::Ours => "ALTER",
            Found::Other => return Err(StoreError::QgisUserTaken { name: name.to_string() }),
        };
        let (role, secret) = (quote_identifier(&name.0), quote_literal(&password));
        let others = groups.iter().filter(|(known, _)| *known != class);
        let others =
            others.map(|(_, group)| format!("REVOKE {} FROM {role};\n", quote_identifier(group)));
        let sql = format!(
            "SET LOCAL log_statement = 'none';\n\
             {verb} ROLE {role} LOGIN PASSWORD {secret} CONNECTION LIMIT {MAX_CONNECTIONS};\n\
             ALTER ROLE {role} SET statement_timeout = '120s';\n\
             GRANT {group} TO {role};\n{others}",
            group = quote_identifier(group),
            others = others.collect::<String>(),
        );
        let sql = without_superuser_setting(&mut connection, sql).await?;
        let mut transaction =
            connection.begin().await.map_err(while_doing("starting to make a user"))?;
        run(&mut transaction, sql, "making a user for QGIS").await?;
        transaction.commit().await.map_err(while_doing("ending to make a user"))?;
        Ok(QgisUser { name, password })
    }
}

/// Only a superuser may keep a statement out of the server's log.
async fn without_superuser_setting(
    connection: &mut PgConnection,
    sql: String,
) -> Result<String, StoreError> {
    let is_superuser: bool =
        sqlx::query_scalar("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            .fetch_one(connection)
            .await
            .map_err(while_doing("asking for the rights of the session"))?;
    match sql.split_once('\n') {
        Some((_, rest)) if !is_superuser => Ok(rest.to_owned()),
        _ => Ok(sql),
    }
}

/// Who has a name already.
enum Found {
    Nothing,
    Ours,
    Other,
}

async fn find(
    connection: &mut PgConnection,
    name: &UserName,
    groups: &[(Openness, String)],
) -> Result<Found, StoreError> {
    let groups: Vec<&str> = groups.iter().map(|(_, group)| group.as_str()).collect();
    let is_ours: Option<bool> = sqlx::query_scalar(include_str!("../sql/find_qgis_user.sql"))
        .bind(&name.0)
        .bind(groups)
        .fetch_optional(connection)
        .await
        .map_err(while_doing("looking for a user"))?;
    Ok(match is_ours {
        None => Found::Nothing,
        Some(true) => Found::Ours,
        Some(false) => Found::Other,
    })
}

/// The groups that are there, as `grant_qgis.sql` names them.
async fn read_groups(connection: &mut PgConnection) -> Result<Vec<(Openness, String)>, StoreError> {
    let mut groups = Vec::new();
    for class in Openness::ALL {
        let group: Option<String> = sqlx::query_scalar(
            "SELECT rolname::text FROM pg_roles WHERE rolname = current_database() || '_' || $1",
        )
        .bind(class.as_str())
        .fetch_optional(&mut *connection)
        .await
        .map_err(while_doing("looking for the groups of QGIS"))?;
        groups.extend(group.map(|group| (class, group)));
    }
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_plain_and_no_role_of_the_server() {
        for name in ["lan", "quy_hoach_1"] {
            assert_eq!(name.parse::<UserName>().unwrap().to_string(), name);
        }
        for name in ["", "Lan", "1a", "pg_monitor", "a b", "a\";--", "đà", &"a".repeat(41)] {
            assert_eq!(name.parse::<UserName>(), Err(UserNameInvalid), "{name}");
        }
    }
}
