//! Opens a source file: only files, only formats that are allowed, nothing over a network.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use gdal::errors::GdalError;
use gdal::vector::{Layer as GdalLayer, LayerAccess};
use gdal::vsi::create_mem_file_from_ref;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use urbis_catalog::{Layer, Source};

use crate::error::IngestError;
use crate::osm;
use crate::raw::{self, Drawing};

/// Formats that may be opened. Missing on purpose: VRT, which names other files and hosts;
/// GML and WFS, which fetch schemas; databases.
const DRIVERS: [&str; 14] = [
    "GeoJSON",
    "GeoJSONSeq",
    "ESRIJSON",
    "TopoJSON",
    "GPKG",
    "ESRI Shapefile",
    "FlatGeobuf",
    "CSV",
    "LIBKML",
    "KML",
    "DXF",
    "DGN",
    "MapInfo File",
    "OpenFileGDB",
];

/// Opened by its own rules, with settings.
const OSM_DRIVER: &str = "OSM";

/// How a file has to be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Osm,
    Shapefile,
    Csv,
    Other,
}

/// An open source file.
pub(crate) struct Opened {
    path: PathBuf,
    pub(crate) dataset: Dataset,
    family: Family,
}

impl Opened {
    /// Opens a file as `source` says.
    pub(crate) fn new(path: &Path, source: Option<&Source>) -> Result<Self, IngestError> {
        let path = real_file(path)?;
        let family = family_of(&path);
        let opened = match family {
            Family::Osm => open_osm(&path, source),
            // An empty encoding hands text out as the bytes that it is.
            Family::Shapefile => open(&path, &DRIVERS, &["ENCODING="]),
            Family::Csv | Family::Other => open(&path, &DRIVERS, &[]),
        };
        let dataset =
            opened.map_err(|cause| IngestError::SourceUnreadable { path: path.clone(), cause })?;
        Ok(Self { path, dataset, family })
    }

    /// The path, made absolute.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Says whether it is OpenStreetMap data.
    pub(crate) fn is_osm(&self) -> bool {
        self.family == Family::Osm
    }

    /// Says whether it is a table of text, whose points are columns.
    pub(crate) fn is_table(&self) -> bool {
        self.family == Family::Csv
    }

    /// How the format draws polygons.
    pub(crate) fn drawing(&self) -> Drawing {
        match self.dataset.driver().short_name().as_str() {
            "DXF" | "DGN" => Drawing::Cad,
            _ => Drawing::Gis,
        }
    }

    /// The layer that a source names, or the only one.
    pub(crate) fn layer(
        &self,
        layer: &Layer,
        wanted: Option<&str>,
    ) -> Result<GdalLayer<'_>, IngestError> {
        let mut layers: Vec<_> = self.dataset.layers().collect();
        let known: Vec<String> = layers.iter().map(LayerAccess::name).collect();
        let position = match wanted {
            Some(name) => known.iter().position(|known| known == name),
            None => (known.len() == 1).then_some(0),
        };
        match position {
            Some(position) => Ok(layers.swap_remove(position)),
            None => Err(IngestError::UnknownSourceLayer {
                layer: layer.id.clone(),
                wanted: wanted.unwrap_or_default().to_owned(),
                known,
            }),
        }
    }
}

/// The path made absolute, where it is that of a file on a disk.
pub(crate) fn real_file(path: &Path) -> Result<PathBuf, IngestError> {
    let not_a_file = |cause| IngestError::NotAFile { path: path.to_owned(), cause };
    // Absolute, so that no name can look like a connection string or a virtual path to GDAL.
    let real = path.canonicalize().map_err(|cause| not_a_file(Some(cause)))?;
    let is_geodatabase = real.extension().is_some_and(|extension| extension == "gdb");
    let is_virtual = ["/vsi", "/proc", "/dev"]
        .iter()
        .any(|start| real.to_str().is_none_or(|text| text.starts_with(start)));
    if is_virtual || !(real.is_file() || (is_geodatabase && real.is_dir())) {
        return Err(not_a_file(None));
    }
    Ok(real)
}

fn family_of(path: &Path) -> Family {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "pbf" | "osm" => Family::Osm,
        "shp" | "dbf" => Family::Shapefile,
        "csv" | "tsv" => Family::Csv,
        _ => Family::Other,
    }
}

/// Opens OpenStreetMap data. The driver reads its settings while it opens and takes them from a
/// file: one in memory, so that an import that is killed leaves nothing on the disk.
fn open_osm(path: &Path, source: Option<&Source>) -> Result<Dataset, GdalError> {
    static OPENED: AtomicU64 = AtomicU64::new(0);
    let number = OPENED.fetch_add(1, Ordering::Relaxed);
    let name = format!("/vsimem/urbis-osmconf-{number}.ini");
    let mut settings = source.map(osm::settings).unwrap_or_default().into_bytes();
    let _file = create_mem_file_from_ref(&name, &mut settings)?;
    open(path, &[OSM_DRIVER], &[&format!("CONFIG_FILE={name}")])
}

fn open(path: &Path, drivers: &[&str], options: &[&str]) -> Result<Dataset, GdalError> {
    // UTF-8 to UTF-8 is no conversion: text stays the bytes that it is.
    gdal::config::set_thread_local_config_option("DXF_ENCODING", "UTF-8")?;
    raw::forget_errors();
    Dataset::open_ex(
        path,
        DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
            allowed_drivers: Some(drivers),
            open_options: Some(options),
            sibling_files: None,
        },
    )
}
