//! What changed since a follower asked last: for warehouses that keep a copy of the layers.
//!
//! - **In**: a [`ChangesAsk`]: who asks, which layers, since when.
//! - **Out**: a [`ChangesPage`]: each changed feature once, as it is now, in the order of the
//!   transactions that changed them, and the [`ChangesToken`] to ask with the next time.
//! - **Complete**: a token is a snapshot of transactions, not a number: one that commits late comes
//!   late and is not lost. A page that has no more after it leads to one state of the database.
//! - **At least once**: a feature that changes while its change is being paged comes again, and so
//!   do the changes of about a minute after the database was restarted. One that is again as it was
//!   comes, too: a copy that was read in between holds another.
//! - **Cut**: a change counts where the class sees another feature than before one of the
//!   transactions. What it does not see leaves no trace, an empty change no less; a feature that
//!   leaves the class was removed.

mod log;
mod token;
mod version;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use sqlx::Connection;
use sqlx::postgres::PgConnection;
use tokio::time::timeout;
use urbis_catalog::{Catalog, Layer};
use urbis_model::{FeatureId, LayerId, Moment, Openness, Validity};

use super::read::{ToTheEnd, is_too_slow};
use super::{FeatureReader, POOL_WAIT, STATEMENT_TIMEOUT};
use crate::error::while_doing;
use crate::{StoreError, session};

use self::log::{Logged, Present};
pub use self::token::ChangesToken;
use self::version::{Version, read_past, read_present};

/// Rows of the log that are looked at together.
const ROWS_AT_ONCE: usize = 1_000;

/// After so long a page ends where it has come to.
const LONGEST_PAGE: Duration = Duration::from_secs(15);

/// Since when changes are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangesSince<'a> {
    /// Since an earlier answer.
    Token(&'a ChangesToken),
    /// Since a moment, and up to about a minute before it.
    Moment(Moment),
}

/// Which changes are asked for.
#[derive(Debug, Clone, Copy)]
pub struct ChangesAsk<'a> {
    /// All layers: those of another catalogue began elsewhere.
    pub catalog: &'a Catalog,
    /// The layers that are asked for; the class sees each.
    pub layers: &'a [&'a Layer],
    /// Who asks.
    pub class: Openness,
    /// Since when.
    pub since: ChangesSince<'a>,
    /// Most changes of the page, one at least.
    pub limit: usize,
}

/// Some changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangesPage {
    /// Oldest transaction first; a feature once.
    pub changes: Vec<FeatureChange>,
    /// Where to go on.
    pub next: ChangesToken,
    /// Whether there was more when the page was read.
    pub has_more: bool,
}

/// One change, as a class sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureChange {
    /// The layer.
    pub layer: LayerId,
    /// What became of it.
    pub what: Change,
}

/// What became of a feature, or of a layer. A revision is a number made of all that the class sees
/// of a feature: equal where that is equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The layer was loaded or emptied as a whole: what a copy holds of it is to be read anew.
    Reset,
    /// The class sees the feature no more.
    Removed {
        /// The feature.
        id: FeatureId,
        /// What it was.
        old: u64,
    },
    /// The class sees the feature as it did not before.
    Written {
        /// The feature.
        id: FeatureId,
        /// What it was; absent where the class did not see it.
        old: Option<u64>,
        /// What it is.
        new: u64,
        /// When it holds in the world.
        validity: Validity,
        /// The feature as GeoJSON in CRS84, with a member `time` as in OGC 21-045 (JSON-FG).
        json: Vec<u8>,
    },
}

impl FeatureReader {
    /// Reads a page of changes.
    ///
    /// # Errors
    ///
    /// [`StoreError::ChangesGone`] where the log does not reach so far back, or the token belongs
    /// to another database, catalogue or class; [`StoreError::FeaturesTooSlow`],
    /// [`StoreError::Database`], [`StoreError::Connect`].
    pub async fn changes(&self, ask: &ChangesAsk<'_>) -> Result<ChangesPage, StoreError> {
        let reading = async {
            let failed = while_doing("reading changes");
            let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
            let mut session = ToTheEnd::acquire(&self.pool).await?;
            let mut transaction = session.begin_with(begin).await.map_err(&failed)?;
            let page = read(&mut transaction, ask).await?;
            transaction.commit().await.map_err(&failed)?;
            session.end();
            Ok(page)
        };
        let limit = LONGEST_PAGE + STATEMENT_TIMEOUT + POOL_WAIT;
        let outcome = timeout(limit, reading).await.map_err(|_| StoreError::FeaturesTooSlow)?;
        outcome.map_err(too_slow)
    }
}

/// A statement that took too long, such as behind an open `TRUNCATE`, under its own name.
fn too_slow(cause: StoreError) -> StoreError {
    match cause {
        StoreError::Database { cause, .. } if is_too_slow(&cause) => StoreError::FeaturesTooSlow,
        other => other,
    }
}

async fn read(
    connection: &mut PgConnection,
    ask: &ChangesAsk<'_>,
) -> Result<ChangesPage, StoreError> {
    let began = Instant::now();
    session::run(connection, log::PLANNER.to_owned(), "preparing to read changes").await?;
    let present = Present::read(connection, ask.catalog, ask.class).await?;
    let mut at = present.start(connection, ask.since).await?;
    let names: Vec<&str> = ask.layers.iter().map(|layer| layer.id.as_str()).collect();
    let mut changes = Vec::new();
    let mut told = Told::new();
    // Where a full page ends; whether there is more is for the caller's changes to say, not for rows
    // of others.
    let mut full_at = None;
    loop {
        let rows = log::read_log(connection, &at, &names, ROWS_AT_ONCE + 1).await?;
        let is_last = rows.len() <= ROWS_AT_ONCE;
        let rows = &rows[..rows.len().min(ROWS_AT_ONCE)];
        let found = changes_of(connection, ask, rows, &mut told).await?;
        let room = ask.limit.max(1) - changes.len();
        // A feature comes with the first row that tells of it: cut before, the next page tells of it.
        let last = found.len().min(room).checked_sub(1).map(|last| found[last].0);
        let end = last.map(|row| at.after(&rows[row], &present.token));
        let is_beyond = found.len() > room;
        changes.extend(found.into_iter().take(room).map(|(_, change)| change));
        if changes.len() >= ask.limit.max(1) {
            full_at = full_at.or(end);
        }
        if is_last && !is_beyond {
            return Ok(ChangesPage { changes, next: present.token, has_more: false });
        }
        if let Some(last) = rows.last() {
            at = at.after(last, &present.token);
        }
        if is_beyond || began.elapsed() > LONGEST_PAGE {
            return Ok(ChangesPage { changes, next: full_at.unwrap_or(at), has_more: true });
        }
    }
}

/// The ids of which a page has told, by layer: each is told of once.
type Told = BTreeMap<LayerId, BTreeSet<i64>>;

/// The changes of some rows, each with the place of its row, in their order.
async fn changes_of(
    connection: &mut PgConnection,
    ask: &ChangesAsk<'_>,
    rows: &[Logged],
    told: &mut Told,
) -> Result<Vec<(usize, FeatureChange)>, StoreError> {
    let mut found = Vec::new();
    for layer in ask.layers {
        let told = told.entry(layer.id.clone()).or_default();
        let of_layer = rows.iter().enumerate().filter(|(_, row)| row.key.layer == layer.id);
        let open = of_layer.filter(|(_, row)| !told.contains(&row.key.feature_id));
        let open: Vec<(usize, &Logged)> = open.collect();
        let seen = Seen::read(connection, layer, ask.class, &open).await?;
        for (place, row) in open {
            if !told.contains(&row.key.feature_id)
                && let Some(what) = seen.tell(row)
            {
                told.insert(row.key.feature_id);
                found.push((place, FeatureChange { layer: layer.id.clone(), what }));
            }
        }
    }
    found.sort_by_key(|(row, _)| *row);
    Ok(found)
}

/// What the class sees of the features that some rows of one layer name.
struct Seen {
    /// As they are now.
    present: BTreeMap<FeatureId, Version>,
    /// The revisions of the versions before the rows.
    past: BTreeMap<(FeatureId, String), u64>,
}

impl Seen {
    async fn read(
        connection: &mut PgConnection,
        layer: &Layer,
        class: Openness,
        rows: &[(usize, &Logged)],
    ) -> Result<Self, StoreError> {
        let ids: BTreeSet<i64> = rows.iter().map(|(_, row)| row.key.feature_id).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        let before = rows.iter().filter_map(|(_, row)| Some((row.key.feature_id, row.before()?)));
        let before: BTreeSet<(i64, &str)> = before.collect();
        Ok(Self {
            present: read_present(connection, layer, class, &ids).await?,
            past: read_past(connection, layer, class, &before).await?,
        })
    }

    /// What a row tells; `None` where the class sees no change.
    fn tell(&self, row: &Logged) -> Option<Change> {
        let Ok(id) = FeatureId::new(row.key.feature_id) else { return Some(Change::Reset) };
        let before = row.before().and_then(|from| self.past.get(&(id, from.to_owned())));
        compare(id, before.copied(), self.present.get(&id))
    }
}

/// The change from what was before a row to what is now; `None` where the class sees none.
///
/// Each row is asked, not the first of a feature alone: a copy that was read after its token may
/// hold what only was between two of them.
fn compare(id: FeatureId, before: Option<u64>, now: Option<&Version>) -> Option<Change> {
    let Some(&Version { revision: new, validity, ref json, .. }) = now else {
        return Some(Change::Removed { id, old: before? });
    };
    let written = || Change::Written { id, old: before, new, validity, json: json.clone() };
    (before != Some(new)).then(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_what_is_seen_otherwise() {
        let id = FeatureId::new(7).unwrap();
        let now = Version {
            revision: 1,
            validity: Validity::ALWAYS,
            json: Vec::new(),
            from: String::new(),
        };
        assert_eq!(compare(id, None, None), None, "never seen");
        assert_eq!(compare(id, Some(1), Some(&now)), None, "seen as before");
        assert_eq!(compare(id, Some(1), None), Some(Change::Removed { id, old: 1 }));
        for before in [None, Some(2)] {
            let change = compare(id, before, Some(&now));
            assert!(matches!(change, Some(Change::Written { new: 1, .. })), "{before:?}");
        }
    }
}
