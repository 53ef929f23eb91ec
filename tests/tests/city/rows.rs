//! Which rows of a layer's table somebody may see, as SQL says it: the oracle of what is served.

use urbis_catalog::Layer;
use urbis_model::Openness;
use urbis_tests::City;

/// Condition on the rows that a class sees today: open to it, and valid now.
pub fn seen_by(layer: &Layer, class: Openness) -> String {
    format!(
        "coalesce(valid_from <= now(), true) AND coalesce(now() < valid_to, true)
         AND NOT ({})",
        hidden_from(layer, class)
    )
}

/// Condition on the rows that a class may not see.
pub fn hidden_from(layer: &Layer, class: Openness) -> String {
    if layer.openness > class {
        return "true".to_owned();
    }
    let rule = layer.openness_by.iter();
    let tests: Vec<String> = rule
        .flat_map(|rule| rule.levels.iter().map(|(value, level)| (&rule.attribute, value, level)))
        .filter(|(_, _, level)| **level > class)
        .map(|(attribute, value, _)| {
            let codes = format!("string_to_array(\"{attribute}\"::text, '+')");
            format!("coalesce('{value}' = ANY({codes}), false)")
        })
        .collect();
    if tests.is_empty() { "false".to_owned() } else { tests.join(" OR ") }
}

/// Longitude and latitude of a place on each of some rows, always the same ones.
pub fn places(city: &City, layer: &Layer, rows: &str, limit: usize) -> Vec<(f64, f64)> {
    let places = city.psql(&format!(
        "SELECT ST_X(p), ST_Y(p) FROM (
           SELECT ST_PointOnSurface(ST_MakeValid(ST_Transform(geom, 4326))) AS p
           FROM layer.{} WHERE {rows} ORDER BY md5(feature_id::text) LIMIT {limit}) s",
        layer.id
    ));
    let number = |text: &str| text.parse().expect("a number");
    let pairs = places.lines().map(|row| row.split_once('|').expect("two columns"));
    pairs.map(|(lon, lat)| (number(lon), number(lat))).collect()
}
