//! When each layer was imported last.

use std::collections::BTreeMap;

use sqlx::Row;
use urbis_model::{LayerId, Moment};

use crate::error::while_doing;
use crate::instant::read_moment;
use crate::{Store, StoreError};

impl Store {
    /// When the last import of each layer was published; a layer that never was imported is not
    /// there.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`].
    pub async fn last_imports(&self) -> Result<BTreeMap<LayerId, Moment>, StoreError> {
        let query = "SELECT layer, max(finished_at) FROM urbis.import_run \
                     WHERE status = 'published' GROUP BY layer";
        let rows = sqlx::query(query).fetch_all(&self.pool).await;
        let rows = rows.map_err(while_doing("reading when layers were imported"))?;
        let mut imports = BTreeMap::new();
        for row in &rows {
            let name: String = row.try_get(0).map_err(while_doing("reading an import"))?;
            let moment = read_moment(row, 1).map_err(while_doing("reading an import"))?;
            // A layer that was renamed to what is no name any more is none of ours.
            if let (Ok(layer), Some(moment)) = (LayerId::new(&name), moment) {
                imports.insert(layer, moment);
            }
        }
        Ok(imports)
    }
}
