//! Cities of OSM files.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use urbis_catalog::{Catalog, NetworkRole};
use urbis_model::{ChangeBatch, LayerChange, Moment, Revision};
use urbis_snapshot::City;
use urbis_tests::{ROOT, city_of_osm, urbis};

/// A moment before all reports.
pub const NOW: Moment = Moment(0);

/// A network and what it is called.
#[derive(Debug, Clone)]
pub struct Network {
    pub name: &'static str,
    /// From the root of the project, or absolute.
    path: Cow<'static, Path>,
}

/// Networks of three kinds: a city's centre, a country of valleys, a large city.
pub fn networks() -> [Network; 3] {
    [
        ("Da Nang", "data/danang/haichau.osm.pbf"),
        ("Liechtenstein", "tests/fixtures/osm/liechtenstein.osm.pbf"),
        ("Douala", "tests/fixtures/osm/douala.osm.pbf"),
    ]
    .map(|(name, path)| Network { name, path: Path::new(path).into() })
}

impl Network {
    /// A tenth of the made-up city, its roads written into a folder.
    pub fn made_up(folder: &Path) -> Self {
        let mut synth = urbis();
        synth.args(["--log", "warn", "synth", "--seed", "1", "--scale", "0.1", "--format", "pbf"]);
        assert!(synth.arg("--to").arg(folder).status().unwrap().success());
        Self { name: "made-up city", path: folder.join("roads.osm.pbf").into() }
    }

    /// The city of its file.
    pub fn city(&self) -> City {
        let root: &Path = &ROOT;
        let catalog = Catalog::load(&root.join("layers")).unwrap();
        let catalog = catalog.load_profiles(&root.join("profiles/vehicle")).unwrap();
        city_of_osm(&root.join(&self.path), Arc::new(catalog))
    }

    /// The city of its file, without restrictions of turns.
    pub fn city_of_free_turns(&self) -> City {
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
