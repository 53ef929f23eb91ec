//! `urbis qgis`: how QGIS reaches the database, a project for it, logins.

use std::path::Path;

use anyhow::Context;
use serde_json::json;
use urbis_catalog::CitySettings;
use urbis_qgis::Connection;
use urbis_store::{DatabaseAddress, Store, qgis_schema};

use crate::args::{QgisArgs, QgisCommand, QgisUserArgs};
use crate::commands::load_catalog;
use crate::database::Database;
use crate::exit::Exit;
use crate::output::{say, say_json};
use crate::qgis::{Sources, project_name};
use crate::settings::Settings;

/// Does what was asked.
///
/// # Errors
///
/// Where the database fails, is not migrated, or a file cannot be written.
pub async fn run(settings: &Settings, asked: QgisArgs) -> anyhow::Result<Exit> {
    let database = Database::open(settings).await?;
    let url = database.url.clone();
    database
        .then_close(async {
            let store = Store::connect(&url).await?;
            match &asked.command {
                Some(QgisCommand::User(user)) => make_user(&store, user).await?,
                None => tell(settings, &store, &asked).await?,
            }
            Ok(Exit::Done)
        })
        .await
}

async fn make_user(store: &Store, asked: &QgisUserArgs) -> anyhow::Result<()> {
    let level = asked.level;
    let made = store.make_qgis_user(asked.name.clone(), level).await?;
    if asked.json {
        let user = made.name.to_string();
        return say_json(&json!({ "user": user, "password": made.password, "level": level }));
    }
    say(&format!("User: {}", made.name));
    say(&format!("Password: {}", made.password));
    say("Keep it now: it is shown this once.");
    say(&format!("It reads schema {} and nothing else.", qgis_schema(level)));
    Ok(())
}

async fn tell(settings: &Settings, store: &Store, asked: &QgisArgs) -> anyhow::Result<()> {
    let catalog = load_catalog(&settings.layers)?;
    store.check_migrated(&catalog).await?;
    let city = CitySettings::load(&settings.city)?;
    let found = store.database_address().await?;
    let address = DatabaseAddress {
        host: asked.host.clone().unwrap_or(found.host),
        port: asked.port.unwrap_or(found.port),
        database: found.database,
    };
    let service = asked.service.clone().unwrap_or_else(|| address.database.clone());
    let connection = if asked.host.is_some() {
        let DatabaseAddress { host, port, database } = address.clone();
        Connection::Address { host, port, database }
    } else {
        Connection::Service(service.clone())
    };
    say_connection(&address, asked, &service);
    say(&format!("Project in the database: {}", project_name(&city, asked.level)));
    let Some(path) = &asked.out else { return Ok(()) };
    let sources = Sources::read(&catalog)?;
    let project = sources.project(store, &city, asked.level, &connection).await?;
    write(path, &project)?;
    say(&format!("Project in a file: {}", path.display()));
    Ok(())
}

fn say_connection(address: &DatabaseAddress, asked: &QgisArgs, service: &str) {
    let DatabaseAddress { host, port, database } = address;
    let level = asked.level;
    let kind =
        if host.starts_with('/') { "Host (a socket, for this machine only)" } else { "Host" };
    say(&format!("{kind}: {host}"));
    say(&format!("Port: {port}"));
    say(&format!("Database: {database}"));
    say(&format!("Schema: {}", qgis_schema(level)));
    say(&format!("User: one of 'urbis qgis user NAME --level {level}'"));
    say(&format!("pg_service.conf: [{service}] host={host} port={port} dbname={database}"));
}

fn write(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, content).with_context(|| format!("cannot write '{}'", path.display()))
}
