//! Deletes what nobody needs any more, on the side: whichever node comes first does it for all.

use std::convert::Infallible;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use urbis_catalog::Catalog;
use urbis_store::{Pruned, Retention, Store, StoreError, causes};

/// Time between two prunings of the change log.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// Prunings of the log between two of history and runs, which read whole tables.
const PAST_EVERY: u64 = 60;

/// Prunes for ever. What fails is tried again the next time.
pub(super) async fn keep_tidy(
    store: &Store,
    catalog: &Catalog,
    retention: Retention,
) -> Infallible {
    let mut ticks = interval(LOG_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut round = 0;
    loop {
        ticks.tick().await;
        note(store.prune_log(&retention).await.map(Option::unwrap_or_default));
        if round % PAST_EVERY == 0 {
            note(store.prune_past(catalog, &retention).await);
        }
        round += 1;
    }
}

fn note(outcome: Result<Pruned, StoreError>) {
    match outcome {
        Ok(Pruned { nodes, log_rows, versions, runs, live_rows, live_days }) => {
            if nodes > 0 {
                tracing::warn!(nodes, "the change log waits no longer for silent nodes");
            }
            tracing::debug!(log_rows, versions, runs, live_rows, live_days, "pruned");
        }
        // The tail says so.
        Err(error) if error.is_away() => {
            tracing::debug!(code = error.code(), "nothing is pruned while the database is away");
        }
        Err(error) => {
            let (code, cause) = (error.code(), causes(&error));
            tracing::warn!(code, %error, cause, "not all that is old was pruned, tried again later");
        }
    }
}
