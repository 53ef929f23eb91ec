//! How far a reading has come, for someone who waits.

/// Takes note of how far a reading has come.
pub trait Progress {
    /// Is called every so many features and once at the end; must return quickly.
    fn advance(&self, advance: Advance);
}

/// How far a reading has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Advance {
    /// Features of the file that were looked at, those left out too.
    pub seen: u64,
    /// Features in the file, where it says so without being read through.
    pub total: Option<u64>,
    /// Part of the file that is done, 0 to 1, where it is known.
    pub fraction: Option<f64>,
}

/// For readings that nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn advance(&self, _: Advance) {}
}
