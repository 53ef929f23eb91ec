//! What a kind of vehicle can do on the roads: `profiles/vehicle/`, one TOML file a profile.
//!
//! Read like layers, from files that the operator may change. Which roads there are is the layers'
//! business; what time a drive takes is that of the search, which reads the numbers here.

mod check;
mod fault;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::catalog::toml_files;
use crate::parse::read_toml;
use crate::{Catalog, CatalogError, Title};

pub use fault::ProfileFault;

/// Position of a profile in [`Catalog::profiles`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileIndex(pub u8);

impl ProfileIndex {
    /// The position as an index of slices.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A kind of vehicle: its size, how fast it drives where, how deep it wades, what it may ignore.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VehicleProfile {
    /// The file's name without `.toml`.
    #[serde(skip_deserializing, default)]
    pub id: String,
    /// What it is called.
    pub title: Title,
    /// Width with mirrors, metres.
    pub width_m: f64,
    /// Room that it needs beside its width, both sides together, metres.
    #[serde(default)]
    pub clearance_m: f64,
    /// Height, metres.
    pub height_m: f64,
    /// Weight with crew and load, tonnes.
    pub weight_t: f64,
    /// Deepest water that it drives through, metres; deeper water closes a road to it.
    pub wading_depth_m: f64,
    /// Speed by the road's `class`, km/h, without lights. Other classes cannot be driven.
    pub speeds_kmh: BTreeMap<String, f64>,
    /// Speed where the class of a road is not known, km/h; such a road cannot be driven where
    /// absent.
    pub otherwise_kmh: Option<f64>,
    /// What changes with lights and siren, with which it always comes; nothing where absent.
    pub lights: Option<Lights>,
    /// Part of its speed that is left in water, by part of its wading depth: deeper each time, the
    /// last at 1; linear between, whole at no water. Empty: water does not slow it.
    #[serde(default)]
    pub depth_speed: Vec<DepthSpeed>,
    /// Which weight limits stop it.
    #[serde(default)]
    pub weight_limits: WeightLimits,
    /// Which roads are closed to it by right.
    #[serde(default)]
    pub access: Access,
    /// Rules that do not stop it; a barrier always does.
    #[serde(default)]
    pub waive: Waivers,
    /// Seconds that it loses at a level crossing on average.
    #[serde(default)]
    pub rail_crossing_s: f64,
    /// Seconds that it loses at a barrier, by the barrier's `kind`; a kind that is not named stops
    /// it, unless the barrier says that it is wide enough.
    #[serde(default)]
    pub barriers_s: BTreeMap<String, f64>,
    /// How it goes on over water; it does not where absent.
    pub boat: Option<Boat>,
}

/// Which weight limits stop a vehicle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WeightLimits {
    /// Every one.
    #[default]
    All,
    /// Those of bridges: elsewhere a limit is a sign that keeps goods traffic out of a street.
    Bridges,
}

/// What a road lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deck {
    /// The ground, or a tunnel's floor.
    Ground,
    /// A bridge.
    Bridge,
}

/// Which roads are closed to a vehicle by right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Access {
    /// Attributes of the roads that say it: the first that has a value.
    pub read: Vec<String>,
    /// Values that close a road to it; no value closes none.
    pub closed: Vec<String>,
}

impl Default for Access {
    fn default() -> Self {
        Self { read: vec!["access".to_owned()], closed: vec!["no".to_owned()] }
    }
}

/// Driving with lights and siren.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lights {
    /// Every speed is multiplied by it.
    pub factor: f64,
    /// Whether the road's speed limit still holds.
    pub maxspeed_applies: bool,
}

/// A point of the line from depth to speed; both parts from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepthSpeed {
    /// Part of the wading depth.
    pub depth: f64,
    /// Part of the speed that is left.
    pub speed: f64,
}

/// Rules of traffic that a vehicle on duty may break, at a price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waivers {
    /// Driving against a one-way street; it does not where absent.
    pub oneway: Option<OnewayWaiver>,
    /// Forbidden turns; it does not make them where absent.
    pub turns: Option<TurnWaiver>,
}

/// Driving against a one-way street.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnewayWaiver {
    /// Times as long as with the traffic, 1 or more.
    pub factor: f64,
}

/// A forbidden turn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurnWaiver {
    /// Seconds that it costs.
    pub penalty_s: f64,
}

/// Going on over water.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boat {
    /// Speed over water, km/h.
    pub speed_kmh: f64,
}

impl VehicleProfile {
    /// Speed on a dry road of a class, km/h, without lights; `None` where it cannot drive there.
    pub fn speed_kmh(&self, class: Option<&str>) -> Option<f64> {
        class.map_or(self.otherwise_kmh, |class| self.speeds_kmh.get(class).copied())
    }

    /// Least width of what it fits through, metres.
    pub fn passage_m(&self) -> f64 {
        self.width_m + self.clearance_m
    }

    /// Says whether a limit in tonnes lets it through.
    pub fn is_light_enough(&self, max_weight_t: f64, on: Deck) -> bool {
        let holds = self.weight_limits == WeightLimits::All || on == Deck::Bridge;
        !holds || self.weight_t <= max_weight_t
    }

    /// Says whether a road may be driven of which [`Access::read`] finds `access`.
    pub fn may_enter(&self, access: Option<&str>) -> bool {
        access.is_none_or(|access| self.access.closed.iter().all(|closed| closed != access))
    }

    /// Part of its speed that is left in water of a depth in metres; `None` where it is too deep.
    pub fn speed_in_water(&self, depth_m: f64) -> Option<f64> {
        if depth_m <= 0.0 {
            return Some(1.0);
        }
        if depth_m > self.wading_depth_m {
            return None;
        }
        let depth = depth_m / self.wading_depth_m;
        let mut before = DepthSpeed { depth: 0.0, speed: 1.0 };
        for after in &self.depth_speed {
            if depth <= after.depth {
                let part = (depth - before.depth) / (after.depth - before.depth);
                return Some((after.speed - before.speed).mul_add(part, before.speed));
            }
            before = *after;
        }
        Some(before.speed)
    }
}

impl Catalog {
    /// Reads every `*.toml` file of a folder as a profile; a file's name is the profile's id.
    ///
    /// # Errors
    ///
    /// [`CatalogError`], at the first fault, files in order of their names.
    pub fn load_profiles(self, dir: &Path) -> Result<Self, CatalogError> {
        let profiles = toml_files(dir)?.iter().map(|path| load(path)).collect::<Result<_, _>>()?;
        self.with_profiles(profiles)
    }

    /// The catalogue with other profiles, checked like files.
    ///
    /// # Errors
    ///
    /// [`CatalogError::Profile`], at the first fault.
    pub fn with_profiles(self, mut profiles: Vec<VehicleProfile>) -> Result<Self, CatalogError> {
        profiles.sort_by(|one, other| one.id.cmp(&other.id));
        check::check_profiles(&self, &profiles)?;
        Ok(self.replace_profiles(profiles.into_iter().map(Arc::new).collect()))
    }

    /// The profile of that name, and where it stands in [`Self::profiles`].
    pub fn profile(&self, id: &str) -> Option<(ProfileIndex, &Arc<VehicleProfile>)> {
        let position = self.profiles().iter().position(|profile| profile.id == id)?;
        Some((ProfileIndex(u8::try_from(position).ok()?), &self.profiles()[position]))
    }
}

fn load(path: &Path) -> Result<VehicleProfile, CatalogError> {
    let mut profile: VehicleProfile = read_toml(path)?;
    profile.id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(profile)
}
