//! The change log as a follower reads it: what it is now, and what somebody has not seen of it.

use sqlx::postgres::PgConnection;
use urbis_catalog::Catalog;
use urbis_model::{LayerId, Moment, Openness};

use super::{ChangesSince, ChangesToken};
use crate::StoreError;
use crate::error::while_doing;
use crate::features::statement::Instant;
use crate::position::DatabaseIdentity;

/// The log grows to any length and its statistics lag behind: the plan must not depend on them.
pub(super) const PLANNER: &str = "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; \
                       SET LOCAL enable_hashagg = off";

/// The place of a change in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogKey {
    pub(super) xid: u64,
    pub(super) layer: LayerId,
    /// 0 is the whole layer.
    pub(super) feature_id: i64,
}

/// What a transaction did to a feature: the versions that it replaced and those that it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Logged {
    pub(super) key: LogKey,
    pub(super) old: Vec<String>,
    pub(super) new: Vec<String>,
}

impl Logged {
    /// The version that everybody had before it: none that the transaction made itself.
    pub(super) fn before(&self) -> Option<&str> {
        self.old.iter().find(|version| !self.new.contains(version)).map(String::as_str)
    }
}

/// What the database is now.
#[derive(Debug)]
pub(super) struct Present {
    /// Of who has read everything.
    pub(super) token: ChangesToken,
    /// The last transaction whose rows may be gone.
    floor: u64,
}

impl Present {
    /// Asks the database; the transaction's snapshot is taken here.
    pub(super) async fn read(
        connection: &mut PgConnection,
        catalog: &Catalog,
        class: Openness,
    ) -> Result<Self, StoreError> {
        let identity = DatabaseIdentity::read(connection).await?;
        let bounds = sqlx::query_as(include_str!("../../sql/change_bounds.sql"));
        let (snapshot, floor): (String, String) = bounds
            .fetch_one(connection)
            .await
            .map_err(while_doing("reading the bounds of the change log"))?;
        let position = identity.position(catalog.hash(), &snapshot)?;
        Ok(Self { token: ChangesToken::at(&position, class), floor: number(&floor)? })
    }

    /// Where the log is read from.
    ///
    /// # Errors
    ///
    /// [`StoreError::ChangesGone`].
    pub(super) async fn start(
        &self,
        connection: &mut PgConnection,
        since: ChangesSince<'_>,
    ) -> Result<ChangesToken, StoreError> {
        let gone = |why| StoreError::ChangesGone { why };
        let start = match since {
            ChangesSince::Token(token) => {
                self.check(token)?;
                if token.run == self.token.run {
                    token.clone()
                } else {
                    // A transaction that was given up may have left its number to another.
                    let mark = self.mark(connection, None, Some(token.xmax)).await?;
                    token.meet(&mark.ok_or_else(|| gone("the database was restarted"))?)
                }
            }
            ChangesSince::Moment(moment) => {
                let mark = self.mark(connection, Some(moment), None).await?;
                mark.ok_or_else(|| gone("it is longer ago than changes are kept"))?
            }
        };
        if self.has_forgotten(&start) {
            return Err(gone("it is longer ago than changes are kept"));
        }
        Ok(start)
    }

    /// Whether rows that a follower has not seen may be gone. Those of a transaction that is still
    /// in progress are not.
    fn has_forgotten(&self, token: &ChangesToken) -> bool {
        let is_open = |xid: &u64| self.token.in_progress.binary_search(xid).is_ok();
        let mut missed = token.in_progress.iter().filter(|xid| **xid <= self.floor);
        token.xmax <= self.floor || missed.any(|xid| !is_open(xid))
    }

    fn check(&self, token: &ChangesToken) -> Result<(), StoreError> {
        let why = if token.life != self.token.life {
            "the layers were defined anew, or the database was replaced"
        } else if token.class != self.token.class {
            "the caller sees more or less than then"
        } else if token.xmax > self.token.xmax {
            "the database went back in time"
        } else {
            return Ok(());
        };
        Err(StoreError::ChangesGone { why })
    }

    /// The last mark of a moment, or of few enough transactions.
    async fn mark(
        &self,
        connection: &mut PgConnection,
        moment: Option<Moment>,
        xmax: Option<u64>,
    ) -> Result<Option<ChangesToken>, StoreError> {
        let mark = sqlx::query_scalar(include_str!("../../sql/mark_before.sql"))
            .bind(moment.map(Instant::from))
            .bind(xmax.map(|xmax| xmax.to_string()));
        let snapshot: Option<String> = mark
            .fetch_optional(connection)
            .await
            .map_err(while_doing("looking for a mark of the change log"))?;
        snapshot.map(|snapshot| self.token.of_snapshot(&snapshot)).transpose()
    }
}

/// Reads rows that a follower has not seen, so many at most.
pub(super) async fn read_log(
    connection: &mut PgConnection,
    at: &ChangesToken,
    layers: &[&str],
    limit: usize,
) -> Result<Vec<Logged>, StoreError> {
    let in_progress: Vec<String> = at.in_progress.iter().map(u64::to_string).collect();
    // No transaction has the number 0.
    let (xid, layer, feature_id) =
        at.partly.as_ref().map_or((0, "", 0), |key| (key.xid, key.layer.as_str(), key.feature_id));
    let rows: Vec<(String, String, i64, Versions, Versions)> =
        sqlx::query_as(include_str!("../../sql/read_changes.sql"))
            .bind(at.lowest().to_string())
            .bind(at.xmax.to_string())
            .bind(in_progress)
            .bind(layers)
            .bind(xid.to_string())
            .bind(layer)
            .bind(feature_id)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(connection)
            .await
            .map_err(while_doing("reading the change log"))?;
    let logged = rows.into_iter().map(|(xid, layer, feature_id, old, new)| {
        let invalid = |_| StoreError::PositionInvalid { found: layer.clone() };
        let layer = LayerId::new(&layer).map_err(invalid)?;
        let key = LogKey { xid: number(&xid)?, layer, feature_id };
        let versions = |versions: Versions| versions.into_iter().flatten().collect();
        Ok(Logged { key, old: versions(old), new: versions(new) })
    });
    logged.collect()
}

/// Versions as the log names them; nothing where there was none.
type Versions = Vec<Option<String>>;

fn number(text: &str) -> Result<u64, StoreError> {
    text.parse().map_err(|_| StoreError::PositionInvalid { found: text.chars().take(80).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_a_transaction_is_what_it_did_not_make_itself() {
        let set =
            |versions: &[&str]| versions.iter().map(|version| (*version).to_owned()).collect();
        for (old, new, expected) in [
            (&["t0"][..], &["t1"][..], Some("t0")),
            (&["t0", "t1"], &["t1", "t2"], Some("t0")),
            (&["t1", "t0"], &["t2", "t1"], Some("t0")),
            (&[], &["t1"], None),
            (&["t1"], &["t1"], None),
        ] {
            let key = LogKey { xid: 9, layer: LayerId::new("pole").unwrap(), feature_id: 1 };
            let row = Logged { key, old: set(old), new: set(new) };
            assert_eq!(row.before(), expected, "{old:?} {new:?}");
        }
    }
}
