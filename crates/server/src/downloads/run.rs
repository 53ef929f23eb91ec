//! One file, made by another process.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::OwnedSemaphorePermit;
use urbis_filter::FilterError;
use urbis_model::LayerId;

use super::{Job, Shared, TIME_LIMIT};
use crate::problem::ApiError;
use crate::seldom::Seldom;

/// While the database is away every file fails.
static AWAY: Seldom = Seldom::new();

/// Most of what the other process says that is listened to, bytes.
const MAX_SAID: u64 = 16 << 10;

/// Signal of the system to who writes more than it may (`SIGXFSZ`).
const FILE_TOO_LARGE: i32 = 25;

/// A file that was made; it is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Made {
    pub file: File,
    /// Its length, bytes.
    pub length: u64,
    pub(super) folder: TempDir,
    _place: OwnedSemaphorePermit,
}

impl Made {
    pub(super) fn path(&self) -> std::path::PathBuf {
        self.folder.path().join(NAME)
    }
}

/// Name of every file while it is made.
const NAME: &str = "made";

/// A process that works, and the folder it works in. Where this is dropped the process is killed,
/// and then the folder removed.
struct Work(Option<(Child, TempDir)>);

impl Drop for Work {
    fn drop(&mut self) {
        let Some((mut child, folder)) = self.0.take() else { return };
        tokio::spawn(async move {
            if let Err(cause) = child.kill().await {
                tracing::debug!(%cause, "a process that made a file was gone already");
            }
            drop(folder);
        });
    }
}

impl Shared {
    pub(super) async fn make(&self, job: Job<'_>) -> Result<Made, ApiError> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| ApiError::DownloadsBusy)?;
        let folder = self.folder.for_one().map_err(|cause| failed("making a folder", &cause))?;
        let out = folder.path().join(NAME);
        let child = self.command(&job, &out).spawn();
        let child = child.map_err(|cause| failed("starting a process", &cause))?;
        let mut work = Work(Some((child, folder)));
        let waiting = tokio::time::timeout(TIME_LIMIT, wait(&mut work));
        let (status, said) = waiting.await.map_err(|_| too_slow())?;
        let status = status.map_err(|cause| failed("waiting for a process", &cause))?;
        // The process has ended: nothing is left to kill, and the folder goes with this function.
        let folder = work.0.take().map(|(_, folder)| folder);
        let folder = folder.ok_or(ApiError::Internal { doing: "making a file" })?;
        if !status.success() {
            return Err(self.refused(status, &said, job.layer));
        }
        let opened = async {
            let file = File::open(&out).await?;
            let length = file.metadata().await?.len();
            Ok((file, length))
        };
        let (file, length) = opened.await.map_err(|cause| failed("opening a file", &cause))?;
        Ok(Made { file, length, folder, _place: place })
    }

    fn command(&self, job: &Job<'_>, out: &Path) -> Command {
        let mut command = Command::new(&self.settings.program);
        command
            .args(&self.settings.arguments)
            .args(["--format", job.format.name(), "--level", &job.class.to_string()])
            .args(["--max-bytes", &self.settings.max_bytes.to_string()])
            .arg("--out")
            .arg(out)
            // The selection goes over as it came, and is read by the same code.
            .arg(format!("--query={}", job.query))
            .env("DATABASE_URL", &self.database_url)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        match job.layer {
            Some(layer) => command.arg(layer.as_str()),
            None => command.arg("--all"),
        };
        command
    }

    /// What a client is told of a process that failed; what is not its fault is logged.
    fn refused(&self, status: ExitStatus, said: &[String; 2], layer: Option<&LayerId>) -> ApiError {
        let [out, err] = said;
        let answer: Value =
            out.lines().last().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default();
        let too_large = ApiError::DownloadTooLarge { limit_mb: self.settings.max_bytes >> 20 };
        match (answer["error"]["code"].as_str(), layer) {
            _ if status.signal() == Some(FILE_TOO_LARGE) => too_large,
            (Some("export_too_large"), _) => too_large,
            (Some("features_too_slow" | "database_unreachable"), _) => away(err.trim()),
            (Some("filter_unanswerable"), Some(layer)) => {
                let detail = "it cannot be compared with the features".to_owned();
                let cause = FilterError::Geometry { detail };
                ApiError::FilterRefused { layer: layer.clone(), cause }
            }
            _ => {
                tracing::error!(%status, "a file is not made: {}", err.trim());
                ApiError::Internal { doing: "making a file" }
            }
        }
    }
}

/// Waits for the end of a process; gives what it said on both its ways.
async fn wait(work: &mut Work) -> (std::io::Result<ExitStatus>, [String; 2]) {
    let Some((child, _)) = &mut work.0 else {
        return (Err(std::io::ErrorKind::NotFound.into()), Default::default());
    };
    // Its end tells the process that this one is gone.
    let _stdin = child.stdin.take();
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (out, err, status) = tokio::join!(listen(out), listen(err), child.wait());
    (status, [out, err])
}

/// What is said, up to a limit; what is beyond it is heard and forgotten.
async fn listen(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let Some(pipe) = pipe else { return String::new() };
    let mut said = Vec::new();
    let mut kept = pipe.take(MAX_SAID);
    let heard = kept.read_to_end(&mut said).await;
    let rest = tokio::io::copy(&mut kept.into_inner(), &mut tokio::io::sink()).await;
    if let Err(cause) = heard.and(rest) {
        tracing::debug!(%cause, "a process is not heard any more");
    }
    String::from_utf8_lossy(&said).into_owned()
}

fn too_slow() -> ApiError {
    away(&format!("it takes longer than {} s", TIME_LIMIT.as_secs()))
}

fn away(cause: &str) -> ApiError {
    if let Some(left_out) = AWAY.turn(Instant::now()) {
        tracing::warn!(left_out, "a file is not made: {cause}");
    }
    ApiError::FeaturesAway
}

pub(super) fn failed(doing: &'static str, cause: &std::io::Error) -> ApiError {
    tracing::error!(%cause, "{doing} for a download failed");
    ApiError::Internal { doing: "making a file" }
}
