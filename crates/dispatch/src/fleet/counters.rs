//! How many parts of reports came to which end.

use urbis_model::{Outcome, Verdict};

/// Numbers since the fleet was made; immutable like the fleet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    counts: [u64; Verdict::ALL.len()],
    /// Held positions that the next one confirmed.
    pub jumps_confirmed: u64,
    /// Held positions that the next one contradicted.
    pub jumps_dropped: u64,
}

impl Counters {
    /// Parts of reports with a verdict.
    pub const fn of(&self, verdict: Verdict) -> u64 {
        self.counts[verdict as usize]
    }

    pub(super) fn count(&mut self, outcome: &Outcome) {
        for verdict in outcome.verdicts() {
            self.counts[verdict as usize] += 1;
        }
    }
}
