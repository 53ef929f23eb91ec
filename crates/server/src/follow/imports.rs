//! Asks now and then when each layer was imported: an import that changes nothing leaves no trace in
//! the change log.

use std::convert::Infallible;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use urbis_store::Store;

use crate::state::AppState;

/// Time between two questions.
const INTERVAL: Duration = Duration::from_secs(5);

/// Asks for ever. While the database is away the last answer stays; the tail says that it is.
pub(super) async fn keep_imports(store: &Store, state: &AppState) -> Infallible {
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match store.last_imports().await {
            Ok(imports) => state.note_imports(imports),
            Err(error) => tracing::debug!(code = error.code(), "imports are not known anew"),
        }
    }
}
