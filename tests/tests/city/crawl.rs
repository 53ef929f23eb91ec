//! What somebody may not see leaves no trace in any answer: every open answer is the same,
//! byte for byte, whether the hidden data is there or not.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;
use urbis_catalog::{Attribute, Catalog, Layer};
use urbis_model::Openness;
use urbis_tests::{Answer, City, ROOT, synthetic_database, tile_at, wait_for};

use crate::canary::{CANARY, holds, plant_canaries};
use crate::rows::{self, hidden_from};

/// Members that tell the time, count transactions or say what was asked before: not the city.
const CLOCKS: [&str; 11] = [
    "revision",
    "age_ms",
    "search_us",
    "ready_us",
    "whole_us",
    "cut_us",
    "join_us",
    "pack_us",
    "cache",
    "timeStamp",
    "next",
];

/// What stands before the position of who follows the changes: it counts transactions, too.
const SINCE: &str = "/changes?since=";

/// Places to ask about that are no place of a hidden feature.
const PLACES: [(f64, f64); 2] = [(108.2142, 16.0557), (111.6, 16.53)];

/// Pages of one question that are followed after the first.
const MAX_PAGES: usize = 2;

/// Answers by path.
type Crawl = BTreeMap<String, Seen>;

/// What a client sees of an answer.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

#[test]
fn what_is_hidden_leaves_no_trace_in_any_open_answer() {
    let city = City::serve(synthetic_database());
    let catalog = Catalog::load(&ROOT.join("layers")).expect("the catalogue is valid");
    let operator = city.key("restricted");
    let positions = [city.fetch("/changes"), city.fetch_with(&operator, "/changes")];
    plant_canaries(&city, &catalog);
    wait_until_all_is_seen(&city);
    let mut starts = starts(&city, &catalog);
    for position in positions {
        starts.extend(starts_of_changes(&catalog, &position.json()["next"]));
    }

    let with_secrets = crawl(&starts, &|path| city.fetch(path), &city.base);
    let leaks: Vec<&String> =
        with_secrets.iter().filter(|(_, seen)| holds(&seen.body, CANARY)).map(|it| it.0).collect();
    assert!(leaks.is_empty(), "hidden texts stand in {leaks:#?}");
    let hidden_layers = catalog.layers().filter(|layer| layer.openness > Openness::Open);
    for layer in hidden_layers {
        name_stands_nowhere(&with_secrets, layer);
    }

    // The same walk with a key finds them: it would have met a leak.
    let keyed = crawl(&starts, &|path| city.fetch_with(&operator, path), &city.base);
    let found = keyed.values().filter(|seen| holds(&seen.body, CANARY)).count();
    assert!(found > 50, "only {found} answers show the operator what is hidden");
    let shared: Vec<&String> =
        keyed.iter().filter(|(path, seen)| !is_kept_apart(path, seen)).map(|it| it.0).collect();
    assert!(shared.is_empty(), "a cache may give these to others: {shared:#?}");

    remove_what_is_hidden(&city, &catalog);
    let without_secrets = crawl(&starts, &|path| city.fetch(path), &city.base);
    let paths = |crawl: &Crawl| crawl.keys().cloned().collect::<BTreeSet<String>>();
    assert_eq!(paths(&with_secrets), paths(&without_secrets));
    for (path, seen) in &with_secrets {
        let twin = &without_secrets[path];
        assert!(seen == twin, "{path} tells of hidden data:\n{}\n{}", show(seen), show(twin));
    }
    assert!(with_secrets.len() > 500, "only {} answers were compared", with_secrets.len());
}

/// Deletes hidden features and empties hidden attributes.
fn remove_what_is_hidden(city: &City, catalog: &Catalog) {
    let mut removed = 0;
    for layer in catalog.layers() {
        let rows = hidden_from(layer, Openness::Open);
        let count = city.psql(&format!(
            "WITH gone AS (DELETE FROM layer.{} WHERE {rows} RETURNING 1) SELECT count(*) FROM gone",
            layer.id
        ));
        removed += count.parse::<usize>().expect("a number");
        let hidden = layer.attributes.iter().filter(|a| layer.openness_of(a) > Openness::Open);
        for attribute in hidden {
            city.psql(&format!("UPDATE layer.{} SET \"{}\" = NULL", layer.id, attribute.name));
        }
    }
    assert!(removed > 100, "only {removed} features were hidden");
    wait_until_all_is_seen(city);
}

/// Changes something that all may see and back: memory equals one snapshot of the database, so
/// whoever has seen the last write has seen all before it.
fn wait_until_all_is_seen(city: &City) {
    for name in ["seen", "Hoang Sa"] {
        city.psql(&format!("UPDATE layer.admin_unit SET name_en = '{name}' WHERE code = '20333'"));
        wait_for("the last write to be seen", || {
            let ward = city.fetch("/nearest/admin_unit?lon=111.6&lat=16.53&limit=1").json();
            (ward["features"][0]["properties"]["name_en"] == name).then_some(())
        });
    }
    crate::search::wait_until_searched(city);
}

/// Where a crawl begins: every endpoint, with every layer there is, at places of hidden features.
fn starts(city: &City, catalog: &Catalog) -> Vec<String> {
    let mut places: Vec<(f64, f64)> = PLACES.to_vec();
    for layer in catalog.layers() {
        places.extend(rows::places(city, layer, &hidden_from(layer, Openness::Open), 2));
    }
    let mut paths: Vec<String> = [
        "/",
        "/layers",
        "/health/live",
        "/health/ready",
        "/styles/danang",
        "/styles/danang_dark",
        "/styles/danang/qgis",
        "/nothing",
    ]
    .map(str::to_owned)
    .into();
    for name in ["json", "png"] {
        paths.extend([format!("/sprites/urbis.{name}"), format!("/sprites/urbis@2x.{name}")]);
    }
    let themes: BTreeSet<&str> = catalog.layers().map(|layer| layer.theme.as_str()).collect();
    for id in catalog.layers().map(|layer| layer.id.as_str()).chain(themes) {
        paths.push(format!("/tiles/{id}"));
        paths.push(format!("/styles/danang/qgis/{id}"));
        // One letter less: does a hint know the name?
        paths.push(format!("/tiles/{}", &id[..id.len() - 1]));
        paths.push(format!("/nearest/{}?lon=108.2&lat=16.05", &id[..id.len() - 1]));
        for z in [5, 11, 15, 17] {
            let tiles: BTreeSet<String> =
                places.iter().map(|(lon, lat)| tile_at(*lon, *lat, z).to_string()).collect();
            for tile in tiles.iter().take(4).filter(|_| z == 11 || z == 15) {
                paths.push(format!("/tiles/{id}/{tile}/explain"));
                paths.push(format!("/tiles/{id}/{tile}?datetime=2025-06-30"));
            }
            paths.extend(tiles.into_iter().map(|tile| format!("/tiles/{id}/{tile}")));
        }
    }
    paths.extend(catalog.layers().map(|layer| format!("/tiles/{}/report", layer.id)));
    for layer in catalog.layers() {
        for (lon, lat) in &places[..places.len().min(6)] {
            let at = format!("lon={lon:.7}&lat={lat:.7}");
            paths.push(format!("/nearest/{}?{at}&limit=1000", layer.id));
            paths.push(format!("/nearest/{}?{at}&limit=1&within_m=50", layer.id));
        }
    }
    paths.extend(starts_of_ogc(catalog, &places));
    paths.extend(starts_of_search(city, catalog));
    for (lon, lat) in places {
        for on in ["", "&on=2025-06-30", "&on=2026-11-01T08:00:00%2B07:00", "&on=2031-01-01"] {
            paths.push(format!("/at?lon={lon:.7}&lat={lat:.7}{on}"));
        }
    }
    paths
}

/// The same below `/ogc`: links lead on from the landing page, but not to what is hidden, nor to
/// what a client makes up.
fn starts_of_ogc(catalog: &Catalog, places: &[(f64, f64)]) -> Vec<String> {
    let mut paths: Vec<String> =
        ["/ogc", "/ogc?f=html", "/ogc/api?f=html", "/ogc/styles/danang/qgis"]
            .map(str::to_owned)
            .into();
    for layer in catalog.layers() {
        let of = |rest: &str| format!("/ogc/collections/{}{rest}", layer.id);
        paths.push(format!("/ogc/styles/danang/qgis/{}", layer.id));
        paths.push(format!("/ogc/collections/{}", &layer.id.as_str()[1..]));
        paths.extend(["", "/queryables", "/schema", "/tiles", "/items"].map(of));
        paths.extend(
            ["/items?f=html", "/items?limit=700", "/items?datetime=../..&limit=300"].map(of),
        );
        paths.extend(
            ["/items?f=html&limit=100", "?f=html", "/schema?f=html", "/tiles?f=html"].map(of),
        );
        for (lon, lat) in &places[..places.len().min(4)] {
            let corners = [lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001];
            let corners = corners.map(|degrees| format!("{degrees:.7}")).join(",");
            paths.push(of(&format!("/items?bbox={corners}")));
        }
        // One that all may see, so that its answers are compared, and all that they may not.
        let is_asked = |(place, attribute): &(usize, &Attribute)| {
            *place == 0 || layer.openness_of(attribute) > Openness::Open
        };
        for (_, attribute) in layer.attributes.iter().enumerate().filter(is_asked) {
            let name = &attribute.name;
            paths.push(of(&format!("/items?filter={name}%20IS%20NOT%20NULL&limit=20")));
            paths.push(of(&format!("/items?{name}=1&limit=20")));
            paths.push(of(&format!("/items?properties={name}&limit=20")));
        }
    }
    paths
}

/// What changed since a position, of all layers and of each.
fn starts_of_changes(catalog: &Catalog, since: &Value) -> Vec<String> {
    let since = since.as_str().expect("a position");
    let mut paths = vec![
        "/changes".to_owned(),
        "/ogc/changes".to_owned(),
        "/changes?since=1970-01-01T00:00:00Z".to_owned(),
        format!("{SINCE}{since}&limit=10000"),
        format!("{SINCE}{since}&limit=1"),
        format!("{SINCE}{since}&f=ndjson"),
    ];
    for layer in catalog.layers() {
        paths.push(format!("{SINCE}{since}&layer={}", layer.id));
        paths.push(format!("/changes?layer={}", &layer.id.as_str()[1..]));
    }
    paths
}

/// What people type: what all may find, the canary, and what hidden features are called.
fn starts_of_search(city: &City, catalog: &Catalog) -> Vec<String> {
    let mut texts: Vec<String> =
        ["canary", "CANARY name", "canari", "c", "t", "tran", "tran phu", "1/1", "16.06,108.22"]
            .map(str::to_owned)
            .into();
    for layer in catalog.layers() {
        let Some(rules) = &layer.search else { continue };
        for name in rules.names.iter().chain(&rules.aliases) {
            let values = city.psql(&format!(
                "SELECT DISTINCT \"{name}\" FROM layer.{} WHERE {} AND \"{name}\" IS NOT NULL ORDER BY 1 LIMIT 3",
                layer.id,
                hidden_from(layer, Openness::Open)
            ));
            texts.extend(values.lines().map(str::to_owned));
        }
    }
    let encode =
        |text: &String| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let asked = |text: &String| {
        let q = encode(text);
        [format!("/search?q={q}&limit=50"), format!("/search?q={q}&lang=en&lon=108.2&lat=16.05")]
    };
    texts.iter().flat_map(asked).collect()
}

/// Fetches the paths and every address of ours that stands in an answer, templates left out.
fn crawl(starts: &[String], fetch: &dyn Fn(&str) -> Answer, base: &str) -> Crawl {
    let mut waiting: VecDeque<String> = starts.iter().cloned().collect();
    let mut seen = Crawl::new();
    let mut pages: BTreeMap<String, usize> = BTreeMap::new();
    while let Some(path) = waiting.pop_front() {
        if seen.contains_key(&path) {
            continue;
        }
        // A collection has as many pages as somebody likes: the first ones tell.
        if let Some((question, _)) = path.split_once("after=") {
            let followed = pages.entry(question.to_owned()).or_default();
            *followed += 1;
            if *followed > MAX_PAGES {
                continue;
            }
        }
        let answer = fetch(&path);
        assert!(answer.status < 500, "{path}: {}", answer.text());
        waiting.extend(links(&answer, base));
        seen.insert(path, Seen::of(answer));
    }
    seen
}

fn links(answer: &Answer, base: &str) -> Vec<String> {
    let is_json = answer.header("content-type").is_some_and(|kind| kind.contains("json"));
    if !is_json {
        return Vec::new();
    }
    let text = answer.text();
    let ends = |c: char| c == '"' || c == '\\' || c.is_whitespace();
    text.split(base)
        .skip(1)
        .filter_map(|rest| rest.split(ends).next())
        .filter(|path| path.starts_with('/') && !path.contains('{') && !path.starts_with(SINCE))
        .filter(|path| !is_in_city_file(path))
        .map(str::to_owned)
        .collect()
}

/// Files that are made one by one: the file of the whole city holds them all, and the tests of
/// downloads look into each.
fn is_in_city_file(path: &str) -> bool {
    path.starts_with("/ogc/collections/")
        && ["?f=gpkg", "?f=shp"].iter().any(|it| path.ends_with(it))
}

impl Seen {
    fn of(answer: Answer) -> Self {
        let (body, had_clock) = match serde_json::from_slice::<Value>(&answer.body) {
            Ok(mut json) => {
                let had_clock = without_clocks(&mut json);
                (json.to_string().into_bytes(), had_clock)
            }
            Err(_)
                if answer
                    .headers
                    .get("content-type")
                    .is_some_and(|kind| kind.contains("ndjson")) =>
            {
                let text = answer.text();
                let lines = text.lines().map(|line| serde_json::from_str(line).expect("JSON"));
                let mut lines = Value::Array(lines.collect());
                let had_clock = without_clocks(&mut lines);
                (lines.to_string().into_bytes(), had_clock)
            }
            Err(_) if answer.body.starts_with(b"SQLite format 3") => {
                (without_moments(answer.body), true)
            }
            Err(_) => (answer.body, false),
        };
        let mut headers = answer.headers;
        for clock in ["date", "urbis-revision", "urbis-age-ms", "urbis-position"] {
            headers.remove(clock);
        }
        headers.retain(|_, value| !value.contains(SINCE));
        if had_clock {
            headers.remove("etag");
            headers.remove("content-length");
        }
        Self { status: answer.status, headers, body }
    }
}

/// Takes out when a GeoPackage was written: moments with milliseconds.
fn without_moments(mut file: Vec<u8>) -> Vec<u8> {
    const SHAPE: &[u8] = b"dddd-dd-ddTdd:dd:dd.dddZ";
    let is_moment = |text: &[u8]| {
        text.iter().zip(SHAPE).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            _ => byte == wanted,
        })
    };
    for start in 0..file.len().saturating_sub(SHAPE.len()) {
        if file[start + 4] == b'-' && is_moment(&file[start..start + SHAPE.len()]) {
            file[start..start + SHAPE.len()].copy_from_slice(SHAPE);
        }
    }
    file
}

/// Takes out what tells the time; says whether there was any.
fn without_clocks(json: &mut Value) -> bool {
    match json {
        Value::Object(members) => {
            let before = members.len();
            members.retain(|name, _| !CLOCKS.contains(&name.as_str()));
            let found = members.len() < before;
            with_clocks(members.values_mut()) > 0 || found
        }
        Value::Array(items) => with_clocks(items.iter_mut()) > 0,
        Value::String(text) if text.contains(SINCE) => {
            text.truncate(text.find(SINCE).unwrap_or_default() + SINCE.len());
            true
        }
        _ => false,
    }
}

/// How many of some values had one; all are rid of theirs.
fn with_clocks<'a>(values: impl Iterator<Item = &'a mut Value>) -> usize {
    values.map(without_clocks).filter(|found| *found).count()
}

/// A hidden layer's name and title stand in no answer but where the question had them.
fn name_stands_nowhere(crawl: &Crawl, layer: &Layer) {
    let is_json =
        |seen: &Seen| seen.headers.get("content-type").is_some_and(|kind| kind.contains("json"));
    for (path, seen) in crawl.iter().filter(|(_, seen)| is_json(seen)) {
        let quoted = format!("\"{}\"", layer.id);
        let hinted = format!("'{}'", layer.id);
        let asked = path.contains(layer.id.as_str());
        assert!(!holds(&seen.body, &quoted), "{path} names {}", layer.id);
        assert!(asked || !holds(&seen.body, &hinted), "{path} hints at {}", layer.id);
        assert!(!holds(&seen.body, &layer.title.vi), "{path} shows the title of {}", layer.id);
    }
}

/// No cache gives the answer to somebody else: it says that it depends on the key, and that it is
/// nobody else's.
fn is_kept_apart(path: &str, seen: &Seen) -> bool {
    let header = |name: &str| seen.headers.get(name).map_or("", String::as_str);
    // A problem is never kept, and the page is the same for all.
    let same_for_all = seen.status >= 400
        || ["/", "/health/live"].contains(&path)
        || path.starts_with("/ogc/static/");
    let is_private =
        ["private", "no-store"].iter().any(|word| header("cache-control").contains(word));
    same_for_all || (is_private && header("vary").contains("Authorization"))
}

fn show(seen: &Seen) -> String {
    let body: String = String::from_utf8_lossy(&seen.body).chars().take(600).collect();
    format!("{} {:?}\n{body}", seen.status, seen.headers)
}
