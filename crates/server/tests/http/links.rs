//! Links are absolute, from the configured base or from what the request says.

use std::sync::Arc;

use serde_json::Value;
use urbis_catalog::Catalog;
use urbis_catalog::style::Style;
use urbis_model::{Moment, Revision};
use urbis_snapshot::City;

use crate::city::Service;

#[tokio::test]
async fn links_start_with_the_host_that_was_asked() {
    let service = Service::start();
    check_links(&service, &[], "http://city.example").await;
    let untrusted = [("x-forwarded-proto", "https"), ("x-forwarded-host", "evil.example")];
    check_links(&service, &untrusted, "http://city.example").await;
}

#[tokio::test]
async fn links_start_with_the_configured_base() {
    let service = Service::with(|settings| {
        settings.public_url = Some("https://maps.example/city/".parse().unwrap());
    });
    service.state.publish_anew(crate::city::small_city());
    check_links(&service, &[], "https://maps.example/city").await;
    let page = service.get("/").await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("connect-src 'self' https://maps.example;"), "{policy}");
}

#[tokio::test]
async fn a_style_keeps_every_brace_that_is_not_the_base() {
    let service = Service::start();
    let style = service.get("/styles/city.json").await.json();
    assert_eq!(style["layers"][0]["layout"]["text-field"], "{name}");
    assert_eq!(style, service.get("/styles/city").await.json());
}

#[tokio::test]
async fn the_bundled_styles_are_served_with_absolute_links() {
    let files = urbis_server::Files::embedded();
    let service = Service::with(|settings| settings.files = files);
    let layers = concat!(env!("CARGO_MANIFEST_DIR"), "/../../layers");
    let catalog = Arc::new(Catalog::load(layers.as_ref()).unwrap());
    service.state.publish_anew(City::build(catalog, Revision(1), vec![], Moment(0)));
    let styles: Vec<Style> = (files.style_paths)()
        .iter()
        .filter_map(|path| Some((path, path.strip_suffix(".json")?)))
        .map(|(path, id)| {
            let template = serde_json::from_slice(&(files.style)(path).unwrap()).unwrap();
            Style::parse(id, template).unwrap()
        })
        .collect();
    for id in styles.iter().flat_map(Style::ids) {
        let answer = service.get(&format!("/styles/{id}.json")).await;
        assert_eq!(answer.status, 200, "{id}");
        let style = answer.json();
        assert_eq!(style["version"], 8, "{id}");
        assert!(!style.to_string().contains("{base}"), "{id}");
        let plain = service.get(&format!("/styles/{id}/qgis")).await;
        assert_eq!(plain.status, 200, "{id}");
        assert_eq!(plain.json()["sources"], style["sources"], "{id}");
        assert!(!plain.json().to_string().contains("\"slice\""), "{id}");
    }
}

async fn check_links(service: &Service, headers: &[(&str, &str)], base: &str) {
    let tilejson = service.request("GET", "/tiles/ward,traffic", headers).await.json();
    assert_eq!(tilejson["tiles"][0], format!("{base}/tiles/ward,traffic/{{z}}/{{x}}/{{y}}"));
    let style = service.request("GET", "/styles/city", headers).await.json();
    assert_eq!(style["sprite"], format!("{base}/sprites/urbis"));
    assert_eq!(style["glyphs"], format!("{base}/fonts/{{fontstack}}/{{range}}.pbf"));
    assert_eq!(style["sources"]["urbis"]["url"], format!("{base}/tiles/ward,street"));
    for document in [tilejson, style] {
        check_all(&document, base);
    }
}

/// Every text that looks like a link starts with the base.
fn check_all(value: &Value, base: &str) {
    match value {
        Value::String(text) if text.contains("://") || text.starts_with('/') => {
            assert!(text.starts_with(base), "{text}");
        }
        Value::Array(items) => items.iter().for_each(|item| check_all(item, base)),
        Value::Object(members) => members.values().for_each(|member| check_all(member, base)),
        _ => {}
    }
}
