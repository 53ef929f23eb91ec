//! Why an import failed, for a person or a script.

use std::path::PathBuf;

use serde_json::{Value, json};
use urbis_catalog::CatalogError;
use urbis_cluster::ClusterError;
use urbis_ingest::IngestError;
use urbis_model::LayerId;
use urbis_store::{Conflict, StoreError};

use crate::exit::UsageError;
use crate::output::say_json;

/// The source that could not be imported; its cause is the error below it.
#[derive(Debug, thiserror::Error)]
#[error("cannot import '{}' into layer '{layer}'", .path.display())]
pub struct FailedSource {
    /// The layer.
    pub layer: LayerId,
    /// Name of the source within the layer.
    pub source_name: String,
    /// The file.
    pub path: PathBuf,
}

/// Somebody ended the import before its end.
#[derive(Debug, thiserror::Error)]
#[error("interrupted, nothing more was published")]
pub struct Interrupted;

/// Prints one JSON object: the error with its stable code, and the source where one was read.
///
/// # Errors
///
/// Where the error has no JSON form, which would be a bug.
pub fn say_failure(error: &anyhow::Error) -> anyhow::Result<()> {
    say_json(&failure(error))
}

/// What the messages of the error leave out: which features are in conflict, and what to do.
pub fn failure_details(error: &anyhow::Error) -> Vec<String> {
    let Some(StoreError::Conflicts { count, sample, .. }) = error.downcast_ref() else {
        return Vec::new();
    };
    let mut lines = vec![format!("  {}: {count}", code(error))];
    lines.extend(sample.iter().map(|conflict| {
        let Conflict { feature_id, source_key, change } = conflict;
        format!("  feature {feature_id}, record '{source_key}': {}", told(change))
    }));
    let more = count.saturating_sub(sample.len() as u64);
    lines.extend((more > 0).then(|| format!("  and {more} more")));
    lines.push("  --take source  the source's records replace the edits".into());
    lines.push("  --take edit    the edits stay; all else is imported".into());
    lines
}

fn failure(error: &anyhow::Error) -> Value {
    let messages: Vec<String> = error.chain().map(ToString::to_string).collect();
    let mut told = json!({ "code": code(error), "message": messages.join(": ") });
    if let Some(StoreError::Conflicts { count, sample, .. }) = error.downcast_ref() {
        told["count"] = json!(count);
        told["sample"] = json!(sample);
    }
    if let Some((rejected, read, limit)) = rejects(error) {
        told["rejected"] = json!(rejected);
        told["read"] = json!(read);
        told["limit"] = json!(limit);
    }
    let source = error.downcast_ref::<FailedSource>();
    json!({
        "error": told,
        "layer": source.map(|source| &source.layer),
        "source": source.map(|source| &source.source_name),
    })
}

/// Rejected, read, and the limit, where it was passed.
fn rejects(error: &anyhow::Error) -> Option<(u64, u64, u64)> {
    if let Some(StoreError::TooManyRejects { rejected, read, limit, .. }) = error.downcast_ref() {
        return Some((*rejected, *read, *limit));
    }
    match error.downcast_ref() {
        Some(IngestError::TooManyRejects { rejected, read, limit, .. }) => {
            Some((*rejected, *read, *limit))
        }
        _ => None,
    }
}

/// Stable code of the error; never reworded, never reused.
fn code(error: &anyhow::Error) -> &'static str {
    let store = || error.downcast_ref().map(StoreError::code);
    let ingest = || error.downcast_ref().map(IngestError::code);
    let catalog = || error.downcast_ref().map(CatalogError::code);
    let cluster = || error.downcast_ref().map(ClusterError::code);
    let usage = || error.is::<UsageError>().then_some("usage");
    let interrupted = || error.is::<Interrupted>().then_some("interrupted");
    store()
        .or_else(ingest)
        .or_else(catalog)
        .or_else(cluster)
        .or_else(usage)
        .or_else(interrupted)
        .unwrap_or("import_failed")
}

fn told(change: &str) -> &str {
    match change {
        "update" => "edited here, changed in the source",
        "close" => "edited here, gone from the source",
        "insert" => "deleted here, changed in the source",
        other => other,
    }
}
