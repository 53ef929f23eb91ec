//! Serves the files of a folder from memory by axum and does nothing else: what a hot tile could
//! cost at best. For `make bench-tiles` alone.
//!
//! Usage: `bare ADDRESS:PORT FOLDER`. A file's path below the folder is its address; `/health`
//! answers once all are read.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;

type Files = Arc<HashMap<String, Bytes>>;

#[tokio::main]
async fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::other("usage: bare ADDRESS:PORT FOLDER"));
    };
    let mut files = HashMap::new();
    read_folder(Path::new(&folder), "", &mut files)?;
    let app = Router::new()
        .route("/health", get(async || StatusCode::NO_CONTENT))
        .fallback(get(answer))
        .with_state(Arc::new(files));
    axum::serve(tokio::net::TcpListener::bind(address).await?, app).await
}

async fn answer(State(files): State<Files>, uri: Uri) -> Response {
    const TILE: [(header::HeaderName, &str); 1] =
        [(header::CONTENT_TYPE, "application/vnd.mapbox-vector-tile")];
    match files.get(uri.path()) {
        Some(body) => (TILE, body.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Reads all files below a folder; `prefix` is the folder's own address.
fn read_folder(folder: &Path, prefix: &str, files: &mut HashMap<String, Bytes>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let address = format!("{prefix}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read_folder(&entry.path(), &address, files)?;
        } else {
            files.insert(address, std::fs::read(entry.path())?.into());
        }
    }
    Ok(())
}
