//! Grows what has no open data: parcels, permits, plans, closures; made up, and marked as such.
//!
//! - **In**: [`CityInput`], the real streets, wards, buildings and waters of a city, and a seed.
//! - **Out**: one GeoJSON text a layer, longitude and latitude to 8 decimals (1 mm), EPSG:4326.
//!   Every feature says `"source": "synthetic"`.
//! - The same input and seed give the same bytes: own random numbers, ordered maps, no clock.
//! - The look is real, the content is not: blocks lie between real streets and addresses name
//!   them, but no boundary, holder, permit or depth of water is anybody's.
//!
//! Nothing here knows a database or writes a file.

mod block;
mod building;
mod camera;
mod city;
mod closure;
mod contour;
mod day;
mod flood;
mod geohash;
mod geojson;
mod grow;
mod input;
mod landslide;
mod lot;
mod mesh;
mod name;
mod numbering;
mod parcel;
mod permit;
mod plan;
mod plane;
mod pole;
mod random;
mod ring;
mod road_line;
mod site;
mod street;
mod ward;

pub use city::{
    CityBatch, CityLayer, CityRecord, CityShape, CityWard, Flaw, FlawKind, LayerSummary, Slope,
    SyntheticCity, TraceRow, TurnRestriction, hash_of_all, plane_polygons, polygons_of_ewkb,
};
pub use geojson::SyntheticLayer;
pub use grow::grow;
pub use input::{Building, CityInput, Road, Ward};
