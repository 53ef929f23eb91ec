//! The command line of `urbis key`.

use clap::{Args, Subcommand};
use urbis_model::{KeyScope, Openness};

use super::DatabaseArgs;
use super::words::{parse_label, parse_level, parse_scope};

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key. It is shown once: the database keeps its hash alone.
    Create(KeyCreateArgs),
    /// List the keys, also those revoked.
    List(KeyListArgs),
    /// Revoke a key for good; running nodes refuse it at once.
    Revoke(KeyRevokeArgs),
}

/// Flags of `key create`.
#[derive(Debug, Args)]
pub struct KeyCreateArgs {
    /// What its holder may see: open, internal or restricted
    #[arg(long, value_parser = parse_level)]
    pub level: Openness,
    /// What it allows: read, edit:LAYER, ingest, dispatch, admin; may be repeated
    #[arg(long = "scope", value_name = "SCOPE", required = true, num_args = 1..,
        value_delimiter = ',', value_parser = parse_scope)]
    pub scopes: Vec<KeyScope>,
    /// Whom or what it is for
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true,
        value_parser = parse_label)]
    pub label: String,
    /// Print one JSON object: id, key, level, scopes, label
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Flags of `key list`.
#[derive(Debug, Args)]
pub struct KeyListArgs {
    /// Print one JSON array of objects
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Flags of `key revoke`.
#[derive(Debug, Args)]
pub struct KeyRevokeArgs {
    /// Id of the key, as 'urbis key list' shows it
    pub id: String,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

impl KeyCommand {
    /// Where the keys are.
    pub const fn database(&self) -> &DatabaseArgs {
        match self {
            Self::Create(asked) => &asked.database,
            Self::List(asked) => &asked.database,
            Self::Revoke(asked) => &asked.database,
        }
    }
}
