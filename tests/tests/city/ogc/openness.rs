//! What a caller may not see does not exist below `/ogc`; a key opens it.

use urbis_catalog::Catalog;
use urbis_model::Openness;
use urbis_tests::{City, ROOT};

use super::{href, ids, json, path_of};

#[test]
fn what_is_hidden_does_not_exist_and_a_key_opens_it() {
    let city = City::start();
    let catalog = Catalog::load(&ROOT.join("layers")).expect("the catalogue is valid");
    let key = city.key("restricted");
    for layer in catalog.layers().filter(|layer| layer.openness > Openness::Open) {
        for path in ["", "/items", "/items/1", "/queryables", "/schema", "/tiles"] {
            let path = format!("/ogc/collections/{}{path}", layer.id);
            let answer = city.fetch(&path);
            let invented = city.fetch(&path.replace(layer.id.as_str(), "no_such_layer"));
            assert_eq!(answer.status, 404, "{path}");
            let said = answer.text().replace(layer.id.as_str(), "no_such_layer");
            assert_eq!(said, invented.text(), "{path}");
        }
        let opened = city.fetch_with(&key, &format!("/ogc/collections/{}", layer.id));
        assert_eq!(opened.status, 200);
    }
    for layer in catalog.layers().filter(|layer| layer.openness == Openness::Open) {
        let hidden = layer.attributes.iter().filter(|a| layer.openness_of(a) > Openness::Open);
        for attribute in hidden {
            let asked = |name: &str| {
                let items = format!("/ogc/collections/{}/items", layer.id);
                let name_of = |text: String| text.replace(name, "it");
                [
                    format!("{items}?filter={name}%20IS%20NULL"),
                    format!("{items}?{name}=1"),
                    format!("{items}?properties={name}"),
                ]
                .map(|path| city.fetch(&path))
                .map(|answer| (answer.status, name_of(answer.text())))
            };
            let (of_hidden, of_none) = (asked(&attribute.name), asked("no_such_thing"));
            for ((status, said), (_, of_none)) in of_hidden.into_iter().zip(of_none) {
                assert_eq!(status, 400);
                assert!(!said.contains("restricted") && !said.contains("internal"), "{said}");
                // Hints go by the spelling of what was asked; codes and texts are the same.
                let code = |text: &str| {
                    let problem: serde_json::Value = serde_json::from_str(text).expect("JSON");
                    (problem["code"].clone(), problem["detail"].clone())
                };
                assert_eq!(code(&said), code(&of_none), "{} {}", layer.id, attribute.name);
            }
        }
    }
}

#[test]
fn an_answer_for_a_key_is_for_no_cache_of_others() {
    let city = City::start();
    let key = city.key("restricted");
    let path = "/ogc/collections/camera/items";
    let answer = city.fetch_with(&key, path);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.header("cache-control").is_some_and(|value| value.starts_with("private")));
    assert!(answer.header("vary").is_some_and(|value| value.contains("Authorization")));
    let password = base64_of(&format!("planner:{key}"));
    let basic = city.request("GET", path, &[("Authorization", &format!("Basic {password}"))]);
    assert_eq!(basic.status, 200);
    let page = json(&city, "/ogc/collections/admin_unit/items?limit=5");
    let next = path_of(&city, href(&page, "next"));
    let first = ids(page["features"].as_array().expect("features"));
    let second = ids(json(&city, next)["features"].as_array().expect("features"));
    assert!(first.iter().all(|id| !second.contains(id)));
}

fn base64_of(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}
