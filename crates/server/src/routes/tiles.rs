//! `GET /tiles/{layers}/{z}/{x}/{y}`: one Mapbox Vector Tile of a layer, a list or a theme.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use bytes::Bytes;
use urbis_catalog::Layer;
use urbis_model::{LayerId, TileAddress};
use urbis_snapshot::City;

use super::{PathOf, decoded};
use crate::encoding::Encoding;
use crate::etag::Etag;
use crate::layers::resolve;
use crate::problem::{ApiError, echo};
use crate::query::Query;
use crate::reply::{Caching, Caller, Head};
use crate::state::AppState;

const MEDIA_TYPE: &str = "application/vnd.mapbox-vector-tile";

/// Answers one tile.
///
/// Addresses are XYZ on the Web Mercator grid: `y` grows south, `x` and `y` are below 2^`z`; one
/// tile has one address, so signs and leading zeros are refused. `.mvt` or `.pbf` may follow.
///
/// 200 with a tile; 204 where nothing is in it; 304 where the client holds this version, without
/// a tile being rendered.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`] (404); 400 for an address off the grid.
pub(crate) async fn get_tile(
    State(state): State<AppState>,
    caller: Caller,
    path: PathOf<(String, String, String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    Query::refuse_all(query.as_deref())?;
    let (names, z, x, y) = decoded(path)?;
    let tile = parse_address(&z, &x, &y)?;
    // One revision for the whole request: a change in between must not mix versions.
    let published = state.published()?;
    let layers = resolve(published.city.catalog(), &names, caller.access.class())?;
    let audience = caller.access.audience();
    let ask = Ask {
        city: Arc::clone(&published.city),
        layers: layers.iter().map(|layer| layer.id.clone()).collect(),
        tile,
        caller,
    };
    let found = state.off_runtime("rendering a tile", move || ask.answer()).await?;
    let (etag, caching) = (Some(found.etag), Caching::Tile);
    let head = Head { etag, caching, audience, published: Some(published) };
    Ok(match found.body {
        Body::Held => head.not_modified(),
        Body::Empty => head.no_content(),
        Body::Packed(packed) => head.ok(MEDIA_TYPE, packed),
    })
}

/// All that a tile depends on.
struct Ask {
    city: Arc<City>,
    layers: Vec<LayerId>,
    tile: TileAddress,
    caller: Caller,
}

struct Found {
    etag: Etag,
    body: Body,
}

enum Body {
    Held,
    Empty,
    Packed((Encoding, Bytes)),
}

impl Ask {
    fn answer(&self) -> Found {
        let catalog = self.city.catalog();
        let layers: Vec<&Layer> = self.layers.iter().filter_map(|id| catalog.layer(id)).collect();
        let etag = self.etag(&layers);
        if self.caller.if_none_match.matches(&etag) {
            return Found { etag, body: Body::Held };
        }
        let class = self.caller.access.class();
        let mvt = urbis_tiles::render(&self.city, &layers, self.tile, class);
        if mvt.is_empty() {
            return Found { etag, body: Body::Empty };
        }
        let (encoding, packed) = self.caller.encoding.pack(mvt);
        Found { etag, body: Body::Packed((encoding, packed.into())) }
    }

    /// Last change in the tile's area, what the class may see of the catalogue, tile engine,
    /// layers, address, encoding, class.
    fn etag(&self, layers: &[&Layer]) -> Etag {
        let class = self.caller.access.class();
        let version = urbis_tiles::area_version(&self.city, layers, self.tile, class);
        let names: Vec<&str> = self.layers.iter().map(LayerId::as_str).collect();
        Etag::from_parts(&[
            &version.to_le_bytes(),
            &self.city.catalog().digest(class).to_le_bytes(),
            &urbis_tiles::ENGINE_VERSION.to_le_bytes(),
            names.join(",").as_bytes(),
            self.tile.to_string().as_bytes(),
            self.caller.encoding.as_str().as_bytes(),
            class.as_str().as_bytes(),
        ])
    }
}

fn parse_address(z: &str, x: &str, y: &str) -> Result<TileAddress, ApiError> {
    let y = y.strip_suffix(".mvt").or_else(|| y.strip_suffix(".pbf")).unwrap_or(y);
    let (z, x, y) = (parse_index("z", z)?, parse_index("x", x)?, parse_index("y", y)?);
    Ok(TileAddress::new(z, x, y)?)
}

fn parse_index(part: &'static str, text: &str) -> Result<u32, ApiError> {
    let is_plain =
        text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse()
        .ok()
        .filter(|_| is_plain)
        .ok_or_else(|| ApiError::TileAddressInvalid { part, found: echo(text) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        assert!(parse_address("14", "13117", "7460.mvt").is_ok());
        assert!(parse_address("0", "0", "0.pbf").is_ok());
        for y in ["-1", "+1", "01", "00", "", " 1", "1.png", "1.mvt.mvt", "4294967296", "1e3", "٣"]
        {
            let error = parse_address("14", "13117", y).unwrap_err();
            assert_eq!(error.code(), "tile_address_invalid", "{y}");
        }
        assert_eq!(parse_address("14", "0", "16384").unwrap_err().code(), "tile_off_grid");
    }
}
