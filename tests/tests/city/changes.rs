//! `/changes`: a warehouse that follows the city over HTTP.

use std::collections::BTreeMap;

use serde_json::Value;
use urbis_tests::{City, Session, wait_for};

const LAYER: &str = "building";

/// Marsaglia's xorshift64*: the same edits every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides
    }
}

/// A copy of a layer that is kept by what `/changes` says, from a download on.
struct Warehouse {
    names: BTreeMap<u64, Value>,
    position: String,
}

impl Warehouse {
    /// Downloads all that holds at any time; the position comes with it.
    fn download(city: &City) -> Self {
        let path = format!("/ogc/collections/{LAYER}/download?f=geojson&datetime=../..");
        let answer = city.fetch(&path);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let position = answer.header("urbis-position").expect("a position").to_owned();
        let file = answer.json();
        let features = file["features"].as_array().expect("features").iter();
        Self { names: features.map(name_of).collect(), position }
    }

    /// Reads all changes until now; gives how many there were.
    fn follow(&mut self, city: &City, limit: usize) -> usize {
        let mut told = 0;
        loop {
            let path = format!("/changes?since={}&layer={LAYER}&limit={limit}", self.position);
            let page = city.fetch(&path);
            assert_eq!(page.status, 200, "{path}: {}", page.text());
            let page = page.json();
            let changes = page["changes"].as_array().expect("changes");
            assert_eq!(page["numberReturned"], changes.len());
            changes.iter().for_each(|change| self.take(change));
            told += changes.len();
            page["next"].as_str().expect("a position").clone_into(&mut self.position);
            let next = page["links"].as_array().into_iter().flatten();
            let next = next.filter(|link| link["rel"] == "next").count();
            assert_eq!(next, 1);
            if page["isComplete"] == true {
                return told;
            }
        }
    }

    fn take(&mut self, change: &Value) {
        let id = change["id"].as_u64().expect("an id");
        assert_eq!(change["layer"], LAYER);
        match change["change"].as_str() {
            Some("removed") => drop(self.names.remove(&id)),
            Some("created" | "changed" | "ended") => {
                let (id, name) = name_of(&change["feature"]);
                self.names.insert(id, name);
            }
            other => panic!("{other:?}"),
        }
    }
}

fn name_of(feature: &Value) -> (u64, Value) {
    (feature["id"].as_u64().expect("an id"), feature["properties"]["name"].clone())
}

fn stored(city: &City) -> BTreeMap<u64, Value> {
    let rows = city.psql(&format!(
        "SELECT json_object_agg(feature_id, name ORDER BY feature_id) FROM layer.{LAYER}"
    ));
    let rows: BTreeMap<u64, Value> = serde_json::from_str(&rows).expect("JSON");
    rows
}

#[test]
fn a_warehouse_that_follows_from_a_download_equals_the_table_under_overlapping_edits() {
    let city = City::start();
    let mut dice = Dice(9);
    let mut sessions: Vec<Session> = (0..4).map(|_| Session::open(&city.database_url)).collect();
    let mut is_open = [false; 4];
    // Each session has buildings of its own, so that none waits for another.
    let ids = city.psql(&format!("SELECT feature_id FROM layer.{LAYER} ORDER BY 1 LIMIT 80"));
    let ids: Vec<&str> = ids.lines().collect();
    let mut warehouse = None;
    let mut told = 0;
    for step in 0..400 {
        let at = usize::try_from(dice.roll(4)).expect("small");
        let id = ids[at * 20 + usize::try_from(dice.roll(20)).expect("small")];
        let session = &mut sessions[at];
        if !is_open[at] {
            session.run("BEGIN");
            is_open[at] = true;
        }
        match dice.roll(10) {
            0..4 => session.run(&format!(
                "UPDATE layer.{LAYER} SET name = 'Nhà {step}' WHERE feature_id = {id}"
            )),
            4 => session.run(&format!("DELETE FROM layer.{LAYER} WHERE feature_id = {id}")),
            5 => session.run(&format!("INSERT INTO layer.{LAYER} (name) VALUES ('Mới {step}')")),
            6 => {
                session.run("ROLLBACK");
                is_open[at] = false;
            }
            _ => {
                session.run("COMMIT");
                is_open[at] = false;
            }
        }
        if step == 40 {
            // While transactions are open: what they change comes after the download.
            warehouse = Some(Warehouse::download(&city));
        }
        if let Some(warehouse) = warehouse.as_mut().filter(|_| step % 13 == 0) {
            told += warehouse.follow(&city, 5);
        }
    }
    for (session, _) in sessions.iter_mut().zip(is_open).filter(|(_, is_open)| *is_open) {
        session.run("COMMIT");
    }
    let mut warehouse = warehouse.expect("made at step 40");
    told += warehouse.follow(&city, 1_000);
    assert!(told > 80, "only {told} changes were told of");
    assert_eq!(warehouse.names, stored(&city));
    assert_eq!(warehouse.follow(&city, 1_000), 0, "nothing comes twice to who is up to date");
}

#[test]
fn a_change_says_what_was_and_what_is_in_a_document_and_in_lines() {
    let city = City::start();
    let position = |city: &City| {
        let now = city.fetch("/changes").json();
        assert_eq!((&now["numberReturned"], &now["isComplete"]), (&0.into(), &true.into()));
        now["next"].as_str().expect("a position").to_owned()
    };
    let since = position(&city);
    city.edit(&format!("INSERT INTO layer.{LAYER} (name, osm_id) VALUES ('Một', 'test')"));
    let created = city.fetch(&format!("/changes?since={since}")).json();
    let change = &created["changes"][0];
    assert_eq!((&change["change"], &change["layer"]), (&"created".into(), &LAYER.into()));
    assert_eq!(change["revision"]["old"], Value::Null);
    assert_eq!(change["feature"]["properties"]["name"], "Một");
    assert_eq!(change["feature"]["id"], change["id"]);
    assert_eq!(change["feature"]["time"], Value::Null);

    city.edit(&format!("UPDATE layer.{LAYER} SET valid_to = '2025-07-01Z' WHERE osm_id = 'test'"));
    let ended = city.fetch(&format!("/ogc/changes?since={}", text(&created["next"]))).json();
    let end = &ended["changes"][0];
    assert_eq!(end["change"], "ended");
    assert_eq!(end["revision"]["old"], change["revision"]["new"]);
    assert_eq!(end["feature"]["time"]["interval"][1], "2025-07-01T00:00:00Z");

    city.edit(&format!("DELETE FROM layer.{LAYER} WHERE osm_id = 'test'"));
    city.edit("TRUNCATE layer.bus_stop");
    let answer = city.fetch(&format!("/changes?since={}&f=ndjson", text(&ended["next"])));
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let said = answer.text();
    let lines: Vec<Value> =
        said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 3, "{said}");
    assert_eq!((&lines[0]["change"], &lines[0]["id"]), (&"removed".into(), &change["id"]));
    assert_eq!(lines[0]["revision"]["old"], end["revision"]["new"]);
    assert_eq!((&lines[1]["change"], &lines[1]["layer"]), (&"reset".into(), &"bus_stop".into()));
    assert_eq!((&lines[2]["change"], &lines[2]["isComplete"]), (&"position".into(), &true.into()));

    // From the first position on the building came and went. A copy that was read in between holds
    // it as it was created: it is told once that the building went, and so is who never had it.
    let all = city.fetch(&format!("/changes?since={since}&layer={LAYER}")).json();
    assert_eq!((&all["numberReturned"], &all["isComplete"]), (&1.into(), &true.into()));
    let gone = &all["changes"][0];
    assert_eq!((&gone["change"], &gone["id"]), (&"removed".into(), &change["id"]));
    assert_eq!(gone["revision"]["old"], change["revision"]["new"]);
    assert_eq!(gone["feature"], Value::Null);
}

#[test]
fn a_moment_leads_as_far_back_and_a_restart_loses_nothing() {
    let mut city = City::start();
    city.urbis(&["prune"]);
    let moment = city.psql(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    );
    let position = text(&city.fetch("/changes").json()["next"]).to_owned();
    city.edit(&format!(
        "UPDATE layer.{LAYER} SET name = 'Sau' WHERE feature_id = \
                        (SELECT min(feature_id) FROM layer.{LAYER})"
    ));
    city.restart();
    for since in [&moment, &position] {
        let page = city.fetch(&format!("/changes?since={since}")).json();
        assert_eq!(page["changes"][0]["feature"]["properties"]["name"], "Sau", "{page}");
        assert_eq!(page["numberReturned"], 1);
    }
}

#[test]
fn what_is_asked_wrongly_or_too_late_is_said_with_what_to_do() {
    let city = City::start();
    let position = text(&city.fetch("/changes").json()["next"]).to_owned();
    for (query, status, code) in [
        ("since=yesterday", 400, "invalid_parameter"),
        ("since=", 400, "invalid_parameter"),
        ("limit=0", 400, "invalid_parameter"),
        ("limit=10001", 400, "invalid_parameter"),
        ("f=xml", 400, "invalid_parameter"),
        ("sinze=1", 400, "unknown_parameter"),
        ("layer=nowhere", 404, "unknown_layer"),
        ("since=1970-01-01T00:00:00Z", 410, "changes_gone"),
        ("since=1.2.open.3.", 410, "changes_gone"),
        (&format!("since={}", position.replace("open", "internal")), 410, "changes_gone"),
    ] {
        let answer = city.fetch(&format!("/changes?{query}"));
        let problem = answer.json();
        assert_eq!((answer.status, &problem["code"]), (status, &code.into()), "{query}: {problem}");
        if status == 410 {
            let link = answer.header("link").expect("a way out");
            assert!(link.contains("/ogc/collections>"), "{link}");
        }
    }

    // Who kept changes for no longer than nodes need them.
    city.edit(&format!(
        "DELETE FROM layer.{LAYER} WHERE feature_id = \
                        (SELECT min(feature_id) FROM layer.{LAYER})"
    ));
    wait_for("the log to be pruned", || {
        city.urbis(&["prune", "--keep-changes-days", "0"]);
        let answer = city.fetch(&format!("/changes?since={position}"));
        (answer.status == 410).then_some(())
    });
    let now = text(&city.fetch("/changes").json()["next"]).to_owned();
    assert_eq!(city.fetch(&format!("/changes?since={now}")).status, 200);
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
