//! Features by what they are called; features of one name near each other are one group.

use std::collections::BTreeMap;

use urbis_model::{WorldBox, WorldXy};
use urbis_snapshot::SnapshotFeature;

use crate::fold::{lower, words};
use crate::layers::{FeatureRef, SearchedLayer, text_of};
use crate::texts::{Texts, TextsBuilder};

/// Groups of features by their names.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub texts: Texts,
    /// Of each text.
    named: Vec<Named>,
    groups: Vec<Group>,
    members: Vec<FeatureRef>,
}

/// What a text is the name of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named {
    pub group: u32,
    /// It is not the title.
    pub is_alias: bool,
}

/// One result: a feature, or the features of one name that are near each other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group {
    pub layer: u16,
    /// Of its most important member, of 255.
    pub weight: u8,
    /// Around all members.
    pub area: WorldBox,
    /// The text that is its title.
    pub title: u32,
    members_end: u32,
}

impl Names {
    pub(crate) fn named(&self, text: u32) -> Named {
        self.named[text as usize]
    }

    pub(crate) fn group(&self, group: u32) -> &Group {
        &self.groups[group as usize]
    }

    /// The title of a group.
    pub(crate) fn title(&self, group: u32) -> &str {
        self.texts.raw(self.group(group).title)
    }

    /// The features of a group, in order.
    pub(crate) fn members(&self, group: u32) -> &[FeatureRef] {
        let start = group.checked_sub(1).map_or(0, |before| self.group(before).members_end);
        &self.members[start as usize..self.group(group).members_end as usize]
    }

    /// The groups of a layer that have a title, marks, case and a word for a street aside.
    pub(crate) fn titled(&self, layer: u16, title: &str) -> impl Iterator<Item = u32> {
        let bare = words(title);
        let bare = if is_street_word(&bare) { bare[1..].to_vec() } else { bare };
        let full = [&[STREET_WORD.to_owned()], &*bare].concat();
        let texts = [bare, full].into_iter().flat_map(|words| self.texts.find(&words));
        let groups = texts.map(|text| self.named(text)).filter(|named| !named.is_alias);
        groups.map(|named| named.group).filter(move |group| self.group(*group).layer == layer)
    }

    pub(crate) const fn len(&self) -> usize {
        self.groups.len()
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.texts.bytes()
            + self.named.capacity() * size_of::<Named>()
            + self.groups.capacity() * size_of::<Group>()
            + self.members.capacity() * size_of::<FeatureRef>()
    }
}

/// A feature that has a name, before it is in a group.
#[derive(Debug, Clone)]
struct Entry {
    feature: FeatureRef,
    weight: u8,
    area: WorldBox,
    aliases: Vec<String>,
}

/// Collects features that have names.
#[derive(Debug, Default)]
pub(crate) struct NamesBuilder {
    /// By layer and name, small letters; the name as it came.
    merged: BTreeMap<(u16, String), (String, u32, Vec<Entry>)>,
    single: Vec<(String, Entry)>,
}

impl NamesBuilder {
    /// Adds what a feature is called; nothing where it has no name or no geometry.
    pub(crate) fn add(
        &mut self,
        layer: &SearchedLayer,
        feature: SnapshotFeature<'_>,
        as_ref: FeatureRef,
        weight: u8,
    ) {
        let Some(area) = feature.world_box() else { return };
        let aliases: Vec<String> = layer
            .aliases
            .iter()
            .filter_map(|index| text_of(feature, *index))
            .map(str::to_owned)
            .collect();
        let entry = |aliases| Entry { feature: as_ref, weight, area, aliases };
        let mut names = layer.names.iter().filter_map(|index| text_of(feature, *index));
        let Some(merge_m) = layer.merge_m else {
            if let Some(title) = names.next() {
                let aliases = aliases.into_iter().filter(|alias| alias != title).collect();
                self.single.push((title.to_owned(), entry(aliases)));
            }
            return;
        };
        // Other words belong to what it is called first.
        let mut aliases = Some(aliases);
        for name in names {
            let key = (as_ref.layer(), street_key(name));
            let (title, _, entries) =
                self.merged.entry(key).or_insert_with(|| (name.to_owned(), merge_m, Vec::new()));
            // Whichever segment comes first, and whoever wrote `Đường` before the name.
            if (name.len(), name) < (title.len(), title.as_str()) {
                name.clone_into(title);
            }
            entries.push(entry(aliases.take().unwrap_or_default()));
        }
    }

    pub(crate) fn finish(self) -> Names {
        let mut names = Names::default();
        let mut texts = TextsBuilder::default();
        for ((..), (title, merge_m, entries)) in self.merged {
            for cluster in clusters(entries, merge_m) {
                names.push(&mut texts, &title, cluster);
            }
        }
        for (title, entry) in self.single {
            names.push(&mut texts, &title, vec![entry]);
        }
        names.texts = texts.finish();
        names.named.shrink_to_fit();
        names.groups.shrink_to_fit();
        names.members.shrink_to_fit();
        names
    }
}

impl Names {
    fn push(&mut self, texts: &mut TextsBuilder, title: &str, mut members: Vec<Entry>) {
        let area = members.iter().map(|entry| entry.area).reduce(WorldBox::union);
        let (Some(area), Some(title)) = (area, texts.add(title)) else { return };
        members.sort_by_key(|entry| entry.feature);
        let group = self.groups.len() as u32;
        self.named.push(Named { group, is_alias: false });
        let mut aliases: Vec<&String> = members.iter().flat_map(|entry| &entry.aliases).collect();
        aliases.sort();
        aliases.dedup();
        for alias in aliases {
            if texts.add(alias).is_some() {
                self.named.push(Named { group, is_alias: true });
            }
        }
        self.members.extend(members.iter().map(|entry| entry.feature));
        self.groups.push(Group {
            layer: members[0].feature.layer(),
            weight: members.iter().map(|entry| entry.weight).max().unwrap_or(0),
            area,
            title,
            members_end: self.members.len() as u32,
        });
    }
}

/// What a street's name may have before it, folded; one segment has it, the next has not.
const STREET_WORD: &str = "duong";

fn is_street_word(words: &[String]) -> bool {
    words.len() > 1 && words[0] == STREET_WORD
}

/// What names of one street have in common: small letters, without the word for a street.
fn street_key(name: &str) -> String {
    let small = lower(name);
    match small.split_once(' ') {
        Some(("đường", rest)) => rest.trim().to_owned(),
        _ => small,
    }
}

/// The middle of a box.
pub(crate) const fn middle(area: WorldBox) -> WorldXy {
    WorldXy {
        x: area.min_x + (area.max_x - area.min_x) / 2,
        y: area.min_y + (area.max_y - area.min_y) / 2,
    }
}

/// Parts entries so that two whose boxes are at most so far apart are together, and so on.
fn clusters(mut entries: Vec<Entry>, merge_m: u32) -> Vec<Vec<Entry>> {
    entries.sort_by_key(|entry| (entry.area.min_x, entry.feature));
    let mut parents: Vec<usize> = (0..entries.len()).collect();
    // Those whose boxes still reach the one that is looked at, from west to east.
    let mut open: Vec<usize> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let grown = entry.area.grown(cells(merge_m, entry.area));
        open.retain(|other| entries[*other].area.max_x >= grown.min_x);
        for other in &open {
            if entries[*other].area.intersects(&grown) {
                let (one, other) = (root(&mut parents, at), root(&mut parents, *other));
                parents[one.max(other)] = one.min(other);
            }
        }
        open.push(at);
    }
    let mut clusters: BTreeMap<usize, Vec<Entry>> = BTreeMap::new();
    for (at, entry) in entries.into_iter().enumerate() {
        clusters.entry(root(&mut parents, at)).or_default().push(entry);
    }
    clusters.into_values().collect()
}

fn root(parents: &mut [usize], mut at: usize) -> usize {
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

/// A length in cells of the world grid where a box is.
fn cells(metres: u32, area: WorldBox) -> u32 {
    (f64::from(metres) / metres_per_cell(middle(area))).round() as u32
}

/// Side of a cell of the world grid, metres; the earth as a sphere is exact enough for nearness.
pub(crate) fn metres_per_cell(at: WorldXy) -> f64 {
    const EQUATOR_M: f64 = 40_075_016.7;
    const SIDE: f64 = 4_294_967_296.0;
    EQUATOR_M / SIDE * at.to_lonlat().lat().to_radians().cos()
}
