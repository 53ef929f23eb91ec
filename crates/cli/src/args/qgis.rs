//! The command line of `urbis qgis`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use urbis_model::Openness;
use urbis_store::UserName;

use super::DatabaseArgs;
use super::words::parse_level;

/// Flags of `qgis`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct QgisArgs {
    #[command(subcommand)]
    pub command: Option<QgisCommand>,
    /// Whose views: open, internal or restricted
    #[arg(long, value_parser = parse_level, default_value = "open")]
    pub level: Openness,
    /// Write a project of these views to a file, such as city.qgz
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Entry of pg_service.conf that the project connects by [default: the database's name]
    #[arg(long, value_name = "NAME", conflicts_with = "host")]
    pub service: Option<String>,
    /// Host that the project connects to, in place of an entry of pg_service.conf
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// Port at that host [default: that of the database]
    #[arg(long, value_name = "PORT", requires = "host")]
    pub port: Option<u16>,
    /// Folder of the city: its settings and source files [default: data/danang]
    #[arg(long, env = "URBIS_CITY", value_name = "DIR")]
    pub city: Option<PathBuf>,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// What else to do for QGIS.
#[derive(Debug, Subcommand)]
pub enum QgisCommand {
    /// Make a login that reads the views of one level and nothing else; one that is there gets a new
    /// password and that level. The password is shown once.
    User(QgisUserArgs),
}

/// Flags of `qgis user`.
#[derive(Debug, Args)]
pub struct QgisUserArgs {
    /// Name of the login: small letters, digits and _
    pub name: UserName,
    /// What it may see: open, internal or restricted
    #[arg(long, value_parser = parse_level)]
    pub level: Openness,
    /// Print one JSON object: user, password, level
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseArgs,
}

impl QgisArgs {
    /// Where the views are.
    pub fn database(&self) -> &DatabaseArgs {
        match &self.command {
            Some(QgisCommand::User(asked)) => &asked.database,
            None => &self.database,
        }
    }
}
