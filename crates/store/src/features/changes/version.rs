//! Versions of features as a class sees them.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt;
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgRow};
use urbis_catalog::Layer;
use urbis_model::{FeatureId, Openness, Validity};
use xxhash_rust::xxh3::xxh3_64;

use crate::StoreError;
use crate::error::while_doing;
use crate::features::TABLE;
use crate::features::ask::FeatureAsk;
use crate::features::select::{self, Care, Part};
use crate::features::statement::{Statement, Value};
use crate::features::text::put_moment;
use crate::features::write::FeatureWriter;
use crate::instant::{read_validity, to_postgres_micros};
use crate::layer_sql::{LayerSql, column_type, quote_identifier};

/// A feature that the class sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    /// Equal where all that is seen is equal.
    pub(super) revision: u64,
    pub(super) validity: Validity,
    /// GeoJSON with a member `time`.
    pub(super) json: Vec<u8>,
    /// When it was recorded, as the log names it.
    pub(super) from: String,
}

/// Reads features as they are now; those that are not there, or not for the class, are left out.
pub(super) async fn read_present(
    connection: &mut PgConnection,
    layer: &Layer,
    class: Openness,
    ids: &[i64],
) -> Result<BTreeMap<FeatureId, Version>, StoreError> {
    let mut found = BTreeMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let mut statement = Statement::default();
    let ids = statement.bind(Value::Ints(ids.to_vec()));
    let table = LayerSql::new(layer).table();
    let source = format!("{table} AS {TABLE} WHERE {TABLE}.feature_id = ANY ({ids})");
    read(connection, &FeatureAsk::all(layer, class), (statement, source), |id, version| {
        found.insert(id, version);
    })
    .await?;
    Ok(found)
}

/// Reads old versions, named by feature and beginning; gives their revisions. Those that the class
/// did not see are left out: it is asked as if they were of today.
pub(super) async fn read_past(
    connection: &mut PgConnection,
    layer: &Layer,
    class: Openness,
    versions: &BTreeSet<(i64, &str)>,
) -> Result<BTreeMap<(FeatureId, String), u64>, StoreError> {
    let mut found = BTreeMap::new();
    if versions.is_empty() {
        return Ok(found);
    }
    let mut statement = Statement::default();
    let ids = statement.bind(Value::Ints(versions.iter().map(|(id, _)| *id).collect()));
    let from = versions.iter().map(|(_, from)| (*from).to_owned()).collect();
    let from = statement.bind(Value::Texts(from));
    let source = format!(
        "unnest({ids}, {from}::timestamptz[]) AS wanted (id, recorded_from) \
         CROSS JOIN LATERAL (SELECT {} FROM {} AS h \
             WHERE h.feature_id = wanted.id AND h.recorded_from = wanted.recorded_from) AS {TABLE}",
        past_columns(layer),
        LayerSql::new(layer).history()
    );
    read(connection, &FeatureAsk::all(layer, class), (statement, source), |id, version| {
        found.insert((id, version.from), version.revision);
    })
    .await?;
    Ok(found)
}

/// The columns of a history as the layer's table has them today: it outlives changes of type and
/// CRS.
fn past_columns(layer: &Layer) -> String {
    let srid = layer.storage_srid.0;
    let attributes = layer.attributes.iter().map(|attribute| {
        let name = quote_identifier(&attribute.name);
        format!(", h.{name}::{} AS {name}", column_type(attribute.kind))
    });
    let attributes: String = attributes.collect();
    format!(
        "h.feature_id, h.recorded_from, h.valid_from, h.valid_to, CASE WHEN ST_SRID(h.geom) = {srid} THEN h.geom \
         ELSE ST_Transform(h.geom, {srid}) END AS geom{attributes}"
    )
}

async fn read(
    connection: &mut PgConnection,
    ask: &FeatureAsk<'_>,
    (mut statement, source): (Statement, String),
    mut take: impl FnMut(FeatureId, Version),
) -> Result<(), StoreError> {
    let list = select::list(ask, Part::Somewhere, Care::Each);
    statement.sql = format!(
        "SELECT {list}, {TABLE}.recorded_from::text, {TABLE}.valid_from, {TABLE}.valid_to FROM {source}"
    );
    let mut writer = FeatureWriter::new(ask);
    let failed = while_doing("reading changed features");
    let mut rows = statement.query().fetch(connection);
    while let Some(row) = rows.try_next().await.map_err(&failed)? {
        let id = writer.id(&row)?;
        let mut json = Vec::new();
        if writer.put(&mut json, id, &row)? {
            take(id, finish(json, &row).map_err(&failed)?);
        }
    }
    Ok(())
}

/// Adds when the feature holds, and makes its revision.
fn finish(mut json: Vec<u8>, row: &PgRow) -> Result<Version, sqlx::Error> {
    let validity = read_validity(row, row.len() - 2)?;
    let from = row.try_get(row.len() - 3)?;
    json.pop();
    json.extend_from_slice(br#","time":"#);
    put_time(&mut json, validity);
    json.push(b'}');
    Ok(Version { revision: xxh3_64(&json), validity, json, from })
}

/// An interval whose open ends are `..`; null for always.
fn put_time(json: &mut Vec<u8>, validity: Validity) {
    if validity == Validity::ALWAYS {
        return json.extend_from_slice(b"null");
    }
    json.extend_from_slice(br#"{"interval":["#);
    for (place, end) in [validity.from, validity.to].into_iter().enumerate() {
        if place > 0 {
            json.push(b',');
        }
        match end {
            Some(end) => put_moment(json, to_postgres_micros(end)),
            None => json.extend_from_slice(b"\"..\""),
        }
    }
    json.extend_from_slice(b"]}");
}
