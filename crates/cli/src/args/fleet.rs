//! Flags of `fleet`.

use clap::Args;

/// Units of a fleet where nobody says how many.
pub const DEFAULT_UNITS: u32 = 40;

/// The seed where nobody says one.
pub const DEFAULT_SEED: u64 = 115;

/// A made-up fleet for a server.
#[derive(Debug, Args)]
pub struct FleetArgs {
    /// How many units
    #[arg(long, value_name = "N", default_value_t = DEFAULT_UNITS,
          value_parser = clap::value_parser!(u32).range(1..=2_000))]
    pub units: u32,
    /// Address of the server; plain HTTP
    #[arg(long, env = "URBIS_URL", value_name = "URL", default_value = "http://127.0.0.1:8400")]
    pub url: String,
    /// Key with the scopes ingest and read
    #[arg(long, env = "URBIS_KEY", value_name = "KEY", hide_env_values = true)]
    pub key: String,
    /// The same seed gives the same units and the same runs
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED)]
    pub seed: u64,
}
