//! Long paths: what is left out of them for an area does not show in it.

use geo_types::{Coord, LineString, Polygon};
use urbis_model::{LonLat, WorldBox, WorldXy};
use urbis_snapshot::{Part, Path};

use crate::support::{Random, city_of, feature, layer};

const SEED: u64 = 101;
const VERTICES: usize = 6_000;
const TILES: &str = "minzoom = 0\nmaxzoom = 14\nattributes = []";

/// A ring around a place, with waves of many sizes.
fn wavy_ring(random: &mut Random) -> LineString<f64> {
    let phases: Vec<f64> = (0..8).map(|_| random.between(0.0, std::f64::consts::TAU)).collect();
    let place = |index: usize| {
        let angle = index as f64 / VERTICES as f64 * std::f64::consts::TAU;
        let waves = phases.iter().zip(0..).map(|(phase, octave)| {
            let often = f64::from(5 << octave);
            (angle * often + phase).sin() / f64::from(1 << octave)
        });
        let radius = 0.3 * (1.0 + 0.15 * waves.sum::<f64>());
        Coord { x: 108.0 + radius * angle.cos(), y: 16.0 + radius * angle.sin() }
    };
    LineString((0..VERTICES).map(place).collect())
}

fn random_area(random: &mut Random) -> WorldBox {
    let place = |lon, lat| WorldXy::from_lonlat(LonLat::new(lon, lat).unwrap());
    let (west, south) = (random.between(107.6, 108.4), random.between(15.6, 16.4));
    let size = [0.001, 0.01, 0.1][random.below(3) as usize];
    WorldBox::around([place(west, south), place(west + size, south + size)]).unwrap()
}

fn edges(vertices: &[WorldXy]) -> Vec<(WorldXy, WorldXy)> {
    vertices.windows(2).map(|ends| (ends[0], ends[1])).collect()
}

fn edge_box((start, end): &(WorldXy, WorldXy)) -> WorldBox {
    WorldBox::around([*start, *end]).unwrap()
}

#[test]
fn a_long_line_cut_for_an_area_has_the_same_edges_in_it() {
    let mut random = Random(SEED);
    let layer = layer("river", "MultiLineString", TILES, "");
    let river = feature(1, wavy_ring(&mut random), "river");
    let city = city_of(&layer, vec![river]);
    let feature = city.layer(&layer.id).unwrap().features().next().unwrap();
    let Some(Part::Line(path)) = feature.parts().next() else { panic!("a line") };
    let (mut all, mut looked_at) = (0, 0);
    for _ in 0..500 {
        let (area, zoom) = (random_area(&mut random), random.below(18) as u8);
        let whole: Vec<WorldXy> = path.at_zoom(zoom).collect();
        let cut: Vec<WorldXy> = path.at_zoom_in(zoom, area).collect();
        assert_eq!((cut.first(), cut.last()), (whole.first(), whole.last()));
        let (whole, cut) = (edges(&whole), edges(&cut));
        let mut rest = cut.iter();
        for edge in whole.iter().filter(|edge| edge_box(edge).intersects(&area)) {
            assert!(rest.any(|one| one == edge), "zoom {zoom}: an edge is lost or out of order");
        }
        let known: std::collections::HashSet<_> = whole.iter().collect();
        let added = cut.iter().filter(|edge| !known.contains(edge));
        assert!(added.into_iter().all(|edge| !edge_box(edge).intersects(&area)), "zoom {zoom}");
        all += whole.len();
        looked_at += cut.len();
    }
    assert!(looked_at * 4 < all, "{looked_at} of {all} edges");
}

#[test]
fn a_long_ring_cut_for_an_area_holds_the_same_cells_of_it() {
    let mut random = Random(SEED);
    let layer = layer("lake", "MultiPolygon", TILES, "");
    let lake = feature(1, Polygon::new(wavy_ring(&mut random), vec![]), "lake");
    let city = city_of(&layer, vec![lake]);
    let feature = city.layer(&layer.id).unwrap().features().next().unwrap();
    let Some(Part::Polygon(lake)) = feature.parts().next() else { panic!("a polygon") };
    let ring: Path<'_> = lake.exterior();
    let mut inside = 0;
    for _ in 0..300 {
        let (area, zoom) = (random_area(&mut random), random.below(18) as u8);
        let whole: Vec<WorldXy> = ring.at_zoom(zoom).collect();
        let cut: Vec<WorldXy> = ring.at_zoom_in(zoom, area).collect();
        for _ in 0..20 {
            let within = |low: u32, high: u32, random: &mut Random| {
                f64::from(low) + random.between(0.25, f64::from(high - low) - 0.25)
            };
            let x = within(area.min_x, area.max_x, &mut random);
            let y = within(area.min_y, area.max_y, &mut random);
            let expected = holds(&whole, x, y);
            assert_eq!(holds(&cut, x, y), expected, "zoom {zoom}");
            inside += usize::from(expected);
        }
    }
    assert!((1_000..5_000).contains(&inside), "{inside} of 6,000 places in the lake");
}

/// Even-odd rule; the place is on no vertex.
fn holds(ring: &[WorldXy], x: f64, y: f64) -> bool {
    let following = ring.iter().cycle().skip(1);
    let crosses = |(a, b): (&WorldXy, &WorldXy)| {
        let [ax, ay, bx, by] = [a.x, a.y, b.x, b.y].map(f64::from);
        (ay > y) != (by > y) && x < ax + (y - ay) / (by - ay) * (bx - ax)
    };
    ring.iter().zip(following).filter(|edge| crosses(*edge)).count() % 2 == 1
}
