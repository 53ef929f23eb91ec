//! What a Shapefile cannot say of itself, as texts beside it.

use std::fmt::Write;

use urbis_catalog::{AttributeType, Credit};

use crate::dbf::MAX_TEXT_LEN;
use crate::{FEATURE_ID, Sheet};

/// What happened while a Shapefile was written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Losses {
    /// Features without a geometry.
    pub nowhere: u64,
    /// Texts that were cut, by the short name of their column.
    pub cut: Vec<(String, u64)>,
}

/// The table of names: short, long, titles, type, unit. CSV as [`crate::CsvWriter`] writes it.
pub(crate) fn fields(sheet: &Sheet<'_>, short: &[String]) -> String {
    let mut text = "\u{feff}field,attribute,title_vi,title_en,type,unit\r\n".to_owned();
    let id = ("Mã đối tượng", "Feature id", "integer", String::new());
    let id = (FEATURE_ID, id);
    let attributes = sheet.attributes.iter().map(|attribute| {
        let unit = attribute.unit.clone().unwrap_or_default();
        let (vi, en) = (attribute.title.vi.as_str(), attribute.title.en.as_str());
        (attribute.name.as_str(), (vi, en, type_name(attribute.kind), unit))
    });
    for (short, (name, (vi, en, kind, unit))) in
        short.iter().zip(std::iter::once(id).chain(attributes))
    {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let (vi, en, unit) = (quoted(vi), quoted(en), quoted(&unit));
        writeln!(text, "{short},{name},{vi},{en},{kind},{unit}\r")
            .expect("memory takes every text");
    }
    text
}

const fn type_name(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::Text => "text",
        AttributeType::Integer => "integer",
        AttributeType::Float => "float",
        AttributeType::Boolean => "boolean",
        AttributeType::Date => "date",
        AttributeType::Datetime => "datetime",
        AttributeType::Code => "code",
        AttributeType::Codes => "codes",
    }
}

/// The note on the file, in both languages.
pub(crate) fn readme(sheet: &Sheet<'_>, losses: &Losses) -> String {
    let (layer, credit) = (sheet.layer, Credit::of(sheet.layer));
    let cut: Vec<String> =
        losses.cut.iter().map(|(name, count)| format!("{name}: {count}")).collect();
    let cut = if cut.is_empty() { "0".to_owned() } else { cut.join(", ") };
    let lines = [
        format!("{} / {}", layer.title.vi, layer.title.en),
        String::new(),
        layer.description.vi.clone(),
        layer.description.en.clone(),
        String::new(),
        format!("EPSG:{}; UTF-8 (.cpg).", sheet.srid.0),
        "Tên trường có nhiều nhất 10 ký tự: xem fields.csv.".into(),
        "Field names have 10 characters at most: see fields.csv.".into(),
        "Chữ rỗng và không có giá trị là như nhau.".into(),
        "An empty text and no value are the same.".into(),
        format!("Số giá trị chữ bị cắt vì dài hơn {MAX_TEXT_LEN} byte: {cut}"),
        format!("Texts that were cut because they are longer than {MAX_TEXT_LEN} bytes: {cut}"),
        format!("Số đối tượng không có hình học: {}", losses.nowhere),
        format!("Features without a geometry: {}", losses.nowhere),
        String::new(),
        format!("Giấy phép / Licence: {}", credit.licence()),
        format!("Ghi công / Attribution: {}", credit.attribution()),
    ];
    as_file(lines.into_iter())
}

/// The licences and where their texts are.
pub(crate) fn licence(sheet: &Sheet<'_>) -> String {
    let credit = Credit::of(sheet.layer);
    let lines = [credit.licence(), credit.attribution()].into_iter();
    as_file(lines.chain(credit.addresses()))
}

/// Lines as every editor shows them.
fn as_file(lines: impl Iterator<Item = String>) -> String {
    let lines: String = lines.map(|line| line + "\r\n").collect();
    format!("\u{feff}{lines}")
}
