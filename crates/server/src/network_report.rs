//! The report of the road network: made once for the same roads, which most edits of the city leave
//! as they are.

use std::sync::{Arc, Weak};
use std::time::Instant;

use tokio::sync::Mutex;
use urbis_network::{NetworkReport, Roads};

use crate::present::Published;
use crate::problem::ApiError;
use crate::state::AppState;

/// The last report.
#[derive(Debug, Clone, Default)]
pub(crate) struct NetworkReports(Arc<Mutex<Option<Kept>>>);

#[derive(Debug)]
struct Kept {
    /// What it is about. Does not keep roads that nobody drives on any more.
    roads: Weak<Roads>,
    report: Arc<NetworkReport>,
}

impl NetworkReports {
    /// The report of the roads that are shown; whoever asks while it is made waits for it.
    ///
    /// # Errors
    ///
    /// [`ApiError::Internal`] where making it panicked.
    pub async fn of(
        &self,
        state: &AppState,
        published: &Published,
    ) -> Result<Arc<NetworkReport>, ApiError> {
        let mut kept = Arc::clone(&self.0).lock_owned().await;
        let is_shown = |kept: &&Kept| Weak::as_ptr(&kept.roads) == Arc::as_ptr(&published.roads());
        if let Some(kept) = kept.as_ref().filter(is_shown) {
            return Ok(Arc::clone(&kept.report));
        }
        let (held, metrics) = (published.clone(), state.clone());
        // Goes on where the client leaves: the next one has it then.
        let make = move || {
            let started = Instant::now();
            let report = NetworkReport::new(&held.city, held.live.graph(), |_| true);
            let (report, roads) = (Arc::new(report), Arc::downgrade(held.live.roads()));
            metrics.metrics().network_reports.note(started.elapsed());
            *kept = Some(Kept { roads, report: Arc::clone(&report) });
            report
        };
        state.off_runtime("looking at the road network", make).await
    }
}
