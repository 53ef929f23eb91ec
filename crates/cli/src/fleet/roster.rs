//! Who is in the made-up fleet, and at which real base each stands.

use geo::Point;
use serde_json::{Value, json};

use super::random::Random;

/// A real base from which units set out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Base {
    pub agency: &'static str,
    pub place: Point<f64>,
}

/// One kind of unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    agency: &'static str,
    /// A file of `profiles/vehicle`.
    profile: &'static str,
    /// In Vietnamese, before the number.
    title: &'static str,
    capabilities: &'static [&'static str],
    /// Of a hundred units.
    share: u32,
}

/// What a city's fleet is made of. The shares are ours: no list of Da Nang's vehicles is public.
const KINDS: [Kind; 7] = [
    Kind {
        agency: "115",
        profile: "ambulance",
        title: "Cứu thương",
        capabilities: &["als", "oxygen"],
        share: 35,
    },
    Kind {
        agency: "115",
        profile: "motorbike_ambulance",
        title: "Xe máy cứu thương",
        capabilities: &["oxygen"],
        share: 13,
    },
    Kind {
        agency: "114",
        profile: "pumper",
        title: "Xe chữa cháy",
        capabilities: &["water"],
        share: 20,
    },
    Kind {
        agency: "114",
        profile: "ladder",
        title: "Xe thang",
        capabilities: &["ladder"],
        share: 7,
    },
    Kind {
        agency: "114",
        profile: "rescue_truck",
        title: "Cứu nạn cứu hộ",
        capabilities: &["cutter"],
        share: 10,
    },
    Kind {
        agency: "114",
        profile: "boat",
        title: "Xuồng cứu hộ",
        capabilities: &["boat"],
        share: 3,
    },
    // There is no profile of a police car: a van is the nearest.
    Kind { agency: "113", profile: "ambulance", title: "Tuần tra", capabilities: &[], share: 12 },
];

/// What a unit is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    /// No real unit's: `sim-115-03`.
    pub id: String,
    pub agency: &'static str,
    pub profile: &'static str,
    pub home: Point<f64>,
    title: String,
    capabilities: &'static [&'static str],
}

impl Member {
    /// What the server is told of the unit.
    pub fn description(&self) -> Value {
        json!({
            "title": self.title,
            "agency": self.agency,
            "profile": self.profile,
            "capabilities": self.capabilities,
            "openness": "open",
            "simulated": true,
        })
    }
}

/// Draws up a fleet. Units of a service stand at its bases in turn; a service that has no base on
/// the roads that are known stands by at those of the others.
pub(super) fn draw_up(bases: &[Base], units: u32, seed: u64) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::new();
    for (kind, count) in KINDS.iter().zip(counts(units)) {
        let mut homes: Vec<&Base> =
            bases.iter().filter(|base| base.agency == kind.agency).collect();
        if homes.is_empty() {
            homes = bases.iter().collect();
        }
        let mut random = Random::new(seed, kind.title);
        homes.sort_by_cached_key(|_| random.next());
        for place in homes.iter().cycle().take(count as usize) {
            let number = 1 + members.iter().filter(|member| member.agency == kind.agency).count();
            members.push(Member {
                id: format!("sim-{}-{number:02}", kind.agency),
                agency: kind.agency,
                profile: kind.profile,
                home: place.place,
                title: format!("{} {}-{number:02}", kind.title, kind.agency),
                capabilities: kind.capabilities,
            });
        }
    }
    members
}

/// How many of each kind: whole numbers whose sum is the number of units.
fn counts(units: u32) -> [u32; KINDS.len()] {
    let mut shares = 0;
    KINDS.map(|kind| {
        let before = shares * units / 100;
        shares += kind.share;
        shares * units / 100 - before
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn bases() -> Vec<Base> {
        let base = |agency, lon| Base { agency, place: Point::new(lon, 16.0) };
        vec![base("115", 108.1), base("115", 108.2), base("114", 108.3)]
    }

    #[test]
    fn every_share_of_a_hundred_units_is_there_once() {
        assert_eq!(counts(100), KINDS.map(|kind| kind.share));
        for units in [1, 7, 40, 999] {
            assert_eq!(counts(units).iter().sum::<u32>(), units);
        }
    }

    #[test]
    fn units_stand_at_bases_of_their_own_service_and_have_names_of_their_own() {
        let fleet = draw_up(&bases(), 40, 7);
        assert!(fleet.iter().all(|member| {
            // There is no police station here.
            let is_home = |base: &Base| base.agency == member.agency || member.agency == "113";
            bases().iter().any(|base| is_home(base) && base.place == member.home)
        }));
        assert_eq!(fleet.len(), 40);
        assert_eq!(draw_up(&[], 40, 7), []);
        let ids: BTreeSet<&str> = fleet.iter().map(|member| member.id.as_str()).collect();
        assert_eq!(ids.len(), fleet.len());
        assert_eq!(fleet, draw_up(&bases(), 40, 7));
    }
}
