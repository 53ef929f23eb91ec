//! What one vehicle profile makes of a graph's words: its speed on every link.

use std::sync::Arc;

use urbis_catalog::{Deck, ProfileIndex, VehicleProfile};

use super::IMPASSABLE;
use crate::{Barrier, Effect, Graph, Link, Travel, Word};

/// A level crossing stops nobody, it costs [`VehicleProfile::rail_crossing_s`].
const LEVEL_CROSSING: &str = "level_crossing";

/// A vehicle profile, ready for one graph.
#[derive(Debug, Clone)]
pub(crate) struct Driver {
    index: ProfileIndex,
    profile: Arc<VehicleProfile>,
    /// By class: its speed on a dry road without a limit, km/h.
    speeds: Box<[Option<f64>]>,
    /// By kind: what a barrier costs; [`IMPASSABLE`] where it is not named.
    barriers_ms: Box<[u32]>,
}

impl Driver {
    pub fn new(index: ProfileIndex, profile: &Arc<VehicleProfile>, graph: &Graph) -> Self {
        let words = || (0..=u8::MAX).map(Word).map(|word| graph.word(word));
        let factor = profile.lights.map_or(1.0, |lights| lights.factor);
        let speed = |class: Option<&str>| profile.speed_kmh(class).map(|kmh| kmh * factor);
        let barrier = |kind: Option<&str>| match kind {
            Some(LEVEL_CROSSING) => ms(profile.rail_crossing_s),
            kind => {
                kind.and_then(|kind| profile.barriers_s.get(kind)).map_or(IMPASSABLE, |s| ms(*s))
            }
        };
        Self {
            index,
            profile: Arc::clone(profile),
            speeds: words().map(speed).collect(),
            barriers_ms: words().map(barrier).collect(),
        }
    }

    /// The profile.
    pub const fn index(&self) -> ProfileIndex {
        self.index
    }

    /// What a forbidden turn costs; [`IMPASSABLE`] where it is not made.
    pub fn turn_ms(&self) -> u32 {
        self.profile.waive.turns.map_or(IMPASSABLE, |turns| ms(turns.penalty_s))
    }

    /// Speed on a dry link, km/h; `None` where the vehicle cannot drive.
    ///
    /// Against a one-way it is the speed that the waiver's factor leaves.
    pub fn speed(&self, link: &Link, travel: Travel) -> Option<f64> {
        let traits = &link.traits;
        let speed = self.speeds[usize::from(traits.class.0)]?;
        if traits.is_closed_to(self.index) || !self.fits(link) {
            return None;
        }
        let is_limited = self.profile.lights.is_none_or(|lights| lights.maxspeed_applies);
        let limit = (is_limited && traits.maxspeed_kmh > 0).then(|| f64::from(traits.maxspeed_kmh));
        let speed = limit.map_or(speed, |limit| speed.min(limit));
        if !traits.oneway.forbids(travel) {
            return Some(speed);
        }
        self.profile.waive.oneway.map(|waiver| speed / waiver.factor)
    }

    /// What a barrier costs; [`IMPASSABLE`] where the vehicle does not get through.
    pub fn barrier_ms(&self, link: &Link, barrier: &Barrier) -> u32 {
        let room = f64::from(barrier.passable_width_cm) / 100.0;
        let is_known = barrier.passable_width_cm > 0;
        let is_wide = room >= self.profile.passage_m();
        if link.traits.is_closed_to(self.index) || (is_known && !is_wide) {
            return IMPASSABLE;
        }
        match self.barriers_ms[usize::from(barrier.kind.0)] {
            IMPASSABLE if is_known => 0,
            ms => ms,
        }
    }

    /// What an effect leaves of a speed; `None` where it stops the vehicle.
    pub fn speed_under(&self, speed: f64, effect: &Effect) -> Option<f64> {
        match effect {
            Effect::Closed => None,
            Effect::Depth(centimetres) => {
                let left = self.profile.speed_in_water(f64::from(*centimetres) / 100.0)?;
                (left > 0.0).then_some(speed * left)
            }
            Effect::SpeedFactor(factor) => Some(speed * factor),
            Effect::SpeedKmh(kmh) => Some(speed.min(*kmh)),
        }
    }

    /// Says whether the vehicle is small and light enough; what is not known is no limit.
    fn fits(&self, link: &Link) -> bool {
        let traits = &link.traits;
        let holds = |limit: u16, unit: f64, needed: f64| {
            limit == 0 || f64::from(limit) * unit + 1e-9 >= needed
        };
        holds(traits.width_cm, 0.01, self.profile.passage_m())
            && holds(traits.max_height_cm, 0.01, self.profile.height_m)
            && self.is_light_enough(link)
    }

    /// A sign against trucks need not stop a fire engine: the profile says which limits do.
    fn is_light_enough(&self, link: &Link) -> bool {
        let traits = &link.traits;
        let on = if traits.is_bridge { Deck::Bridge } else { Deck::Ground };
        let limit_t = f64::from(traits.max_weight_10kg) * 0.01 + 1e-9;
        traits.max_weight_10kg == 0 || self.profile.is_light_enough(limit_t, on)
    }
}

/// Whole milliseconds.
fn ms(seconds: f64) -> u32 {
    // `as` saturates; profiles are checked to be far below.
    (seconds * 1_000.0).round() as u32
}
