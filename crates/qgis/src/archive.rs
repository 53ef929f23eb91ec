//! A ZIP file with one member, which is what a `.qgz` is.
//!
//! Source: APPNOTE.TXT 6.3.10, method 0 (stored); the date is fixed, so that the same project is the
//! same bytes.

/// 1 January 1980, the first day that the format knows.
const DATE: u16 = 0x21;

/// Flag: the name is UTF-8.
const UTF8: u16 = 0x0800;

/// Writes an archive with one file.
pub(crate) fn write(name: &str, content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len()).unwrap_or(u32::MAX);
    let mut common = Vec::new();
    for field in [20, UTF8, 0, 0, DATE] {
        common.extend(u16::to_le_bytes(field));
    }
    for field in [crc32fast::hash(content), size, size] {
        common.extend(u32::to_le_bytes(field));
    }
    common.extend(u16::to_le_bytes(u16::try_from(name.len()).unwrap_or(u16::MAX)));
    let mut archive = b"PK\x03\x04".to_vec();
    archive.extend(&common);
    archive.extend([0; 2]);
    archive.extend(name.as_bytes());
    archive.extend(content);
    let directory_at = archive.len();
    archive.extend(b"PK\x01\x02\x14\x00");
    archive.extend(&common);
    // No extra field, no comment, disk 0, no attributes, the file at the start.
    archive.extend([0; 16]);
    archive.extend(name.as_bytes());
    let directory_len = archive.len() - directory_at;
    archive.extend(b"PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00");
    for field in [directory_len, directory_at] {
        archive.extend(u32::to_le_bytes(u32::try_from(field).unwrap_or(u32::MAX)));
    }
    archive.extend([0; 2]);
    archive
}
