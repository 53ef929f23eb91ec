//! `urbis status`: what the running node serves.

use serde_json::{Map, Value, json};

use crate::exit::Exit;
use crate::output::{Format, say, say_json};
use crate::running::{Health, RunningNode, ask_health};
use crate::settings::Settings;

/// Asks the node of the data folder, else the one at the configured address.
///
/// # Errors
///
/// Where the output has no JSON form, which would be a bug.
pub async fn run(settings: &Settings, format: Format) -> anyhow::Result<Exit> {
    let node = RunningNode::of(&settings.data_dir);
    let listen = node.as_ref().map_or(settings.listen, |node| node.listen);
    let health = tokio::task::spawn_blocking(move || ask_health(listen)).await?;
    let Some(health) = health else { return say_stopped(settings, format) };
    let shown = describe(settings, node.as_ref(), health);
    match format {
        Format::Json => say_json(&shown)?,
        Format::Text => say_text(&shown),
    }
    Ok(Exit::Done)
}

fn say_stopped(settings: &Settings, format: Format) -> anyhow::Result<Exit> {
    let data_dir = settings.data_dir.display().to_string();
    match format {
        Format::Json => say_json(&json!({"status": "stopped", "data_dir": data_dir}))?,
        Format::Text => say(&format!("no node runs in '{data_dir}'; start one with 'urbis up'")),
    }
    Ok(Exit::NotRunning)
}

fn describe(settings: &Settings, node: Option<&RunningNode>, health: Health) -> Map<String, Value> {
    let mut shown = Map::new();
    let state = if health.ready { "ready" } else { "not_ready" };
    shown.insert("status".into(), state.into());
    shown.extend(health.body);
    match node {
        Some(RunningNode { pid, listen, url, database_url }) => {
            shown.insert("pid".into(), json!(pid));
            shown.insert("listen".into(), json!(listen));
            shown.insert("url".into(), json!(url));
            shown.insert("database_url".into(), json!(database_url));
            shown.insert("data_dir".into(), json!(settings.data_dir));
        }
        None => {
            shown.insert("listen".into(), json!(settings.listen));
        }
    }
    shown
}

fn say_text(shown: &Map<String, Value>) {
    for (name, value) in shown {
        match value {
            Value::String(text) => say(&format!("{name:<14}{text}")),
            Value::Object(members) => {
                say(name);
                for (member, value) in members {
                    say(&format!("  {member:<20}{value:>10}"));
                }
            }
            other => say(&format!("{name:<14}{other}")),
        }
    }
}
