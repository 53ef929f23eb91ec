//! The fleet's talk with the server: bases and ways in, reports out. Plain HTTP.

use std::time::Duration;

use geo::{Distance, Haversine, Point};
use serde_json::Value;

use super::roster::Base;
use super::vehicle::Guide;
use super::way::Way;

/// A server that takes longer is as good as gone for now.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where help sets out from, in the layers that come with the program.
const BASE_LAYER: &str = "emergency_place";

/// Bases that are asked for.
const MAX_BASES: usize = 1_000;

/// Which kind of place is a base of whom.
const BASE_KINDS: [(&str, &str); 4] =
    [("hospital", "115"), ("ambulance", "115"), ("fire", "114"), ("police", "113")];

/// Why the server gave nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// It is not there, or it does not answer.
    #[error("the server does not answer")]
    Unreachable(#[source] Box<ureq::Error>),
    /// It answered with a refusal.
    #[error("the server answered {status} to {path}: {said}")]
    Refused { path: String, status: u16, said: String },
    /// It answered with something else than was expected.
    #[error("the server's answer to {path} cannot be read")]
    Unreadable { path: String },
}

impl ClientError {
    /// Whether asking again cannot help: the key or the address is wrong.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Refused { status: 401 | 403 | 404, .. })
    }

    /// Whether the server is away, still loading, or too busy: the same may be asked again.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Refused { status: 502..=504, .. })
    }
}

/// A server and the key for it.
pub(super) struct Client {
    agent: ureq::Agent,
    base_url: String,
    key: String,
    hospitals: Vec<Point<f64>>,
}

impl Client {
    /// Talks to the server at an address such as `http://127.0.0.1:8400/`.
    pub fn new(url: &str, key: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .build();
        let base_url = url.trim_end_matches('/').to_owned();
        Self { agent: config.into(), base_url, key: key.to_owned(), hospitals: Vec::new() }
    }

    /// Bases of all services, nearest to the middle of the city's first.
    pub fn bases(&mut self) -> Result<Vec<Base>, ClientError> {
        let [lon, lat] = self.middle()?;
        let path = format!("/nearest/{BASE_LAYER}?lon={lon}&lat={lat}&limit={MAX_BASES}");
        let answer = self.read(&path)?;
        let features = answer["features"].as_array().map_or(&[][..], Vec::as_slice);
        let bases: Vec<Base> = features.iter().filter_map(base_of).collect();
        let medical = bases.iter().filter(|base| base.agency == "115");
        self.hospitals = medical.map(|base| base.place).collect();
        Ok(bases)
    }

    /// Sends reports, one JSON object a line.
    pub fn post(&self, lines: &[Value]) -> Result<Value, ClientError> {
        let path = "/live/positions";
        let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let request = self.agent.post(format!("{}{path}", self.base_url));
        let request = request
            .header("Authorization", format!("Bearer {}", self.key))
            .header("Content-Type", "application/x-ndjson");
        read_answer(path, request.send(body))
    }

    /// The way by road from the first place to the second for a profile, where there is one.
    pub fn find_way(
        &self,
        profile: &str,
        from: Point<f64>,
        to: Point<f64>,
    ) -> Result<Option<Way>, ClientError> {
        let path = format!(
            "/route?from={:.6},{:.6}&to={:.6},{:.6}&profile={profile}",
            from.x(),
            from.y(),
            to.x(),
            to.y()
        );
        Ok(way_of(&self.read(&path)?))
    }

    fn middle(&self) -> Result<[f64; 2], ClientError> {
        let path = "/layers";
        let answer = self.read(path)?;
        let edges: Option<Vec<f64>> = answer["city"]["bbox"]
            .as_array()
            .map(|edges| edges.iter().filter_map(Value::as_f64).collect());
        match edges.as_deref() {
            Some([west, south, east, north]) => Ok([(west + east) / 2.0, (south + north) / 2.0]),
            _ => Err(ClientError::Unreadable { path: path.to_owned() }),
        }
    }

    fn read(&self, path: &str) -> Result<Value, ClientError> {
        let request = self.agent.get(format!("{}{path}", self.base_url));
        read_answer(path, request.header("Authorization", format!("Bearer {}", self.key)).call())
    }
}

impl Guide for Client {
    fn way(&mut self, profile: &str, from: Point<f64>, to: Point<f64>) -> Option<Way> {
        // No way, or no server: either way the unit tries another later.
        self.find_way(profile, from, to).ok().flatten()
    }

    fn hospital(&mut self, near: Point<f64>) -> Option<Point<f64>> {
        let far = |place: &Point<f64>| Haversine.distance(near, *place);
        self.hospitals.iter().copied().min_by(|one, other| far(one).total_cmp(&far(other)))
    }
}

type Sent = Result<ureq::http::Response<ureq::Body>, ureq::Error>;

fn read_answer(path: &str, sent: Sent) -> Result<Value, ClientError> {
    const MAX_SAID: usize = 300;
    let mut response = sent.map_err(|cause| ClientError::Unreachable(Box::new(cause)))?;
    let status = response.status();
    let text = response.body_mut().read_to_string();
    let text = text.map_err(|cause| ClientError::Unreachable(Box::new(cause)))?;
    if !status.is_success() {
        let said = text.chars().take(MAX_SAID).collect();
        return Err(ClientError::Refused { path: path.to_owned(), status: status.as_u16(), said });
    }
    serde_json::from_str(&text).map_err(|_| ClientError::Unreadable { path: path.to_owned() })
}

fn base_of(feature: &Value) -> Option<Base> {
    let kind = feature["properties"]["kind"].as_str()?;
    let (_, agency) = BASE_KINDS.into_iter().find(|(known, _)| *known == kind)?;
    let [lon, lat] = place_of(&feature["geometry"]["coordinates"])?;
    Some(Base { agency, place: Point::new(lon, lat) })
}

fn place_of(coordinates: &Value) -> Option<[f64; 2]> {
    Some([coordinates.get(0)?.as_f64()?, coordinates.get(1)?.as_f64()?])
}

/// The fastest route of an answer, at the pace of its instructions.
fn way_of(answer: &Value) -> Option<Way> {
    let route = answer["features"].get(0)?;
    let places: Option<Vec<[f64; 2]>> =
        route["geometry"]["coordinates"].as_array()?.iter().map(place_of).collect();
    let facts = &route["properties"];
    let part = |told: &Value| Some((told["distance_m"].as_f64()?, told["time_s"].as_f64()?));
    let told = facts["instructions"].as_array().map_or(&[][..], Vec::as_slice);
    let parts: Option<Vec<(f64, f64)>> = told.iter().map(part).collect();
    let whole = || part(facts).and_then(|whole| Way::paced(places.as_deref()?, &[whole]));
    Way::paced(places.as_deref()?, &parts?).or_else(whole)
}
