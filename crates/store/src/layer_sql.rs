//! Every SQL text that depends on a layer's definition.
//!
//! The texts are templates in `sql/`; names from the catalogue enter them only here, through
//! [`quote_identifier`] and [`quote_literal`].

use urbis_catalog::{Attribute, AttributeType, Layer};

/// Columns of every layer table after its attributes, that belong to the record itself.
const VALIDITY: [&str; 2] = ["valid_from", "valid_to"];

/// Writes the SQL of one layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LayerSql<'a> {
    layer: &'a Layer,
}

impl<'a> LayerSql<'a> {
    pub(crate) const fn new(layer: &'a Layer) -> Self {
        Self { layer }
    }

    /// `layer.<id>`.
    pub(crate) fn table(&self) -> String {
        format!("layer.{}", quote_identifier(self.layer.id.as_str()))
    }

    /// `history.<id>`.
    pub(crate) fn history(&self) -> String {
        format!("history.{}", quote_identifier(self.layer.id.as_str()))
    }

    /// The typmod of the geometry column, such as `geometry(Point,4326)`.
    pub(crate) fn geometry_type(&self) -> String {
        format!("geometry({},{})", self.layer.geometry, self.layer.storage_srid.0)
    }

    /// Makes table and history.
    pub(crate) fn create(&self) -> String {
        self.fill(include_str!("sql/create_layer.sql"))
    }

    /// Makes or renews function and triggers; `postgis_schema` is where PostGIS lives.
    pub(crate) fn triggers(&self, postgis_schema: &str) -> String {
        self.fill(include_str!("sql/layer_triggers.sql"))
            .replace("{postgis_schema}", &quote_identifier(postgis_schema))
    }

    /// Makes the spatial index where it is missing.
    pub(crate) fn create_spatial_index(&self) -> String {
        let (index, table) = (quote_identifier(&self.spatial_index()), self.table());
        format!("CREATE INDEX IF NOT EXISTS {index} ON {table} USING gist (geom)")
    }

    /// Drops the spatial index, before a bulk load.
    pub(crate) fn drop_spatial_index(&self) -> String {
        format!("DROP INDEX IF EXISTS layer.{}", quote_identifier(&self.spatial_index()))
    }

    /// Vietnamese titles, for those who open the table in QGIS.
    pub(crate) fn comments(&self) -> String {
        let table = self.table();
        let title = quote_literal(&self.layer.title.vi);
        let mut sql = format!("COMMENT ON TABLE {table} IS {title};\n");
        for attribute in &self.layer.attributes {
            let column = quote_identifier(&attribute.name);
            let title = quote_literal(&attribute.title.vi);
            sql.push_str(&format!("COMMENT ON COLUMN {table}.{column} IS {title};\n"));
        }
        sql
    }

    /// Adds an attribute to table and history.
    pub(crate) fn add_column(&self, attribute: &Attribute) -> String {
        let definition = column_definition(attribute);
        let (table, history) = (self.table(), self.history());
        format!(
            "ALTER TABLE {table} ADD COLUMN {definition};\n\
             ALTER TABLE {history} ADD COLUMN IF NOT EXISTS {definition};"
        )
    }

    /// Drops a column that holds nothing; the history keeps its own.
    pub(crate) fn drop_column(&self, column: &str) -> String {
        format!("ALTER TABLE {} DROP COLUMN {};", self.table(), quote_identifier(column))
    }

    /// Drops a column that holds nothing from the history.
    pub(crate) fn drop_history_column(&self, column: &str) -> String {
        format!("ALTER TABLE {} DROP COLUMN {};", self.history(), quote_identifier(column))
    }

    /// Changes the type of an attribute in table and history, keeping or forgetting its values.
    pub(crate) fn retype_column(&self, attribute: &Attribute, values: ColumnValues) -> String {
        let column = quote_identifier(&attribute.name);
        let kind = column_type(attribute.kind);
        let using = match values {
            ColumnValues::Converted => format!("{column}::{kind}"),
            ColumnValues::AllNull => format!("NULL::{kind}"),
        };
        let alter =
            |table| format!("ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind} USING {using};");
        format!("{}\n{}", alter(self.table()), alter(self.history()))
    }

    /// Changes kind or CRS of the geometry column while it holds nothing.
    pub(crate) fn retype_geometry(&self) -> String {
        let (table, kind) = (self.table(), self.geometry_type());
        format!("ALTER TABLE {table} ALTER COLUMN geom TYPE {kind} USING NULL::{kind}")
    }

    /// Asks whether any row has a value in a column, in the table or in its history.
    pub(crate) fn column_has_values(&self, column: &str) -> String {
        let column = quote_identifier(column);
        format!(
            "SELECT EXISTS (SELECT FROM {} WHERE {column} IS NOT NULL) \
             OR EXISTS (SELECT FROM {} WHERE {column} IS NOT NULL)",
            self.table(),
            self.history()
        )
    }

    /// Asks whether any row of the table itself has a value in a column.
    pub(crate) fn table_has_values(&self, column: &str) -> String {
        let column = quote_identifier(column);
        format!("SELECT EXISTS (SELECT FROM {} WHERE {column} IS NOT NULL)", self.table())
    }

    /// Asks whether any whole number of a column is beyond what a double holds exactly.
    pub(crate) fn column_exceeds_double(&self, column: &str) -> String {
        let column = quote_identifier(column);
        let beyond = format!("abs({column}::numeric) > 9007199254740992");
        format!(
            "SELECT EXISTS (SELECT FROM {} WHERE {beyond}) \
             OR EXISTS (SELECT FROM {} WHERE {beyond})",
            self.table(),
            self.history()
        )
    }

    /// Counts the features.
    pub(crate) fn count(&self) -> String {
        format!("SELECT count(*) FROM {}", self.table())
    }

    /// Asks whether the table and the identities of the layer are both empty.
    pub(crate) fn is_untouched(&self) -> String {
        format!(
            "SELECT NOT EXISTS (SELECT FROM {}) \
             AND NOT EXISTS (SELECT FROM urbis.feature_identity WHERE layer = {})",
            self.table(),
            self.name()
        )
    }

    /// Reads features in WGS 84 by ascending id: id, WKB, validity, then the attributes in
    /// their order.
    pub(crate) fn read_features(&self, which: WhichFeatures) -> String {
        let filter = match which {
            WhichFeatures::All => "",
            WhichFeatures::ByIds => "WHERE feature_id = ANY ($1)",
        };
        let attributes = self.layer.attributes.iter().map(output_expression);
        let attributes: String = attributes.map(|column| format!(", {column}")).collect();
        let table = self.table();
        let geom = "ST_AsBinary(urbis.to_wgs84(geom), 'NDR')";
        let validity = VALIDITY.join(", ");
        format!(
            "SELECT feature_id, {geom}, {validity}{attributes} \
             FROM {table} {filter} ORDER BY feature_id"
        )
    }

    /// Unites the geometries of the features whose attribute has the value `$1`.
    pub(crate) fn read_geometry_by(&self, attribute: &str) -> String {
        let (column, table) = (quote_identifier(attribute), self.table());
        format!("SELECT ST_AsEWKB(ST_Union(geom), 'NDR') FROM {table} WHERE {column}::text = $1")
    }

    /// Keeps writers, not readers, off the table until the transaction ends.
    pub(crate) fn lock_for_writing(&self) -> String {
        format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", self.table())
    }

    /// Starts a binary COPY of whole rows, feature id first.
    pub(crate) fn copy_features(&self) -> String {
        let (table, columns) = (self.table(), self.columns(""));
        format!("COPY {table} (feature_id, {columns}) FROM STDIN (FORMAT binary)")
    }

    /// Makes the staging tables of an import.
    pub(crate) fn stage_import(&self) -> String {
        self.fill(include_str!("sql/stage_import.sql"))
    }

    /// Starts a binary COPY of staged rows: key, row, hash, original geometry, then the columns.
    pub(crate) fn copy_staged(&self) -> String {
        let columns = self.columns("");
        format!(
            "COPY import_staged (\"@key\", \"@row\", \"@hash\", \"@original\", {columns}) \
             FROM STDIN (FORMAT binary)"
        )
    }

    /// Plans what becomes of each staged record.
    pub(crate) fn plan_import(&self) -> String {
        self.fill(include_str!("sql/plan_import.sql"))
    }

    /// Counts the staged records whose key a feature of another source has.
    pub(crate) fn count_keys_elsewhere(&self) -> String {
        self.fill(include_str!("sql/count_keys_elsewhere.sql"))
    }

    /// Carries out the plan.
    pub(crate) fn apply_import(&self, source: &str, run_id: i64) -> String {
        self.fill(include_str!("sql/apply_import.sql"))
            .replace("{run}", &run_id.to_string())
            .replace("{source}", &quote_literal(source))
    }

    /// Deletes old versions of features.
    pub(crate) fn prune_history(&self) -> String {
        self.fill(include_str!("sql/prune_history.sql"))
    }

    fn name(&self) -> String {
        quote_literal(self.layer.id.as_str())
    }

    /// Name of the spatial index.
    pub(crate) fn spatial_index(&self) -> String {
        format!("{}_geom", self.layer.id)
    }

    fn trigger_function(&self) -> String {
        format!("layer_trigger.{}", quote_identifier(self.layer.id.as_str()))
    }

    /// Geometry, attributes and validity, each behind a prefix such as `t.`.
    fn columns(&self, prefix: &str) -> String {
        let attributes = self.layer.attributes.iter().map(|attribute| attribute.name.as_str());
        let names = ["geom"].into_iter().chain(attributes).chain(VALIDITY);
        let names = names.map(|name| format!("{prefix}{}", quote_identifier(name)));
        names.collect::<Vec<_>>().join(", ")
    }

    fn definitions(&self) -> String {
        let columns = self.layer.attributes.iter();
        columns.map(|attribute| format!("    {},\n", column_definition(attribute))).collect()
    }

    fn fill(&self, template: &str) -> String {
        template
            .replace("{table}", &self.table())
            .replace("{history}", &self.history())
            .replace("{name}", &self.name())
            .replace("{history_index}", &quote_identifier(&format!("{}_version", self.layer.id)))
            .replace("{trigger_function}", &self.trigger_function())
            .replace("{geometry_type}", &self.geometry_type())
            .replace("{definitions}", &self.definitions())
            .replace("{columns}", &self.columns(""))
            .replace("{old_columns}", &self.columns("o."))
            .replace("{table_columns}", &self.columns("t."))
            .replace("{staged_columns}", &self.columns("s."))
    }
}

/// What becomes of a column's values when its type changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnValues {
    /// Each is converted.
    Converted,
    /// There are none.
    AllNull,
}

/// Which features to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhichFeatures {
    /// The whole layer.
    All,
    /// Those whose ids are bound to `$1`.
    ByIds,
}

/// The PostgreSQL type of an attribute's column.
pub(crate) const fn column_type(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::Text | AttributeType::Code | AttributeType::Codes => "text",
        AttributeType::Integer => "bigint",
        AttributeType::Float => "double precision",
        AttributeType::Boolean => "boolean",
        AttributeType::Date => "date",
        AttributeType::Datetime => "timestamp with time zone",
    }
}

/// Locks the tables of layers and others against `TRUNCATE` and changes of type, which no MVCC
/// snapshot shields from.
pub(crate) fn lock_for_reading<'a>(
    layers: impl IntoIterator<Item = &'a Layer>,
    others: &[&str],
) -> Option<String> {
    let mut tables: Vec<_> = layers.into_iter().map(|layer| LayerSql::new(layer).table()).collect();
    tables.extend(others.iter().map(ToString::to_string));
    let list = tables.join(", ");
    (!list.is_empty()).then(|| format!("LOCK TABLE {list} IN ACCESS SHARE MODE"))
}

/// Quotes a name so that no name can be anything but a name.
pub(crate) fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\"").replace('\0', ""))
}

/// Quotes a text; the `E` form reads the same under every server setting.
pub(crate) fn quote_literal(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\'', "''").replace('\0', "");
    format!("E'{text}'")
}

fn column_definition(attribute: &Attribute) -> String {
    format!("{} {}", quote_identifier(&attribute.name), column_type(attribute.kind))
}

/// The attribute as the model spells it; the casts keep an old node reading while a newer one
/// has changed the column's type.
fn output_expression(attribute: &Attribute) -> String {
    let column = quote_identifier(&attribute.name);
    match attribute.kind {
        AttributeType::Date => format!("to_char({column}, 'YYYY-MM-DD')"),
        AttributeType::Datetime => {
            format!("to_json({column} AT TIME ZONE 'UTC') #>> '{{}}' || 'Z'")
        }
        kind => format!("{column}::{}", column_type(kind)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_quotes_stays_one_name() {
        assert_eq!(quote_identifier("a\"; DROP TABLE b; --"), "\"a\"\"; DROP TABLE b; --\"");
        assert_eq!(quote_literal(r"\' OR 1=1"), r"E'\\'' OR 1=1'");
    }
}
