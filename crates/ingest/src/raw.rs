//! The calls into GDAL that the safe crate lacks: text as bytes, interleaved reading, coercion of
//! geometry kinds, the datum shift, prepared geometry, quiet errors.
//!
//! The safe crate's getters replace bytes that are not UTF-8, so that a legacy encoding is lost
//! before anyone sees it; here a text field is what the driver holds. Nothing in here outlives
//! the dataset it came from except as owned bytes.
#![expect(unsafe_code, reason = "the safe crate has no other way to these functions")]

mod feature;
mod shape;

use std::ffi::CStr;
use std::marker::PhantomData;

use gdal::cpl::CslStringList;
use gdal::errors::GdalError;
use gdal::spatial_ref::SpatialRef;
use gdal_sys::{CPLErr, OGRErr};

pub(crate) use feature::{RawFeature, field_names, next_feature, next_of_any, quick_count};
pub(crate) use shape::{Coerced, Drawing, Prepared, close_rings, coerce, wkb_from_wkt};

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
