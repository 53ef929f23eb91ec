//! Filters: wherever one is taken, in both languages.

use urbis_tests::City;

use super::{encode, harmless, refused, still_serves};

/// Where a filter is taken; `{}` stands for it. Both layers have an attribute `name`.
const PLACES: [&str; 4] = [
    "/ogc/collections/admin_unit/items?filter={}",
    "/ogc/collections/admin_unit/items?filter-lang=cql2-json&filter={}",
    "/ogc/collections/admin_unit/download?f=geojson&filter={}",
    "/nearest/public_place?lon=108.22&lat=16.06&filter={}",
];

/// SQL where CQL2 is wanted, names that are no properties, and characters that look like others.
const INJECTIONS: [&str; 38] = [
    "name='1'; DROP TABLE layer.admin_unit",
    "name='1'--",
    "name='1'/*",
    "name='1') OR (1=1",
    "name='1' OR 1=1 --",
    "name = 'a' UNION SELECT 1",
    "name = (SELECT secret FROM urbis.key)",
    "EXISTS (SELECT 1)",
    "pg_sleep(10)=1",
    "pg_sleep(10)",
    "pg_read_file('/etc/passwd') = 'a'",
    "lower(name) = 'a'",
    "chr(39) = name",
    "name = $1",
    "name = $$a$$",
    "name = E'\\''",
    "name = U&'\\0027'",
    "name::text = 'a'",
    "CAST(name AS text) = 'a'",
    "name ~ 'a'",
    "name || 'a' = 'aa'",
    "name = 'a' COLLATE \"C\"",
    "name = ANY('{a}')",
    "\"name\"; = '1'",
    "\"name\"\" = '1'",
    "\"name' = '1'",
    "layer.admin_unit.name = 'a'",
    "feature_id = 1",
    "ctid = '(0,1)'",
    "xmin = 1",
    "current_user = 'postgres'",
    "openness = 'restricted'",
    "name = ＇a＇",
    "n\u{430}me = 'a'",
    "\u{202e}name = 'a'",
    "name\u{200b} = 'a'",
    "\u{0} = 1",
    "name = 'a\u{0}b'",
];

/// What a parser may take for numbers, moments and places.
const NONSENSE: [&str; 43] = [
    "",
    "name",
    "name =",
    "= 'a'",
    "name = 'a' AND",
    "name IN ()",
    "name BETWEEN 'a'",
    "name LIKE 5",
    "name = 1",
    "area_km2 = 'a'",
    "area_km2 > 1e400",
    "area_km2 > -1e400",
    "area_km2 > NaN",
    "area_km2 > Infinity",
    "area_km2 > 0x10",
    "area_km2 > 1e",
    "area_km2 + 'a' > 1",
    "casei(casei(casei(area_km2))) = 'a'",
    "accenti(5) = 'a'",
    "geom = 'a'",
    "geom > 5",
    "S_INTERSECTS(name, POINT(108 16))",
    "S_INTERSECTS(geom)",
    "S_INTERSECTS(geom, 'POINT(108 16)')",
    "S_INTERSECTS(geom, POINT(1e300 1e300))",
    "S_INTERSECTS(geom, POINT(1e400 0))",
    "S_INTERSECTS(geom, POINT(NaN NaN))",
    "S_INTERSECTS(geom, POINT(inf 16))",
    "S_INTERSECTS(geom, POINT(181 16))",
    "S_INTERSECTS(geom, POINT(108))",
    "S_INTERSECTS(geom, POINT())",
    "S_INTERSECTS(geom, POLYGON((0 0,1 1)))",
    "S_INTERSECTS(geom, POLYGON(()))",
    "S_INTERSECTS(geom, LINESTRING(108 16))",
    "S_INTERSECTS(geom, BBOX(108, 16, 109))",
    "S_INTERSECTS(geom, BBOX(108, 17, 109, 16))",
    "S_INTERSECTS(geom, BBOX(NaN, 16, 109, 17))",
    "S_BUFFER(geom, 5) = 1",
    "T_AFTER(valid_from, DATE('2025-02-30'))",
    "T_AFTER(valid_from, DATE('99999-01-01'))",
    "T_AFTER(valid_from, TIMESTAMP('2025-01-01T25:00:00Z'))",
    "T_AFTER(valid_from, TIMESTAMP('2025-01-01'))",
    "T_DURING(valid_from, INTERVAL('2025-02-01', '2025-01-01'))",
];

/// Filters that would be much work to read.
fn large() -> Vec<String> {
    let nested = |open: &str, core: &str, close: &str, depth: usize| {
        format!("{}{core}{}", open.repeat(depth), close.repeat(depth))
    };
    let leaf = r#"{"op":"isNull","args":[{"property":"name"}]}"#;
    let ring = |vertices: usize| vec!["1 1"; vertices].join(",");
    vec![
        nested("(", "name='1'", ")", 400),
        nested("(", "name='1'", ")", 7_900),
        nested("NOT ", "name='1'", "", 400),
        nested("NOT (", "name='1'", ")", 400),
        nested("casei(", "name", ")", 400) + " = 'a'",
        nested("-", "1", "", 4_000) + " < area_km2",
        nested("(", "", "", 16_000),
        nested("[", "", "", 16_000),
        nested("{\"a\":", "", "", 3_000),
        nested(r#"{"op":"not","args":["#, leaf, "]}", 400),
        nested(r#"{"op":"and","args":[true,"#, leaf, "]}", 400),
        nested(r#"{"op":"casei","args":["#, r#""a""#, "]}", 400),
        nested("GEOMETRYCOLLECTION(", "POINT(1 1)", ")", 100),
        format!("area_km2 > {}", vec!["1"; 4_000].join("+")),
        format!("area_km2 > {}", vec!["9"; 2_000].join("^")),
        format!("area_km2 > {}", "9".repeat(10_000)),
        format!("name='{}'", "x".repeat(20_000)),
        format!("{}='1'", "x".repeat(10_000)),
        format!("\"{}\"='1'", "\"\"".repeat(5_000)),
        vec!["name='a'"; 1_500].join(" OR "),
        format!("name IN ({})", vec!["'a'"; 3_000].join(",")),
        format!("area_km2 IN ({})", vec!["1"; 6_000].join(",")),
        format!("S_INTERSECTS(geom,POLYGON(({})))", ring(2_500)),
        format!("S_INTERSECTS(geom,POLYGON(({})))", ring(10_000)),
        format!("S_INTERSECTS(geom,MULTIPOINT({}))", vec!["(1 1)"; 2_500].join(",")),
        format!("S_INTERSECTS(geom,MULTIPOLYGON({}))", vec!["((1 1,2 2,3 1,1 1))"; 800].join(",")),
    ]
}

#[test]
fn hostile_filters_are_refused_at_once() {
    let city = City::start();
    let filters = INJECTIONS.iter().chain(&NONSENSE).map(|filter| (*filter).to_owned());
    for filter in filters.chain(large()) {
        for place in PLACES {
            refused(&city, &place.replace("{}", &encode(&filter)));
        }
    }
    still_serves(&city);
}

#[test]
fn what_looks_hostile_between_quotes_is_a_text() {
    let city = City::start();
    for text in [
        "'",
        "a'; DROP TABLE layer.admin_unit; --",
        "\\",
        "\\'",
        "$1",
        "%s%n",
        "${jndi:ldap://x}",
        "<script>alert(1)</script>",
        "\u{202e}\u{feff}\u{200b}",
        "💩",
        "e\u{301}".repeat(500).as_str(),
    ] {
        let literal = text.replace('\'', "''");
        let json = serde_json::json!({"op": "=", "args": [{"property": "name"}, text]}).to_string();
        for query in [
            format!("filter={}", encode(&format!("name = '{literal}'"))),
            format!("filter-lang=cql2-json&filter={}", encode(&json)),
            format!("name={}", encode(text)),
        ] {
            let path = format!("/ogc/collections/admin_unit/items?{query}");
            let answer = harmless(&city, &path);
            assert_eq!(answer.status, 200, "{query}: {}", answer.text());
            assert_eq!(answer.json()["numberMatched"], 0, "{query}");
        }
    }
    // Numbers that are none, in the end: no feature has one, or every other has.
    for filter in ["area_km2 / 0 > 1", "area_km2 ^ 9999 > 1", "area_km2 > 1e-400", "1 % 0 = 1"] {
        harmless(&city, &format!("/ogc/collections/admin_unit/items?filter={}", encode(filter)));
    }
    still_serves(&city);
}
