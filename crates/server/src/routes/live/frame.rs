//! Messages of a stream as they go over the wire, and the stream of them.
//!
//! Source: HTML Living Standard, 9.2.5 "Parsing an event stream".

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::unfold;
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;
use urbis_model::Revision;

/// A comment goes over a silent stream this often, so that no proxy takes it for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A comment, which clients pass over.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

/// One message; its id is the revision, which a client sends when it comes back.
#[derive(Debug)]
pub(super) struct Frame {
    /// What is this client's own.
    head: Bytes,
    /// What it shares with others.
    rest: Option<Bytes>,
}

impl Frame {
    /// A message whose body gets the member `revision`.
    pub fn new(name: &'static str, revision: Revision, mut body: Value) -> Self {
        body["revision"] = json!(revision);
        let head = format!("event: {name}\nid: {revision}\ndata: {body}\n\n");
        Self { head: head.into(), rest: None }
    }

    /// What units became, with a body that was written for several clients: see
    /// [`crate::unit_news`].
    pub fn units(revision: Revision, rest: Bytes) -> Self {
        let head = format!("event: units\nid: {revision}\ndata: {{\"revision\":{revision},");
        Self { head: head.into(), rest: Some(rest) }
    }
}

/// What goes over the wire; ends when nobody sends any more. `place` is given back when the
/// connection lets go of it.
pub(super) fn stream(
    inbox: Receiver<Frame>,
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    unfold((inbox, place, None), |(mut inbox, place, rest)| async move {
        if let Some(rest) = rest {
            return Some((Ok(rest), (inbox, place, None)));
        }
        let Ok(next) = timeout(KEEP_ALIVE, inbox.recv()).await else {
            return Some((Ok(COMMENT), (inbox, place, None)));
        };
        let Frame { head, rest } = next?;
        Some((Ok(head), (inbox, place, rest)))
    })
}
