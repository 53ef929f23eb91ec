//! Turns the geometry of a source record into that of a layer: its kind, its CRS, its validity.

use gdal::cpl::CslStringList;
use gdal::errors::GdalError;
use gdal::vector::Geometry;
use urbis_catalog::{Layer, OnInvalid};
use urbis_model::{Fault, GeometryKind, Srid};

use crate::crs::Projection;
use crate::raw::{self, Coerced, Drawing};
use crate::wkb::{self, Sequence};

/// Most positions of one geometry.
const MAX_POSITIONS: usize = 4_000_000;

/// Bytes of a position with x and y only.
const POSITION_BYTES: usize = 16;

/// Why a record cannot be published.
#[derive(Debug)]
pub(crate) struct Rejection {
    /// Stable code.
    pub(crate) code: &'static str,
    /// What to mend.
    pub(crate) detail: String,
}

impl Rejection {
    /// Makes one.
    pub(crate) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// A geometry as its layer wants it.
pub(crate) struct ReadGeometry {
    /// In the storage CRS.
    pub(crate) geometry: Geometry,
    /// The same as bytes for PostGIS.
    pub(crate) ewkb: Vec<u8>,
    /// Before repair, where it was repaired.
    pub(crate) original_ewkb: Option<Vec<u8>>,
    /// What is wrong with it.
    pub(crate) faults: Vec<Fault>,
}

/// Reads geometries for one layer from one source.
pub(crate) struct GeometryReader {
    kind: GeometryKind,
    drawing: Drawing,
    on_invalid: OnInvalid,
    storage: Srid,
    projection: Projection,
}

impl GeometryReader {
    /// Prepares for sources in the CRS `from`.
    pub(crate) fn new(layer: &Layer, from: Srid, drawing: Drawing) -> Result<Self, GdalError> {
        Ok(Self {
            kind: layer.geometry,
            drawing,
            on_invalid: layer.on_invalid,
            storage: layer.storage_srid,
            projection: Projection::new(from, layer.storage_srid)?,
        })
    }

    /// Reads one geometry, ISO WKB in the source's CRS.
    ///
    /// # Errors
    ///
    /// A [`Rejection`] where nothing can be drawn, or where the layer takes valid ones only.
    pub(crate) fn read(&self, wkb: Option<&[u8]>) -> Result<ReadGeometry, Rejection> {
        let given = wkb.ok_or_else(|| Rejection::new("geometry_missing", "it has no geometry"))?;
        if given.len() / POSITION_BYTES > MAX_POSITIONS {
            let detail = format!("more than {MAX_POSITIONS} positions");
            return Err(Rejection::new("geometry_too_large", detail));
        }
        let flat = self.coerce(given)?;
        self.check_range(&flat)?;
        let (mut geometry, mut faults) = close(flat)?;
        if let Some(transform) = self.projection.to_storage() {
            geometry
                .transform_inplace(transform)
                .map_err(|error| out_of_range(&error.to_string()))?;
        }
        let mut original = None;
        if let Some(reason) = invalidity(&geometry) {
            faults.push(Fault { code: "geometry_invalid", detail: reason });
        }
        if let Some(fault) = faults.first() {
            match self.on_invalid {
                OnInvalid::Flag => {}
                OnInvalid::Reject => return Err(Rejection::new(fault.code, fault.detail.clone())),
                OnInvalid::Repair => {
                    original = Some(self.to_ewkb(&geometry)?);
                    geometry = self.repair(&geometry)?;
                }
            }
        }
        let ewkb = self.to_ewkb(&geometry)?;
        Ok(ReadGeometry { geometry, ewkb, original_ewkb: original, faults })
    }

    fn coerce(&self, wkb: &[u8]) -> Result<Vec<u8>, Rejection> {
        match raw::coerce(wkb, self.kind, self.drawing) {
            Ok(Coerced::Wkb(flat)) => Ok(flat),
            Ok(Coerced::Empty) => Err(Rejection::new("geometry_missing", "its geometry is empty")),
            Ok(Coerced::OtherKind(found)) => {
                let detail = format!("it is a {found}, the layer holds {}", self.kind);
                Err(Rejection::new("geometry_kind", detail))
            }
            Err(error) => Err(Rejection::new("geometry_unreadable", error.to_string())),
        }
    }

    fn check_range(&self, flat: &[u8]) -> Result<(), Rejection> {
        let sequences = parts(flat)?;
        let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        for (x, y) in sequences.iter().flat_map(|sequence| &sequence.positions) {
            if !x.is_finite() || !y.is_finite() {
                return Err(out_of_range("a coordinate is not a finite number"));
            }
            bounds = [bounds[0].min(*x), bounds[1].min(*y), bounds[2].max(*x), bounds[3].max(*y)];
        }
        if self.projection.covers(bounds) {
            return Ok(());
        }
        let [west, south, east, north] = bounds;
        let hint = if self.projection.covers([south, west, north, east]) {
            ", where it would be with x and y exchanged"
        } else {
            ""
        };
        let found = format!("box {west},{south},{east},{north} is outside the area of the CRS");
        Err(out_of_range(&(found + hint)))
    }

    /// Repairs by rebuilding the area from its rings; what collapses to lines is dropped.
    fn repair(&self, geometry: &Geometry) -> Result<Geometry, Rejection> {
        let unrepairable = |error: GdalError| Rejection::new("geometry_invalid", error.to_string());
        let mut options = CslStringList::new();
        options.set_name_value("METHOD", "STRUCTURE").map_err(unrepairable)?;
        options.set_name_value("KEEP_COLLAPSED", "NO").map_err(unrepairable)?;
        let valid = geometry.make_valid(&options).map_err(unrepairable)?;
        let flat = self.coerce(&valid.wkb().map_err(unrepairable)?)?;
        Geometry::from_wkb(&flat).map_err(unrepairable)
    }

    fn to_ewkb(&self, geometry: &Geometry) -> Result<Vec<u8>, Rejection> {
        let flat = geometry.wkb().map_err(unreadable)?;
        let is_finite = |(x, y): &(f64, f64)| x.is_finite() && y.is_finite();
        if !parts(&flat)?.iter().all(|sequence| sequence.positions.iter().all(is_finite)) {
            return Err(out_of_range("the transform into the layer's CRS fails there"));
        }
        Ok(wkb::to_ewkb(&flat, self.storage))
    }
}

/// Makes a geometry that PostGIS can store. It refuses open rings, which even an invalid geometry
/// must not have; they are closed, and that is a fault.
fn close(flat: Vec<u8>) -> Result<(Geometry, Vec<Fault>), Rejection> {
    let mut geometry = Geometry::from_wkb(&flat).map_err(unreadable)?;
    let Some(reason) = wkb::unstorable(&parts(&flat)?) else {
        return Ok((geometry, Vec::new()));
    };
    raw::close_rings(&mut geometry);
    if let Some(reason) = wkb::unstorable(&parts(&geometry.wkb().map_err(unreadable)?)?) {
        return Err(Rejection::new("geometry_degenerate", reason));
    }
    let fault = Fault { code: "geometry_invalid", detail: reason.to_owned() };
    Ok((geometry, vec![fault]))
}

fn parts(flat: &[u8]) -> Result<Vec<Sequence>, Rejection> {
    wkb::sequences(flat).ok_or_else(|| Rejection::new("geometry_unreadable", "its bytes break off"))
}

fn unreadable(error: GdalError) -> Rejection {
    Rejection::new("geometry_unreadable", error.to_string())
}

fn out_of_range(detail: &str) -> Rejection {
    Rejection::new("coordinates_out_of_range", detail)
}

/// Why a geometry is not valid in the sense of OGC 06-103r4; `None` where it is.
fn invalidity(geometry: &Geometry) -> Option<String> {
    raw::forget_errors();
    if geometry.is_valid() {
        return None;
    }
    let reason = raw::last_message();
    Some(if reason.is_empty() { "it is not valid".to_owned() } else { reason })
}
