//! The stream of changes over a socket: an edit arrives by itself, and the node's end ends it.

use super::*;

/// A stream of changes and what came over it.
struct Listener {
    stream: TcpStream,
    read: String,
}

impl Listener {
    fn open(node: &Node) -> Self {
        let mut stream = TcpStream::connect(node.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.write_all(b"GET /live/events?layers=street HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
        Self { stream, read: String::new() }
    }

    /// Reads until a text has come; says whether it has before the end.
    fn reads(&mut self, text: &str) -> bool {
        let mut bytes = [0; 4096];
        while !self.read.contains(text) {
            let count = self.stream.read(&mut bytes).expect("the node says something");
            if count == 0 {
                return false;
            }
            self.read.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        }
        true
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_reaches_whoever_listens_and_a_node_that_stops_keeps_nobody_waiting() {
    let node = Node::start().await;
    until("the node is ready", async || node.get("/health/ready").await.0 == 200).await;
    let mut listener = Listener::open(&node);
    let url = node.database_url.clone();
    let mut listener = tokio::task::spawn_blocking(move || {
        assert!(listener.reads("event: hello"), "{}", listener.read);
        psql(&url, &format!("INSERT INTO layer.street (geom) VALUES ('{STREET}')"));
        assert!(listener.reads("\"street\":[["), "{}", listener.read);
        listener
    })
    .await
    .unwrap();
    let stopping = Instant::now();
    node.stop().await;
    // Open requests get five seconds; a stream has no end and must not use them up.
    assert!(stopping.elapsed() < Duration::from_secs(4), "{:?}", stopping.elapsed());
    assert!(!listener.reads("nothing that comes"), "the stream has an end");
}
