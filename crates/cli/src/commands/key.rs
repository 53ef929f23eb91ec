//! `urbis key`: make, list and revoke keys.

use anyhow::Context;
use serde_json::{Value, json};
use urbis_catalog::{Catalog, Nearest};
use urbis_model::{KeyScope, Moment};
use urbis_store::{KeyRecord, KeySecret, NewKey, Store};

use crate::args::{KeyCommand, KeyCreateArgs, MAX_LABEL_CHARS, breaks_a_line};
use crate::commands::load_catalog;
use crate::database::Database;
use crate::environment::actor;
use crate::exit::{Exit, UsageError};
use crate::import::find_layer;
use crate::output::{Format, say, say_json};
use crate::settings::Settings;

/// Does what was asked of the keys.
///
/// # Errors
///
/// [`UsageError`] for a layer or a key that is not known; else where the database fails.
pub async fn run(settings: &Settings, asked: KeyCommand) -> anyhow::Result<Exit> {
    if let KeyCommand::Create(asked) = &asked {
        check_layers(&load_catalog(&settings.layers)?, &asked.scopes)?;
    }
    let database = Database::open(settings).await?;
    let url = database.url.clone();
    database
        .then_close(async {
            let store = Store::connect(&url).await?;
            // Layers may wait for their migration: a key must be revoked all the same.
            store.check_migrated(&no_layers()?).await?;
            match asked {
                KeyCommand::Create(asked) => create(&store, asked).await?,
                KeyCommand::List(asked) => list(&store, Format::from_flag(asked.json)).await?,
                KeyCommand::Revoke(asked) => {
                    revoke(&store, &asked.id, Format::from_flag(asked.json)).await?;
                }
            }
            Ok(Exit::Done)
        })
        .await
}

fn no_layers() -> anyhow::Result<Catalog> {
    Catalog::from_layers(Vec::new()).context("an empty catalogue is none")
}

/// A key for a layer that is not there would be a mistake that shows when somebody edits.
fn check_layers(catalog: &Catalog, scopes: &[KeyScope]) -> Result<(), UsageError> {
    for scope in scopes {
        if let KeyScope::Edit(layer) = scope {
            find_layer(catalog, layer.as_str())
                .map_err(|UsageError(told)| UsageError(format!("scope '{scope}': {told}")))?;
        }
    }
    Ok(())
}

async fn create(store: &Store, asked: KeyCreateArgs) -> anyhow::Result<()> {
    let KeyCreateArgs { level, scopes, label, json, .. } = asked;
    let issued = store.create_key(&NewKey { level, scopes, label }, &actor()).await?;
    let key = issued.secret.reveal();
    if Format::from_flag(json) == Format::Json {
        let KeyRecord { id, level, scopes, label, .. } = issued.record;
        return say_json(&json!({
            "id": id, "key": key, "level": level, "scopes": scopes, "label": label,
        }));
    }
    say(&format!("Key: {key}"));
    say("Keep it now: it is shown this once, and the database knows its hash alone.");
    say(&line(&issued.record));
    Ok(())
}

async fn list(store: &Store, format: Format) -> anyhow::Result<()> {
    let keys = store.list_keys().await?;
    match format {
        Format::Json => say_json(&keys.iter().map(describe).collect::<Vec<_>>())?,
        Format::Text if keys.is_empty() => say("no keys; make one with 'urbis key create'"),
        Format::Text => keys.iter().for_each(|key| say(&line(key))),
    }
    Ok(())
}

async fn revoke(store: &Store, id: &str, format: Format) -> anyhow::Result<()> {
    // Who has the whole key at hand, and not its id, means the same.
    let id = KeySecret::parse(id).map_or_else(|_| id.to_owned(), |secret| secret.id().to_owned());
    if !store.revoke_key(&id).await? {
        let keys = store.list_keys().await?;
        let nearest = Nearest::find(&id, keys.iter().map(|key| key.id.as_str()));
        let hint = "see 'urbis key list'";
        return Err(UsageError(format!("no key has this id{nearest} ({hint})")).into());
    }
    match format {
        Format::Json => say_json(&json!({"id": id, "revoked": true}))?,
        Format::Text => say(&format!("key {id} is revoked")),
    }
    Ok(())
}

fn describe(key: &KeyRecord) -> Value {
    json!({
        "id": key.id,
        "level": key.level,
        "scopes": key.scopes,
        "label": key.label,
        "created_at": show(key.created_at),
        "revoked_at": key.revoked_at.map(show),
    })
}

fn line(key: &KeyRecord) -> String {
    let KeyRecord { id, level, scopes, label, .. } = key;
    let (scopes, made, label) = (short(scopes), show(key.created_at), printable(label));
    let revoked = key.revoked_at.map_or(String::new(), |at| format!("  revoked {}", show(at)));
    format!("{id}  {level:<10} {scopes:<24} {made}{revoked}  {label}").trim_end().to_owned()
}

/// A label without what would move the cursor, change colours or turn the line around: a table
/// that another program filled may hold anything.
fn printable(label: &str) -> String {
    let show = |c| if breaks_a_line(c) { char::REPLACEMENT_CHARACTER } else { c };
    label.chars().take(MAX_LABEL_CHARS).map(show).collect()
}

/// The scopes in a line, where those of an operator are as many as there are layers.
fn short(scopes: &[KeyScope]) -> String {
    const MAX_EDITS: usize = 1;
    let is_edit = |scope: &&KeyScope| matches!(scope, KeyScope::Edit(_));
    let edits = scopes.iter().filter(is_edit).count();
    let shown = scopes.iter().filter(|scope| edits <= MAX_EDITS || !is_edit(scope));
    let mut words: Vec<String> = shown.map(ToString::to_string).collect();
    words.extend((edits > MAX_EDITS).then(|| format!("edit:({edits} layers)")));
    words.join(",")
}

/// RFC 3339 in UTC, to the second.
fn show(moment: Moment) -> String {
    let known = chrono::DateTime::from_timestamp_micros(moment.0);
    known.map_or_else(String::new, |at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_moves_no_cursor_and_turns_no_line() {
        assert_eq!(printable("Phòng Quản lý đô thị"), "Phòng Quản lý đô thị");
        let shown = printable("a\x1b[2Jb\nc\u{9b}d\u{202e}e\u{2029}f");
        assert_eq!(shown, "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}f");
        assert_eq!(printable(&"x".repeat(500)).len(), 100);
    }
}
