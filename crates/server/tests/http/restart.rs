//! What was acknowledged outlives the process, and needs no database to do so.

use std::sync::Arc;

use serde_json::json;
use urbis_model::{KeyScope, Openness};

use crate::city::Service;
use crate::classified::issue;
use crate::roads::{
    RoadCity, ids, new_id, open_live, real, road_catalog, road_city, seconds_ago, simulated, south,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let city = RoadCity::start().await;
    city.report(&[simulated("near", (108.215, 16.06)), simulated("far", (108.235, 16.06))]).await;
    let busy = json!({"id": new_id(), "unit_id": "far", "observed_at": seconds_ago(0),
                      "status": "on_scene"});
    city.report(std::slice::from_ref(&busy)).await;
    city.report_roads(&[json!({"id": "w", "segment": south(3), "depth_m": 0.1})]).await;
    city.report_roads(&[json!({"id": "gone", "segment": south(2), "closed": true})]).await;
    city.report_roads(&[json!({"id": "gone", "cleared": true})]).await;
    let before = city.ask("/live/units").await.json()["features"].clone();

    // As if it were killed: nothing is closed, the folder alone is left.
    let folder = Arc::clone(&city.folder);
    drop(city);
    let city = RoadCity::start_in(folder).await;
    city.service.show(road_city(1));
    let after = city.ask("/live/units").await.json()["features"].clone();
    for (before, after) in before.as_array().unwrap().iter().zip(after.as_array().unwrap()) {
        for name in ["status", "status_since", "title", "observed_at", "is_on_road"] {
            assert_eq!(before["properties"][name], after["properties"][name], "{name}");
        }
        assert_eq!(before["geometry"], after["geometry"]);
    }
    assert_eq!(city.candidates().await, ["near"]);
    let basis = city.ask("/dispatch/candidates?lon=108.22&lat=16.06").await.json();
    assert_eq!(basis["basis"]["condition_count"], 1, "{basis}");
    // A client that got no answer sends again, and nothing changes.
    let again = city.report(&[busy]).await.json();
    assert_eq!(
        (&again["accepted"], &again["counts"]["duplicate"]),
        (&1.into(), &1.into()),
        "{again}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_takes_reports_before_it_has_a_city() {
    let city = RoadCity::start_without_city().await;
    let answer = city.report(&[real("a", (108.215, 16.06), "internal")]).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let body = answer.json();
    assert_eq!((&body["stored"], &body["epoch"]), (&"spool".into(), &serde_json::Value::Null));
    city.report_roads(&[json!({"id": "w", "segment": south(0), "closed": true})]).await;
    assert_eq!(city.service.get("/health/ready").await.status, 503);

    city.service.show(road_city(1));
    let answer = city.ask("/dispatch/candidates?lon=108.22&lat=16.06").await.json();
    assert_eq!(ids(&answer["candidates"]), ["a"]);
    assert_eq!(answer["basis"]["condition_count"], 1);
    assert_eq!(answer["candidates"][0]["is_simulated"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_known_from_before_and_others_wait_for_the_database() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let service = Service::start_empty();
    open_live(&service, folder.path()).await;
    let (record, key) = issue(Openness::Internal, vec![KeyScope::Ingest]);
    let (mut revoked, revoked_key) = issue(Openness::Internal, vec![KeyScope::Ingest]);
    revoked.revoked_at = Some(urbis_model::Moment(1));
    service.state.set_keys(vec![record, revoked]);
    service.state.close_live().await;
    drop(service);

    let service = Service::start_empty();
    service.state.expect_catalog(road_catalog());
    open_live(&service, folder.path()).await;
    let send = async |key: &str| {
        let bearer = format!("Bearer {key}");
        let line = simulated("a", (108.21, 16.06)).to_string();
        service.post("/live/positions", &[("authorization", &bearer)], line).await.status.as_u16()
    };
    let (_, unknown) = issue(Openness::Internal, vec![KeyScope::Ingest]);
    assert_eq!([send(&key).await, send(&revoked_key).await, send(&unknown).await], [200, 503, 503]);
    // No secret of any kind lies beside the spool.
    let kept = std::fs::read_to_string(folder.path().join("keys.json")).unwrap();
    assert!(!kept.contains(key.splitn(3, '_').nth(2).unwrap()));
}
