//! Finished tiles: served as long as they are right, built once, told apart by class and coding.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use urbis_model::{AttributeValue, ChangeBatch, LayerChange, Revision};

use crate::city::{Service, TILE, layer_id, small_city, street, ward};
use crate::classified::{Classified, TILE_ADDRESS, place};

const STREETS: &str = "/tiles/street/14/13117/7451";

#[tokio::test]
async fn a_tile_is_built_once_and_then_served_as_it_lies() {
    let service = Service::start();
    let first = service.get(TILE).await;
    for _ in 0..3 {
        let again = service.get(TILE).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        for name in ["etag", "content-type", "vary", "cache-control", "urbis-revision"] {
            assert_eq!(again.header(name), first.header(name), "{name}");
        }
        let cors = "access-control-allow-origin";
        assert_eq!(again.header(cors), first.header(cors));
    }
    assert_eq!(service.builds().await, 1);
    assert_eq!(service.metric("urbis_tile_cache_hits_total").await, 3);
    assert_eq!(service.metric("urbis_tile_cache_misses_total").await, 1);
    assert_eq!(service.metric("urbis_tile_cache_tiles").await, 1);
}

#[tokio::test]
async fn an_edit_in_a_tile_gives_new_bytes_under_a_new_tag() {
    let service = Service::start();
    // Below zoom 16 the tile of zoom 16 above answers for all.
    let deep = ["/tiles/street/16/52469/29805", "/tiles/street/18/209879/119221"];
    for path in [TILE, STREETS].into_iter().chain(deep) {
        assert_eq!(service.get(path).await.status, 200, "{path}");
    }
    let before = service.get(STREETS).await;
    let deep_before = service.get(deep[1]).await;
    service.change("street", street(1, 0.0001));
    let after = service.get(STREETS).await;
    assert_ne!(after.body, before.body);
    assert_ne!(after.header("etag"), before.header("etag"));
    assert_eq!(after.header("urbis-revision"), Some("8"));
    assert_ne!(service.get(deep[1]).await.header("etag"), deep_before.header("etag"));
    service.change("street", street(1, 0.0));
    let undone = service.get(STREETS).await;
    assert_eq!((&undone.body, undone.header("etag")), (&before.body, before.header("etag")));
}

#[tokio::test]
async fn an_edit_elsewhere_of_another_layer_or_at_deeper_zooms_leaves_the_tile_as_it_lies() {
    let service = Service::start();
    let untouched = [
        // The layer, but not the place.
        "/tiles/street/14/13119/7451",
        // The place, but another layer.
        "/tiles/ward/14/13117/7451",
        // The place, but streets begin at zoom 8.
        "/tiles/land,street/7/102/58",
    ];
    for path in untouched {
        service.get(path).await;
    }
    let before = service.builds().await;
    service.change("street", street(1, 0.0001));
    for path in untouched {
        let answer = service.get(path).await;
        assert_eq!(answer.header("urbis-revision"), Some("8"), "{path}");
    }
    assert_eq!(service.builds().await, before, "one of them was built again");
    service.get(STREETS).await;
    assert_eq!(service.builds().await, before + 1);
}

#[tokio::test]
async fn an_edit_of_what_a_class_does_not_see_leaves_its_tile_as_it_lies() {
    let city = Classified::start();
    let path = format!("/tiles/place/{TILE_ADDRESS}");
    let tiles = async || {
        let mut tiles = Vec::new();
        for (_, key) in &city.keys {
            let bearer = key.as_ref().map(|key| format!("Bearer {key}"));
            let headers: Vec<_> = bearer.iter().map(|key| ("authorization", &key[..])).collect();
            tiles.push(city.service.request("GET", &path, &headers).await);
        }
        tiles
    };
    let before = tiles().await;
    assert_eq!(city.service.builds().await, 3, "one for each class");
    for (class, again) in before.iter().zip(tiles().await) {
        assert_eq!((&again.body, again.header("etag")), (&class.body, class.header("etag")));
    }
    assert_eq!(city.service.builds().await, 3);

    city.service.change("place", place(2, "Camp Beta", "barracks"));
    let after = tiles().await;
    assert_eq!(city.service.builds().await, 5, "for two of three");
    assert_eq!(after[0].header("etag"), before[0].header("etag"));
    for (class, text) in after.iter().map(|tile| String::from_utf8_lossy(&tile.body)).enumerate() {
        assert_eq!(text.contains("Camp Beta"), class > 0, "{class}");
        assert_eq!(text.contains("Pit Bravo"), class > 1, "{class}");
        assert!(!text.contains("Camp Alpha"), "{class}");
    }
}

#[tokio::test]
async fn each_coding_is_a_finished_tile_of_its_own() {
    let service = Service::start();
    let mut tags = Vec::new();
    for coding in ["identity", "gzip", "br"] {
        let ask = async || service.request("GET", TILE, &[("accept-encoding", coding)]).await;
        let (built, kept) = (ask().await, ask().await);
        assert_eq!((&built.body, built.header("etag")), (&kept.body, kept.header("etag")));
        assert_eq!(kept.header("content-encoding").unwrap_or("identity"), coding);
        tags.push(kept.header("etag").unwrap().to_owned());
    }
    assert_eq!(service.builds().await, 3);
    tags.dedup();
    assert_eq!(tags.len(), 3);
    // A browser takes both; a tile that is packed while it waits is packed by the quicker one.
    let browser = [("accept-encoding", "gzip, deflate, br, zstd")];
    let answer = service.request("GET", TILE, &browser).await;
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    assert_eq!(service.builds().await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn five_hundred_clients_of_one_cold_tile_cost_one_build() {
    let service = Arc::new(Service::start());
    let clients: Vec<_> = (0..500)
        .map(|_| {
            let service = Arc::clone(&service);
            tokio::spawn(async move { service.get(TILE).await })
        })
        .collect();
    let mut bodies = Vec::new();
    for client in clients {
        let answer = client.await.unwrap();
        assert_eq!(answer.status, 200);
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    assert_eq!(service.builds().await, 1);
    let hits = service.metric("urbis_tile_cache_hits_total").await;
    assert_eq!(hits + service.metric("urbis_tile_cache_misses_total").await, 500);
}

#[tokio::test]
async fn head_and_304_build_nothing() {
    // The tag is of the content: another node over the same city gives it, too.
    let known = Service::start().get(TILE).await;
    let etag = known.header("etag").unwrap();
    let service = Service::start();
    let held = service.request("GET", TILE, &[("if-none-match", etag)]).await;
    assert_eq!((held.status.as_u16(), held.header("etag")), (304, Some(etag)));
    let head = service.request("HEAD", TILE, &[]).await;
    assert_eq!((head.status.as_u16(), head.header("etag")), (200, Some(etag)));
    // Nobody knows it, and 0 would be wrong.
    assert_eq!(head.header("content-length"), None);
    let headers = [("if-none-match", etag)];
    assert_eq!(service.request("HEAD", TILE, &headers).await.status, 304);
    assert_eq!(service.builds().await, 0);

    let changed = service.request("GET", TILE, &[("if-none-match", "\"other\"")]).await;
    assert_eq!(changed.body, known.body);
    let head = service.request("HEAD", TILE, &[]).await;
    assert_eq!(head.header("content-length"), Some(&*known.body.len().to_string()));
    assert_eq!(service.builds().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_revision_an_answer_names_its_bytes_are_of_that_revision() {
    const REVISIONS: u64 = 150;
    let service = Arc::new(Service::start());
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..6)
        .map(|reader| {
            let (service, done) = (Arc::clone(&service), Arc::clone(&done));
            tokio::spawn(async move {
                let path = ["/tiles/ward/14/13117/7451", "/tiles/ward/10/819/465"][reader % 2];
                let mut last = 0;
                while !done.load(Ordering::Relaxed) {
                    let answer = service.get(path).await;
                    let revision = answer.header("urbis-revision").unwrap().to_owned();
                    let text = String::from_utf8_lossy(&answer.body).into_owned();
                    let shown =
                        if revision == "7" { "Hải Châu" } else { &*format!("r{revision}.") };
                    assert!(text.contains(shown), "{revision} shows {text}");
                    let revision: u64 = revision.parse().unwrap();
                    assert!(revision >= last, "{revision} after {last}");
                    last = revision;
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for revision in 8..=REVISIONS {
        let mut renamed = ward(101, 108.20);
        renamed.attributes[1] = AttributeValue::text(format!("r{revision}."));
        let service = Arc::clone(&service);
        tokio::task::spawn_blocking(move || service.change("ward", renamed)).await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test]
async fn a_layer_that_is_loaded_anew_and_a_city_that_is_make_its_tiles_new() {
    let service = Service::start();
    let before = service.get(STREETS).await;
    let wards = service.get("/tiles/ward/14/13117/7451").await;
    let reset = LayerChange::Reset(vec![street(1, 0.0)]);
    service.apply(ChangeBatch { layers: [(layer_id("street"), reset)].into() });
    assert_ne!(service.get(STREETS).await.body, before.body);
    let builds = service.builds().await;
    service.get("/tiles/ward/14/13117/7451").await;
    assert_eq!(service.builds().await, builds, "of a layer that was not loaded");

    let (anew, _) = small_city().apply(Revision(20), ChangeBatch::default());
    service.show(anew);
    let again = service.get(STREETS).await;
    assert_eq!((&again.body, again.header("urbis-revision")), (&before.body, Some("20")));
    let again = service.get("/tiles/ward/14/13117/7451").await;
    assert_eq!(again.header("etag"), wards.header("etag"));
    assert_eq!(service.builds().await, builds + 2);
}

#[tokio::test]
async fn more_changes_than_are_told_apart_make_tiles_new_and_never_stale() {
    let service = Service::start();
    let paths = [STREETS, "/tiles/street/14/13117/7450", "/tiles/street/10/819/465"];
    for path in paths {
        service.get(path).await;
    }
    let before = service.builds().await;
    let many = (1_000..5_200).map(|id| street(id, (id - 1_000) as f64 * 1e-6));
    service.change_many("street", many.collect());
    for path in paths {
        let fresh = Service::start_empty();
        fresh.show(service.shown());
        let (kept, built) = (service.get(path).await, fresh.get(path).await);
        assert_eq!((&kept.body, kept.header("etag")), (&built.body, built.header("etag")));
    }
    assert_eq!(service.builds().await, before + 3);
}

#[tokio::test]
async fn without_room_every_tile_is_built_and_right() {
    let service = Service::with(|settings| settings.tile_cache_mb = 0);
    service.show(small_city());
    let first = service.get(TILE).await;
    assert_eq!(service.get(TILE).await.body, first.body);
    assert_eq!(service.builds().await, 2);
    assert_eq!(service.metric("urbis_tile_cache_tiles").await, 0);
}
