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
            Ok(answer) => {
                if link.note_answer(&answer) == Heard::InPart {
                    units.iter_mut().for_each(|unit| unit.reporter.forget());
                }
            }
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

    /// What became of the reports. A server that refuses some may have forgotten what units are,
    /// as one does that came back with an older state.
    fn note_answer(&mut self, answer: &Value) -> Heard {
        if self.is_lost {
            tracing::info!("the server hears the simulated fleet again");
        }
        self.is_lost = false;
        let refused = answer["refused"].as_u64().unwrap_or_default();
        if refused == 0 {
            return Heard::Whole;
        }
        if !self.has_refused {
            let first = &answer["lines"][0];
            tracing::info!(%first, refused, "reports of the simulated fleet were refused");
        }
        self.has_refused = true;
        Heard::InPart
    }
}

/// How much of the reports a server took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Whole,
    InPart,
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc;

    use serde_json::json;

    use super::*;

    /// One request's body and path; the answer's body is what `reply` makes of them.
    fn answer(stream: TcpStream, reply: &mut impl FnMut(&str, &str) -> Value) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut first = String::new();
        reader.read_line(&mut first).ok()?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let path = first.split(' ').nth(1)?;
        let said = reply(path, &String::from_utf8(body).ok()?).to_string();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
        let mut stream = stream;
        write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{said}", said.len()).ok()
    }

    /// A server with one hospital on one road that refuses a part of the first reports; sends on the
    /// body of each report.
    fn refusing_once(listener: &TcpListener, bodies: &mpsc::Sender<String>) {
        let mut is_first = true;
        let mut reply = |path: &str, body: &str| {
            let road = [[108.22, 16.06], [108.23, 16.06]];
            if path.starts_with("/layers") {
                json!({"city": {"bbox": [108.0, 16.0, 108.4, 16.2]}})
            } else if path.starts_with("/nearest") {
                let point = json!({"type": "Point", "coordinates": road[0]});
                json!({"features": [{"geometry": point, "properties": {"kind": "hospital"}}]})
            } else if path.starts_with("/route") {
                let facts = json!({"distance_m": 1_000.0, "time_s": 100.0});
                json!({"features": [{"geometry": {"coordinates": road}, "properties": facts}]})
            } else {
                let refused = u32::from(std::mem::take(&mut is_first));
                let _ended = bodies.send(body.to_owned());
                json!({"accepted": 3, "refused": refused, "lines": [{"code": "unknown_unit"}]})
            }
        };
        for stream in listener.incoming().map_while(Result::ok) {
            answer(stream, &mut reply);
        }
    }

    #[test]
    fn a_server_that_refuses_reports_is_told_once_more_what_every_unit_is() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, bodies) = mpsc::channel();
        std::thread::spawn(move || refusing_once(&listener, &sender));
        let plan = FleetPlan { url, key: "k".to_owned(), units: 4, seed: 3 };
        let (end, ended) = mpsc::channel();
        let fleet = std::thread::spawn(move || drive(&plan, &ended));
        let described = |body: String| {
            let lines = body.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            lines.filter(|line| line.get("unit").is_some()).count()
        };
        let next = || bodies.recv_timeout(Duration::from_secs(20)).unwrap();
        let counts: Vec<usize> = (0..3).map(|_| described(next())).collect();
        drop(end);
        fleet.join().unwrap().unwrap();
        assert_eq!(counts, [4, 4, 0]);
    }
}
