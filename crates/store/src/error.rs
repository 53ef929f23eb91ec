//! Why an operation on the database failed.

use urbis_model::{LayerId, Openness};

use crate::import::Conflict;

/// Why an operation on the database failed. Nothing of it was published.
///
/// The messages hold no SQL; what the server said is the source of the error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The server cannot be reached or refused the connection.
    #[error("cannot connect to the database")]
    Connect {
        /// What the driver said.
        #[source]
        cause: sqlx::Error,
    },

    /// A statement failed.
    #[error("the database failed while {doing}")]
    Database {
        /// What was being done, such as `reading features`.
        doing: &'static str,
        /// What the driver said.
        #[source]
        cause: sqlx::Error,
    },

    /// The database lacks a table or a column that the program or the catalogue asks for.
    #[error(
        "the database has no tables of Urbis yet (or they are older than the program); \
         run 'urbis migrate' ({missing})"
    )]
    NotMigrated {
        /// What is missing, such as `layer 'building' needs: add column floors`.
        missing: String,
    },

    /// The fixed tables could not be brought up to date.
    #[error("cannot migrate the fixed tables")]
    Migrate {
        /// What the migrator said.
        #[source]
        cause: sqlx::migrate::MigrateError,
    },

    /// The catalogue asks for a change of a layer's table that would lose data.
    #[error("layer '{layer}': {change} would lose data; {instead}")]
    LossyChange {
        /// The layer.
        layer: LayerId,
        /// The refused change.
        change: String,
        /// What to do instead.
        instead: String,
    },

    /// Another session holds a layer's table, such as an open `TRUNCATE`.
    #[error("a layer's table is locked by another transaction, try again")]
    LayerLocked {
        /// What the driver said.
        #[source]
        cause: sqlx::Error,
    },

    /// Another import of the layer runs.
    #[error("layer '{layer}' is being imported by another run, wait for its end")]
    ImportRunning {
        /// The layer.
        layer: LayerId,
    },

    /// The reader of the source stopped before the end.
    #[error("the source of layer '{layer}' ended early, nothing was published")]
    SourceEndedEarly {
        /// The layer.
        layer: LayerId,
    },

    /// So much was rejected that the source is probably not what we think it is.
    #[error("rejected {rejected} of {read} records of layer '{layer}', limit is {limit}")]
    TooManyRejects {
        /// The layer.
        layer: LayerId,
        /// Rejected records.
        rejected: u64,
        /// Records read until then.
        read: u64,
        /// The layer's limit.
        limit: u64,
    },

    /// A key or a fault of a record is longer than the database can hold.
    #[error("a record of layer '{layer}' is too long to store")]
    RecordTooLong {
        /// The layer.
        layer: LayerId,
    },

    /// A value of live state is longer than the database can hold, or of no day that it has.
    #[error("a report is too long or too far in time to store")]
    LiveRecordTooLong,

    /// The import would overwrite or close features that were edited since their last import.
    #[error(
        "{count} features of layer '{layer}' were edited here and changed in the source; \
         decide with --take source or --take edit"
    )]
    Conflicts {
        /// The layer.
        layer: LayerId,
        /// How many.
        count: u64,
        /// The first of them, by feature id.
        sample: Vec<Conflict>,
    },

    /// A position text that is not one.
    #[error("position '{found}' is not valid")]
    PositionInvalid {
        /// The text as it came.
        found: String,
    },

    /// A stored value that the layer's definition does not allow.
    #[error("feature {feature_id} of layer '{layer}' holds {what}")]
    StoredValueInvalid {
        /// The layer.
        layer: LayerId,
        /// The feature.
        feature_id: i64,
        /// What was found.
        what: &'static str,
    },

    /// No feature has the asked key.
    #[error("layer '{layer}' has no feature with {attribute} = '{value}'")]
    FeatureNotFound {
        /// The layer.
        layer: LayerId,
        /// The key attribute.
        attribute: String,
        /// The asked value.
        value: String,
    },

    /// A text that is not the secret of a key; the text stays out of the message.
    #[error("the key is not of the form urbis_<id>_<secret>")]
    KeyMalformed,

    /// A key that was to be there was revoked.
    #[error("key '{id}' was revoked; make another one")]
    KeyRevoked {
        /// The key.
        id: String,
    },

    /// A key of this id has another secret.
    #[error("the database knows key '{id}' with another secret; make another key")]
    KeySecretDiffers {
        /// The key.
        id: String,
    },

    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes for a key")]
    RandomUnavailable {
        /// What it said.
        #[source]
        cause: getrandom::Error,
    },

    /// The groups of QGIS users are not there: the program's own role may not make roles.
    #[error(
        "the database has no group for level '{class}'; run 'urbis migrate' with a role that may \
         make roles (CREATEROLE)"
    )]
    QgisGroupMissing {
        /// Whose group.
        class: Openness,
    },

    /// A role of this name is there and no login for QGIS.
    #[error("the server has a role '{name}' that is no login for QGIS; choose another name")]
    QgisUserTaken {
        /// The role.
        name: String,
    },

    /// A question for features took longer than it may.
    #[error("the features were not found in time: ask for a smaller box or with a simpler filter")]
    FeaturesTooSlow,

    /// GEOS or PROJ cannot work on the geometries of a question.
    #[error("the geometry of a question for layer '{layer}' cannot be worked on")]
    FilterUnanswerable {
        /// The layer.
        layer: LayerId,
        /// What the driver said.
        #[source]
        cause: sqlx::Error,
    },

    /// A filter that was read for another layer, or for a class that may see more: a bug.
    #[error("a filter of another layer or class was put to layer '{layer}'")]
    FilterForAnother {
        /// The layer.
        layer: LayerId,
    },

    /// The table of a layer is in a CRS that no question can be brought to.
    #[error("layer '{layer}' is stored in a CRS that no question is asked in")]
    StorageCrsUnknown {
        /// The layer.
        layer: LayerId,
    },

    /// What changed since is not known any more; everything is to be read anew.
    #[error("what changed since then is not known any more: {why}")]
    ChangesGone {
        /// Why, for whoever asked.
        why: &'static str,
    },

    /// Whoever takes the features that are read is gone.
    #[error("nobody takes the features of layer '{layer}' any more")]
    TakerGone {
        /// The layer that was being read.
        layer: LayerId,
    },

    /// The server is a standby; its snapshots lack the transactions in progress.
    #[error("the database is a standby, Urbis follows the primary only")]
    NotPrimary,
}

impl StoreError {
    /// Stable code for logs, reports and tests; never reworded, never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Connect { .. } => "database_unreachable",
            Self::Database { .. } => "database_failed",
            Self::NotMigrated { .. } => "database_not_migrated",
            Self::Migrate { .. } => "migration_failed",
            Self::LossyChange { .. } => "layer_change_lossy",
            Self::LayerLocked { .. } => "layer_locked",
            Self::ImportRunning { .. } => "import_running",
            Self::SourceEndedEarly { .. } => "source_ended_early",
            Self::TooManyRejects { .. } => "too_many_rejects",
            Self::RecordTooLong { .. } => "record_too_long",
            Self::LiveRecordTooLong => "live_record_too_long",
            Self::Conflicts { .. } => "import_conflicts",
            Self::PositionInvalid { .. } => "position_invalid",
            Self::StoredValueInvalid { .. } => "stored_value_invalid",
            Self::FeatureNotFound { .. } => "feature_not_found",
            Self::KeyMalformed => "key_malformed",
            Self::KeyRevoked { .. } => "key_revoked",
            Self::KeySecretDiffers { .. } => "key_secret_differs",
            Self::RandomUnavailable { .. } => "random_unavailable",
            Self::QgisGroupMissing { .. } => "qgis_group_missing",
            Self::QgisUserTaken { .. } => "qgis_user_taken",
            Self::FeaturesTooSlow => "features_too_slow",
            Self::FilterUnanswerable { .. } => "filter_unanswerable",
            Self::FilterForAnother { .. } => "filter_for_another",
            Self::StorageCrsUnknown { .. } => "storage_crs_unknown",
            Self::ChangesGone { .. } => "changes_gone",
            Self::TakerGone { .. } => "taker_gone",
            Self::NotPrimary => "database_not_primary",
        }
    }
}

impl StoreError {
    /// Says whether the database cannot be reached now and may be later: waiting helps, and nobody
    /// has to change a setting.
    pub fn is_away(&self) -> bool {
        let (Self::Connect { cause } | Self::Database { cause, .. }) = self else { return false };
        match cause {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
            sqlx::Error::Database(error) => error.code().is_some_and(|code| {
                // Connections lost (08), too many (53), the server starts or stops (57), the
                // database takes none for a while (55000).
                ["08", "53", "57"].iter().any(|class| code.starts_with(class)) || code == "55000"
            }),
            _ => false,
        }
    }
}

/// What the server says where a table or a schema does not exist.
const MISSING: [&str; 2] = ["42P01", "3F000"];

/// Names what was being done when a statement failed.
pub(crate) fn while_doing(doing: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |cause| {
        let code = cause.as_database_error().and_then(sqlx::error::DatabaseError::code);
        if code.is_some_and(|code| MISSING.contains(&&*code)) {
            return StoreError::NotMigrated { missing: format!("a table is missing for {doing}") };
        }
        StoreError::Database { doing, cause }
    }
}
