//! Tells a place that a unit cannot have reached from one that it can.
//!
//! A receiver between high houses or behind a bad network jumps. A place that asks for more than
//! [`MAX_KMH`] is held apart; the next one decides: what it fits to was right.

use geo::{Distance, Haversine, Point};
use urbis_model::{LonLat, Verdict};

use super::{Counters, Fix, Unit};

/// No unit on roads or on water is faster; ours.
const MAX_KMH: f64 = 200.0;

/// A step this short is no jump however little time it took: receivers jitter, and two reports may
/// be of one moment. Ours.
const NOISE_M: f64 = 30.0;

/// Most metres that a stated error excuses: a unit that claims to be inaccurate may not go
/// everywhere.
const MAX_EXCUSE_M: f64 = 100.0;

/// Gives a fix its place: the unit's, held, or history.
pub(super) fn place(unit: &mut Unit, fix: Fix, counters: &mut Counters) -> Verdict {
    let Some(last) = &unit.fix else {
        unit.fix = Some(fix);
        return Verdict::Applied;
    };
    if fix.stamp <= last.stamp {
        return Verdict::OutOfOrder;
    }
    let held = unit.held.take();
    if can_reach(last, &fix) {
        counters.jumps_dropped += u64::from(held.is_some());
        unit.fix = Some(fix);
        return Verdict::Applied;
    }
    match held {
        Some(held) if fix.stamp <= held.stamp => {
            unit.held = Some(held);
            Verdict::OutOfOrder
        }
        Some(held) if can_reach(&held, &fix) => {
            counters.jumps_confirmed += 1;
            unit.fix = Some(fix);
            Verdict::Applied
        }
        held => {
            counters.jumps_dropped += u64::from(held.is_some());
            unit.held = Some(fix);
            Verdict::JumpHeld
        }
    }
}

/// Gives a fix the place that it was given when it came.
pub(super) fn place_as(unit: &mut Unit, fix: Fix, verdict: Option<Verdict>) -> Verdict {
    if unit.fix.as_ref().is_some_and(|last| fix.stamp <= last.stamp) {
        return Verdict::OutOfOrder;
    }
    match verdict {
        Some(Verdict::Applied) => {
            (unit.fix, unit.held) = (Some(fix), None);
            Verdict::Applied
        }
        Some(Verdict::JumpHeld) => {
            unit.held = Some(fix);
            Verdict::JumpHeld
        }
        _ => Verdict::OutOfOrder,
    }
}

/// Says whether a unit can have come from one place to another, given the errors of both.
fn can_reach(from: &Fix, to: &Fix) -> bool {
    let excuse = |fix: &Fix| fix.accuracy_m.unwrap_or(0.0).min(MAX_EXCUSE_M);
    let metres = distance_m(from.place, to.place) - excuse(from) - excuse(to);
    let hours = (to.observed_at.0 - from.observed_at.0) as f64 / 3.6e9;
    metres <= NOISE_M || metres / 1_000.0 <= MAX_KMH * hours
}

fn distance_m(from: LonLat, to: LonLat) -> f64 {
    let point = |place: LonLat| Point::new(place.lon(), place.lat());
    Haversine.distance(point(from), point(to))
}
