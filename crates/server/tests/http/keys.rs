//! Keys in requests: how they are sent, how they are refused, and who may keep the answers.

use axum::http::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use urbis_model::{KeyScope, Moment, Openness};

use crate::city::{Answer, Service, TILE};
use crate::classified::issue;

const READS: [&str; 11] = [
    TILE,
    "/tiles/ward/14/0/0",
    "/tiles/ward",
    "/layers",
    "/at?lon=108.22&lat=16.06",
    "/nearest/street?lon=108.22&lat=16.06",
    "/styles/city",
    "/health/ready",
    "/sprites/urbis@2x.png",
    "/assets/plain.js",
    "/",
];

/// A service with one key, which reads what is internal.
fn start() -> (Service, String) {
    let service = Service::start();
    let (record, key) = issue(Openness::Internal, vec![KeyScope::Read]);
    service.state.set_keys(vec![record]);
    (service, key)
}

fn basic(login: &[u8]) -> String {
    format!("Basic {}", STANDARD.encode(login))
}

async fn ask(service: &Service, authorization: &[u8], path: &str) -> Answer {
    let value = HeaderValue::from_bytes(authorization).unwrap();
    service.request_with("GET", path, &[("authorization", value)]).await
}

#[tokio::test]
async fn a_key_is_taken_as_bearer_and_as_the_password_of_any_user() {
    let (service, key) = start();
    for sent in [
        format!("Bearer {key}"),
        format!("bearer {key}"),
        format!("BEARER   {key} "),
        basic(format!("planner:{key}").as_bytes()),
        basic(format!(":{key}").as_bytes()),
        basic(format!("Nguyễn Văn A:{key}").as_bytes()),
        basic(format!("x:{key}").as_bytes()).replace("Basic", "bAsIc"),
    ] {
        let answer = ask(&service, sent.as_bytes(), "/layers").await;
        assert_eq!(answer.status, 200, "{sent}");
        assert_eq!(answer.json()["class"], "internal", "{sent}");
    }
    assert_eq!(service.get("/layers").await.json()["class"], "open");
}

#[tokio::test]
async fn what_is_no_key_is_refused_and_never_repeated() {
    let (service, key) = start();
    let (_, unknown) = issue(Openness::Restricted, vec![KeyScope::Read]);
    let secret = key.rsplit('_').next().unwrap();
    let other_id = format!("urbis_abcdefghij{}", &key[16..]);
    let cut = &key[..key.len() - 1];
    let long = "a".repeat(1_000);
    let table: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"Bearer".to_vec(),
        b"Bearer ".to_vec(),
        format!("Bearer {unknown}").into(),
        format!("Bearer {other_id}").into(),
        format!("Bearer {cut}").into(),
        format!("Bearer {key}x").into(),
        format!("Bearer {}", key.to_uppercase()).into(),
        format!("Bearer {key}, Bearer {key}").into(),
        format!("Bearer \"{key}\"").into(),
        format!("Bearer {}", key.replace('_', "%5F")).into(),
        format!("Bearer\t{key}").into(),
        format!("Bearer:{key}").into(),
        key.clone().into(),
        format!("Digest {key}").into(),
        format!("Token {key}").into(),
        format!("Bearer {long}").into(),
        b"Bearer \xff\xfe".to_vec(),
        "Bearer khoá".into(),
        b"Bearer urbis_' OR 1=1--_x".to_vec(),
        b"Basic".to_vec(),
        b"Basic ====".to_vec(),
        b"Basic not base64".to_vec(),
        format!("Basic {key}").into(),
        basic(key.as_bytes()).into(),
        basic(format!("{key}:").as_bytes()).into(),
        basic(format!("x:{key}\n").as_bytes()).into(),
        basic(format!("x:y:{key}").as_bytes()).into(),
        basic(format!("x:{unknown}").as_bytes()).into(),
        basic(b"x:\xff\xfe").into(),
        basic(b"\xc3\x28:x").into(),
        basic(b"").into(),
    ];
    for sent in table {
        let shown = String::from_utf8_lossy(&sent).into_owned();
        for path in READS {
            let answer = ask(&service, &sent, path).await;
            assert_eq!(answer.status, 401, "{shown} {path}");
            assert_eq!(answer.json()["code"], "key_unknown", "{shown} {path}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{shown} {path}");
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{shown} {path}");
            let ways: Vec<_> = answer.headers.get_all("www-authenticate").iter().collect();
            assert_eq!(
                ways,
                ["Basic realm=\"urbis\", charset=\"UTF-8\"", "Bearer realm=\"urbis\""],
                "{shown} {path}"
            );
            let text = String::from_utf8(answer.body).unwrap();
            assert!(!text.contains(secret) && !text.contains("aaa"), "{shown} {path}: {text}");
        }
    }
}

#[tokio::test]
async fn two_keys_and_a_key_without_end_are_bad_requests() {
    let (service, key) = start();
    let bearer = format!("Bearer {key}");
    let twice = [("authorization", bearer.as_str()), ("authorization", &bearer)];
    let long = "Bearer ".to_owned() + &"a".repeat(1_100);
    for headers in [&twice[..], &[("authorization", &long)]] {
        let answer = service.request("GET", "/layers", headers).await;
        assert_eq!(answer.status, 400, "{headers:?}");
        let problem = answer.json();
        assert_eq!(problem["code"], "authorization_invalid");
        assert!(!problem.to_string().contains("aaa") && !problem.to_string().contains(&key));
    }
}

#[tokio::test]
async fn a_key_stops_with_the_next_request_after_its_end() {
    let service = Service::start();
    let (mut record, key) = issue(Openness::Internal, vec![KeyScope::Read]);
    let sent = format!("Bearer {key}");
    let status = async || ask(&service, sent.as_bytes(), "/layers").await.status.as_u16();
    assert_eq!(status().await, 401, "nobody knows it yet");
    service.state.set_keys(vec![record.clone()]);
    assert_eq!(status().await, 200);
    record.revoked_at = Some(Moment(1));
    service.state.set_keys(vec![record]);
    assert_eq!(status().await, 401, "it was revoked");
    service.state.set_keys(vec![]);
    assert_eq!(status().await, 401, "it was deleted");
}

#[tokio::test]
async fn the_process_lives_whatever_a_probe_carries() {
    let service = Service::start_empty();
    for sent in [basic(b"proxy:its own password"), "Bearer nonsense".into(), "a".repeat(2_000)] {
        let answer = ask(&service, sent.as_bytes(), "/health/live").await;
        assert_eq!(answer.status, 200, "{sent}");
        assert_eq!(answer.json()["status"], "live");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn a_tile_for_a_key_is_kept_a_minute_and_never_shown_stale() {
    let (service, key) = start();
    for path in [TILE, "/tiles/ward/14/0/0", "/tiles/ward"] {
        let keyed = ask(&service, format!("Bearer {key}").as_bytes(), path).await;
        assert_eq!(keyed.header("cache-control"), Some("private, max-age=60"), "{path}");
    }
}

#[tokio::test]
async fn an_administrators_key_reads_though_it_does_not_say_so() {
    let service = Service::start();
    let (record, key) = issue(Openness::Restricted, vec![KeyScope::Admin]);
    service.state.set_keys(vec![record]);
    let list = ask(&service, format!("Bearer {key}").as_bytes(), "/layers").await.json();
    assert_eq!(list["class"], "restricted");
}

#[tokio::test]
async fn before_the_city_is_loaded_nobody_can_say_whether_a_key_holds() {
    let service = Service::start_empty();
    for path in ["/layers", "/tiles/ward", "/styles/city", "/"] {
        let answer = ask(&service, b"Bearer nonsense", path).await;
        assert_eq!(answer.status, 503, "{path}");
        assert_eq!(answer.header("retry-after"), Some("1"), "{path}");
        assert_eq!(answer.json()["code"], "not_ready", "{path}");
    }
}

#[tokio::test]
async fn what_came_for_a_key_is_for_its_holders_cache_alone() {
    let (service, key) = start();
    let bearer = format!("Bearer {key}");
    for path in READS {
        for method in ["GET", "HEAD"] {
            let open = service.request(method, path, &[]).await;
            let keyed = service.request(method, path, &[("authorization", &bearer)]).await;
            let caching = keyed.header("cache-control").unwrap();
            assert!(caching.starts_with("private, "), "{method} {path}: {caching}");
            assert!(!open.header("cache-control").unwrap().contains("private"), "{method} {path}");
            for answer in [&open, &keyed] {
                let vary = answer.header("vary");
                assert_eq!(vary, Some("Accept, Accept-Encoding, Authorization"), "{path}");
            }
            let tag = keyed.header("etag").unwrap();
            let headers = [("authorization", bearer.as_str()), ("if-none-match", tag)];
            let held = service.request(method, path, &headers).await;
            if path == "/health/ready" {
                // Its age goes on.
                continue;
            }
            assert_eq!(held.status, 304, "{method} {path}");
            for name in ["cache-control", "vary", "etag"] {
                assert_eq!(held.header(name), keyed.header(name), "{method} {path} {name}");
            }
        }
    }
    let empty = service.request("GET", "/tiles/ward/14/0/0", &[("authorization", &bearer)]).await;
    assert_eq!(empty.status, 204);
}

#[tokio::test]
async fn a_page_of_another_origin_may_send_a_key_and_asks_without_one_whether_it_may() {
    let (service, _) = start();
    let preflight = [
        ("origin", "https://map.example"),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "authorization"),
    ];
    for path in READS {
        let answer = service.request("OPTIONS", path, &preflight).await;
        assert_eq!(answer.status, 204, "{path}");
        let allowed = answer.header("access-control-allow-headers");
        assert_eq!(allowed, Some("*, Authorization"), "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), None, "{path}");
    }
}

#[tokio::test]
async fn nothing_can_be_written_with_a_key_or_without() {
    let service = Service::start();
    let scopes = [KeyScope::Read, KeyScope::Ingest, KeyScope::Dispatch, KeyScope::Admin];
    let (record, key) = issue(Openness::Restricted, scopes.to_vec());
    service.state.set_keys(vec![record]);
    let bearer = format!("Bearer {key}");
    for method in ["POST", "PUT", "PATCH", "DELETE", "MKCOL", "PROPPATCH", "CONNECT", "TRACE"] {
        for path in READS.into_iter().chain(["/health/live", "/fonts/a/0-255.pbf"]) {
            for headers in [&[][..], &[("authorization", bearer.as_str())]] {
                let answer = service.request(method, path, headers).await;
                assert_eq!(answer.status, 405, "{method} {path}");
                assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"), "{method} {path}");
            }
        }
    }
}
