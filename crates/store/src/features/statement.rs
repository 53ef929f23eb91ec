//! A statement that grows together with the values bound to it: no value is ever part of its text.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo, Postgres};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Encode, Type};
use urbis_model::Moment;

use crate::instant::to_postgres_micros;

/// Longest text of a statement that a session keeps: a long filter makes a large tree.
const LONGEST_KEPT: usize = 8_192;

/// `timestamptz`, whose number PostgreSQL never changes.
const TIMESTAMPTZ: Oid = Oid(1184);

/// A value of a statement.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Int(i64),
    Ints(Vec<i64>),
    Float(f64),
    Bool(bool),
    Text(String),
    Texts(Vec<String>),
    Bytes(Vec<u8>),
    Moment(Moment),
}

/// Text with `$1`, `$2`, ... and their values.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Statement {
    pub(super) sql: String,
    values: Vec<Value>,
}

impl Statement {
    /// Takes a value; gives the place that stands for it, with its type.
    pub(super) fn bind(&mut self, value: Value) -> String {
        let kind = match &value {
            Value::Int(_) => "bigint",
            Value::Ints(_) => "bigint[]",
            Value::Float(_) => "double precision",
            Value::Bool(_) => "boolean",
            Value::Text(_) => "text",
            Value::Texts(_) => "text[]",
            Value::Bytes(_) => "bytea",
            Value::Moment(_) => "timestamptz",
        };
        self.values.push(value);
        format!("${}::{kind}", self.values.len())
    }

    /// The same with another text around it.
    pub(super) fn wrapped(&self, wrap: impl FnOnce(&str) -> String) -> Self {
        Self { sql: wrap(&self.sql), values: self.values.clone() }
    }

    /// As the driver takes it. The session keeps its text parsed, since boxes, values and ends of
    /// pages are bound; what it reads is cast, so that no change of a table changes the columns.
    pub(super) fn query(&self) -> Query<'static, Postgres, PgArguments> {
        let is_kept = self.sql.len() <= LONGEST_KEPT;
        let query = sqlx::query(AssertSqlSafe(self.sql.clone())).persistent(is_kept);
        self.values.iter().cloned().fold(query, |query, value| match value {
            Value::Int(number) => query.bind(number),
            Value::Ints(numbers) => query.bind(numbers),
            Value::Float(number) => query.bind(number),
            Value::Bool(truth) => query.bind(truth),
            Value::Text(text) => query.bind(text),
            Value::Texts(texts) => query.bind(texts),
            Value::Bytes(bytes) => query.bind(bytes),
            Value::Moment(moment) => query.bind(Instant::from(moment)),
        })
    }
}

/// Microseconds since 2000: the driver has no type of its own for `timestamptz`.
pub(super) struct Instant(i64);

impl From<Moment> for Instant {
    fn from(moment: Moment) -> Self {
        Self(to_postgres_micros(moment))
    }
}

impl Type<Postgres> for Instant {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TIMESTAMPTZ)
    }
}

impl Encode<'_, Postgres> for Instant {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode_by_ref(&self.0, buffer)
    }
}
