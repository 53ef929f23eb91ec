//! The search itself: from readings of a text to results, best first.

use std::collections::{BTreeSet, HashSet};

use urbis_model::{LayerId, LonLat, Openness, WorldBox, WorldXy};

use crate::addresses::address_of;
use crate::coordinate;
use crate::hit::{Hit, HitKind, Language, Matched};
use crate::house::HouseNumber;
use crate::index::{SearchIndex, Searched};
use crate::judge::{Match, judge};
use crate::layers::FeatureRef;
use crate::names::{metres_per_cell, middle};
use crate::parcels::ParcelNumber;
use crate::reading::{Asked, Meant, Reading, read};
use crate::show::Shower;

/// Longest text that is searched, bytes; of a longer one nothing is found.
pub const MAX_TEXT_LEN: usize = 200;

/// Most words of a text.
const MAX_WORDS: usize = 16;

/// Texts that are judged closely, of those that match, at least and for each result that is asked
/// for; the others are worse at a glance.
const MIN_JUDGED: usize = 200;
const JUDGED_A_RESULT: usize = 20;

/// Streets in which a house is looked for.
const MAX_STREETS: usize = 50;

/// Houses of an alley that tell where it is.
const MAX_HOUSES: usize = 100;

/// Two houses of one number and street that are so near each other are one.
const ONE_HOUSE_M: f64 = 100.0;

/// Shares of the score: the match, the class, the nearness.
const OF_MATCH: f32 = 0.7;
const OF_CLASS: f32 = 0.15;
const OF_NEARNESS: f32 = 0.15;

/// At this distance half of the nearness is lost.
const HALF_NEAR_M: f64 = 2_000.0;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// As it was typed; the last word may be incomplete.
    pub text: &'a str,
    /// Who asks: nothing above the class is found, counted or hinted at.
    pub class: Openness,
    /// What is near is ranked before what is far, where the names match alike.
    pub near: Option<LonLat>,
    /// Most results.
    pub limit: usize,
    /// Of the subtitles.
    pub language: Language,
    /// Only these layers, and no coordinates, where given.
    pub layers: Option<&'a BTreeSet<LayerId>>,
}

/// What may become a result.
#[derive(Debug, Clone)]
pub(crate) struct Candidate<'a> {
    pub score: f32,
    pub matched: Matched,
    pub kind: HitKind,
    /// In order; of houses of an alley some.
    pub members: Vec<FeatureRef>,
    pub title: Title<'a>,
    /// Where the results must lie: the place in the list of readings.
    pub reading: usize,
}

/// How a candidate is called.
#[derive(Debug, Clone)]
pub(crate) enum Title<'a> {
    Name(&'a str),
    /// By its first member.
    Own,
    Alley(String),
}

impl SearchIndex {
    /// The best results, best first: by score, then by layer and id.
    ///
    /// Cost: the names that have one of the words are looked at, the best some hundred closely.
    pub fn search(&self, ask: &Ask<'_>) -> Vec<Hit> {
        if ask.text.len() > MAX_TEXT_LEN || ask.limit == 0 {
            return Vec::new();
        }
        let mut hits = self.coordinates(ask);
        let readings = read(ask.text, &self.areas, ask.class);
        let near = ask.near.map(Near::new);
        let mut candidates = Vec::new();
        for (number, reading) in readings.iter().enumerate() {
            for searched in self.searched(ask.class) {
                let look = Look { index: self, ask, near, searched, reading, number };
                look.collect(&mut candidates);
            }
        }
        candidates.sort_by(|one, other| {
            other.score.total_cmp(&one.score).then_with(|| one.members.cmp(&other.members))
        });
        self.show(ask, &readings, candidates, &mut hits);
        hits
    }

    fn coordinates(&self, ask: &Ask<'_>) -> Vec<Hit> {
        if ask.layers.is_some() {
            return Vec::new();
        }
        let placed = coordinate::read(ask.text).into_iter().take(ask.limit);
        placed.filter_map(|placed| Shower::new(self, ask).coordinate(placed)).collect()
    }

    /// Adds candidates that lie where they must, each feature and each door once.
    fn show(
        &self,
        ask: &Ask<'_>,
        readings: &[Reading<'_>],
        candidates: Vec<Candidate<'_>>,
        hits: &mut Vec<Hit>,
    ) {
        let shower = Shower::new(self, ask);
        let mut shown: HashSet<FeatureRef> = HashSet::new();
        let mut doors: Vec<(String, WorldXy)> = Vec::new();
        for candidate in candidates {
            if hits.len() >= ask.limit {
                return;
            }
            if candidate.members.iter().any(|member| shown.contains(member)) {
                continue;
            }
            let Some((hit, place)) = shower.hit(&candidate, &readings[candidate.reading].areas)
            else {
                continue;
            };
            if hit.kind == HitKind::Address || hit.kind == HitKind::Alley {
                let door = crate::fold::words(&hit.title).join(" ");
                let is_known = doors
                    .iter()
                    .any(|(known, at)| *known == door && metres(*at, place) < ONE_HOUSE_M);
                if is_known {
                    continue;
                }
                doors.push((door, place));
            }
            shown.extend(&candidate.members);
            hits.push(hit);
        }
    }
}

/// One part, searched for one reading.
struct Look<'a, 'b> {
    index: &'a SearchIndex,
    ask: &'b Ask<'b>,
    near: Option<Near>,
    searched: Searched<'a>,
    reading: &'b Reading<'b>,
    number: usize,
}

impl<'a> Look<'a, '_> {
    fn collect(&self, candidates: &mut Vec<Candidate<'a>>) {
        match &self.reading.meant {
            Meant::Name(asked) if asked.words.len() <= MAX_WORDS => self.names(asked, candidates),
            Meant::House { number, street } if street.words.len() <= MAX_WORDS => {
                self.houses(number, street, candidates);
            }
            Meant::Parcel(number) => self.parcels(number, candidates),
            Meant::Name(_) | Meant::House { .. } => {}
        }
    }

    fn names(&self, asked: &Asked, candidates: &mut Vec<Candidate<'a>>) {
        let names = &self.searched.part.names;
        let found = names.texts.search(&asked.words).into_iter().filter_map(|rough| {
            let group = names.named(rough.text).group;
            let of = names.group(group);
            let is_asked = self.asks_for(of.layer)
                && self.may_lie_in(of.area)
                && self.searched.has_group(group);
            is_asked.then(|| (self.score(rough.quality, of.weight, middle(of.area)), rough.text))
        });
        let judged = MIN_JUDGED.max(self.ask.limit.saturating_mul(JUDGED_A_RESULT));
        for (_, text) in best(found.collect(), judged) {
            let named = names.named(text);
            let group = names.group(named.group);
            let Match { quality, matched } = judge(&names.texts, text, asked);
            // Between two results of one name the one that is called so comes first.
            let quality = if named.is_alias { quality * 0.98 } else { quality };
            candidates.push(Candidate {
                score: self.score(quality, group.weight, middle(group.area)),
                matched,
                kind: HitKind::Name,
                members: names.members(named.group).to_vec(),
                title: Title::Name(names.title(named.group)),
                reading: self.number,
            });
        }
    }

    fn houses(&self, number: &HouseNumber, asked: &Asked, candidates: &mut Vec<Candidate<'a>>) {
        let addresses = &self.searched.part.addresses;
        let streets = addresses.streets.search(&asked.words).into_iter();
        let streets = streets.map(|rough| (rough.quality, rough.text));
        let keys =
            if number.is_alley() { number.keys_beside() } else { number.key()..=number.key() };
        for (_, street) in best(streets.collect(), MAX_STREETS) {
            let Match { quality, matched } = judge(&addresses.streets, street, asked);
            let houses = addresses.houses(street, keys.clone()).iter().copied();
            let mut houses = houses.filter(|house| self.is_at(*house, number)).peekable();
            if number.is_alley() {
                self.alley(
                    houses.take(MAX_HOUSES).collect(),
                    number,
                    (quality, matched),
                    candidates,
                );
                continue;
            }
            for house in houses.by_ref() {
                let candidate = self.single(house, HitKind::Address, (quality, matched));
                candidates.extend(candidate);
            }
        }
    }

    /// Says whether a feature is asked for, is as it was, and has this number.
    fn is_at(&self, house: FeatureRef, number: &HouseNumber) -> bool {
        let layers = self.index.layers();
        let columns = layers.get(house.layer()).address;
        let feature = layers.feature(&self.index.city, house);
        let Some((columns, feature)) = columns.zip(feature) else { return false };
        // Reading the number takes longest.
        self.asks_for(house.layer())
            && self.searched.has_feature(house)
            && feature.world_box().is_some_and(|area| self.may_lie_in(area))
            && address_of(columns, feature)
                .is_some_and(|(found, _)| found == *number || found.is_in(number))
    }

    /// The houses of an alley as one result, parted where they are far from each other.
    fn alley(
        &self,
        mut houses: Vec<FeatureRef>,
        number: &HouseNumber,
        (quality, matched): (f32, Matched),
        candidates: &mut Vec<Candidate<'a>>,
    ) {
        const ONE_ALLEY_M: f64 = 1_000.0;
        let place = |house: &FeatureRef| self.middle(*house);
        while let Some(first) = houses.first().copied() {
            let Some(from) = place(&first) else { return };
            let is_near =
                |house: &FeatureRef| place(house).is_some_and(|at| metres(from, at) < ONE_ALLEY_M);
            let members: Vec<FeatureRef> = houses.iter().copied().filter(is_near).collect();
            houses.retain(|house| !members.contains(house));
            let Some(street) = self.street_of(first) else { continue };
            candidates.push(Candidate {
                score: self.score(quality, u8::MAX / 2, from),
                matched,
                kind: HitKind::Alley,
                members,
                title: Title::Alley(format!("{} {street}", number.as_str().trim_end_matches('/'))),
                reading: self.number,
            });
        }
    }

    fn street_of(&self, house: FeatureRef) -> Option<&'a str> {
        let layers = self.index.layers();
        let columns = layers.get(house.layer()).address?;
        let feature = layers.feature(&self.index.city, house)?;
        address_of(columns, feature).map(|(_, street)| street)
    }

    fn parcels(&self, number: &ParcelNumber, candidates: &mut Vec<Candidate<'a>>) {
        let layers = self.index.layers();
        for parcel in self.searched.part.parcels.find(number) {
            let Some(columns) = layers.get(parcel.layer()).parcel else { continue };
            let Some(feature) = layers.feature(&self.index.city, *parcel) else { continue };
            let [sheet, no, area] = columns;
            let is_same = ParcelNumber::of(feature, sheet, no).as_ref() == Some(number);
            let areas = &self.reading.areas;
            let code = crate::layers::text_of(feature, area);
            let is_in =
                areas.is_empty() || areas.iter().any(|area| Some(area.code.as_str()) == code);
            if is_same
                && is_in
                && self.asks_for(parcel.layer())
                && self.searched.has_feature(*parcel)
            {
                candidates.extend(self.single(*parcel, HitKind::Parcel, (1.0, Matched::Whole)));
            }
        }
    }

    fn single(
        &self,
        feature: FeatureRef,
        kind: HitKind,
        (quality, matched): (f32, Matched),
    ) -> Option<Candidate<'a>> {
        let layers = self.index.layers();
        let found = layers.feature(&self.index.city, feature)?;
        let weight = layers.get(feature.layer()).weight(layers.definition(feature.layer()), found);
        let score = self.score(quality, weight, self.middle(feature)?);
        let members = vec![feature];
        Some(Candidate { score, matched, kind, members, title: Title::Own, reading: self.number })
    }

    fn middle(&self, feature: FeatureRef) -> Option<WorldXy> {
        let found = self.index.layers().feature(&self.index.city, feature)?;
        found.world_box().map(middle)
    }

    fn asks_for(&self, layer: u16) -> bool {
        let layer = &self.index.layers().get(layer).id;
        self.ask.layers.is_none_or(|layers| layers.contains(layer))
    }

    /// Says whether a box meets that of an area in which results must lie.
    fn may_lie_in(&self, area: WorldBox) -> bool {
        let areas = &self.reading.areas;
        areas.is_empty() || areas.iter().any(|within| within.may_meet(area))
    }

    fn score(&self, quality: f32, weight: u8, at: WorldXy) -> f32 {
        let near = self.near.map_or(0.0, |near| near.nearness_of(at));
        OF_MATCH * quality * self.reading.worth
            + OF_CLASS * f32::from(weight) / 255.0
            + OF_NEARNESS * near
    }
}

/// The place that results should be near.
#[derive(Debug, Clone, Copy)]
struct Near {
    place: WorldXy,
    metres_per_cell: f64,
}

impl Near {
    fn new(place: LonLat) -> Self {
        let place = WorldXy::from_lonlat(place);
        Self { place, metres_per_cell: metres_per_cell(place) }
    }

    /// 1 at the place, falling with the distance.
    fn nearness_of(self, at: WorldXy) -> f32 {
        (HALF_NEAR_M / (HALF_NEAR_M + cells_between(self.place, at) * self.metres_per_cell)) as f32
    }
}

/// The highest of some pairs, in falling order; those alike in order of what they are.
fn best(mut pairs: Vec<(f32, u32)>, limit: usize) -> Vec<(f32, u32)> {
    let order =
        |one: &(f32, u32), other: &(f32, u32)| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1));
    if pairs.len() > limit {
        pairs.select_nth_unstable_by(limit, order);
        pairs.truncate(limit);
    }
    pairs.sort_unstable_by(order);
    pairs
}

/// The distance of two cells on a sphere cut flat between them: enough to rank by.
fn metres(one: WorldXy, other: WorldXy) -> f64 {
    cells_between(one, other) * metres_per_cell(one)
}

fn cells_between(one: WorldXy, other: WorldXy) -> f64 {
    let (dx, dy) = (f64::from(one.x) - f64::from(other.x), f64::from(one.y) - f64::from(other.y));
    dx.hypot(dy)
}
