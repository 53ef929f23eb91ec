//! What is above a caller's class exists in no answer, and below it in all where it belongs.

use urbis_model::{KeyScope, Openness};

use crate::city::Answer;
use crate::classified::{Classified, TILE_ADDRESS, issue};

/// Requests that answer everybody, by a short name.
const ENDPOINTS: [(&str, &str); 14] = [
    ("page", "/"),
    ("layers", "/layers"),
    ("health", "/health/ready"),
    ("tilejson", "/tiles/land"),
    ("tile", "/tiles/land/14/13117/7451"),
    ("nearest", "/nearest/place?lon=108.22&lat=16.06"),
    ("at", "/at?lon=108.22&lat=16.06&on=2026-01-01"),
    ("style", "/styles/day"),
    ("dark style", "/styles/night.json"),
    ("sprite", "/sprites/urbis.json"),
    ("hint", "/tiles/bunkerr"),
    ("explain", "/tiles/land/14/13117/7451/explain"),
    ("report", "/tiles/land/report"),
    ("metrics", "/metrics"),
];

/// A word, who may see it, and the answers that then hold it.
const WORDS: [(&str, Openness, &[&str]); 21] = [
    // A code of an open layer: itself, its name, its icon and colour, the feature that has it.
    ("barracks", Openness::Internal, &["layers", "tile", "nearest", "style", "dark style"]),
    ("Troops", Openness::Internal, &["layers"]),
    ("tent", Openness::Internal, &["layers", "style", "dark style", "sprite"]),
    ("#0000aa", Openness::Internal, &["layers", "style", "dark style"]),
    ("Camp Alpha", Openness::Internal, &["tile", "nearest"]),
    ("silo", Openness::Restricted, &["layers", "tile", "nearest", "style", "dark style"]),
    ("Missiles", Openness::Restricted, &["layers"]),
    ("rocket", Openness::Restricted, &["layers", "style", "dark style", "sprite"]),
    ("#aa0000", Openness::Restricted, &["layers", "style", "dark style"]),
    ("Pit Bravo", Openness::Restricted, &["tile", "nearest"]),
    // An attribute of an open layer.
    ("phone", Openness::Internal, &PHONE),
    ("0905123456", Openness::Internal, &["tile", "nearest", "at"]),
    // Layers with a theme of their own.
    ("pipe", Openness::Internal, &["layers", "health", "at", "style", "dark style", "metrics"]),
    ("Valve Charlie", Openness::Internal, &["at"]),
    ("water_supply", Openness::Internal, &["layers", "style", "dark style"]),
    ("Waterworks", Openness::Internal, &["layers"]),
    ("Dawaco", Openness::Internal, &["layers"]),
    ("Vault Delta", Openness::Restricted, &["at"]),
    ("Strongholds", Openness::Restricted, &["layers"]),
    ("Ministry", Openness::Restricted, &["layers"]),
    ("'bunker'", Openness::Restricted, &["hint"]),
];

const PHONE: [&str; 7] = ["layers", "tilejson", "tile", "nearest", "at", "style", "dark style"];

#[tokio::test]
async fn what_is_above_a_class_exists_for_higher_classes_only() {
    let city = Classified::start();
    for (class, key) in &city.keys {
        for (name, path) in ENDPOINTS {
            let answer = ask(&city, key.as_deref(), path).await;
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            for (word, level, places) in WORDS {
                let expected = *class >= level && places.contains(&name);
                assert_eq!(text.contains(word), expected, "{word} in {name} for {class}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn counts_and_features_are_those_of_the_class() {
    let city = Classified::start();
    let expected = [
        (Openness::Open, serde_json::json!({"place": 1}), 1),
        (Openness::Internal, serde_json::json!({"pipe": 1, "place": 2}), 2),
        (Openness::Restricted, serde_json::json!({"bunker": 1, "pipe": 1, "place": 3}), 3),
    ];
    for ((class, key), (level, counts, places)) in city.keys.iter().zip(expected) {
        assert_eq!(*class, level);
        let key = key.as_deref();
        assert_eq!(ask(&city, key, "/health/ready").await.json()["layers"], counts, "{class}");
        let list = ask(&city, key, "/layers").await.json();
        assert_eq!(list["class"], class.as_str());
        for layer in list["layers"].as_array().unwrap() {
            let is_made_up = layer["id"] == "pipe";
            assert_eq!(layer["synthetic"], is_made_up, "{class}: {layer}");
            assert_eq!(layer["sources"][0]["synthetic"], is_made_up, "{class}: {layer}");
        }
        let described: serde_json::Map<_, _> = list["layers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|layer| (layer["id"].as_str().unwrap().to_owned(), layer["count"].clone()))
            .collect();
        assert_eq!(serde_json::Value::Object(described), counts, "{class}");
        let nearest = ask(&city, key, "/nearest/place?lon=108.22&lat=16.06").await.json();
        assert_eq!(nearest["features"].as_array().unwrap().len(), places, "{class}");
    }
}

#[tokio::test]
async fn a_layer_and_a_theme_above_the_class_are_as_unknown_as_any() {
    let city = Classified::start();
    for (level, names) in [
        (Openness::Internal, ["pipe", "water_supply"]),
        (Openness::Restricted, ["bunker", "defence"]),
    ] {
        for name in names {
            for path in [
                format!("/tiles/{name}"),
                format!("/tiles/{name}/{TILE_ADDRESS}"),
                format!("/tiles/place,{name}"),
            ] {
                check_hidden(&city, level, name, &path).await;
            }
        }
        let path = format!("/nearest/{}?lon=108.22&lat=16.06", names[0]);
        check_hidden(&city, level, names[0], &path).await;
    }
}

/// Compares with the answer about a name that nothing has.
async fn check_hidden(city: &Classified, level: Openness, name: &str, path: &str) {
    for (class, key) in &city.keys {
        let answer = ask(city, key.as_deref(), path).await;
        if *class >= level {
            assert_eq!(answer.status, 200, "{path} for {class}");
            continue;
        }
        let nothing = "q".repeat(name.len());
        let unknown = ask(city, key.as_deref(), &path.replace(name, &nothing)).await;
        assert_eq!(answer.status, unknown.status, "{path} for {class}");
        let text = String::from_utf8(answer.body).unwrap();
        assert_eq!(text.replace(name, &nothing), String::from_utf8(unknown.body).unwrap());
    }
}

#[tokio::test]
async fn a_tag_of_one_class_is_no_tag_of_another() {
    let city = Classified::start();
    for path in ["/tiles/land/14/13117/7451", "/layers", "/styles/day", "/sprites/urbis.json"] {
        let mut tags = Vec::new();
        for (_, key) in &city.keys {
            tags.push(ask(&city, key.as_deref(), path).await.header("etag").unwrap().to_owned());
        }
        for (index, (class, key)) in city.keys.iter().enumerate() {
            for (held, tag) in tags.iter().enumerate() {
                let mut headers = vec![("if-none-match", tag.as_str())];
                let bearer = key.as_ref().map(|key| format!("Bearer {key}"));
                headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
                let answer = city.service.request("GET", path, &headers).await;
                let expected = if index == held { 304 } else { 200 };
                assert_eq!(answer.status, expected, "{path}: tag {held} for {class}");
            }
        }
    }
}

#[tokio::test]
async fn an_icon_above_the_class_has_no_address_of_its_own() {
    let city = Classified::start();
    for path in ["/sprites/restricted/urbis.json", "/sprites/restricted%2Furbis.json"] {
        assert_eq!(ask(&city, None, path).await.status, 404, "{path}");
    }
    let problem = ask(&city, None, "/sprites/urbi.json").await.json();
    assert_eq!(problem["hint"], "did you mean 'urbis.json'?");
}

#[tokio::test]
async fn a_key_that_may_not_read_sees_what_everybody_sees() {
    let city = Classified::start();
    let (record, key) = issue(Openness::Restricted, vec![KeyScope::Ingest]);
    city.service.state.set_keys(vec![record]);
    for (name, path) in ENDPOINTS {
        let keyed = ask(&city, Some(&key), path).await;
        let open = ask(&city, None, path).await;
        // Ages, counts and times in them go on.
        if !["health", "metrics", "explain"].contains(&name) {
            assert_eq!(keyed.body, open.body, "{name}");
        }
        let private = keyed.header("cache-control").unwrap().starts_with("private, ");
        assert!(private || name == "hint", "{name}: an answer to a key is its holder's");
    }
    assert_eq!(ask(&city, Some(&key), "/layers").await.json()["class"], "open");
}

async fn ask(city: &Classified, key: Option<&str>, path: &str) -> Answer {
    match key {
        Some(key) => {
            let bearer = format!("Bearer {key}");
            city.service.request("GET", path, &[("authorization", &bearer)]).await
        }
        None => city.service.get(path).await,
    }
}
