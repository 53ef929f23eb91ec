//! A made-up fleet for a map that would have no units else: it stands at real bases and drives by
//! the server's own `/route`, and every unit of it says that it is simulated.
//!
//! - **In**: a server, a key that may report, a number of units, a seed.
//! - **Out**: NDJSON to `/live/positions`, once a second.
//! - **Whatever happens to the server**, the fleet drives on, and tells everything anew when the
//!   server is back.
//!
//! Blocking: it has a thread of its own.

mod client;
mod random;
mod report;
mod roster;
mod vehicle;
mod way;

use std::convert::Infallible;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use serde_json::Value;
use urbis_model::Moment;

use client::Client;
use report::Reporter;
use roster::{Base, draw_up};
use vehicle::{Vehicle, has_road};

pub(crate) use client::ClientError;

/// Pause between two reports, and between two tries to reach a server that is not there.
const EVERY: Duration = Duration::from_secs(1);

/// A profile that drives where most do.
const ANY_PROFILE: &str = "ambulance";

/// What a fleet is.
#[derive(Debug, Clone)]
pub(crate) struct FleetPlan {
    /// Address of the server.
    pub url: String,
    /// A key that may report positions.
    pub key: String,
    /// How many units.
    pub units: u32,
    /// The same seed gives the same fleet with the same runs.
    pub seed: u64,
}

/// Drives a fleet until the other end of `end` is dropped.
///
/// # Errors
///
/// Where the server refuses the key or has no bases; never because it is away.
pub(crate) fn drive(plan: &FleetPlan, end: &Receiver<Infallible>) -> Result<(), ClientError> {
    let mut client = Client::new(&plan.url, &plan.key);
    let Some(mut units) = muster(plan, &mut client, end)? else { return Ok(()) };
    let start = Instant::now();
    let mut link = Link::default();
    while is_going_on(end, EVERY) {
        let now = start.elapsed().as_secs_f64();
        units.iter_mut().for_each(|unit| unit.vehicle.step(now, &mut client));
        let at = DateTime::from_timestamp_micros(Moment::now().0).unwrap_or_default();
        let due = |unit: &mut Unit| unit.reporter.report(&unit.vehicle, now, at);
        let lines: Vec<Value> = units.iter_mut().filter_map(due).collect();
        if lines.is_empty() {
            continue;
        }
        match client.post(&lines) {
            Ok(answer) => link.note_answer(&answer),
            Err(error) if error.is_final() => return Err(error),
            Err(error) => {
                link.note_loss(&error);
                units.iter_mut().for_each(|unit| unit.reporter.forget());
            }
        }
    }
    Ok(())
}

/// A unit and what it told.
struct Unit {
    vehicle: Vehicle,
    reporter: Reporter,
}

/// Brings the fleet to its bases; `None` where it was ended before the server answered.
fn muster(
    plan: &FleetPlan,
    client: &mut Client,
    end: &Receiver<Infallible>,
) -> Result<Option<Vec<Unit>>, ClientError> {
    let mut link = Link::default();
    let bases = loop {
        match client.bases() {
            Ok(bases) => break on_roads(bases, client),
            Err(error) if error.is_final() => return Err(error),
            Err(error) => link.note_loss(&error),
        }
        if !is_going_on(end, EVERY) {
            return Ok(None);
        }
    };
    let run =
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    let units: Vec<Unit> = draw_up(&bases, plan.units, plan.seed)
        .into_iter()
        .map(|member| {
            let vehicle = Vehicle::new(member, plan.seed);
            let reporter = Reporter::new(&vehicle, plan.seed, run ^ u64::from(std::process::id()));
            Unit { vehicle, reporter }
        })
        .collect();
    tracing::info!(units = units.len(), bases = bases.len(), "a simulated fleet sets out");
    Ok(Some(units))
}

/// The bases from which a road leads anywhere: the roads of a city may be known in part of it alone.
fn on_roads(bases: Vec<Base>, client: &mut Client) -> Vec<Base> {
    bases.into_iter().filter(|base| has_road(client, ANY_PROFILE, base.place)).collect()
}

/// Waits; says whether the fleet is still wanted.
fn is_going_on(end: &Receiver<Infallible>, pause: Duration) -> bool {
    end.recv_timeout(pause) == Err(RecvTimeoutError::Timeout)
}

/// What was last said of the server: each state is logged once.
#[derive(Debug, Default)]
struct Link {
    is_lost: bool,
    has_refused: bool,
}

impl Link {
    fn note_loss(&mut self, error: &ClientError) {
        if !self.is_lost {
            tracing::info!(%error, "the simulated fleet drives on without a server");
        }
        self.is_lost = true;
    }

    fn note_answer(&mut self, answer: &Value) {
        if self.is_lost {
            tracing::info!("the server hears the simulated fleet again");
        }
        self.is_lost = false;
        let refused = answer["rejected"].as_array().filter(|refused| !refused.is_empty());
        if let (Some(refused), false) = (refused, self.has_refused) {
            tracing::info!(first = %refused[0], count = refused.len(), "reports of the simulated fleet were refused");
            self.has_refused = true;
        }
    }
}
