//! One build of a tile: rendered, tagged and packed, from one city.

use std::sync::Arc;

use bytes::Bytes;
use urbis_catalog::Layer;
use urbis_model::{LayerId, Revision, TileAddress, Validity};
use urbis_snapshot::{City, Visibility};
use urbis_tiles::{ENGINE_VERSION, Explanation};

use crate::cache::{FinishedTile, Stamps};
use crate::encoding::Encoding;
use crate::etag::Etag;
use crate::tile_range::drawn_box;

/// All that a tile depends on.
#[derive(Debug, Clone)]
pub(crate) struct TileBuild {
    city: Arc<City>,
    layers: Arc<[LayerId]>,
    numbers: Arc<[u16]>,
    tile: TileAddress,
    visibility: Visibility,
    encoding: Encoding,
}

impl TileBuild {
    /// A tile of some layers as it is seen.
    pub fn new(
        city: Arc<City>,
        layers: &[&Layer],
        tile: TileAddress,
        visibility: Visibility,
        encoding: Encoding,
    ) -> Self {
        let layers: Arc<[LayerId]> = layers.iter().map(|layer| layer.id.clone()).collect();
        let numbers = Stamps::numbers(city.catalog(), layers.iter()).into();
        Self { city, layers, numbers, tile, visibility, encoding }
    }

    /// The revision that is shown.
    pub fn revision(&self) -> Revision {
        self.city.revision()
    }

    /// [`Stamps::numbers`] of the layers.
    pub fn numbers(&self) -> &[u16] {
        &self.numbers
    }

    /// Renders and packs.
    pub fn build(&self) -> FinishedTile {
        let tile = urbis_tiles::render(&self.city, &self.layers(), self.tile, self.visibility);
        let body = (!tile.bytes.is_empty()).then(|| {
            let (encoding, packed) = self.encoding.pack(tile.bytes);
            (encoding, Bytes::from(packed))
        });
        let etag = self.etag(tile.version, ENGINE_VERSION);
        FinishedTile::new(self.revision(), self.numbers.as_ref().into(), etag, body)
    }

    /// The tag that the tile will have, without rendering it.
    pub fn foresee(&self) -> Etag {
        let Self { city, tile, visibility, .. } = self;
        let version = urbis_tiles::area_version(city, &self.layers(), *tile, *visibility);
        self.etag(version, ENGINE_VERSION)
    }

    /// The widest span around the moment that is shown in which the tile shows the same; `None`
    /// for the city's own moment.
    ///
    /// Cost: a look at each feature of the tile, those of other times included.
    pub fn steady_span(&self) -> Option<Validity> {
        let Visibility { class, on } = self.visibility;
        let (on, area) = (on?, drawn_box(self.tile));
        let snapshots = self.layers.iter().filter_map(|id| self.city.layer(id));
        let spans = snapshots.map(|snapshot| snapshot.steady(area, self.tile.z(), class, on));
        Some(spans.fold(Validity::ALWAYS, common))
    }

    /// How it comes about.
    pub fn explain(&self) -> Explanation {
        urbis_tiles::explain(&self.city, &self.layers(), self.tile, self.visibility)
    }

    fn layers(&self) -> Vec<&Layer> {
        self.layers.iter().filter_map(|id| self.city.catalog().layer(id)).collect()
    }

    /// All that the tile can show, what the class may see of the catalogue, tile engine, layers,
    /// address, encoding, class. Not the moment: what two of them show alike has one tag.
    fn etag(&self, version: u64, engine: u32) -> Etag {
        let class = self.visibility.class;
        let names: Vec<&str> = self.layers.iter().map(LayerId::as_str).collect();
        Etag::from_parts(&[
            &version.to_le_bytes(),
            &self.city.catalog().digest(class).to_le_bytes(),
            &engine.to_le_bytes(),
            names.join(",").as_bytes(),
            self.tile.to_string().as_bytes(),
            self.encoding.as_str().as_bytes(),
            class.as_str().as_bytes(),
        ])
    }
}

/// The time that is in both of two spans that share a moment.
fn common(one: Validity, other: Validity) -> Validity {
    let to = match (one.to, other.to) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    Validity { from: one.from.max(other.from), to }
}

#[cfg(test)]
mod tests {
    use urbis_catalog::Catalog;
    use urbis_model::{Moment, Openness};

    use super::*;

    #[test]
    fn an_upgrade_of_the_engine_gives_another_tag_to_the_same_content() {
        let catalog = Arc::new(Catalog::from_layers(vec![]).unwrap());
        let city = Arc::new(City::build(catalog, Revision(1), vec![], Moment(0)));
        let tile = TileAddress::new(0, 0, 0).unwrap();
        let visibility = Visibility::now(Openness::Open);
        let build = TileBuild::new(city, &[], tile, visibility, Encoding::Gzip);
        assert_eq!(build.foresee(), build.etag(build_version(&build), ENGINE_VERSION));
        let upgraded = build.etag(build_version(&build), ENGINE_VERSION + 1);
        assert_ne!(upgraded, build.foresee());
    }

    fn build_version(build: &TileBuild) -> u64 {
        urbis_tiles::area_version(&build.city, &[], build.tile, build.visibility)
    }

    #[test]
    fn a_common_span_ends_where_the_first_of_both_does() {
        let span = |from: Option<i64>, to: Option<i64>| Validity {
            from: from.map(Moment),
            to: to.map(Moment),
        };
        let (one, other) = (span(None, Some(9)), span(Some(2), Some(7)));
        assert_eq!(common(one, other), span(Some(2), Some(7)));
        assert_eq!(common(Validity::ALWAYS, one), one);
        assert_eq!(common(span(Some(5), None), other), span(Some(5), Some(7)));
    }
}
