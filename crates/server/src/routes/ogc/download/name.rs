//! What a file is called: one name that every system takes, and one that people read.

use axum::http::HeaderValue;
use urbis_catalog::Layer;
use urbis_export::Format;
use urbis_model::Moment;

use crate::moment;
use crate::routes::ogc::asked::Asked;

/// The name of a download.
#[derive(Debug)]
pub(super) struct FileName {
    plain: String,
    readable: String,
}

impl FileName {
    /// `danang_admin_unit_20250701.gpkg`.
    pub fn of_layer(asked: &Asked, layer: &Layer, format: Format) -> Self {
        Self::new(asked, (layer.id.as_str(), &layer.title.vi), format)
    }

    /// `danang_20250701.gpkg`.
    pub fn of_city(asked: &Asked, format: Format) -> Self {
        Self::new(asked, ("", ""), format)
    }

    fn new(asked: &Asked, (id, title): (&str, &str), format: Format) -> Self {
        let city = asked.state.city_settings();
        let day = moment::to_json(Some(Moment::now()), city.utc_offset);
        let day = day.as_str().and_then(|day| day.get(..10)).unwrap_or_default();
        let is_plain = |c: &char| c.is_ascii_alphanumeric();
        let city_id: String = city.title.en.to_lowercase().chars().filter(is_plain).collect();
        let plain = [&city_id, id, &day.replace('-', "")];
        let readable = [&city.title.vi, title, day];
        let join = |parts: [&str; 3], between: &str| {
            let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            format!("{}.{}", parts.join(between), format.ending())
        };
        let readable = join(readable, " - ").replace(['/', '\\', ':', '"', '?', '*'], "-");
        Self { plain: join(plain, "_"), readable }
    }

    /// As `Content-Disposition` says both (RFC 6266).
    pub fn disposition(&self) -> HeaderValue {
        let is_kept = |b: &u8| b.is_ascii_alphanumeric() || b"-._".contains(b);
        let encoded: String = self
            .readable
            .bytes()
            .map(|b| if is_kept(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect();
        let text = format!("attachment; filename=\"{}\"; filename*=UTF-8''{encoded}", self.plain);
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("attachment"))
    }
}
