//! What each layer says about how it is searched, with attributes by their places.

use std::sync::Arc;

use urbis_catalog::{Catalog, Layer};
use urbis_model::{FeatureId, LayerId};
use urbis_snapshot::{City, LayerSnapshot, SnapshotFeature, Value};

/// Bits of a feature id.
const ID_BITS: u32 = 53;

/// A feature of a searched layer, in eight bytes; in order of layers, then of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FeatureRef(u64);

impl FeatureRef {
    pub(crate) const fn new(layer: u16, id: FeatureId) -> Self {
        Self(((layer as u64) << ID_BITS) | id.value())
    }

    /// The place of its layer in [`SearchedLayers`].
    pub(crate) const fn layer(self) -> u16 {
        (self.0 >> ID_BITS) as u16
    }

    pub(crate) fn id(self) -> FeatureId {
        let number = (self.0 & ((1 << ID_BITS) - 1)) as i64;
        FeatureId::new(number).expect("it was made of an id")
    }
}

/// One layer that is searched.
#[derive(Debug, Clone)]
pub(crate) struct SearchedLayer {
    pub id: LayerId,
    pub names: Vec<usize>,
    pub aliases: Vec<usize>,
    pub kind: Option<usize>,
    pub rank: u8,
    pub merge_m: Option<u32>,
    pub address: Option<AddressColumns>,
    /// Sheet, number, code of the area.
    pub parcel: Option<[usize; 3]>,
    /// Code, and the title in English.
    pub area: Option<(usize, Option<usize>)>,
}

/// Where house numbers are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AddressColumns {
    Apart { number: usize, street: usize },
    Text(usize),
}

/// The layers of a catalogue that are searched, in order of their ids.
#[derive(Debug, Clone)]
pub(crate) struct SearchedLayers {
    pub catalog: Arc<Catalog>,
    layers: Vec<SearchedLayer>,
}

/// As many as a reference has numbers for.
const MAX_LAYERS: usize = 1 << (u64::BITS - ID_BITS);

impl SearchedLayers {
    pub(crate) fn of(catalog: &Arc<Catalog>) -> Self {
        let layers = catalog.layers().filter_map(SearchedLayer::of).take(MAX_LAYERS).collect();
        Self { catalog: Arc::clone(catalog), layers }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u16, &SearchedLayer)> {
        (0..).zip(&self.layers)
    }

    pub(crate) fn get(&self, layer: u16) -> &SearchedLayer {
        &self.layers[usize::from(layer)]
    }

    /// The definition of a layer.
    pub(crate) fn definition(&self, layer: u16) -> &Layer {
        self.catalog.layer(&self.get(layer).id).expect("it was found in the catalogue")
    }

    /// A layer's features in a city.
    pub(crate) fn snapshot<'a>(&self, city: &'a City, layer: u16) -> Option<&'a LayerSnapshot> {
        city.layer(&self.get(layer).id)
    }

    /// A feature as a city holds it.
    pub(crate) fn feature<'a>(
        &self,
        city: &'a City,
        feature: FeatureRef,
    ) -> Option<SnapshotFeature<'a>> {
        self.snapshot(city, feature.layer())?.feature(feature.id())
    }
}

impl SearchedLayer {
    fn of(layer: &Layer) -> Option<Self> {
        let rules = layer.search.as_ref()?;
        let place = |name: &String| layer.attribute_index(name);
        let places = |names: &[String]| names.iter().filter_map(place).collect();
        let address = rules.address.as_ref().and_then(|rules| match &rules.text {
            Some(text) => place(text).map(AddressColumns::Text),
            None => Some(AddressColumns::Apart {
                number: place(rules.number.as_ref()?)?,
                street: place(rules.street.as_ref()?)?,
            }),
        });
        let parcel = rules.parcel.as_ref().and_then(|rules| {
            Some([place(&rules.sheet)?, place(&rules.number)?, place(&rules.area)?])
        });
        let area = rules
            .area
            .as_ref()
            .and_then(|rules| Some((place(&rules.code)?, rules.title_en.as_ref().and_then(place))));
        Some(Self {
            id: layer.id.clone(),
            names: places(&rules.names),
            aliases: places(&rules.aliases),
            kind: rules.kind.as_ref().and_then(place),
            rank: rules.rank,
            merge_m: rules.merge_m,
            address,
            parcel,
            area,
        })
    }

    /// The first name of a feature that it has.
    pub(crate) fn title<'a>(&self, feature: SnapshotFeature<'a>) -> Option<&'a str> {
        self.names.iter().find_map(|index| text_of(feature, *index))
    }

    /// How much the feature counts beside others whose names match alike, of 255.
    pub(crate) fn weight(&self, layer: &Layer, feature: SnapshotFeature<'_>) -> u8 {
        const HIGHEST_ZOOM: f32 = 24.0;
        let class =
            feature.class_zoom(layer).map_or(0.5, |zoom| 1.0 - f32::from(zoom) / HIGHEST_ZOOM);
        let rank = f32::from(10_u8.saturating_sub(self.rank)) / 9.0;
        (255.0 * (0.8 * rank + 0.2 * class)).round() as u8
    }
}

/// A text that is not empty.
pub(crate) fn text_of(feature: SnapshotFeature<'_>, index: usize) -> Option<&str> {
    match feature.attribute(index) {
        Value::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
        _ => None,
    }
}
