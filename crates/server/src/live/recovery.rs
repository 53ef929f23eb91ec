//! What the folder of the spool holds, brought into memory at the start.

use std::time::Instant;

use urbis_dispatch::{Fleet, JudgedReport, LiveRecord, RoadStateReport, SpoolMark};
use urbis_model::Moment;

use super::checkpoint::States;
use super::road_book::RoadBook;
use super::road_state::RoadReport;
use super::writer::Shared;
use crate::present::{Board, NextFleet};

/// The last states, and the records that came after them.
#[derive(Debug)]
pub(super) struct Recovered {
    fleet: Fleet,
    roads: RoadBook,
}

impl Recovered {
    /// The last states as they were kept.
    pub fn new(states: States) -> Self {
        let mut roads = RoadBook::default();
        roads.restore(states.roads);
        Self { fleet: Fleet::restore(states.units, None), roads }
    }

    /// Takes in records, the oldest first.
    pub fn take(&mut self, records: impl Iterator<Item = LiveRecord>) {
        let mut units: Vec<JudgedReport> = Vec::new();
        let mut roads: Vec<RoadStateReport> = Vec::new();
        for record in records {
            match record {
                LiveRecord::Unit(judged) => units.push(judged),
                LiveRecord::Road(report) => roads.push(report),
            }
        }
        // As they were judged then: a jump that was held, a report that was on time.
        self.fleet = self.fleet.replay(&units);
        self.roads.restore(roads);
    }

    /// Makes it the state that requests see once there is a city; every record before the mark is
    /// in it, and so many of them the database may lack.
    pub fn show(self, board: &Board, shared: &Shared, mark: SpoolMark, count: usize) {
        let updates = self.roads.reports().filter_map(RoadReport::update_of).collect();
        board.change_live(NextFleet { fleet: self.fleet, roads: None }, updates, Moment::now());
        let mut book = shared.book();
        book.roads = self.roads;
        book.applied = mark;
        book.behind_since = (count > 0).then(Instant::now);
    }
}
