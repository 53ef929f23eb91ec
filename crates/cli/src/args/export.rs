//! Flags of `export`.

use std::path::PathBuf;

use clap::Args;
use urbis_export::Format;
use urbis_model::Openness;
use urbis_store::FeatureCrs;

use super::DatabaseArgs;
use super::words::parse_level;

/// Flags of `export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Layers to write; more than one only into a GeoPackage
    #[arg(required_unless_present = "all")]
    pub layer: Vec<String>,
    /// All layers of the level, into one GeoPackage
    #[arg(long, conflicts_with = "layer")]
    pub all: bool,
    /// gpkg, fgb, geojson, csv or shp (a ZIP)
    #[arg(long, value_parser = parse_format)]
    pub format: Format,
    /// File to write, in the place of one that is there
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Whose sight of the data: open, internal or restricted
    #[arg(long, value_parser = parse_level, default_value = "open")]
    pub level: Openness,
    /// CRS of the file: EPSG:4326, 5899, 3405, 3406 or 3857 [default: EPSG:4326 for geojson and csv,
    /// else that of the layer]
    #[arg(long, value_name = "EPSG:N", value_parser = parse_crs)]
    pub crs: Option<FeatureCrs>,
    /// Only what meets this box: west,south,east,north in degrees
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true)]
    pub bbox: Option<String>,
    /// Only what this CQL2 admits
    #[arg(long, value_name = "CQL2")]
    pub filter: Option<String>,
    /// Only what holds at this day, moment or interval [default: now]
    #[arg(long, value_name = "TIME")]
    pub datetime: Option<String>,
    /// Folder of the city [default: data/danang]
    #[arg(long, env = "URBIS_CITY", value_name = "DIR")]
    pub city: Option<PathBuf>,
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// What of it, as the query of a download's address
    #[arg(long, hide = true, conflicts_with_all = ["crs", "bbox", "filter", "datetime"])]
    pub query: Option<String>,
    /// Ends when its standard input does, and says in JSON why it failed
    #[arg(long, hide = true)]
    pub for_server: bool,
    /// Largest file, bytes
    #[arg(long, hide = true)]
    pub max_bytes: Option<u64>,
}

impl ExportArgs {
    /// What is asked for, as the query of a download's address.
    pub fn query(&self) -> String {
        if let Some(query) = self.query.as_ref().filter(|query| !query.is_empty()) {
            return query.clone();
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("f", self.format.name());
        let crs = self.crs.map(|crs| crs.uri().to_owned());
        for (name, value) in [
            ("crs", &crs),
            ("bbox", &self.bbox),
            ("filter", &self.filter),
            ("datetime", &self.datetime),
        ] {
            value.iter().for_each(|value| {
                query.append_pair(name, value);
            });
        }
        query.finish()
    }
}

fn parse_format(name: &str) -> Result<Format, String> {
    let known = || Format::ALL.map(Format::name).join(", ");
    Format::from_name(name).ok_or_else(|| format!("wanted one of {}", known()))
}

fn parse_crs(name: &str) -> Result<FeatureCrs, String> {
    let named = |crs: &FeatureCrs| format!("EPSG:{}", crs.srid().0);
    // That of GeoJSON and EPSG:4326 are one in a file: x comes first in both.
    let known = &FeatureCrs::ALL[1..];
    let found = known.iter().copied().find(|crs| named(crs) == name);
    let list = || known.iter().map(named).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| format!("wanted one of {}", list()))
}
