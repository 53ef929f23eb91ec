//! Finds the stretches of links that a reach covers.
//!
//! A line covers a link where the link runs beside it: within [`BESIDE_M`] and within
//! [`MAX_ANGLE_DEG`] of its direction, so that a street that crosses a closed one stays open. Its
//! inner corners are round, its ends are flat, so that it covers nothing beyond them.
//!
//! Cost: the segments around the reach, times the pieces of its outline at their height.

use urbis_catalog::NetworkRole;
use urbis_model::{FeatureId, LonLat, Metres, Openness, TileAddress, WorldBox, WorldXy};
use urbis_snapshot::{City, LayerSnapshot, Visibility};

use super::bands::Bands;
use super::line::Line;
use super::outline::{Part, Piece, Rings, Xy};
use super::{Direction, Reach, Span};
use crate::length::cells;
use crate::{Graph, LinkId, Travel};

/// How far beside a line a road may run and still be the road that is meant, metres.
const BESIDE_M: f64 = 6.0;

/// How far its direction may differ, degrees.
const MAX_ANGLE_DEG: f64 = 30.0;

/// Shorter stretches are slips of the drawing, unless they are whole links; millimetres. Gaps up
/// to this length are filled.
const SLIP_MM: u32 = 500;

/// One city's roads, to match reaches with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matcher<'a> {
    graph: &'a Graph,
    roads: Option<&'a LayerSnapshot>,
}

impl<'a> Matcher<'a> {
    /// The graph must be that of the city.
    pub fn new(city: &'a City, graph: &'a Graph) -> Self {
        let layer = city.catalog().network_layer(NetworkRole::Roads);
        Self { graph, roads: layer.and_then(|layer| city.layer(&layer.id)) }
    }

    /// The stretches that a reach covers, by link.
    pub fn spans(&self, reach: &Reach, direction: Direction) -> Vec<Span> {
        match reach {
            Reach::Segment(segment) => self.whole(*segment, direction),
            Reach::Lines(lines) => {
                let Some(outline) = Outline::of_lines(lines) else { return Vec::new() };
                self.beside(&outline, direction)
            }
            Reach::Area(rings) => {
                let box_of_all = WorldBox::around(rings.iter().flatten().copied());
                let rings = Rings::new(rings);
                self.covered(box_of_all, |piece| piece.parts_inside(&rings))
            }
            Reach::Circle(center, radius_m) => {
                let radius = cells(*center, *radius_m);
                let around = WorldBox::from_cell(*center).grown(whole_cells(radius));
                let center = Xy::from(*center);
                self.covered(Some(around), |piece| {
                    piece.part_around(center, radius).into_iter().collect()
                })
            }
        }
    }

    fn whole(&self, segment: FeatureId, direction: Direction) -> Vec<Span> {
        let travel = match direction {
            Direction::Both => None,
            Direction::Along => Some(Travel::Forward),
            Direction::Against => Some(Travel::Backward),
        };
        let span = |link: &LinkId| {
            let to_mm = self.graph.link(*link).length_mm;
            Span { link: *link, from_mm: 0, to_mm, travel }
        };
        self.graph.links_of(segment).iter().map(span).filter(|span| span.to_mm > 0).collect()
    }

    fn beside(&self, outline: &Outline, direction: Direction) -> Vec<Span> {
        let mut spans = Vec::new();
        for (link, line) in self.links_in(outline.area) {
            let mut along = Vec::new();
            let mut against = Vec::new();
            line.walk(|piece, start, length| {
                outline.parts(piece, |part, is_along| {
                    let kept = if is_along { &mut along } else { &mut against };
                    kept.push((length.mul_add(part.0, start), length.mul_add(part.1, start)));
                });
            });
            match direction {
                Direction::Both => {
                    along.append(&mut against);
                    self.add(link, &line, along, None, &mut spans);
                }
                Direction::Along => {
                    self.add(link, &line, along, Some(Travel::Forward), &mut spans);
                    self.add(link, &line, against, Some(Travel::Backward), &mut spans);
                }
                Direction::Against => {
                    self.add(link, &line, along, Some(Travel::Backward), &mut spans);
                    self.add(link, &line, against, Some(Travel::Forward), &mut spans);
                }
            }
        }
        spans
    }

    fn covered(&self, area: Option<WorldBox>, parts: impl Fn(Piece) -> Vec<Part>) -> Vec<Span> {
        let mut spans = Vec::new();
        for (link, line) in area.map(|area| self.links_in(area)).into_iter().flatten() {
            let mut covered = Vec::new();
            line.walk(|piece, start, length| {
                let found = parts(piece).into_iter();
                covered
                    .extend(found.map(|part| {
                        (length.mul_add(part.0, start), length.mul_add(part.1, start))
                    }));
            });
            self.add(link, &line, covered, None, &mut spans);
        }
        spans
    }

    /// Adds the union of covered parts, given in cells along a link, as stretches in millimetres.
    fn add(
        &self,
        link: LinkId,
        line: &Line,
        mut covered: Vec<Part>,
        travel: Option<Travel>,
        spans: &mut Vec<Span>,
    ) {
        if covered.is_empty() {
            return;
        }
        covered.sort_by(|a, b| a.0.total_cmp(&b.0));
        let length_mm = self.graph.link(link).length_mm;
        let length_cells = line.length();
        let to_mm = |at: f64| (at / length_cells * f64::from(length_mm)).round() as u32;
        let mut merged: Vec<(u32, u32)> = Vec::new();
        for (from, to) in covered.into_iter().map(|(from, to)| (to_mm(from), to_mm(to))) {
            match merged.last_mut() {
                Some(last) if from <= last.1.saturating_add(SLIP_MM) => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        let is_meant = |(from, to): &(u32, u32)| {
            let length = to.saturating_sub(*from);
            length > 0 && (length >= SLIP_MM || length == length_mm)
        };
        let meant = merged.into_iter().filter(is_meant);
        spans.extend(meant.map(|(from_mm, to_mm)| Span {
            link,
            from_mm,
            to_mm: to_mm.min(length_mm),
            travel,
        }));
    }

    /// The links of all segments whose box meets an area, and their vertices.
    fn links_in(&self, area: WorldBox) -> Vec<(LinkId, Line)> {
        let Some(roads) = self.roads else { return Vec::new() };
        let seen = Visibility::now(Openness::Restricted);
        let segments = roads.in_box(area, TileAddress::MAX_ZOOM, seen);
        let mut links = Vec::new();
        for segment in segments {
            for link in self.graph.links_of(segment.id()) {
                links.push((*link, Line::of(segment, self.graph, *link)));
            }
        }
        links
    }
}

/// The lines of a closure, ready to compare with roads.
struct Outline {
    pieces: Bands,
    /// Vertices between two pieces of a line, as pieces without a length.
    corners: Bands,
    /// By corner: the directions of both pieces.
    arms: Vec<[Xy; 2]>,
    beside: f64,
    area: WorldBox,
}

impl Outline {
    fn of_lines(lines: &[Box<[WorldXy]>]) -> Option<Self> {
        let (beside, area) = Self::area(lines)?;
        let (mut pieces, mut corners, mut arms) = (Vec::new(), Vec::new(), Vec::new());
        for line in lines {
            let first = pieces.len();
            Line::new(line).walk(|piece, _, length| pieces.extend((length > 0.0).then_some(piece)));
            for two in pieces[first..].windows(2) {
                let [before, after]: [Piece; 2] = [two[0], two[1]];
                corners.push(Piece { start: before.end, end: before.end });
                arms.push([before.step(), after.step()]);
            }
        }
        let (pieces, corners) = (Bands::new(pieces), Bands::new(corners));
        Some(Self { pieces, corners, arms, beside, area })
    }

    /// The distance that is beside lines, cells, and the box in which roads are beside them.
    fn area(lines: &[Box<[WorldXy]>]) -> Option<(f64, WorldBox)> {
        let bounds = WorldBox::around(lines.iter().flatten().copied())?;
        let beside = cells(WorldXy { x: bounds.min_x, y: bounds.min_y }, BESIDE_M);
        Some((beside, bounds.grown(whole_cells(beside))))
    }

    /// Calls `each` for the parts of a road's piece that run beside the lines, and says whether
    /// the piece goes the way of the line there.
    fn parts(&self, road: Piece, mut each: impl FnMut(Part, bool)) {
        let step = road.step();
        let near = self.pieces.near(road, self.beside).map(|(_, piece)| piece);
        for piece in near.filter(|piece| is_parallel(step, piece.step())) {
            if let Some(part) = road.part_beside(piece, self.beside) {
                each(part, step.dot(piece.step()) > 0.0);
            }
        }
        for (number, corner) in self.corners.near(road, self.beside) {
            let arm = self.arms[number].iter().find(|arm| is_parallel(step, **arm));
            let Some(arm) = arm else { continue };
            if let Some(part) = road.part_around(corner.start, self.beside) {
                each(part, step.dot(*arm) > 0.0);
            }
        }
    }
}

/// Says whether two directions differ by at most [`MAX_ANGLE_DEG`], whichever way they go.
fn is_parallel(a: Xy, b: Xy) -> bool {
    a.dot(b).abs() >= MAX_ANGLE_DEG.to_radians().cos() * a.length() * b.length()
}

fn whole_cells(cells: f64) -> u32 {
    // `as` saturates, which is the edge of the world.
    cells.ceil() as u32
}

/// The stretches of roads within a distance of a place, by line; shorter ones than half a metre
/// are left out. The graph must be that of the city.
pub fn spans_within(city: &City, graph: &Graph, place: LonLat, within: Metres) -> Vec<Span> {
    let circle = Reach::Circle(WorldXy::from_lonlat(place), within.0);
    Matcher::new(city, graph).spans(&circle, Direction::Both)
}

/// The box in which a reach can cover roads; `None` for a segment, which says no place.
pub(crate) fn area_of(reach: &Reach) -> Option<WorldBox> {
    match reach {
        Reach::Segment(_) => None,
        Reach::Lines(lines) => Outline::area(lines).map(|(_, area)| area),
        Reach::Area(rings) => WorldBox::around(rings.iter().flatten().copied()),
        Reach::Circle(center, radius_m) => {
            let radius = cells(*center, *radius_m);
            Some(WorldBox::from_cell(*center).grown(whole_cells(radius)))
        }
    }
}
