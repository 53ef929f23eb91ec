//! `GET /metrics`: what the node did and holds, in the text format of Prometheus.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use urbis_catalog::Layer;
use urbis_dispatch::{Fleet, Verdict};
use urbis_model::Openness;
use urbis_network::LiveRoads;
use urbis_snapshot::{City, LayerMemory};

use crate::encoding::Encoding;
use crate::layers::visible;
use crate::live::{Live, SpoolState};
use crate::metrics::{Kind, Page};
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::{Caching, Caller, Head};
use crate::state::AppState;

const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Answers requests, builds, cache, age and revision; of each layer that the caller may see the
/// number of features. What layers take of memory and what is on the roads is told only to whom
/// nothing is hidden, since it counts everything. Before the first load there is no city to tell of.
///
/// # Errors
///
/// Those of a key.
pub(crate) async fn get_metrics(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    Query::refuse_all(query.as_deref())?;
    let mut page = Page::default();
    state.metrics().write(&mut page);
    write_cache(&mut page, &state);
    let published = state.published().ok();
    if let Some(published) = &published {
        let (age, revision) = (published.age.as_secs_f64(), published.revision().0 as f64);
        let help = "Time since memory last equalled the database.";
        page.single("urbis_age_seconds", Kind::Gauge, help, age);
        page.single("urbis_revision", Kind::Gauge, "Revision of the city.", revision);
        let help = "Number of the roads' live state.";
        page.single("urbis_road_epoch", Kind::Gauge, help, published.live.epoch() as f64);
        let class = caller.access.class();
        write_layers(&mut page, &published.city, class);
        // They count what is on every road and what every unit sends, those that few may know of,
        // too.
        if class == Openness::Restricted {
            write_roads(&mut page, &published.live);
            write_units(&mut page, &published.fleet);
            write_search(&mut page, &state);
        }
    }
    if let Ok(live) = state.live() {
        write_spool(&mut page, &live);
    }
    let audience = caller.access.audience();
    let head = Head { etag: None, caching: Caching::Nothing, audience, published };
    Ok(head.ok(MEDIA_TYPE, (Encoding::Identity, page.into_text().into())))
}

fn write_cache(page: &mut Page, state: &AppState) {
    let (tiles, bytes) = state.tiles().size();
    let help = "Tiles that are kept, right or not.";
    page.single("urbis_tile_cache_tiles", Kind::Gauge, help, tiles as f64);
    page.single("urbis_tile_cache_bytes", Kind::Gauge, "What they take.", bytes as f64);
}

fn write_roads(page: &mut Page, live: &LiveRoads) {
    let help = "What slows or closes roads now.";
    page.single("urbis_road_conditions", Kind::Gauge, help, live.condition_count() as f64);
}

fn write_search(page: &mut Page, state: &AppState) {
    let Some(index) = state.search_board().load() else { return };
    let help = "Revision of the city that is searched.";
    page.single("urbis_search_revision", Kind::Gauge, help, index.revision().0 as f64);
    let help = "Memory that the index of the search takes.";
    page.single("urbis_search_bytes", Kind::Gauge, help, index.memory().bytes as f64);
}

fn write_units(page: &mut Page, fleet: &Fleet) {
    const PARTS: &str = "urbis_unit_report_parts_total";
    let help = "Number of the units' state.";
    page.single("urbis_fleet_epoch", Kind::Gauge, help, fleet.epoch() as f64);
    page.single("urbis_units", Kind::Gauge, "Units.", fleet.units().len() as f64);
    let counters = fleet.counters();
    let help = "Positions, statuses and descriptions that units sent, by what became of them.";
    page.family(PARTS, Kind::Counter, help);
    for verdict in Verdict::ALL {
        page.sample(PARTS, &[("verdict", verdict.code())], counters.of(verdict) as f64);
    }
    const JUMPS: &str = "urbis_unit_jumps_total";
    page.family(JUMPS, Kind::Counter, "Held positions, by what the next one said of them.");
    let jumps = [("confirmed", counters.jumps_confirmed), ("dropped", counters.jumps_dropped)];
    for (outcome, count) in jumps {
        page.sample(JUMPS, &[("outcome", outcome)], count as f64);
    }
}

fn write_spool(page: &mut Page, live: &Live) {
    let SpoolState { waiting_bytes, max_bytes, oldest } = live.spool_state();
    let help = "Bytes of live reports that the database does not have yet.";
    page.single("urbis_spool_bytes", Kind::Gauge, help, waiting_bytes as f64);
    let help = "Most bytes that the spool may hold.";
    page.single("urbis_spool_bytes_max", Kind::Gauge, help, max_bytes as f64);
    let help = "Time since the database last had all that the spool was sent.";
    page.single("urbis_spool_age_seconds", Kind::Gauge, help, oldest.as_secs_f64());
}

fn write_layers(page: &mut Page, city: &City, class: Openness) {
    let layers =
        || visible(city.catalog(), class).filter_map(|layer| Some((layer, city.layer(&layer.id)?)));
    page.family("urbis_layer_features", Kind::Gauge, "Features that are valid now.");
    for (layer, snapshot) in layers() {
        let labels = [("layer", layer.id.as_str())];
        page.sample("urbis_layer_features", &labels, snapshot.count(class) as f64);
    }
    if class < Openness::Restricted {
        return;
    }
    page.family("urbis_layer_bytes", Kind::Gauge, "Memory that a layer takes, by what it holds.");
    layers().for_each(|(layer, snapshot)| write_memory(page, layer, snapshot.memory()));
}

fn write_memory(page: &mut Page, layer: &Layer, memory: LayerMemory) {
    let LayerMemory { features: _, vertices, ranks, boxes, ids, attributes, prepared, index } =
        memory;
    for (part, bytes) in [
        ("vertices", vertices),
        ("ranks", ranks),
        ("boxes", boxes),
        ("ids", ids),
        ("attributes", attributes),
        ("prepared", prepared),
        ("index", index),
    ] {
        let labels = [("layer", layer.id.as_str()), ("part", part)];
        page.sample("urbis_layer_bytes", &labels, bytes as f64);
    }
}
