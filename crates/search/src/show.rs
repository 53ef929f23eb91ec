//! How a candidate looks as a result: its title, what stands under it, where to go.

use urbis_catalog::{AttributeType, Layer};
use urbis_model::{BBox, Srid, WorldBox, WorldXy};
use urbis_snapshot::{Part, SnapshotFeature};

use crate::areas::Area;
use crate::coordinate::Placed;
use crate::hit::{Hit, HitKind, Language, Matched};
use crate::index::SearchIndex;
use crate::layers::{FeatureRef, SearchedLayer, text_of};
use crate::names::middle;
use crate::search::{Ask, Candidate, Title};

/// Makes results of one search.
pub(crate) struct Shower<'a> {
    index: &'a SearchIndex,
    ask: &'a Ask<'a>,
}

impl<'a> Shower<'a> {
    pub(crate) const fn new(index: &'a SearchIndex, ask: &'a Ask<'a>) -> Self {
        Self { index, ask }
    }

    /// A place that was typed.
    pub(crate) fn coordinate(&self, placed: Placed) -> Option<Hit> {
        let Placed { place, srid } = placed;
        let [lon, lat] = [place.lon(), place.lat()];
        let plane = if srid == Srid::WGS84 { String::new() } else { format!("VN-2000, {srid}") };
        let at = WorldXy::from_lonlat(place);
        Some(Hit {
            title: format!("{lat:.6}, {lon:.6}"),
            subtitle: joined([plane, self.area_title(at)]),
            kind: HitKind::Coordinate,
            feature: None,
            place,
            bbox: BBox::new(lon, lat, lon, lat).ok()?,
            srid: Some(srid),
            score: 1.0,
            matched: Matched::Whole,
        })
    }

    /// A result, and its cell; `None` where it lies in none of the areas, if any are named.
    pub(crate) fn hit(&self, candidate: &Candidate<'_>, areas: &[&Area]) -> Option<(Hit, WorldXy)> {
        let layers = self.index.layers();
        let city = &*self.index.city;
        let members: Vec<(FeatureRef, SnapshotFeature<'_>)> = candidate
            .members
            .iter()
            .filter_map(|member| Some((*member, layers.feature(city, *member)?)))
            .collect();
        let boxes = members.iter().filter_map(|(_, feature)| feature.world_box());
        let around = boxes.reduce(WorldBox::union)?;
        // A parcel was found by the area's code.
        let tried = if candidate.kind == HitKind::Parcel { &[] } else { areas };
        let is_in = |at| tried.iter().any(|area| area.contains(layers, city, at));
        let (chosen, place) = nearest_vertex(&members, middle(around), tried, is_in)?;
        let feature = layers.feature(city, chosen)?;
        let layer = layers.get(chosen.layer());
        let definition = layers.definition(chosen.layer());
        let kind = self.kind(candidate.kind, layer, definition, feature);
        let hit = Hit {
            title: self.title(candidate, layer, feature),
            subtitle: joined([kind, self.area_title_beside(chosen, place)]),
            kind: candidate.kind,
            feature: Some((layer.id.clone(), chosen.id())),
            place: place.to_lonlat(),
            bbox: to_bbox(around)?,
            srid: None,
            score: f64::from((candidate.score * 10_000.0).round()) / 10_000.0,
            matched: candidate.matched,
        };
        Some((hit, place))
    }

    fn title(
        &self,
        candidate: &Candidate<'_>,
        layer: &SearchedLayer,
        feature: SnapshotFeature<'_>,
    ) -> String {
        let own = || match candidate.kind {
            HitKind::Parcel => layer.parcel.and_then(|[sheet, number, _]| {
                let (sheet, number) = (text_of(feature, sheet)?, text_of(feature, number)?);
                Some(match self.ask.language {
                    Language::Vi => format!("Tờ {sheet} thửa {number}"),
                    Language::En => format!("Sheet {sheet} parcel {number}"),
                })
            }),
            _ => layer.address.and_then(|columns| match columns {
                crate::layers::AddressColumns::Apart { number, street } => {
                    Some(format!("{} {}", text_of(feature, number)?, text_of(feature, street)?))
                }
                crate::layers::AddressColumns::Text(text) => {
                    let text = text_of(feature, text)?;
                    Some(text.split([',', ';']).next().unwrap_or(text).trim().to_owned())
                }
            }),
        };
        match &candidate.title {
            Title::Name(name) => (*name).to_owned(),
            Title::Alley(name) => match self.ask.language {
                Language::Vi => format!("Kiệt {name}"),
                Language::En => format!("Alley {name}"),
            },
            Title::Own => own().unwrap_or_default(),
        }
    }

    /// What a result is.
    fn kind(
        &self,
        kind: HitKind,
        layer: &SearchedLayer,
        definition: &Layer,
        feature: SnapshotFeature<'_>,
    ) -> String {
        let words = |vi: &str, en: &str| match self.ask.language {
            Language::Vi => vi.to_owned(),
            Language::En => en.to_owned(),
        };
        match kind {
            HitKind::Alley => return words("kiệt, hẻm", "alley"),
            // The name of the place at the door, where it has one.
            HitKind::Address => {
                let name = layer.title(feature).map(str::to_owned);
                return name.unwrap_or_else(|| words("địa chỉ", "address"));
            }
            _ => {}
        }
        let coded = layer.kind.and_then(|index| {
            let attribute = &definition.attributes[index];
            let code = text_of(feature, index)?;
            let label =
                (attribute.kind == AttributeType::Code).then(|| attribute.values.get(code))??;
            Some(words(&label.vi, &label.en))
        });
        coded.unwrap_or_else(|| words(&definition.title.vi, &definition.title.en))
    }

    /// The area around a result; none for what is an area itself.
    fn area_title_beside(&self, chosen: FeatureRef, place: WorldXy) -> String {
        if self.index.layers().get(chosen.layer()).area.is_some() {
            return String::new();
        }
        self.area_title(place)
    }

    fn area_title(&self, place: WorldXy) -> String {
        let found =
            self.index.areas.around(self.index.layers(), &self.index.city, place, self.ask.class);
        let title = found.map(|area| match self.ask.language {
            Language::Vi => area.title.clone(),
            Language::En => area.title_en.clone(),
        });
        title.unwrap_or_default()
    }
}

fn joined(parts: [String; 2]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Places of a result that are looked for in areas: a street has thousands of vertices.
const MAX_TRIED: usize = 200;

/// Of the vertices that lie where they must the nearest to a cell, and whose it is; a polygon has
/// one: its middle, or a cell inside beside it.
fn nearest_vertex(
    members: &[(FeatureRef, SnapshotFeature<'_>)],
    middle_of_all: WorldXy,
    areas: &[&Area],
    is_in: impl Fn(WorldXy) -> bool,
) -> Option<(FeatureRef, WorldXy)> {
    let near = |(member, at): (FeatureRef, WorldXy)| (square(at, middle_of_all), member, at);
    let all = members
        .iter()
        .flat_map(|(member, feature)| places(*feature).into_iter().map(|place| (*member, place)));
    if areas.is_empty() {
        return all.map(near).min().map(|(_, member, at)| (member, at));
    }
    let may_be = |(_, at): &(FeatureRef, WorldXy)| areas.iter().any(|area| area.may_contain(*at));
    let all: Vec<_> = all.filter(may_be).collect();
    let step = all.len().div_ceil(MAX_TRIED).max(1);
    let mut tried: Vec<_> = all.into_iter().step_by(step).map(near).collect();
    tried.sort_unstable();
    tried.into_iter().find(|(_, _, at)| is_in(*at)).map(|(_, member, at)| (member, at))
}

/// Where a feature can be gone to.
fn places(feature: SnapshotFeature<'_>) -> Vec<WorldXy> {
    let mut places = Vec::new();
    for part in feature.parts() {
        match part {
            Part::Point(at) => places.push(at),
            Part::Line(path) => places.extend_from_slice(path.vertices()),
            Part::Polygon(_) => {
                let middle = feature.world_box().map(middle);
                return middle.map(|at| crate::areas::inside(feature, at)).into_iter().collect();
            }
        }
    }
    places
}

fn square(one: WorldXy, other: WorldXy) -> u64 {
    let (dx, dy) = (u64::from(one.x.abs_diff(other.x)), u64::from(one.y.abs_diff(other.y)));
    (dx * dx).saturating_add(dy * dy)
}

fn to_bbox(around: WorldBox) -> Option<BBox> {
    let west_north = WorldXy { x: around.min_x, y: around.min_y }.to_lonlat();
    let east_south = WorldXy { x: around.max_x, y: around.max_y }.to_lonlat();
    BBox::new(west_north.lon(), east_south.lat(), east_south.lon(), west_north.lat()).ok()
}
