//! Runs one of PostgreSQL's programs: as the right user, in a clean environment, output kept.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::account::Account;
use crate::error::ClusterError;

/// A program that is about to run.
///
/// The environment is empty but for a search path and the locale: a stray `PGHOST` or
/// `PGOPTIONS` must never lead to another cluster.
pub(crate) fn command(bin_dir: &Path, program: &str, account: &Account) -> Command {
    let mut command = Command::new(bin_dir.join(program));
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8");
    // The caller's folder may be closed to the account.
    command.current_dir("/").stdin(Stdio::null());
    // Ctrl-C in a terminal is for us alone; we stop the server ourselves.
    command.process_group(0);
    if let Some((uid, gid)) = account.ids_to_take() {
        command.uid(uid).gid(gid);
    }
    command
}

/// Runs to the end.
///
/// # Errors
///
/// [`ClusterError::ProgramFailed`] where it cannot start or does not exit with 0.
pub(crate) fn run(command: Command) -> Result<String, ClusterError> {
    feed(command, "")
}

/// Runs to the end with this text on standard input.
///
/// # Errors
///
/// As [`run`].
pub(crate) fn feed(mut command: Command, input: &str) -> Result<String, ClusterError> {
    let name = program_name(&command);
    let output = spawn_and_feed(&mut command, input)
        .map_err(|cause| failed(&name, "no start", cause.to_string()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(failed(&name, &output.status.to_string(), String::from_utf8_lossy(&said).trim().into()))
}

fn spawn_and_feed(command: &mut Command, input: &str) -> std::io::Result<Output> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    if input.is_empty() {
        return command.output();
    }
    let mut child = command.stdin(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().expect("standard input is piped");
    // Our inputs are far below a pipe's capacity, so this cannot wait for the reader.
    // A child that died early is reported by its status, not by the broken pipe.
    let written = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output()?;
    if output.status.success() {
        written?;
    }
    Ok(output)
}

fn program_name(command: &Command) -> String {
    Path::new(command.get_program())
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn failed(program: &str, status: &str, output: String) -> ClusterError {
    ClusterError::ProgramFailed { program: program.into(), status: status.into(), output }
}
