//! What to tell the driver of a route, turn by turn, in Vietnamese or English.
//!
//! - **In**: a [`Route`] and the city and weights that it was found in; names, bridges and
//!   roundabouts are those of the roads layer (attributes `name`, `name_en`, `ref`, `bridge`,
//!   `tunnel`, `roundabout`, class `ferry`).
//! - **Out**: [`Instruction`]s in the order of travel: the first sets off, the last arrives; their
//!   lengths and times add up to those of the route.
//!
//! A bend is a turn only where there is a choice: at a junction from which another arc leads on.
//! There, up to 25° either way is straight on, and said only where the road gets another name; up
//! to 60° is said where the name changes or another road lies straighter ahead; more is always
//! said. Bridges and tunnels are said from 100 m on, or where they have a name of their own. Exits
//! of a roundabout are those that may be driven, whether closed today or not.

use urbis_catalog::ProfileIndex;
use urbis_model::LonLat;
use urbis_snapshot::City;

use crate::length::distance_m;
use crate::route::Route;
use crate::{ArcId, Graph, IMPASSABLE, LiveRoads};

mod driven;
mod manoeuvre;
mod street;
mod wording;

use driven::Driven;
pub use manoeuvre::{Heading, Manoeuvre, Sharpness, Side};
pub use wording::Language;
use wording::Spoken;

/// Up to here a road goes straight on, degrees.
const STRAIGHT_DEG: f64 = 25.0;
/// From here on a turn is no bend, degrees.
const PLAIN_DEG: f64 = 60.0;
/// From here on a turn is sharp, degrees.
const SHARP_DEG: f64 = 130.0;
/// A road is straighter ahead where it bends so much less, degrees.
const STRAIGHTER_DEG: f64 = 5.0;
/// From here on a bridge or tunnel without a name of its own is worth a word, millimetres.
const LONG_STRUCTURE_MM: u64 = 100_000;
/// A destination nearer to the road than this lies on it.
const BESIDE_M: f64 = 3.0;

/// One thing to tell the driver.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction {
    /// What to do.
    pub manoeuvre: Manoeuvre,
    /// The road from here on, as the layer spells it in the language; `None` where it has no name.
    pub street: Option<String>,
    /// The sentence.
    pub text: String,
    /// Where to do it.
    pub place: LonLat,
    /// Until the next one, millimetres.
    pub length_mm: u64,
    /// Until the next one, milliseconds.
    pub time_ms: u32,
}

/// Where instructions are made.
#[derive(Debug, Clone, Copy)]
pub struct Guide<'a> {
    /// The city that the roads are those of.
    pub city: &'a City,
    /// The weights that the route was found with.
    pub live: &'a LiveRoads,
    /// The vehicle that drives.
    pub profile: ProfileIndex,
    /// The language of the sentences.
    pub language: Language,
}

/// One instruction before it is put in words: what to do at a piece, and which piece names the
/// road.
#[derive(Debug, Clone, Copy)]
struct Mark {
    manoeuvre: Manoeuvre,
    piece: usize,
    named_by: usize,
}

impl Guide<'_> {
    /// The instructions of a route to a destination, which may lie beside the road; empty where
    /// the city does not hold the route's roads.
    pub fn instructions(&self, route: &Route, destination: LonLat) -> Vec<Instruction> {
        let pieces = driven::pieces(self.city, self.live, self.profile, route);
        let Some(last) = pieces.last() else { return Vec::new() };
        let marks = self.marks(&pieces);
        let ends = marks.iter().skip(1).map(|mark| mark.piece).chain([pieces.len()]);
        let mut told: Vec<Instruction> =
            marks.iter().zip(ends).map(|(mark, end)| self.tell(&pieces, *mark, end)).collect();
        let arrive = Manoeuvre::Arrive(side_of(&pieces, destination));
        let end = last.piece.places.last().copied();
        told.extend(end.map(|place| Instruction {
            manoeuvre: arrive,
            street: None,
            text: self.language.say(Spoken { manoeuvre: arrive, street: None, length_mm: 0 }),
            place,
            length_mm: 0,
            time_ms: 0,
        }));
        told
    }

    fn tell(&self, pieces: &[Driven], mark: Mark, end: usize) -> Instruction {
        let driven = &pieces[mark.piece..end];
        let named_by = &pieces[mark.named_by].street;
        let street = match self.language {
            Language::Vi => named_by.vi.clone(),
            Language::En => named_by.en.clone(),
        };
        let length_mm = driven.iter().map(Driven::length_mm).sum();
        let spoken = Spoken { manoeuvre: mark.manoeuvre, street: street.as_deref(), length_mm };
        Instruction {
            manoeuvre: mark.manoeuvre,
            text: self.language.say(spoken),
            street,
            place: driven[0].piece.places[0],
            length_mm,
            time_ms: driven.iter().map(|driven| driven.time_ms).sum(),
        }
    }

    fn marks(&self, pieces: &[Driven]) -> Vec<Mark> {
        let heading = Heading::from_bearing(driven::bearing_at_start(pieces));
        let mut marks = vec![Mark { manoeuvre: Manoeuvre::Depart(heading), piece: 0, named_by: 0 }];
        let mut announced = pieces[0].street.vi.as_deref();
        let mut piece = 1;
        while piece < pieces.len() {
            let street = &pieces[piece].street;
            if street.is_roundabout && !pieces[piece - 1].street.is_roundabout {
                let mark = self.roundabout(pieces, piece);
                marks.push(mark);
                announced = pieces[mark.named_by].street.vi.as_deref();
                piece = mark.named_by + 1;
                continue;
            }
            let manoeuvre = self.manoeuvre(pieces, piece);
            let says_nothing = manoeuvre == Some(Manoeuvre::Straight)
                && (street.vi.is_none() || street.vi.as_deref() == announced);
            if let Some(manoeuvre) = manoeuvre.filter(|_| !says_nothing) {
                marks.push(Mark { manoeuvre, piece, named_by: piece });
                announced = street.vi.as_deref();
            }
            piece += 1;
        }
        marks
    }

    /// From where a roundabout is entered to where it is left.
    fn roundabout(&self, pieces: &[Driven], entry: usize) -> Mark {
        let is_in = |driven: &&Driven| driven.street.is_roundabout;
        let count = pieces[entry..].iter().take_while(is_in).count();
        let left = entry + count;
        if left == pieces.len() {
            return Mark {
                manoeuvre: Manoeuvre::Roundabout(None),
                piece: entry,
                named_by: left - 1,
            };
        }
        let passed = (entry + 1..left).filter(|piece| pieces[*piece].is_entered);
        let passed: usize =
            passed.map(|piece| self.exits(&pieces[piece - 1], &pieces[piece])).sum();
        let exit = u8::try_from(passed + 1).unwrap_or(u8::MAX);
        Mark { manoeuvre: Manoeuvre::Roundabout(Some(exit)), piece: entry, named_by: left }
    }

    /// Ways out of a roundabout between two of its pieces.
    fn exits(&self, before: &Driven, after: &Driven) -> usize {
        self.others(before.piece.arc, after.piece.arc).len()
    }

    /// What the driver does between a piece and the one before; `None` where there is nothing to
    /// say.
    fn manoeuvre(&self, pieces: &[Driven], piece: usize) -> Option<Manoeuvre> {
        let (before, after) = (&pieces[piece - 1], &pieces[piece]);
        let bearings =
            (driven::bearing_at_end(&pieces[..piece]), driven::bearing_at_start(&pieces[piece..]));
        if after.is_entered && after.piece.arc == before.piece.arc.reverse() {
            return Some(Manoeuvre::UTurn);
        }
        if after.street.is_ferry && !before.street.is_ferry {
            return Some(Manoeuvre::Ferry);
        }
        let is_same_road = before.street.vi == after.street.vi;
        let rivals = if after.is_entered { self.rivals(before, after, bearings.0) } else { None };
        match turn(angle(bearings.0, bearings.1), is_same_road, rivals.as_deref()) {
            None | Some(Manoeuvre::Straight) => {
                structure(pieces, piece).or((!is_same_road).then_some(Manoeuvre::Straight))
            }
            turn => turn,
        }
    }

    /// How far the other ways on turn, degrees; `None` where there is none.
    fn rivals(&self, before: &Driven, after: &Driven, bearing: f64) -> Option<Vec<f64>> {
        let others = self.others(before.piece.arc, after.piece.arc);
        let turns = others
            .into_iter()
            .filter_map(|arc| driven::bearing_of_arc(self.city, self.live.graph(), arc));
        let turns: Vec<f64> = turns.map(|leaving| angle(bearing, leaving)).collect();
        (!turns.is_empty()).then_some(turns)
    }

    fn can_drive(&self, arc: ArcId) -> bool {
        self.live.roads().dry_weight(self.profile, arc) != IMPASSABLE
    }

    /// The arcs that could be taken instead of `taken` at the head of `from`: those that the
    /// vehicle can drive when nothing is closed, with the traffic, and not back.
    fn others(&self, from: ArcId, taken: ArcId) -> Vec<ArcId> {
        let graph = self.live.graph();
        let is_other = |arc: &ArcId| {
            *arc != taken
                && *arc != from.reverse()
                && !graph.arc(*arc).is_against_oneway
                && self.can_drive(*arc)
        };
        leaving(graph, from).into_iter().filter(is_other).collect()
    }
}

/// The arcs that leave the junction at the head of an arc, each once.
fn leaving(graph: &Graph, arc: ArcId) -> Vec<ArcId> {
    let outgoing = graph.outgoing(graph.head_state(arc)).iter();
    let mut arcs: Vec<ArcId> = outgoing.map(|next| next.arc()).collect();
    arcs.sort_unstable();
    arcs.dedup();
    arcs
}

/// The manoeuvre for a turn by an angle; `rivals` is `None` where there is no other way on.
fn turn(angle_deg: f64, is_same_road: bool, rivals: Option<&[f64]>) -> Option<Manoeuvre> {
    let side = if angle_deg < 0.0 { Side::Left } else { Side::Right };
    let turn = |sharpness| Some(Manoeuvre::Turn(side, sharpness));
    let straighter = |rival: &f64| rival.abs() + STRAIGHTER_DEG < angle_deg.abs();
    let goes_with_the_road = rivals.is_none() && is_same_road;
    match angle_deg.abs() {
        _ if goes_with_the_road => None,
        SHARP_DEG.. => turn(Sharpness::Sharp),
        PLAIN_DEG.. => turn(Sharpness::Plain),
        STRAIGHT_DEG.. if rivals.is_some_and(|rivals| rivals.iter().any(straighter)) => {
            turn(Sharpness::Slight)
        }
        STRAIGHT_DEG.. if rivals.is_some() && !is_same_road => turn(Sharpness::Slight),
        _ if is_same_road => None,
        _ => Some(Manoeuvre::Straight),
    }
}

/// The bridge or tunnel that begins at a piece, where it is worth a word.
fn structure(pieces: &[Driven], piece: usize) -> Option<Manoeuvre> {
    let (before, after) = (&pieces[piece - 1].street, &pieces[piece].street);
    let length = |is_in: fn(&street::Street) -> bool| -> u64 {
        let run = pieces[piece..].iter().take_while(|driven| is_in(&driven.street));
        run.map(Driven::length_mm).sum()
    };
    let is_named = |is_name: fn(&str) -> bool| after.vi.as_deref().is_some_and(is_name);
    if after.is_bridge && !before.is_bridge {
        let is_told =
            is_named(street::names_bridge) || length(|s| s.is_bridge) >= LONG_STRUCTURE_MM;
        return is_told.then_some(Manoeuvre::Bridge);
    }
    if after.is_tunnel && !before.is_tunnel {
        let is_told =
            is_named(street::names_tunnel) || length(|s| s.is_tunnel) >= LONG_STRUCTURE_MM;
        return is_told.then_some(Manoeuvre::Tunnel);
    }
    None
}

/// From one bearing to another, degrees; positive clockwise, in -180..=180.
fn angle(from_deg: f64, to_deg: f64) -> f64 {
    let turn = (to_deg - from_deg).rem_euclid(360.0);
    if turn > 180.0 { turn - 360.0 } else { turn }
}

/// The side on which a destination lies at the end of a route.
fn side_of(pieces: &[Driven], destination: LonLat) -> Option<Side> {
    let end = *pieces.last()?.piece.places.last()?;
    if distance_m(end, destination) < BESIDE_M {
        return None;
    }
    let turn = angle(driven::bearing_at_end(pieces), driven::bearing_between(end, destination));
    Some(if turn < 0.0 { Side::Left } else { Side::Right })
}
