//! Streams: features that are read ahead of who takes them, a bounded number of bytes.
//!
//! A statement is read as fast as the database answers, so that it is over soon: nobody holds a
//! connection by reading slowly. Where so much waits to be taken that no more may be kept, the
//! statement is given up and its rest asked for once there is room. So a statement asks for no more
//! than there is room for, as far as the features before tell.

use std::sync::Arc;

use futures_util::Stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::read::Reading;
use super::{FeatureCursor, FeaturePage};
use crate::StoreError;

/// Features of a stream's first piece, and its bytes: it should be there at once.
const FIRST_PIECE: (u64, usize) = (100, 1 << 16);

/// Bytes of a later piece, about.
const PIECE_LEN: usize = 1 << 18;

/// Bytes that wait to be taken at most, where no single feature is longer.
const AHEAD_LEN: u32 = 8 << 20;

/// Fewest and most features that a statement asks for.
const BATCH: [u64; 2] = [20, 10_000];

/// Reads a question in pieces.
pub(super) fn pieces(
    reading: Reading,
) -> impl Stream<Item = Result<FeaturePage, StoreError>> + Send + 'static {
    // As many as have room.
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(send(reading, Outbox::to(sender)));
    futures_util::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|Waiting { piece, .. }| (piece, receiver))
    })
}

/// Sends pieces until there are no more or nobody takes them.
async fn send(mut reading: Reading, mut outbox: Outbox) {
    loop {
        let limit = outbox.has_room_for().await.min(reading.left());
        let rest = reading.batch(limit, &mut outbox).await;
        let has_more = rest.as_ref().is_ok_and(|page| page.next.is_some()) && reading.left() > 0;
        outbox.send(rest).await;
        if !has_more || outbox.is_closed() {
            return;
        }
    }
}

/// A piece on its way, and the room that it takes.
#[derive(Debug)]
struct Waiting {
    piece: Result<FeaturePage, StoreError>,
    _room: Option<OwnedSemaphorePermit>,
}

/// Where pieces wait to be taken.
#[derive(Debug)]
pub(super) struct Outbox {
    /// Absent where all is wanted at once.
    sender: Option<mpsc::UnboundedSender<Waiting>>,
    /// Bytes that may be sent.
    room: Arc<Semaphore>,
    /// Features and bytes that have been sent.
    sent: (u64, u64),
}

/// What became of features that were offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// They are no piece yet.
    Kept,
    /// They have left.
    Sent,
    /// They would be a piece, but there is no room, or nobody takes it.
    Full,
}

impl Outbox {
    /// Takes nothing.
    pub(super) fn none() -> Self {
        Self { sender: None, room: Arc::new(Semaphore::new(0)), sent: (0, 0) }
    }

    fn to(sender: mpsc::UnboundedSender<Waiting>) -> Self {
        Self {
            sender: Some(sender),
            room: Arc::new(Semaphore::new(AHEAD_LEN as usize)),
            sent: (0, 0),
        }
    }

    /// Sends the features of a page where they are a piece; more follow after the last of them.
    pub(super) fn offer(&mut self, page: &mut FeaturePage, end: FeatureCursor) -> Offer {
        let Some(sender) = &self.sender else { return Offer::Kept };
        let (first_count, first_len) = FIRST_PIECE;
        let is_first = self.sent.0 == 0 && page.count >= first_count;
        let longest = if self.sent.0 == 0 { first_len } else { PIECE_LEN };
        if page.count == 0 || !is_first && page.features.len() < longest {
            return Offer::Kept;
        }
        let room = Arc::clone(&self.room).try_acquire_many_owned(room_of(page));
        let Some(room) = room.ok().filter(|_| !sender.is_closed()) else { return Offer::Full };
        let piece = FeaturePage { next: Some(end), ..std::mem::take(page) };
        page.features.reserve(PIECE_LEN + PIECE_LEN / 8);
        self.put(Ok(piece), Some(room));
        Offer::Sent
    }

    /// Sends the end of a batch, once there is room. Nothing is said of features that nobody may
    /// see.
    async fn send(&mut self, rest: Result<FeaturePage, StoreError>) {
        let room = match &rest {
            Ok(page) if page.count == 0 => return,
            Ok(page) => Arc::clone(&self.room).acquire_many_owned(room_of(page)).await.ok(),
            Err(_) => None,
        };
        self.put(rest, room);
    }

    fn put(&mut self, piece: Result<FeaturePage, StoreError>, room: Option<OwnedSemaphorePermit>) {
        if let Ok(page) = &piece {
            self.sent.0 += page.count;
            self.sent.1 += page.features.len() as u64;
        }
        let waiting = Waiting { piece, _room: room };
        if self.sender.as_ref().is_some_and(|sender| sender.send(waiting).is_err()) {
            tracing::debug!("nobody takes the rest of a stream");
        }
    }

    fn is_closed(&self) -> bool {
        self.sender.as_ref().is_none_or(mpsc::UnboundedSender::is_closed)
    }

    /// How many features may follow, once half of the room is free.
    async fn has_room_for(&self) -> u64 {
        // Who leaves makes room: what waits goes with the receiver.
        drop(self.room.acquire_many(AHEAD_LEN / 2).await);
        let [fewest, most] = BATCH;
        let (count, bytes) = self.sent;
        let length = bytes.checked_div(count).unwrap_or_default().max(1);
        (self.room.available_permits() as u64 / length).clamp(fewest, most)
    }
}

/// A feature that is longer than all the room takes all of it.
fn room_of(page: &FeaturePage) -> u32 {
    u32::try_from(page.features.len()).unwrap_or(AHEAD_LEN).min(AHEAD_LEN)
}
