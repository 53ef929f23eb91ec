//! What a running node tells about itself: `urbis.json` in its data folder, and its health.

use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// A node that does not answer in this time does not run well enough to be called running.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest health answer that is read.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

/// A running node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningNode {
    /// Its process.
    pub pid: u32,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Address of its map on this machine.
    pub url: String,
    /// Its database, without password.
    pub database_url: String,
}

impl RunningNode {
    /// The node of this process.
    pub fn ours(listen: SocketAddr, database_url: String) -> Self {
        let url = format!("http://{}/", reachable(listen));
        Self { pid: std::process::id(), listen, url, database_url }
    }

    /// Reads what the node of a data folder wrote; nothing where none did or it is dead.
    pub fn of(data_dir: &Path) -> Option<Self> {
        let text = fs::read_to_string(path(data_dir)).ok()?;
        let node: Self = serde_json::from_str(&text).ok()?;
        Path::new("/proc").join(node.pid.to_string()).exists().then_some(node)
    }

    /// Tells who looks into the data folder.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be written.
    pub fn announce(&self, data_dir: &Path) -> anyhow::Result<Announced> {
        let path = path(data_dir);
        let unfinished = path.with_extension("json.new");
        let write = || {
            let mut options = fs::File::options();
            let opened = options.create(true).write(true).truncate(true).mode(0o644);
            opened.open(&unfinished)?.write_all(serde_json::to_string(self)?.as_bytes())?;
            fs::rename(&unfinished, &path)
        };
        write().with_context(|| format!("cannot write '{}'", path.display()))?;
        Ok(Announced { path })
    }
}

/// Takes the announcement back when dropped.
#[derive(Debug)]
pub struct Announced {
    path: PathBuf,
}

impl Drop for Announced {
    fn drop(&mut self) {
        // Already gone is as good as removed.
        fs::remove_file(&self.path).ok();
    }
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("urbis.json")
}

/// `0.0.0.0` is an address to listen on, not one to call.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// What a node said about its health.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    /// Whether it is ready.
    pub ready: bool,
    /// `GET /health/ready`.
    pub body: serde_json::Map<String, serde_json::Value>,
}

/// Asks a node; nothing where nobody answers in HTTP and JSON. Blocks.
pub fn ask_health(listen: SocketAddr) -> Option<Health> {
    let address = reachable(listen);
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    // HTTP/1.0: the answer ends with the connection and comes in one piece.
    write!(stream, "GET /health/ready HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n")
        .ok()?;
    let mut answer = String::new();
    stream.take(MAX_ANSWER_BYTES).read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1)?;
    Some(Health { ready: status == "200", body: serde_json::from_str(body).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_announcement_is_read_back_and_goes_with_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let node = RunningNode::ours("0.0.0.0:81".parse().unwrap(), "postgres://db".into());
        assert_eq!(node.url, "http://127.0.0.1:81/");
        let announced = node.announce(folder.path()).unwrap();
        assert_eq!(RunningNode::of(folder.path()), Some(node));
        drop(announced);
        assert_eq!(RunningNode::of(folder.path()), None);
    }

    #[test]
    fn a_dead_node_is_not_running() {
        let folder = tempfile::tempdir().unwrap();
        let mut node = RunningNode::ours("127.0.0.1:81".parse().unwrap(), "postgres://db".into());
        node.pid = u32::MAX;
        let _announced = node.announce(folder.path()).unwrap();
        assert_eq!(RunningNode::of(folder.path()), None);
    }

    #[test]
    fn nobody_at_the_address_is_no_health() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        assert_eq!(ask_health(address), None);
    }
}
