//! Random numbers that a seed decides: the same fleet from the same seed.

/// A stream of numbers.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// The stream of a seed and a name; streams of other names have nothing to do with it.
    pub fn new(seed: u64, name: &str) -> Self {
        let mix = |state: u64, byte: u8| (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        Self(name.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, mix))
    }

    /// The next number; SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0, below 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From the first to below the second.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.share() * (high - low)
    }

    /// About normal with this deviation: the sum of four even numbers.
    pub fn around_zero(&mut self, deviation: f64) -> f64 {
        const DEVIATION_OF_FOUR: f64 = 0.577_350_269;
        let sum: f64 = (0..4).map(|_| self.share() - 0.5).sum();
        sum / DEVIATION_OF_FOUR * deviation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_name_decide_every_number() {
        let take = |seed, name| {
            let mut random = Random::new(seed, name);
            [random.next(), random.next(), random.next()]
        };
        assert_eq!(take(7, "115-01"), take(7, "115-01"));
        assert_ne!(take(7, "115-01"), take(8, "115-01"));
        assert_ne!(take(7, "115-01"), take(7, "115-02"));
    }

    #[test]
    fn numbers_around_zero_have_the_deviation_that_was_asked_for() {
        let mut random = Random::new(1, "noise");
        let count = 20_000;
        let square: f64 = (0..count).map(|_| random.around_zero(3.0).powi(2)).sum();
        let deviation = (square / f64::from(count)).sqrt();
        // One in a hundred: the error of a deviation from so many draws is a seventh of that.
        assert!((deviation - 3.0).abs() < 0.05, "{deviation}");
    }
}
