//! What a follower from outside is told: everything, and nothing that it may not see.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use serde_json::Value;
use urbis_catalog::Layer;
use urbis_model::{LayerId, Moment, Openness};
use urbis_store::{
    Change, ChangesAsk, ChangesPage, ChangesSince, ChangesToken, FeatureAsk, FeatureReader,
    Retention, StoreError,
};

use crate::features::{Ground, parse};
use crate::harness::{City, city, execute, for_nodes_alone, insert_pole};
use crate::interleaving::{Dice, FEATURES, WRITERS, end_all, writers};

const SEED: u64 = 5;
const STEPS: usize = 4_000;
/// A hasty reader that meets an open `TRUNCATE` gives up after this.
const PATIENCE: Duration = Duration::from_millis(150);

/// Tells where the log is now: the changes of the future alone.
async fn now(city: &City, class: Openness) -> ChangesToken {
    ChangesToken::at(city.load().await.0.position(), class)
}

/// A copy of the layers, kept by their changes.
struct Warehouse {
    reader: FeatureReader,
    class: Openness,
    token: ChangesToken,
    layers: BTreeMap<LayerId, BTreeMap<u64, Value>>,
    told: usize,
    resets: usize,
}

impl Warehouse {
    async fn new(city: &City, class: Openness) -> Self {
        let reader = FeatureReader::new(&city.url).unwrap();
        let token = now(city, class).await;
        let mut warehouse =
            Self { reader, class, token, layers: BTreeMap::new(), told: 0, resets: 0 };
        for layer in city.catalog.layers() {
            warehouse.reset(layer).await.unwrap();
        }
        warehouse
    }

    /// Reads a layer whole.
    async fn reset(&mut self, layer: &Layer) -> Result<(), StoreError> {
        let ask = FeatureAsk::all(layer, self.class);
        let pieces: Vec<_> = self.reader.stream(&ask).try_collect().await?;
        let features = pieces.iter().flat_map(|piece| parse(&piece.features));
        let features = features.map(|feature| (feature["id"].as_u64().unwrap(), feature));
        self.layers.insert(layer.id.clone(), features.collect());
        Ok(())
    }

    async fn page(&self, city: &City, limit: usize) -> Result<ChangesPage, StoreError> {
        let layers: Vec<&Layer> = city.catalog.layers().collect();
        let since = ChangesSince::Token(&self.token);
        let (catalog, class) = (&*city.catalog, self.class);
        self.reader.changes(&ChangesAsk { catalog, layers: &layers, class, since, limit }).await
    }

    /// Takes a page in; says whether there is more, or nothing where a table is locked.
    async fn follow(&mut self, city: &City, limit: usize) -> Option<bool> {
        let page = match self.page(city, limit).await {
            Err(StoreError::FeaturesTooSlow) => return None,
            page => page.unwrap(),
        };
        assert!(page.changes.len() <= limit, "{} > {limit}", page.changes.len());
        for change in page.changes {
            let held = self.layers.get_mut(&change.layer).unwrap();
            self.told += 1;
            match change.what {
                Change::Reset => {
                    self.resets += 1;
                    // Taken in again with this page where it cannot be read now.
                    match self.reset(city.catalog.layer(&change.layer).unwrap()).await {
                        Err(StoreError::FeaturesTooSlow) => return None,
                        outcome => outcome.unwrap(),
                    }
                }
                Change::Removed { id, .. } => drop(held.remove(&id.value())),
                Change::Written { id, json, .. } => {
                    let mut feature: Value = serde_json::from_slice(&json).unwrap();
                    feature.as_object_mut().unwrap().remove("time").unwrap();
                    held.insert(id.value(), feature);
                }
            }
        }
        self.token = page.next.to_string().parse().unwrap();
        Some(page.has_more)
    }

    async fn catch_up(&mut self, city: &City) {
        while self.follow(city, 7).await.unwrap() {}
    }

    /// The numbers of a layer, to compare with what SQL says.
    fn numbers(&self, layer: &str, attribute: &str) -> String {
        let held = &self.layers[&LayerId::new(layer).unwrap()];
        let line = |(id, feature): (&u64, &Value)| {
            let number = feature["properties"][attribute].as_f64().map(|number| number as i64);
            format!("{id}={}", number.map_or("-".to_owned(), |number| number.to_string()))
        };
        held.iter().map(line).collect::<Vec<_>>().join(" ")
    }
}

async fn assert_equal(city: &City, warehouse: &Warehouse, step: usize) {
    for (layer, number) in [("pole", "height_m"), ("lane", "width_m")] {
        let sql = format!(
            "SELECT coalesce(string_agg(feature_id || '=' || coalesce({number}::bigint::text, '-'), \
             ' ' ORDER BY feature_id), '') FROM layer.{layer}"
        );
        let expected = city.text(&sql).await.unwrap();
        assert_eq!(warehouse.numbers(layer, number), expected, "{layer}, step {step}, seed {SEED}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_warehouse_that_replays_the_changes_equals_the_tables_whatever_writers_do() {
    let city = city().await;
    city.psql(&format!("SELECT setval('urbis.feature_id', {FEATURES})")).await;
    let mut warehouse = Warehouse::new(&city, Openness::Restricted).await;
    let mut writers = writers(&city).await;
    let mut dice = Dice(SEED);
    let (mut compared, mut cut) = (0, 0);
    let mut hasty = FeatureReader::with_timeout(&city.url, PATIENCE).unwrap();
    for step in 0..STEPS {
        let writer = usize::try_from(dice.roll(WRITERS as u64)).unwrap();
        writers[writer].step(&mut dice).await;
        if dice.roll(12) == 0 {
            let limit = 1 + usize::try_from(dice.roll(9)).unwrap();
            std::mem::swap(&mut warehouse.reader, &mut hasty);
            cut += usize::from(warehouse.follow(&city, limit).await == Some(true));
            std::mem::swap(&mut warehouse.reader, &mut hasty);
        }
        if step % 400 == 399 {
            end_all(&mut writers).await;
            warehouse.catch_up(&city).await;
            assert_equal(&city, &warehouse, step).await;
            compared += 1;
        }
    }
    // Else the test would show little.
    let Warehouse { told, resets, .. } = warehouse;
    assert!(told > 500 && resets > 5 && cut > 50 && compared == 10, "{told} {resets} {cut}");
}

#[tokio::test]
async fn a_transaction_that_commits_late_is_told_of_however_far_others_are() {
    let city = city().await;
    let mut warehouse = Warehouse::new(&city, Openness::Open).await;
    let mut late = city.connect().await;
    execute(&mut late, &format!("BEGIN; {}", insert_pole(1, 1))).await.unwrap();
    for east in 2..6 {
        city.psql(&insert_pole(east, 2)).await;
    }
    for _ in 0..2 {
        assert_eq!(warehouse.follow(&city, 2).await, Some(warehouse.told < 4));
    }
    assert_eq!(warehouse.told, 4);
    execute(&mut late, "COMMIT").await.unwrap();
    warehouse.catch_up(&city).await;
    assert_eq!(warehouse.told, 5);
    assert_eq!(warehouse.numbers("pole", "height_m"), "1=1 2=2 3=2 4=2 5=2");
}

#[tokio::test]
async fn a_copy_that_was_read_after_its_token_is_told_of_what_only_was_in_between() {
    let city = city().await;
    city.psql(&insert_pole(1, 1)).await;
    let mut warehouse = Warehouse::new(&city, Openness::Open).await;
    for edit in [insert_pole(2, 2), "UPDATE layer.pole SET height_m = 9 WHERE height_m = 1".into()]
    {
        city.psql(&edit).await;
    }
    for layer in city.catalog.layers() {
        warehouse.reset(layer).await.unwrap();
    }
    assert_eq!(warehouse.numbers("pole", "height_m"), "1=9 2=2");
    // One is gone again and the other as it was: nothing has changed since the token.
    for edit in ["DELETE FROM layer.pole WHERE height_m = 2", "UPDATE layer.pole SET height_m = 1"]
    {
        city.psql(edit).await;
    }
    warehouse.catch_up(&city).await;
    assert_eq!(warehouse.numbers("pole", "height_m"), "1=1");
}

#[tokio::test]
async fn a_page_may_end_within_a_transaction_and_the_next_goes_on_there() {
    let city = city().await;
    let warehouse = Warehouse::new(&city, Openness::Open).await;
    city.psql(
        "BEGIN; INSERT INTO layer.pole (height_m) SELECT 1 FROM generate_series(1, 2500); \
         INSERT INTO layer.lane (width_m) SELECT 1 FROM generate_series(1, 1200); COMMIT",
    )
    .await;
    for limit in [1, 700, 1_000, 1_001, 5_000] {
        let (mut told, mut token, mut pages) = (BTreeSet::new(), warehouse.token.clone(), 0);
        let most = if limit == 1 { 3 } else { usize::MAX };
        while pages < most {
            let warehouse = Warehouse { token, ..Warehouse::new(&city, Openness::Open).await };
            let page = warehouse.page(&city, limit).await.unwrap();
            for change in &page.changes {
                let Change::Written { id, old: None, .. } = change.what else {
                    panic!("{change:?}")
                };
                assert!(told.insert((change.layer.clone(), id)), "{id} is told of twice");
            }
            (token, pages) = (page.next, pages + 1);
            if !page.has_more {
                break;
            }
        }
        let expected: usize = if limit == 1 { 3 } else { 3_700 };
        assert_eq!((told.len(), pages), (expected, expected.div_ceil(limit)), "limit {limit}");
    }
}

/// What a class is told of lots since a token: what became of which.
async fn told(ground: &Ground, token: &ChangesToken, class: Openness) -> Vec<String> {
    let since = ChangesSince::Token(token);
    let (catalog, layers) = (&*ground.city.catalog, [&ground.land]);
    let ask = ChangesAsk { catalog, layers: &layers, class, since, limit: 100 };
    let page = ground.reader.changes(&ask).await.unwrap();
    assert!(!page.has_more);
    let words = page.changes.into_iter().map(|change| match change.what {
        Change::Reset => "reset".to_owned(),
        Change::Removed { id, .. } => format!("-{id}"),
        Change::Written { id, old, new, json, .. } => {
            assert_ne!(old, Some(new));
            assert!(class > Openness::Open || !String::from_utf8_lossy(&json).contains("owner"));
            format!("{}{id}", if old.is_some() { "~" } else { "+" })
        }
    });
    words.collect()
}

#[tokio::test]
async fn a_class_is_told_of_what_it_sees_and_of_nothing_else() {
    let ground = Ground::empty().await;
    let lots = "INSERT INTO layer.lot (lot, use, owner) VALUES ('1', 'ok', 'A'), ('2', 'bad', 'B')";
    ground.city.psql(lots).await;
    let (open, internal, restricted) = (Openness::Open, Openness::Internal, Openness::Restricted);
    for (edit, [everybody, offices, few]) in [
        // Of an attribute that only offices see, of a lot that only few see.
        ("UPDATE layer.lot SET owner = 'C' WHERE lot = '1'", [&[][..], &["~1"], &["~1"]]),
        ("UPDATE layer.lot SET area_m2 = 7 WHERE lot = '2'", [&[], &[], &["~2"]]),
        // It leaves those who see less, and comes back.
        ("UPDATE layer.lot SET use = 'bad' WHERE lot = '1'", [&["-1"], &["-1"], &["~1"]]),
        ("UPDATE layer.lot SET floors = 3 WHERE lot = '1'", [&[], &[], &["~1"]]),
        ("UPDATE layer.lot SET use = 'ok' WHERE lot = '1'", [&["+1"], &["+1"], &["~1"]]),
        // Nobody has to know what was not seen between two questions.
        (
            "UPDATE layer.lot SET use = 'bad' WHERE lot = '1'; \
             UPDATE layer.lot SET use = 'ok' WHERE lot = '1'",
            [&[], &[], &[]],
        ),
        ("UPDATE layer.lot SET floors = floors", [&[], &[], &[]]),
        ("INSERT INTO layer.lot (lot, use) VALUES ('3', 'bad')", [&[], &[], &["+3"]]),
        ("DELETE FROM layer.lot WHERE lot <> '1'", [&[], &[], &["-2", "-3"]]),
        ("UPDATE layer.lot SET valid_to = now() WHERE lot = '1'", [&["~1"], &["~1"], &["~1"]]),
        (
            "UPDATE layer.lot SET floors = 9; DELETE FROM layer.lot; \
             INSERT INTO layer.lot (feature_id, lot, use) VALUES (1, '1', 'ok'), (2, '2', 'bad')",
            [&["~1"], &["~1"], &["~1", "+2"]],
        ),
        ("TRUNCATE layer.lot", [&["reset"], &["reset"], &["reset"]]),
    ] {
        let mut tokens = Vec::new();
        for class in [open, internal, restricted] {
            tokens.push(now(&ground.city, class).await);
        }
        ground.city.psql(edit).await;
        for (token, expected) in tokens.iter().zip([everybody, offices, few]) {
            let class = [open, internal, restricted]
                .into_iter()
                .find(|class| token.to_string().contains(class.as_str()))
                .unwrap();
            assert_eq!(told(&ground, token, class).await, expected, "{class}: {edit}");
        }
    }
}

async fn since(city: &City, class: Openness, since: ChangesSince<'_>) -> Result<usize, String> {
    let reader = FeatureReader::new(&city.url).unwrap();
    let layers: Vec<&Layer> = city.catalog.layers().collect();
    let catalog = &*city.catalog;
    let ask = ChangesAsk { catalog, layers: &layers, class, since, limit: 100 };
    match reader.changes(&ask).await {
        Ok(page) => Ok(page.changes.len()),
        Err(StoreError::ChangesGone { why }) => Err(why.to_owned()),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_too_old_or_of_another_city_is_gone_and_never_a_part_of_the_changes() {
    let city = city().await;
    let token = now(&city, Openness::Open).await;
    let of =
        async |token: ChangesToken| since(&city, Openness::Open, ChangesSince::Token(&token)).await;
    let began = Moment(0);
    city.psql(&insert_pole(1, 1)).await;
    assert_eq!(of(token.clone()).await, Ok(1));
    let mark = "SELECT (extract(epoch FROM marked_at) * 1000000)::bigint FROM urbis.log_mark";
    let mark = Moment(city.number(mark).await);
    assert_eq!(since(&city, Openness::Open, ChangesSince::Moment(mark)).await, Ok(1));
    assert!(since(&city, Openness::Open, ChangesSince::Moment(began)).await.is_err());

    assert!(since(&city, Openness::Internal, ChangesSince::Token(&token)).await.is_err());
    let spoiled = |part: usize, text: &str| {
        let token = token.to_string();
        let mut parts: Vec<&str> = token.split('.').collect();
        parts[part] = text;
        if part == 3 {
            parts[4] = "";
        }
        parts.join(".").parse::<ChangesToken>().unwrap()
    };
    assert!(of(spoiled(0, "77")).await.is_err(), "of another database");
    assert!(of(spoiled(3, "99999999999")).await.is_err(), "of a time to come");
    // Another run of the server: it goes on from the last mark before, and tells again.
    assert_eq!(of(spoiled(1, "77")).await, Ok(1));

    // Kept for a week, whatever nodes have seen.
    city.psql("DELETE FROM urbis.node").await;
    let pruned = city.store.prune_log(&Retention::default()).await.unwrap().unwrap();
    assert_eq!((pruned.log_rows, of(token.clone()).await), (0, Ok(1)));
    city.psql("UPDATE urbis.log_mark SET marked_at = marked_at - interval '8 d'").await;
    city.psql(&insert_pole(2, 2)).await;
    let pruned = city.store.prune_log(&Retention::default()).await.unwrap().unwrap();
    assert_eq!((pruned.log_rows, of(spoiled(3, "9")).await.is_ok()), (1, false));
    assert!(of(token.clone()).await.is_err(), "the first pole is gone from the log");
    city.store.prune_log(&for_nodes_alone()).await.unwrap();
    // A transaction of another database of the server that ends now may have had rows, for all that
    // is known.
    let deadline = Instant::now() + Duration::from_secs(60);
    while of(now(&city, Openness::Open).await).await != Ok(0) {
        assert!(Instant::now() < deadline, "no position of now is of use");
    }
}
