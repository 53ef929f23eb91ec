//! Cities of OSM files.

use std::path::Path;
use std::sync::Arc;

use urbis_catalog::{Catalog, NetworkRole};
use urbis_model::{ChangeBatch, LayerChange, Moment, Revision};
use urbis_snapshot::City;
use urbis_tests::{ROOT, city_of_osm};

/// A moment before all reports.
pub const NOW: Moment = Moment(0);

/// A network and what it is called.
#[derive(Debug, Clone, Copy)]
pub struct Network {
    pub name: &'static str,
    path: &'static str,
}

/// Networks of three kinds: a city's centre, a country of valleys, a large city.
pub const NETWORKS: [Network; 3] = [
    Network { name: "Da Nang", path: "data/danang/haichau.osm.pbf" },
    Network { name: "Liechtenstein", path: "tests/fixtures/osm/liechtenstein.osm.pbf" },
    Network { name: "Douala", path: "tests/fixtures/osm/douala.osm.pbf" },
];

impl Network {
    /// The city of its file.
    pub fn city(self) -> City {
        let root: &Path = &ROOT;
        let catalog = Catalog::load(&root.join("layers")).unwrap();
        let catalog = catalog.load_profiles(&root.join("profiles/vehicle")).unwrap();
        city_of_osm(&root.join(self.path), Arc::new(catalog))
    }

    /// The city of its file, without restrictions of turns.
    pub fn city_of_free_turns(self) -> City {
        let city = self.city();
        let layer = city.catalog().network_layer(NetworkRole::TurnRestrictions).unwrap();
        let mut batch = ChangeBatch::default();
        batch.layers.insert(layer.id.clone(), LayerChange::Reset(Vec::new()));
        city.apply(Revision(2), batch).0
    }
}

/// Numbers that repeat; xorshift64*.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize) % limit
    }
}
