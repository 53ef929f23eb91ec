//! More changes at once than one poll should carry, such as those of an import.
//!
//! The poll that finds a burst leaves its transaction open: what is read later still belongs to
//! the snapshot of that poll.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::postgres::PgConnection;
use urbis_catalog::Layer;
use urbis_model::{FeatureId, LayerChange, LayerId};

use crate::load::stream_layer;
use crate::part::{FEATURES_OF_A_PART, send};
use crate::session::run_at_once;
use crate::{Part, PartSender, StoreError};

use super::read::{Missed, read_log, read_rows};
use super::split::Group;

/// What a burst changes.
#[derive(Debug)]
pub(super) struct Large {
    layers: BTreeMap<LayerId, Layer>,
    xids: BTreeSet<u64>,
}

/// Changes that are read apart from the polls, which go on meanwhile and pass the layers of the
/// burst by.
#[derive(Debug)]
pub struct Burst {
    connection: PgConnection,
    large: Large,
}

/// A burst that was read to its end: [`crate::Tail::settle`] takes it once its parts are in memory.
#[derive(Debug)]
#[must_use = "a tail waits until it is told that the burst is in memory"]
pub struct ReadBurst {
    pub(super) xids: BTreeSet<u64>,
}

impl Group<'_> {
    /// Lets go of the catalogue; nothing where nothing is large.
    pub(super) fn into_large(self) -> Option<Large> {
        let layers = self.layers.into_iter().map(|(id, layer)| (id, layer.clone())).collect();
        (!self.xids.is_empty()).then_some(Large { layers, xids: self.xids })
    }
}

impl Burst {
    /// A burst in the open transaction of a connection.
    pub(super) const fn new(connection: PgConnection, large: Large) -> Self {
        Self { connection, large }
    }

    /// The layers that it changes. Until it is settled they stay in memory as they are.
    pub fn layers(&self) -> impl Iterator<Item = &LayerId> {
        self.large.layers.keys()
    }

    /// Reads the changes and hands them on, layer after layer; a layer comes either whole or by its
    /// changed rows. All of it belongs to one snapshot: apply all or none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`]; [`StoreError::TakerGone`]. Then [`crate::Tail::abandon`] lets a
    /// later poll find the changes again.
    pub async fn read(self, parts: PartSender) -> Result<ReadBurst, StoreError> {
        let Self { mut connection, large: Large { layers, xids } } = self;
        for (id, missed) in read_log(&mut connection, &xids).await? {
            let Some(layer) = layers.get(&id) else { continue };
            match missed {
                Missed::Whole => stream_layer(&mut connection, layer, &parts).await?,
                Missed::Features(ids) => {
                    let ids: Vec<FeatureId> = ids.into_iter().collect();
                    stream_rows(&mut connection, layer, &ids, &parts).await?;
                }
            }
        }
        run_at_once(&mut connection, "COMMIT".into(), "ending a burst").await?;
        Ok(ReadBurst { xids })
    }
}

async fn stream_rows(
    connection: &mut PgConnection,
    layer: &Layer,
    ids: &[FeatureId],
    parts: &PartSender,
) -> Result<(), StoreError> {
    for some in ids.chunks(FEATURES_OF_A_PART) {
        if let LayerChange::Rows { upserted, removed } = read_rows(connection, layer, some).await? {
            send(parts, Part::Rows { layer: layer.id.clone(), upserted, removed }).await?;
        }
    }
    Ok(())
}
