//! One poll: from what the log says to what is handed out and the position that it leads to.

use std::collections::BTreeMap;

use sqlx::Connection;
use sqlx::postgres::PgConnection;
use urbis_catalog::Layer;
use urbis_model::{ChangeBatch, LayerId};

use crate::error::while_doing;
use crate::load::{BEGIN_SNAPSHOT, read_features};
use crate::session::{answer, run_at_once};
use crate::{KeyRecord, Position, StoreError, key};

use super::burst::Large;
use super::read::{lock_without_waiting, read_group};
use super::split::Split;
use super::survey::Survey;
use super::waiting::Waiting;
use super::{Reading, Rebuilt, Tail};

/// What a poll found, and the state that it leads to.
pub(super) struct Outcome {
    pub(super) position: Position,
    pub(super) waiting: Waiting,
    pub(super) found: Found,
    pub(super) rebuilt: Rebuilt,
}

/// What a poll found, before a burst gets the connection that its transaction is open on.
pub(super) enum Found {
    Nothing,
    Layers(ChangeBatch, Option<Large>),
    Keys(Vec<KeyRecord>),
    Misfit { reason: String },
}

/// The tables that a poll has locked.
#[derive(Default)]
struct Locked<'a> {
    layers: BTreeMap<LayerId, &'a Layer>,
    keys: bool,
}

impl Tail {
    /// Polls over a connection; leaves its transaction open where there is a burst.
    pub(super) async fn poll_over(
        &self,
        connection: &mut PgConnection,
        reading: Reading,
    ) -> Result<Outcome, StoreError> {
        let mut survey = self.survey(connection).await?;
        loop {
            if let Some(reason) = misfit(&survey) {
                return Ok(self.staying(Found::Misfit { reason }));
            }
            if reading == Reading::Missed
                && survey.keys
                && let Some(keys) = self.read_other_keys(connection).await?
            {
                return Ok(self.staying(Found::Keys(keys)));
            }
            let split = self.split(&survey);
            if reading == Reading::Missed && split.is_quiet() {
                // Keys, if any, were read after the snapshot that becomes the position.
                return self.moved(&survey, split.waiting, Found::Nothing);
            }
            let locked = match reading {
                Reading::Missed => Locked { layers: split.layers(), keys: survey.keys },
                Reading::All => self.everything(),
            };
            match self.read_changes(connection, &locked, reading).await? {
                Ok(outcome) => return Ok(outcome),
                Err(wider) => survey = wider,
            }
        }
    }

    pub(super) async fn keys_over(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Option<Vec<KeyRecord>>, StoreError> {
        let survey = self.survey(connection).await?;
        if survey.keys { self.read_other_keys(connection).await } else { Ok(None) }
    }

    async fn survey(&self, connection: &mut PgConnection) -> Result<Survey, StoreError> {
        let Self { position, waiting, node, rows_of_a_poll, .. } = self;
        Survey::take(connection, position, waiting, node, *rows_of_a_poll).await
    }

    fn split(&self, survey: &Survey) -> Split<'_> {
        Split::of(survey, &self.catalog, &self.waiting, self.rows_of_a_poll)
    }

    fn everything(&self) -> Locked<'_> {
        let layers = self.catalog.layers().map(|layer| (layer.id.clone(), layer)).collect();
        Locked { layers, keys: true }
    }

    /// Leaves the position where it is.
    fn staying(&self, found: Found) -> Outcome {
        let (position, waiting) = (self.position.clone(), self.waiting.clone());
        Outcome { position, waiting, found, rebuilt: Rebuilt::new() }
    }

    /// Moves the position to a survey's snapshot.
    fn moved(
        &self,
        survey: &Survey,
        waiting: Waiting,
        found: Found,
    ) -> Result<Outcome, StoreError> {
        let position = self.position.moved_to(&survey.snapshot, &waiting.xids)?;
        Ok(Outcome { position, waiting, found, rebuilt: Rebuilt::new() })
    }

    /// The keys, where they are others than those that were handed out last.
    async fn read_other_keys(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Option<Vec<KeyRecord>>, StoreError> {
        let mut transaction =
            answer(connection.begin()).await.map_err(while_doing("starting to read keys"))?;
        lock_without_waiting(&mut transaction, [], &[key::TABLE]).await?;
        let keys = key::read_keys(&mut transaction, None).await?;
        answer(transaction.commit()).await.map_err(while_doing("ending to read keys"))?;
        Ok(Some(keys).filter(|keys| self.keys.as_ref() != Some(keys)))
    }

    /// Reads the changes in one transaction, which stays open where there is a burst. Gives what
    /// the log says instead where more has changed by now than was locked.
    async fn read_changes(
        &self,
        connection: &mut PgConnection,
        locked: &Locked<'_>,
        reading: Reading,
    ) -> Result<Result<Outcome, Survey>, StoreError> {
        run_at_once(connection, BEGIN_SNAPSHOT.into(), "starting a poll").await?;
        let outcome = self.read_locked(connection, locked, reading).await;
        let end = match &outcome {
            Ok(Ok(Outcome { found: Found::Layers(_, Some(_)), .. })) => return outcome,
            Ok(Ok(_)) => "COMMIT",
            _ => "ROLLBACK",
        };
        let ended = run_at_once(connection, end.into(), "ending a poll").await;
        outcome.and_then(|outcome| ended.map(|()| outcome))
    }

    /// Locks the tables before the snapshot is taken: a `TRUNCATE` in between would show through
    /// it.
    async fn read_locked(
        &self,
        connection: &mut PgConnection,
        locked: &Locked<'_>,
        reading: Reading,
    ) -> Result<Result<Outcome, Survey>, StoreError> {
        let others: &[&str] = if locked.keys { &[key::TABLE] } else { &[] };
        lock_without_waiting(connection, locked.layers.values().copied(), others).await?;
        let survey = self.survey(connection).await?;
        let split = self.split(&survey);
        let covers = locked.cover(&survey, &split);
        if !covers || misfit(&survey).is_some() {
            return Ok(Err(survey));
        }
        if reading == Reading::Missed && self.has_other_keys(connection, &survey).await? {
            return Ok(Err(survey));
        }
        let batch = read_group(connection, &split.small).await?;
        let rebuilt = match reading {
            Reading::Missed => Rebuilt::new(),
            Reading::All => read_all(connection, locked).await?,
        };
        let Split { large, waiting, .. } = split;
        let found = match large.into_large() {
            None if batch.layers.is_empty() && reading == Reading::Missed => Found::Nothing,
            large => Found::Layers(batch, large),
        };
        Ok(Ok(Outcome { rebuilt, ..self.moved(&survey, waiting, found)? }))
    }

    /// Says whether the transaction's snapshot has other keys than those that were handed out: the
    /// position must not move to it before they are, too.
    async fn has_other_keys(
        &self,
        connection: &mut PgConnection,
        survey: &Survey,
    ) -> Result<bool, StoreError> {
        if !survey.keys {
            return Ok(false);
        }
        let keys = key::read_keys(connection, None).await?;
        Ok(self.keys.as_ref() != Some(&keys))
    }
}

impl Locked<'_> {
    /// Says whether all that is to be read is locked.
    fn cover(&self, survey: &Survey, split: &Split<'_>) -> bool {
        let has_layers = split.layers().keys().all(|layer| self.layers.contains_key(layer));
        has_layers && (self.keys || !survey.keys)
    }
}

/// Why the position is of no use, as the log's statement shows it.
fn misfit(survey: &Survey) -> Option<String> {
    if !survey.is_registered {
        return Some("the node was silent for too long, the change log was not kept for it".into());
    }
    survey.is_cut().then(|| "the node is too far behind the change log".into())
}

async fn read_all(
    connection: &mut PgConnection,
    locked: &Locked<'_>,
) -> Result<Rebuilt, StoreError> {
    let mut rebuilt = Rebuilt::new();
    for (id, layer) in &locked.layers {
        rebuilt.push((id.clone(), read_features(connection, layer, None).await?));
    }
    Ok(rebuilt)
}
