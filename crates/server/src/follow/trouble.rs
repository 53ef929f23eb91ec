//! The database is away: said once when it begins and once when it ends, and waited for meanwhile.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use urbis_store::{StoreError, causes};

/// Waits between attempts while the database is away: doubled from the first to the last.
pub(super) const FIRST_BACKOFF: Duration = Duration::from_millis(20);
pub(super) const LAST_BACKOFF: Duration = Duration::from_secs(1);

/// What is wrong with the database, if anything.
#[derive(Debug, Default)]
pub(super) struct Trouble(Option<Loss>);

/// The database is away.
#[derive(Debug)]
struct Loss {
    since: Instant,
    backoff: Duration,
}

impl Trouble {
    /// Says whether something is wrong.
    pub const fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// Logs the begin and the end of a loss, and waits before the next attempt.
    pub async fn note(&mut self, outcome: Result<(), StoreError>) {
        let Err(error) = outcome else {
            if let Some(loss) = self.0.take() {
                let away_ms = loss.since.elapsed().as_millis();
                tracing::info!(away_ms, "the database is back");
            }
            return;
        };
        let is_locked = matches!(error, StoreError::LayerLocked { .. });
        match &mut self.0 {
            Some(loss) => loss.backoff = (loss.backoff * 2).min(LAST_BACKOFF),
            // Another session holds a table: nothing is wrong, and its end may be near.
            None if is_locked => {}
            None => {
                let (code, cause) = (error.code(), causes(&error));
                tracing::error!(code, %error, cause, "lost the database, serving on");
                self.0 = Some(Loss { since: Instant::now(), backoff: FIRST_BACKOFF });
            }
        }
        sleep(self.0.as_ref().map_or(FIRST_BACKOFF, |loss| loss.backoff)).await;
    }
}
