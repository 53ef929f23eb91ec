//! `/tiles`, `/collections/{id}/tiles` and the tilesets below them: vector tiles of all layers
//! together and of each alone.

use serde::Serialize;
use serde_json::{Value, json};
use urbis_catalog::{Attribute, Layer};
use urbis_model::{LonLat, ModelError, TileAddress, WorldXy};

use crate::link::{Link, Rel};
use crate::schema::{format_of, type_of};
use crate::tile_matrix_set::{MATRIX_SET, MATRIX_SET_CRS, MATRIX_SET_URI};
use crate::{MediaType, Site};

/// The tiles of one zoom that may hold something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TileLimits {
    /// Zoom.
    pub zoom: u8,
    /// First and last column, counted from 180° west.
    pub columns: [u32; 2],
    /// First and last row, counted from the north.
    pub rows: [u32; 2],
}

/// What is drawn in the tiles of a tileset.
#[derive(Debug, Clone, Copy)]
struct Tileset<'a> {
    /// Below `/ogc`; `/tiles` follows.
    path: &'a str,
    title: &'a str,
    /// Names in the address of the TileJSON.
    names: &'a str,
    layers: &'a [&'a Layer],
    extent: [f64; 4],
}

impl TileLimits {
    /// The tiles around a box at one zoom.
    ///
    /// # Errors
    ///
    /// [`ModelError`] for a corner that is off the earth.
    pub fn around(extent: [f64; 4], zoom: u8) -> Result<Self, ModelError> {
        let [west, south, east, north] = extent;
        let north_west = WorldXy::from_lonlat(LonLat::new(west, north)?);
        let south_east = WorldXy::from_lonlat(LonLat::new(east, south)?);
        let tile = |world: u32| world.checked_shr(32 - u32::from(zoom)).unwrap_or(0);
        Ok(Self {
            zoom,
            columns: [tile(north_west.x), tile(south_east.x)],
            rows: [tile(north_west.y), tile(south_east.y)],
        })
    }

    /// Says whether a tile is one of them.
    pub fn contains(&self, tile: TileAddress) -> bool {
        let holds = |[first, last]: [u32; 2], index| (first..=last).contains(&index);
        self.zoom == tile.z() && holds(self.columns, tile.x()) && holds(self.rows, tile.y())
    }

    fn to_json(self) -> Value {
        json!({
            "tileMatrix": self.zoom.to_string(),
            "minTileRow": self.rows[0],
            "maxTileRow": self.rows[1],
            "minTileCol": self.columns[0],
            "maxTileCol": self.columns[1],
        })
    }
}

impl Site<'_> {
    /// The tilesets of all layers (`None`) or of one; `extent` as in [`crate::LayerFacts`].
    pub fn tilesets(&self, layer: Option<&Layer>, extent: [f64; 4]) -> Value {
        self.with_tileset(layer, extent, |site, tileset| {
            let mut entry = site.describe_tileset(tileset);
            let href = site.tileset_url(tileset);
            entry["links"] = json!([
                Link::new(Rel::Itself, MediaType::Json, href),
                site.tile_link(tileset),
                site.scheme_link(),
            ]);
            let address = site.url(&format!("{}/tiles", tileset.path));
            json!({"tilesets": [entry], "links": Link::pair(MediaType::Json, &address)})
        })
    }

    /// The tileset of all layers (`None`) or of one on [`MATRIX_SET`].
    pub fn tileset(&self, layer: Option<&Layer>, extent: [f64; 4]) -> Value {
        self.with_tileset(layer, extent, |site, tileset| {
            let mut document = site.describe_tileset(tileset);
            let mut links: Vec<Link> =
                Link::pair(MediaType::Json, &site.tileset_url(tileset)).into();
            let tilejson = format!("{}/tiles/{}", site.base, tileset.names);
            links.extend([
                site.tile_link(tileset),
                site.scheme_link(),
                Link::new(Rel::DescribedBy, MediaType::Json, tilejson).titled("TileJSON 3.0"),
            ]);
            document["links"] = json!(links);
            document
        })
    }

    /// The names, in an address of tiles, of all layers that the caller may see.
    pub fn all_tile_names(&self) -> String {
        let themes = self.themes();
        let ids: Vec<&str> = themes.iter().map(|theme| theme.id.as_str()).collect();
        ids.join(",")
    }

    /// First and last zoom of some layers' tiles.
    pub fn zooms(layers: &[&Layer]) -> std::ops::RangeInclusive<u8> {
        let first = layers.iter().map(|layer| layer.tiles.minzoom).min().unwrap_or(0);
        let last = layers.iter().map(|layer| layer.tiles.maxzoom).max().unwrap_or(0);
        first..=last
    }

    fn with_tileset(
        &self,
        layer: Option<&Layer>,
        extent: [f64; 4],
        describe: impl FnOnce(&Self, Tileset<'_>) -> Value,
    ) -> Value {
        match layer {
            Some(layer) => {
                let path = format!("/collections/{}", layer.id);
                let (names, layers) = (layer.id.as_str(), &[layer]);
                let title = &layer.title.vi;
                describe(self, Tileset { path: &path, title, names, layers, extent })
            }
            None => {
                let layers: Vec<&Layer> = self.layers().collect();
                let (title, names) = (&self.city.title.vi, &self.all_tile_names());
                describe(self, Tileset { path: "", title, names, layers: &layers, extent })
            }
        }
    }

    fn describe_tileset(&self, tileset: Tileset<'_>) -> Value {
        let limits: Vec<Value> = Self::zooms(tileset.layers)
            .filter_map(|zoom| TileLimits::around(tileset.extent, zoom).ok())
            .map(TileLimits::to_json)
            .collect();
        let layers: Vec<Value> =
            tileset.layers.iter().map(|layer| self.describe_tile_layer(layer)).collect();
        let [west, south, east, north] = tileset.extent;
        json!({
            "title": tileset.title,
            "dataType": "vector",
            "crs": MATRIX_SET_CRS,
            "tileMatrixSetId": MATRIX_SET,
            "tileMatrixSetURI": MATRIX_SET_URI,
            "tileMatrixSetLimits": limits,
            "boundingBox": {
                "lowerLeft": [west, south],
                "upperRight": [east, north],
                "crs": crate::CRS84,
            },
            "layers": layers,
        })
    }

    fn describe_tile_layer(&self, layer: &Layer) -> Value {
        let dimension = match layer.geometry {
            urbis_model::GeometryKind::Point => 0,
            urbis_model::GeometryKind::MultiLineString => 1,
            urbis_model::GeometryKind::MultiPolygon => 2,
        };
        let attributes = layer.tile_attributes(self.class).map(|index| &layer.attributes[index]);
        let properties: serde_json::Map<String, Value> = attributes
            .map(|attribute| (attribute.name.clone(), json!(TileAttribute::of(attribute))))
            .collect();
        json!({
            "id": layer.id,
            "title": layer.title.vi,
            "description": layer.description.vi,
            "dataType": "vector",
            "geometryDimension": dimension,
            "minTileMatrix": layer.tiles.minzoom.to_string(),
            "maxTileMatrix": layer.tiles.maxzoom.to_string(),
            "propertiesSchema": {"type": "object", "properties": properties},
        })
    }

    fn tileset_url(&self, tileset: Tileset<'_>) -> String {
        self.url(&format!("{}/tiles/{MATRIX_SET}", tileset.path))
    }

    fn tile_link(&self, tileset: Tileset<'_>) -> Link {
        let address = self.tileset_url(tileset) + "/{tileMatrix}/{tileRow}/{tileCol}";
        Link::new(Rel::Item, MediaType::Mvt, address).titled("Mapbox Vector Tiles").templated()
    }

    fn scheme_link(&self) -> Link {
        Link::new(Rel::TilingScheme, MediaType::Json, self.matrix_set_url()).titled(MATRIX_SET)
    }
}

/// What a tile says of an attribute.
#[derive(Serialize)]
struct TileAttribute<'a> {
    title: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
}

impl<'a> TileAttribute<'a> {
    fn of(attribute: &'a Attribute) -> Self {
        let (kind, format) = (type_of(attribute.kind), format_of(attribute.kind));
        Self { title: &attribute.title.vi, kind, format }
    }
}
