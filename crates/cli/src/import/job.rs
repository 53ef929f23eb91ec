//! Which file is read into which layer, as which of its sources.

use std::path::{Path, PathBuf};

use anyhow::Context;
use urbis_catalog::{Catalog, Layer, Nearest, Source};

use crate::exit::UsageError;

/// One source file to read into one layer.
#[derive(Debug, Clone)]
pub struct Job<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// How the file is read.
    pub source: Source,
    /// Name of the source within the layer, the same at every re-import.
    pub name: String,
    /// The file.
    pub path: PathBuf,
}

impl<'a> Job<'a> {
    /// Every source of every layer, files below `city`.
    pub fn all_of_city(catalog: &'a Catalog, city: &Path) -> Vec<Self> {
        catalog
            .layers()
            .flat_map(|layer| layer.sources.iter().map(move |source| (layer, source)))
            .map(|(layer, source)| Self::new(layer, source, city.join(&source.file)))
            .collect()
    }

    /// Files into a layer. A file is read as `read_as` says, else as the sources of its name;
    /// any other by its field names, in the CRS that it states.
    ///
    /// Opens files, which blocks.
    ///
    /// # Errors
    ///
    /// [`UsageError`] for an unknown layer or source, and where a file of no known source cannot
    /// be understood.
    pub fn for_files(
        catalog: &'a Catalog,
        layer: &str,
        files: &[PathBuf],
        read_as: Option<&str>,
    ) -> anyhow::Result<Vec<Self>> {
        let layer = find_layer(catalog, layer)?;
        let mut jobs = Vec::new();
        for path in files {
            let declared = match read_as {
                Some(name) => sources_as(layer, name)?,
                None => sources_called(layer, path),
            };
            if declared.is_empty() {
                jobs.push(Self::of_unknown_file(layer, path)?);
            }
            jobs.extend(declared.into_iter().map(|source| Self::new(layer, source, path.clone())));
        }
        Ok(jobs)
    }

    fn of_unknown_file(layer: &'a Layer, path: &Path) -> anyhow::Result<Self> {
        // The same name at every re-import, wherever the command is started.
        let path = path.canonicalize().with_context(|| format!("no file '{}'", path.display()))?;
        let source = urbis_ingest::choose_source(layer, &path).with_context(|| {
            format!("cannot read '{}' into layer '{}'", path.display(), layer.id)
        })?;
        Ok(Self::new(layer, &source, path))
    }

    fn new(layer: &'a Layer, source: &Source, path: PathBuf) -> Self {
        Self { layer, source: source.clone(), name: source_name(layer, source), path }
    }
}

/// The layer of a name.
///
/// # Errors
///
/// [`UsageError`] with the nearest known name.
pub fn find_layer<'a>(catalog: &'a Catalog, name: &str) -> Result<&'a Layer, UsageError> {
    let found = catalog.layers().find(|layer| layer.id.as_str() == name);
    found.ok_or_else(|| {
        let nearest = Nearest::find(name, catalog.layers().map(|layer| layer.id.as_str()));
        UsageError(format!("layer '{name}' is not known{nearest}"))
    })
}

/// The sources whose file is called like this one.
fn sources_called<'a>(layer: &'a Layer, path: &Path) -> Vec<&'a Source> {
    let same = |source: &&Source| Path::new(&source.file).file_name() == path.file_name();
    layer.sources.iter().filter(same).collect()
}

/// The sources of the name that the user gave.
fn sources_as<'a>(layer: &'a Layer, name: &str) -> Result<Vec<&'a Source>, UsageError> {
    let found: Vec<&Source> = layer.sources.iter().filter(|source| source.file == name).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let known: Vec<&str> = layer.sources.iter().map(|source| source.file.as_str()).collect();
    let nearest = Nearest::find(name, known.iter().copied());
    let known = known.join(", ");
    Err(UsageError(format!(
        "layer '{}' has no source '{name}'{nearest} (known: {known})",
        layer.id
    )))
}

/// The file below the city's folder, and what tells two sources in one file apart.
fn source_name(layer: &Layer, source: &Source) -> String {
    let name = |source: &Source| match &source.layer {
        Some(inner) => format!("{}#{inner}", source.file),
        None => source.file.clone(),
    };
    let wanted = name(source);
    let same = layer.sources.iter().filter(|other| name(other) == wanted);
    let earlier = same.take_while(|other| *other != source).count();
    if earlier == 0 { wanted } else { format!("{wanted}#{}", earlier + 1) }
}
