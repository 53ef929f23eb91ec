//! Keys: made, listed, revoked, handed to nodes, and kept as hashes alone.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use urbis_model::{KeyScope, Openness};
use urbis_store::{IssuedKey, KeyHash, KeyRecord, KeySecret, NewKey, Node, Poll, StoreError, Tail};

use crate::harness::{City, assert_unchanged, city, execute, follow, id, insert_pole, load};

fn clerk() -> NewKey {
    NewKey {
        level: Openness::Internal,
        scopes: ["edit:pole", "read", "read"].map(|scope| scope.parse().unwrap()).into(),
        label: "phòng Quản lý đô thị".into(),
    }
}

async fn issue(city: &City) -> IssuedKey {
    city.store.create_key(&clerk(), "lan").await.unwrap()
}

/// Polls once and gives the keys where any changed; no layer may come with them.
async fn poll_keys(tail: &mut Tail) -> Option<Vec<KeyRecord>> {
    match tail.poll().await.unwrap() {
        Poll::Unchanged => None,
        Poll::KeysChanged(keys) => Some(keys),
        other => panic!("{other:?}"),
    }
}

/// The text of another key with this key's id.
fn with_other_secret(secret: &KeySecret) -> KeySecret {
    let other = KeySecret::generate().unwrap().reveal();
    let (_, rest) = other.split_at("urbis_".len() + secret.id().len());
    KeySecret::parse(&format!("urbis_{}{rest}", secret.id())).unwrap()
}

#[tokio::test]
async fn a_created_key_is_known_at_the_next_poll() {
    let city = city().await;
    let (mut tail, _) = city.load().await;
    let issued = issue(&city).await;
    assert_eq!(issued.record.level, Openness::Internal);
    let scopes: Vec<String> = issued.record.scopes.iter().map(ToString::to_string).collect();
    assert_eq!(scopes, ["read", "edit:pole"]);

    let keys = poll_keys(&mut tail).await.unwrap();
    assert_eq!(keys, [issued.record]);
    let sent = KeySecret::parse(&issued.secret.reveal()).unwrap();
    assert!(keys[0].admits(&sent));
    assert!(!keys[0].admits(&with_other_secret(&sent)));
    assert!(!keys[0].admits(&KeySecret::generate().unwrap()));
    assert_eq!(poll_keys(&mut tail).await, None);
    let maker = city.text("SELECT created_by FROM urbis.api_key").await;
    assert_eq!(maker.as_deref(), Some("lan"));
}

#[tokio::test]
async fn a_revoked_key_is_handed_on_and_stays_revoked_from_then() {
    let city = city().await;
    let issued = issue(&city).await;
    let (mut tail, _) = city.load().await;
    assert!(city.store.revoke_key(&issued.record.id).await.unwrap());
    let keys = poll_keys(&mut tail).await.unwrap();
    assert!(keys[0].revoked_at > Some(issued.record.created_at), "{keys:?}");
    assert!(!keys[0].admits(&issued.secret));

    assert!(city.store.revoke_key(&issued.record.id).await.unwrap());
    assert_eq!(poll_keys(&mut tail).await, None);
    assert_eq!(city.store.list_keys().await.unwrap(), keys);
}

#[tokio::test]
async fn to_revoke_what_is_no_key_is_said_and_changes_nothing() {
    let city = city().await;
    issue(&city).await;
    let before = city.store.list_keys().await.unwrap();
    for id in ["abcdefgh23", "", "%", "' OR true --"] {
        assert!(!city.store.revoke_key(id).await.unwrap(), "{id}");
    }
    assert_eq!(city.store.list_keys().await.unwrap(), before);
}

#[tokio::test]
async fn keys_survive_a_reload() {
    let city = city().await;
    let (kept, revoked) = (issue(&city).await, issue(&city).await);
    city.store.revoke_key(&revoked.record.id).await.unwrap();
    let node = Node::new("tester").unwrap();
    let (loaded, _) = load(&city.store, &city.catalog, &node).await.unwrap();
    assert_eq!(loaded.keys, city.store.list_keys().await.unwrap());
    let admitted = |issued: &IssuedKey| loaded.keys.iter().any(|key| key.admits(&issued.secret));
    assert_eq!([admitted(&kept), admitted(&revoked)], [true, false]);
}

#[tokio::test]
async fn the_database_holds_the_hash_of_a_secret_alone() {
    let city = city().await;
    let issued = issue(&city).await;
    let text = issued.secret.reveal();
    let secret = &text["urbis_".len() + issued.record.id.len() + 1..];
    let bytes = URL_SAFE_NO_PAD.decode(secret).unwrap();

    let dump = "SELECT (SELECT string_agg(k::text, E'\\n') FROM urbis.api_key k) || \
                       (SELECT string_agg(c::text, E'\\n') FROM urbis.change_log c)";
    let dump = city.text(dump).await.unwrap();
    assert!(dump.contains(&issued.record.id) && dump.contains("@api_key"), "{dump}");
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for part in [secret.to_owned(), hex(secret.as_bytes()), hex(&bytes)] {
        assert!(!dump.contains(&part), "{dump}");
    }
    // PostgreSQL hashes it, too.
    let same = format!(
        "SELECT count(*) FROM urbis.api_key \
         WHERE secret_hash = sha256(convert_to('{secret}', 'UTF8'))"
    );
    assert_eq!(city.number(&same).await, 1);
    assert_eq!(KeyHash::of(secret), issued.record.hash);
    let shown = format!("{issued:?}");
    assert!(!shown.contains(secret), "{shown}");
}

#[tokio::test]
async fn keys_are_listed_in_the_order_in_which_they_were_made() {
    let city = city().await;
    for _ in 0..4 {
        issue(&city).await;
    }
    let ids = |keys: Vec<KeyRecord>| keys.into_iter().map(|key| key.id).collect::<Vec<_>>();
    let mut by_id = ids(city.store.list_keys().await.unwrap());
    by_id.sort_unstable();
    for (age, id) in by_id.iter().enumerate() {
        let older = format!("created_at = timestamptz '2026-01-09' - interval '{age} days'");
        city.psql(&format!("UPDATE urbis.api_key SET {older} WHERE api_key_id = '{id}'")).await;
    }
    let youngest_last: Vec<String> = by_id.iter().rev().cloned().collect();
    assert_eq!(ids(city.store.list_keys().await.unwrap()), youngest_last);
    city.psql("UPDATE urbis.api_key SET created_at = '2026-01-01'").await;
    assert_eq!(ids(city.store.list_keys().await.unwrap()), by_id);
}

#[tokio::test]
async fn the_operators_key_is_made_once_and_never_brought_back() {
    let city = city().await;
    let secret = KeySecret::generate().unwrap();
    let operator = NewKey { level: Openness::Restricted, ..clerk() };
    let (a, b) = tokio::join!(
        city.store.ensure_key(&operator, &secret),
        city.store.ensure_key(&operator, &secret)
    );
    let made = a.unwrap();
    assert_eq!(made, b.unwrap());
    assert!(made.admits(&secret));

    let (mut tail, _) = city.load().await;
    let again = city.store.ensure_key(&operator, &secret).await.unwrap();
    assert_eq!(again, made);
    let stolen = city.store.ensure_key(&operator, &with_other_secret(&secret)).await;
    assert!(matches!(stolen, Err(StoreError::KeySecretDiffers { id }) if id == made.id));
    assert_eq!(poll_keys(&mut tail).await, None);

    city.store.revoke_key(&made.id).await.unwrap();
    let revoked = city.store.ensure_key(&operator, &secret).await;
    assert!(matches!(revoked, Err(StoreError::KeyRevoked { id }) if id == made.id));
}

#[tokio::test]
async fn whatever_changes_the_table_is_heard() {
    let city = city().await;
    issue(&city).await;
    issue(&city).await;
    let (mut tail, _) = city.load().await;
    for (sql, left) in [
        ("UPDATE urbis.api_key SET level = 'open'", 2),
        ("SET session_replication_role = replica; UPDATE urbis.api_key SET level = 'internal'", 2),
        ("DELETE FROM urbis.api_key WHERE ctid = (SELECT min(ctid) FROM urbis.api_key)", 1),
        ("TRUNCATE urbis.api_key", 0),
    ] {
        city.psql(sql).await;
        assert_eq!(poll_keys(&mut tail).await.map(|keys| keys.len()), Some(left), "{sql}");
        assert_eq!(poll_keys(&mut tail).await, None, "{sql}");
    }
}

#[tokio::test]
async fn a_key_that_was_rolled_back_was_never_there() {
    let city = city().await;
    issue(&city).await;
    let (mut tail, _) = city.load().await;
    city.psql("BEGIN; DELETE FROM urbis.api_key; ROLLBACK").await;
    assert_eq!(poll_keys(&mut tail).await, None);
}

#[tokio::test]
async fn keys_of_a_transaction_come_before_its_features() {
    let city = city().await;
    issue(&city).await;
    let (mut tail, mut memory) = city.load().await;
    let together = format!("BEGIN; {}; DELETE FROM urbis.api_key; COMMIT", insert_pole(1, 8));
    city.psql(&together).await;
    let before = tail.position().clone();
    assert_eq!(poll_keys(&mut tail).await, Some(Vec::new()));
    assert_eq!(*tail.position(), before, "the features are still to come");
    let batch = follow(&mut tail, &mut memory).await;
    assert_eq!(batch.layers.len(), 1);
    assert_eq!(memory, city.load().await.1);
    // A layer alone says nothing of keys.
    city.psql(&insert_pole(2, 8)).await;
    assert!(!follow(&mut tail, &mut memory).await.layers.is_empty());
}

#[tokio::test]
async fn a_locked_layer_keeps_no_revoked_key_alive() {
    let city = city().await;
    let issued = issue(&city).await;
    let (mut tail, mut memory) = city.load().await;
    city.psql(&insert_pole(1, 8)).await;
    let mut open = city.connect().await;
    execute(&mut open, "BEGIN; TRUNCATE layer.pole").await.unwrap();
    let revoke = async || city.store.revoke_key(&issued.record.id).await.unwrap();
    assert!(revoke().await);

    let keys = poll_keys(&mut tail).await.unwrap();
    assert!(!keys[0].admits(&issued.secret));
    assert!(matches!(tail.poll().await, Err(StoreError::LayerLocked { .. })), "handed on once");
    assert_eq!(tail.poll_keys().await.unwrap(), None, "handed on once");
    // So is every further change of keys, and the features wait for the lock alone.
    let another = issue(&city).await;
    assert_eq!(tail.poll_keys().await.unwrap().unwrap()[1], another.record);
    assert!(matches!(tail.poll().await, Err(StoreError::LayerLocked { .. })));
    execute(&mut open, "ROLLBACK").await.unwrap();
    follow(&mut tail, &mut memory).await;
    assert_eq!(memory[&id("pole")].len(), 1);
    assert_unchanged(&mut tail).await;
}

#[tokio::test]
async fn a_row_that_names_a_scope_more_is_brought_up_to_what_the_operator_shall_have() {
    let city = city().await;
    let secret = KeySecret::generate().unwrap();
    let old = NewKey { scopes: vec![KeyScope::Read], ..clerk() };
    let made = city.store.ensure_key(&old, &secret).await.unwrap();
    let wanted = NewKey {
        level: Openness::Restricted,
        scopes: vec![KeyScope::Read, KeyScope::Admin],
        label: "operator".into(),
    };
    let now = city.store.ensure_key(&wanted, &secret).await.unwrap();
    assert_eq!((now.level, &now.scopes), (wanted.level, &wanted.scopes));
    assert_eq!((&now.id, &now.label, now.created_at), (&made.id, &made.label, made.created_at));
    let later = KeyScope::Edit(id("layer_of_tomorrow"));
    assert_eq!([made.may(&later), now.may(&later)], [false, true]);

    // What is right is not written again.
    let (mut tail, _) = city.load().await;
    assert_eq!(city.store.ensure_key(&wanted, &secret).await.unwrap(), now);
    assert_eq!(poll_keys(&mut tail).await, None);
    // Who only knows the id changes nothing.
    let stolen = city.store.ensure_key(&old, &with_other_secret(&secret)).await;
    assert!(matches!(stolen, Err(StoreError::KeySecretDiffers { .. })));
    assert_eq!(city.store.list_keys().await.unwrap(), [now]);
}

#[tokio::test]
async fn who_may_write_every_table_forges_no_key() {
    let city = city().await;
    let issued = issue(&city).await;
    city.store.revoke_key(&issued.record.id).await.unwrap();
    let before = city.store.list_keys().await.unwrap();
    let writer = "CREATE ROLE writer; GRANT pg_read_all_data, pg_write_all_data TO writer";
    city.psql(writer).await;
    for forged in [
        "UPDATE urbis.api_key SET revoked_at = NULL",
        "DELETE FROM urbis.api_key",
        "INSERT INTO urbis.api_key SELECT 'abcdefgh23', sha256('x'), 'restricted', '{admin}', '', \
         now(), 'me', NULL",
    ] {
        let mut connection = city.connect().await;
        let sql = format!("SET ROLE writer; {forged}");
        execute(&mut connection, &sql).await.ok();
        assert_eq!(city.store.list_keys().await.unwrap(), before, "{forged}");
    }
    city.psql("DROP OWNED BY writer; DROP ROLE writer").await;
}

#[tokio::test]
async fn an_open_truncate_of_keys_is_said_and_then_followed() {
    let city = city().await;
    let (mut tail, _) = city.load().await;
    let issued = issue(&city).await;
    let mut open = city.connect().await;
    execute(&mut open, "BEGIN; TRUNCATE urbis.api_key").await.unwrap();
    assert!(matches!(tail.poll().await, Err(StoreError::LayerLocked { .. })));
    execute(&mut open, "ROLLBACK").await.unwrap();
    assert_eq!(poll_keys(&mut tail).await, Some(vec![issued.record]));
}

#[tokio::test]
async fn a_log_row_of_a_name_that_is_not_known_is_passed_by() {
    let city = city().await;
    let (mut tail, _) = city.load().await;
    for name in ["@tomorrow", "@api_keys", "api_key", ""] {
        city.psql(&format!("INSERT INTO urbis.change_log (layer) VALUES ('{name}')")).await;
        assert!(matches!(tail.poll().await.unwrap(), Poll::Unchanged), "{name}");
    }
}

#[tokio::test]
async fn a_scope_may_name_a_layer_that_is_not_there() {
    let city = city().await;
    let key = NewKey { scopes: vec!["edit:tomorrow".parse().unwrap()], ..clerk() };
    let issued = city.store.create_key(&key, "lan").await.unwrap();
    assert_eq!(issued.record.scopes, key.scopes);
}

#[tokio::test]
async fn a_scope_of_a_newer_program_grants_nothing() {
    let city = city().await;
    issue(&city).await;
    city.psql("UPDATE urbis.api_key SET scopes = ARRAY['fly', 'ingest', 'edit:*', '']").await;
    assert_eq!(city.store.list_keys().await.unwrap()[0].scopes, [KeyScope::Ingest]);
}

#[tokio::test]
async fn the_table_refuses_what_is_no_key() {
    let city = city().await;
    issue(&city).await;
    let mut connection = city.connect().await;
    for change in [
        "level = 'secret'",
        "secret_hash = 'short'",
        "secret_hash = NULL",
        "scopes = NULL",
        "api_key_id = 'ABCDEFGH23'",
        "label = repeat('x', 101)",
        "label = E'two\\nlines'",
        "label = E'\\x1b[31mred'",
        "label = U&'\\0085'",
        "label = U&'\\202E'",
    ] {
        let update = format!("UPDATE urbis.api_key SET {change}");
        assert!(execute(&mut connection, &update).await.is_err(), "{change}");
    }
}
