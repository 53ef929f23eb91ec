//! Which features go into a file, and how: the query of a download.

use urbis_catalog::{Layer, UtcOffset};
use urbis_export::Format;
use urbis_model::{Moment, Openness};
use urbis_ogc::DOWNLOAD_PARAMETERS;
use urbis_store::{FeatureAsk, FeatureCrs};

use crate::moment;
use crate::problem::{ApiError, echo};
use crate::routes::ogc::items::parameters::ItemsParameters;

/// What a download may be.
const FORMATS: &str = "gpkg, fgb, geojson, csv or shp";

/// Which features of a layer go into a file, in which format and CRS.
///
/// Read from the query of an address by the rules of `/items`, wherever it comes from: the server
/// and the process that makes files for it read the same text by the same code.
#[derive(Debug)]
pub struct Selection {
    format: Format,
    crs: FeatureCrs,
    parameters: ItemsParameters,
}

/// Why a text is no selection, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}: {hint}")]
pub struct SelectionRefused {
    /// What is wrong.
    pub detail: String,
    /// What to do.
    pub hint: String,
}

impl Selection {
    /// Reads a query for a layer as a class sees it.
    ///
    /// # Errors
    ///
    /// [`SelectionRefused`].
    pub fn parse(
        query: &str,
        layer: &Layer,
        class: Openness,
        offset: UtcOffset,
    ) -> Result<Self, SelectionRefused> {
        Self::read(query, layer, class, offset).map_err(|cause| {
            let mut problem = serde_json::json!({});
            cause.describe(&mut problem);
            let text = |member: &str| problem[member].as_str().unwrap_or_default().to_owned();
            SelectionRefused { detail: text("detail"), hint: text("hint") }
        })
    }

    /// The same, with the problem that a client is told.
    pub(super) fn read(
        query: &str,
        layer: &Layer,
        class: Openness,
        offset: UtcOffset,
    ) -> Result<Self, ApiError> {
        let parameters =
            ItemsParameters::read_known(query, DOWNLOAD_PARAMETERS, layer, (class, offset))?;
        let (name, wanted) = ("f", FORMATS);
        let format = parameters.form.as_deref();
        let format = format.ok_or(ApiError::MissingParameter { name, wanted })?;
        let refused = || ApiError::InvalidParameter { name, found: echo(format), wanted };
        let format = Format::from_name(format).ok_or_else(refused)?;
        let is_named = form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "crs");
        let crs = match parameters.crs {
            FeatureCrs::Wgs84 => FeatureCrs::Crs84,
            named if is_named || format.is_in_degrees() => named,
            _ => FeatureCrs::of_storage(layer.storage_srid).unwrap_or_default(),
        };
        Ok(Self { format, crs, parameters })
    }

    /// The format of the file.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// CRS of the file; x before y.
    pub const fn crs(&self) -> FeatureCrs {
        self.crs
    }

    /// The question to the database; `now` is the moment of the city where no other is asked for.
    pub fn ask<'a>(&'a self, layer: &'a Layer, class: Openness, now: Moment) -> FeatureAsk<'a> {
        let ask = self.parameters.ask(layer, class, now);
        FeatureAsk { crs: self.crs, after: None, limit: u64::MAX, ..ask }
    }
}

/// A query that means the same whenever it is read.
pub(super) fn at_a_moment(query: &str, now: Moment, offset: UtcOffset) -> String {
    let is_named = form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "datetime");
    let now = moment::to_json(Some(now), offset);
    let Some(now) = now.as_str().filter(|_| !is_named) else { return query.to_owned() };
    let now: String = form_urlencoded::byte_serialize(now.as_bytes()).collect();
    format!("{query}&datetime={now}")
}
