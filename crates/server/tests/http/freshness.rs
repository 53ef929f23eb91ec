//! Validators, caching, coding, and what an answer says of its age.

use crate::city::{Service, TILE, street, ward};

const READS: [&str; 6] = [
    TILE,
    "/tiles/ward",
    "/layers",
    "/at?lon=108.22&lat=16.06",
    "/nearest/street?lon=108.22&lat=16.06",
    "/styles/city",
];

#[tokio::test]
async fn every_read_names_its_revision_its_age_and_how_it_varies() {
    let service = Service::start();
    for path in READS {
        let answer = service.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("urbis-revision"), Some("7"), "{path}");
        assert!(answer.header("urbis-age-ms").unwrap().parse::<u64>().unwrap() < 10_000, "{path}");
        assert_eq!(answer.header("vary"), Some("Accept, Accept-Encoding, Authorization"), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{path}");
        let exposed = answer.header("access-control-expose-headers").unwrap();
        assert!(exposed.contains("Urbis-Revision") && exposed.contains("Urbis-Age-Ms"), "{path}");
        assert!(answer.header("etag").is_some(), "{path}");
        assert!(answer.header("cache-control").is_some(), "{path}");
    }
    let tile = service.get(TILE).await;
    assert_eq!(tile.header("content-type"), Some("application/vnd.mapbox-vector-tile"));
    assert_eq!(
        tile.header("cache-control"),
        Some("public, max-age=60, stale-while-revalidate=600, stale-if-error=86400")
    );
}

#[tokio::test]
async fn a_client_that_holds_this_version_gets_a_304_without_a_body() {
    let service = Service::start();
    for path in READS {
        for encoding in ["identity", "gzip", "br"] {
            let accept = ("accept-encoding", encoding);
            let first = service.request("GET", path, &[accept]).await;
            let etag = first.header("etag").unwrap();
            for held in [etag.to_owned(), format!("\"x\", W/{etag}"), "*".to_owned()] {
                let again = service.request("GET", path, &[accept, ("if-none-match", &held)]).await;
                assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path} {held}");
                for name in ["etag", "vary", "cache-control", "urbis-revision"] {
                    assert_eq!(again.header(name), first.header(name), "{path} {name}");
                }
                assert_eq!(again.header("content-encoding"), None);
            }
        }
    }
}

#[tokio::test]
async fn each_coding_has_its_own_tag_and_unpacks_to_the_same_bytes() {
    let service = Service::start();
    for path in READS {
        let plain = service.get(path).await;
        assert_eq!(plain.header("content-encoding"), None);
        if plain.body.len() <= 512 {
            continue;
        }
        for encoding in ["gzip", "br"] {
            let packed = service.request("GET", path, &[("accept-encoding", encoding)]).await;
            assert_eq!(packed.header("content-encoding"), Some(encoding), "{path}");
            assert!(packed.body.len() < plain.body.len(), "{path} {encoding}");
            assert_ne!(packed.header("etag"), plain.header("etag"), "{path} {encoding}");
            assert_eq!(packed.unpacked(), plain.body, "{path} {encoding}");
        }
    }
    assert!(service.get(TILE).await.body.len() > 512, "the tile is worth packing");
}

#[tokio::test]
async fn a_change_gives_new_tags_where_it_shows_and_there_only() {
    let service = Service::start();
    let etags = async || {
        let mut tags = Vec::new();
        for path in [
            TILE,
            "/tiles/ward/14/13117/7451",
            "/tiles/street/14/13117/7451",
            "/tiles/street/14/13119/7451",
        ] {
            tags.push(service.get(path).await.header("etag").unwrap().to_owned());
        }
        tags
    };
    let before = etags().await;
    service.change("street", street(1, 0.0001));
    let after = etags().await;
    let changed: Vec<bool> = before.iter().zip(&after).map(|(a, b)| a != b).collect();
    assert_eq!(changed, [true, false, true, false]);
    assert_eq!(service.get(TILE).await.header("urbis-revision"), Some("8"));
}

#[tokio::test]
async fn what_the_public_may_not_see_shows_nowhere() {
    let service = Service::start();
    for path in ["/layers", "/tiles/ward", "/at?lon=108.22&lat=16.06", "/health/ready"] {
        let text = String::from_utf8(service.get(path).await.body).unwrap();
        for word in ["shelter", "emergency", "note", "secret"] {
            assert!(!text.contains(word), "{path} tells of {word}");
        }
    }
    let nearest = service.get("/nearest/ward?lon=108.22&lat=16.06").await.json();
    assert!(nearest["features"][0]["properties"].get("note").is_none());
    assert_eq!(service.get("/tiles/emergency").await.status, 404);
    assert_eq!(service.get("/tiles/shelter/14/13117/7451").await.status, 404);

    let before = service.get("/tiles/ward/14/13117/7451").await;
    let text = String::from_utf8_lossy(&before.body).into_owned();
    assert!(text.contains("Hải Châu") && !text.contains("secret"));
    let mut renamed = ward(101, 108.20);
    renamed.attributes[1] = urbis_model::AttributeValue::text("Sơn Trà");
    service.change("ward", renamed);
    let after = service.get("/tiles/ward/14/13117/7451").await;
    assert_ne!(before.header("etag"), after.header("etag"));
    assert!(String::from_utf8_lossy(&after.body).contains("Sơn Trà"));
}

#[tokio::test]
async fn head_says_what_get_says() {
    let service = Service::start();
    for path in READS.into_iter().chain(["/", "/assets/plain.js", "/health/live"]) {
        let get = service.get(path).await;
        let head = service.request("HEAD", path, &[]).await;
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        for name in ["etag", "content-type", "content-length", "vary", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn options_says_what_is_allowed_to_every_origin() {
    let service = Service::start();
    let preflight = [("origin", "https://map.example"), ("access-control-request-method", "GET")];
    for path in READS {
        let answer = service.request("OPTIONS", path, &preflight).await;
        assert_eq!(answer.status, 204, "{path}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"), "{path}");
        assert_eq!(answer.header("access-control-allow-methods"), Some("GET, HEAD, OPTIONS"));
        assert_eq!(answer.header("access-control-allow-headers"), Some("*, Authorization"));
    }
    assert_eq!(service.request("OPTIONS", "/nothing", &[]).await.status, 404);
}

#[tokio::test]
async fn a_tile_with_nothing_in_it_is_a_204() {
    let service = Service::start();
    let answer = service.get("/tiles/ward/14/0/0.pbf").await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    assert!(answer.header("etag").is_some() && answer.header("urbis-revision").is_some());
}

#[tokio::test]
async fn a_tile_answers_with_and_without_its_suffix() {
    let service = Service::start();
    let plain = service.get(TILE).await;
    for suffix in [".mvt", ".pbf"] {
        let answer = service.get(&format!("{TILE}{suffix}")).await;
        assert_eq!((&answer.body, answer.header("etag")), (&plain.body, plain.header("etag")));
    }
}

#[tokio::test]
async fn before_the_city_is_loaded_reads_say_when_to_come_back() {
    let service = Service::start_empty();
    for path in [TILE, "/tiles/ward", "/layers", "/at?lon=1&lat=1", "/health/ready", "/styles/city"]
    {
        let answer = service.get(path).await;
        assert_eq!(answer.status, 503, "{path}");
        assert_eq!(answer.header("retry-after"), Some("1"), "{path}");
        assert_eq!(answer.json()["code"], "not_ready", "{path}");
    }
    for path in ["/health/live", "/", "/assets/plain.js"] {
        assert_eq!(service.get(path).await.status, 200, "{path}");
    }
}
