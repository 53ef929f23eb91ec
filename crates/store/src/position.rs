//! How far a node has followed the database: a `pg_snapshot`, not a sequence number.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use sqlx::postgres::PgConnection;

use crate::StoreError;
use crate::error::while_doing;
use crate::session::answer;

/// A state of the database as one node has seen it, in the words of PostgreSQL's `pg_snapshot`.
///
/// The text form is `<system identifier>/<timeline>/<server start>/<catalogue hash>/` and then
/// `<xmin>:<xmax>:<xip,...>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Identifies the cluster; another one means that the database was replaced.
    pub(crate) system_identifier: String,
    /// Grows when a standby is promoted or a backup restored.
    pub(crate) timeline: u32,
    /// When the server started, microseconds since 1970: transaction ids may repeat after a crash.
    pub(crate) started: i64,
    /// Hash of the catalogue that the features were read under.
    pub(crate) catalog_hash: u64,
    pub(crate) xmin: u64,
    pub(crate) xmax: u64,
    pub(crate) in_progress: Vec<u64>,
}

impl Position {
    /// First transaction id that was not assigned yet when the snapshot was taken; grows with
    /// every poll that saw a change.
    pub const fn xmax(&self) -> u64 {
        self.xmax
    }

    /// The snapshot alone, as PostgreSQL spells it.
    pub fn snapshot(&self) -> String {
        format!("{}:{}:{}", self.xmin, self.xmax, join(&self.in_progress))
    }

    /// The transactions that were in progress but those that wait, for an array of `xid8`.
    pub(crate) fn in_progress_but(&self, waiting: &BTreeSet<u64>) -> Vec<String> {
        let asked = self.in_progress.iter().filter(|xid| !waiting.contains(xid));
        asked.map(u64::to_string).collect()
    }

    /// This position moved to another snapshot of the same database, in which some transactions
    /// still count as in progress though they have ended: they are yet to be read.
    pub(crate) fn moved_to(
        &self,
        snapshot: &str,
        waiting: &BTreeSet<u64>,
    ) -> Result<Self, StoreError> {
        let (xmin, xmax, mut in_progress) = parse_snapshot(snapshot)?;
        in_progress.extend(waiting);
        in_progress.sort_unstable();
        in_progress.dedup();
        let xmin = waiting.first().map_or(xmin, |first| xmin.min(*first));
        Ok(Self { xmin, xmax, in_progress, ..self.clone() })
    }

    /// This position with some transactions in progress no more: they were read.
    pub(crate) fn without(&self, read: &BTreeSet<u64>) -> Self {
        let in_progress = self.in_progress.iter().copied();
        let in_progress: Vec<u64> = in_progress.filter(|xid| !read.contains(xid)).collect();
        Self { in_progress, ..self.clone() }
    }
}

/// What tells one database cluster, and one line of its history, from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DatabaseIdentity {
    system_identifier: String,
    timeline: u32,
    started: i64,
}

impl DatabaseIdentity {
    /// Asks the server.
    pub(crate) async fn read(connection: &mut PgConnection) -> Result<Self, StoreError> {
        let query = sqlx::query_as(include_str!("sql/database_identity.sql"));
        let (system_identifier, timeline, started): (String, Option<String>, i64) =
            answer(query.fetch_one(connection))
                .await
                .map_err(while_doing("identifying the database"))?;
        let timeline = timeline.ok_or(StoreError::NotPrimary)?;
        let timeline = u32::from_str_radix(&timeline, 16)
            .map_err(|_| StoreError::PositionInvalid { found: timeline })?;
        Ok(Self { system_identifier, timeline, started })
    }

    /// The position at a snapshot of this database.
    pub(crate) fn position(
        self,
        catalog_hash: u64,
        snapshot: &str,
    ) -> Result<Position, StoreError> {
        let Self { system_identifier, timeline, started } = self;
        let (xmin, xmax, in_progress) = parse_snapshot(snapshot)?;
        Ok(Position { system_identifier, timeline, started, catalog_hash, xmin, xmax, in_progress })
    }

    /// Says why a position does not belong to this database; nothing where it does.
    pub(crate) fn refuses(&self, position: &Position) -> Option<String> {
        if self.system_identifier != position.system_identifier {
            return Some("the database was replaced".into());
        }
        if self.timeline != position.timeline {
            let (from, to) = (position.timeline, self.timeline);
            return Some(format!("the database went from timeline {from} to {to}"));
        }
        (self.started != position.started).then(|| "the database was restarted".into())
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { system_identifier, timeline, started, catalog_hash, .. } = self;
        let snapshot = self.snapshot();
        write!(f, "{system_identifier}/{timeline}/{started}/{catalog_hash}/{snapshot}")
    }
}

impl FromStr for Position {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let invalid = || StoreError::PositionInvalid { found: text.chars().take(80).collect() };
        let parts: Vec<&str> = text.split('/').collect();
        let [system_identifier, timeline, started, catalog_hash, snapshot] = parts[..] else {
            return Err(invalid());
        };
        let (xmin, xmax, in_progress) = parse_snapshot(snapshot)?;
        Ok(Self {
            system_identifier: system_identifier.to_owned(),
            timeline: timeline.parse().map_err(|_| invalid())?,
            started: started.parse().map_err(|_| invalid())?,
            catalog_hash: catalog_hash.parse().map_err(|_| invalid())?,
            xmin,
            xmax,
            in_progress,
        })
    }
}

/// Lowest and first unassigned transaction of a snapshot, and those in progress.
pub(crate) fn parse_snapshot(text: &str) -> Result<(u64, u64, Vec<u64>), StoreError> {
    let invalid = || StoreError::PositionInvalid { found: text.chars().take(80).collect() };
    let parts: Vec<&str> = text.split(':').collect();
    let [xmin, xmax, in_progress] = parts[..] else { return Err(invalid()) };
    let number = |digits: &str| digits.parse::<u64>().map_err(|_| invalid());
    let in_progress = in_progress.split(',').filter(|id| !id.is_empty()).map(number);
    Ok((number(xmin)?, number(xmax)?, in_progress.collect::<Result<_, _>>()?))
}

fn join(ids: &[u64]) -> String {
    ids.iter().map(u64::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_survives_its_text() {
        for text in ["7350/1/5/99/10:20:10,14,15", "7350/2/5/0/10:10:"] {
            assert_eq!(text.parse::<Position>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_waits_counts_as_in_progress_until_it_is_read() {
        let position: Position = "1/1/1/1/10:20:15".parse().unwrap();
        let waiting = BTreeSet::from([8, 25]);
        let moved = position.moved_to("15:30:15,28", &waiting).unwrap();
        assert_eq!(moved.snapshot(), "8:30:8,15,25,28");
        assert_eq!(moved.in_progress_but(&waiting), ["15", "28"]);
        // A lower xmin than need be hides nothing: only xmax and the list decide.
        assert_eq!(moved.without(&waiting).snapshot(), "8:30:15,28");
    }

    #[test]
    fn a_text_that_is_no_position_is_refused() {
        for text in ["", "1/1/1", "a/b/c/d/e", "1/1/1/1/10:20", "1/1/1/1/10:x:", "1/1/1/1/1:2:3,y"]
        {
            let error = text.parse::<Position>().unwrap_err();
            assert_eq!(error.code(), "position_invalid", "{text}");
        }
    }
}
