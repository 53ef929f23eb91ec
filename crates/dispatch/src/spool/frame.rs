//! How records lie in a segment file, and how they are found in one that was damaged.
//!
//! ```text
//! segment = magic (8 bytes) number (u64) frame*
//! frame   = MARKER (4 bytes) length (u32) crc32 of length and payload (u32) payload
//! ```
//!
//! Numbers are little-endian. The marker is where reading goes on after bytes that are no frame.

use super::MAX_RECORD_BYTES;

/// First bytes of a segment file.
pub(super) const MAGIC: [u8; 8] = *b"URBISPL1";

/// Length of the head of a segment file.
pub(super) const HEAD_BYTES: u64 = 16;

const MARKER: [u8; 4] = [0xf5, b'R', b'E', b'C'];
const FRAME_HEAD: usize = 12;

/// The head of a segment file.
pub(super) fn head(number: u64) -> [u8; HEAD_BYTES as usize] {
    let mut head = [0; HEAD_BYTES as usize];
    head[..8].copy_from_slice(&MAGIC);
    head[8..].copy_from_slice(&number.to_le_bytes());
    head
}

/// Bytes that a record takes in a segment.
pub(super) const fn framed_len(record: &[u8]) -> u64 {
    (FRAME_HEAD + record.len()) as u64
}

/// Writes a record of at most [`MAX_RECORD_BYTES`] behind others.
pub(super) fn put_frame(bytes: &mut Vec<u8>, record: &[u8]) {
    let length = (record.len() as u32).to_le_bytes();
    bytes.extend(MARKER);
    bytes.extend(length);
    bytes.extend(checksum(length, record).to_le_bytes());
    bytes.extend(record);
}

/// What lies in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// A record, and where the next thing starts.
    Record { payload: &'a [u8], end: usize },
    /// Bytes that are no frame, up to the next one or to the end.
    Damage { end: usize },
}

/// What starts at a place; `None` at the end.
pub(super) fn find(bytes: &[u8], at: usize) -> Option<Found<'_>> {
    if at >= bytes.len() {
        return None;
    }
    if let Some(found) = frame_at(bytes, at) {
        return Some(found);
    }
    let next = (at + 1..bytes.len()).find(|at| frame_at(bytes, *at).is_some());
    Some(Found::Damage { end: next.unwrap_or(bytes.len()) })
}

fn frame_at(bytes: &[u8], at: usize) -> Option<Found<'_>> {
    let rest = bytes.get(at..)?.strip_prefix(&MARKER)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (crc, rest) = rest.split_first_chunk::<4>()?;
    let payload_len = u32::from_le_bytes(*length) as usize;
    if payload_len > MAX_RECORD_BYTES {
        return None;
    }
    let payload = rest.get(..payload_len)?;
    let is_whole = checksum(*length, payload) == u32::from_le_bytes(*crc);
    is_whole.then_some(Found::Record { payload, end: at + FRAME_HEAD + payload_len })
}

fn checksum(length: [u8; 4], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(payload);
    hasher.finalize()
}
