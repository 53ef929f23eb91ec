//! How far layers reach beyond the city's box: islands far out, the sea.

use urbis_catalog::Layer;
use urbis_model::{BBox, Openness, TileAddress, WorldBox, WorldXy};
use urbis_snapshot::{City, Visibility};

/// West, south, east, north in degrees of the smallest box around `home` and all that a class sees
/// of some layers now.
///
/// Cost: only features that reach out of `home` are looked at.
pub(crate) fn extent(city: &City, layers: &[&Layer], class: Openness, home: BBox) -> [f64; 4] {
    let inner = WorldBox::around([home.south_west(), home.north_east()].map(WorldXy::from_lonlat));
    let Some(inner) = inner else { return home.into() };
    let snapshots = layers.iter().filter_map(|layer| city.layer(&layer.id));
    let outside = snapshots.flat_map(|snapshot| {
        around(inner)
            .into_iter()
            .flat_map(|strip| snapshot.in_box(strip, TileAddress::MAX_ZOOM, Visibility::now(class)))
    });
    let reached = outside.filter_map(|feature| feature.world_box()).reduce(WorldBox::union);
    let Some(reached) = reached.filter(|reached| reached.union(inner) != inner) else {
        return home.into();
    };
    let [west, south, east, north] = home.into();
    let north_west = WorldXy { x: reached.min_x, y: reached.min_y }.to_lonlat();
    let south_east = WorldXy { x: reached.max_x, y: reached.max_y }.to_lonlat();
    [
        west.min(north_west.lon()),
        south.min(south_east.lat()),
        east.max(south_east.lon()),
        north.max(north_west.lat()),
    ]
}

/// All of the world that lies outside a box: beside it, above it, below it.
const fn around(inner: WorldBox) -> [WorldBox; 4] {
    let world = WorldBox::WORLD;
    [
        WorldBox { max_x: inner.min_x.saturating_sub(1), ..world },
        WorldBox { min_x: inner.max_x.saturating_add(1), ..world },
        WorldBox { max_y: inner.min_y.saturating_sub(1), ..world },
        WorldBox { min_y: inner.max_y.saturating_add(1), ..world },
    ]
}
