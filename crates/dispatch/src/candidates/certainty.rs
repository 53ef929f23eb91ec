//! Whether the first unit is the first wherever within its accuracy the incident lies.
//!
//! The incident may be at every place on a road within the accuracy of the place that was given,
//! that some vehicle could drive to if there were no conditions; where there is none, at the one
//! place that the answer is for, and the first unit is certain. A kind of vehicle that cannot
//! drive to a place goes where it goes in the answer.
//!
//! Not all these places need a search. On a stretch of one link, from `a` to `b`:
//!
//! ```text
//!   units that come by the tail ──▶ a ━━━━━━ x ━━━━━━ b ◀── units that come by the head
//! ```
//!
//! a unit that comes by the tail needs a time to the tail and a time from there to `x`, and the
//! second is the same for all of one kind: the same unit is the first of these at every `x`, and
//! likewise of those that come by the head. The first of both is one of these two. The way from the
//! tail only grows with `x` and the way from the head only shrinks, so that whoever is first
//! anywhere is first at `a` or at `b`. A unit that stands on the stretch itself comes by neither
//! end of it: the stretch is cut there. So the ends of all pieces are enough. Kinds that drive at
//! different speeds break the argument where one unit is first at both ends by different ways:
//! then the middle is searched, too, down to pieces of a metre.

use std::collections::BTreeMap;

use urbis_catalog::ProfileIndex;
use urbis_model::Metres;
use urbis_network::{ArcId, ArcStretch, Graph, OnArc, Span, geometry, spans_within};

use super::Scene;
use super::answer::{Candidate, FirstElsewhere, LineString};
use super::destination::{Destination, Spot};
use super::race::{Finish, Race, Runner, profiles};

/// Places that are searched for one answer, at most.
const MAX_PLACES: usize = 64;

/// Pieces this short have no middle; millimetres.
const SHORTEST_MM: u32 = 1_000;

/// What was found out.
#[derive(Debug, Default)]
pub(crate) struct Certainty {
    pub is_certain: Option<bool>,
    pub elsewhere: Vec<FirstElsewhere>,
}

/// Who is first at a place, and over which arc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Winner {
    number: usize,
    over: Option<ArcId>,
}

/// A stretch of one edge, in millimetres along the arc.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    arc: ArcId,
    from_mm: u32,
    to_mm: u32,
}

/// Looks for units that are first elsewhere within the accuracy.
pub(crate) fn find(scene: &Scene<'_>, race: &Race<'_>, found: &[(usize, Candidate)]) -> Certainty {
    let (Some(first), Some((_, shown))) = (race.leaders().next(), found.first()) else {
        return Certainty::default();
    };
    if shown.is_estimate {
        return Certainty::default();
    }
    let mut inquiry = Inquiry::open(scene);
    for stretch in stretches(scene) {
        inquiry.look_along(stretch);
    }
    inquiry.close(first.number)
}

/// The stretches of roads within the accuracy.
fn stretches(scene: &Scene<'_>) -> Vec<Stretch> {
    let Metres(accuracy_m) = scene.ask.accuracy;
    if accuracy_m <= 0.0 {
        return Vec::new();
    }
    let (city, graph) = (scene.view.city, scene.view.live.graph());
    let spans = spans_within(city, graph, scene.ask.place, Metres(accuracy_m));
    spans.iter().map(|span| stretch(graph, span)).collect()
}

fn stretch(graph: &Graph, span: &Span) -> Stretch {
    let arc = graph.edge_of(span.link);
    let before = graph.links(arc).take_while(|(link, _)| *link != span.link);
    let start_mm: u32 = before.map(|(link, _)| graph.link(link).length_mm).sum();
    Stretch { arc, from_mm: start_mm + span.from_mm, to_mm: start_mm + span.to_mm }
}

/// The searches of one answer.
struct Inquiry<'a> {
    scene: &'a Scene<'a>,
    eligible: Vec<&'a Runner>,
    kinds: Vec<ProfileIndex>,
    places_left: usize,
    is_complete: bool,
    /// Who was first where, the first such place each.
    winners: BTreeMap<usize, (Destination, Finish)>,
}

impl<'a> Inquiry<'a> {
    fn open(scene: &'a Scene<'a>) -> Self {
        let eligible = scene.eligible();
        let kinds = profiles(&eligible);
        let (places_left, winners) = (MAX_PLACES, BTreeMap::new());
        Self { scene, eligible, kinds, places_left, is_complete: true, winners }
    }

    fn look_along(&mut self, stretch: Stretch) {
        let mut cuts = self.cuts(stretch);
        cuts.sort_unstable();
        cuts.dedup();
        let mut winners = Vec::new();
        for at in cuts {
            winners.push((at, self.look(stretch.arc, at)));
        }
        for ends in winners.windows(2) {
            self.look_between(stretch.arc, ends[0], ends[1]);
        }
    }

    /// Both ends, and both sides of every unit that stands between them.
    fn cuts(&self, stretch: Stretch) -> Vec<u32> {
        let length_mm = self.scene.view.live.graph().arc(stretch.arc).length_mm;
        let mut cuts = vec![stretch.from_mm, stretch.to_mm];
        for (at, _) in self.eligible.iter().flat_map(|runner| &runner.starts) {
            let ahead = match at.arc {
                arc if arc == stretch.arc => at.offset_mm.checked_sub(1),
                arc if arc == stretch.arc.reverse() => length_mm.checked_sub(at.offset_mm),
                _ => None,
            };
            let sides = ahead.into_iter().flat_map(|ahead| [ahead, ahead + 1]);
            cuts.extend(sides.filter(|at| (stretch.from_mm..=stretch.to_mm).contains(at)));
        }
        cuts
    }

    /// Searches the middle of a piece, as long as its ends leave it open.
    fn look_between(&mut self, arc: ArcId, from: (u32, Option<Winner>), to: (u32, Option<Winner>)) {
        let is_open = self.kinds.len() > 1 && from.1 != to.1;
        if !is_open || to.0 - from.0 <= SHORTEST_MM {
            return;
        }
        let at = from.0 + (to.0 - from.0) / 2;
        let middle = (at, self.look(arc, at));
        self.look_between(arc, from, middle);
        self.look_between(arc, middle, to);
    }

    /// Finds out who is first at one place.
    fn look(&mut self, arc: ArcId, at_mm: u32) -> Option<Winner> {
        let destination = self.destination(arc, at_mm)?;
        if self.places_left == 0 {
            self.is_complete = false;
            return None;
        }
        self.places_left -= 1;
        let Scene { view, .. } = self.scene;
        let cutoff_ms = self.scene.cutoff_ms();
        let race = Race::start(view.live, &destination, &self.eligible, cutoff_ms).until_count(1);
        let first = *race.leaders().next()?;
        let over = race.route(first.number).last().map(|stretch| stretch.arc);
        self.winners.entry(first.number).or_insert((destination, first));
        Some(Winner { number: first.number, over })
    }

    /// A place of an edge as a destination; `None` where no kind can drive to it.
    fn destination(&self, arc: ArcId, at_mm: u32) -> Option<Destination> {
        let live = self.scene.view.live;
        let length_mm = live.graph().arc(arc).length_mm;
        let there = OnArc { arc, offset_mm: at_mm };
        let back = OnArc { arc: arc.reverse(), offset_mm: length_mm - at_mm };
        let mut is_somewhere = false;
        let spots = self.kinds.iter().filter_map(|kind| {
            let can_drive = |at: &OnArc| live.roads().is_drivable(*kind, *at);
            let positions: Vec<OnArc> = [there, back].into_iter().filter(can_drive).collect();
            if positions.is_empty() {
                return self.scene.destination.on(*kind).cloned();
            }
            is_somewhere = true;
            Some(Spot { profile: *kind, positions, place: self.scene.ask.place, gap_m: 0.0 })
        });
        let destination = Destination::at(spots.collect());
        is_somewhere.then_some(destination)
    }

    fn close(self, first: usize) -> Certainty {
        let others = self.winners.iter().filter(|(number, _)| **number != first);
        let elsewhere: Vec<FirstElsewhere> = others
            .map(|(number, (destination, finish))| {
                self.first_elsewhere(*number, destination, finish, first)
            })
            .collect();
        let is_certain = match (elsewhere.is_empty(), self.is_complete) {
            (false, _) => Some(false),
            (true, true) => Some(true),
            (true, false) => None,
        };
        Certainty { is_certain, elsewhere }
    }

    fn first_elsewhere(
        &self,
        number: usize,
        destination: &Destination,
        finish: &Finish,
        first: usize,
    ) -> FirstElsewhere {
        let Scene { view, crew, .. } = self.scene;
        let alone: Vec<&Runner> = self.scene.runner(first).into_iter().collect();
        let race =
            Race::start(view.live, destination, &alone, self.scene.cutoff_ms()).until_count(1);
        let unit = crew.members[number].unit;
        let kind = self.scene.runner(number).and_then(|runner| destination.on(runner.profile));
        let at = kind.and_then(|spot| spot.positions.first()).copied();
        let here =
            at.map(|at| ArcStretch { arc: at.arc, from_mm: at.offset_mm, to_mm: at.offset_mm });
        let line = geometry(view.city, view.live.graph(), here.as_slice());
        FirstElsewhere {
            unit_id: unit.id.as_str().to_owned(),
            title: unit.description.title.clone(),
            place: LineString::of(&line).coordinates.first().copied(),
            eta_s: f64::from(finish.eta_ms) / 1_000.0,
            first_eta_s: race.leaders().next().map(|one| f64::from(one.eta_ms) / 1_000.0),
        }
    }
}
