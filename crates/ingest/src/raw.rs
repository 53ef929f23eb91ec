//! The calls into GDAL that the safe crate lacks: text as bytes, interleaved reading, coercion of
//! geometry kinds, the datum shift, prepared geometry, quiet errors.
//!
//! The safe crate's getters replace bytes that are not UTF-8, so that a legacy encoding is lost
//! before anyone sees it; here a text field is what the driver holds. Nothing in this file
//! outlives the dataset it came from except as owned bytes.
#![expect(unsafe_code, reason = "the safe crate has no other way to these functions")]

use std::ffi::{CStr, c_int, c_uchar};
use std::marker::PhantomData;
use std::ptr;

use gdal::errors::GdalError;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::{Geometry, Layer, LayerAccess};
use gdal::{Dataset, cpl::CslStringList};
use gdal_sys::{
    CPLErr, OGRErr, OGRFeatureH, OGRFieldSubType, OGRFieldType, OGRGeometryH, OGRLayerH,
    OGRPreparedGeometryH, OGRwkbByteOrder, OGRwkbGeometryType,
};
use urbis_model::GeometryKind;

use crate::value::RawValue;

/// Keeps GDAL from printing, on this thread, while it lives.
pub(crate) struct Quiet {
    /// The handler belongs to the thread that pushed it.
    not_send: PhantomData<*const ()>,
}

impl Quiet {
    /// Starts the silence.
    pub(crate) fn start() -> Self {
        // SAFETY: the handler is GDAL's own, and the matching pop is in `drop`.
        unsafe { gdal_sys::CPLPushErrorHandler(Some(gdal_sys::CPLQuietErrorHandler)) };
        Self { not_send: PhantomData }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // SAFETY: pairs with the push in `start`, on the same thread.
        unsafe { gdal_sys::CPLPopErrorHandler() };
    }
}

/// Forgets the last message of this thread.
pub(crate) fn forget_errors() {
    // SAFETY: touches thread-local state only.
    unsafe { gdal_sys::CPLErrorReset() };
}

/// The last message of this thread, warnings too; empty where there is none.
pub(crate) fn last_message() -> String {
    // SAFETY: GDAL returns a valid C string that lives until the next error on this thread.
    unsafe { CStr::from_ptr(gdal_sys::CPLGetLastErrorMsg()) }.to_string_lossy().into_owned()
}

/// The last error of this thread, where it was one and no warning.
pub(crate) fn last_failure() -> Option<GdalError> {
    // SAFETY: both read thread-local state only.
    let (class, number) =
        unsafe { (gdal_sys::CPLGetLastErrorType(), gdal_sys::CPLGetLastErrorNo()) };
    let failed = class == CPLErr::CE_Failure || class == CPLErr::CE_Fatal;
    failed.then(|| GdalError::CplError { class, number, msg: last_message() })
}

/// One feature, owned; its text is not touched until it is asked for.
pub(crate) struct RawFeature {
    handle: OGRFeatureH,
}

impl Drop for RawFeature {
    fn drop(&mut self) {
        // SAFETY: the handle is owned and destroyed once.
        unsafe { gdal_sys::OGR_F_Destroy(self.handle) };
    }
}

/// Reads the next feature of a layer; `None` at the end and at an error, which stands in
/// [`last_failure`] then.
pub(crate) fn next_feature(layer: &Layer<'_>) -> Option<RawFeature> {
    forget_errors();
    // SAFETY: the layer borrows its open dataset.
    let handle = unsafe { gdal_sys::OGR_L_GetNextFeature(layer.c_layer()) };
    (!handle.is_null()).then_some(RawFeature { handle })
}

/// Reads the next feature of any layer of a dataset, and says whether it is of `layer` and what
/// part of the file is done. OSM files are streams: reading one layer alone would pile up the
/// features of the others in memory.
pub(crate) fn next_of_any(dataset: &Dataset, layer: &Layer<'_>) -> Option<(RawFeature, bool, f64)> {
    forget_errors();
    let mut from: OGRLayerH = ptr::null_mut();
    let mut done = 0.0;
    // SAFETY: the dataset is open; both out-pointers are valid for the call; no callback.
    let handle = unsafe {
        gdal_sys::GDALDatasetGetNextFeature(
            dataset.c_dataset(),
            &raw mut from,
            &raw mut done,
            None,
            ptr::null_mut(),
        )
    };
    // SAFETY: only compared, never dereferenced.
    let wanted = from == unsafe { layer.c_layer() };
    (!handle.is_null()).then(|| (RawFeature { handle }, wanted, done))
}

/// Number of features where the file says it without being read through.
pub(crate) fn quick_count(layer: &Layer<'_>) -> Option<u64> {
    // SAFETY: the layer borrows its open dataset.
    let count = unsafe { gdal_sys::OGR_L_GetFeatureCount(layer.c_layer(), 0) };
    u64::try_from(count).ok()
}

/// Names of a layer's fields in order; bytes that are not UTF-8 are replaced, which only means
/// that no mapping can name such a field.
pub(crate) fn field_names(layer: &Layer<'_>) -> Vec<String> {
    // SAFETY: the definition lives as long as the layer, each index is below its count, and the
    // names are valid C strings owned by the definition.
    unsafe {
        let defn = gdal_sys::OGR_L_GetLayerDefn(layer.c_layer());
        (0..gdal_sys::OGR_FD_GetFieldCount(defn))
            .map(|index| {
                let field = gdal_sys::OGR_FD_GetFieldDefn(defn, index);
                let name = gdal_sys::OGR_Fld_GetNameRef(field);
                CStr::from_ptr(name).to_string_lossy().into_owned()
            })
            .collect()
    }
}

impl RawFeature {
    /// The number that the driver gives the feature.
    pub(crate) fn fid(&self) -> i64 {
        // SAFETY: the handle is valid.
        unsafe { gdal_sys::OGR_F_GetFID(self.handle) }
    }

    /// All field values in order.
    pub(crate) fn values(&self) -> Vec<RawValue> {
        // SAFETY: the handle is valid.
        let count = unsafe { gdal_sys::OGR_F_GetFieldCount(self.handle) };
        (0..count).map(|index| self.value(index)).collect()
    }

    fn value(&self, index: c_int) -> RawValue {
        // SAFETY: the handle is valid and the index below the field count.
        unsafe {
            if gdal_sys::OGR_F_IsFieldSetAndNotNull(self.handle, index) == 0 {
                return RawValue::Null;
            }
            let defn = gdal_sys::OGR_F_GetFieldDefnRef(self.handle, index);
            let is_boolean = gdal_sys::OGR_Fld_GetSubType(defn) == OGRFieldSubType::OFSTBoolean;
            match gdal_sys::OGR_Fld_GetType(defn) {
                OGRFieldType::OFTInteger | OGRFieldType::OFTInteger64 => {
                    let number = gdal_sys::OGR_F_GetFieldAsInteger64(self.handle, index);
                    if is_boolean {
                        RawValue::Boolean(number != 0)
                    } else {
                        RawValue::Integer(number)
                    }
                }
                OGRFieldType::OFTReal => {
                    RawValue::Real(gdal_sys::OGR_F_GetFieldAsDouble(self.handle, index))
                }
                OGRFieldType::OFTDate => self.date(index, Clock::Without),
                OGRFieldType::OFTDateTime => self.date(index, Clock::With),
                _ => {
                    let text = gdal_sys::OGR_F_GetFieldAsString(self.handle, index);
                    RawValue::Bytes(CStr::from_ptr(text).to_bytes().to_vec())
                }
            }
        }
    }

    /// ISO 8601 text; GDAL's own text form has slashes and drops the zone.
    fn date(&self, index: c_int, clock: Clock) -> RawValue {
        let (mut year, mut month, mut day, mut hour, mut minute, mut zone) = (0, 0, 0, 0, 0, 0);
        let mut second = 0.0_f32;
        // SAFETY: the handle and index are valid, each out-pointer is a live local.
        let known = unsafe {
            gdal_sys::OGR_F_GetFieldAsDateTimeEx(
                self.handle,
                index,
                &raw mut year,
                &raw mut month,
                &raw mut day,
                &raw mut hour,
                &raw mut minute,
                &raw mut second,
                &raw mut zone,
            )
        };
        if known == 0 {
            return RawValue::Null;
        }
        let mut text = format!("{year:04}-{month:02}-{day:02}");
        if clock == Clock::With {
            text += &format!("T{hour:02}:{minute:02}:{:02}", second as u32);
            text += &zone_text(zone);
        }
        RawValue::Bytes(text.into_bytes())
    }

    /// The geometry as ISO WKB, little-endian, with all its dimensions and curves; `None` where
    /// there is none.
    pub(crate) fn geometry_wkb(&self) -> Option<Vec<u8>> {
        // SAFETY: the handle is valid; the geometry stays owned by the feature.
        let geometry = unsafe { gdal_sys::OGR_F_GetGeometryRef(self.handle) };
        if geometry.is_null() {
            return None;
        }
        // SAFETY: the geometry was checked not to be null and is borrowed from the feature.
        unsafe { iso_wkb(geometry) }
    }
}

/// Whether a date comes with a time of day.
#[derive(PartialEq)]
enum Clock {
    With,
    Without,
}

/// GDAL counts zones in quarters of an hour from 100, which is UTC; less than that is unknown.
fn zone_text(zone: c_int) -> String {
    if zone < 2 {
        return String::new();
    }
    let minutes = (zone - 100) * 15;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// # Safety
///
/// `geometry` is a valid handle.
unsafe fn iso_wkb(geometry: OGRGeometryH) -> Option<Vec<u8>> {
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

/// Binds a datum shift to WGS 84 to a CRS: three metres, three arc seconds (position vector), one
/// part per million.
pub(crate) fn bind_shift(srs: &SpatialRef, shift: [f64; 7]) -> Result<(), GdalError> {
    let [dx, dy, dz, rx, ry, rz, ppm] = shift;
    // SAFETY: the handle is valid for the call.
    let err = unsafe { gdal_sys::OSRSetTOWGS84(srs.to_c_hsrs(), dx, dy, dz, rx, ry, rz, ppm) };
    if err == OGRErr::OGRERR_NONE {
        return Ok(());
    }
    Err(GdalError::OgrError { err, method_name: "OSRSetTOWGS84" })
}

/// Says whether two CRSs mean the same, whatever their names and the order of their axes.
pub(crate) fn is_same(one: &SpatialRef, other: &SpatialRef) -> Result<bool, GdalError> {
    let mut options = CslStringList::new();
    options.set_name_value("IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING", "YES")?;
    options.set_name_value("CRITERION", "EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS")?;
    // SAFETY: both handles and the option list are valid for the call.
    let same = unsafe {
        gdal_sys::OSRIsSameEx(
            one.to_c_hsrs(),
            other.to_c_hsrs(),
            options.as_ptr().cast_const().cast(),
        )
    };
    Ok(same != 0)
}
