//! All synthetic layers of a city.

use crate::block::blocks;
use crate::building::Usages;
use crate::geojson::{SyntheticLayer, write_layer};
use crate::input::CityInput;
use crate::parcel::Surroundings;
use crate::plane::Plane;
use crate::street::Streets;
use crate::ward::Wards;
use crate::{camera, closure, flood, landslide, parcel, permit, plan, road_line, site};

/// Grows every synthetic layer of a city, in order of their ids.
///
/// The same city and seed give the same bytes. A city without streets gives layers without
/// features. Cost: some seconds of one processor for the streets of a ward.
pub fn grow(city: &CityInput, seed: u64) -> Vec<SyntheticLayer> {
    let plane = Plane::around(city.center);
    let streets = Streets::new(city, plane);
    let wards = Wards::new(city, plane);
    let plots = plan::plots(blocks(city, plane, &streets), &Usages::new(city, plane), seed);
    let around = Surroundings { plane, streets: &streets, wards: &wards, seed };
    let parcels = parcel::parcels(&plots, around);
    vec![
        write_layer("building_permit", permit::records(&parcels, plane, seed)),
        write_layer("camera", camera::records(city, plane, seed)),
        write_layer("flood_hazard", flood::records(&streets, plane, seed)),
        write_layer("land_use_plan", plan::records(&plots, plane, seed)),
        write_layer("landslide_site", landslide::records(&wards, plane, seed)),
        write_layer("parcel", parcel::records(&parcels, seed)),
        write_layer("road_closure", closure::records(city, plane, seed)),
        write_layer("road_line", road_line::records(&plots, &streets, plane)),
        write_layer("works_site", site::records(&streets, plane, seed)),
    ]
}
