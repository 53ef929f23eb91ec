//! Compares the layers with those of an earlier revision: what apps read of tiles must stay, or
//! its end must have been announced.

mod compare;
mod git;
mod promise;

use std::collections::BTreeMap;
use std::path::Path;

use urbis_catalog::{Catalog, Nearest};

use crate::check::{Fault, chain};
use compare::findings;
use git::Revision;
use promise::Promise;

/// Finds what the tiles at `revision` had and those of the catalogue do not keep, one sentence
/// each; what carried a notice of its end at the revision may go.
///
/// # Errors
///
/// [`crate::exit::UsageError`] where the folder of the layer files is in no git repository, or
/// the revision is unknown or has no layer files; any other where git cannot be run.
pub fn check_against(
    catalog: &Catalog,
    layers: &Path,
    revision: &str,
) -> anyhow::Result<Vec<Fault>> {
    let files = Revision::find(layers, revision)?.layer_files()?;
    let now: BTreeMap<String, Promise> =
        catalog.layers().map(|layer| (layer.id.to_string(), Promise::of(layer))).collect();
    let mut faults = Vec::new();
    for (name, text) in &files {
        let whats = match Promise::read(text) {
            Ok(then) => match now.get(name) {
                Some(now) => findings(&then, now),
                None if then.is_deprecated() => Vec::new(),
                None => vec![gone(name, now.keys().filter(|name| !files.contains_key(*name)))],
            },
            Err(cause) => vec![format!("cannot be understood there: {}", chain(&cause))],
        };
        let place = format!("layer '{name}' of {revision}");
        faults.extend(whats.into_iter().map(|what| Fault::new(place.clone(), what)));
    }
    Ok(faults)
}

fn gone<'a>(name: &str, new: impl Iterator<Item = &'a String>) -> String {
    let renamed = match Nearest::find(name, new.map(String::as_str)).0 {
        Some(new) => format!(" (is it '{new}' now? clients ask for the old name)"),
        None => String::new(),
    };
    format!("is gone{renamed}; bring it back with `deprecated`, and let it go in a later release")
}
