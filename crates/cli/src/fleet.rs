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
mod muster;
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
use muster::{Pauses, muster};
use report::Reporter;
use roster::{Base, draw_up};
use vehicle::Vehicle;

pub(crate) use client::ClientError;

/// Pause between two reports, and between two tries to reach a server that is not there.
const EVERY: Duration = Duration::from_secs(1);

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

/// Drives a fleet until the other end of `end` is dropped. A server that is away, or has no bases on
/// roads yet, is waited for.
///
/// # Errors
///
/// Where the server refuses the key or is none of ours; never because it is away or has no bases.
pub(crate) fn drive(plan: &FleetPlan, end: &Receiver<Infallible>) -> Result<(), ClientError> {
    let mut client = Client::new(&plan.url, &plan.key);
    let Some(bases) = muster(&mut client, end, Pauses::default())? else { return Ok(()) };
    let mut units = set_out(plan, &bases);
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

/// Brings the fleet to its bases.
fn set_out(plan: &FleetPlan, bases: &[Base]) -> Vec<Unit> {
    let run =
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    let units: Vec<Unit> = draw_up(bases, plan.units, plan.seed)
        .into_iter()
        .map(|member| {
            let vehicle = Vehicle::new(member, plan.seed);
            let reporter = Reporter::new(&vehicle, plan.seed, run ^ u64::from(std::process::id()));
            Unit { vehicle, reporter }
        })
        .collect();
    tracing::info!(units = units.len(), bases = bases.len(), "a simulated fleet sets out");
    units
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
    has_no_bases: bool,
}

impl Link {
    fn note_loss(&mut self, error: &ClientError) {
        if !self.is_lost {
            tracing::info!(%error, "the simulated fleet drives on without a server");
        }
        self.is_lost = true;
    }

    fn note_no_bases(&mut self) {
        if !self.has_no_bases {
            tracing::info!("the simulated fleet waits: the server has no bases on roads");
        }
        self.has_no_bases = true;
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

    /// Answers one request with the status and the body that `reply` makes of its path and body, or
    /// hangs up.
    fn answer(
        stream: TcpStream,
        reply: &mut impl FnMut(&str, &str) -> Option<(u16, Value)>,
    ) -> Option<()> {
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
        let (status, said) = reply(path, &String::from_utf8(body).ok()?)?;
        let said = said.to_string();
        let head = "Content-Type: application/json\r\nConnection: close";
        let mut stream = stream;
        write!(
            stream,
            "HTTP/1.1 {status} -\r\n{head}\r\nContent-Length: {}\r\n\r\n{said}",
            said.len()
        )
        .ok()
    }

    const ROAD: [[f64; 2]; 2] = [[108.22, 16.06], [108.23, 16.06]];

    fn city() -> Value {
        json!({"city": {"bbox": [108.0, 16.0, 108.4, 16.2]}})
    }

    /// Hospitals at these places.
    fn hospitals(places: &[[f64; 2]]) -> Value {
        let feature = |place: &[f64; 2]| {
            let point = json!({"type": "Point", "coordinates": place});
            json!({"geometry": point, "properties": {"kind": "hospital"}})
        };
        json!({"features": places.iter().map(feature).collect::<Vec<_>>()})
    }

    fn road() -> Value {
        let facts = json!({"distance_m": 1_000.0, "time_s": 100.0});
        json!({"features": [{"geometry": {"coordinates": ROAD}, "properties": facts}]})
    }

    /// A server with one hospital on one road that refuses a part of the first reports; sends on the
    /// body of each report.
    fn refusing_once(listener: &TcpListener, bodies: &mpsc::Sender<String>) {
        let mut is_first = true;
        let mut reply = |path: &str, body: &str| {
            let said = if path.starts_with("/layers") {
                city()
            } else if path.starts_with("/nearest") {
                hospitals(&ROAD[..1])
            } else if path.starts_with("/route") {
                road()
            } else {
                let refused = u32::from(std::mem::take(&mut is_first));
                let _ended = bodies.send(body.to_owned());
                json!({"accepted": 3, "refused": refused, "lines": [{"code": "unknown_unit"}]})
            };
            Some((200, said))
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

    /// What a server is like while it is asked for bases once.
    #[derive(Debug, Clone, Copy)]
    enum State {
        Empty,
        WithoutRoads,
        /// Gone, or loading, as soon as it has told the first base's way.
        HangsUp,
        Loading,
        Whole,
    }

    /// A server with two hospitals that is in these states, one after another; tells of each time
    /// that it is asked for them.
    fn changing(listener: &TcpListener, states: &[State], asked: &mpsc::Sender<()>) {
        let mut states = states.iter();
        let mut state = State::Empty;
        let mut reply = |path: &str, _: &str| {
            if path.starts_with("/layers") {
                return Some((200, city()));
            }
            if path.starts_with("/nearest") {
                state = *states.next().unwrap();
                let _ended = asked.send(());
                let places = if matches!(state, State::Empty) { &[][..] } else { &ROAD[..] };
                return Some((200, hospitals(places)));
            }
            let is_first = path.contains("from=108.22");
            match state {
                State::HangsUp if !is_first => None,
                State::Loading if !is_first => Some((503, json!({"code": "not_ready"}))),
                State::Empty | State::WithoutRoads => Some((422, json!({"code": "off_road"}))),
                State::HangsUp | State::Loading | State::Whole => Some((200, road())),
            }
        };
        for stream in listener.incoming().map_while(Result::ok) {
            answer(stream, &mut reply);
        }
    }

    /// The client of such a server, and what hears of its questions.
    fn client_of(states: &'static [State]) -> (Client, Receiver<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()), "k");
        let (sender, asked) = mpsc::channel();
        std::thread::spawn(move || changing(&listener, states, &sender));
        (client, asked)
    }

    const SOON: Duration = Duration::from_millis(1);
    const NEVER: Duration = Duration::from_secs(3_600);

    /// How many bases are found on such a server's roads, and how often it was asked for them.
    fn found(states: &'static [State], pauses: Pauses) -> (usize, usize) {
        let (mut client, asked) = client_of(states);
        let (_end, ended) = mpsc::channel();
        let (sender, mustered) = mpsc::channel();
        std::thread::spawn(move || sender.send(muster(&mut client, &ended, pauses)));
        let bases = mustered.recv_timeout(Duration::from_secs(20)).unwrap().unwrap().unwrap();
        (bases.len(), asked.try_iter().count())
    }

    #[test]
    fn bases_on_roads_are_waited_for() {
        let states = &[State::Empty, State::WithoutRoads, State::Whole];
        assert_eq!(found(states, Pauses { away: NEVER, no_bases: SOON }), (2, 3));
    }

    #[test]
    fn a_server_that_goes_away_while_it_is_asked_for_roads_loses_no_base() {
        let states = &[State::HangsUp, State::Loading, State::Whole];
        assert_eq!(found(states, Pauses { away: SOON, no_bases: NEVER }), (2, 3));
    }

    #[test]
    fn a_fleet_that_waits_for_bases_can_be_ended() {
        let (mut client, asked) = client_of(&[State::Empty]);
        let (end, ended) = mpsc::channel();
        let pauses = Pauses { away: NEVER, no_bases: NEVER };
        let waiting = std::thread::spawn(move || muster(&mut client, &ended, pauses));
        asked.recv_timeout(Duration::from_secs(20)).unwrap();
        drop(end);
        assert_eq!(waiting.join().unwrap().unwrap(), None);
    }

    #[test]
    fn a_server_without_bases_is_asked_less_often_than_one_that_is_away() {
        let pauses = Pauses::default();
        assert!(pauses.no_bases > pauses.away, "{pauses:?}");
    }
}
