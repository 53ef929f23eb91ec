//! Units and incidents inside of streets: before the incident in its own street, behind it, on the
//! other side, anywhere else. Half of the incidents are in one-ways, where there are any.

use std::fmt::Write as _;

use serde_json::{Value, json};
use urbis_catalog::ProfileIndex;
use urbis_network::{ArcId, IMPASSABLE, LiveRoads, OnArc, Target, all_times};

use crate::cases::Random;

/// Incidents; with the units of each, a thousand pairs.
const INCIDENTS: usize = 50;

/// How many units stand how to an incident, which is what a row of the report is called, too.
const STANDS: [(&str, usize); 4] =
    [("before it", 3), ("behind it", 3), ("other direction", 2), ("anywhere", 12)];

/// Streets that are shorter have no room for places before and behind, mm.
const SHORTEST_MM: u32 = 20_000;

/// The drawn places and our times between them, ms; null where there is no way.
///
/// A place is an arc of [`chains`] and millimetres from its start.
pub fn measure(live: &LiveRoads, profile: ProfileIndex) -> Value {
    let mut draw = Draw::new(live, profile);
    let incidents = (0..INCIDENTS).map(|number| {
        let incident = draw.incident(number % 2 == 0);
        let units: Vec<(&str, OnArc)> = STANDS
            .iter()
            .flat_map(|(stand, count)| std::iter::repeat_n(*stand, *count))
            .map(|stand| draw.unit(stand, incident))
            .collect();
        let targets: Vec<Target> = (0..)
            .zip(&units)
            .map(|(index, (_, at))| Target { index, at: vec![(*at, 0)] })
            .collect();
        let times = all_times(live, profile, &[incident], &targets, IMPASSABLE);
        let units = units.iter().zip(times).map(|((stand, at), ms)| {
            json!({ "stand": stand, "arc": at.arc.0, "offset_mm": at.offset_mm, "ms": ms })
        });
        json!({
            "arc": incident.arc.0, "offset_mm": incident.offset_mm,
            "is_oneway": draw.is_oneway(incident.arc), "units": units.collect::<Vec<_>>(),
        })
    });
    incidents.collect()
}

/// Every arc that can be driven as what it is made of: millimetres and class of each piece. Its
/// time is left to the reader.
pub fn chains(live: &LiveRoads, profile: ProfileIndex) -> String {
    let graph = live.graph();
    let mut rows = "id,source,target,chain\n".to_owned();
    for arc in graph.arcs().filter(|arc| live.weight(profile, *arc) != IMPASSABLE) {
        let view = graph.arc(arc);
        let links = graph.links(arc).map(|(link, _)| graph.link(link));
        let pieces: Vec<String> = links
            .filter(|link| link.barrier.is_none())
            .map(|link| {
                let class = graph.word(link.traits.class).unwrap_or_default();
                format!("{}:{class}", link.length_mm)
            })
            .collect();
        let chain = pieces.join(" ");
        writeln!(rows, "{},{},{},{chain}", arc.0, view.tail.0, view.head.0)
            .expect("writing to a string cannot fail");
    }
    rows
}

/// Draws places, the same at every run.
struct Draw<'a> {
    live: &'a LiveRoads,
    profile: ProfileIndex,
    /// Arcs with room.
    arcs: Vec<ArcId>,
    oneways: Vec<ArcId>,
    random: Random,
}

impl<'a> Draw<'a> {
    fn new(live: &'a LiveRoads, profile: ProfileIndex) -> Self {
        let has_room = |arc: &ArcId| live.graph().arc(*arc).length_mm >= SHORTEST_MM;
        let is_open = |arc: &ArcId| live.weight(profile, *arc) != IMPASSABLE;
        let arcs: Vec<ArcId> = live.graph().arcs().filter(has_room).filter(is_open).collect();
        let mut draw = Self {
            live,
            profile,
            arcs,
            oneways: Vec::new(),
            random: Random(0x2545_f491_4f6c_dd1d),
        };
        draw.oneways = draw.arcs.iter().copied().filter(|arc| draw.is_oneway(*arc)).collect();
        draw
    }

    fn is_oneway(&self, arc: ArcId) -> bool {
        self.live.weight(self.profile, arc.reverse()) == IMPASSABLE
    }

    /// With room before and behind.
    fn incident(&mut self, wants_oneway: bool) -> OnArc {
        let from =
            if wants_oneway && !self.oneways.is_empty() { &self.oneways } else { &self.arcs };
        let arc = from[self.random.below(from.len())];
        let length_mm = self.length_mm(arc);
        OnArc { arc, offset_mm: self.between(length_mm / 4, length_mm / 4 * 3) }
    }

    /// How it stands, and where; a one-way has no other direction.
    fn unit(&mut self, stand: &'static str, incident: OnArc) -> (&'static str, OnArc) {
        let OnArc { arc, offset_mm } = incident;
        match stand {
            "before it" => (stand, OnArc { arc, offset_mm: self.between(1, offset_mm) }),
            "behind it" => {
                let offset_mm = self.between(offset_mm + 1, self.length_mm(arc));
                (stand, OnArc { arc, offset_mm })
            }
            "other direction" if !self.is_oneway(arc) => (stand, self.inside(arc.reverse())),
            _ => {
                let arc = self.arcs[self.random.below(self.arcs.len())];
                ("anywhere", self.inside(arc))
            }
        }
    }

    fn inside(&mut self, arc: ArcId) -> OnArc {
        OnArc { arc, offset_mm: self.between(1, self.length_mm(arc)) }
    }

    fn length_mm(&self, arc: ArcId) -> u32 {
        self.live.graph().arc(arc).length_mm
    }

    /// A number from `low` to below `high`.
    fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.random.below((high - low) as usize) as u32
    }
}
