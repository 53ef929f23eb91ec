//! Changes as JSON.

use serde_json::{Value, json};
use urbis_catalog::UtcOffset;
use urbis_model::Moment;
use urbis_store::{Change, ChangesPage, FeatureChange};

use super::ask::Asked;
use super::text_of;
use crate::moment;

/// One page.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub asked: &'a Asked,
    pub page: &'a ChangesPage,
    pub base: &'a str,
    pub now: Moment,
    pub offset: UtcOffset,
}

impl Document<'_> {
    /// The page as one JSON object.
    pub fn write(&self) -> Vec<u8> {
        let next = text_of(&self.page.next);
        let head = json!({
            "timeStamp": moment::to_json(Some(self.now), self.offset),
            "numberReturned": self.page.changes.len(),
            "isComplete": !self.page.has_more,
            "next": next,
            "links": self.links(&next),
        });
        let mut bytes = head.to_string().into_bytes();
        // What was the end of the object is the place for one more member.
        bytes.pop();
        bytes.extend_from_slice(br#","changes":["#);
        for (place, change) in self.page.changes.iter().enumerate() {
            if place > 0 {
                bytes.push(b',');
            }
            put(&mut bytes, change, self.now);
        }
        bytes.extend_from_slice(b"]}");
        bytes
    }

    fn links(&self, next: &str) -> Value {
        let address = |query: String| format!("{}/changes{query}", self.base);
        let itself = self.asked.since_text.as_deref().map_or_else(
            || address(String::new()),
            |since| {
                let since: String = form_urlencoded::byte_serialize(since.as_bytes()).collect();
                address(self.asked.query_from(&since))
            },
        );
        let data = format!("{}/ogc/collections", self.base);
        json!([
            {"rel": "self", "type": "application/json", "href": itself},
            {"rel": "next", "type": "application/json", "href": address(self.asked.query_from(next))},
            {"rel": "data", "type": "application/json", "href": data},
        ])
    }
}

/// The page as lines, of which the last says where to go on.
pub(super) fn lines(page: &ChangesPage, now: Moment) -> Vec<u8> {
    let mut bytes = Vec::new();
    for change in &page.changes {
        put(&mut bytes, change, now);
        bytes.push(b'\n');
    }
    let end = json!({
        "change": "position",
        "next": text_of(&page.next),
        "isComplete": !page.has_more,
    });
    bytes.extend_from_slice(end.to_string().as_bytes());
    bytes.push(b'\n');
    bytes
}

fn put(bytes: &mut Vec<u8>, change: &FeatureChange, now: Moment) {
    let FeatureChange { layer, what } = change;
    let revision = |number: u64| format!("{number:016x}");
    let head = match what {
        Change::Reset => json!({"change": "reset", "layer": layer}),
        Change::Removed { id, old } => json!({
            "change": "removed",
            "layer": layer,
            "id": id,
            "revision": {"old": revision(*old), "new": Value::Null},
        }),
        Change::Written { id, old, new, validity, .. } => {
            let has_ended = validity.to.is_some_and(|end| end <= now);
            let word = match (has_ended, old) {
                (true, _) => "ended",
                (false, None) => "created",
                (false, Some(_)) => "changed",
            };
            json!({
                "change": word,
                "layer": layer,
                "id": id,
                "revision": {"old": old.map(revision), "new": revision(*new)},
            })
        }
    };
    bytes.extend_from_slice(head.to_string().as_bytes());
    if let Change::Written { json, .. } = what {
        bytes.pop();
        bytes.extend_from_slice(br#","feature":"#);
        bytes.extend_from_slice(json);
        bytes.push(b'}');
    }
}
