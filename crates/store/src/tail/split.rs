//! Splits what was missed: what a poll carries, what is a burst, what waits behind a burst.
//!
//! Transactions hang together where they changed a common layer, directly or over others. What
//! hangs together goes one way:
//!
//! ```text
//! xid 10 -- parcel -- xid 12 -- ward       a burst: xid 10 changed 100,000 parcels
//! xid 11 -- tree                           read by the poll
//! ```

use std::collections::{BTreeMap, BTreeSet};

use urbis_catalog::{Catalog, Layer};
use urbis_model::LayerId;

use super::survey::Survey;
use super::waiting::Waiting;

/// Transactions that hang together, and the catalogue's layers that they changed.
#[derive(Debug, Default)]
pub(super) struct Group<'a> {
    pub(super) layers: BTreeMap<LayerId, &'a Layer>,
    pub(super) xids: BTreeSet<u64>,
    rows: u64,
    is_whole: bool,
}

/// What becomes of what was missed.
#[derive(Debug, Default)]
pub(super) struct Split<'a> {
    /// Read by the poll itself.
    pub(super) small: Group<'a>,
    /// Read apart; nothing where a burst is being read already.
    pub(super) large: Group<'a>,
    /// All that waits after this poll: the large ones as well.
    pub(super) waiting: Waiting,
}

impl<'a> Split<'a> {
    /// Splits a survey; a group of more than `rows_of_a_poll` changes is large, and so is one that
    /// changed a layer as a whole.
    pub(super) fn of(
        survey: &Survey,
        catalog: &'a Catalog,
        waiting: &Waiting,
        rows_of_a_poll: u64,
    ) -> Self {
        let mut split = Self { waiting: waiting.clone(), ..Self::default() };
        for group in group(survey, catalog, waiting) {
            let is_behind = group.layers.keys().any(|layer| waiting.layers.contains(layer));
            let is_large = group.is_whole || group.rows > rows_of_a_poll;
            if !(is_behind || is_large) {
                split.small.join(group);
                continue;
            }
            split.waiting.layers.extend(group.layers.keys().cloned());
            split.waiting.xids.extend(&group.xids);
            if waiting.is_empty() {
                split.large.join(group);
            }
        }
        split
    }

    /// The tables that it asks to read.
    pub(super) fn layers(&self) -> BTreeMap<LayerId, &'a Layer> {
        let both = self.small.layers.iter().chain(&self.large.layers);
        both.map(|(id, layer)| (id.clone(), *layer)).collect()
    }

    /// Says whether there is nothing to read.
    pub(super) fn is_quiet(&self) -> bool {
        self.small.layers.is_empty() && self.large.layers.is_empty()
    }
}

impl Group<'_> {
    fn join(&mut self, other: Self) {
        self.layers.extend(other.layers);
        self.xids.extend(other.xids);
        self.rows += other.rows;
        self.is_whole |= other.is_whole;
    }
}

/// What hangs together. The layers that wait hang together from the start.
fn group<'a>(survey: &Survey, catalog: &'a Catalog, waiting: &Waiting) -> Vec<Group<'a>> {
    // Group of each layer and transaction; a group that joined another is left empty.
    let mut of_layer: BTreeMap<LayerId, usize> = BTreeMap::new();
    let mut of_xid: BTreeMap<u64, usize> = BTreeMap::new();
    let mut groups: Vec<Group<'a>> = vec![Group::default()];
    of_layer.extend(waiting.layers.iter().map(|layer| (layer.clone(), 0)));
    for pair in &survey.pairs {
        let known = LayerId::new(&pair.layer).ok().and_then(|id| catalog.layer(&id));
        // Keys, and layers that only another program knows.
        let Some(layer) = known else { continue };
        let (by_layer, by_xid) = (of_layer.get(&layer.id).copied(), of_xid.get(&pair.xid).copied());
        let target = by_layer.or(by_xid).unwrap_or(groups.len());
        if target == groups.len() {
            groups.push(Group::default());
        }
        if let Some(other) = by_xid.filter(|other| *other != target) {
            let joined = std::mem::take(&mut groups[other]);
            groups[target].join(joined);
            of_layer.values_mut().chain(of_xid.values_mut()).for_each(|group| {
                if *group == other {
                    *group = target;
                }
            });
        }
        of_layer.insert(layer.id.clone(), target);
        of_xid.insert(pair.xid, target);
        let group = &mut groups[target];
        group.layers.insert(layer.id.clone(), layer);
        group.xids.insert(pair.xid);
        group.rows += pair.rows;
        group.is_whole |= pair.is_whole;
    }
    groups.retain(|group| !group.xids.is_empty());
    groups
}

#[cfg(test)]
mod tests {
    use super::super::survey::Pair;
    use super::*;

    fn catalog() -> Catalog {
        let title = serde_json::json!({ "vi": "Lớp", "en": "Layer" });
        let layer = |id: &str| {
            let mut layer: Layer = serde_json::from_value(serde_json::json!({
                "theme": "land", "title": title, "description": title, "geometry": "Point",
                "storage_srid": 4326, "key": "code",
                "tiles": { "minzoom": 10, "maxzoom": 16, "attributes": [] },
                "attributes": [{ "name": "code", "title": title, "type": "text" }],
                "examples": [
                    { "title": "a record", "input": {}, "output": {} },
                    { "title": "no record", "input": {}, "reject": "geometry_missing" },
                ],
            }))
            .unwrap();
            layer.id = LayerId::new(id).unwrap();
            layer
        };
        Catalog::from_layers(["a", "b", "c", "d"].map(layer).into()).unwrap()
    }

    /// Pairs as `<xid><layer>` with a count.
    fn survey(pairs: &[(u64, &str, u64)]) -> Survey {
        let pair = |(xid, layer, rows): &(u64, &str, u64)| Pair {
            xid: *xid,
            layer: (*layer).into(),
            rows: *rows,
            is_whole: false,
        };
        let pairs = pairs.iter().map(pair).collect();
        Survey { snapshot: "1:9:".into(), is_registered: true, keys: false, pairs }
    }

    /// Layers of what is small, large and waits.
    fn split(pairs: &[(u64, &str, u64)], waiting: &[&str]) -> [String; 3] {
        let catalog = catalog();
        let layers = waiting.iter().map(|id| LayerId::new(id).unwrap()).collect();
        let waiting = Waiting { layers, xids: BTreeSet::new() };
        let split = Split::of(&survey(pairs), &catalog, &waiting, 10);
        let names = |layers: Vec<&LayerId>| {
            layers.iter().map(|id| id.as_str()).collect::<Vec<_>>().join("")
        };
        [
            names(split.small.layers.keys().collect()),
            names(split.large.layers.keys().collect()),
            names(split.waiting.layers.iter().collect()),
        ]
    }

    #[test]
    fn what_hangs_together_goes_one_way() {
        assert_eq!(split(&[(1, "a", 11), (2, "b", 10)], &[]), ["b", "a", "a"]);
        assert_eq!(split(&[(1, "a", 6), (2, "a", 5), (2, "b", 0)], &[]), ["", "ab", "ab"]);
        // By a chain of layers and transactions, in any order.
        let chain = [(1, "a", 11), (3, "c", 1), (2, "b", 1), (2, "a", 1), (3, "b", 1), (4, "d", 1)];
        assert_eq!(split(&chain, &[]), ["d", "abc", "abc"]);
        // Names that only another program knows hang nothing together.
        assert_eq!(split(&[(1, "a", 11), (1, "@x", 1), (2, "@x", 1), (2, "b", 1)], &[])[0], "b");
    }

    #[test]
    fn what_touches_what_waits_waits_and_nothing_large_is_begun_meanwhile() {
        assert_eq!(split(&[(1, "a", 1), (2, "b", 1)], &["a"]), ["b", "", "a"]);
        assert_eq!(split(&[(1, "a", 1), (1, "b", 1), (2, "b", 1)], &["a"]), ["", "", "ab"]);
        assert_eq!(split(&[(2, "b", 1), (1, "b", 1), (1, "a", 1)], &["a"]), ["", "", "ab"]);
        assert_eq!(split(&[(1, "b", 11), (2, "c", 1)], &["a"]), ["c", "", "ab"]);
        // Two layers that wait may hang together by nothing else.
        assert_eq!(split(&[(1, "a", 1), (2, "b", 1), (3, "c", 1)], &["a", "b"]), ["c", "", "ab"]);
    }
}
