//! The nearest features by travel time, against a route to every one of them.

use urbis_model::{FeatureId, Openness};
use urbis_network::{IMPASSABLE, RoadAsk, Spread, Trip, nearest_by_road, route};
use urbis_snapshot::Visibility;

use crate::city::{BLOCK_M, PROFILE, Random, Town, feature_id, layer_id, random_streets};

const SIDE: u32 = 9;

#[test]
fn the_nearest_by_road_are_those_to_which_routes_are_fastest() {
    let mut answers = 0;
    let mut unlike_line = 0;
    for seed in 41..=43 {
        let mut random = Random(seed);
        let size = f64::from(SIDE) * BLOCK_M;
        let mut spot = || (random.share() * size, random.share() * size);
        // Two at one place: equally far.
        let mut places: Vec<(f64, f64)> = (0..60).map(|_| spot()).collect();
        places.push(places[0]);
        let town = Town::with_places(random_streets(SIDE, seed), &places);
        for _ in 0..12 {
            let from = spot();
            for (spread, limit) in [(Spread::From, 5), (Spread::To, 5), (Spread::From, 61)] {
                let all = all_times(&town, from, spread);
                let asked = [|_: FeatureId| true, |id: FeatureId| id.value().is_multiple_of(3)];
                let [found, thirds] = asked.map(|asked| found(&town, from, spread, (limit, asked)));
                assert_eq!(found, all[..limit.min(all.len())], "seed {seed} from {from:?}");
                let expected = all.iter().filter(|(_, id)| asked[1](*id)).take(limit);
                assert!(thirds.iter().eq(expected), "seed {seed} from {from:?}: {thirds:?}");
                answers += found.len();
                unlike_line +=
                    usize::from(found.first().is_some_and(|first| first.1 != by_line(&town, from)));
            }
        }
    }
    assert!(answers > 500 && unlike_line > 10, "{answers} {unlike_line}");
}

fn found(
    town: &Town,
    from: (f64, f64),
    spread: Spread,
    (limit, is_asked_for): (usize, impl Fn(FeatureId) -> bool),
) -> Vec<(u32, FeatureId)> {
    let stand = town.stand(from);
    let ask = RoadAsk {
        profile: PROFILE,
        spread,
        from: (crate::city::place(from), &stand),
        limit,
        cutoff_ms: IMPASSABLE - 1,
        visibility: Visibility::now(Openness::Open),
    };
    let layer = town.city.layer(&layer_id("place")).unwrap();
    let found =
        nearest_by_road(&town.city, &town.live, layer, &ask, |feature| is_asked_for(feature.id()));
    assert!(found.is_complete);
    found.features.iter().map(|one| (one.time_ms, one.feature.id())).collect()
}

fn all_times(town: &Town, from: (f64, f64), spread: Spread) -> Vec<(u32, FeatureId)> {
    let here = town.stand(from).at;
    let mut times = Vec::new();
    for (id, place) in (1001..).zip(&town.places) {
        let Some(stand) = town.stand_at(*place) else { continue };
        let (from, to) = match spread {
            Spread::From => (here.clone(), stand.at),
            Spread::To => (stand.at, here.clone()),
        };
        let trip = Trip { profile: PROFILE, from, to, alternatives: 0 };
        let fastest = route(&town.live, &trip);
        times.extend(fastest.first().map(|fastest| (fastest.time_ms(), feature_id(id))));
    }
    times.sort_unstable();
    times
}

fn by_line(town: &Town, from: (f64, f64)) -> FeatureId {
    let from = crate::city::place(from);
    let places = (1001..).zip(&town.places);
    let near = places.min_by(|(_, a), (_, b)| {
        crate::oracle::metres(from, **a).total_cmp(&crate::oracle::metres(from, **b))
    });
    feature_id(near.unwrap().0)
}
