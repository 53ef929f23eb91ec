//! How long a dense tile takes, to be looked at while the engine is worked on; no bar is kept here.
//!
//! `cargo test --release -p urbis-tiles --test tiles -- --ignored --nocapture speed`

use std::hint::black_box;
use std::time::Instant;

use urbis_catalog::Layer;
use urbis_model::{Openness, TileAddress};
use urbis_snapshot::{City, Visibility};
use urbis_tiles::{Renderer, Stages, area_version, explain};

use crate::decode::tile_at;
use crate::dense::{MIDDLE, dense_city};

const ROUNDS: u32 = 400;

#[test]
#[ignore = "a measurement"]
fn speed_of_a_dense_tile() {
    let (layers, city) = dense_city();
    let layers: Vec<&Layer> = layers.iter().collect();
    let mut renderer = Renderer::default();
    for zoom in 13..=16 {
        let tile = tile_at(zoom, MIDDLE.0, MIDDLE.1);
        let open = Visibility::now(Openness::Open);
        let render = time(|| renderer.render(&city, &layers, tile, open).bytes.len());
        let version = time(|| area_version(&city, &layers, tile, open));
        let bytes = renderer.render(&city, &layers, tile, open).bytes.len();
        println!("zoom {zoom}: {render:.1} us, version alone {version:.1} us, {bytes} bytes");
        stages(&city, &layers, tile, open);
    }
}

/// Microseconds of the fastest run: whatever else the machine does only ever adds.
fn time<T>(mut run: impl FnMut() -> T) -> f64 {
    let runs = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed().as_secs_f64() * 1e6
    });
    runs.fold(f64::INFINITY, f64::min)
}

#[expect(clippy::print_stdout, reason = "its output is all it is for")]
fn stages(city: &City, layers: &[&Layer], tile: TileAddress, open: Visibility) {
    explain(city, layers, tile, open);
    for one in explain(city, layers, tile, open).layers {
        let us = |duration: std::time::Duration| duration.as_secs_f64() * 1e6;
        let Stages { search, ready: _, whole, cut, join } = one.stages;
        let [search, whole, cut, join] = [search, whole, cut, join].map(us);
        let (id, kept, vertices) = (&one.layer, one.kept, one.drawn_vertices);
        println!(
            "  {id}: {kept} features, {vertices} vertices: search {search:.1}, whole {whole:.1}, \
             cut {cut:.1}, join {join:.1}"
        );
    }
}
