//! A node's life: bind, load, follow, answer, stop.
//!
//! Connections speak HTTP/1.1 only: whoever wants HTTP/2 or TLS has a reverse proxy in front.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use urbis_store::Node;

use crate::follow::{Origin, follow, leave};
use crate::live::keep_drained;
use crate::reply::Peer;
use crate::{AppState, Files, HttpService, ServeConfig, ServerError, Settings};

/// A client that has not sent the whole head of a request by then is let go; counted from the
/// start of the connection and from the end of each answer.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);

/// A client that takes no byte of its answer for so long is let go.
const UNREAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Most bytes of a request's head.
const MAX_HEAD_LEN: usize = 32 * 1024;

/// Connections that are open at once; more wait in the system's own queue.
const MAX_CONNECTIONS: usize = 4096;

/// Time that open requests get to end when the node stops.
const DRAIN: Duration = Duration::from_secs(5);

/// Pause after a failure to accept, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves a city until `shutdown` completes.
///
/// The port is bound first and `on_bound` told; until the city is loaded, reads answer 503 with
/// `Retry-After`, while live reports are taken; a database that is away is waited for. Then the
/// change log is followed, and no request waits for the database. On shutdown open requests get
/// five seconds.
///
/// # Errors
///
/// [`ServerError::Bind`], [`ServerError::Spool`], and [`ServerError::Load`] where the first load
/// fails otherwise. What fails later is tried again until it works.
pub async fn serve(
    config: ServeConfig,
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServerError> {
    let ServeConfig {
        listen,
        database_url,
        catalog,
        city,
        public_url,
        trusted_proxies,
        tile_cache_mb,
        spool_dir,
        downloads,
        retention,
        on_bound,
    } = config;
    let bind_failed = |cause| ServerError::Bind { listen, cause };
    let listener = TcpListener::bind(listen).await.map_err(bind_failed)?;
    let listen = listener.local_addr().map_err(bind_failed)?;
    if on_bound.is_some_and(|on_bound| on_bound.send(listen).is_err()) {
        tracing::debug!("nobody waits for the address any more");
    }
    let files = Files::embedded();
    let node = Node::new(listen.to_string()).map_err(|cause| ServerError::Load { cause })?;
    let origin = Origin { database_url, catalog, node, retention };
    let settings = Settings { city, public_url, trusted_proxies, listen, files, tile_cache_mb };
    let state = AppState::new(settings);
    state.expect_catalog(Arc::clone(&origin.catalog));
    state.open_features(&origin.database_url)?;
    if let Some(settings) = downloads {
        state.open_downloads(settings, &origin.database_url)?;
    }
    if let Some(folder) = spool_dir {
        state.open_live(folder).await?;
    }

    let (stop, stopped) = watch::channel(());
    let answering = tokio::spawn(answer(listener, HttpService::new(state.clone()), stopped));
    let outcome = tokio::select! {
        failed = follow(&state, &origin) => failed.map(|never| match never {}),
        never = keep_drained(&state, &origin.database_url) => match never {},
        never = state.clone().keep_searchable() => match never {},
        () = shutdown => {
            leave(&origin).await;
            Ok(())
        }
    };
    drop(stop);
    // They have no end of their own, and the connections wait for them.
    state.events().close();
    if answering.await.is_err() {
        tracing::error!("answering connections ended by a panic");
    }
    state.close_live().await;
    state.close_downloads();
    outcome
}

/// Accepts connections until the sender of `stopped` is gone, then waits for those that are open.
async fn answer(listener: TcpListener, app: HttpService, mut stopped: watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => accepted,
            Some(_) = connections.join_next() => continue,
            _ = stopped.changed() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = Connection { stream, app: app.of_peer(Peer(peer)) };
                connections.spawn(connection.answer(PATIENCE, stopped.clone()));
            }
            Err(cause) => {
                tracing::warn!(%cause, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN, drained).await.is_err() {
        tracing::debug!("some connections were cut");
    }
}

/// How long a client is waited for.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// For the head of a request.
    silence: Duration,
    /// For a byte of an answer to be taken.
    unread: Duration,
}

const PATIENCE: Patience = Patience { silence: HEADER_READ_TIMEOUT, unread: UNREAD_TIMEOUT };

/// One client and what answers it.
struct Connection {
    stream: TcpStream,
    app: HttpService,
}

impl Connection {
    /// Answers requests until the client leaves, stays silent for too long, or the node stops.
    async fn answer(self, patience: Patience, mut stopped: watch::Receiver<()>) {
        let Self { stream, app } = self;
        // Small answers leave at once.
        if let Err(cause) = stream.set_nodelay(true) {
            tracing::debug!(%cause, "cannot switch off Nagle's delay");
        }
        // The system ends a connection whose client acknowledges but never reads, too.
        let socket = socket2::SockRef::from(&stream);
        if let Err(cause) = socket.set_tcp_user_timeout(Some(patience.unread)) {
            tracing::debug!(%cause, "cannot limit the time of an unread answer");
        }
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(patience.silence)
            .max_buf_size(MAX_HEAD_LEN)
            .serve_connection(TokioIo::new(stream), app);
        let mut connection = std::pin::pin!(connection);
        let outcome = tokio::select! {
            outcome = connection.as_mut() => outcome,
            _ = stopped.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(cause) = outcome {
            tracing::debug!(%cause, "a connection ended early");
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    use super::*;

    const IMPATIENCE: Patience =
        Patience { silence: Duration::from_millis(100), unread: Duration::from_millis(500) };

    /// Longest time that something which should come may take.
    const DEADLINE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_silent_client_is_let_go_whatever_it_sent_before() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let app = HttpService::new(AppState::for_tests());
        let (_stop, stopped) = watch::channel(());
        for (sent, expected) in [
            ("", ""),
            ("GE", ""),
            ("GET /health/live HTTP/1.1\r\nhost: a", ""),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ""),
            ("GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n", "HTTP/1.1 200"),
        ] {
            let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let (stream, peer) = listener.accept().await.unwrap();
            let connection = Connection { stream, app: app.of_peer(Peer(peer)) };
            let answering = tokio::spawn(connection.answer(IMPATIENCE, stopped.clone()));
            client.write_all(sent.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            let read = timeout(DEADLINE, client.read_to_end(&mut answer)).await;
            read.expect("the node hangs up").unwrap();
            assert!(answer.starts_with(expected.as_bytes()), "{sent:?}");
            assert!(!expected.is_empty() || answer.is_empty(), "{sent:?}");
            answering.await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_client_that_never_reads_its_answers_is_let_go() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (_stop, stopped) = watch::channel(());
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        let app = HttpService::new(AppState::for_tests());
        let connection = Connection { stream, app: app.of_peer(Peer(peer)) };
        let answering = tokio::spawn(connection.answer(IMPATIENCE, stopped));
        let requests = "GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n".repeat(1_000);
        // Asks until nothing more goes through: all buffers between the two are full.
        while let Ok(Ok(())) =
            timeout(Duration::from_millis(300), client.write_all(requests.as_bytes())).await
        {
        }
        timeout(DEADLINE, answering).await.expect("the node hangs up").unwrap();
    }
}
