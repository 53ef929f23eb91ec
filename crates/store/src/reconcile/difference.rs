//! Finds the steps from the columns that a layer's table has to those that it should have.

use sqlx::postgres::PgConnection;
use urbis_catalog::{Attribute, AttributeType, Layer};

use super::{Step, ask};
use crate::StoreError;
use crate::error::while_doing;
use crate::layer_sql::{ColumnValues, LayerSql, column_type};

/// Columns of every layer table that are no attributes; the geometry is looked at by itself.
const FIXED: [&str; 6] =
    ["feature_id", "geom", "valid_from", "valid_to", "recorded_from", "edited_at"];

/// A column as the server has it.
#[derive(Debug)]
pub(super) struct Column {
    name: String,
    kind: String,
}

/// Reads the columns of a layer's table in schema `layer` or `history`; none where there is no
/// table.
pub(super) async fn read_columns(
    connection: &mut PgConnection,
    schema: &str,
    layer: &Layer,
) -> Result<Vec<Column>, StoreError> {
    let rows: Vec<(String, String)> = sqlx::query_as(include_str!("../sql/layer_columns.sql"))
        .bind(schema)
        .bind(layer.id.as_str())
        .fetch_all(connection)
        .await
        .map_err(while_doing("reading the columns of a layer"))?;
    Ok(rows.into_iter().map(|(name, kind)| Column { name, kind }).collect())
}

/// Finds the steps for the columns of a table that exists.
pub(super) async fn plan_columns(
    connection: &mut PgConnection,
    layer: &Layer,
    columns: &[Column],
) -> Result<Vec<Step>, StoreError> {
    let past = read_columns(connection, "history", layer).await?;
    let mut steps: Vec<Step> = plan_geometry(connection, layer, columns).await?;
    for attribute in &layer.attributes {
        match columns.iter().find(|column| column.name == attribute.name) {
            None => steps.push(plan_add(layer, attribute, &past)?),
            Some(column) if column.kind != column_type(attribute.kind) => {
                steps.extend(plan_retype(connection, layer, attribute, &column.kind).await?);
            }
            Some(_) => {}
        }
    }
    for column in columns {
        if layer.attribute_index(&column.name).is_none() && !FIXED.contains(&column.name.as_str()) {
            steps.push(plan_drop(connection, layer, &column.name).await?);
        }
    }
    Ok(steps)
}

/// Adds an attribute; one that was dropped before must come back as the type that its history
/// has.
fn plan_add(layer: &Layer, attribute: &Attribute, past: &[Column]) -> Result<Step, StoreError> {
    let wanted = column_type(attribute.kind);
    let kept = past.iter().find(|column| column.name == attribute.name && column.kind != wanted);
    if let Some(kept) = kept {
        return Err(StoreError::LossyChange {
            layer: layer.id.clone(),
            change: format!("adding attribute '{}' as {wanted}", attribute.name),
            instead: format!("its history is {}; add it under another name", kept.kind),
        });
    }
    let title = format!("add column {}", attribute.name);
    Ok(Step::new(title, LayerSql::new(layer).add_column(attribute)))
}

async fn plan_geometry(
    connection: &mut PgConnection,
    layer: &Layer,
    columns: &[Column],
) -> Result<Vec<Step>, StoreError> {
    let sql = LayerSql::new(layer);
    let wanted = sql.geometry_type();
    let found = columns.iter().find(|column| column.name == "geom").map(|column| &column.kind);
    // A PostGIS outside `public` spells its type with its schema.
    if found.is_some_and(|found| found.rsplit('.').next() == Some(&wanted)) {
        return Ok(Vec::new());
    }
    if ask(connection, sql.table_has_values("geom")).await? {
        return Err(StoreError::LossyChange {
            layer: layer.id.clone(),
            change: format!("changing {} to {wanted}", found.map_or("geometry", String::as_str)),
            instead: "empty the table first (TRUNCATE keeps its history) and import again, \
                      or define a new layer"
                .into(),
        });
    }
    Ok(vec![Step::new(format!("change geometry to {wanted}"), sql.retype_geometry())])
}

async fn plan_retype(
    connection: &mut PgConnection,
    layer: &Layer,
    attribute: &Attribute,
    found: &str,
) -> Result<Vec<Step>, StoreError> {
    let sql = LayerSql::new(layer);
    let wanted = column_type(attribute.kind);
    let values = if !ask(connection, sql.column_has_values(&attribute.name)).await? {
        ColumnValues::AllNull
    } else if keeps_values(connection, layer, attribute, found).await? {
        ColumnValues::Converted
    } else {
        return Err(StoreError::LossyChange {
            layer: layer.id.clone(),
            change: format!("changing attribute '{}' from {found} to {wanted}", attribute.name),
            instead: "add an attribute under another name and fill it".into(),
        });
    };
    let title = format!("change column {} from {found} to {wanted}", attribute.name);
    let reset = format!("INSERT INTO urbis.change_log (layer) VALUES ('{}')", layer.id);
    Ok(vec![
        Step::new(title, sql.retype_column(attribute, values)),
        // Changes of type pass by the triggers; nodes that run must read the layer anew.
        Step::new("log the change of type", reset),
    ])
}

/// Says whether every value of the old type has one and only one in the new.
async fn keeps_values(
    connection: &mut PgConnection,
    layer: &Layer,
    attribute: &Attribute,
    found: &str,
) -> Result<bool, StoreError> {
    match (found, attribute.kind) {
        ("bigint", AttributeType::Float) => {
            let question = LayerSql::new(layer).column_exceeds_double(&attribute.name);
            Ok(!ask(connection, question).await?)
        }
        ("bigint" | "double precision" | "boolean" | "date", AttributeType::Text) => Ok(true),
        ("date", AttributeType::Datetime) => Ok(true),
        _ => Ok(false),
    }
}

async fn plan_drop(
    connection: &mut PgConnection,
    layer: &Layer,
    column: &str,
) -> Result<Step, StoreError> {
    let sql = LayerSql::new(layer);
    if ask(connection, sql.table_has_values(column)).await? {
        return Err(StoreError::LossyChange {
            layer: layer.id.clone(),
            change: format!("removing attribute '{column}'"),
            instead: "keep it in the layer's file (leave it out of [tiles] to hide it), \
                      or set it to NULL in every feature first; the history keeps the values"
                .into(),
        });
    }
    let mut statements = sql.drop_column(column);
    if !ask(connection, sql.column_has_values(column)).await? {
        statements.push_str(&sql.drop_history_column(column));
    }
    Ok(Step::new(format!("drop column {column}"), statements))
}
