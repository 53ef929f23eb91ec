//! A node's place among those that follow the change log: while it beats, the log is kept for it.

use sqlx::postgres::PgConnection;

use crate::error::while_doing;
use crate::session::run_at_once;
use crate::{Position, Store, StoreError};

/// A node's name among those that follow the change log; for one process, never reused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// A UUID in hexadecimal digits.
    pub(crate) id: String,
    /// For people, such as the address it listens on.
    pub(crate) name: String,
}

impl Node {
    /// Draws the identity of a node; `name` is for people, such as the address it listens on.
    ///
    /// # Errors
    ///
    /// [`StoreError::RandomUnavailable`].
    pub fn new(name: impl Into<String>) -> Result<Self, StoreError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|cause| StoreError::RandomUnavailable { cause })?;
        let id = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { id, name: name.into() })
    }

    /// Registers the node at the present, or moves it there.
    pub(crate) async fn join(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        sqlx::query(include_str!("sql/join_node.sql"))
            .bind(&self.id)
            .bind(&self.name)
            .execute(connection)
            .await
            .map(drop)
            .map_err(while_doing("registering a node"))
    }

    /// Says that the node lives, and how far it has come where that changed. Waits for no lock that
    /// is held for long.
    pub(crate) async fn beat(
        &self,
        connection: &mut PgConnection,
        position: Option<&Position>,
    ) -> Result<(), StoreError> {
        // Hexadecimal digits, and numbers with colons and commas: nothing that could end a literal.
        let snapshot = position.map_or_else(|| "NULL".into(), |at| format!("'{}'", at.snapshot()));
        let beat = include_str!("sql/beat.sql")
            .replace("{node}", &self.id)
            .replace("{snapshot}", &snapshot);
        run_at_once(connection, beat, "noting a heartbeat").await
    }
}

impl Store {
    /// Takes a node that stops from the list, so that the change log waits for it no longer.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn leave(&self, node: &Node) -> Result<(), StoreError> {
        let leave = sqlx::query("DELETE FROM urbis.node WHERE node_id = $1::text::uuid");
        let left = leave.bind(&node.id).execute(&self.pool).await;
        left.map(drop).map_err(while_doing("taking a node from the list"))
    }
}
