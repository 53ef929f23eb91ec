//! What an import did, in numbers.

use std::collections::BTreeMap;

use serde::Serialize;
use urbis_model::{FeatureId, LayerId};

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Number of the run.
    pub run_id: i64,
    /// The layer.
    pub layer: LayerId,
    /// The source.
    pub source: String,
    /// Records that came: inserted, updated, unchanged, in conflict and kept, or rejected.
    pub read: u64,
    /// New features, and features that came back.
    pub inserted: u64,
    /// Features with a new geometry or attribute.
    pub updated: u64,
    /// Features that were not touched.
    pub unchanged: u64,
    /// Features whose record no longer comes.
    pub closed: u64,
    /// Features whose record seems to be missing, and that stay because it may be one whose key
    /// could not be read.
    pub close_withheld: u64,
    /// Features that were edited here and changed in the source.
    pub conflicts: u64,
    /// Features that stay as they were edited (or deleted) here, unlike their records; conflicts
    /// that nobody decided are not among them.
    pub kept_edits: u64,
    /// Records that are known by their geometry, for want of a key in the source.
    pub matched_by_geometry: u64,
    /// Records whose key a feature of another source of the layer has too: perhaps the same file
    /// under another name, and each feature twice.
    pub keys_in_other_sources: u64,
    /// Records with at least one fault.
    pub flagged: u64,
    /// Records that could not be read.
    pub rejected: u64,
    /// Rejected records by code.
    pub reject_codes: BTreeMap<String, u64>,
    /// The first twenty rejected records.
    pub reject_sample: Vec<RejectSample>,
    /// Faults by code.
    pub fault_codes: BTreeMap<String, u64>,
    /// Nothing was published because nothing should be.
    pub dry_run: bool,
    /// How long it took.
    pub duration_ms: u64,
}

/// A record that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectSample {
    /// Row in the source, counted from 1.
    pub row: u64,
    /// Stable code, such as `geometry_missing`.
    pub code: String,
    /// What to mend.
    pub detail: String,
}

/// A feature that was edited here and changed in the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// The feature.
    pub feature_id: FeatureId,
    /// Its record in the source.
    pub source_key: String,
    /// What the import would do: `update`, `close` or `insert` (where an editor deleted it).
    pub change: String,
}

/// What [`crate::Store::recover`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Recovery {
    /// Runs whose importer is gone.
    pub failed_runs: Vec<i64>,
}
