//! What a reader makes of each row of a block at one zoom, kept with the block.

/// Zooms at which something is kept: beyond, few rows are asked for at a time.
pub(crate) const ZOOMS: usize = 17;

/// Bytes after the last record, so that a reader may copy more than it needs.
const SLACK: usize = 64;

/// One record a row, for as many rows from the first as were asked for.
#[derive(Debug)]
pub struct Prepared {
    ends: Box<[u32]>,
    bytes: Box<[u8]>,
}

impl Prepared {
    /// The record of each row, as `write` appends it.
    pub fn new<T>(rows: impl Iterator<Item = T>, mut write: impl FnMut(T, &mut Vec<u8>)) -> Self {
        let (mut ends, mut bytes) = (Vec::new(), Vec::new());
        for row in rows {
            write(row, &mut bytes);
            ends.push(bytes.len() as u32);
        }
        bytes.resize(bytes.len() + SLACK, 0);
        Self { ends: ends.into(), bytes: bytes.into() }
    }

    /// The record of a row, and what happens to follow it; how many bytes are the record's.
    ///
    /// # Panics
    ///
    /// Where no record was made of the row.
    #[inline]
    pub fn get(&self, row: u32) -> (&[u8], usize) {
        let row = row as usize;
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        (&self.bytes[start..], self.ends[row] as usize - start)
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.ends.len() * size_of::<u32>() + self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_whatever_their_length() {
        let rows = ["", "one", "", "three"];
        let prepared = Prepared::new(rows.iter(), |row, out| out.extend(row.as_bytes()));
        for (row, expected) in (0..).zip(rows) {
            let (bytes, len) = prepared.get(row);
            assert_eq!(&bytes[..len], expected.as_bytes());
            assert!(bytes.len() >= len + SLACK);
        }
    }
}
