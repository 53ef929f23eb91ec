//! Where a fleet may stand: the server's bases from which a road leads anywhere.

use std::convert::Infallible;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use geo::Point;

use super::client::{Client, ClientError};
use super::roster::Base;
use super::way::toward;
use super::{EVERY, Link, is_going_on};

/// A profile that drives where most do.
const ANY_PROFILE: &str = "ambulance";

/// Directions, and the distance in metres, in which a base must have a road.
const ROAD_SOUGHT_IN: u32 = 6;
const ROAD_SOUGHT_M: f64 = 400.0;

/// Pauses between two tries to find bases.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pauses {
    /// The server is away.
    pub away: Duration,
    /// It has no bases: they come with an import, which takes its time, and a try may be some
    /// thousand requests.
    pub no_bases: Duration,
}

impl Default for Pauses {
    fn default() -> Self {
        Self { away: EVERY, no_bases: Duration::from_secs(30) }
    }
}

/// The bases on roads, one at least: waits for a server, and for one that has some. `None` where the
/// fleet was ended before.
///
/// # Errors
///
/// Where the server refuses the key or is none of ours.
pub(super) fn muster(
    client: &mut Client,
    end: &Receiver<Infallible>,
    pauses: Pauses,
) -> Result<Option<Vec<Base>>, ClientError> {
    let mut link = Link::default();
    loop {
        let pause = match client.bases().and_then(|bases| on_roads(bases, client)) {
            Ok(bases) if !bases.is_empty() => return Ok(Some(bases)),
            Ok(_) => {
                link.note_no_bases();
                pauses.no_bases
            }
            Err(error) if error.is_final() => return Err(error),
            Err(error) => {
                link.note_loss(&error);
                pauses.away
            }
        };
        if !is_going_on(end, pause) {
            return Ok(None);
        }
    }
}

/// The bases from which a road leads anywhere: the roads of a city may be known in part of it alone.
/// A server that goes away meanwhile has not said of any base that it has none.
fn on_roads(bases: Vec<Base>, client: &Client) -> Result<Vec<Base>, ClientError> {
    let mut kept = Vec::new();
    for base in bases {
        if has_road(client, base.place)? {
            kept.push(base);
        }
    }
    Ok(kept)
}

fn has_road(client: &Client, place: Point<f64>) -> Result<bool, ClientError> {
    for step in 0..ROAD_SOUGHT_IN {
        let heading_deg = 360.0 / f64::from(ROAD_SOUGHT_IN) * f64::from(step);
        let to = toward(place, heading_deg, ROAD_SOUGHT_M);
        match client.find_way(ANY_PROFILE, place, to) {
            Ok(Some(_)) => return Ok(true),
            Err(error) if error.is_passing() => return Err(error),
            // No road there, or none at all.
            Ok(None) | Err(_) => {}
        }
    }
    Ok(false)
}
