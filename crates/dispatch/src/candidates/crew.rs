//! Which units may go, and what bars the others, whatever the roads are like.

use std::sync::Arc;

use geo::{Distance, Geodesic, Point};
use urbis_catalog::ProfileIndex;
use urbis_model::{LonLat, UnitStatus};
use urbis_network::OnArc;

use super::{Ask, View, destination};
use crate::{Fix, Unit};

/// The units that the asker may see and whose place is known, in the order of their ids.
#[derive(Debug)]
pub(crate) struct Crew<'a> {
    /// A unit's place here is its number in every search, so that ties go by id.
    pub members: Vec<Member<'a>>,
    /// Units that the asker may see, with or without a place.
    pub visible: usize,
}

/// One unit.
#[derive(Debug)]
pub(crate) struct Member<'a> {
    pub unit: &'a Unit,
    pub fix: &'a Fix,
    /// `None`: the catalogue has no such profile.
    pub profile: Option<ProfileIndex>,
    /// All that bars it from going; the first one is told.
    pub bars: Vec<Bar>,
    /// From its place to the incident, WGS 84 geodesic.
    pub line_m: f64,
    /// Where on the roads it may be, each with what the search adds to its time.
    pub starts: Vec<(OnArc, u32)>,
}

/// What bars a unit. Earlier ones are told rather than later ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bar {
    /// Of another service.
    Service,
    /// Of another kind.
    Profile,
    /// Of a kind that the catalogue does not know.
    UnknownProfile,
    /// Without equipment that is needed: what it lacks.
    Capability(Vec<String>),
    /// Not available.
    Status,
    /// Not seen for too long.
    PositionAge,
    /// Near no road that it can drive.
    OffRoad,
}

impl Bar {
    /// The word of it in answers.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Service => "other_service",
            Self::Profile => "other_profile",
            Self::UnknownProfile => "unknown_profile",
            Self::Capability(_) => "lacks_capability",
            Self::Status => "unavailable",
            Self::PositionAge => "position_too_old",
            Self::OffRoad => "off_road",
        }
    }
}

impl<'a> Crew<'a> {
    /// Reads the fleet for one question.
    pub fn muster(view: &View<'a>, ask: &Ask) -> Self {
        let visible = |unit: &&Arc<Unit>| unit.openness() <= ask.class;
        let seen = view.fleet.units().iter().filter(visible);
        let members = seen.clone().filter_map(|unit| Member::of(unit, view, ask)).collect();
        Self { members, visible: seen.count() }
    }

    /// The numbers of those that nothing bars.
    pub fn eligible(&self) -> impl Iterator<Item = usize> {
        let members = self.members.iter().enumerate();
        members.filter(|(_, member)| member.bars.is_empty()).map(|(number, _)| number)
    }
}

impl<'a> Member<'a> {
    fn of(unit: &'a Unit, view: &View<'a>, ask: &Ask) -> Option<Self> {
        let fix = unit.fix.as_ref()?;
        let profile =
            view.city.catalog().profile(&unit.description.profile).map(|(index, _)| index);
        let starts = profile.map(|profile| starts(view, fix, profile)).unwrap_or_default();
        let mut member = Self {
            unit,
            fix,
            profile,
            bars: Vec::new(),
            line_m: line_m(fix.place, ask.place),
            starts,
        };
        member.bars = member.bars_for(view, ask);
        Some(member)
    }

    fn bars_for(&self, view: &View<'_>, ask: &Ask) -> Vec<Bar> {
        let said = &self.unit.description;
        let mut bars = Vec::new();
        let mut bar = |is_barred: bool, bar: Bar| bars.extend(is_barred.then_some(bar));
        bar(ask.service.is_some_and(|service| service != said.agency), Bar::Service);
        bar(ask.profile.is_some_and(|profile| Some(profile) != self.profile), Bar::Profile);
        bar(self.profile.is_none(), Bar::UnknownProfile);
        let lacks = |wanted: &&String| !said.capabilities.contains(wanted);
        let missing: Vec<String> = ask.capabilities.iter().filter(lacks).cloned().collect();
        bar(!missing.is_empty(), Bar::Capability(missing));
        bar(self.unit.status != UnitStatus::Available, Bar::Status);
        bar(self.age_s(view) > ask.limits.position_age_s, Bar::PositionAge);
        bar(self.profile.is_some() && self.starts.is_empty(), Bar::OffRoad);
        bars
    }

    /// How old its position is.
    pub fn age_s(&self, view: &View<'_>) -> f64 {
        self.fix.age_ms(view.now) as f64 / 1_000.0
    }
}

/// The places of a fix on roads that the vehicle can drive; where the fleet found it only on others,
/// such as the pavement beside the road, it is looked for once more.
fn starts(view: &View<'_>, fix: &Fix, profile: ProfileIndex) -> Vec<(OnArc, u32)> {
    let graph = view.live.graph();
    let known = fix.positions.iter().filter_map(|snapped| {
        let at = graph.locate(snapped.position)?;
        view.live.roads().is_drivable(profile, at).then_some((at, snapped.penalty_ms))
    });
    let known: Vec<(OnArc, u32)> = known.collect();
    if !known.is_empty() {
        return known;
    }
    destination::starts_near(view, fix, profile)
}

/// WGS 84 geodesic between two places.
pub(crate) fn line_m(from: LonLat, to: LonLat) -> f64 {
    Geodesic.distance(Point::new(from.lon(), from.lat()), Point::new(to.lon(), to.lat()))
}
