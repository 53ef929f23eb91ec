//! The layers that a search goes through, and which of their features are asked for.
//!
//! - **In**: a comma list of layers and themes; the parameters `filter`, in CQL2, and `filter-lang`.
//! - **Out**: [`SearchedLayer`]s: features that the filter does not admit are not there.
//!
//! A filter must be right for every layer of the list. Reading one takes a moment for each: that
//! belongs off the threads that serve connections.

use geo_types::Geometry;
use urbis_catalog::{Catalog, Layer};
use urbis_filter::{Filter, Language, Record};
use urbis_model::{LayerId, Openness};
use urbis_snapshot::{City, LayerSnapshot, SnapshotFeature, Value};

use crate::layers::resolve;
use crate::problem::{ApiError, echo};
use crate::query::Query;

/// Layers of a question, and the filter as it came.
#[derive(Debug, Clone)]
pub(crate) struct Searched {
    layers: Vec<LayerId>,
    filter: Option<(String, Language)>,
    class: Openness,
}

/// One layer of a question.
#[derive(Debug)]
pub(crate) struct SearchedLayer<'a> {
    pub layer: &'a Layer,
    pub snapshot: &'a LayerSnapshot,
    filter: Option<Filter>,
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
        Ok(Self { layers, filter: read_filter(query)?, class })
    }

    /// The one layer that is searched whole; `None` where there are several, or a filter.
    pub fn only_layer(&self) -> Option<&LayerId> {
        match &*self.layers {
            [only] if self.filter.is_none() => Some(only),
            _ => None,
        }
    }

    /// The layers of a city, in their order.
    ///
    /// # Errors
    ///
    /// [`ApiError::FilterRefused`] for the first layer that the filter is not right for.
    pub fn of<'a>(&self, city: &'a City) -> Result<Vec<SearchedLayer<'a>>, ApiError> {
        let known = self.layers.iter().filter_map(|id| city.catalog().layer(id));
        let mut searched = Vec::new();
        for layer in known {
            let filter = self.filter_of(layer)?;
            let snapshot = city.layer(&layer.id);
            searched.extend(snapshot.map(|snapshot| SearchedLayer { layer, snapshot, filter }));
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
    /// Says whether a feature is asked for.
    pub fn asks_for(&self, feature: SnapshotFeature<'_>) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.matches(&Shown(feature)))
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
struct Shown<'a>(SnapshotFeature<'a>);

impl Record for Shown<'_> {
    fn value(&self, attribute: usize) -> Value<'_> {
        self.0.attribute(attribute)
    }

    fn geometry(&self) -> Option<Geometry<f64>> {
        self.0.to_geometry()
    }
}
