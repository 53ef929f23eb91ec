//! A Shapefile and what belongs to it.
//!
//! `.shp`, `.shx`, `.dbf`, `.prj`, `.cpg`, a table of field names (`fields.csv`), `README.txt` and
//! `LICENSE.txt`, packed in one ZIP. Exteriors go clockwise and holes counter-clockwise, as the
//! format wants them.
//!
//! Source: ESRI Shapefile Technical Description, July 1998.

use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use urbis_catalog::AttributeType;
use urbis_model::{AttributeValue, FeatureId, GeometryKind};

use crate::dbf::{MAX_FILE_LEN, Table};
use crate::names::short_names;
use crate::readme::{Losses, fields, licence, readme};
use crate::zip::write_zip;
use crate::{ExportError, FEATURE_ID, Shape, Sheet};

/// Bytes before the first record.
const HEADER_LEN: u64 = 100;

/// Kinds of shapes.
const NULL: i32 = 0;
const POINT: i32 = 1;
const LINE: i32 = 3;
const POLYGON: i32 = 5;

/// Writes the files of one layer.
#[derive(Debug)]
pub struct ShapefileWriter<'a> {
    sheet: Sheet<'a>,
    folder: PathBuf,
    shp: BufWriter<File>,
    shx: BufWriter<File>,
    table: Table,
    short: Vec<String>,
    shape: Shape,
    record: Vec<u8>,
    /// Length of the `.shp` so far, bytes.
    length: u64,
    count: i32,
    bounds: Option<[f64; 4]>,
    nowhere: u64,
}

impl<'a> ShapefileWriter<'a> {
    /// Begins files in a folder that is there and empty, and that nobody else writes to.
    ///
    /// # Errors
    ///
    /// [`ExportError::Io`].
    pub fn create(folder: &Path, sheet: Sheet<'a>) -> Result<Self, ExportError> {
        let failed = ExportError::while_doing("making the files");
        let stem = sheet.layer.id.as_str();
        let open = |ending: &str| {
            let path = folder.join(format!("{stem}.{ending}"));
            File::options().read(true).write(true).create_new(true).open(path)
        };
        let names = sheet.attributes.iter().map(|attribute| attribute.name.as_str());
        let names: Vec<&str> = std::iter::once(FEATURE_ID).chain(names).collect();
        let short = short_names(&names);
        let kinds = sheet.attributes.iter().map(|attribute| attribute.kind);
        let kinds = std::iter::once(AttributeType::Integer).chain(kinds);
        let columns = short.iter().cloned().zip(kinds).collect();
        let mut shp = BufWriter::new(open("shp").map_err(&failed)?);
        let mut shx = BufWriter::new(open("shx").map_err(&failed)?);
        // What stands here is known at the end.
        for file in [&mut shp, &mut shx] {
            file.write_all(&[0; HEADER_LEN as usize]).map_err(&failed)?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            table: Table::new(columns, open("rows").map_err(&failed)?),
            sheet,
            shp,
            shx,
            short,
            shape: Shape::default(),
            record: Vec::new(),
            length: HEADER_LEN,
            count: 0,
            bounds: None,
            nowhere: 0,
        })
    }

    /// Adds a feature.
    ///
    /// # Errors
    ///
    /// [`ExportError::Io`], [`ExportError::TooLarge`].
    pub fn add(
        &mut self,
        id: FeatureId,
        wkb: Option<&[u8]>,
        values: &[AttributeValue],
    ) -> Result<(), ExportError> {
        self.fill_record(wkb);
        let id = AttributeValue::Int(id.to_i64());
        self.table.add(std::iter::once(&id).chain(values))?;
        self.count += 1;
        let words = (self.record.len() / 2) as i32;
        let index = [(self.length / 2) as i32, words];
        self.length += 8 + self.record.len() as u64;
        if self.length > MAX_FILE_LEN {
            return Err(ExportError::TooLarge { what: ".shp file", limit_bytes: MAX_FILE_LEN });
        }
        let failed = ExportError::while_doing("writing a shape");
        let put = |file: &mut BufWriter<File>, pair: [i32; 2]| {
            pair.iter().try_for_each(|number| file.write_all(&number.to_be_bytes()))
        };
        put(&mut self.shp, [self.count, words]).map_err(&failed)?;
        self.shp.write_all(&self.record).map_err(&failed)?;
        put(&mut self.shx, index).map_err(failed)
    }

    fn fill_record(&mut self, wkb: Option<&[u8]>) {
        self.record.clear();
        let bounds = self.shape.read(self.sheet.layer.geometry, wkb).then(|| self.shape.bounds());
        let Some(bounds) = bounds.flatten() else {
            self.nowhere += 1;
            self.record.extend(NULL.to_le_bytes());
            return;
        };
        let joined = self.bounds.map_or(bounds, |before| join(before, bounds));
        self.bounds = Some(joined);
        let kind = shape_kind(self.sheet.layer.geometry);
        self.record.extend(kind.to_le_bytes());
        if kind != POINT {
            bounds.iter().for_each(|edge| self.record.extend(edge.to_le_bytes()));
            let counts = [self.shape.lines.len(), self.shape.xy.len()];
            counts.iter().for_each(|count| self.record.extend((*count as i32).to_le_bytes()));
            let starts = std::iter::once(&0).chain(&self.shape.lines).take(self.shape.lines.len());
            starts.for_each(|start| self.record.extend((*start as i32).to_le_bytes()));
        }
        let mut put = |vertex: &[f64; 2]| {
            vertex.iter().for_each(|number| self.record.extend(number.to_le_bytes()));
        };
        match kind {
            POLYGON => self.shape.each_line().for_each(|ring| ring.iter().rev().for_each(&mut put)),
            _ => self.shape.xy.iter().for_each(put),
        }
    }

    /// Writes all that is left and packs it; `projection` is the CRS as ESRI's programs read it.
    ///
    /// # Errors
    ///
    /// [`ExportError::Io`], [`ExportError::TooLarge`].
    pub fn finish(mut self, archive: &Path, projection: &str) -> Result<(), ExportError> {
        let failed = ExportError::while_doing("ending the files");
        let bounds = self.bounds.unwrap_or_default();
        let kind = shape_kind(self.sheet.layer.geometry);
        let index_len = HEADER_LEN + 8 * self.count.unsigned_abs() as u64;
        for (file, length) in [(&mut self.shp, self.length), (&mut self.shx, index_len)] {
            file.rewind().map_err(&failed)?;
            file.write_all(&header(length, kind, bounds)).map_err(&failed)?;
            file.flush().map_err(&failed)?;
        }
        let stem = self.sheet.layer.id.as_str();
        let cuts = self.short.iter().cloned().zip(self.table.cuts());
        let cut = cuts.filter(|(_, count)| *count > 0).collect();
        let losses = Losses { nowhere: self.nowhere, cut };
        let dbf = File::create(self.folder.join(format!("{stem}.dbf"))).map_err(&failed)?;
        self.table.finish(dbf)?;
        let texts = [
            (format!("{stem}.prj"), projection.to_owned()),
            (format!("{stem}.cpg"), "UTF-8".to_owned()),
            ("fields.csv".to_owned(), fields(&self.sheet, &self.short)),
            ("README.txt".to_owned(), readme(&self.sheet, &losses)),
            ("LICENSE.txt".to_owned(), licence(&self.sheet)),
        ];
        let mut names: Vec<String> =
            ["shp", "shx", "dbf"].map(|end| format!("{stem}.{end}")).into();
        for (name, text) in texts {
            std::fs::write(self.folder.join(&name), text).map_err(&failed)?;
            names.push(name);
        }
        write_zip(archive, &self.folder, &names)
    }
}

const fn shape_kind(kind: GeometryKind) -> i32 {
    match kind {
        GeometryKind::Point => POINT,
        GeometryKind::MultiLineString => LINE,
        GeometryKind::MultiPolygon => POLYGON,
    }
}

fn join(a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

/// Lengths are counted in words of 16 bits.
fn header(length: u64, kind: i32, bounds: [f64; 4]) -> Vec<u8> {
    let mut header = 9994_i32.to_be_bytes().to_vec();
    header.resize(24, 0);
    header.extend(((length / 2) as i32).to_be_bytes());
    header.extend(1000_i32.to_le_bytes());
    header.extend(kind.to_le_bytes());
    bounds.iter().for_each(|edge| header.extend(edge.to_le_bytes()));
    header.resize(HEADER_LEN as usize, 0);
    header
}
