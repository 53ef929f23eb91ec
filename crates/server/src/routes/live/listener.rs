//! One stream: what its client is told, and when.
//!
//! A task for each stream takes in every publication at once, keeps what is of interest and hands
//! it on as fast as the client reads. What waits is one message, into which later changes are
//! merged; where it grows too large, "read everything again" takes its place. A client that reads
//! nothing therefore costs little, and a change that it may not see leaves nothing in it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use futures_util::Stream;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc::error::SendError;
use tokio::sync::mpsc::{self, Permit, Sender};
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, sleep_until};
use urbis_catalog::Catalog;
use urbis_model::{LayerId, Openness, Revision, WorldBox};

use crate::dirty::Touched;
use crate::present::Published;
use crate::problem::ApiError;
use crate::publication::{Difference, Publication};
use crate::state::AppState;
use crate::unit_news::{Look, UnitInterest, UntoldUnits};

use super::frame::{Frame, stream};

/// Least time between two messages: edits that follow each other closely make one.
const PAUSE: Duration = Duration::from_millis(50);

/// Least time between two messages of roads, which a feed of traffic changes without end.
const ROADS_PAUSE: Duration = Duration::from_millis(250);

/// Most ranges in one message; a client whom more concerns reads everything again.
const MAX_RANGES: usize = 512;

/// Messages between the task and the connection.
const OUTBOX: usize = 2;

/// What a client wants to be told of.
#[derive(Debug)]
pub(super) struct Interest {
    /// What the caller may see.
    pub class: Openness,
    /// Layers that the caller may see.
    pub layers: Vec<LayerId>,
    /// Tiles that show something of it; all where absent.
    pub area: Option<WorldBox>,
    /// Where the client stands.
    pub start: Start,
    /// Units that it wants to be told of.
    pub units: Option<UnitInterest>,
    /// Whether it wants to be told when roads change.
    pub roads: bool,
}

/// Where a client stands when its stream begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// It reads the city from now on.
    Fresh,
    /// It had a stream before and may have missed something since.
    Resumed,
}

/// Opens a stream: `hello` with the revision from which on the client is told of every change,
/// then `tiles` and `resync` as they come.
///
/// It ends when the node stops, and when the key in `headers` opens no more what it did.
///
/// # Errors
///
/// [`ApiError::TooManyStreams`]; [`ApiError::NotReady`] before the first load.
pub(super) fn listen(
    state: &AppState,
    headers: &HeaderMap,
    interest: Interest,
) -> Result<(Published, impl Stream<Item = Result<Bytes, Infallible>> + use<>), ApiError> {
    let place = state.events().take_place()?;
    // Before the city is taken: what is published in between is told twice rather than not at all.
    let news = News {
        publications: state.publications(),
        units: state.unit_news().listen(),
        roads: state.board().roads(),
    };
    let published = state.published()?;
    let revision = published.revision();
    let waiting = match interest.start {
        Start::Fresh => Waiting::Nothing,
        Start::Resumed => Waiting::Everything,
    };
    let listener = Listener {
        key: Key::new(state, headers, interest.class),
        catalog: Arc::clone(published.city.catalog()),
        untold: interest.units.map(|units| all_units(state, &published, units)),
        interest,
        revision,
        waiting,
        roads_changed: false,
    };
    let (outbox, inbox) = mpsc::channel(OUTBOX);
    tokio::spawn(async move {
        if outbox.send(Frame::new("hello", revision, json!({}))).await.is_ok() {
            listener.run(news, outbox).await;
        }
    });
    Ok((published, stream(inbox, place)))
}

fn all_units(state: &AppState, published: &Published, units: UnitInterest) -> UntoldUnits {
    state.unit_news().all(&published.fleet, units, state.city_settings().utc_offset)
}

/// The client's key, asked again whenever keys change.
struct Key {
    state: AppState,
    headers: HeaderMap,
    class: Openness,
}

impl Key {
    fn new(state: &AppState, headers: &HeaderMap, class: Openness) -> Self {
        let sent = headers.get_all(header::AUTHORIZATION).iter();
        let headers = sent.map(|value| (header::AUTHORIZATION, value.clone())).collect();
        Self { state: state.clone(), headers, class }
    }

    /// Says whether it opens what it opened when the stream began.
    fn holds(&self) -> bool {
        self.state.access(&self.headers).is_ok_and(|access| access.class() == self.class)
    }
}

/// Where a listener hears of changes.
struct News {
    publications: broadcast::Receiver<Arc<Publication>>,
    units: broadcast::Receiver<Arc<Look>>,
    roads: watch::Receiver<()>,
}

/// What the client has not been told yet.
#[derive(Debug, Default, PartialEq, Eq)]
enum Waiting {
    #[default]
    Nothing,
    Tiles(Touched),
    Everything,
}

struct Listener {
    key: Key,
    /// That of every city of the node.
    catalog: Arc<Catalog>,
    interest: Interest,
    /// The newest revision that `waiting` holds the changes of. Never falls: to a listener that fell
    /// behind, publications come that are older than what it says.
    revision: Revision,
    waiting: Waiting,
    /// What it has not been told of units, where it wants to be.
    untold: Option<UntoldUnits>,
    /// Roads changed, and it has not been told.
    roads_changed: bool,
}

impl Listener {
    /// Tells the client what concerns it until it leaves, its key ends or the node stops.
    async fn run(mut self, mut news: News, outbox: Sender<Frame>) {
        let events = self.key.state.events();
        let (mut keys, mut closed) = (events.keys(), events.closed());
        // A key may have ended before anybody watched.
        keys.mark_changed();
        let [mut pause_ends, mut roads_pause_ends] = [Instant::now(); 2];
        loop {
            let is_due = self.waiting != Waiting::Nothing || self.has_untold_units();
            tokio::select! {
                () = outbox.closed() => return,
                _ = closed.wait_for(|closed| *closed) => return,
                _ = keys.changed() => if !self.key.holds() { return },
                received = news.publications.recv() => match received {
                    Ok(publication) => self.note(&publication),
                    Err(RecvError::Lagged(_)) => self.fall_behind(),
                    Err(RecvError::Closed) => return,
                },
                received = news.units.recv(), if self.untold.is_some() => match received {
                    Ok(look) => self.note_units(&look),
                    Err(RecvError::Lagged(_)) => self.tell_all_units(),
                    Err(RecvError::Closed) => return,
                },
                changed = news.roads.changed(), if self.interest.roads => match changed {
                    Ok(()) => self.roads_changed = true,
                    Err(_) => return,
                },
                permit = room_after(pause_ends, &outbox), if is_due => {
                    let Ok(permit) = permit else { return };
                    permit.send(self.take_message());
                    pause_ends = Instant::now() + PAUSE;
                }
                permit = room_after(roads_pause_ends, &outbox), if self.roads_changed => {
                    let Ok(permit) = permit else { return };
                    if let Some(message) = self.take_roads() {
                        permit.send(message);
                    }
                    roads_pause_ends = Instant::now() + ROADS_PAUSE;
                }
            }
        }
    }

    /// Takes everything for changed, up to the city as it is now.
    fn fall_behind(&mut self) {
        self.waiting = Waiting::Everything;
        if let Ok(published) = self.key.state.published() {
            self.revision = published.revision();
        }
    }

    /// Adds what a publication tells this client to what waits for it.
    fn note(&mut self, publication: &Publication) {
        let Difference::Changes(changes) = &publication.difference else {
            self.revision = self.revision.max(publication.revision);
            self.waiting = Waiting::Everything;
            return;
        };
        let Interest { class, layers, area, .. } = &self.interest;
        let touched = publication.tiles.touched(changes, &self.catalog, *class).cut(layers, *area);
        if touched.is_empty() {
            return;
        }
        self.revision = self.revision.max(publication.revision);
        self.waiting = match std::mem::take(&mut self.waiting) {
            Waiting::Nothing => Waiting::Tiles(touched),
            Waiting::Tiles(mut earlier) => {
                earlier.extend(touched);
                Waiting::Tiles(earlier)
            }
            Waiting::Everything => Waiting::Everything,
        };
        if matches!(&self.waiting, Waiting::Tiles(all) if all.range_count() > MAX_RANGES) {
            self.waiting = Waiting::Everything;
        }
    }

    fn has_untold_units(&self) -> bool {
        self.untold.as_ref().is_some_and(|untold| !untold.is_empty())
    }

    fn note_units(&mut self, look: &Arc<Look>) {
        if let Some(untold) = &mut self.untold {
            untold.note(look);
        }
    }

    /// Takes everything for changed.
    fn tell_all_units(&mut self) {
        let state = &self.key.state;
        if let (Ok(published), Some(units)) = (state.published(), self.interest.units) {
            self.untold = Some(all_units(state, &published, units));
        }
    }

    /// That the roads are others; which they are now, and no word of what changed.
    fn take_roads(&mut self) -> Option<Frame> {
        self.roads_changed = false;
        let published = self.key.state.published().ok()?;
        Some(Frame::new("roads", published.revision(), json!({"epoch": published.live.epoch()})))
    }

    /// What is to be drawn anew comes before the units on it.
    fn take_message(&mut self) -> Frame {
        let untold = self.untold.as_mut().filter(|untold| !untold.is_empty());
        if let (Waiting::Nothing, Some(untold)) = (&self.waiting, untold) {
            return Frame::units(self.revision, untold.take());
        }
        match std::mem::take(&mut self.waiting) {
            Waiting::Tiles(touched) => {
                Frame::new("tiles", self.revision, json!({"layers": touched.to_json()}))
            }
            Waiting::Nothing | Waiting::Everything => {
                Frame::new("resync", self.revision, json!({}))
            }
        }
    }
}

/// Waits for the end of a pause, then until the client has read what was sent before.
async fn room_after(
    pause_ends: Instant,
    outbox: &Sender<Frame>,
) -> Result<Permit<'_, Frame>, SendError<()>> {
    sleep_until(pause_ends).await;
    outbox.reserve().await
}
