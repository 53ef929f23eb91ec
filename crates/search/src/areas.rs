//! The polygons that say where a result lies, such as wards.

use urbis_model::{Openness, WorldBox, WorldXy};
use urbis_snapshot::{City, Part, SnapshotFeature};

use crate::fold::words;
use crate::layers::{FeatureRef, SearchedLayers, text_of};

/// All areas of a city, in order of their layers and ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct Areas(Vec<Area>);

/// One area.
#[derive(Debug, Clone)]
pub(crate) struct Area {
    pub feature: FeatureRef,
    pub code: String,
    pub title: String,
    pub title_en: String,
    openness: Openness,
    world_box: WorldBox,
    /// The words of each of its names.
    names: Vec<Vec<String>>,
}

impl Areas {
    pub(crate) fn of(layers: &SearchedLayers, city: &City) -> Self {
        let mut areas = Vec::new();
        for (number, layer) in layers.iter() {
            let (Some((code, title_en)), Some(snapshot)) = (layer.area, city.layer(&layer.id))
            else {
                continue;
            };
            let valid = snapshot.features().filter(|it| it.validity().contains(city.at()));
            for feature in valid {
                let (Some(title), Some(world_box)) = (layer.title(feature), feature.world_box())
                else {
                    continue;
                };
                let english = title_en.and_then(|index| text_of(feature, index));
                let named = layer.names.iter().chain(&layer.aliases);
                let names = named.filter_map(|index| text_of(feature, *index)).map(words);
                areas.push(Area {
                    feature: FeatureRef::new(number, feature.id()),
                    code: text_of(feature, code).unwrap_or_default().to_owned(),
                    title: title.to_owned(),
                    title_en: english.unwrap_or(title).to_owned(),
                    openness: feature.openness(),
                    world_box,
                    names: names.collect(),
                });
            }
        }
        areas.sort_by_key(|area| area.feature);
        Self(areas)
    }

    /// The areas that have exactly this name, of those that a class may see.
    pub(crate) fn named(&self, name: &[String], class: Openness) -> Vec<&Area> {
        let seen = self.0.iter().filter(|area| area.openness <= class);
        seen.filter(|area| area.names.iter().any(|known| known == name)).collect()
    }

    /// The first area around a place, of those that a class may see.
    pub(crate) fn around(
        &self,
        layers: &SearchedLayers,
        city: &City,
        place: WorldXy,
        class: Openness,
    ) -> Option<&Area> {
        let seen = self.0.iter().filter(|area| area.openness <= class);
        let mut near = seen.filter(|area| area.may_contain(place));
        near.find(|area| area.contains(layers, city, place))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<Area>()
    }
}

impl Area {
    /// Says whether a place lies in the box around it.
    pub(crate) fn may_contain(&self, place: WorldXy) -> bool {
        self.may_meet(WorldBox::from_cell(place))
    }

    /// Says whether a box meets the box around it.
    pub(crate) fn may_meet(&self, area: WorldBox) -> bool {
        self.world_box.intersects(&area)
    }

    /// Says whether a place lies inside.
    pub(crate) fn contains(&self, layers: &SearchedLayers, city: &City, place: WorldXy) -> bool {
        self.may_contain(place)
            && layers.feature(city, self.feature).is_some_and(|feature| contains(feature, place))
    }
}

/// Says whether a place lies inside the polygons of a feature: whether a line to the east of it
/// crosses their rings an odd number of times.
fn contains(feature: SnapshotFeature<'_>, place: WorldXy) -> bool {
    let mut is_inside = false;
    for part in feature.parts() {
        let Part::Polygon(polygon) = part else { continue };
        for ring in polygon.rings() {
            let vertices = ring.vertices();
            let next = vertices.iter().cycle().skip(1);
            for (from, to) in vertices.iter().zip(next) {
                is_inside ^= crosses_east_of(place, *from, *to);
            }
        }
    }
    is_inside
}

fn crosses_east_of(place: WorldXy, from: WorldXy, to: WorldXy) -> bool {
    if (from.y > place.y) == (to.y > place.y) {
        return false;
    }
    let [px, py, fx, fy, tx, ty] = [place.x, place.y, from.x, from.y, to.x, to.y].map(i128::from);
    // px < fx + (py - fy) * (tx - fx) / (ty - fy), without division.
    let (left, right) = ((px - fx) * (ty - fy), (py - fy) * (tx - fx));
    if ty > fy { left < right } else { left > right }
}

/// A cell inside the polygons of a feature: the wanted one where it is, else the middle of the
/// longest piece of its row that is; the wanted one where there is none.
pub(crate) fn inside(feature: SnapshotFeature<'_>, wanted: WorldXy) -> WorldXy {
    if contains(feature, wanted) {
        return wanted;
    }
    let mut crossings: Vec<u32> = Vec::new();
    for part in feature.parts() {
        let Part::Polygon(polygon) = part else { continue };
        for ring in polygon.rings() {
            let vertices = ring.vertices();
            for (from, to) in vertices.iter().zip(vertices.iter().cycle().skip(1)) {
                crossings.extend(crossing_of_row(wanted.y, *from, *to));
            }
        }
    }
    crossings.sort_unstable();
    let pieces = crossings.chunks_exact(2).map(|piece| (piece[1] - piece[0], piece[0]));
    let longest = pieces.max_by_key(|(length, start)| (*length, std::cmp::Reverse(*start)));
    longest.map_or(wanted, |(length, start)| WorldXy { x: start + length / 2, y: wanted.y })
}

fn crossing_of_row(row: u32, from: WorldXy, to: WorldXy) -> Option<u32> {
    if (from.y > row) == (to.y > row) {
        return None;
    }
    let [fx, fy, tx, ty] = [from.x, from.y, to.x, to.y].map(f64::from);
    Some((fx + (f64::from(row) - fy) * (tx - fx) / (ty - fy)).round() as u32)
}
