//! The last states in a file beside the spool: what is in it need not be asked of the database.
//!
//! A record leaves the spool once the database has it. A node that starts while the database is
//! away would then know no unit; so the last states are written before records leave.
//!
//! One JSON document, replaced as a whole: what is read is what was written last, or nothing.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use urbis_dispatch::{LiveRecord, RoadStateReport, UnitState};
use urbis_store::{KeyHash, KeyRecord};

use super::state_json::{state_from_json, state_to_json};

/// Only whoever runs the node reads where vehicles are.
const MODE: u32 = 0o600;

/// The last states of everything live.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct States {
    /// Of units.
    pub units: Vec<UnitState>,
    /// Of roads.
    pub roads: Vec<RoadStateReport>,
}

/// Where the files are.
#[derive(Debug, Clone)]
pub(crate) struct Checkpoint {
    folder: PathBuf,
}

impl Checkpoint {
    /// In the folder of a spool, which is there.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Keeps the last states; they are on the disk when it returns.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn write(&self, states: &States) -> io::Result<()> {
        let units: Vec<Value> = states.units.iter().map(state_to_json).collect();
        let roads = states.roads.iter().map(|road| {
            String::from_utf8(LiveRecord::Road(road.clone()).to_bytes())
                .map_or(Value::Null, Value::from)
        });
        let roads: Vec<Value> = roads.collect();
        self.replace("states.json", &json!({"units": units, "roads": roads}))
    }

    /// The states that were written last; none where there is no file, or another program's. One
    /// that cannot be read is left out, and told of.
    pub fn read(&self) -> States {
        let Some(document) = self.load("states.json") else { return States::default() };
        let road = |value: &Value| match LiveRecord::from_bytes(value.as_str()?.as_bytes()) {
            Ok(LiveRecord::Road(road)) => Some(road),
            _ => None,
        };
        States {
            units: read_all("units", &document["units"], state_from_json),
            roads: read_all("roads", &document["roads"], road),
        }
    }

    /// Keeps the hashes of the keys, so that live writers are known while the database is away.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn write_keys(&self, keys: &[KeyRecord]) -> io::Result<()> {
        let keys: Vec<Value> = keys.iter().map(key_to_json).collect();
        self.replace("keys.json", &Value::Array(keys))
    }

    /// The keys as they were when the database was seen last.
    pub fn read_keys(&self) -> Vec<KeyRecord> {
        let document = self.load("keys.json").unwrap_or_default();
        read_all("keys", &document, key_from_json)
    }

    /// A reader finds the old document or the new one, also after a fall of the machine.
    fn replace(&self, name: &str, document: &Value) -> io::Result<()> {
        let unfinished = self.folder.join(format!("{name}.new"));
        if let Err(cause) = write_whole(&unfinished, document) {
            // On a full disk it would take the room that others need.
            fs::remove_file(&unfinished).ok();
            return Err(cause);
        }
        fs::rename(&unfinished, self.folder.join(name))?;
        File::open(&self.folder)?.sync_all()
    }

    fn load(&self, name: &str) -> Option<Value> {
        let path = self.folder.join(name);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return None,
            Err(cause) => {
                tracing::warn!(%cause, file = name, "cannot read what was kept beside the spool");
                return None;
            }
        };
        let document = serde_json::from_slice(&text);
        if document.is_err() {
            tracing::warn!(file = name, "what was kept beside the spool is damaged, left out");
        }
        document.ok()
    }
}

/// What can be read of a list; what cannot is counted in the log.
fn read_all<T>(name: &str, list: &Value, read: impl Fn(&Value) -> Option<T>) -> Vec<T> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let found: Vec<T> = list.iter().filter_map(read).collect();
    let unreadable = list.len() - found.len();
    if unreadable > 0 {
        tracing::warn!(unreadable, name, "what was kept beside the spool is damaged, left out");
    }
    found
}

fn write_whole(path: &Path, document: &Value) -> io::Result<()> {
    let mut options = File::options();
    let mut file = options.write(true).create(true).truncate(true).mode(MODE).open(path)?;
    file.write_all(document.to_string().as_bytes())?;
    file.sync_all()
}

fn key_to_json(key: &KeyRecord) -> Value {
    json!({
        "id": key.id,
        "hash": key.hash.as_bytes(),
        "level": key.level,
        "scopes": key.scopes,
        "created": key.created_at.0,
        "revoked": key.revoked_at.map(|moment| moment.0),
    })
}

fn key_from_json(value: &Value) -> Option<KeyRecord> {
    use urbis_model::Moment;
    let hash = value["hash"].as_array()?.iter();
    let hash: Option<Vec<u8>> = hash.map(|byte| u8::try_from(byte.as_u64()?).ok()).collect();
    let scopes = value["scopes"].as_array()?.iter();
    Some(KeyRecord {
        id: value["id"].as_str()?.to_owned(),
        hash: KeyHash::from_bytes(&hash?)?,
        level: value["level"].as_str()?.parse().ok()?,
        scopes: scopes.map(|scope| scope.as_str()?.parse().ok()).collect::<Option<_>>()?,
        label: String::new(),
        created_at: Moment(value["created"].as_i64()?),
        revoked_at: value["revoked"].as_i64().map(Moment),
    })
}

#[cfg(test)]
mod tests {
    use urbis_model::Moment;

    use super::*;

    #[test]
    fn what_is_damaged_is_left_out_and_the_rest_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = Checkpoint::new(folder.path());
        let road = |id: &str| RoadStateReport {
            id: id.into(),
            observed_at: Moment(1),
            received_at: Moment(2),
            expires_at: None,
            is_cleared: false,
            body: "{}".into(),
        };
        let roads = vec![road("a"), road("b"), road("c")];
        checkpoint.write(&States { units: vec![], roads: roads.clone() }).unwrap();
        assert_eq!(checkpoint.read().roads, roads);
        let mut document = checkpoint.load("states.json").unwrap();
        document["roads"][1] = json!("half a rec");
        checkpoint.replace("states.json", &document).unwrap();
        assert_eq!(checkpoint.read().roads, [road("a"), road("c")]);
        let list = json!([1, "x", 3]);
        assert_eq!(read_all("numbers", &list, Value::as_u64), [1, 3]);
        assert_eq!(read_all("nothing", &Value::Null, Value::as_u64), Vec::<u64>::new());
    }
}
