//! Random numbers that are the same everywhere, for ever.
//!
//! Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014
//! (SplitMix64); the key is folded in by FNV-1a.

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// The stream of one thing: what happens to it does not depend on the things before it.
    pub(crate) fn of(seed: u64, key: &str) -> Self {
        let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        Self { state: key.bytes().fold(FNV_START, fold) ^ seed.wrapping_mul(GOLDEN) }
    }

    /// The stream of one thing at a whole place, such as a cell of a lattice.
    pub(crate) fn at(seed: u64, key: &str, x: i64, y: i64) -> Self {
        let mut stream = Self::of(seed, key);
        for part in [x, y] {
            stream.state = stream.next() ^ (part as u64).wrapping_mul(FNV_PRIME);
        }
        stream.state = stream.next();
        stream
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to 1, 1 excluded.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number from `low` to `high`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number from `low` to `high`, both included.
    pub(crate) fn whole(&mut self, low: i64, high: i64) -> i64 {
        let span = (high - low + 1).max(1) as u64;
        low + (self.next() % span) as i64
    }

    /// True in `share` of all cases.
    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of several; there is at least one.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[(self.next() % of.len() as u64) as usize]
    }

    /// Brings a list into a random order.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = (self.next() % (last as u64 + 1)) as usize;
            list.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_paper() {
        // The first outputs of SplitMix64 from the state 1234567, as its reference code prints them.
        let mut random = Random { state: 1_234_567 };
        let found = [random.next(), random.next(), random.next()];
        assert_eq!(
            found,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn numbers_stay_in_their_bounds_and_use_all_of_them() {
        let mut random = Random::of(1, "bounds");
        let found: std::collections::BTreeSet<i64> =
            (0..200).map(|_| random.whole(-1, 2)).collect();
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [-1, 0, 1, 2]);
    }
}
