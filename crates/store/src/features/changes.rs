//! What changed since a follower asked last: for warehouses that keep a copy of the layers.
//!
//! - **In**: a [`ChangesAsk`]: who asks, which layers, since when.
//! - **Out**: a [`ChangesPage`]: each changed feature once, as it is now, in the order of the
//!   transactions that changed them, and the [`ChangesToken`] to ask with the next time.
//! - **Complete**: a token is a snapshot of transactions, not a number: one that commits late comes
//!   late and is not lost. A page that has no more after it leads to one state of the database.
//! - **At least once**: a feature that changes while its change is being paged comes again, and so
//!   do the changes of about a minute after the database was restarted.
//! - **Cut**: a change counts where the class sees another feature than before. What it does not
//!   see leaves no trace, an empty change no less; a feature that leaves the class was removed.

mod log;
mod token;
mod version;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnection;
use tokio::time::timeout;
use urbis_catalog::{Catalog, Layer};
use urbis_model::{FeatureId, LayerId, Moment, Openness, Validity};

use super::{FeatureReader, POOL_WAIT, STATEMENT_TIMEOUT};
use crate::StoreError;
use crate::error::while_doing;

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
            let mut transaction = self.pool.begin_with(begin).await.map_err(&failed)?;
            let page = read(&mut transaction, ask).await?;
            transaction.commit().await.map_err(&failed)?;
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
        StoreError::Database { cause, .. } => super::read::failed(cause),
        other => other,
    }
}

async fn read(
    connection: &mut PgConnection,
    ask: &ChangesAsk<'_>,
) -> Result<ChangesPage, StoreError> {
    let began = Instant::now();
    log::prepare(connection).await?;
    let present = Present::read(connection, ask.catalog, ask.class).await?;
    let mut at = present.start(connection, ask.since).await?;
    let names: Vec<&str> = ask.layers.iter().map(|layer| layer.id.as_str()).collect();
    let mut changes = Vec::new();
    let mut known = Known::new();
    // Where a full page ends; whether there is more is for the caller's changes to say, not for rows
    // of others.
    let mut full_at = None;
    loop {
        let rows = log::read_log(connection, &at, &names, ROWS_AT_ONCE + 1).await?;
        let is_last = rows.len() <= ROWS_AT_ONCE;
        let rows = &rows[..rows.len().min(ROWS_AT_ONCE)];
        let found = changes_of(connection, ask, rows, &mut known).await?;
        let room = ask.limit.max(1) - changes.len();
        // A feature comes with its first row: cut behind a later one, its change would be lost.
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

/// What the rows of a page say of each feature, by layer and id: where its rows are cut into pieces
/// depends on those of others, which the class may not see.
type Known = BTreeMap<(LayerId, i64), Mentioned>;

/// What some rows of the log say of one feature.
#[derive(Debug, Default)]
struct Mentioned {
    /// Versions that a change began with, and those that one ended in.
    old: BTreeSet<String>,
    new: BTreeSet<String>,
    /// Versions that were compared with what is now, and the revisions of those that the class saw.
    compared: BTreeSet<String>,
    before: Vec<u64>,
    /// Whether it was compared at all, and whether a change came of it.
    is_compared: bool,
    is_told: bool,
}

impl Mentioned {
    /// The versions that a follower may have, none of which was compared: no change among the rows
    /// made them.
    fn open(&self) -> impl Iterator<Item = &String> {
        self.old.difference(&self.new).filter(|version| !self.compared.contains(*version))
    }

    /// Whether more is to be told of it, as far as is known.
    fn is_open(&self) -> bool {
        !self.is_told && (!self.is_compared || self.open().next().is_some())
    }
}

/// The changes of some rows, each with the place of its row, in their order.
async fn changes_of(
    connection: &mut PgConnection,
    ask: &ChangesAsk<'_>,
    rows: &[Logged],
    known: &mut Known,
) -> Result<Vec<(usize, FeatureChange)>, StoreError> {
    let mut found = Vec::new();
    for layer in ask.layers {
        // The first row of each feature.
        let mut named: BTreeMap<i64, usize> = BTreeMap::new();
        for (row, logged) in rows.iter().enumerate().filter(|(_, row)| row.key.layer == layer.id) {
            let id = logged.key.feature_id;
            let feature = known.entry((layer.id.clone(), id)).or_default();
            feature.old.extend(logged.old.iter().cloned());
            feature.new.extend(logged.new.iter().cloned());
            named.entry(id).or_insert(row);
        }
        named.retain(|id, _| known[&(layer.id.clone(), *id)].is_open());
        let change = |what| FeatureChange { layer: layer.id.clone(), what };
        if let Some(row) = named.remove(&0) {
            known.entry((layer.id.clone(), 0)).or_default().is_told = true;
            found.push((row, change(Change::Reset)));
        }
        let changes = features_of(connection, (layer, ask.class), &named, known).await?;
        found.extend(changes.into_iter().map(|(row, what)| (row, change(what))));
    }
    found.sort_by_key(|(row, _)| *row);
    Ok(found)
}

/// The changes of features of one layer.
async fn features_of(
    connection: &mut PgConnection,
    (layer, class): (&Layer, Openness),
    named: &BTreeMap<i64, usize>,
    known: &mut Known,
) -> Result<Vec<(usize, Change)>, StoreError> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = named.keys().copied().collect();
    let mut present = read_present(connection, layer, class, &ids).await?;
    let key = |id: i64| (layer.id.clone(), id);
    let past: Vec<(i64, String)> = ids
        .iter()
        .flat_map(|id| known[&key(*id)].open().map(|version| (*id, version.clone())))
        .collect();
    let mut revisions = read_past(connection, layer, class, &past).await?;
    for (id, version) in past {
        known.entry(key(id)).or_default().compared.insert(version);
    }
    let mut changes = Vec::new();
    for (id, row) in named {
        let Ok(id) = FeatureId::new(*id) else { continue };
        let feature = known.entry(key(id.to_i64())).or_default();
        feature.is_compared = true;
        feature.before.extend(revisions.remove(&id).unwrap_or_default());
        let change = compare(id, &feature.before, present.remove(&id));
        feature.is_told = change.is_some();
        changes.extend(change.map(|change| (*row, change)));
    }
    Ok(changes)
}

/// The change from what a follower may have to what is now; `None` where it sees none.
fn compare(id: FeatureId, before: &[u64], now: Option<Version>) -> Option<Change> {
    let old = before.first().copied();
    let Some(Version { revision: new, validity, json }) = now else {
        return Some(Change::Removed { id, old: old? });
    };
    let is_same = !before.is_empty() && before.iter().all(|revision| *revision == new);
    (!is_same).then_some(Change::Written { id, old, new, validity, json })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(revision: u64) -> Version {
        Version { revision, validity: Validity::ALWAYS, json: Vec::new() }
    }

    #[test]
    fn what_a_follower_holds_is_what_no_change_among_the_rows_made() {
        let set =
            |versions: &[&str]| versions.iter().map(|version| (*version).to_owned()).collect();
        for (old, new, expected) in [
            (&["t0"][..], &["t1"][..], &["t0"][..]),
            (&["t0", "t1"], &["t1", "t2"], &["t0"]),
            (&[], &["t1"], &[]),
            (&["t1"], &["t1"], &[]),
            // A change in between stands in rows that come later.
            (&["t0", "t2"], &["t1", "t3"], &["t0", "t2"]),
        ] {
            let (old, new) = (set(old), set(new));
            let mentioned = Mentioned { old, new, ..Mentioned::default() };
            assert_eq!(mentioned.open().collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_change_is_what_is_seen_otherwise() {
        let id = FeatureId::new(7).unwrap();
        assert_eq!(compare(id, &[], None), None, "never seen");
        assert_eq!(compare(id, &[1], Some(written(1))), None, "seen as before");
        assert_eq!(compare(id, &[1], None), Some(Change::Removed { id, old: 1 }));
        for before in [&[][..], &[2], &[1, 2], &[2, 1]] {
            let change = compare(id, before, Some(written(1)));
            assert!(matches!(change, Some(Change::Written { new: 1, .. })), "{before:?}");
        }
    }
}
