//! Keys: made, used, revoked, while the node runs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use urbis_tests::{City, empty_database, urbis, wait_for};

#[test]
fn a_revoked_key_opens_nothing_from_the_next_moment_on() {
    let city = City::start();
    let key = city.key("internal");
    let seen = city.fetch_with(&key, "/layers").json();
    assert_eq!(seen["class"], "internal");

    let listed = city.urbis(&["key", "list", "--json"]);
    assert!(!listed.contains(&key), "a list shows no key");
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    let id = listed[0]["id"].as_str().expect("an id").to_owned();
    city.urbis(&["key", "revoke", &id]);
    let refused = wait_for("the key to be refused", || {
        Some(city.fetch_with(&key, "/layers")).filter(|answer| answer.status == 401)
    });
    assert_eq!(refused.json()["code"], "key_unknown");
    assert!(refused.header("www-authenticate").is_some_and(|ways| ways.contains("Bearer")));
    assert_eq!(city.fetch("/layers").json()["class"], "open");
}

#[test]
fn qgis_gives_a_key_as_the_password_of_any_user() {
    let city = City::start();
    let key = city.key("restricted");
    for user in ["planner", "", "Nguyễn"] {
        let words = STANDARD.encode(format!("{user}:{key}"));
        let basic = format!("Basic {words}");
        let answer = city.request("GET", "/layers", &[("Authorization", &basic)]);
        assert_eq!(answer.json()["class"], "restricted", "{user}");
    }
}

#[test]
fn the_database_keeps_no_key_and_the_log_says_none() {
    let city = City::start();
    let key = city.key("restricted");
    let secret = key.splitn(3, '_').last().expect("a part");
    let rows = city.psql("SELECT * FROM urbis.api_key");
    assert!(!rows.is_empty() && !rows.contains(secret), "{rows}");
    let as_bytes = format!(
        "SELECT count(*) FROM urbis.api_key WHERE secret_hash IN (
        '{secret}'::bytea, decode(translate('{secret}', '-_', '+/') || '=', 'base64'))"
    );
    assert_eq!(city.psql(&as_bytes), "0", "the secret itself is stored");
    city.fetch_with(&format!("{key}x"), "/layers");
    assert!(!city.log_text().contains(secret));
}

#[test]
fn a_key_for_a_layer_or_level_that_is_not_there_is_refused_with_the_nearest_name() {
    let url = empty_database();
    let migrated = urbis().args(["migrate", "--database-url", &url]).output().expect("it starts");
    assert!(migrated.status.success());
    for (level, scope, hint) in [
        ("internall", "read", "internal"),
        ("open", "red", "read"),
        ("open", "edit:buildin", "building"),
    ] {
        let args = ["key", "create", "--level", level, "--scope", scope, "--database-url", &url];
        let output = urbis().args(args).output().expect("urbis starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{level} {scope}");
        assert!(said.contains(hint), "{level} {scope}: {said}");
    }
}
