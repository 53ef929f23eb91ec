//! Features as the drivers hold them.

use std::ffi::{CStr, c_int};
use std::ptr;

use gdal::Dataset;
use gdal::vector::{Layer, LayerAccess};
use gdal_sys::{OGRFeatureH, OGRFieldSubType, OGRFieldType, OGRLayerH};

use super::forget_errors;
use super::shape::iso_wkb;
use crate::value::RawValue;

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
/// [`super::last_failure`] then.
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
