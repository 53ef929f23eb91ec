//! Questions that mean no good: refused within limits, at once, and never a failure of ours.

use std::time::Instant;

use urbis_tests::City;

/// Far above what any of these takes, and far below what would hurt.
const LONGEST_S: f64 = 3.0;

#[test]
fn hostile_filters_are_refused_at_once() {
    let city = City::start();
    let deep = format!("{}code='1'{}", "(".repeat(400), ")".repeat(400));
    let nots = format!("{}code='1'", "NOT ".repeat(400));
    let ring = vec!["1 1"; 2_500].join(",");
    let polygon = format!("S_INTERSECTS(geom,POLYGON(({ring})))");
    let long = format!("code='{}'", "x".repeat(20_000));
    for filter in [
        "code='1'; DROP TABLE layer.admin_unit",
        "code='1'--",
        "code='1') OR (1=1",
        "pg_sleep(10)=1",
        "code = (SELECT secret FROM urbis.key)",
        "\"code\"; = '1'",
        "code = ''''",
        "\u{0} = 1",
        &deep,
        &nots,
        &polygon,
        &long,
        &vec!["a=1"; 1_500].join(" OR "),
        "area_km2 > 1e400",
        "area_km2 = 'a'",
        "S_INTERSECTS(geom,POINT(1e300 1e300))",
        "S_INTERSECTS(geom,POLYGON((0 0,1 1)))",
        "casei(casei(casei(area_km2))) = 'a'",
    ] {
        let encoded = encode(filter);
        for tail in ["", "&filter-lang=cql2-json"] {
            let begun = Instant::now();
            let path = format!("/ogc/collections/admin_unit/items?filter={encoded}{tail}");
            let answer = city.request("GET", &path, &[]);
            let start: String = filter.chars().take(60).collect();
            let is_refused = [400, 414, 431].contains(&answer.status);
            let is_plain = filter == "code = ''''" && tail.is_empty();
            assert!(is_refused || is_plain && answer.status == 200, "{start}: {}", answer.status);
            assert!(begun.elapsed().as_secs_f64() < LONGEST_S, "{start}: {:?}", begun.elapsed());
        }
    }
    let endless = format!("/ogc/collections/admin_unit/items?filter={}", "x".repeat(25_000));
    assert_eq!(city.fetch(&endless).status, 414);
    for path in [
        "/ogc/collections/admin_unit/items/0",
        "/ogc/collections/admin_unit/items/-1",
        "/ogc/collections/admin_unit/items/01",
        "/ogc/collections/admin_unit/items/9999999999999999999999",
        "/ogc/collections/admin_unit/items/1%20OR%201=1",
        "/ogc/collections/..%2Fadmin_unit",
        "/ogc/styles/..%2Fsecret",
        "/ogc/static/..%2Fogc.css",
        "/ogc/tiles/WorldCRS84Quad",
        "/ogc/nothing",
    ] {
        assert_eq!(city.fetch(path).status, 404, "{path}");
    }
    assert_eq!(city.psql("SELECT count(*) > 0 FROM layer.admin_unit"), "t");
}

/// Percent-encodes what must be, and no more: the longest address that is read is 24 KiB.
fn encode(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        byte if byte.is_ascii_alphanumeric() || b"(),.'=".contains(&byte) => {
            char::from(byte).into()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
