//! What a client is told of the reports that it sent: how many were taken, which were not and why.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::encoding::Encoding;
use crate::present::Epochs;
use crate::problem::ApiError;
use crate::reply::{Caching, Caller, Head};
use crate::state::AppState;

/// Most refused lines that an answer names; `refused` counts all.
const MAX_NAMED: usize = 100;

/// A line that was not taken.
#[derive(Debug)]
pub(super) struct Refused {
    /// From 1.
    pub line: usize,
    /// The report's id as it came, where it has one.
    pub id: Option<String>,
    /// Stable.
    pub code: &'static str,
    /// For people.
    pub detail: String,
}

/// What became of a body.
#[derive(Debug, Default)]
pub(super) struct Taken {
    refused: Vec<Refused>,
    /// Reports that are kept by what became of them, those that were known already among them.
    counts: BTreeMap<&'static str, usize>,
    /// The first epochs that show them; `None` where there is no city to show them in.
    pub epochs: Option<Epochs>,
}

impl Taken {
    /// Counts a report that is kept.
    pub fn accept(&mut self, code: &'static str) {
        *self.counts.entry(code).or_default() += 1;
    }

    /// Names a line that is not.
    pub fn refuse(&mut self, refused: Refused) {
        self.refused.push(refused);
    }

    /// 200, or 422 where there was something and none of it was taken.
    pub fn send(mut self, state: &AppState, caller: &Caller) -> Response {
        self.refused.sort_by_key(|refused| refused.line);
        let accepted: usize = self.counts.values().sum();
        let is_refused = accepted == 0 && !self.refused.is_empty();
        let lines: Vec<Value> = self.refused.iter().take(MAX_NAMED).map(Refused::to_json).collect();
        let mut body = json!({
            // The database has it a moment later, or when it is back.
            "stored": if accepted > 0 { json!("spool") } else { Value::Null },
            "accepted": accepted,
            "refused": self.refused.len(),
            "counts": self.counts,
            "epoch": self.epochs.map(|epochs| epochs.roads),
            "fleet_epoch": self.epochs.map(|epochs| epochs.fleet),
            "lines": lines,
        });
        let head = Head {
            etag: None,
            caching: Caching::Nothing,
            audience: caller.access.audience(),
            published: state.published().ok(),
        };
        if !is_refused {
            return head.ok("application/json", (Encoding::Identity, body.to_string().into()));
        }
        let problem = ApiError::NothingTaken { refused: self.refused.len() };
        problem.describe(&mut body);
        let body = (Encoding::Identity, body.to_string().into());
        let mut response = head.ok("application/problem+json", body);
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        response
    }
}

impl Refused {
    fn to_json(&self) -> Value {
        json!({"line": self.line, "id": self.id, "code": self.code, "detail": self.detail})
    }
}
