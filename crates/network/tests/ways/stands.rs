//! Where a vehicle stands that is to be at a place.

use urbis_model::Metres;
use urbis_network::Stand;

use crate::city::{PROFILE, Street, Town, place};

#[test]
fn a_street_behind_a_hundred_footpaths_is_found() {
    let path = |number: i32| {
        let north = f64::from(number);
        Street { class: "footway", ..Street::new(&[(0.0, north), (200.0, north)]) }
    };
    let mut streets: Vec<Street> = (0..100).map(path).collect();
    streets.push(Street::new(&[(0.0, 150.0), (200.0, 150.0)]));
    let town = Town::new(streets);
    let stand = town.stand((100.0, 0.0));
    assert!((stand.gap.0 - 150.0).abs() < 2.0, "{stand:?}");
    assert_eq!(stand.at.len(), 2, "both directions");
    assert!(stand.at.iter().all(|at| town.live.roads().is_drivable(PROFILE, *at)));
    let near = Stand::find(&town.city, &town.live, PROFILE, place((100.0, 0.0)), Metres(140.0));
    assert_eq!(near, None);
}
