//! Reading OpenStreetMap files through GDAL's OSM driver: all but relations with their members, which
//! it drops ([`crate::relations`]).
//!
//! GDAL's driver and not the crate `osmpbf`: it reads PBF and XML alike, keeps node positions in
//! a bounded index on disk, and assembles multipolygon relations, which would be a second
//! polygon builder to test here. Its price is a settings file that names the tags to read; it
//! is made from the layer's mapping, so that exactly the tags that the mapping names are read.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use urbis_catalog::Source;

use crate::value::RawValue;

/// The layers of the driver.
const LAYERS: [&str; 5] =
    ["points", "lines", "multilinestrings", "multipolygons", "other_relations"];

/// The tag that says of a closed way that it is an area, and so no line.
const AREA: &str = "area=yes";

/// Where the driver puts the number of a node, a way or a relation.
const ID: &str = "osm_id";

/// Where the driver puts the number of a closed way that became a polygon.
const WAY_ID: &str = "osm_way_id";

/// The driver's settings for reading one source.
pub(crate) fn settings(source: &Source) -> String {
    let areas = match source.layer.as_deref() {
        Some("multipolygons") => area_tags(source),
        _ => AREA.to_owned(),
    };
    let tags = tags(source).into_iter().collect::<Vec<_>>().join(",");
    let mut text = format!(
        "closed_ways_are_polygons={areas}\nattribute_name_laundering=no\nreport_all_tags=yes\n"
    );
    for layer in LAYERS {
        let attributes = if source.layer.as_deref() == Some(layer) { tags.as_str() } else { "" };
        write!(text, "[{layer}]\nosm_id=yes\nattributes={attributes}\nother_tags=no\n")
            .expect("writing to a string cannot fail");
    }
    text
}

/// Tags that make a closed way an area: the ones that the source selects by.
fn area_tags(source: &Source) -> String {
    source.filter.keys().map(String::as_str).chain([AREA]).collect::<Vec<_>>().join(",")
}

/// All tags that the mapping reads. A comma or a line break would end the list early.
fn tags(source: &Source) -> BTreeSet<&str> {
    let mapped = source.fields.values().flatten().chain(source.filter.keys());
    mapped
        .map(String::as_str)
        .filter(|tag| !tag.starts_with('@') && !tag.contains([',', '\n', '\r', '"']))
        .collect()
}

/// `n`, `w` or `r` and the number of the element that a feature came from.
pub(crate) fn feature_id(layer: &str, fields: &[String], values: &[RawValue]) -> String {
    let number = |name: &str| {
        let column = fields.iter().position(|field| field == name)?;
        values.get(column)?.to_text().filter(|text| !text.is_empty())
    };
    let letter = match layer {
        "points" => 'n',
        "lines" => 'w',
        _ => 'r',
    };
    match (number(ID), number(WAY_ID)) {
        (Some(id), _) => format!("{letter}{id}"),
        (None, Some(way)) => format!("w{way}"),
        (None, None) => String::new(),
    }
}
