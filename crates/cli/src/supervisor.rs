//! Watches the private PostgreSQL of a node and starts it again when it died.

use std::convert::Infallible;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::task::{JoinHandle, spawn_blocking};
use urbis_cluster::PrivateCluster;

/// Pause between two looks at the server.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Waits between two starts of a server that keeps dying: doubled from the first to the last.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LAST_WAIT: Duration = Duration::from_secs(30);

/// A server that has lived this long since its last start is well again.
const WELL_AGAIN: Duration = Duration::from_secs(60);

/// Owns a cluster and keeps its server running.
///
/// Dropped without [`Self::end`] it ends its watch, and the server runs on.
#[derive(Debug)]
pub struct Supervisor {
    watched: Sender<Infallible>,
    watching: JoinHandle<PrivateCluster>,
}

impl Supervisor {
    /// Begins to watch.
    pub fn watch(cluster: PrivateCluster) -> Self {
        let (watched, end) = channel();
        Self { watched, watching: spawn_blocking(move || watch(cluster, &end)) }
    }

    /// Ends the watch and gives the cluster back; waits for a start that is under way.
    ///
    /// # Errors
    ///
    /// Where the watch crashed, which would be a bug.
    pub async fn end(self) -> anyhow::Result<PrivateCluster> {
        drop(self.watched);
        self.watching.await.context("the watch over PostgreSQL crashed")
    }
}

fn watch(cluster: PrivateCluster, end: &Receiver<Infallible>) -> PrivateCluster {
    let mut backoff = Backoff::default();
    while end.recv_timeout(LOOK_AGAIN) == Err(RecvTimeoutError::Timeout) {
        if cluster.is_running() {
            backoff.note_alive(Instant::now());
        } else if backoff.is_over(Instant::now()) {
            start_again(&cluster);
            backoff.note_start(Instant::now());
        }
    }
    cluster
}

fn start_again(cluster: &PrivateCluster) {
    let start = Instant::now();
    tracing::warn!(data_dir = %cluster.data_dir().display(), "PostgreSQL died, starting it again");
    match cluster.revive() {
        Ok(_) => {
            let duration_ms = start.elapsed().as_millis();
            tracing::info!(duration_ms, "PostgreSQL runs again");
        }
        Err(error) => tracing::error!(code = error.code(), %error, "PostgreSQL does not start"),
    }
}

/// How long to leave a server alone that keeps dying; the first death costs no wait.
#[derive(Debug, Default)]
struct Backoff {
    started: Option<Instant>,
    wait: Duration,
}

impl Backoff {
    fn is_over(&self, now: Instant) -> bool {
        self.started.is_none_or(|started| now.duration_since(started) >= self.wait)
    }

    fn note_start(&mut self, now: Instant) {
        self.wait = (self.wait * 2).clamp(FIRST_WAIT, LAST_WAIT);
        self.started = Some(now);
    }

    fn note_alive(&mut self, now: Instant) {
        if self.started.is_some_and(|started| now.duration_since(started) > WELL_AGAIN) {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_keeps_dying_is_started_ever_more_rarely() {
        let mut now = Instant::now();
        let mut backoff = Backoff::default();
        let mut waits = Vec::new();
        for _ in 0..8 {
            let died = now;
            while !backoff.is_over(now) {
                now += LOOK_AGAIN;
            }
            waits.push((now - died).as_secs());
            backoff.note_start(now);
            backoff.note_alive(now);
        }
        assert_eq!(waits, [0, 1, 2, 4, 8, 16, 30, 30]);

        backoff.note_alive(now + WELL_AGAIN + LOOK_AGAIN);
        assert!(backoff.is_over(now), "a server that was well is started at once");
    }
}
