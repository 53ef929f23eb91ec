//! Many changes at once: read apart, while the changes of other layers come as ever.

use urbis_model::{ChangeBatch, LayerId};
use urbis_store::{Burst, Poll, Tail};

use crate::harness::{
    City, Memory, apply, assert_unchanged, city, follow, id, insert_pole, read_burst,
};

const ROWS_OF_A_POLL: u64 = 10;

/// 100 poles and a lane, in memory.
async fn settled() -> (City, Tail, Memory) {
    let city = city().await;
    let poles: Vec<String> = (0..100).map(|east| insert_pole(east, 1)).collect();
    city.psql(&format!("{}; INSERT INTO layer.lane (width_m) VALUES (1)", poles.join(";"))).await;
    let (tail, memory) = city.load().await;
    (city, tail.with_rows_of_a_poll(ROWS_OF_A_POLL), memory)
}

async fn poll_burst(tail: &mut Tail, memory: &mut Memory) -> Burst {
    match tail.poll().await.unwrap() {
        Poll::Burst(batch, burst) => {
            apply(memory, batch);
            burst
        }
        other => panic!("{other:?}"),
    }
}

async fn poll_changed(tail: &mut Tail) -> ChangeBatch {
    match tail.poll().await.unwrap() {
        Poll::Changed(batch) => batch,
        other => panic!("{other:?}"),
    }
}

fn layers(batch: &ChangeBatch) -> Vec<&LayerId> {
    batch.layers.keys().collect()
}

#[tokio::test]
async fn other_layers_change_while_a_burst_is_read_and_its_own_wait_for_it() {
    let (city, mut tail, mut memory) = settled().await;
    let before = memory.clone();
    city.psql("UPDATE layer.pole SET height_m = 2").await;
    let burst = poll_burst(&mut tail, &mut memory).await;
    assert_eq!(burst.layers().collect::<Vec<_>>(), [&id("pole")]);

    city.psql("UPDATE layer.lane SET width_m = 2").await;
    let batch = poll_changed(&mut tail).await;
    assert_eq!(layers(&batch), [&id("lane")]);
    apply(&mut memory, batch);
    city.psql("UPDATE layer.pole SET height_m = 3 WHERE asset_no = 'E-7'").await;
    assert_unchanged(&mut tail).await;
    assert_eq!(memory[&id("pole")], before[&id("pole")]);

    let (read, batch) = read_burst(burst).await;
    apply(&mut memory, batch);
    tail.settle(&read);
    assert_eq!(layers(&follow(&mut tail, &mut memory).await), [&id("pole")]);
    assert_eq!(memory, city.load().await.1);
    assert_unchanged(&mut tail).await;
}

/// Else a road might be closed where its detour is not open yet.
#[tokio::test]
async fn no_transaction_is_ever_seen_in_half() {
    let (city, mut tail, mut memory) = settled().await;
    city.psql("UPDATE layer.pole SET height_m = 2").await;
    let burst = poll_burst(&mut tail, &mut memory).await;
    // Touches a layer of the burst: waits with it, and so does what comes after it.
    city.psql(
        "BEGIN; UPDATE layer.pole SET height_m = 3 WHERE asset_no = 'E-7'; \
         UPDATE layer.lane SET width_m = 3; COMMIT",
    )
    .await;
    assert_unchanged(&mut tail).await;
    city.psql("UPDATE layer.lane SET width_m = 4").await;
    assert_unchanged(&mut tail).await;
    assert_eq!(tail.waiting_layers().count(), 2);

    let (read, batch) = read_burst(burst).await;
    assert_eq!(layers(&batch), [&id("pole")]);
    apply(&mut memory, batch);
    tail.settle(&read);
    assert_eq!(follow(&mut tail, &mut memory).await.layers.len(), 2);
    assert_eq!(memory, city.load().await.1);
}

#[tokio::test]
async fn many_small_transactions_are_a_burst_as_well() {
    let (city, mut tail, mut memory) = settled().await;
    for east in 0..=ROWS_OF_A_POLL {
        city.psql(&insert_pole(u32::try_from(east).unwrap() + 1_000, 5)).await;
    }
    city.psql("UPDATE layer.lane SET width_m = 2").await;
    let before = memory[&id("lane")].clone();
    let burst = poll_burst(&mut tail, &mut memory).await;
    assert_ne!(memory[&id("lane")], before, "it came with the poll");
    let (read, batch) = read_burst(burst).await;
    apply(&mut memory, batch);
    tail.settle(&read);
    assert_eq!(memory, city.load().await.1);
}

#[tokio::test]
async fn a_burst_that_fails_is_found_again_with_all_that_waited() {
    let (city, mut tail, mut memory) = settled().await;
    city.psql("UPDATE layer.pole SET height_m = 2").await;
    let burst = poll_burst(&mut tail, &mut memory).await;
    city.psql("DELETE FROM layer.pole WHERE asset_no = 'E-7'").await;
    assert_unchanged(&mut tail).await;
    drop(burst);
    tail.abandon();
    follow(&mut tail, &mut memory).await;
    assert_eq!(memory, city.load().await.1);
}

#[tokio::test]
async fn a_burst_that_is_begun_twice_is_one() {
    let (city, mut tail, mut memory) = settled().await;
    city.psql("UPDATE layer.pole SET height_m = 2").await;
    let burst = poll_burst(&mut tail, &mut memory).await;
    // Another layer's burst waits for the first.
    city.psql("INSERT INTO layer.lane (width_m) SELECT n FROM generate_series(1, 50) AS n").await;
    assert_unchanged(&mut tail).await;
    let (read, batch) = read_burst(burst).await;
    apply(&mut memory, batch);
    tail.settle(&read);
    let second = poll_burst(&mut tail, &mut memory).await;
    assert_eq!(second.layers().collect::<Vec<_>>(), [&id("lane")]);
    let (read, batch) = read_burst(second).await;
    apply(&mut memory, batch);
    tail.settle(&read);
    assert_eq!(memory, city.load().await.1);
}

/// A large transaction that stays open, such as an import: its rows are in the log, and unseen.
#[tokio::test]
async fn a_large_transaction_that_stays_open_does_not_make_a_poll_slow() {
    let (city, mut tail, _) = settled().await;
    let mut open = city.connect().await;
    let many = "BEGIN; INSERT INTO urbis.change_log (layer, feature_id) \
                SELECT 'pole', n FROM generate_series(1, 300000) AS n";
    crate::harness::execute(&mut open, many).await.unwrap();
    // As the newest transaction, and with a newer one behind it.
    for later in [false, true] {
        if later {
            city.psql("SELECT pg_current_xact_id()").await;
            assert_unchanged(&mut tail).await;
        }
        let started = std::time::Instant::now();
        for _ in 0..50 {
            assert_unchanged(&mut tail).await;
        }
        // Going through them takes 50 ms a poll at the very least; passing them by, 0.1 ms.
        assert!(started.elapsed().as_millis() < 1_500, "{:?}", started.elapsed());
    }
}
