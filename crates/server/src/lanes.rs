//! How many requests are answered at once, and how much work runs for them: a lane for dispatch, one
//! for everything else.
//!
//! A storm of map tiles fills its own lane only: whoever asks for the unit that gets there first, or
//! says where a unit is, waits for nobody who looks at a map.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

/// Requests that are answered at once; beyond them a client is told to come back.
const MAX_REQUESTS: usize = 1024;

/// The same of dispatch.
const MAX_DISPATCH_REQUESTS: usize = 256;

/// Works that run at once for each core: packing and rendering never wait for anything else.
const WORKERS_PER_CORE: usize = 2;

/// Paths that begin so are of [`Lane::Dispatch`].
const DISPATCH_PATHS: [&str; 5] =
    ["/dispatch/", "/live/positions", "/live/road-state", "/route", "/health/"];

/// Which requests share their places and threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Units, their positions, the roads' state, and whether the node is well.
    Dispatch,
    /// Everything else.
    General,
}

impl Lane {
    /// The lane of a path.
    pub fn of(path: &str) -> Self {
        let is_dispatch = DISPATCH_PATHS.iter().any(|start| path.starts_with(start));
        if is_dispatch { Self::Dispatch } else { Self::General }
    }
}

/// What bounds the requests of each lane.
#[derive(Debug)]
pub(crate) struct Lanes {
    dispatch: Places,
    general: Places,
}

#[derive(Debug)]
struct Places {
    requests: Semaphore,
    workers: Arc<Semaphore>,
}

impl Lanes {
    /// For a machine of so many cores.
    pub fn new(cores: usize) -> Self {
        let places = |requests| Places {
            requests: Semaphore::new(requests),
            workers: Arc::new(Semaphore::new(cores * WORKERS_PER_CORE)),
        };
        Self { dispatch: places(MAX_DISPATCH_REQUESTS), general: places(MAX_REQUESTS) }
    }

    /// A place among the requests that are answered; `None` where there are too many.
    pub fn admit(&self, lane: Lane) -> Option<SemaphorePermit<'_>> {
        self.places(lane).requests.try_acquire().ok()
    }

    /// The places of the works that run off the threads that serve connections.
    pub fn workers(&self, lane: Lane) -> &Arc<Semaphore> {
        &self.places(lane).workers
    }

    const fn places(&self, lane: Lane) -> &Places {
        match lane {
            Lane::Dispatch => &self.dispatch,
            Lane::General => &self.general,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_that_is_full_takes_no_place_of_the_other() {
        let lanes = Lanes::new(1);
        let held: Vec<_> = std::iter::from_fn(|| lanes.admit(Lane::General)).collect();
        assert_eq!(held.len(), MAX_REQUESTS);
        assert!(lanes.admit(Lane::Dispatch).is_some());
    }

    #[test]
    fn maps_and_dispatch_have_lanes_of_their_own() {
        for path in ["/dispatch/candidates", "/live/positions", "/live/road-state", "/route"] {
            assert_eq!(Lane::of(path), Lane::Dispatch, "{path}");
        }
        for path in ["/", "/tiles/a/1/1/1", "/live/events", "/live/units", "/nearest/a", "/reach"] {
            assert_eq!(Lane::of(path), Lane::General, "{path}");
        }
    }
}
