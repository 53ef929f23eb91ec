//! Formats that are written a feature after the other: GeoJSON, CSV, FlatGeobuf.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::pin::pin;

use futures_util::StreamExt;
use urbis_export::{Format, RecordWriter, begin_geojson, end_geojson};
use urbis_store::FeatureRecords;

use super::{Export, Part};

impl Export {
    /// Writes a file; gives its path and how many features it has.
    ///
    /// # Errors
    ///
    /// Where the database or the disk fails.
    pub async fn text(&self, part: &Part<'_>, format: Format) -> anyhow::Result<(PathBuf, u64)> {
        let path = self.folder.join("made");
        let mut file = BufWriter::new(File::create(&path)?);
        let sheet = part.sheet(self);
        let mut bytes = Vec::new();
        let count = match <dyn RecordWriter>::of(format, &sheet) {
            Some(mut writer) => {
                file.write_all(writer.header())?;
                let take = |records: &FeatureRecords| {
                    bytes.clear();
                    for record in records.iter() {
                        writer.put(&mut bytes, record.id, record.wkb, &record.values);
                    }
                    Ok(file.write_all(&bytes)?)
                };
                self.each_piece(part, take).await?
            }
            None => self.geojson(part, &mut file).await?,
        };
        file.flush()?;
        Ok((path, count))
    }

    async fn geojson(&self, part: &Part<'_>, file: &mut impl Write) -> anyhow::Result<u64> {
        let ask = part.ask(self);
        let bar = self.bar(part).await?;
        file.write_all(&begin_geojson(&part.sheet(self)))?;
        let mut pieces = pin!(self.reader.stream(&ask));
        let mut is_first = true;
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            if !is_first && piece.count > 0 {
                file.write_all(b",\n")?;
            }
            is_first &= piece.count == 0;
            file.write_all(&piece.features)?;
            bar.grow_by(piece.count);
        }
        file.write_all(end_geojson())?;
        Ok(bar.end())
    }
}
