//! Grows what has no open data: parcels, permits, plans, works; made up, and marked as such.
