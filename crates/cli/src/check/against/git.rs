//! Reads the layer files of a revision from the git repository that holds them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, anyhow};

use crate::exit::UsageError;

/// Variables of a surrounding git, such as that of a hook, which would lead ours elsewhere.
const SURROUNDINGS: [&str; 5] =
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"];

/// A commit, seen from the folder of the layer files.
#[derive(Debug)]
pub(super) struct Revision {
    folder: PathBuf,
    /// As it was asked for.
    name: String,
    commit: String,
}

impl Revision {
    /// Finds a revision by anything that names a commit.
    pub(super) fn find(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let shown = folder.display();
        let inside = git(folder, &["rev-parse", "--git-dir"])?;
        if !inside.status.success() {
            let told = String::from_utf8_lossy(&inside.stderr);
            let told = told.lines().next().unwrap_or_default();
            return Err(wrong(format!(
                "--against needs the git repository that holds '{shown}'; git says: {told}"
            )));
        }
        let unknown = || {
            wrong(format!(
                "--against '{name}': the repository of '{shown}' has no such commit; name a \
                 branch, tag or commit that was fetched"
            ))
        };
        // Git would take it for an option.
        if name.starts_with('-') {
            return Err(unknown());
        }
        let wanted = format!("{name}^{{commit}}");
        let found = git(folder, &["rev-parse", "--verify", "--quiet", &wanted])?;
        if !found.status.success() {
            return Err(unknown());
        }
        let commit = text(found)?.trim().to_owned();
        Ok(Self { folder: folder.to_owned(), name: name.to_owned(), commit })
    }

    /// The layer files of the folder at the revision, by the layers' ids.
    pub(super) fn layer_files(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let listed = text(git(&self.folder, &["ls-tree", "-z", "--name-only", &self.commit])?)?;
        let names = listed.split('\0').filter_map(|name| name.strip_suffix(".toml"));
        let read = |id: &str| Ok((id.to_owned(), self.file(&format!("{id}.toml"))?));
        let files: BTreeMap<_, _> = names.map(read).collect::<anyhow::Result<_>>()?;
        if files.is_empty() {
            let (name, shown) = (&self.name, self.folder.display());
            let told = format!("--against '{name}': it has no layer files in '{shown}'");
            return Err(wrong(told));
        }
        Ok(files)
    }

    fn file(&self, name: &str) -> anyhow::Result<String> {
        text(git(&self.folder, &["show", &format!("{}:./{name}", self.commit)])?)
    }
}

fn wrong(told: String) -> anyhow::Error {
    UsageError(told).into()
}

fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<Output> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments).env("LC_ALL", "C");
    SURROUNDINGS.iter().for_each(|name| {
        command.env_remove(name);
    });
    command.output().context("cannot run git, which --against needs")
}

fn text(output: Output) -> anyhow::Result<String> {
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(anyhow!("git failed: {told}"));
    }
    String::from_utf8(output.stdout).context("git gave something that is no text")
}
