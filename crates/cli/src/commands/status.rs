//! `urbis status`: what the running node serves.

use serde_json::{Map, Value, json};

use crate::args::Whom;
use crate::exit::Exit;
use crate::output::{Format, say, say_json};
use crate::running::{Health, RunningNode, ask_health};
use crate::settings::Settings;

/// Asks a node how it is.
///
/// # Errors
///
/// Where the output has no JSON form, which would be a bug.
pub async fn run(settings: &Settings, whom: Whom, format: Format) -> anyhow::Result<Exit> {
    let node = match whom {
        Whom::Address => None,
        Whom::Folder | Whom::Any => RunningNode::of(&settings.data_dir),
    };
    let listen = match (&node, whom) {
        (Some(node), _) => node.listen,
        (None, Whom::Folder) => return say_stopped(settings, whom, format),
        (None, Whom::Address | Whom::Any) => settings.listen,
    };
    let health = tokio::task::spawn_blocking(move || ask_health(listen)).await?;
    let Some(health) = health else { return say_stopped(settings, whom, format) };
    let shown = describe(settings, node.as_ref(), health);
    match format {
        Format::Json => say_json(&shown)?,
        Format::Text => say_text(&shown),
    }
    Ok(Exit::Done)
}

fn say_stopped(settings: &Settings, whom: Whom, format: Format) -> anyhow::Result<Exit> {
    let (key, place) = match whom {
        Whom::Address => ("listen", settings.listen.to_string()),
        Whom::Folder | Whom::Any => ("data_dir", settings.data_dir.display().to_string()),
    };
    let preposition = if whom == Whom::Address { "at" } else { "in" };
    match format {
        Format::Json => say_json(&json!({"status": "stopped", key: place}))?,
        Format::Text => {
            say(&format!("no node runs {preposition} '{place}'; start one with 'urbis up'"));
        }
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
