//! What the node did since it started, counted.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;

/// Upper bounds of the times that works are counted by, microseconds.
const BOUNDS_US: [u64; 10] =
    [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 1_000_000];

/// Counters; each grows only.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// By the first digit of the status: 1xx to 5xx.
    answers: [AtomicU64; 5],
    pub tile_hits: Count,
    pub tile_misses: Count,
    pub dispatch: DispatchTimes,
    /// Reports of the road network that were made.
    pub network_reports: Times,
    builds: Times,
}

/// What came of a question, for those who count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A unit goes by road.
    Found,
    /// No unit may go.
    Nobody,
    /// Nobody gets there by road.
    CutOff,
    /// Only the straight line could be offered.
    Fallback,
}

impl Outcome {
    /// All of them; the number of each (`as usize`) is its place here.
    pub const ALL: [Self; 4] = [Self::Found, Self::Nobody, Self::CutOff, Self::Fallback];

    /// The word in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Nobody => "nobody",
            Self::CutOff => "cut_off",
            Self::Fallback => "fallback",
        }
    }
}

/// Searches for units: how many came to which end, and how long they took.
#[derive(Debug, Default)]
pub(crate) struct DispatchTimes {
    outcomes: [Count; Outcome::ALL.len()],
    /// Of the whole answer, its writing not included.
    answers: Times,
    /// Of the search for those that arrive first.
    searches: Times,
}

impl DispatchTimes {
    /// Counts an answer, the writing of it not included, and the search in it where there was one.
    pub fn note(&self, outcome: Outcome, took: Duration, search: Option<Duration>) {
        self.outcomes[outcome as usize].add_one();
        self.answers.note(took);
        if let Some(took) = search {
            self.searches.note(took);
        }
    }

    fn write(&self, page: &mut Page) {
        const NAME: &str = "urbis_dispatch_candidates_total";
        page.family(NAME, Kind::Counter, "Searches for units by what came of them.");
        for outcome in Outcome::ALL {
            let count = self.outcomes[outcome as usize].value() as f64;
            page.sample(NAME, &[("outcome", outcome.as_str())], count);
        }
        let help = "Time to find units and to explain.";
        self.answers.write(page, "urbis_dispatch_candidates_seconds", help);
        let help = "Time to search for those that arrive first, in that of finding them.";
        self.searches.write(page, "urbis_dispatch_search_seconds", help);
    }
}

/// One counter.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Works of one kind by the time that they took.
#[derive(Debug, Default)]
pub(crate) struct Times {
    /// Up to each bound, and above the last; a work is in one of them.
    counts: [AtomicU64; BOUNDS_US.len() + 1],
    sum_us: AtomicU64,
}

impl Metrics {
    /// Counts an answer.
    pub fn note_answer(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(count) = self.answers.get(class) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts a build of a tile, its packing included.
    pub fn note_build(&self, took: Duration) {
        self.builds.note(took);
    }

    /// Writes all of them.
    pub fn write(&self, page: &mut Page) {
        page.family("urbis_answers_total", Kind::Counter, "Answers by class of status.");
        for (index, count) in self.answers.iter().enumerate() {
            let status = format!("{}xx", index + 1);
            let labels = [("status", status.as_str())];
            page.sample("urbis_answers_total", &labels, count.load(Ordering::Relaxed) as f64);
        }
        page.single(
            "urbis_tile_cache_hits_total",
            Kind::Counter,
            "Tiles that were answered as they lay in the cache.",
            self.tile_hits.value() as f64,
        );
        page.single(
            "urbis_tile_cache_misses_total",
            Kind::Counter,
            "Tiles that were answered otherwise: not in the cache, or no longer right.",
            self.tile_misses.value() as f64,
        );
        let help = "Time to render and pack a tile.";
        self.builds.write(page, "urbis_tile_build_seconds", help);
        self.dispatch.write(page);
        let help = "Time to look at the road network.";
        self.network_reports.write(page, "urbis_network_report_seconds", help);
    }
}

impl Times {
    pub fn note(&self, took: Duration) {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS_US.partition_point(|bound| *bound < took_us);
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(took_us, Ordering::Relaxed);
    }

    fn write(&self, page: &mut Page, name: &str, help: &str) {
        page.family(name, Kind::Histogram, help);
        let bounds = BOUNDS_US.iter().map(|bound| (*bound as f64 / 1e6).to_string());
        let bounds = bounds.chain(["+Inf".to_owned()]);
        let mut up_to = 0;
        for (bound, count) in bounds.zip(&self.counts) {
            up_to += count.load(Ordering::Relaxed);
            page.sample(&format!("{name}_bucket"), &[("le", &bound)], up_to as f64);
        }
        let sum = self.sum_us.load(Ordering::Relaxed) as f64 / 1e6;
        page.sample(&format!("{name}_sum"), &[], sum);
        page.sample(&format!("{name}_count"), &[], up_to as f64);
    }
}

/// What a family of samples means.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// A page in the text format of Prometheus, version 0.0.4.
#[derive(Debug, Default)]
pub(crate) struct Page(String);

impl Page {
    /// Begins a family; its samples follow.
    pub fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    /// One sample. The values of labels are ids and words of ours: nothing in them is escaped.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        if labels.is_empty() {
            self.line(format_args!("{name} {value}\n"));
        } else {
            self.line(format_args!("{name}{{{}}} {value}\n", labels.join(",")));
        }
    }

    /// A family of one sample.
    pub fn single(&mut self, name: &str, kind: Kind, help: &str, value: f64) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    /// The whole page.
    pub fn into_text(self) -> String {
        self.0
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        self.0.write_fmt(line).expect("writing to memory does not fail");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_counted_up_to_every_bound_that_it_keeps() {
        let metrics = Metrics::default();
        for took_us in [100, 101, 2_000_000] {
            metrics.note_build(Duration::from_micros(took_us));
        }
        let mut page = Page::default();
        metrics.write(&mut page);
        let text = page.into_text();
        for line in [
            "urbis_tile_build_seconds_bucket{le=\"0.0001\"} 1",
            "urbis_tile_build_seconds_bucket{le=\"0.00025\"} 2",
            "urbis_tile_build_seconds_bucket{le=\"1\"} 2",
            "urbis_tile_build_seconds_bucket{le=\"+Inf\"} 3",
            "urbis_tile_build_seconds_sum 2.000201",
            "urbis_tile_build_seconds_count 3",
        ] {
            assert!(text.lines().any(|found| found == line), "no {line} in\n{text}");
        }
    }
}
