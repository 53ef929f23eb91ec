//! Layer `parcel`: the lots of the blocks, numbered, addressed, and held by nobody real.

use std::collections::BTreeSet;

use geo::{LineString, Polygon, Validation};
use serde_json::json;

use crate::geohash::geohash;
use crate::geojson::{Record, Shape};
use crate::input::Ward;
use crate::lot::{self, Lot, LotKind};
use crate::mesh::{double_area, share_edges};
use crate::name::{MADE_UP, company, person};
use crate::numbering::{Numbers, number};
use crate::plan::Plot;
use crate::plane::{Cell, Plane, Xy};
use crate::pole::pole;
use crate::random::Random;
use crate::ring::{Ring, cross};
use crate::street::{Streets, is_named, is_wide};
use crate::ward::Wards;

/// Blocks are cut, nearest to the centre first, until there are this many parcels.
const ENOUGH: usize = 15_000;

/// What is smaller is a splinter of the cut, m².
const SMALLEST_M2: f64 = 2.0;

/// Largest lot of something that is no house, m².
const SITE_M2: f64 = 6_000.0;

/// From the wall of a house to the middle of its lot, at most, metres.
const FRONT_M: f64 = 14.0;

/// How far the street is that an alley is called after, metres.
const ALLEY_STREET_M: f64 = 250.0;

/// Where a parcel's address comes from.
#[derive(Debug, Clone)]
pub(crate) struct Front<'a> {
    /// The street's name.
    pub(crate) street: &'a str,
    /// On the left of the street, as its axis is drawn eastwards or northwards.
    pub(crate) is_left: bool,
    /// At the street itself, not in an alley off it.
    pub(crate) is_at_street: bool,
    /// The street is a wide one.
    pub(crate) is_wide: bool,
}

/// A parcel.
#[derive(Debug, Clone)]
pub(crate) struct Parcel<'a> {
    /// GeoHash of the label's place.
    pub(crate) id: String,
    /// Corners on the written grid.
    pub(crate) ring: Vec<Cell>,
    /// Where the label stands.
    pub(crate) label: Xy,
    /// Area, m².
    pub(crate) area_m2: f64,
    /// Number of the plot that it lies in.
    pub(crate) plot: usize,
    /// What it is.
    pub(crate) kind: LotKind,
    /// Land use, codes joined by `+`.
    pub(crate) code: &'static str,
    /// The ward that it lies in.
    pub(crate) ward: Option<&'a Ward>,
    /// The street that it belongs to.
    pub(crate) front: Option<Front<'a>>,
}

/// What parcels are made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'a, 'c> {
    pub(crate) plane: Plane,
    pub(crate) streets: &'a Streets<'c>,
    pub(crate) wards: &'a Wards<'c>,
    pub(crate) seed: u64,
}

/// Cuts blocks into parcels, until there are enough.
pub(crate) fn parcels<'c>(plots: &[Plot], around: Surroundings<'_, 'c>) -> Vec<Parcel<'c>> {
    let mut parcels = Vec::new();
    let mut taken = BTreeSet::new();
    for plot in plots {
        if parcels.len() >= ENOUGH {
            break;
        }
        let found = parcels_of(plot, around);
        // Two labels within centimetres are two splinters of one corner.
        parcels.extend(found.into_iter().filter(|parcel| taken.insert(parcel.id.clone())));
    }
    parcels
}

fn parcels_of<'c>(plot: &Plot, around: Surroundings<'_, 'c>) -> Vec<Parcel<'c>> {
    let mut random = Random::of(around.seed, &format!("parcels of {}", plot.number));
    let lots = if plot.is_for_houses() {
        lot::houses(&plot.block.ground, &mut random)
    } else {
        lot::sites(&plot.block.ground, SITE_M2)
    };
    let rings: Vec<Ring> = lots.iter().map(|lot| lot.ring.clone()).collect();
    let on_grid = share_edges(&rings, around.plane);
    let corners = plot.block.ground.exterior().0.iter().copied();
    let ward = around.wards.around(corners);
    let mut survey = Survey { plot, ward, around, random };
    let pairs = lots.iter().zip(on_grid);
    pairs.filter_map(|(lot, ring)| survey.parcel(lot, ring?)).collect()
}

/// Makes parcels of the lots of one plot.
struct Survey<'a, 'c> {
    plot: &'a Plot,
    /// Where all of the plot lies in one ward.
    ward: Option<&'c Ward>,
    around: Surroundings<'a, 'c>,
    random: Random,
}

impl<'c> Survey<'_, 'c> {
    /// `None` where next to nothing is left of a lot on the written grid.
    fn parcel(&mut self, lot: &Lot, ring: Vec<Cell>) -> Option<Parcel<'c>> {
        let Surroundings { plane, streets, wards, .. } = self.around;
        let area_m2 = double_area(&ring) as f64 / 2e16 * plane.square_degree_m2();
        if area_m2 < SMALLEST_M2 || !is_valid(&ring, plane) {
            return None;
        }
        let label = pole(&lot.ring);
        let ward = self.ward.or_else(|| wards.at(label));
        let front = (lot.kind != LotKind::Alley).then(|| front(label, streets)).flatten();
        let code = code(self.plot, lot.kind, front.as_ref(), &mut self.random);
        let id = geohash(plane.to_degrees(label));
        let (plot, kind) = (self.plot.number, lot.kind);
        Some(Parcel { id, ring, label, area_m2, plot, kind, code, ward, front })
    }
}

/// Where a block bends oddly, a lot may touch itself.
fn is_valid(ring: &[Cell], plane: Plane) -> bool {
    let line: LineString = ring.iter().map(|cell| plane.cell_to_xy(*cell)).collect();
    Polygon::new(line, Vec::new()).is_valid()
}

/// The street of a lot: the one before its door, else the one that its alley leaves.
fn front<'c>(label: Xy, streets: &Streets<'c>) -> Option<Front<'c>> {
    let piece = streets.nearest(label, ALLEY_STREET_M, is_named)?;
    let road = streets.road(piece);
    let along = piece.to - piece.from;
    let to = label - piece.from;
    // Drawn either way, the same side of the street is the same side.
    let eastwards = if along.x.abs() > along.y.abs() { along.x >= 0.0 } else { along.y >= 0.0 };
    let is_left = (cross(along, to) > 0.0) == eastwards;
    let is_at_street = piece.distance_m(label) <= piece.half_m + FRONT_M;
    Some(Front { street: &road.name, is_left, is_at_street, is_wide: is_wide(road) })
}

fn code(
    plot: &Plot,
    kind: LotKind,
    front: Option<&Front<'_>>,
    random: &mut Random,
) -> &'static str {
    let is_at_wide = front.is_some_and(|front| front.is_wide && front.is_at_street);
    let draw = random.unit();
    match kind {
        LotKind::Alley => "DGT",
        LotKind::Site => plot.code,
        LotKind::House if is_at_wide && draw < 0.45 => "ODT+TMD",
        LotKind::House if is_at_wide && draw < 0.55 => "TMD",
        LotKind::House if draw < 0.03 => "TMD",
        LotKind::House if draw < 0.08 => "ODT+TMD",
        LotKind::House if draw < 0.085 => "TIN",
        LotKind::House => "ODT",
    }
}

/// One feature a parcel.
pub(crate) fn records(parcels: &[Parcel<'_>], seed: u64) -> Vec<Record> {
    let numbers = number(parcels);
    parcels.iter().zip(&numbers).map(|(parcel, numbers)| record(parcel, numbers, seed)).collect()
}

fn record(parcel: &Parcel<'_>, numbers: &Numbers, seed: u64) -> Record {
    let mut random = Random::of(seed, &parcel.id);
    let area_m2 = (parcel.area_m2 * 10.0).round() / 10.0;
    // Certificates are older than the survey, and round.
    let legal = (area_m2 * random.between(0.97, 1.03)).round().max(1.0);
    let is_new = random.chance(0.04);
    let properties = json!({
        "parcel_id": parcel.id,
        "ward_code": parcel.ward.map(|ward| ward.code.as_str()),
        "sheet_no": numbers.sheet.to_string(),
        "parcel_no": numbers.parcel.to_string(),
        "area_m2": area_m2,
        "legal_area_m2": legal,
        "land_use": parcel.code,
        "address": numbers.address,
        "holder": holder(parcel, &mut random),
        "valid_from": if is_new { "2026-03-01T00:00:00+07:00" } else { "2025-07-01T00:00:00+07:00" },
    });
    Record { shape: Shape::Polygons(vec![vec![parcel.ring.clone()]]), properties }
}

fn holder(parcel: &Parcel<'_>, random: &mut Random) -> String {
    match parcel.code {
        "DGT" | "DKV" | "TIN" => format!("Ủy ban nhân dân phường {MADE_UP}"),
        "ODT" | "ODT+TMD" => person(random),
        "TMD" => company(random),
        _ => format!("Cơ quan, tổ chức {MADE_UP}"),
    }
}
