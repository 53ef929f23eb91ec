//! When features hold, and what was recorded when.

use urbis_model::{Moment, Openness};
use urbis_store::{Datetime, FeatureAsk};

use super::{Ground, ids};

/// A second after 2000, as the model counts.
const fn at(seconds: i64) -> Moment {
    Moment(946_684_800_000_000 + seconds * 1_000_000)
}

#[tokio::test]
async fn features_are_found_by_when_they_hold() {
    let ground = Ground::empty().await;
    ground
        .city
        .psql(
            "INSERT INTO layer.lot (valid_from, valid_to) VALUES
             (NULL, NULL),
             ('2000-01-01T00:00:10Z', '2000-01-01T00:00:20Z'),
             ('2000-01-01T00:00:10Z', NULL),
             (NULL, '2000-01-01T00:00:20Z'),
             ('-infinity', 'infinity'),
             ('infinity', NULL)",
        )
        .await;
    let between = Datetime::Between;
    for (datetime, expected) in [
        (Datetime::At(at(5)), &[1, 4, 5][..]),
        (Datetime::At(at(10)), &[1, 2, 3, 4, 5]),
        (Datetime::At(at(19)), &[1, 2, 3, 4, 5]),
        (Datetime::At(at(20)), &[1, 3, 5]),
        (between(Some(at(0)), Some(at(9))), &[1, 4, 5]),
        (between(Some(at(0)), Some(at(10))), &[1, 2, 3, 4, 5]),
        (between(Some(at(20)), Some(at(30))), &[1, 3, 5]),
        (between(None, Some(at(9))), &[1, 4, 5]),
        (between(Some(at(20)), None), &[1, 3, 5, 6]),
        (between(None, None), &[1, 2, 3, 4, 5, 6]),
        (between(Some(at(9)), Some(at(0))), &[]),
        (Datetime::At(Moment(i64::MIN)), &[1, 4, 5]),
    ] {
        let ask = FeatureAsk { datetime: Some(datetime), ..ground.ask(Openness::Open) };
        assert_eq!(ground.ids(&ask).await, expected, "{datetime:?}");
    }
}

#[tokio::test]
async fn a_layer_is_answered_as_it_was_recorded_at_a_moment() {
    let ground = Ground::empty().await;
    let before = Moment::now();
    ground
        .city
        .psql("INSERT INTO layer.lot (lot, floors) VALUES ('a', 1), ('b', 1), ('c', 1)")
        .await;
    let first = Moment::now();
    ground.city.psql("UPDATE layer.lot SET floors = 2 WHERE lot = 'a'").await;
    ground.city.psql("DELETE FROM layer.lot WHERE lot = 'b'").await;
    let second = Moment::now();
    ground.city.psql("INSERT INTO layer.lot (lot, floors) VALUES ('d', 1)").await;

    let filter = ground.filter("floors = 1", Openness::Open);
    for (recorded, expected, with_one_floor) in [
        (Some(before), &[][..], &[][..]),
        (Some(first), &[1, 2, 3], &[1, 2, 3]),
        (Some(second), &[1, 3], &[3]),
        (None, &[1, 3, 4], &[3, 4]),
    ] {
        let ask = FeatureAsk { recorded, ..ground.ask(Openness::Open) };
        assert_eq!(ground.ids(&ask).await, expected, "{recorded:?}");
        let ask = FeatureAsk { filter: Some(&filter), ..ask };
        assert_eq!(ground.ids(&ask).await, with_one_floor, "{recorded:?}");
        let page = ground.page(&FeatureAsk { limit: 1, ..ask }).await;
        assert_eq!(ids(&page), with_one_floor.get(..1).unwrap_or_default());
    }
}
