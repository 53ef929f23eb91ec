//! What the tests share: databases, two small layers, records, a model of memory.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};
use tokio::sync::mpsc;
use urbis_catalog::{Catalog, Layer};
use urbis_cluster::TemporaryCluster;
use urbis_model::{
    AttributeValue, ChangeBatch, Feature, FeatureId, ImportItem, ImportRecord, LayerChange, LayerId,
};
use urbis_store::{
    Burst, ImportMessage, ImportMode, ImportReport, ImportRequest, LoadedCity, Matching, Node,
    Part, Poll, Position, ReadBurst, Retention, Store, StoreError, Tail, Take,
};

pub type Memory = BTreeMap<LayerId, BTreeMap<FeatureId, Feature>>;

/// A migrated database of its own.
pub struct City {
    pub url: String,
    pub store: Store,
    pub catalog: Arc<Catalog>,
}

pub fn database() -> String {
    static CLUSTER: OnceLock<TemporaryCluster> = OnceLock::new();
    CLUSTER.get_or_init(|| TemporaryCluster::start().unwrap()).create_database()
}

pub async fn city() -> City {
    city_at(database()).await
}

pub async fn city_at(url: String) -> City {
    let catalog = catalog();
    let store = Store::connect(&url).await.unwrap();
    store.migrate(&catalog).await.unwrap();
    City { url, store, catalog }
}

/// The log and the history are kept for nobody but nodes.
pub fn for_nodes_alone() -> Retention {
    Retention { changes: std::time::Duration::ZERO, ..Retention::default() }
}

pub fn id(name: &str) -> LayerId {
    LayerId::new(name).unwrap()
}

/// A layer without sources; `attributes` are names and types.
pub fn layer(name: &str, geometry: &str, srid: u32, attributes: &[(&str, &str)]) -> Layer {
    let title = json!({ "vi": "Lớp thử", "en": "Test layer" });
    let attribute = |(name, kind): &(&str, &str)| {
        let values = match *kind {
            "code" | "codes" => {
                json!({ "ok": { "vi": "tốt", "en": "ok" }, "bad": { "vi": "hỏng", "en": "bad" } })
            }
            _ => json!({}),
        };
        json!({ "name": name, "title": title, "type": kind, "values": values })
    };
    let attributes: Vec<Value> = attributes.iter().map(attribute).collect();
    let definition = json!({
        "theme": "construction", "title": title, "description": title,
        "geometry": geometry, "storage_srid": srid, "key": attributes[0]["name"],
        "tiles": { "minzoom": 10, "maxzoom": 16, "attributes": [] },
        "import": { "max_rejects": 2 },
        "attributes": attributes,
        "examples": [
            { "title": "a record", "input": {}, "output": {} },
            { "title": "no record", "input": {}, "reject": "geometry_missing" },
        ],
    });
    let mut layer: Layer = serde_json::from_value(definition).unwrap();
    layer.id = id(name);
    layer
}

pub fn pole() -> Layer {
    let attributes = [
        ("asset_no", "text"),
        ("height_m", "float"),
        ("lamps", "integer"),
        ("is_lit", "boolean"),
        ("built", "date"),
        ("inspected_at", "datetime"),
        ("state", "code"),
    ];
    layer("pole", "Point", 5899, &attributes)
}

pub fn lane() -> Layer {
    layer("lane", "MultiLineString", 4326, &[("code", "text"), ("width_m", "float")])
}

pub fn catalog() -> Arc<Catalog> {
    Arc::new(Catalog::from_layers(vec![pole(), lane()]).unwrap())
}

impl City {
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }

    /// Runs plain SQL as any other program would.
    pub async fn psql(&self, sql: &str) {
        let mut connection = self.connect().await;
        execute(&mut connection, sql).await.unwrap();
        connection.close().await.unwrap();
    }

    pub async fn number(&self, sql: &str) -> i64 {
        let mut connection = self.connect().await;
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap()
    }

    pub async fn text(&self, sql: &str) -> Option<String> {
        let mut connection = self.connect().await;
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap()
    }

    pub async fn load(&self) -> (Tail, Memory) {
        self.load_as(&Node::new("tester").unwrap()).await
    }

    pub async fn load_as(&self, node: &Node) -> (Tail, Memory) {
        let (loaded, memory) = load(&self.store, &self.catalog, node).await.unwrap();
        (self.tail(loaded.position, node).await, memory)
    }

    /// A tail from a position on, of a node that is registered.
    pub async fn tail(&self, position: Position, node: &Node) -> Tail {
        let catalog = Arc::clone(&self.catalog);
        Tail::open(&self.url, catalog, position, node.clone()).await.unwrap()
    }

    pub async fn import(
        &self,
        source: &str,
        take: Option<Take>,
        mode: ImportMode,
        items: Vec<ImportItem>,
    ) -> Result<ImportReport, StoreError> {
        let pole = pole();
        self.import_as(request(&pole, source, take, mode), items).await
    }

    pub async fn import_as(
        &self,
        request: ImportRequest<'_>,
        items: Vec<ImportItem>,
    ) -> Result<ImportReport, StoreError> {
        let (sender, messages) = mpsc::channel(8);
        let send = async move {
            for chunk in items.chunks(7) {
                // A store that gave up has dropped its end, which the report shows.
                if sender.send(ImportMessage::Items(chunk.to_vec())).await.is_err() {
                    return;
                }
            }
            sender.send(ImportMessage::Finished).await.ok();
        };
        tokio::join!(self.store.import(request, messages), send).0
    }

    pub async fn publish(&self, items: Vec<ImportItem>) -> ImportReport {
        self.import("poles.gpkg", None, ImportMode::Publish, items).await.unwrap()
    }
}

pub fn request<'a>(
    layer: &'a Layer,
    source: &str,
    take: Option<Take>,
    mode: ImportMode,
) -> ImportRequest<'a> {
    ImportRequest {
        layer,
        source_name: source.into(),
        matching: Matching::Key,
        clip: None,
        take,
        mode,
        actor: "tester".into(),
    }
}

pub async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map(drop)
}

pub fn to_memory(layers: Vec<(LayerId, Vec<Feature>)>) -> Memory {
    let by_id = |features: Vec<Feature>| features.into_iter().map(|f| (f.id, f)).collect();
    layers.into_iter().map(|(id, features)| (id, by_id(features))).collect()
}

/// Loads a city and collects what comes.
pub async fn load(
    store: &Store,
    catalog: &Catalog,
    node: &Node,
) -> Result<(LoadedCity, Memory), StoreError> {
    let (sender, parts) = mpsc::channel(1);
    let (loaded, memory) = tokio::join!(store.load(catalog, node, sender), collect(parts));
    let mut memory: Memory = memory.into_iter().map(|(id, change)| (id, rows(change))).collect();
    for layer in catalog.layers() {
        memory.entry(layer.id.clone()).or_default();
    }
    Ok((loaded?, memory))
}

fn rows(change: LayerChange) -> BTreeMap<FeatureId, Feature> {
    let mut memory = Memory::new();
    apply(&mut memory, ChangeBatch { layers: [(id("any"), change)].into() });
    memory.remove(&id("any")).unwrap()
}

/// All pieces that come, as one batch.
async fn collect(mut parts: mpsc::Receiver<Part>) -> BTreeMap<LayerId, LayerChange> {
    let mut layers = BTreeMap::new();
    while let Some(part) = parts.recv().await {
        let empty = match part {
            Part::Rows { .. } => LayerChange::Rows { upserted: vec![], removed: vec![] },
            _ => LayerChange::Reset(vec![]),
        };
        let change = layers.entry(part.layer().clone()).or_insert(empty);
        match (change, part) {
            (LayerChange::Reset(all), Part::Features { features, .. }) => all.extend(features),
            (LayerChange::Reset(_), Part::LayerEnd { .. }) => {}
            (
                LayerChange::Rows { upserted, removed },
                Part::Rows { upserted: more, removed: gone, .. },
            ) => {
                upserted.extend(more);
                removed.extend(gone);
            }
            (change, part) => panic!("{part:?} after {change:?}"),
        }
    }
    layers
}

/// Reads a burst to its end.
pub async fn read_burst(burst: Burst) -> (ReadBurst, ChangeBatch) {
    let (sender, parts) = mpsc::channel(1);
    let (read, layers) = tokio::join!(burst.read(sender), collect(parts));
    (read.unwrap(), ChangeBatch { layers })
}

/// What a node does with a batch.
pub fn apply(memory: &mut Memory, batch: ChangeBatch) {
    for (layer, change) in batch.layers {
        let features = memory.entry(layer).or_default();
        match change {
            LayerChange::Reset(all) => *features = all.into_iter().map(|f| (f.id, f)).collect(),
            LayerChange::Rows { upserted, removed } => {
                features.extend(upserted.into_iter().map(|f| (f.id, f)));
                features.retain(|id, _| !removed.contains(id));
            }
        }
    }
}

/// Polls once and applies what was found, a burst as well: gives the changes of both.
pub async fn follow(tail: &mut Tail, memory: &mut Memory) -> ChangeBatch {
    let (mut batch, burst) = match tail.poll().await.unwrap() {
        Poll::Unchanged => (ChangeBatch::default(), None),
        Poll::Changed(batch) => (batch, None),
        Poll::Burst(batch, burst) => (batch, Some(burst)),
        other => panic!("{other:?}"),
    };
    if let Some(burst) = burst {
        let (read, more) = read_burst(burst).await;
        batch.layers.extend(more.layers);
        tail.settle(&read);
    }
    apply(memory, batch.clone());
    batch
}

/// Asserts that a poll finds nothing.
pub async fn assert_unchanged(tail: &mut Tail) {
    let poll = tail.poll().await.unwrap();
    assert!(matches!(poll, Poll::Unchanged), "{poll:?}");
}

/// A record of a pole with a key and a height; row and place follow from the key.
pub fn record(key: &str, height_m: f64) -> ImportItem {
    let number = key.bytes().fold(0_u64, |sum, byte| sum * 31 % 9973 + u64::from(byte));
    let mut ewkb = vec![1];
    ewkb.extend(0x2000_0001_u32.to_le_bytes());
    ewkb.extend(5899_u32.to_le_bytes());
    ewkb.extend((548_000.0 + number as f64).to_le_bytes());
    ewkb.extend(1_774_844.25_f64.to_le_bytes());
    ImportItem::Record(Box::new(ImportRecord {
        source_key: key.into(),
        source_hash: u128::from(number) << 64 | u128::from(height_m.to_bits()),
        source_row: number + 1,
        geometry_ewkb: ewkb,
        attributes: vec![
            AttributeValue::text(key),
            AttributeValue::Float(height_m),
            AttributeValue::Int(2),
            AttributeValue::Bool(true),
            AttributeValue::text("2019-04-30"),
            AttributeValue::text("2025-07-01T07:30:00+07:00"),
            AttributeValue::text("ok"),
        ],
        valid_from: Some("2019-04-30".into()),
        valid_to: None,
        faults: Vec::new(),
        original_ewkb: None,
    }))
}

pub fn records(keys: impl IntoIterator<Item = u32>) -> Vec<ImportItem> {
    keys.into_iter().map(|key| record(&format!("P-{key:05}"), 8.0)).collect()
}

/// `INSERT` of a pole at an offset in metres; the database gives the id.
pub fn insert_pole(east: u32, height_m: u32) -> String {
    format!(
        "INSERT INTO layer.pole (geom, asset_no, height_m) VALUES \
         (ST_SetSRID(ST_MakePoint(548000 + {east}, 1774844), 5899), 'E-{east}', {height_m})"
    )
}
