//! How long something takes, over many runs.

use std::time::Instant;

use serde_json::{Value, json};

/// Times in microseconds.
#[derive(Default)]
pub struct Spread(Vec<f64>);

impl Spread {
    /// Runs and times.
    pub fn time<T>(&mut self, run: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let done = run();
        self.0.push(start.elapsed().as_secs_f64() * 1e6);
        done
    }

    pub fn to_json(&self) -> Value {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| {
            sorted.get(((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1)))
        };
        let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
        json!({ "mean": mean, "p50": at(0.5), "p99": at(0.99), "max": sorted.last() })
    }
}
