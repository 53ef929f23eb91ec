//! The table of a Shapefile: dBASE III, texts in UTF-8.
//!
//! The widths of its columns stand before the rows, so the rows wait in a file until all are there.
//! Source: dBASE III file structure; ESRI Shapefile Technical Description, July 1998.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};

use urbis_catalog::AttributeType;
use urbis_model::AttributeValue;

use crate::ExportError;
use crate::names::cut;

/// Longest text, bytes.
pub(crate) const MAX_TEXT_LEN: usize = 254;

/// Widest number.
const MAX_NUMBER_LEN: usize = 24;

/// Most bytes of a file that every program reads.
pub(crate) const MAX_FILE_LEN: u64 = i32::MAX as u64;

/// A column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    name: String,
    kind: AttributeType,
    /// The widest value so far.
    width: usize,
    /// Texts that were cut.
    pub cut: u64,
}

/// Rows that wait for the widths of their columns.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: BufWriter<File>,
    count: u32,
}

impl Table {
    /// Columns by their short names; `rows` is an empty file that is read again.
    pub fn new(columns: Vec<(String, AttributeType)>, rows: File) -> Self {
        let column = |(name, kind)| Column { name, kind, width: least_width(kind), cut: 0 };
        let columns = columns.into_iter().map(column).collect();
        Self { columns, rows: BufWriter::new(rows), count: 0 }
    }

    /// Adds a row.
    pub fn add<'v>(
        &mut self,
        values: impl Iterator<Item = &'v AttributeValue>,
    ) -> Result<(), ExportError> {
        for (column, value) in self.columns.iter_mut().zip(values) {
            let text = column.text(value);
            column.width = column.width.max(text.len());
            let length = text.len() as u8;
            let put =
                self.rows.write_all(&[length]).and_then(|()| self.rows.write_all(text.as_bytes()));
            put.map_err(ExportError::while_doing("keeping rows"))?;
        }
        self.count += 1;
        Ok(())
    }

    /// How many texts of each column were cut.
    pub fn cuts(&self) -> impl Iterator<Item = u64> {
        self.columns.iter().map(|column| column.cut)
    }

    /// Writes the table.
    pub fn finish(self, file: File) -> Result<(), ExportError> {
        let Self { columns, rows, count } = self;
        let row_len = 1 + columns.iter().map(|column| column.width).sum::<usize>();
        let header_len = 32 * (columns.len() + 1) + 1;
        let length = header_len as u64 + row_len as u64 * u64::from(count) + 1;
        let (Ok(row_len), Ok(header_len), true) =
            (u16::try_from(row_len), u16::try_from(header_len), length <= MAX_FILE_LEN)
        else {
            return Err(ExportError::TooLarge { what: ".dbf file", limit_bytes: MAX_FILE_LEN });
        };
        let written = write_table(&columns, rows, file, (count, header_len, row_len));
        written.map_err(ExportError::while_doing("writing the table"))
    }
}

fn write_table(
    columns: &[Column],
    rows: BufWriter<File>,
    file: File,
    (count, header_len, row_len): (u32, u16, u16),
) -> std::io::Result<()> {
    let mut rows = rows.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    rows.rewind()?;
    let mut rows = BufReader::new(rows);
    let mut file = BufWriter::new(file);
    let mut header = vec![3, 126, 1, 1];
    header.extend(count.to_le_bytes());
    header.extend(header_len.to_le_bytes());
    header.extend(row_len.to_le_bytes());
    header.resize(32, 0);
    for column in columns {
        header.extend(column.descriptor());
    }
    header.push(b'\r');
    file.write_all(&header)?;
    let mut row = vec![b' '; usize::from(row_len)];
    for _ in 0..count {
        row.fill(b' ');
        let mut at = 1;
        for column in columns {
            let mut length = [0];
            rows.read_exact(&mut length)?;
            let length = usize::from(length[0]);
            let start = if column.is_right() { at + column.width - length } else { at };
            rows.read_exact(&mut row[start..start + length])?;
            at += column.width;
        }
        file.write_all(&row)?;
    }
    file.write_all(&[0x1a])?;
    file.flush()
}

impl Column {
    /// The value as the table spells it; blank where there is none.
    fn text(&mut self, value: &AttributeValue) -> String {
        match value {
            AttributeValue::Null => String::new(),
            AttributeValue::Bool(truth) => if *truth { "T" } else { "F" }.to_owned(),
            AttributeValue::Int(number) => number.to_string(),
            AttributeValue::Float(number) => real(*number),
            AttributeValue::Text(text) if self.kind == AttributeType::Date => text.replace('-', ""),
            AttributeValue::Text(text) => {
                let kept = cut(text, MAX_TEXT_LEN);
                self.cut += u64::from(kept.len() < text.len());
                kept.to_owned()
            }
        }
    }

    fn is_right(&self) -> bool {
        matches!(self.kind, AttributeType::Integer | AttributeType::Float)
    }

    fn descriptor(&self) -> [u8; 32] {
        let mut descriptor = [0; 32];
        descriptor[..self.name.len()].copy_from_slice(self.name.as_bytes());
        let (letter, decimals) = match self.kind {
            AttributeType::Boolean => (b'L', 0),
            AttributeType::Integer => (b'N', 0),
            AttributeType::Float => (b'N', 15),
            AttributeType::Date => (b'D', 0),
            _ => (b'C', 0),
        };
        descriptor[11] = letter;
        // Nothing is wider than a text.
        descriptor[16] = u8::try_from(self.width).unwrap_or(u8::MAX);
        descriptor[17] = decimals;
        descriptor
    }
}

/// Wide enough that programs take whole numbers for whole ones of 64 bits.
const fn least_width(kind: AttributeType) -> usize {
    match kind {
        AttributeType::Integer => 18,
        AttributeType::Float => MAX_NUMBER_LEN,
        AttributeType::Date => 8,
        _ => 1,
    }
}

/// As many digits as tell the number from all others, with an exponent where there is no room.
fn real(number: f64) -> String {
    let plain = number.to_string();
    if plain.len() <= MAX_NUMBER_LEN { plain } else { format!("{number:.15e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_room() {
        for number in [0.1 + 0.2, -1.7e308, 2.5e-300, -123_456_789.123_456_78] {
            let text = real(number);
            assert!(text.len() <= MAX_NUMBER_LEN, "{text}");
            let back: f64 = text.parse().unwrap();
            assert!((back - number).abs() <= number.abs() * 1e-15, "{text}");
        }
    }
}
