//! How long a vehicle takes for a stretch, conditions inside of it included.
//!
//! ```text
//!   link   |──────[==== 0.2 m of water ====]───|
//!   dry     5.0 s         4.7 s             2.1 s     11.8 s, rounded to whole milliseconds
//!   delay                 4.7 s                        4.7 s, rounded by itself
//! ```
//!
//! A place inside a link has its share of the dry time, rounded down, and the delay up to there,
//! rounded: parts of a link always add up to the whole, and no condition makes any part faster.

use super::{Driver, IMPASSABLE};
use crate::conditions::{Affected, Conditions};
use crate::{ArcId, Effect, Graph, LinkId, Travel};

/// All that decides how long one kind of vehicle takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing<'a> {
    pub graph: &'a Graph,
    pub driver: &'a Driver,
    pub conditions: &'a Conditions,
}

/// Where a drive stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Nothing stopped it.
    None,
    /// So many millimetres from where the range began.
    After(u32),
}

impl Timing<'_> {
    /// Time for a whole arc; [`IMPASSABLE`] of one that is no more.
    pub fn arc(&self, arc: ArcId) -> u32 {
        if self.graph.links(arc).next().is_none() {
            return IMPASSABLE;
        }
        self.stretch(arc, 0, u32::MAX)
    }

    /// Time from one place on an arc to a later one, both in millimetres from its tail;
    /// [`IMPASSABLE`] where something closes the road in between.
    pub fn stretch(&self, arc: ArcId, from_mm: u32, to_mm: u32) -> u32 {
        match self.drive(arc, from_mm, to_mm) {
            (ms, Stop::None) => u32::try_from(ms).unwrap_or(IMPASSABLE),
            (_, Stop::After(_)) => IMPASSABLE,
        }
    }

    /// How far a vehicle gets on an arc from a place, at most to its end; millimetres from its
    /// tail.
    pub fn farthest(&self, arc: ArcId, from_mm: u32) -> u32 {
        match self.drive(arc, from_mm, u32::MAX) {
            (_, Stop::None) => self.graph.arc(arc).length_mm,
            (_, Stop::After(length_mm)) => from_mm.saturating_add(length_mm),
        }
    }

    fn drive(&self, arc: ArcId, from_mm: u32, to_mm: u32) -> (u64, Stop) {
        // Of an arc that is a barrier and nothing else no part can be driven.
        let to_mm = if self.graph.arc(arc).length_mm == 0 { u32::MAX } else { to_mm };
        let mut ms = 0_u64;
        let mut start = 0_u32;
        for (link, travel) in self.graph.links(arc) {
            // Roads longer than 4,294 km end there, as lengths of arcs do.
            let end = start.saturating_add(self.graph.link(link).length_mm);
            let (low, high) = (from_mm.max(start), to_mm.min(end));
            let (more, stop) = if low < high {
                self.link(link, travel, (low - start, high - start))
            } else if start == end && is_passed(start, from_mm, to_mm) {
                self.barrier(link)
            } else {
                (0, Stop::None)
            };
            ms += more;
            if let Stop::After(length) = stop {
                return (ms, Stop::After(low - from_mm + length));
            }
            start = end;
        }
        (ms, Stop::None)
    }

    /// Time for a barrier, or for any link without a length.
    fn barrier(&self, link: LinkId) -> (u64, Stop) {
        let link = self.graph.link(link);
        match link.barrier.map_or(0, |barrier| self.driver.barrier_ms(link, &barrier)) {
            IMPASSABLE => (0, Stop::After(0)),
            ms => (u64::from(ms), Stop::None),
        }
    }

    /// Time from one place on a link to a later one, in the direction of travel.
    fn link(&self, link: LinkId, travel: Travel, range: (u32, u32)) -> (u64, Stop) {
        let Some(speed) = self.driver.speed(self.graph.link(link), travel) else {
            return (0, Stop::After(0));
        };
        let length = self.graph.link(link).length_mm;
        let affected = self.conditions.on(link);
        let dry_ms = dry_ms(speed, length, range);
        if affected.is_empty() {
            return (dry_ms, Stop::None);
        }
        let affected = Stretches::of(affected, travel, length);
        let (mut delay_ms, mut before_ms) = (0.0, 0.0);
        for piece in affected.pieces().take_while(|piece| piece.0 < range.1) {
            let left = affected.speed(self.driver, speed, piece);
            if left.is_none() && piece.1 > range.0 {
                return (0, Stop::After(piece.0.max(range.0) - range.0));
            }
            let delay_to = |at: u32| {
                let length = f64::from(at.clamp(piece.0, piece.1) - piece.0);
                left.map_or(0.0, |left| length * 3.6 * (1.0 / left - 1.0 / speed))
            };
            if piece.0 <= range.0 {
                before_ms = delay_ms + delay_to(range.0);
            }
            delay_ms += delay_to(range.1);
        }
        // Sums of the same numbers in one order, none negative: the second is not the larger one.
        (dry_ms + (delay_ms.round() as u64 - before_ms.round() as u64), Stop::None)
    }
}

/// Says whether a drive goes through a place that has no length.
///
/// Who starts there is behind it and who ends there has passed it, but at the very start of an arc,
/// so that the parts of a drive add up wherever it is cut.
const fn is_passed(place: u32, from: u32, to: u32) -> bool {
    from < place && place <= to || place == 0 && from == 0 && to > 0
}

/// The time of a range of a link that is driven at one speed, km/h.
fn dry_ms(speed_kmh: f64, length_mm: u32, range: (u32, u32)) -> u64 {
    // Speeds are at least a few metres an hour, so that no time is beyond a u64.
    let whole = (f64::from(length_mm) * 3.6 / speed_kmh).round() as u64;
    let until = |at: u32| whole * u64::from(at) / u64::from(length_mm.max(1));
    until(range.1) - until(range.0)
}

/// What lies on a link for one direction, in millimetres from where that direction enters it.
struct Stretches<'a> {
    stretches: Vec<(u32, u32, &'a Effect)>,
    cuts: Vec<u32>,
}

impl<'a> Stretches<'a> {
    fn of(affected: &'a [Affected], travel: Travel, length: u32) -> Self {
        let here = affected.iter().filter(|one| one.travel.is_none_or(|only| only == travel));
        let turned = |one: &'a Affected| {
            let effect = &one.condition.effect;
            match travel {
                Travel::Forward => (one.from_mm, one.to_mm, effect),
                Travel::Backward => (length - one.to_mm, length - one.from_mm, effect),
            }
        };
        let stretches: Vec<_> = here.map(turned).collect();
        let mut cuts = vec![0, length];
        cuts.extend(stretches.iter().flat_map(|(from, to, _)| [*from, *to]));
        cuts.sort_unstable();
        cuts.dedup();
        Self { stretches, cuts }
    }

    fn pieces(&self) -> impl Iterator<Item = (u32, u32)> {
        self.cuts.windows(2).map(|ends| (ends[0], ends[1]))
    }

    /// The least speed that an effect on a piece leaves; `None` where one closes it.
    fn speed(&self, driver: &Driver, dry: f64, piece: (u32, u32)) -> Option<f64> {
        let over = self.stretches.iter().filter(|(from, to, _)| *from <= piece.0 && piece.1 <= *to);
        over.map(|(.., effect)| driver.speed_under(dry, effect))
            .try_fold(dry, |least, speed| speed.map(|speed| least.min(speed)))
    }
}
