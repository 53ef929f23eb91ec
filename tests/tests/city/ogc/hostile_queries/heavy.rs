//! Filters within the limits that are as much work as there can be: answered in time and rightly;
//! and what is refused is no work for the database at all.

use urbis_tests::{City, wait_for};

use super::{LONGEST_S, ask, encode, refused};

/// Counts what a filter of a layer admits.
fn count(city: &City, layer: &str, filter: &str) -> String {
    let path = format!("/ogc/collections/{layer}/items?limit=1&filter={}", encode(filter));
    let answer = ask(city, &path);
    assert_eq!(answer.status, 200, "{}: {}", super::shown(&path), answer.text());
    answer.json()["numberMatched"].to_string()
}

#[test]
fn filters_at_the_limits_are_answered_in_time_and_rightly() {
    let city = City::start();
    let now = "coalesce(valid_from <= now(), true) AND coalesce(now() < valid_to, true)";
    let stored = |layer: &str, condition: &str| {
        city.psql(&format!("SELECT count(*) FROM layer.{layer} WHERE {now} AND ({condition})"))
    };
    // A star of 1,000 vertices: every other one is far out.
    let vertices = (0..1_000).map(|step| {
        let (angle, reach) =
            (f64::from(step) * 0.006_283_19, if step % 2 == 0 { 0.03 } else { 0.01 });
        format!("{:.3} {:.3}", 108.21 + reach * angle.cos(), 16.06 + reach * angle.sin())
    });
    let mut vertices: Vec<String> = vertices.collect();
    vertices.push(vertices[0].clone());
    let star = format!("POLYGON(({}))", vertices.join(","));
    let ring = format!("LINESTRING({})", vertices.join(","));
    let of_star = |wkt: &str, relation: &str| {
        format!("{relation}(ST_Transform(geom, 4326), ST_GeomFromText('{wkt}', 4326))")
    };
    // Its edges cross: whoever cannot tell inside from outside says so.
    let path = format!(
        "/ogc/collections/address_point/items?filter={}",
        encode(&format!("S_INTERSECTS(geom,{star})"))
    );
    super::harmless(&city, &path);
    assert_eq!(
        count(&city, "road_segment", &format!("S_DISJOINT(geom,{ring})")),
        stored("road_segment", &of_star(&ring, "ST_Disjoint")),
    );

    let explosive = format!("name LIKE '{}b'", "%a".repeat(2_000));
    assert_eq!(count(&city, "road_segment", &explosive), stored("road_segment", &explosive));
    let blanks = format!("ACCENTI(CASEI(name)) LIKE '{}'", "%_".repeat(3_000));
    assert_eq!(count(&city, "road_segment", &blanks), "0");
    let list: Vec<String> = (0..450).map(|code| format!("'{}'", 20_000 + 3 * code)).collect();
    let list = format!("code IN ({})", list.join(","));
    assert_eq!(count(&city, "admin_unit", &list), stored("admin_unit", &list));
    let spans: Vec<String> =
        (0..120).map(|at| format!("(area_km2 > {at} AND area_km2 < {at}.5)")).collect();
    let spans = spans.join(" OR ");
    assert_eq!(count(&city, "admin_unit", &spans), stored("admin_unit", &spans));
    let boxes: Vec<String> = (0..150)
        .map(|at| {
            format!(
                "NOT S_INTERSECTS(geom,POLYGON((108 {0},109 {0},109 {1},108 {0})))",
                5 + at % 9,
                6 + at % 9
            )
        })
        .collect();
    let path = format!("/ogc/collections/admin_unit/items?filter={}", encode(&boxes.join(" AND ")));
    assert_eq!(ask(&city, &path).status, 200, "{}", ask(&city, &path).text());
    super::still_serves(&city);
}

/// How often a table was read, by an index or whole.
fn reads(city: &City) -> u64 {
    let sql = "SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables
               WHERE schemaname = 'layer' AND relname = 'admin_unit'";
    city.psql(sql).parse().expect("a number")
}

/// PostgreSQL tells of a statement when its connection has been quiet for a while.
fn reads_above(city: &City, before: u64) -> u64 {
    wait_for("the database to tell of what it read", || {
        Some(reads(city)).filter(|now| *now > before)
    })
}

#[test]
fn what_is_refused_never_reaches_the_database() {
    let city = City::start();
    let items = "/ogc/collections/admin_unit/items";
    let filter = format!("{items}?filter={}", encode("name LIKE 'H%'"));
    // All that one answer reads, told of at once or one after the other.
    assert_eq!(ask(&city, &filter).status, 200);
    let settled = |above: u64| {
        let mut last = reads_above(&city, above);
        let mut quiet_since = std::time::Instant::now();
        wait_for("the database to have told of all", || {
            let now = reads(&city);
            if now != last {
                (last, quiet_since) = (now, std::time::Instant::now());
            }
            (quiet_since.elapsed().as_secs_f64() > LONGEST_S).then_some(now)
        })
    };
    let before = settled(0);
    assert_eq!(ask(&city, &filter).status, 200);
    let after_one = settled(before);
    let of_one = after_one - before;
    let hostile =
        ["name='1' OR 1=1 --", "pg_sleep(10)=1", "area_km2 = 'a'", "name =", "nothing = 1"];
    for text in hostile.iter().cycle().take(50) {
        refused(&city, &format!("{items}?filter={}", encode(text)));
        refused(&city, &format!("{items}?name=a%00&limit=0"));
    }
    assert_eq!(ask(&city, &filter).status, 200);
    assert_eq!(settled(after_one) - after_one, of_one, "something refused was read for");
}
