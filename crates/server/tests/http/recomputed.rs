//! No torn reads: what is answered while units, roads and the city change is what is answered when
//! nothing changes, of the same revision and epochs.
//!
//! Each answer is asked for once more from a node of its own that was told, in peace, of the city
//! of that revision and of the reports up to those epochs, and of nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use urbis_model::{ChangeBatch, LayerChange, Moment};

use crate::city::{Answer, layer_id};
use crate::roads::{RoadCity, city_of, shortcut, simulated, spelled, streets};

/// Batches of each kind of change.
const BATCHES: u64 = 100;

/// Questioners at once.
const READERS: u64 = 3;

/// Batches of reports, each with the first epoch that shows it.
type Told = Vec<(u64, Vec<Value>)>;

/// Everything of one moment: revision, epoch of the roads, epoch of the units.
type State = (u64, u64, u64);

/// One question and its answer without what a clock moves.
struct Asked {
    state: State,
    path: String,
    answer: Value,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_answer_while_all_changes_is_that_of_its_epochs_when_nothing_does() {
    let city = Arc::new(RoadCity::start().await);
    let start = Moment(Moment::now().0 - 120_000_000);
    let is_over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..READERS)
        .map(|number| tokio::spawn(read(Arc::clone(&city), Arc::clone(&is_over), number)))
        .collect();
    let units = tokio::spawn(tell_of_units(Arc::clone(&city), start));
    let roads = tokio::spawn(tell_of_roads(Arc::clone(&city), start));
    let edits = tokio::spawn(edit(Arc::clone(&city)));
    let (units, roads) = (units.await.unwrap(), roads.await.unwrap());
    edits.await.unwrap();
    is_over.store(true, Ordering::Release);
    let mut asked = Vec::new();
    for reader in readers {
        asked.extend(reader.await.unwrap());
    }

    asked.sort_by_key(|one| one.state);
    for of_state in asked.chunk_by(|one, next| one.state == next.state) {
        let anew = anew(of_state[0].state, &units, &roads).await;
        for one in of_state {
            let answer = without_clock(anew.ask(&one.path).await.json());
            assert_eq!(one.answer, answer, "{} at {:?}", one.path, one.state);
        }
    }
    let states: BTreeSet<State> = asked.iter().map(|one| one.state).collect();
    let revisions: BTreeSet<u64> = states.iter().map(|state| state.0).collect();
    assert!(states.len() > 50 && revisions.len() > 10, "{} {}", states.len(), revisions.len());
}

/// A node that was told all that shows in a state and nothing else.
async fn anew((revision, epoch, fleet_epoch): State, units: &Told, roads: &Told) -> RoadCity {
    let until = |told: &Told, last: u64| -> Vec<Value> {
        told.iter()
            .filter(|(epoch, _)| *epoch <= last)
            .flat_map(|(_, lines)| lines.clone())
            .collect()
    };
    let city = RoadCity::start_without_city().await;
    city.service.show(city_of(revision, roads_at(revision)));
    let (units, roads) = (until(units, fleet_epoch), until(roads, epoch));
    if !units.is_empty() {
        assert_eq!(city.report(&units).await.status, 200);
    }
    if !roads.is_empty() {
        assert_eq!(city.report_roads(&roads).await.status, 200);
    }
    city
}

/// The shortcut is there at every other revision.
fn roads_at(revision: u64) -> Vec<urbis_model::Feature> {
    let mut roads = streets();
    roads.extend(revision.is_multiple_of(2).then(shortcut));
    roads
}

async fn edit(city: Arc<RoadCity>) {
    for revision in 2..2 + BATCHES / 2 {
        let (upserted, removed) = match revision % 2 {
            0 => (vec![shortcut()], vec![]),
            _ => (vec![], vec![shortcut().id]),
        };
        let change = LayerChange::Rows { upserted, removed };
        city.service.apply(ChangeBatch { layers: [(layer_id("road"), change)].into() });
        // About as long as a question takes, so that others are answered at this revision.
        assert_eq!(city.ask("/dispatch/candidates?lon=108.22&lat=16.06").await.status, 200);
    }
}

/// Eight units on both streets, two a batch; each moves some ten metres to and fro.
async fn tell_of_units(city: Arc<RoadCity>, start: Moment) -> Told {
    let mut told = Told::new();
    for batch in 0..BATCHES {
        let lines: Vec<Value> = (0..2)
            .map(|one| {
                let (unit, turn) = ((batch * 2 + one) % 8, batch / 4);
                let lat = if unit < 4 { 16.06 } else { 16.07 };
                let lon = 108.2025 + 0.01 * (unit % 4) as f64 + 0.0001 * (turn % 3) as f64;
                let mut line = simulated(&format!("u{unit}"), (lon, lat));
                line["observed_at"] = spelled(Moment(start.0 + batch as i64 * 500_000)).into();
                line["status"] = if turn % 4 == 3 { "assigned" } else { "available" }.into();
                line
            })
            .collect();
        let answer = city.report(&lines).await;
        told.push((epoch_of(&answer, "fleet_epoch"), lines));
    }
    told
}

/// Six reports of roads that change over and over.
async fn tell_of_roads(city: Arc<RoadCity>, start: Moment) -> Told {
    let effects = [
        json!({"closed": true}),
        json!({"depth_m": 0.2}),
        json!({"speed_factor": 0.4}),
        json!({"cleared": true}),
    ];
    let mut told = Told::new();
    for batch in 0..BATCHES {
        let (report, turn) = (batch % 6, batch / 6);
        let mut line = effects[(turn % 4) as usize].clone();
        line["id"] = format!("w{report}").into();
        line["observed_at"] = spelled(Moment(start.0 + batch as i64 * 500_000)).into();
        if turn % 4 != 3 {
            line["segment"] = [2, 3, 12, 13, 22, 23][report as usize].into();
        }
        let answer = city.report_roads(std::slice::from_ref(&line)).await;
        told.push((epoch_of(&answer, "epoch"), vec![line]));
    }
    told
}

fn epoch_of(answer: &Answer, name: &str) -> u64 {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()[name].as_u64().unwrap()
}

/// Asks all over the town until all is told, and once more.
async fn read(city: Arc<RoadCity>, is_over: Arc<AtomicBool>, reader: u64) -> Vec<Asked> {
    let mut asked = Vec::new();
    for number in reader.. {
        let is_last = is_over.load(Ordering::Acquire);
        let step = number * 7919;
        let (east, north) = ((step % 37) as f64, (step % 11) as f64);
        let path = format!(
            "/dispatch/candidates?lon={:.4}&lat={:.4}&limit={}&accuracy_m={}",
            108.202 + 0.001 * east,
            16.06 + 0.001 * north,
            1 + step % 5,
            [0, 300][(step % 2) as usize],
        );
        let answer = city.ask(&path).await;
        let body = answer.json();
        let state = [&body["revision"], &body["epoch"], &body["basis"]["fleet_epoch"]];
        let [revision, epoch, fleet_epoch] = state.map(|number| number.as_u64().unwrap());
        // The head of an answer is of the same state as its body.
        assert_eq!(answer.header("urbis-revision"), Some(revision.to_string().as_str()));
        assert_eq!(answer.header("urbis-epoch"), Some(epoch.to_string().as_str()));
        let answer = without_clock(body);
        asked.push(Asked { state: (revision, epoch, fleet_epoch), path, answer });
        if is_last {
            break;
        }
    }
    asked
}

/// An answer without ages, the moment of the question, and numbers that count what went before.
fn without_clock(mut answer: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.retain(|name, _| {
                    !name.ends_with("age_s") && !name.ends_with("epoch") && name != "at"
                });
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut answer);
    answer
}
