//! The SQL of what GDAL does not write of a GeoPackage.

use urbis_catalog::AttributeType;

use super::{GEOMETRY, PackageLayer};

/// Tables that there are once a file.
pub(super) const fn shared_tables() -> [&'static str; 8] {
    [
        "CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, \
         extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL, \
         CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))",
        "CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, \
         name TEXT, title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT, \
         CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), \
         CONSTRAINT gdc_tn UNIQUE (table_name, name))",
        "CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, \
         constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, \
         max NUMERIC, max_is_inclusive BOOLEAN, description TEXT, \
         CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value))",
        "CREATE TABLE gpkg_metadata (id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, \
         md_scope TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL, \
         mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '')",
        "CREATE TABLE gpkg_metadata_reference (reference_scope TEXT NOT NULL, table_name TEXT, \
         column_name TEXT, row_id_value INTEGER, \
         timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), \
         md_file_id INTEGER NOT NULL, md_parent_id INTEGER, \
         CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id), \
         CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id))",
        "INSERT INTO gpkg_extensions VALUES \
         ('gpkg_data_columns', NULL, 'gpkg_schema', \
          'http://www.geopackage.org/spec120/#extension_schema', 'read-write'), \
         ('gpkg_data_column_constraints', NULL, 'gpkg_schema', \
          'http://www.geopackage.org/spec120/#extension_schema', 'read-write'), \
         ('gpkg_metadata', NULL, 'gpkg_metadata', \
          'http://www.geopackage.org/spec120/#extension_metadata', 'read-write'), \
         ('gpkg_metadata_reference', NULL, 'gpkg_metadata', \
          'http://www.geopackage.org/spec120/#extension_metadata', 'read-write')",
        "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, \
         f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), \
         f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, \
         useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), \
         update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))",
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) \
         VALUES ('layer_styles', 'attributes', 'layer_styles', '', 0)",
    ]
}

/// Columns, titles, licence and style of a layer.
pub(super) fn of_layer(layer: &PackageLayer<'_>) -> Vec<String> {
    let table = text(layer.name);
    let mut statements = Vec::new();
    for (place, column) in layer.columns.iter().enumerate() {
        // No two names of a table may be alike.
        let is_taken = layer.columns[..place].iter().any(|other| other.title == column.title);
        let label = if is_taken {
            format!("{} ({})", column.title, column.name)
        } else {
            column.title.to_owned()
        };
        statements.push(format!(
            "ALTER TABLE {} ADD COLUMN {} {}",
            name(layer.name),
            name(column.name),
            column_type(column.kind)
        ));
        statements.push(format!(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description) \
             VALUES ({table}, {}, {}, {}, {})",
            text(column.name),
            text(&label),
            text(column.title),
            text(column.description)
        ));
    }
    statements.push(format!(
        "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, mime_type, metadata) \
         VALUES ('featureType', 'http://purl.org/dc/terms/', 'application/json', {})",
        text(&layer.metadata)
    ));
    statements.push(format!(
        "INSERT INTO gpkg_metadata_reference (reference_scope, table_name, md_file_id) \
         VALUES ('table', {table}, (SELECT max(id) FROM gpkg_metadata))"
    ));
    statements.extend(layer.style.as_ref().map(|qml| {
        format!(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, \
             f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner) \
             VALUES ('', '', {table}, '{GEOMETRY}', {table}, {}, '', 1, {}, '')",
            text(qml),
            text(&layer.title)
        )
    }));
    statements
}

const fn column_type(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::Boolean => "BOOLEAN",
        AttributeType::Integer => "INTEGER",
        AttributeType::Float => "REAL",
        AttributeType::Date => "DATE",
        AttributeType::Datetime => "DATETIME",
        AttributeType::Text | AttributeType::Code | AttributeType::Codes => "TEXT",
    }
}

/// A text as SQLite spells it.
pub(super) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', "''"))
}

/// A name as SQLite spells it.
fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
