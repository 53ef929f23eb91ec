//! The flags of what is kept and for how long, and the command line of `urbis prune`.

use std::num::NonZeroU32;

use clap::Args;

use super::DatabaseArgs;
use crate::output::Format;

/// What is kept, and for how long.
#[derive(Debug, Clone, Default, Args)]
pub struct RetentionArgs {
    /// Minutes of silence after which the change log is not kept for a node any more; it loads the
    /// city anew when it comes back [default: 60]
    #[arg(long, env = "URBIS_SILENT_NODE_MINUTES", value_name = "MINUTES")]
    pub silent_node_minutes: Option<NonZeroU32>,
    /// Days that changes are kept for those who follow them with /changes, and versions of features
    /// with them; 0 is as long as the nodes need them [default: 7]
    #[arg(long, env = "URBIS_KEEP_CHANGES_DAYS", value_name = "DAYS")]
    pub keep_changes_days: Option<u32>,
    /// Days that replaced and deleted versions of features are kept; 0 is for ever [default: 0]
    #[arg(long, env = "URBIS_KEEP_HISTORY_DAYS", value_name = "DAYS")]
    pub keep_history_days: Option<u32>,
    /// Days that reports and rejects of imports are kept; 0 is for ever [default: 0]
    #[arg(long, env = "URBIS_KEEP_IMPORT_RUNS_DAYS", value_name = "DAYS")]
    pub keep_import_runs_days: Option<u32>,
    /// Days that positions and statuses of units are kept; 0 is for ever [default: 30]
    #[arg(long, env = "URBIS_KEEP_LIVE_DAYS", value_name = "DAYS")]
    pub keep_live_days: Option<u32>,
}

/// Flags of `prune`.
#[derive(Debug, Args)]
pub struct PruneArgs {
    #[command(flatten)]
    pub database: DatabaseArgs,
    #[command(flatten)]
    pub retention: RetentionArgs,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

impl PruneArgs {
    /// How to print.
    pub const fn format(&self) -> Format {
        Format::from_flag(self.json)
    }
}
