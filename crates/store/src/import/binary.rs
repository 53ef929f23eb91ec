//! The fields and rows of PostgreSQL's binary COPY.
//!
//! Source: PostgreSQL 15 documentation, COPY, "Binary Format".

use sqlx::postgres::PgConnection;

use crate::StoreError;
use crate::error::while_doing;

/// Signature, flags and length of the header's extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// End of data, in place of a row's field count.
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();

/// Rows of one COPY, in memory until they are sent.
#[derive(Debug)]
pub(crate) struct CopyRows {
    bytes: Vec<u8>,
    rows: usize,
}

impl CopyRows {
    pub(crate) fn new() -> Self {
        Self { bytes: HEADER.to_vec(), rows: 0 }
    }

    /// Starts a row of so many fields, which must follow.
    pub(crate) fn start_row(&mut self, fields: i16) -> &mut Vec<u8> {
        self.rows += 1;
        self.bytes.extend(fields.to_be_bytes());
        &mut self.bytes
    }

    /// Sends the rows; nothing is sent where there are none.
    pub(crate) async fn send(
        mut self,
        connection: &mut PgConnection,
        statement: &str,
    ) -> Result<(), StoreError> {
        if self.rows == 0 {
            return Ok(());
        }
        self.bytes.extend(TRAILER);
        let failed = while_doing("copying rows");
        let mut copy = connection.copy_in_raw(statement).await.map_err(&failed)?;
        copy.send(self.bytes).await.map_err(&failed)?;
        copy.finish().await.map(drop).map_err(&failed)
    }
}

/// Writes a field that has a value.
pub(crate) fn put_field(row: &mut Vec<u8>, value: &[u8]) -> Result<(), TooLong> {
    let length = i32::try_from(value.len()).map_err(|_| TooLong)?;
    row.extend(length.to_be_bytes());
    row.extend(value);
    Ok(())
}

/// Writes a field without a value.
pub(crate) fn put_null(row: &mut Vec<u8>) {
    row.extend((-1_i32).to_be_bytes());
}

/// A field longer than the format can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;
