//! A ZIP file of some files, read one after the other.
//!
//! Source: APPNOTE.TXT 6.3.10, method 8; the date is fixed, so that the same files are the same
//! bytes.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::ExportError;

/// 1 January 1980, the first day that the format knows.
const DATE: u16 = 0x21;

/// Flag: the name is UTF-8.
const UTF8: u16 = 0x0800;

/// Method: deflate.
const DEFLATE: u16 = 8;

/// Most bytes without the extension for larger files.
const MAX_LEN: u64 = u32::MAX as u64;

/// Where the checksum stands in the header of a member.
const CHECKSUM_AT: u64 = 14;

/// Packs files of a folder, by their names, in this order.
pub(crate) fn write_zip(
    archive: &Path,
    folder: &Path,
    names: &[String],
) -> Result<(), ExportError> {
    let failed = ExportError::while_doing("packing the files");
    let mut file = BufWriter::new(File::create(archive).map_err(&failed)?);
    let mut directory = Vec::new();
    for name in names {
        let member = File::open(folder.join(name)).map_err(&failed)?;
        let at = file.stream_position().map_err(&failed)?;
        let common = add(&mut file, name, member).map_err(&failed)?;
        let end = file.stream_position().map_err(&failed)?;
        if end > MAX_LEN {
            return Err(ExportError::TooLarge { what: "ZIP file", limit_bytes: MAX_LEN });
        }
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(common);
        // No extra field, no comment, disk 0, no attributes.
        directory.extend([0; 12]);
        directory.extend((at as u32).to_le_bytes());
        directory.extend(name.as_bytes());
    }
    end(&mut file, &directory, names.len()).map_err(failed)
}

/// Adds a member; gives what its header and the directory have in common.
fn add(file: &mut BufWriter<File>, name: &str, member: File) -> std::io::Result<Vec<u8>> {
    let start = file.stream_position()?;
    file.write_all(b"PK\x03\x04")?;
    file.write_all(&common(name, 0, [0, 0]))?;
    file.write_all(&[0; 2])?;
    file.write_all(name.as_bytes())?;
    let data_at = file.stream_position()?;
    let (checksum, size) = deflate(file, member)?;
    let end = file.stream_position()?;
    let sizes = [(end - data_at) as u32, size as u32];
    file.seek(SeekFrom::Start(start + CHECKSUM_AT))?;
    file.write_all(&checksum.to_le_bytes())?;
    for size in sizes {
        file.write_all(&size.to_le_bytes())?;
    }
    file.seek(SeekFrom::Start(end))?;
    Ok(common(name, checksum, sizes))
}

fn deflate(file: &mut BufWriter<File>, member: File) -> std::io::Result<(u32, u64)> {
    let mut hasher = crc32fast::Hasher::new();
    let mut size = 0;
    let mut reader = BufReader::with_capacity(1 << 16, member);
    let mut encoder = DeflateEncoder::new(file, Compression::fast());
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        encoder.write_all(&buffer[..read])?;
        size += read as u64;
    }
    encoder.finish()?;
    Ok((hasher.finalize(), size))
}

/// From the version that is needed to the length of the name.
fn common(name: &str, checksum: u32, sizes: [u32; 2]) -> Vec<u8> {
    let mut common = Vec::new();
    for field in [20, UTF8, DEFLATE, 0, DATE] {
        common.extend(u16::to_le_bytes(field));
    }
    for field in [checksum, sizes[0], sizes[1]] {
        common.extend(field.to_le_bytes());
    }
    // Names are our own.
    common.extend((name.len() as u16).to_le_bytes());
    common
}

fn end(file: &mut BufWriter<File>, directory: &[u8], count: usize) -> std::io::Result<()> {
    let at = file.stream_position()? as u32;
    file.write_all(directory)?;
    file.write_all(b"PK\x05\x06\x00\x00\x00\x00")?;
    for _ in 0..2 {
        file.write_all(&(count as u16).to_le_bytes())?;
    }
    file.write_all(&(directory.len() as u32).to_le_bytes())?;
    file.write_all(&at.to_le_bytes())?;
    file.write_all(&[0; 2])?;
    file.flush()
}
