//! Geometry: bytes, kinds, preparation.

use std::ffi::{c_int, c_uchar};
use std::ptr;

use gdal::errors::GdalError;
use gdal::vector::Geometry;
use gdal_sys::{OGRErr, OGRGeometryH, OGRPreparedGeometryH, OGRwkbByteOrder, OGRwkbGeometryType};
use urbis_model::GeometryKind;

/// ISO WKB of a geometry, little-endian; `None` where GDAL has no form for it.
///
/// # Safety
///
/// `geometry` is a valid handle.
pub(super) unsafe fn iso_wkb(geometry: OGRGeometryH) -> Option<Vec<u8>> {
    // SAFETY: the handle is valid, the buffer has the size that GDAL asks for.
    unsafe {
        let mut wkb = vec![0_u8; gdal_sys::OGR_G_WkbSizeEx(geometry)];
        let buffer = wkb.as_mut_ptr().cast::<c_uchar>();
        let done = gdal_sys::OGR_G_ExportToIsoWkb(geometry, OGRwkbByteOrder::wkbNDR, buffer);
        (done == OGRErr::OGRERR_NONE).then_some(wkb)
    }
}

/// ISO WKB of well-known text.
pub(crate) fn wkb_from_wkt(wkt: &str) -> Result<Vec<u8>, GdalError> {
    let geometry = Geometry::from_wkt(wkt)?;
    // SAFETY: the handle is valid while `geometry` lives.
    let wkb = unsafe { iso_wkb(geometry.c_geometry()) };
    wkb.ok_or_else(|| GdalError::BadArgument("the geometry has no binary form".to_owned()))
}

/// How a format draws polygons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drawing {
    /// As polygons.
    Gis,
    /// As closed lines, for want of a polygon entity.
    Cad,
}

/// What became of a geometry that was asked to be of one kind.
pub(crate) enum Coerced {
    /// ISO WKB, two dimensions, straight lines, of the kind asked for.
    Wkb(Vec<u8>),
    /// It has no position at all.
    Empty,
    /// It is of another kind, which has this name.
    OtherKind(String),
}

/// Makes a geometry two-dimensional, its curves into lines, its single parts into the Multi kind.
///
/// # Errors
///
/// [`GdalError`] where the bytes are no WKB.
pub(crate) fn coerce(
    wkb: &[u8],
    kind: GeometryKind,
    drawing: Drawing,
) -> Result<Coerced, GdalError> {
    let geometry = Geometry::from_wkb(wkb)?;
    if geometry.is_empty() {
        return Ok(Coerced::Empty);
    }
    let name = geometry.geometry_name();
    // SAFETY: the handle is given up by `geometry` and owned by `Owned` from here on; each call
    // below takes a handle and returns one that replaces it.
    unsafe {
        let mut owned = Owned(geometry.into_c_geometry());
        owned.replace_by_copy(gdal_sys::OGR_G_GetLinearGeometry(owned.0, 0.0, ptr::null_mut()));
        gdal_sys::OGR_G_SetMeasured(owned.0, 0);
        gdal_sys::OGR_G_FlattenTo2D(owned.0);
        if kind == GeometryKind::MultiPolygon && drawing == Drawing::Cad {
            owned.close_line();
        }
        let (wanted, force): (_, unsafe extern "C" fn(OGRGeometryH) -> OGRGeometryH) = match kind {
            GeometryKind::Point => (OGRwkbGeometryType::wkbPoint, single_point),
            GeometryKind::MultiLineString => {
                (OGRwkbGeometryType::wkbMultiLineString, gdal_sys::OGR_G_ForceToMultiLineString)
            }
            GeometryKind::MultiPolygon => {
                (OGRwkbGeometryType::wkbMultiPolygon, gdal_sys::OGR_G_ForceToMultiPolygon)
            }
        };
        // Forcing would take a polygon's rings for lines, or its corners for points.
        if gdal_sys::OGR_G_GetDimension(owned.0) != dimension(kind) {
            return Ok(Coerced::OtherKind(name));
        }
        owned.0 = force(owned.0);
        if gdal_sys::OGR_G_GetGeometryType(owned.0) != wanted {
            return Ok(Coerced::OtherKind(name));
        }
        Ok(iso_wkb(owned.0).map_or(Coerced::OtherKind(name), Coerced::Wkb))
    }
}

/// Closes the open rings of polygons, in place.
pub(crate) fn close_rings(geometry: &mut Geometry) {
    // SAFETY: the handle is valid and not shared, for the borrow is exclusive.
    unsafe { gdal_sys::OGR_G_CloseRings(geometry.c_geometry()) };
}

const fn dimension(kind: GeometryKind) -> c_int {
    match kind {
        GeometryKind::Point => 0,
        GeometryKind::MultiLineString => 1,
        GeometryKind::MultiPolygon => 2,
    }
}

/// The only point of a collection; anything else comes back as it is.
unsafe extern "C" fn single_point(geometry: OGRGeometryH) -> OGRGeometryH {
    // SAFETY: the caller gives up a valid handle; the part is copied before its owner is
    // destroyed.
    unsafe {
        if gdal_sys::OGR_G_GetGeometryCount(geometry) != 1 {
            return geometry;
        }
        let point = gdal_sys::OGR_G_Clone(gdal_sys::OGR_G_GetGeometryRef(geometry, 0));
        gdal_sys::OGR_G_DestroyGeometry(geometry);
        point
    }
}

/// A geometry handle that is destroyed in the end.
struct Owned(OGRGeometryH);

impl Owned {
    /// Takes a handle that GDAL made out of the present one without consuming it.
    fn replace_by_copy(&mut self, copy: OGRGeometryH) {
        if !copy.is_null() {
            // SAFETY: the old handle is owned and replaced at once.
            unsafe { gdal_sys::OGR_G_DestroyGeometry(self.0) };
            self.0 = copy;
        }
    }

    /// Makes a closed line a polygon.
    fn close_line(&mut self) {
        // SAFETY: the handle is valid; the copy is consumed by the force call, whose result is
        // either kept or destroyed.
        unsafe {
            let is_line =
                gdal_sys::OGR_G_GetGeometryType(self.0) == OGRwkbGeometryType::wkbLineString;
            let count = gdal_sys::OGR_G_GetPointCount(self.0);
            if !is_line || count < 4 {
                return;
            }
            let corner =
                |index| (gdal_sys::OGR_G_GetX(self.0, index), gdal_sys::OGR_G_GetY(self.0, index));
            if corner(0) != corner(count - 1) {
                return;
            }
            let polygon = gdal_sys::OGR_G_ForceToPolygon(gdal_sys::OGR_G_Clone(self.0));
            self.replace_by_copy(polygon);
        }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the handle is owned and destroyed once.
        unsafe { gdal_sys::OGR_G_DestroyGeometry(self.0) };
    }
}

/// A geometry prepared for many intersection tests.
pub(crate) struct Prepared {
    handle: OGRPreparedGeometryH,
    /// The prepared form points into it.
    _geometry: Geometry,
}

impl Prepared {
    /// Prepares; `None` where GEOS cannot.
    pub(crate) fn new(geometry: Geometry) -> Option<Self> {
        // SAFETY: the geometry is valid and kept as long as the prepared form.
        let handle = unsafe { gdal_sys::OGRCreatePreparedGeometry(geometry.c_geometry()) };
        (!handle.is_null()).then_some(Self { handle, _geometry: geometry })
    }

    /// Says whether the two share a position.
    pub(crate) fn intersects(&self, other: &Geometry) -> bool {
        // SAFETY: both handles are valid for the call.
        unsafe { gdal_sys::OGRPreparedGeometryIntersects(self.handle, other.c_geometry()) != 0 }
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        // SAFETY: the handle is owned and destroyed once, before the geometry.
        unsafe { gdal_sys::OGRDestroyPreparedGeometry(self.handle) };
    }
}
