//! The statements of a question.

use urbis_catalog::{Attribute, AttributeType, Layer};
use urbis_model::{Moment, Srid};

use super::ask::{Datetime, FeatureAsk};
use super::filter_sql::FilterSql;
use super::statement::{Statement, Value};
use super::{FeatureCrs, TABLE, area, seen};
use crate::StoreError;
use crate::layer_sql::{LayerSql, quote_identifier};

/// What is done about geometries that PROJ or GEOS cannot work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// Nothing: one of them stops the statement.
    None,
    /// What cannot be transformed is no geometry; what is not valid is compared as PostGIS mends
    /// it. Much slower.
    Each,
}

impl Care {
    /// A geometry that predicates take.
    pub(super) fn valid(self, geometry: &str) -> String {
        match self {
            Self::None => geometry.to_owned(),
            Self::Each => format!(
                "CASE WHEN ST_IsValid({geometry}) THEN {geometry} ELSE ST_MakeValid({geometry}) END"
            ),
        }
    }

    fn transformed(self, geometry: &str, from: Srid, to: FeatureCrs) -> String {
        let transformed = format!("ST_Transform({geometry}, {})", to.srid().0);
        match self {
            Self::None => transformed,
            Self::Each if from == Srid::WGS84 => {
                let [west, south, east, north] = area::reach_of(to);
                // By its box and not by an operator, to which a box of NaN lies everywhere.
                format!(
                    "CASE WHEN ST_XMin({geometry}) >= {west:?} AND ST_XMax({geometry}) <= {east:?} \
                     AND ST_YMin({geometry}) >= {south:?} AND ST_YMax({geometry}) <= {north:?} \
                     THEN {transformed} END"
                )
            }
            Self::Each => {
                format!("CASE WHEN urbis.to_wgs84({geometry}) IS NOT NULL THEN {transformed} END")
            }
        }
    }
}

/// Which part of the answer: features with a geometry come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Somewhere,
    Nowhere,
}

/// The attributes of an answer: those of the layer in their order, then the validity.
pub(super) fn answered<'a>(ask: &FeatureAsk<'a>) -> Vec<&'a Attribute> {
    let wanted =
        |name: &str| ask.properties.is_none_or(|wanted| wanted.iter().any(|wanted| wanted == name));
    ask.layer.attributes_for(ask.class).filter(|attribute| wanted(&attribute.name)).collect()
}

/// Reads rows after a feature, in order of their ids: id, WKB in the CRS of the answer (null in
/// [`Part::Nowhere`]), the attribute that decides who sees the feature (null where none does),
/// then the answered attributes. `{after}` and `{limit}` are yet to be bound, in this order.
pub(super) fn rows(ask: &FeatureAsk<'_>, part: Part, care: Care) -> Result<Statement, StoreError> {
    let mut statement = Statement::default();
    let mut conditions = conditions(ask, care, &mut statement)?;
    conditions
        .push(format!("{TABLE}.geom IS {}NULL", if part == Part::Somewhere { "NOT " } else { "" }));
    let source = source(ask, &mut statement);
    statement.sql = format!(
        "SELECT {} FROM {source} WHERE {}",
        list(ask, part, care),
        conditions.join(" AND ")
    );
    Ok(statement)
}

/// The columns of [`rows`], of whatever stands under their names.
pub(super) fn list(ask: &FeatureAsk<'_>, part: Part, care: Care) -> String {
    let layer = ask.layer;
    let geometry = match part {
        Part::Somewhere => geometry(layer, ask.crs, care),
        Part::Nowhere => "NULL::bytea".to_owned(),
    };
    let deciding = seen::deciding(layer, ask.class)
        .map_or_else(|| "NULL".to_owned(), |(_, index)| column(&layer.attributes[index]));
    let attributes = answered(ask).into_iter().map(column);
    let attributes: String = attributes.map(|column| format!(", {column}")).collect();
    format!("{TABLE}.feature_id, {geometry}, {deciding}{attributes}")
}

/// The rows of a statement of [`rows`] after an id, so many of them at most.
pub(super) fn page(rows: &Statement, after: i64, limit: u64) -> Statement {
    let mut statement = rows.clone();
    let after = statement.bind(Value::Int(after));
    let limit = statement.bind(Value::Int(i64::try_from(limit).unwrap_or(i64::MAX)));
    statement.wrapped(|rows| {
        let order = format!("ORDER BY {TABLE}.feature_id LIMIT {limit}");
        format!("{rows} AND {TABLE}.feature_id > {after} {order}")
    })
}

/// Counts the features.
pub(super) fn count(ask: &FeatureAsk<'_>, care: Care) -> Result<Statement, StoreError> {
    let mut statement = Statement::default();
    let mut conditions = conditions(ask, care, &mut statement)?;
    conditions.push("true".to_owned());
    let source = source(ask, &mut statement);
    statement.sql = format!("SELECT count(*) FROM {source} WHERE {}", conditions.join(" AND "));
    Ok(statement)
}

fn conditions(
    ask: &FeatureAsk<'_>,
    care: Care,
    statement: &mut Statement,
) -> Result<Vec<String>, StoreError> {
    let layer = ask.layer;
    let unknown = || StoreError::StorageCrsUnknown { layer: layer.id.clone() };
    let storage = FeatureCrs::of_storage(layer.storage_srid).ok_or_else(unknown)?;
    let mut conditions = Vec::new();
    conditions.extend(seen::seen(layer, ask.class, TABLE, statement));
    if ask.recorded.is_some() {
        conditions.extend(seen_today(ask, statement));
    }
    if let Some(id) = ask.id {
        let id = statement.bind(Value::Int(id.to_i64()));
        conditions.push(format!("{TABLE}.feature_id = {id}"));
    }
    if let Some(bbox) = ask.bbox {
        let geometry = care.valid(&format!("{TABLE}.geom"));
        let parts = area::box_in(bbox, storage, statement)
            .into_iter()
            .map(|part| format!("({TABLE}.geom && {part} AND ST_Intersects({geometry}, {part}))"));
        let parts = parts.collect::<Vec<_>>();
        conditions.push(if parts.is_empty() {
            "false".into()
        } else {
            format!("({})", parts.join(" OR "))
        });
    }
    if let Some(datetime) = ask.datetime {
        conditions.push(holds(datetime, statement));
    }
    if let Some(filter) = ask.filter {
        let mut sql = FilterSql { layer, class: ask.class, storage, care, statement };
        conditions.push(sql.filter(filter)?);
    }
    Ok(conditions)
}

fn holds(datetime: Datetime, statement: &mut Statement) -> String {
    let mut moment = |moment: Moment| statement.bind(Value::Moment(moment));
    let starts =
        |moment: String| format!("({TABLE}.valid_from IS NULL OR {TABLE}.valid_from <= {moment})");
    let ends =
        |moment: String| format!("({TABLE}.valid_to IS NULL OR {TABLE}.valid_to > {moment})");
    match datetime {
        Datetime::At(at) => format!("({} AND {})", starts(moment(at)), ends(moment(at))),
        Datetime::Between(Some(from), Some(to)) if from > to => "false".to_owned(),
        Datetime::Between(from, to) => {
            let from = from.map(|from| ends(moment(from)));
            let to = to.map(|to| starts(moment(to)));
            let both: Vec<String> = from.into_iter().chain(to).collect();
            if both.is_empty() { "true".to_owned() } else { format!("({})", both.join(" AND ")) }
        }
    }
}

/// Where the rows come from: the layer's table, or what it was at a moment.
fn source(ask: &FeatureAsk<'_>, statement: &mut Statement) -> String {
    let sql = LayerSql::new(ask.layer);
    let (table, history) = (sql.table(), sql.history());
    let Some(recorded) = ask.recorded else { return format!("{table} AS {TABLE}") };
    let at = statement.bind(Value::Moment(recorded));
    let attributes = ask.layer.attributes.iter();
    let attributes: String = attributes
        .map(|attribute| {
            let name = quote_identifier(&attribute.name);
            format!(", {name}::{} AS {name}", crate::layer_sql::column_type(attribute.kind))
        })
        .collect();
    let srid = ask.layer.storage_srid.0;
    // A history outlives changes of CRS.
    let geometry = format!(
        "CASE WHEN ST_SRID(geom) = {srid} THEN geom ELSE ST_Transform(geom, {srid}) END AS geom"
    );
    format!(
        "(SELECT feature_id, geom, valid_from, valid_to{attributes} FROM {table} \
         WHERE recorded_from <= {at} \
         UNION ALL \
         SELECT feature_id, {geometry}, valid_from, valid_to{attributes} FROM {history} \
         WHERE recorded_from <= {at} AND recorded_to > {at}) AS {TABLE}"
    )
}

/// What became hidden since then stays hidden: its old versions would tell of it.
fn seen_today(ask: &FeatureAsk<'_>, statement: &mut Statement) -> Option<String> {
    let today = "today";
    let seen = seen::seen(ask.layer, ask.class, today, statement)?;
    let table = LayerSql::new(ask.layer).table();
    Some(format!(
        "NOT EXISTS (SELECT FROM {table} AS {today} \
         WHERE {today}.feature_id = {TABLE}.feature_id AND NOT {seen})"
    ))
}

fn geometry(layer: &Layer, crs: FeatureCrs, care: Care) -> String {
    let stored = format!("{TABLE}.geom");
    let geometry = if crs.srid() == layer.storage_srid {
        stored
    } else {
        care.transformed(&stored, layer.storage_srid, crs)
    };
    format!("ST_AsBinary({geometry}, 'NDR')")
}

/// An attribute as [`super::write`] reads it.
fn column(attribute: &Attribute) -> String {
    let column = format!("{TABLE}.{}", quote_identifier(&attribute.name));
    match attribute.kind {
        AttributeType::Date => format!("{column}::date"),
        kind => format!("{column}::{}", crate::layer_sql::column_type(kind)),
    }
}
