//! Makes cities of what is read piece by piece, on a thread of its own: a loaded one, or one with
//! the changes of a burst.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::mpsc;
use urbis_model::{ChangeBatch, Feature, FeatureId, LayerChange, LayerId, Revision, TileAddress};
use urbis_snapshot::{Changes, City, CityBuilder, LayerChanges};
use urbis_store::Part;

use crate::present::RoadedCity;

/// Pieces that wait to be taken: a bound on the memory that reading needs.
pub(super) const PARTS_WAITING: usize = 4;

/// Changed features that are applied at once: fewer rewrite the same places more often, more of
/// them need more memory.
const ROWS_AT_ONCE: usize = 32_768;

/// Features of a whole load on their way into a city.
#[derive(Debug)]
pub(super) struct Load {
    pub builder: CityBuilder,
    /// Features that came.
    pub rows: usize,
}

impl Load {
    /// Takes pieces until there are no more.
    pub fn take(mut builder: CityBuilder, mut parts: mpsc::Receiver<Part>) -> Self {
        let mut rows = 0;
        while let Some(part) = parts.blocking_recv() {
            rows += push(&mut builder, part);
        }
        Self { builder, rows }
    }
}

/// A burst that was built apart from the city that moves on.
#[derive(Debug)]
pub(super) struct BuiltBurst {
    /// Has the rows that changed.
    with_rows: City,
    changes: Changes,
    row_layers: BTreeSet<LayerId>,
    /// Has the layers that were read whole, and no others.
    with_layers: Option<City>,
    whole_layers: BTreeSet<LayerId>,
    /// All of it, and its roads: very many changes of them are built here, and few are left to do
    /// when it joins the city that moved on.
    roaded: RoadedCity,
}

/// A burst that is being built.
struct Building {
    before: RoadedCity,
    city: City,
    changes: Changes,
    row_layers: BTreeSet<LayerId>,
    builder: Option<CityBuilder>,
    whole_layers: BTreeSet<LayerId>,
    pending: BTreeMap<LayerId, Rows>,
    pending_rows: usize,
}

/// Changed rows of a layer that are applied together.
#[derive(Debug, Default)]
struct Rows {
    upserted: Vec<Feature>,
    removed: Vec<FeatureId>,
}

impl BuiltBurst {
    /// Takes the pieces of a burst that `before` lacks, until there are no more.
    pub fn take(before: RoadedCity, mut parts: mpsc::Receiver<Part>) -> Self {
        let mut building = Building::new(before);
        while let Some(part) = parts.blocking_recv() {
            building.add(part);
        }
        building.finish()
    }

    /// The present city with the burst, and where it is drawn otherwise. Only time may have changed
    /// the layers of the burst since it was begun.
    pub fn join(self, present: &City, revision: Revision) -> (RoadedCity, Changes) {
        let Self { with_rows, mut changes, row_layers, with_layers, whole_layers, roaded } = self;
        let (with_rows, advanced) = with_rows.advance(revision, present.at());
        changes.extend(advanced);
        changes.layers.retain(|layer, _| row_layers.contains(layer));
        let mut city = present.adopt(revision, &with_rows, &row_layers);
        if let Some(with_layers) = with_layers {
            let (with_layers, _) = with_layers.advance(revision, present.at());
            city = city.adopt(revision, &with_layers, &whole_layers);
        }
        for layer in whole_layers {
            let everywhere = Some(0..=TileAddress::MAX_ZOOM);
            changes.layers.insert(layer, LayerChanges { areas: Vec::new(), zooms: everywhere });
        }
        (roaded.follow(city), changes)
    }
}

impl Building {
    fn new(before: RoadedCity) -> Self {
        Self {
            city: before.city.as_ref().clone(),
            before,
            changes: Changes::default(),
            row_layers: BTreeSet::new(),
            builder: None,
            whole_layers: BTreeSet::new(),
            pending: BTreeMap::new(),
            pending_rows: 0,
        }
    }

    fn add(&mut self, part: Part) {
        let Part::Rows { layer, upserted, removed } = part else {
            self.whole_layers.insert(part.layer().clone());
            let (catalog, at) = (self.city.catalog(), self.city.at());
            let builder =
                self.builder.get_or_insert_with(|| CityBuilder::new(Arc::clone(catalog), at));
            push(builder, part);
            return;
        };
        self.pending_rows += upserted.len() + removed.len();
        let rows = self.pending.entry(layer).or_default();
        rows.upserted.extend(upserted);
        rows.removed.extend(removed);
        if self.pending_rows >= ROWS_AT_ONCE {
            self.apply();
        }
    }

    fn apply(&mut self) {
        let mut batch = ChangeBatch::default();
        for (layer, Rows { upserted, removed }) in std::mem::take(&mut self.pending) {
            self.row_layers.insert(layer.clone());
            batch.layers.insert(layer, LayerChange::Rows { upserted, removed });
        }
        self.pending_rows = 0;
        let (city, changes) = self.city.apply(self.city.revision(), batch);
        self.city = city;
        self.changes.extend(changes);
    }

    fn finish(mut self) -> BuiltBurst {
        self.apply();
        let revision = self.city.revision();
        let with_layers = self.builder.map(|builder| builder.finish(revision));
        let whole =
            with_layers.as_ref().map(|with| self.city.adopt(revision, with, &self.whole_layers));
        let roaded = self.before.follow(whole.unwrap_or_else(|| self.city.clone()));
        BuiltBurst {
            with_rows: self.city,
            changes: self.changes,
            row_layers: self.row_layers,
            with_layers,
            whole_layers: self.whole_layers,
            roaded,
        }
    }
}

/// Adds a piece of a layer that is read whole; gives the count of its features.
fn push(builder: &mut CityBuilder, part: Part) -> usize {
    match part {
        Part::Features { layer, features } => {
            let count = features.len();
            features.into_iter().for_each(|feature| builder.push(&layer, feature));
            count
        }
        Part::LayerEnd { layer } => {
            builder.finish_layer(&layer);
            0
        }
        // A load has none.
        Part::Rows { .. } => 0,
    }
}
