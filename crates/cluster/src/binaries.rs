//! Finds PostgreSQL's programs and proves that PostGIS is beside them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::ClusterError;

/// Oldest usable major version.
const OLDEST_MAJOR: u32 = 15;

/// Where Debian and its children put each version's programs, a folder a version.
const DEBIAN_VERSIONS: &str = "/usr/lib/postgresql";

/// Other places where it is often built or linked to.
const USUAL_FOLDERS: [&str; 3] = ["/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"];

/// Programs that a folder must hold to be one of PostgreSQL's.
const PROGRAMS: [&str; 4] = ["initdb", "pg_ctl", "postgres", "psql"];

/// Where to look for PostgreSQL's programs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// This folder and no other.
    pub only: Option<PathBuf>,
    /// Folders to look at after the usual ones, such as those of `PATH`.
    pub also: Vec<PathBuf>,
}

/// The programs of one PostgreSQL with PostGIS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    /// Folder that holds `initdb`, `pg_ctl`, `postgres` and `psql`.
    pub bin_dir: PathBuf,
    /// Major version.
    pub major: u32,
}

impl Binaries {
    /// Finds the newest version that has PostGIS.
    ///
    /// # Errors
    ///
    /// [`ClusterError::PostgresMissing`] and [`ClusterError::PostgisMissing`] name the packages
    /// to install.
    pub fn newest(search: &Search) -> Result<Self, ClusterError> {
        let (usable, bare) = Self::all(search);
        if let Some(binaries) = usable.into_iter().next() {
            return Ok(binaries);
        }
        Err(bare.first().map_or_else(
            || ClusterError::PostgresMissing { wanted: OLDEST_MAJOR, looked: search.folders() },
            Self::without_postgis,
        ))
    }

    /// Finds the version that made the cluster in `folder`: another cannot read it.
    ///
    /// # Errors
    ///
    /// As [`Self::newest`], and [`ClusterError::VersionMissing`].
    pub fn of_major(search: &Search, found: u32, folder: &Path) -> Result<Self, ClusterError> {
        let (usable, bare) = Self::all(search);
        if let Some(binaries) = usable.iter().find(|binaries| binaries.major == found) {
            return Ok(binaries.clone());
        }
        if let Some(binaries) = bare.iter().find(|binaries| binaries.major == found) {
            return Err(binaries.without_postgis());
        }
        let known = usable.iter().map(|binaries| binaries.major).collect();
        Err(ClusterError::VersionMissing { folder: folder.into(), found, known })
    }

    /// Every version found, newest first: those with PostGIS, and those without.
    fn all(search: &Search) -> (Vec<Self>, Vec<Self>) {
        let folders = search.folders();
        let mut found: Vec<Self> = folders.iter().filter_map(|dir| Self::in_folder(dir)).collect();
        // Stable: among folders of one version the first stays first.
        found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
        found.into_iter().partition(|binaries| binaries.control_file().is_file())
    }

    fn without_postgis(&self) -> ClusterError {
        ClusterError::PostgisMissing {
            major: self.major,
            bin_dir: self.bin_dir.clone(),
            control_file: self.control_file(),
        }
    }

    /// The programs in this folder, where it holds all of them and they are new enough.
    fn in_folder(bin_dir: &Path) -> Option<Self> {
        if !PROGRAMS.iter().all(|program| bin_dir.join(program).is_file()) {
            return None;
        }
        let version = ask(&bin_dir.join("postgres"), "--version")?;
        let major = parse_major(&version)?;
        (major >= OLDEST_MAJOR).then(|| Self { bin_dir: bin_dir.into(), major })
    }

    /// File that PostGIS brings: without it `CREATE EXTENSION postgis` must fail.
    fn control_file(&self) -> PathBuf {
        let share = ask(&self.bin_dir.join("pg_config"), "--sharedir")
            .map_or_else(|| format!("/usr/share/postgresql/{}", self.major).into(), PathBuf::from);
        share.join("extension/postgis.control")
    }
}

impl Search {
    /// Folders to look at, in order, without doubles.
    fn folders(&self) -> Vec<PathBuf> {
        if let Some(only) = &self.only {
            return vec![only.clone()];
        }
        let mut folders = debian_folders();
        folders.extend(USUAL_FOLDERS.map(PathBuf::from));
        folders.extend(self.also.iter().cloned());
        let told: Vec<PathBuf> = folders
            .iter()
            .filter_map(|folder| ask(&folder.join("pg_config"), "--bindir"))
            .map(PathBuf::from)
            .collect();
        folders.extend(told);
        let mut seen = BTreeSet::new();
        folders.retain(|folder| seen.insert(folder.clone()));
        folders
    }
}

fn debian_folders() -> Vec<PathBuf> {
    let Ok(versions) = fs::read_dir(DEBIAN_VERSIONS) else { return Vec::new() };
    let mut folders: Vec<PathBuf> =
        versions.flatten().map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders
}

/// First line that a program prints, where it exists and succeeds.
fn ask(program: &Path, question: &str) -> Option<String> {
    let output = Command::new(program).arg(question).output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    let line = said.lines().next()?.trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}

/// Reads `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
fn parse_major(version: &str) -> Option<u32> {
    let number = version.split_whitespace().nth(2)?;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::parse_major;

    #[test]
    fn the_major_version_is_read_from_releases_and_betas() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(parse_major("something else"), None);
    }
}
