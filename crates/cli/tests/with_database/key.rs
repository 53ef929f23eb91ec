//! Keys on the command line, and the operator's: shown once, kept from others, made anew after a
//! revocation.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::{CLUSTER, ROOT, Up, psql, reports, run};

#[test]
fn a_key_is_shown_once_listed_without_its_secret_and_revoked_by_its_id() {
    let url = CLUSTER.create_database();
    let key = |args: &[&str]| run(&[&["key"], args, &["--database-url", &url]].concat());
    let unmigrated = key(&["list"]);
    assert_eq!(unmigrated.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&unmigrated.stderr).contains("urbis migrate"),
        "{unmigrated:?}"
    );

    assert!(run(&["migrate", "--database-url", &url]).status.success());
    assert_eq!(reports(&key(&["list", "--json"])), [serde_json::json!([])]);
    let made = key(&[
        "create",
        "--level",
        "internal",
        "--scope",
        "edit:building,read",
        "--scope",
        "read",
        "--label",
        "Phòng Quản lý đô thị",
        "--json",
    ]);
    let made = &reports(&made)[0];
    assert_eq!(made["level"], "internal");
    assert_eq!(made["scopes"], serde_json::json!(["read", "edit:building"]));
    let (id, secret) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert!(secret.starts_with(&format!("urbis_{id}_")), "{made}");

    let listed = key(&["list", "--json"]);
    let shown = &reports(&listed)[0][0];
    assert_eq!((&shown["id"], &shown["label"]), (&made["id"], &made["label"]));
    assert!(shown["created_at"].is_string() && shown["revoked_at"].is_null(), "{shown}");
    for output in [&listed, &key(&["list"])] {
        assert!(!String::from_utf8_lossy(&output.stdout).contains(&secret[17..]), "{output:?}");
    }

    let unknown = key(&["revoke", "nonsense"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(key(&["revoke", id]).status.success());
    assert!(reports(&key(&["list", "--json"]))[0][0]["revoked_at"].is_string());
    assert!(key(&["revoke", secret]).status.success(), "again, by the key itself");
}

#[test]
fn a_person_is_told_that_a_key_is_shown_once() {
    let url = CLUSTER.create_database();
    assert!(run(&["migrate", "--database-url", &url]).status.success());
    let args = ["key", "create", "--level", "open", "--scope", "ingest", "--database-url", &url];
    let said = String::from_utf8(run(&args).stdout).unwrap();
    assert!(said.starts_with("Key: urbis_") && said.contains("shown this once"), "{said}");
}

#[test]
fn up_on_a_database_of_ones_own_keeps_its_operators_key_in_the_data_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data").to_str().unwrap().to_owned();
    let path = Path::new(&data_dir).join("operator.key");
    // A city without sources: nothing is imported.
    let city = folder.path().join("city");
    fs::create_dir(&city).unwrap();
    fs::copy(Path::new(ROOT).join("data/danang/city.toml"), city.join("city.toml")).unwrap();
    let layers = folder.path().join("layers");
    fs::create_dir(&layers).unwrap();

    let keys_of = |url: &str| {
        let url = url.to_owned();
        let args = ["--data-dir", &data_dir, "--database-url", &url, "--layers"];
        let more = ["--city", city.to_str().unwrap()];
        let layers = [layers.to_str().unwrap()];
        let mut up = Up::start_with(&[&args[..], &layers, &more].concat());
        let held = fs::read_to_string(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(up.operator_key, held.trim_end());
        assert_eq!(up.end(), Some(0));
        assert!(!up.log().contains(held.trim_end()), "the log tells no key");
        let listed = run(&["key", "list", "--json", "--database-url", &url]);
        (held, reports(&listed)[0].clone())
    };
    let (first, second) = (CLUSTER.create_database(), CLUSTER.create_database());
    let (key, listed) = keys_of(&first);
    assert_eq!(
        (&listed[0]["level"], &listed[0]["label"]),
        (&"restricted".into(), &"operator".into())
    );
    let scopes = serde_json::json!(["read", "ingest", "dispatch", "admin"]);
    assert_eq!(listed[0]["scopes"], scopes);
    assert_eq!(keys_of(&first), (key.clone(), listed.clone()), "the same at the next start");

    psql(&first, "UPDATE urbis.api_key SET scopes = '{read}', level = 'internal'");
    assert_eq!(keys_of(&first).1, listed, "an older program's key is brought up to everything");

    let (same, other) = keys_of(&second);
    assert_eq!(
        (same, &other[0]["id"]),
        (key.clone(), &listed[0]["id"]),
        "in an empty database too"
    );

    // A copy that others can read is closed to them.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(keys_of(&first).0, key);

    let id = listed[0]["id"].as_str().unwrap();
    assert!(run(&["key", "revoke", id, "--database-url", &second]).status.success());
    let (another, listed) = keys_of(&second);
    assert_ne!(another, key, "a key that was revoked stays so");
    assert_eq!(listed.as_array().unwrap().len(), 2);

    fs::write(&path, "urbis_nonsense").unwrap();
    let refused =
        run(&["up", "--data-dir", &data_dir, "--database-url", &second, "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("remove the file"), "{refused:?}");
}
