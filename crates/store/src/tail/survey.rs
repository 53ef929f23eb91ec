//! What a position has missed: which transactions changed which layers, and whether much.

use sqlx::postgres::PgConnection;

use crate::error::while_doing;
use crate::session::answer;
use crate::{Node, Position, StoreError, key};

use super::waiting::Waiting;

/// Most pairs of a transaction and a layer that a position can have missed; one that is further
/// behind is of no use.
const MOST_PAIRS: i64 = 500_000;

/// What one statement, and so one snapshot, says of the log.
#[derive(Debug)]
pub(super) struct Survey {
    /// The snapshot, as PostgreSQL spells it.
    pub(super) snapshot: String,
    /// Whether the node is still on the list: else rows that it has not seen may be gone.
    pub(super) is_registered: bool,
    /// Whether keys changed.
    pub(super) keys: bool,
    /// What the position has missed and nobody is waiting for.
    pub(super) pairs: Vec<Pair>,
}

/// The changes of one layer by one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) xid: u64,
    /// As the log spells it; the catalogue need not know it.
    pub(super) layer: String,
    /// Changed features, counted up to one more than a poll carries.
    pub(super) rows: u64,
    /// Whether a counted row tells of the whole layer.
    pub(super) is_whole: bool,
}

type SurveyRow = (String, bool, Vec<String>, Vec<String>, Vec<i64>, Vec<bool>);

impl Survey {
    /// Asks the log; `rows_of_a_poll` is what a poll carries.
    pub(super) async fn take(
        connection: &mut PgConnection,
        position: &Position,
        waiting: &Waiting,
        node: &Node,
        rows_of_a_poll: u64,
    ) -> Result<Self, StoreError> {
        let counted = i64::try_from(rows_of_a_poll).unwrap_or(i64::MAX).saturating_add(1);
        let probe = sqlx::query_as(include_str!("../sql/probe_log.sql"))
            .bind(position.xmax().to_string())
            .bind(position.in_progress_but(&waiting.xids))
            .bind(&node.id)
            .bind(counted)
            .bind(MOST_PAIRS);
        let row: SurveyRow = answer(probe.fetch_one(connection))
            .await
            .map_err(while_doing("probing the change log"))?;
        Self::from_row(row)
    }

    /// Says whether there may be more pairs than were listed.
    pub(super) fn is_cut(&self) -> bool {
        i64::try_from(self.pairs.len()).is_ok_and(|pairs| pairs >= MOST_PAIRS)
    }

    fn from_row(row: SurveyRow) -> Result<Self, StoreError> {
        let (snapshot, is_registered, xids, layers, rows, whole) = row;
        let mut pairs = Vec::with_capacity(xids.len());
        for (((xid, layer), rows), is_whole) in xids.iter().zip(layers).zip(rows).zip(whole) {
            let invalid = |_| StoreError::PositionInvalid { found: xid.clone() };
            let xid = xid.parse().map_err(invalid)?;
            pairs.push(Pair { xid, layer, rows: rows.unsigned_abs(), is_whole });
        }
        let keys = pairs.iter().any(|pair| pair.layer == key::LOG_NAME);
        Ok(Self { snapshot, is_registered, keys, pairs })
    }
}
