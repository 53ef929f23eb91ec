//! Results go to standard output, everything else to standard error.

use std::io::Write;

use serde::Serialize;

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a person.
    Text,
    /// One JSON object a line.
    Json,
}

impl Format {
    /// What `--json` asks for.
    pub const fn from_flag(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }
}

/// Writes one line of result.
///
/// A reader that has closed the pipe wants no more; that is not an error of ours.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).ok();
}

/// Writes one line of JSON.
///
/// # Errors
///
/// Where the value has no JSON form, which is a bug in the value's type.
pub fn say_json(value: &impl Serialize) -> anyhow::Result<()> {
    say(&serde_json::to_string(value)?);
    Ok(())
}

/// Writes why the command failed, each cause on its own line, then the details.
pub fn complain(error: &anyhow::Error, details: &[String]) {
    let mut err = std::io::stderr().lock();
    let mut text = format!("error: {error}\n");
    for cause in error.chain().skip(1) {
        text += &format!("  because: {cause}\n");
    }
    for line in details {
        text += &format!("{line}\n");
    }
    err.write_all(text.as_bytes()).ok();
}
