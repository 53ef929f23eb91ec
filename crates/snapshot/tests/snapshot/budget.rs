//! The budget of a tile: what is cut depends on the content, not on the way to it.

use std::sync::Arc;

use geo_types::{LineString, Point};
use urbis_catalog::{Catalog, Layer};
use urbis_model::{
    ChangeBatch, Feature, LayerChange, LonLat, Openness, Revision, TileAddress, WorldBox, WorldXy,
};
use urbis_snapshot::{City, LayerSnapshot, Visibility};

use crate::support::{NOW, Random, city_of, feature, id, layer};

const SEED: u64 = 121;

const BY_NAME: &str = r#"openness_by = { attribute = "name", levels = { hidden = "internal" } }"#;

/// Room for some thousand features.
fn narrow(geometry: &str) -> Layer {
    let tiles = "minzoom = 8\nmaxzoom = 14\nattributes = [\"name\"]\nbudget_kb = 40";
    layer("narrow", geometry, tiles, BY_NAME)
}

/// Most of them within one tile of zoom 12.
fn random_line(number: u64, random: &mut Random) -> Feature {
    let wide = if random.below(4) == 0 { 0.5 } else { 0.05 };
    let (x, y) = (random.between(108.0, 108.0 + wide), random.between(16.0, 16.0 + wide));
    let length = 0.0001 * 1.5_f64.powi(random.below(14) as i32);
    feature(number, LineString::from(vec![(x, y), (x + length, y)]), "a")
}

fn cuts(city: &City, layer: &Layer) -> Vec<u8> {
    let snapshot = city.layer(&layer.id).unwrap();
    (0..=TileAddress::MAX_ZOOM).map(|zoom| snapshot.cut(zoom)).collect()
}

fn apply(
    city: &City,
    layer: &Layer,
    upserted: Vec<Feature>,
    removed: Vec<u64>,
) -> (City, urbis_snapshot::Changes) {
    let removed = removed.into_iter().map(id).collect();
    let change = LayerChange::Rows { upserted, removed };
    city.apply(Revision(2), ChangeBatch { layers: [(layer.id.clone(), change)].into() })
}

#[test]
fn cuts_follow_the_content_and_tell_which_zooms_they_move() {
    let mut random = Random(SEED);
    let ways = narrow("MultiLineString");
    let catalog = Arc::new(Catalog::from_layers(vec![ways.clone()]).unwrap());
    let mut city = City::build(catalog, Revision(0), vec![], NOW);
    let mut lines = std::collections::BTreeMap::new();
    let mut moves = 0;
    for step in 0..60_u64 {
        let grows = step < 30;
        let (mut upserted, mut removed) = (vec![], vec![]);
        for _ in 0..400 {
            let number = 1 + random.below(9_000);
            if grows || random.below(8) == 0 {
                let line = random_line(number, &mut random);
                lines.insert(number, line.clone());
                upserted.push(line);
            } else {
                lines.remove(&number);
                upserted.retain(|line: &Feature| line.id != id(number));
                removed.push(number);
            }
        }
        let (after, changes) = apply(&city, &ways, upserted, removed);
        let rebuilt = city_of(&ways, lines.values().rev().cloned().collect());
        let (old, new) = (cuts(&city, &ways), cuts(&after, &ways));
        assert_eq!(new, cuts(&rebuilt, &ways), "step {step}");
        assert!(new[8..].windows(2).all(|pair| pair[0] >= pair[1]), "{new:?}");
        assert_eq!(new[TileAddress::MAX_ZOOM as usize], 0);
        let zooms = changes.layers[&ways.id].zooms.clone();
        for zoom in (0..=TileAddress::MAX_ZOOM).filter(|z| old[*z as usize] != new[*z as usize]) {
            assert!(zooms.clone().unwrap().contains(&zoom), "step {step}, zoom {zoom}");
            moves += 1;
        }
        city = after;
    }
    assert!(moves > 20, "{moves} moves");
}

fn tile_around(zoom: u32) -> WorldBox {
    let cell = WorldXy::from_lonlat(LonLat::new(108.02, 16.02).unwrap());
    let tile = TileAddress::new(zoom, cell.x >> (32 - zoom), cell.y >> (32 - zoom)).unwrap();
    tile.world_box(0)
}

fn drawn(snapshot: &LayerSnapshot, zoom: u8) -> usize {
    let all = Visibility::now(Openness::Restricted);
    snapshot.in_box(tile_around(u32::from(zoom)), zoom, all).len()
}

#[test]
fn the_largest_lines_stay_and_the_tally_says_how_many_went() {
    let mut random = Random(SEED);
    let ways = narrow("MultiLineString");
    let city = city_of(&ways, (1..=9_000).map(|n| random_line(n, &mut random)).collect());
    let snapshot = city.layer(&ways.id).unwrap();
    let all = Visibility::now(Openness::Restricted);
    let area = tile_around(8);
    let tally = snapshot.tally(area, 8, all);
    assert!(tally.by_budget > 3_000 && tally.shown > 500, "{tally:?}");
    let shown = snapshot.in_box(area, 8, all);
    assert_eq!(shown.len(), tally.shown);
    let side = |line: &urbis_snapshot::SnapshotFeature<'_>| line.world_box().unwrap().longer_side();
    let smallest = shown.iter().map(side).min().unwrap();
    let longer = snapshot.features().filter(|line| side(line) > smallest).count();
    // Within one step lengths differ by √2 and all of it stays.
    assert!(longer <= shown.len() && shown.len() < longer * 2, "{longer} of {}", shown.len());
    // 12 bytes and more a line: what is shown is what fits.
    assert!(shown.len() * 12 < 40_000);
}

#[test]
fn points_are_thinned_everywhere_alike() {
    let mut random = Random(SEED);
    let trees = narrow("Point");
    let tree = |number: u64| {
        let x = if number.is_multiple_of(3) { 108.0 } else { 108.02 };
        let place = Point::new(x + random.between(0.0, 0.02), 16.0 + random.between(0.0, 0.04));
        feature(number, place, "a")
    };
    let city = city_of(&trees, (1..=20_000).map(tree).collect());
    let snapshot = city.layer(&trees.id).unwrap();
    let (few, all) = (drawn(snapshot, 8), drawn(snapshot, 22).max(20_000));
    assert!(few * 4 < all && few > 500, "{few} of {all}");
    let kept = snapshot.in_box(tile_around(8), 8, Visibility::now(Openness::Open));
    let sparse = kept.iter().filter(|tree| tree.id().value().is_multiple_of(3)).count();
    // A third, four standard deviations of a draw about it.
    let third = kept.len() as f64 / 3.0;
    assert!((sparse as f64 - third).abs() < 4.0 * third.sqrt(), "{sparse} of {}", kept.len());
}

#[test]
fn hidden_features_move_no_cut() {
    let mut random = Random(SEED);
    let ways = narrow("MultiLineString");
    let lines: Vec<Feature> = (1..=5_000).map(|n| random_line(n, &mut random)).collect();
    let hidden = (6_000..=12_000).map(|number| {
        let mut line = random_line(number, &mut random);
        line.attributes[0] = urbis_model::AttributeValue::text("hidden");
        line
    });
    let city = city_of(&ways, lines.clone());
    let with = city_of(&ways, lines.into_iter().chain(hidden).collect());
    assert_eq!(cuts(&city, &ways), cuts(&with, &ways));
    assert!(cuts(&city, &ways)[8] > 0);
}

#[test]
fn an_edit_that_only_moves_a_feature_over_the_cut_is_told() {
    let tiles = "minzoom = 8\nmaxzoom = 14\nattributes = []\nmin_size_px = 2.0\nbudget_kb = 10\n\
                 zoom_by = { attribute = \"name\", zooms = { road = 8 }, otherwise = 12 }";
    let ways = layer("way", "MultiLineString", tiles, "");
    // Two pixels of zoom 13 and more, so that the class does not change the first zoom.
    let line = |number: u64, name: &str| {
        feature(number, LineString::from(vec![(108.02, 16.02), (108.020_25, 16.02)]), name)
    };
    let roads = (2..=1_000).map(|number| line(number, "road"));
    let before = city_of(&ways, roads.chain([line(1, "path")]).collect());
    let (after, changes) = apply(&before, &ways, vec![line(1, "road")], vec![]);
    assert_eq!(cuts(&before, &ways), cuts(&after, &ways));
    let count = |city: &City| drawn(city.layer(&ways.id).unwrap(), 13);
    assert_eq!((count(&before), count(&after)), (999, 1_000));
    assert!(changes.layers[&ways.id].areas.iter().all(|area| area.first_zoom == 13));
}
