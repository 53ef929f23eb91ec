//! Features out of the database into a file on the disk.

mod text;

use std::path::{Path, PathBuf};
use std::pin::pin;

use futures_util::StreamExt;
use rustix::process::{Resource, Rlimit, setrlimit};
use serde_json::json;
use urbis_catalog::{AttributeType, Catalog, Credit, Layer};
use urbis_export::{ExportError, FEATURE_ID, Shape, ShapefileWriter, Sheet};
use urbis_ingest::{Advance, Package, PackageColumn, PackageLayer, Progress, esri_projection};
use urbis_model::{AttributeValue, Moment, Openness};
use urbis_server::Selection;
use urbis_store::{FeatureAsk, FeatureReader, FeatureRecord, FeatureRecords};

use crate::import::progress::Bar;
use crate::qgis::Sources;

/// A layer and what of it is written.
pub struct Part<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// Which features, in which CRS.
    pub selection: Selection,
}

/// What all files have in common.
pub struct Export {
    /// Where features are read.
    pub reader: FeatureReader,
    /// Whose sight of them.
    pub level: Openness,
    /// The moment of features where no other is asked for.
    pub now: Moment,
    /// Largest file, bytes.
    pub max_bytes: Option<u64>,
    /// An empty folder.
    pub folder: PathBuf,
}

impl Part<'_> {
    fn ask(&self, export: &Export) -> FeatureAsk<'_> {
        self.selection.ask(self.layer, export.level, export.now)
    }

    fn sheet(&self, export: &Export) -> Sheet<'_> {
        let attributes = self.ask(export).attributes();
        Sheet { layer: self.layer, attributes, srid: self.selection.crs().srid() }
    }
}

impl Export {
    /// Writes a GeoPackage with styles; gives its path and how many features it has.
    ///
    /// # Errors
    ///
    /// Where the database or GDAL fails, or the file would be too large.
    pub async fn geopackage(
        &self,
        catalog: &Catalog,
        parts: &[Part<'_>],
    ) -> anyhow::Result<(PathBuf, u64)> {
        let path = self.folder.join("made.gpkg");
        let styles = Sources::read(catalog)?.styles(self.level)?;
        let layers: Vec<PackageLayer<'_>> = parts
            .iter()
            .map(|part| {
                let style = styles.iter().find(|style| style.layer == part.layer.id);
                package_layer(&part.sheet(self), style.map(|style| style.qml.clone()))
            })
            .collect();
        let mut package = Package::create(&path, &layers)?;
        let mut count = 0;
        for part in parts {
            let (name, kind) = (part.layer.id.as_str(), part.layer.geometry);
            let mut shape = Shape::default();
            let take = |records: &FeatureRecords| {
                let features = records.iter().map(|FeatureRecord { id, wkb, mut values }| {
                    values.insert(0, AttributeValue::Int(id.to_i64()));
                    (shape.read(kind, wkb).then(|| shape.to_wkb(kind)), values)
                });
                package.add(name, features)?;
                self.check_size(&path)
            };
            count += self.each_piece(part, take).await?;
        }
        package.finish()?;
        Ok((path, count))
    }

    /// Writes a Shapefile in a ZIP; gives its path and how many features it has.
    ///
    /// # Errors
    ///
    /// Where the database or the disk fails, or the file would be too large.
    pub async fn shapefile(&self, part: &Part<'_>) -> anyhow::Result<(PathBuf, u64)> {
        let path = self.folder.join("made.zip");
        let projection = esri_projection(part.selection.crs().srid())?;
        let mut writer = ShapefileWriter::create(&self.folder, part.sheet(self))?;
        let take = |records: &FeatureRecords| {
            for record in records.iter() {
                writer.add(record.id, record.wkb, &record.values)?;
            }
            Ok(())
        };
        let count = self.each_piece(part, take).await?;
        writer.finish(&path, &projection)?;
        self.check_size(&path)?;
        Ok((path, count))
    }

    /// Gives the pieces of a layer one after the other; says how many features they had.
    async fn each_piece(
        &self,
        part: &Part<'_>,
        mut take: impl FnMut(&FeatureRecords) -> anyhow::Result<()>,
    ) -> anyhow::Result<u64> {
        let ask = part.ask(self);
        let bar = self.bar(part).await?;
        let mut pieces = pin!(self.reader.records(&ask));
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            take(&piece)?;
            bar.grow_by(piece.count());
        }
        Ok(bar.end())
    }

    /// A bar that knows its length where somebody looks at it.
    async fn bar(&self, part: &Part<'_>) -> anyhow::Result<Counted> {
        let is_seen = std::io::IsTerminal::is_terminal(&std::io::stderr());
        let total = match is_seen {
            true => Some(self.reader.count(&part.ask(self)).await?),
            false => None,
        };
        Ok(Counted::new(part.layer.id.as_str(), total))
    }

    fn check_size(&self, path: &Path) -> anyhow::Result<()> {
        let length = std::fs::metadata(path)?.len();
        match self.max_bytes {
            Some(limit_bytes) if length > limit_bytes => {
                Err(ExportError::TooLarge { what: "file", limit_bytes }.into())
            }
            _ => Ok(()),
        }
    }
}

/// A bar and how many features it has seen.
struct Counted {
    bar: Bar,
    seen: std::cell::Cell<u64>,
    total: Option<u64>,
}

impl Counted {
    fn new(title: &str, total: Option<u64>) -> Self {
        Self { bar: Bar::new(title), seen: std::cell::Cell::new(0), total }
    }

    fn grow_by(&self, count: u64) {
        let seen = self.seen.get() + count;
        self.seen.set(seen);
        self.bar.advance(Advance { seen, total: self.total, fraction: None });
    }

    fn end(&self) -> u64 {
        self.bar.clear();
        self.seen.get()
    }
}

fn package_layer<'a>(sheet: &Sheet<'a>, style: Option<String>) -> PackageLayer<'a> {
    let layer = sheet.layer;
    let credit = Credit::of(layer);
    let id = PackageColumn {
        name: FEATURE_ID,
        title: "Mã đối tượng",
        description: "Feature id",
        kind: AttributeType::Integer,
    };
    let columns = sheet.attributes.iter().map(|attribute| PackageColumn {
        name: &attribute.name,
        title: &attribute.title.vi,
        description: &attribute.title.en,
        kind: attribute.kind,
    });
    PackageLayer {
        name: layer.id.as_str(),
        // No two layers of a file may be called alike.
        title: format!("{} ({})", layer.title.vi, layer.id),
        description: format!("{} / {}", layer.description.vi, layer.description.en),
        geometry: layer.geometry,
        srid: sheet.srid,
        columns: std::iter::once(id).chain(columns).collect(),
        metadata: json!({
            "title": layer.title,
            "description": layer.description,
            "licence": credit.licence(),
            "attribution": credit.attribution(),
        })
        .to_string(),
        style,
    }
}

/// No file of this process grows beyond the limit: the system ends it at the next byte.
///
/// # Errors
///
/// Where the system refuses.
pub fn bound(max_bytes: Option<u64>) -> anyhow::Result<()> {
    let Some(limit) = max_bytes else { return Ok(()) };
    Ok(setrlimit(Resource::Fsize, Rlimit { current: Some(limit), maximum: Some(limit) })?)
}

/// Ends the process when who started it is gone, of which the end of standard input tells.
pub fn end_with_standard_input() {
    std::thread::spawn(|| {
        std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).ok();
        std::process::exit(1);
    });
}
