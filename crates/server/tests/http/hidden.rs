//! What changes above a caller's class changes nothing in what the caller gets.

use std::sync::Arc;

use urbis_catalog::Catalog;
use urbis_model::{Feature, KeyScope, Moment, Openness, Revision, Validity};
use urbis_snapshot::City;

use crate::city::{Service, TILE, layer_id, small_catalog, street, ward};
use crate::classified::issue;

fn city(catalog: Arc<Catalog>, shelters: Vec<Feature>) -> City {
    let features = vec![
        (layer_id("ward"), vec![ward(101, 108.20)]),
        (layer_id("street"), vec![street(1, 0.0)]),
        (layer_id("shelter"), shelters),
    ];
    City::build(catalog, Revision(7), features, Moment(0))
}

fn service(city: City) -> Service {
    let service = Service::start_empty();
    service.state.publish_anew(city);
    service
}

#[tokio::test]
async fn a_hidden_layer_that_comes_or_goes_moves_no_version_and_no_etag() {
    let with = small_catalog();
    let seen = with.layers().filter(|layer| layer.openness == Openness::Open).cloned();
    let without = Arc::new(Catalog::from_layers(seen.collect()).unwrap());
    assert_ne!(with.hash(), without.hash());
    let one = service(city(with, vec![street(900, 0.0)]));
    let other = service(city(without, vec![]));
    for path in [TILE, "/tiles/ward", "/tiles/land,street", "/layers", "/health/ready"] {
        let (one, other) = (one.get(path).await, other.get(path).await);
        if path != "/health/ready" {
            assert_eq!(one.header("etag"), other.header("etag"), "{path}");
            assert_eq!(one.body, other.body, "{path}");
        }
        assert_eq!((one.status.as_u16(), other.status.as_u16()), (200, 200), "{path}");
    }
}

#[tokio::test]
async fn a_hidden_feature_that_ends_moves_the_moment_of_those_who_may_see_it_alone() {
    let ends = Validity { from: None, to: Some(Moment(1_000_000)) };
    let city = city(small_catalog(), vec![Feature { validity: ends, ..street(900, 0.0) }]);
    let service = service(city.clone());
    let (record, key) = issue(Openness::Restricted, vec![KeyScope::Read]);
    service.state.set_keys(vec![record]);
    let bearer = format!("Bearer {key}");
    let keyed = [("authorization", bearer.as_str())];
    let (city, changes) = city.advance(Revision(8), Moment(5_000_000));
    service.state.publish(city, changes);
    for path in ["/health/ready", "/layers"] {
        let open = service.get(path).await.json();
        assert_eq!(open["moment"], "1970-01-01T07:00:00+07:00", "{path}");
        let all = service.request("GET", path, &keyed).await.json();
        assert_eq!(all["moment"], "1970-01-01T07:00:01+07:00", "{path}");
    }
}
