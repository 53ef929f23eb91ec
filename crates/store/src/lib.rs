//! The only Rust that speaks SQL: migrations, layer tables, change log, tail, loading, import.
//!
//! [`Store`] migrates, loads and imports; [`Tail`] follows the change log so that memory always
//! equals one MVCC snapshot of the database. It keeps the keys, too, as hashes. Source formats and
//! the city in memory are left to others.

mod causes;
mod error;
mod features;
mod import;
mod instant;
mod key;
mod layer_sql;
mod live;
mod load;
mod migrate;
mod node;
mod part;
mod position;
mod qgis;
mod reconcile;
mod retention;
mod row;
mod session;
mod status;
mod store;
mod tail;

pub use causes::causes;
pub use error::StoreError;
pub use features::{
    Change, ChangesAsk, ChangesPage, ChangesSince, ChangesToken, Datetime, FeatureAsk, FeatureBox,
    FeatureBoxInvalid, FeatureChange, FeatureCrs, FeatureCursor, FeatureCursorInvalid, FeaturePage,
    FeatureReader, FeatureRecord, FeatureRecords, STATEMENT_TIMEOUT,
};
pub use import::{
    Conflict, ImportMessage, ImportMode, ImportReport, ImportRequest, Matching, Recovery,
    RejectSample, Take,
};
pub use key::{IssuedKey, KeyHash, KeyRecord, KeySecret, NewKey};
pub use live::{LiveState, LiveWriter, LiveWritten};
pub use load::LoadedCity;
pub use migrate::MigrationReport;
pub use node::Node;
pub use part::{Part, PartSender};
pub use position::Position;
pub use qgis::{
    DatabaseAddress, QgisProject, QgisPublication, QgisStyle, QgisUser, UserName, UserNameInvalid,
    qgis_schema,
};
pub use retention::{Pruned, Retention};
pub use status::{FeatureGeometry, LayerStatus, StoreStatus};
pub use store::Store;
pub use tail::{Burst, Poll, ReadBurst, Tail};
