//! Checks profiles for numbers that cannot be, and for words that no layer has.

use super::{Access, DepthSpeed, ProfileFault, VehicleProfile};
use crate::{Attribute, Catalog, CatalogError, Nearest, NetworkRole};

/// As many as a [`crate::ProfileIndex`] can count.
const MOST_PROFILES: usize = 255;

/// Longest name.
const MAX_NAME_LEN: usize = 48;

/// The level crossing has a key of its own, `rail_crossing_s`.
const LEVEL_CROSSING: &str = "level_crossing";

/// Finds the first fault of profiles that are in order of their ids.
pub(super) fn check_profiles(
    catalog: &Catalog,
    profiles: &[VehicleProfile],
) -> Result<(), CatalogError> {
    for (position, profile) in profiles.iter().enumerate() {
        let is_twice = position > 0 && profiles[position - 1].id == profile.id;
        let fault = match () {
            () if position >= MOST_PROFILES => ProfileFault::TooMany { most: MOST_PROFILES },
            () if is_twice => ProfileFault::Duplicate,
            () => match check_profile(catalog, profile) {
                Ok(()) => continue,
                Err(fault) => fault,
            },
        };
        return Err(CatalogError::Profile { profile: profile.id.clone(), fault });
    }
    Ok(())
}

fn check_profile(catalog: &Catalog, profile: &VehicleProfile) -> Result<(), ProfileFault> {
    if !is_name(&profile.id) {
        return Err(ProfileFault::Name);
    }
    check_numbers(profile)?;
    check_depth_speed(&profile.depth_speed)?;
    if profile.speeds_kmh.is_empty() {
        return Err(ProfileFault::NoSpeeds);
    }
    check_words(catalog, profile)
}

fn is_name(id: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.len() <= MAX_NAME_LEN
        && id.bytes().all(is_plain)
}

/// Ranges that every vehicle on a road is in; they catch slips of the unit, not of judgement.
fn check_numbers(profile: &VehicleProfile) -> Result<(), ProfileFault> {
    const SPEED: [f64; 2] = [1.0, 150.0];
    const DELAY: [f64; 2] = [0.0, 3_600.0];
    check("width_m", profile.width_m, [0.3, 4.0])?;
    check("clearance_m", profile.clearance_m, [0.0, 3.0])?;
    check("height_m", profile.height_m, [0.5, 5.0])?;
    check("weight_t", profile.weight_t, [0.05, 80.0])?;
    check("wading_depth_m", profile.wading_depth_m, [0.0, 3.0])?;
    check("rail_crossing_s", profile.rail_crossing_s, DELAY)?;
    for (class, speed) in &profile.speeds_kmh {
        check(&format!("speeds_kmh.{class}"), *speed, SPEED)?;
    }
    for (kind, delay) in &profile.barriers_s {
        check(&format!("barriers_s.{kind}"), *delay, DELAY)?;
    }
    let some = [
        ("otherwise_kmh", profile.otherwise_kmh, SPEED),
        ("lights.factor", profile.lights.map(|lights| lights.factor), [0.1, 5.0]),
        ("waive.oneway.factor", profile.waive.oneway.map(|oneway| oneway.factor), [1.0, 100.0]),
        ("waive.turns.penalty_s", profile.waive.turns.map(|turns| turns.penalty_s), DELAY),
        ("boat.speed_kmh", profile.boat.map(|boat| boat.speed_kmh), SPEED),
    ];
    some.into_iter().try_for_each(|(place, found, range)| {
        found.map_or(Ok(()), |found| check(place, found, range))
    })
}

/// Written so that NaN fails too.
fn check(place: &str, found: f64, [low, high]: [f64; 2]) -> Result<(), ProfileFault> {
    if found >= low && found <= high {
        return Ok(());
    }
    Err(ProfileFault::Number { place: place.to_owned(), found, low, high })
}

fn check_depth_speed(points: &[DepthSpeed]) -> Result<(), ProfileFault> {
    let mut before = DepthSpeed { depth: 0.0, speed: 1.0 };
    for after in points {
        // A speed of 0 would be a closed road, which the wading depth says.
        let falls = after.speed <= before.speed && after.speed > 0.0;
        if !(after.depth > before.depth && falls) {
            return Err(ProfileFault::DepthSpeed);
        }
        before = *after;
    }
    if points.is_empty() || before.depth == 1.0 {
        return Ok(());
    }
    Err(ProfileFault::DepthSpeed)
}

fn check_words(catalog: &Catalog, profile: &VehicleProfile) -> Result<(), ProfileFault> {
    let classes = codes(catalog, NetworkRole::Roads, "class");
    if let Some((found, nearest)) = unknown(classes, profile.speeds_kmh.keys()) {
        return Err(ProfileFault::Class { found, nearest });
    }
    check_access(catalog, profile)?;
    let kinds = codes(catalog, NetworkRole::Barriers, "kind");
    let named = profile.barriers_s.keys();
    if let Some(found) = named.clone().find(|kind| *kind == LEVEL_CROSSING) {
        let nearest = Nearest(Some("rail_crossing_s".to_owned()));
        return Err(ProfileFault::Barrier { found: found.clone(), nearest });
    }
    match unknown(kinds, named) {
        Some((found, nearest)) => Err(ProfileFault::Barrier { found, nearest }),
        None => Ok(()),
    }
}

/// A catalogue without roads knows no words of them.
fn check_access(catalog: &Catalog, profile: &VehicleProfile) -> Result<(), ProfileFault> {
    let Some(roads) = catalog.network_layer(NetworkRole::Roads) else { return Ok(()) };
    // Roads need not have the attribute that is read where nothing is said.
    let named = (profile.access != Access::default()).then_some(&profile.access);
    for name in named.iter().flat_map(|access| &access.read) {
        let attribute = roads.attribute(name).filter(|attribute| !attribute.values.is_empty());
        let Some(attribute) = attribute else {
            let known = roads.attributes.iter().filter(|attribute| !attribute.values.is_empty());
            let nearest = Nearest::find(name, known.map(|attribute| attribute.name.as_str()));
            return Err(ProfileFault::AccessAttribute { found: name.clone(), nearest });
        };
        if let Some((found, nearest)) = unknown(Some(attribute), profile.access.closed.iter()) {
            let attribute = name.clone();
            return Err(ProfileFault::AccessValue { attribute, found, nearest });
        }
    }
    Ok(())
}

/// The attribute whose codes are known; `None` where any word may stand.
fn codes<'a>(catalog: &'a Catalog, role: NetworkRole, name: &str) -> Option<&'a Attribute> {
    let attribute = catalog.network_layer(role)?.attribute(name)?;
    (!attribute.values.is_empty()).then_some(attribute)
}

fn unknown<'a>(
    known: Option<&Attribute>,
    mut named: impl Iterator<Item = &'a String>,
) -> Option<(String, Nearest)> {
    let values = &known?.values;
    let found = named.find(|word| !values.contains_key(*word))?;
    Some((found.clone(), Nearest::find(found, values.keys().map(String::as_str))))
}
