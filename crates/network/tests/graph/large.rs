//! How long the graph of a large city takes: `cargo test --release -p urbis-network --test graph
//! large -- --ignored --nocapture`.

use std::time::Instant;

use urbis_catalog::NetworkRole;
use urbis_model::{ChangeBatch, LayerChange, Revision};
use urbis_network::{ChangedArcs, Graph, StateId};
use urbis_snapshot::{City, CityBuilder};

use crate::city::{NOW, catalog, layer_of, road};

/// Junctions along a side; twice its square is the number of segments.
const SIDE: i64 = 708;

fn number(column: i64, row: i64, across: i64) -> i64 {
    1 + (row * SIDE + column) * 2 + across
}

/// A block of three vertices to the east or to the north.
fn block(column: i64, row: i64, across: i64) -> urbis_model::Feature {
    let at = |column: i64, row: i64| (column as f64 * 60.0, row as f64 * 60.0);
    let (from, to) = (at(column, row), at(column + 1 - across, row + across));
    let middle = (f64::midpoint(from.0, to.0) + 3.0, f64::midpoint(from.1, to.1) + 3.0);
    road(number(column, row, across), &[from, middle, to])
}

fn city() -> City {
    let roads = layer_of(NetworkRole::Roads);
    let mut builder = CityBuilder::new(catalog(), NOW);
    for row in 0..SIDE {
        for column in 0..SIDE {
            builder.push(&roads, block(column, row, 0));
            builder.push(&roads, block(column, row, 1));
        }
    }
    builder.finish(Revision(1))
}

#[test]
#[ignore = "a measurement"]
fn a_million_segments_are_built_in_seconds_and_followed_in_milliseconds() {
    let city = city();
    let start = Instant::now();
    let graph = Graph::build(&city);
    let built = start.elapsed();
    println!("segments {}", 2 * SIDE * SIDE);
    println!("built in {built:?}, {} MB of tables", graph.memory() >> 20);
    println!("{} states, {} arcs", graph.state_count(), graph.arc_count());
    let start = Instant::now();
    let mut ways = 0;
    let mut sum = 0_u64;
    for state in 0..graph.state_count() as u32 {
        for way in graph.incoming(StateId(state)) {
            sum += u64::from(way.from.0) + u64::from(way.arc().0);
            ways += 1;
        }
    }
    let swept = start.elapsed();
    println!("{ways} ways in, read in {swept:?} ({sum})");
    let mut times = Vec::new();
    let (mut city, mut graph) = (city, graph);
    for step in 0..50 {
        let (column, row) = (100 + step * 7 % 500, 100 + step * 13 % 500);
        let mut moved = block(column, row, 1);
        if step % 2 == 0 {
            moved = road(
                number(column, row, 1),
                &[(column as f64 * 60.0, row as f64 * 60.0), (9.0, 9.0)],
            );
        }
        let rows = LayerChange::Rows { upserted: vec![moved], removed: vec![] };
        let layers = [(layer_of(NetworkRole::Roads), rows)].into();
        let next = city.apply(Revision(step as u64 + 2), ChangeBatch { layers }).0;
        let start = Instant::now();
        let (after, changed) = graph.follow(&city, &next);
        times.push(start.elapsed());
        assert!(matches!(changed, ChangedArcs::Some(_)));
        (city, graph) = (next, after);
    }
    times.sort();
    println!("one changed segment followed in {:?} (median), {:?} (most)", times[25], times[49]);
}

#[test]
#[ignore = "a measurement"]
fn a_long_road_is_followed_in_a_time_that_grows_as_its_vertices() {
    for vertices in [5_000, 10_000, 20_000] {
        let line = |shift: f64| -> Vec<(f64, f64)> {
            (0..vertices).map(|at| (f64::from(at) * 3.0, f64::from(at % 7) + shift)).collect()
        };
        let city = crate::city::city_of(
            vec![road(1, &line(0.0)), road(2, &line(0.5))],
            Vec::new(),
            Vec::new(),
        );
        let graph = Graph::build(&city);
        let rows = LayerChange::Rows { upserted: vec![road(1, &line(0.25))], removed: vec![] };
        let layers = [(layer_of(NetworkRole::Roads), rows)].into();
        let next = city.apply(Revision(2), ChangeBatch { layers }).0;
        let start = Instant::now();
        let (_, changed) = graph.follow(&city, &next);
        println!("{vertices} vertices followed in {:?}", start.elapsed());
        assert!(matches!(changed, ChangedArcs::Some(_)));
    }
}
