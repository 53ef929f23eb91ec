//! Layer `land_use_plan`: what each block is for, one plot a block.

use serde_json::json;

use crate::block::Block;
use crate::building::Usages;
use crate::geojson::{Record, Shape};
use crate::plane::{Cell, Plane};
use crate::random::Random;
use crate::ring::open_ring;

/// A block with what a plan would say of it.
#[derive(Debug, Clone)]
pub(crate) struct Plot {
    /// The block.
    pub(crate) block: Block,
    /// Number from 1, nearest to the centre first.
    pub(crate) number: usize,
    /// Planned land use, codes joined by `+`.
    pub(crate) code: &'static str,
}

impl Plot {
    /// Says whether the block is for houses side by side.
    pub(crate) fn is_for_houses(&self) -> bool {
        matches!(self.code, "ODT" | "ODT+TMD")
    }
}

/// A block of more is no place for houses side by side: the streets in it are not in the source, m².
const HOUSES_M2: f64 = 90_000.0;

/// A block of this size may become defence or security land, m².
const GUARDED_M2: std::ops::RangeInclusive<f64> = 2_500.0..=15_000.0;

/// How many blocks of each become it.
const GUARDED_COUNT: usize = 3;

/// Decides what each block is for: what its real buildings are, else at random.
pub(crate) fn plots(blocks: Vec<Block>, usages: &Usages, seed: u64) -> Vec<Plot> {
    let mut plots: Vec<Plot> = blocks
        .into_iter()
        .enumerate()
        .map(|(index, block)| {
            let mut random = Random::of(seed, &format!("plot {index}"));
            let code = code(&block, usages, &mut random);
            Plot { block, number: index + 1, code }
        })
        .collect();
    guard_some(&mut plots, seed);
    plots
}

fn code(block: &Block, usages: &Usages, random: &mut Random) -> &'static str {
    if let Some(code) = usages.main_code(&block.ground, 0.1) {
        return code;
    }
    let draw = random.unit();
    match block.area_m2 {
        area if area > HOUSES_M2 => {
            if draw < 0.5 {
                "TMD"
            } else {
                "DKV"
            }
        }
        area if area < 400.0 => {
            if draw < 0.6 {
                "DKV"
            } else {
                "ODT"
            }
        }
        _ if draw < 0.72 => "ODT",
        _ if draw < 0.90 => "ODT+TMD",
        _ if draw < 0.94 => "TMD",
        _ if draw < 0.965 => "DKV",
        _ if draw < 0.985 => "DGD",
        _ => "TSC",
    }
}

/// Defence and security land, which only some may see, must be there for the map to leave it out.
fn guard_some(plots: &mut [Plot], seed: u64) {
    let is_fit =
        |plot: &&mut Plot| plot.is_for_houses() && GUARDED_M2.contains(&plot.block.area_m2);
    let mut fit: Vec<&mut Plot> = plots.iter_mut().filter(is_fit).collect();
    Random::of(seed, "guarded land").shuffle(&mut fit);
    for (index, plot) in fit.into_iter().take(2 * GUARDED_COUNT).enumerate() {
        plot.code = if index % 2 == 0 { "CQP" } else { "CAN" };
    }
}

/// One feature a plot.
pub(crate) fn records(plots: &[Plot], plane: Plane, seed: u64) -> Vec<Record> {
    plots.iter().map(|plot| record(plot, plane, seed)).collect()
}

fn record(plot: &Plot, plane: Plane, seed: u64) -> Record {
    let mut random = Random::of(seed, &format!("plan {}", plot.number));
    let (floors, coverage) = match plot.code {
        "ODT" => (random.whole(4, 7), 80.0),
        "ODT+TMD" => (random.whole(6, 12), 80.0),
        "TMD" => (random.whole(9, 35), 60.0),
        "DKV" => (1, 5.0),
        _ => (random.whole(2, 6), 40.0),
    };
    let properties = json!({
        "plot_no": format!("GL-{:04}", plot.number),
        "code": plot.code,
        "plan_no": format!("GL-PK{}", 1 + plot.number / 120),
        "scale": if plot.number.is_multiple_of(5) { "detail" } else { "zoning" },
        "decree": "quyết định giả lập",
        "max_floors": floors,
        "coverage_percent": coverage,
        "far": (floors as f64 * coverage / 10.0).round() / 10.0,
        "area_m2": (plot.block.area_m2 * 10.0).round() / 10.0,
        "valid_from": "2025-07-01T00:00:00+07:00",
    });
    Record { shape: shape(plot, plane), properties }
}

fn shape(plot: &Plot, plane: Plane) -> Shape {
    let ground = &plot.block.ground;
    let cells = |ring: Vec<_>| ring.into_iter().map(|at| plane.to_cell(at)).collect::<Vec<Cell>>();
    let outer = cells(open_ring(ground.exterior()));
    let holes = ground.interiors().iter().map(|hole| {
        let mut ring = cells(open_ring(hole));
        ring.reverse();
        ring
    });
    Shape::Polygons(vec![std::iter::once(outer).chain(holes).collect()])
}
