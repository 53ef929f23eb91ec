//! Which file is read into which layer, as which of its sources.

use std::path::{Path, PathBuf};

use anyhow::Context;
use urbis_catalog::{Catalog, Layer, Nearest, Source};
use urbis_model::Srid;
use urbis_store::Matching;

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

/// What somebody says about the files that they name.
#[derive(Debug, Clone, Default)]
pub struct FileOptions {
    /// Read them as this source of the layer's definition.
    pub read_as: Option<String>,
    /// CRS of their coordinates, which they must not deny.
    pub crs: Option<Srid>,
    /// Name of the source within the layer.
    pub source_name: Option<String>,
}

impl<'a> Job<'a> {
    /// Every source of every layer that is not made up, files below `city`.
    pub fn all_of_city(catalog: &'a Catalog, city: &Path) -> Vec<Self> {
        catalog
            .layers()
            .flat_map(|layer| layer.sources.iter().map(move |source| (layer, source)))
            .filter(|(_, source)| !source.synthetic)
            .map(|(layer, source)| Self::new(layer, source, city.join(&source.file)))
            .collect()
    }

    /// Files into a layer. A file is read as `read_as` says, else as the sources of its name;
    /// any other by its field names, in the CRS that it or `crs` states.
    ///
    /// Opens files, which blocks.
    ///
    /// # Errors
    ///
    /// [`UsageError`] for an unknown layer or source, for one name of several sources, and for
    /// several files that would be one source; else where a file of no known source cannot be
    /// understood.
    pub fn for_files(
        catalog: &'a Catalog,
        layer: &str,
        files: &[PathBuf],
        options: &FileOptions,
    ) -> anyhow::Result<Vec<Self>> {
        let layer = find_layer(catalog, layer)?;
        let mut jobs = Vec::new();
        for path in files {
            let declared = match options.read_as.as_deref() {
                Some(name) => sources_as(layer, name)?,
                None => sources_called(layer, path),
            };
            if declared.is_empty() {
                jobs.push(Self::of_unknown_file(layer, path, options.crs)?);
            }
            jobs.extend(declared.into_iter().map(|source| Self::new(layer, source, path.clone())));
        }
        for job in &mut jobs {
            if let Some(crs) = options.crs {
                job.source.crs = crs.to_string();
            }
        }
        name_source(&mut jobs, options.source_name.as_deref())?;
        refuse_shared_names(&jobs)?;
        Ok(jobs)
    }

    /// By what the records are known at a re-import.
    pub fn matching(&self) -> Matching {
        if self.source.has_key_of(self.layer) { Matching::Key } else { Matching::Geometry }
    }

    fn of_unknown_file(layer: &'a Layer, path: &Path, crs: Option<Srid>) -> anyhow::Result<Self> {
        let source = urbis_ingest::choose_source(layer, path, crs).with_context(|| {
            format!("cannot read '{}' into layer '{}'", path.display(), layer.id)
        })?;
        // One source of the file is read, so what is inside does not belong to its name: an export
        // calls its layer after the day.
        Ok(Self { layer, name: source.file.clone(), source, path: path.to_owned() })
    }

    /// A file as one of the layer's sources.
    pub fn new(layer: &'a Layer, source: &Source, path: PathBuf) -> Self {
        Self { layer, source: source.clone(), name: source_name(layer, source), path }
    }
}

/// Gives the only source the name that the user chose.
fn name_source(jobs: &mut [Job<'_>], name: Option<&str>) -> Result<(), UsageError> {
    let Some(name) = name else { return Ok(()) };
    let [job] = jobs else {
        let count = jobs.len();
        let hint = "one source of that name would close the features of the other";
        return Err(UsageError(format!("--source '{name}' would name {count} sources: {hint}")));
    };
    name.clone_into(&mut job.name);
    Ok(())
}

/// An import closes what its source no longer has: two files that were one source would close each
/// other's features.
fn refuse_shared_names(jobs: &[Job<'_>]) -> Result<(), UsageError> {
    for (index, job) in jobs.iter().enumerate() {
        let same =
            |earlier: &&Job<'_>| (&earlier.layer.id, &earlier.name) == (&job.layer.id, &job.name);
        if let Some(earlier) = jobs[..index].iter().find(same) {
            return Err(UsageError(format!(
                "'{}' and '{}' would both be source '{}' of layer '{}', and the second would close \
                 the features of the first; import each by a command of its own, with --source NAME",
                earlier.path.display(),
                job.path.display(),
                job.name,
                job.layer.id
            )));
        }
    }
    Ok(())
}

/// Reads `EPSG:n`.
///
/// # Errors
///
/// [`UsageError`].
pub fn parse_crs(text: &str) -> Result<Srid, UsageError> {
    let number = text.strip_prefix("EPSG:").or_else(|| text.strip_prefix("epsg:"));
    let number = number.and_then(|number| number.parse().ok()).filter(|number| *number > 0);
    number.map(Srid).ok_or_else(|| UsageError(format!("--crs '{text}': wanted EPSG:n")))
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

/// The file's name (below the city's folder, where a layer's definition names it), and what tells
/// two sources in one file apart. Never a path of this machine: the same file is the same source
/// wherever it lies.
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
