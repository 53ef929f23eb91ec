//! The layers that a search goes through, and which of their features are asked for.
//!
//! - **In**: a comma list of layers and themes; the parameters `filter`, in CQL2, and `filter-lang`.
//! - **Out**: [`SearchedLayer`]s: features that the filter does not admit are not there.
//!
//! A filter that refuses almost everything does not go on for ever: see [`SearchedLayer::asks_for`].
//! A filter must be right for every layer of the list. Reading one takes a moment for each: that
//! belongs off the threads that serve connections.

use std::cell::Cell;
use std::ops::ControlFlow;

use geo_types::{Geometry, Rect};
use urbis_catalog::{Catalog, Layer};
use urbis_filter::{Filter, Language, Record};
use urbis_model::{LayerId, Openness, Validity, WorldBox, WorldXy};
use urbis_snapshot::{City, LayerSnapshot, SnapshotFeature, Value};

use crate::layers::resolve;
use crate::problem::{ApiError, echo};
use crate::query::Query;

/// What the filter of one question may look at: features, and of those of which the geometry must
/// be looked at the vertices, too. Some second's work: all features of a city by their attributes.
const MAX_WORK: usize = 2_000_000;

/// What a vertex counts to a feature's one: a relation compares it with others.
const WORK_OF_VERTEX: usize = 4;

/// Layers of a question, and the filter as it came.
#[derive(Debug, Clone)]
pub(crate) struct Searched {
    layers: Vec<LayerId>,
    filter: Option<(String, Language)>,
    class: Openness,
    /// What the filter may look at, of all layers.
    work: usize,
}

/// One layer of a question.
#[derive(Debug)]
pub(crate) struct SearchedLayer<'a> {
    pub layer: &'a Layer,
    pub snapshot: &'a LayerSnapshot,
    filter: Option<Filter>,
    /// What the filter may still look at.
    work_left: Cell<usize>,
}

impl Searched {
    /// Reads what is searched.
    ///
    /// # Errors
    ///
    /// [`ApiError::UnknownLayer`], [`ApiError::TooManyLayers`]; [`ApiError::InvalidParameter`] for
    /// another language than the two of CQL2, and for a language without a filter.
    pub fn read(
        query: &Query<'_>,
        catalog: &Catalog,
        names: &str,
        class: Openness,
    ) -> Result<Self, ApiError> {
        let layers = resolve(catalog, names, class)?;
        let layers = layers.into_iter().map(|layer| layer.id.clone()).collect();
        Ok(Self { layers, filter: read_filter(query)?, class, work: MAX_WORK })
    }

    /// The same with a filter that may do less.
    #[cfg(test)]
    pub fn with_work(self, work: usize) -> Self {
        Self { work, ..self }
    }

    /// The one layer that is searched whole; `None` where there are several, or a filter.
    pub fn only_layer(&self) -> Option<&LayerId> {
        match &*self.layers {
            [only] if self.filter.is_none() => Some(only),
            _ => None,
        }
    }

    /// Says whether only some features are asked for.
    pub const fn has_filter(&self) -> bool {
        self.filter.is_some()
    }

    /// The layers of a city, in their order.
    ///
    /// # Errors
    ///
    /// [`ApiError::FilterRefused`] for the first layer that the filter is not right for.
    pub fn of<'a>(&self, city: &'a City) -> Result<Vec<SearchedLayer<'a>>, ApiError> {
        let known = self.layers.iter().filter_map(|id| city.catalog().layer(id));
        let work = self.work / self.layers.len().max(1);
        let mut searched = Vec::new();
        for layer in known {
            let filter = self.filter_of(layer)?;
            let work_left = Cell::new(work);
            let snapshot = city.layer(&layer.id);
            let one = |snapshot| SearchedLayer { layer, snapshot, filter, work_left };
            searched.extend(snapshot.map(one));
        }
        Ok(searched)
    }

    fn filter_of(&self, layer: &Layer) -> Result<Option<Filter>, ApiError> {
        let Some((text, language)) = &self.filter else { return Ok(None) };
        let refused = |cause| ApiError::FilterRefused { layer: layer.id.clone(), cause };
        Filter::parse(text, *language, layer, self.class).map(Some).map_err(refused)
    }
}

impl SearchedLayer<'_> {
    /// Says whether a feature is asked for; breaks off where the filter has looked at so much that
    /// no more will be.
    pub fn asks_for(&self, feature: SnapshotFeature<'_>) -> ControlFlow<(), bool> {
        let Some(filter) = &self.filter else { return ControlFlow::Continue(true) };
        if self.has_given_up() {
            return ControlFlow::Break(());
        }
        let shown = Shown { feature, geometries: Cell::new(0) };
        let is_asked_for = filter.matches(&shown);
        let of_geometry = (filter.vertices() + feature.vertex_count()) * WORK_OF_VERTEX;
        let work = 1 + shown.geometries.get() * of_geometry;
        self.work_left.set(self.work_left.get().saturating_sub(work));
        ControlFlow::Continue(is_asked_for)
    }

    /// Says whether the filter has looked at so much that it looks at nothing more.
    pub fn has_given_up(&self) -> bool {
        self.work_left.get() == 0
    }
}

fn read_filter(query: &Query<'_>) -> Result<Option<(String, Language)>, ApiError> {
    let name = "filter-lang";
    let found = query.text(name);
    let language = found.map_or(Some(Language::default()), Language::from_name);
    let refused = |wanted| {
        let found = echo(found.unwrap_or_default());
        ApiError::InvalidParameter { name, found, wanted }
    };
    let language = language.ok_or_else(|| refused("cql2-text or cql2-json"))?;
    match query.text("filter") {
        Some(text) => Ok(Some((text.to_owned(), language))),
        None if found.is_some() => Err(refused("a filter beside it")),
        None => Ok(None),
    }
}

/// A feature as filters look at it.
struct Shown<'a> {
    feature: SnapshotFeature<'a>,
    /// How often its geometry was asked for.
    geometries: Cell<usize>,
}

impl Record for Shown<'_> {
    fn value(&self, attribute: usize) -> Value<'_> {
        self.feature.attribute(attribute)
    }

    fn geometry(&self) -> Option<Geometry<f64>> {
        self.geometries.set(self.geometries.get() + 1);
        self.feature.to_geometry()
    }

    fn bounds(&self) -> Option<Rect<f64>> {
        let WorldBox { min_x, min_y, max_x, max_y } = self.feature.world_box()?;
        let corner = |x: u32, y: u32| {
            let at = WorldXy { x, y }.to_lonlat();
            (at.lon(), at.lat())
        };
        Some(Rect::new(corner(min_x, min_y), corner(max_x, max_y)))
    }

    fn validity(&self) -> Validity {
        self.feature.validity()
    }
}
