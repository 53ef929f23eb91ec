//! Pieces of an outline in bands of y, so that a road looks only at those at its height.
//!
//! ```text
//!   ───────────────╱──   band 2:  a, b
//!   ────╱─────────a───   band 1:  a, c
//!   ───c──────────────   band 0:  c
//! ```
//!
//! Cost: of a question, the pieces in its bands; a piece is in every band that it passes. Bands
//! are fewer where pieces are long, so that all bands together hold a bounded number.

use super::outline::Piece;
use crate::pages::index_u32;

/// Most bands.
const MAX_BANDS: usize = 4_096;

/// How often a piece is in a band on average, at most.
const MAX_ENTRIES: usize = 32;

/// Questions are larger by so many cells than is asked: roundings never leave out a piece.
const ROOM: f64 = 1.0;

/// Pieces by bands of y.
#[derive(Debug, Default)]
pub(crate) struct Bands {
    low: f64,
    height: f64,
    pieces: Vec<Piece>,
    /// Where each band ends among the entries.
    ends: Vec<u32>,
    /// Numbers of pieces.
    entries: Vec<u32>,
}

impl Bands {
    pub fn new(pieces: Vec<Piece>) -> Self {
        let ys = || pieces.iter().flat_map(|piece| [piece.start.y, piece.end.y]);
        let (low, high) = (ys().fold(f64::INFINITY, f64::min), ys().fold(0.0, f64::max));
        let mut bands =
            Self { low, height: f64::INFINITY, ends: vec![0], pieces, entries: Vec::new() };
        let mut count = bands.pieces.len().clamp(1, MAX_BANDS);
        // A hair more, so that the highest place is in the last band.
        let height = |count: usize| (high - low + 1.0) / count as f64;
        bands.height = height(count);
        while count > 1 && bands.entry_count() > MAX_ENTRIES * bands.pieces.len() {
            count /= 2;
            bands.height = height(count);
        }
        bands.fill(count);
        bands
    }

    fn entry_count(&self) -> usize {
        let bands = self.pieces.iter().map(|piece| self.bands_of(*piece));
        bands.map(|(first, last)| last - first + 1).sum()
    }

    fn fill(&mut self, count: usize) {
        let mut ends = vec![0_u32; count];
        for piece in &self.pieces {
            let (first, last) = self.bands_of(*piece);
            ends[first..=last].iter_mut().for_each(|end| *end += 1);
        }
        let mut sum = 0;
        for end in &mut ends {
            // Where the band starts, until its entries are written.
            (*end, sum) = (sum, sum + *end);
        }
        self.entries = vec![0; sum as usize];
        for (number, piece) in self.pieces.iter().enumerate() {
            let (first, last) = self.bands_of(*piece);
            for end in &mut ends[first..=last] {
                self.entries[*end as usize] = index_u32(number);
                *end += 1;
            }
        }
        self.ends = ends;
    }

    fn bands_of(&self, piece: Piece) -> (usize, usize) {
        let (low, high) = (piece.start.y.min(piece.end.y), piece.start.y.max(piece.end.y));
        (self.band(low), self.band(high))
    }

    /// Of places below all, the first.
    fn band(&self, y: f64) -> usize {
        // `as` saturates.
        ((y - self.low) / self.height) as usize
    }

    /// All pieces whose box comes within a distance of another one's, each once, with their
    /// numbers; some that are a little farther, too.
    pub fn near(&self, other: Piece, distance: f64) -> impl Iterator<Item = (usize, Piece)> {
        let distance = distance + ROOM;
        let (low, high) = (other.start.y.min(other.end.y), other.start.y.max(other.end.y));
        self.between(low - distance, high + distance)
            .filter(move |(_, piece)| piece.is_near(other, distance))
    }

    /// All pieces that reach a height, each once, in no order; some near it, too.
    pub fn at_height(&self, y: f64) -> impl Iterator<Item = Piece> {
        self.between(y - ROOM, y + ROOM).map(|(_, piece)| piece)
    }

    fn between(&self, low: f64, high: f64) -> impl Iterator<Item = (usize, Piece)> {
        let lowest = self.band(low);
        let end = if high < self.low { 0 } else { (self.band(high) + 1).min(self.ends.len()) };
        (lowest..end).flat_map(move |band| {
            let start = band.checked_sub(1).map_or(0, |before| self.ends[before]);
            let entries = self.entries[start as usize..self.ends[band] as usize].iter();
            let pieces = entries.map(|number| (*number as usize, self.pieces[*number as usize]));
            // In the first band that it shares with the question, and in no other.
            pieces.filter(move |(_, piece)| self.bands_of(*piece).0.max(lowest) == band)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::outline::Xy;
    use super::*;

    #[test]
    fn all_that_is_near_is_found_once() {
        let mut seed = 88_172_645_463_325_252_u64;
        let mut number = |limit: u64| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            (seed % limit) as f64
        };
        for (count, longest) in [(0, 1), (1, 500), (30, 500), (3_000, 40), (3_000, 9_000)] {
            let mut piece = |length: u64| {
                let start = Xy { x: number(10_000), y: number(10_000) };
                let end = Xy { x: start.x + number(length), y: start.y + number(length) };
                Piece { start, end }
            };
            let pieces: Vec<Piece> = (0..count).map(|_| piece(longest)).collect();
            let bands = Bands::new(pieces.clone());
            assert!(bands.entries.len() <= MAX_ENTRIES * count);
            for _ in 0..200 {
                let road = piece(300);
                let mut found: Vec<usize> =
                    bands.near(road, 25.0).map(|(number, _)| number).collect();
                found.sort_unstable();
                let near = |piece: &Piece| piece.is_near(road, 25.0 + ROOM);
                let all = (0..count).filter(|number| near(&pieces[*number]));
                assert_eq!(found, all.collect::<Vec<_>>());
            }
        }
    }
}
