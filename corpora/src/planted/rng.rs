//! Random numbers whose stream never changes.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

/// A seeded source of random numbers: xoshiro256++ started by splitmix64, as its authors published them.
///
/// The generator comes from a library; what is drawn from its 64-bit words is decided here, so that a workload stays
/// the same when the library's own ways of drawing change. Not for secrets.
#[derive(Clone, Debug)]
pub struct Rng(Xoshiro256PlusPlus);

impl Rng {
    /// A source whose whole stream is told by the seed.
    pub fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from 0 to `bound` - 1; 0 where `bound` is 0. The bias is below `bound` / 2^64.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next_u64()) * bound as u128) >> 64) as usize
    }

    /// A number from `range.0` to `range.1`, both included; `range.0` where the range is empty.
    pub fn between(&mut self, range: (usize, usize)) -> usize {
        range.0 + self.below((range.1 + 1).saturating_sub(range.0))
    }

    /// A number from 0 up to but not including 1, in steps of 2^-53.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with the given probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of the items; None where there are none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }

    /// Puts the items into a random order (Fisher and Yates), in linear time.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        // splitmix64 of seed 0 starts xoshiro256++; these are the first words of that stream.
        let mut rng = Rng::new(0);
        assert_eq!([rng.next_u64(), rng.next_u64(), rng.next_u64()], reference_stream(0));
    }

    /// xoshiro256++ 1.0 and splitmix64, written again from their published definitions.
    fn reference_stream(seed: u64) -> [u64; 3] {
        let mut counter = seed;
        let mut state = [0_u64; 4].map(|_| {
            counter = counter.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (counter ^ (counter >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        });
        [0; 3].map(|_| {
            let result = state[0].wrapping_add(state[3]).rotate_left(23).wrapping_add(state[0]);
            let shifted = state[1] << 17;
            state[2] ^= state[0];
            state[3] ^= state[1];
            state[1] ^= state[2];
            state[0] ^= state[3];
            state[2] ^= shifted;
            state[3] = state[3].rotate_left(45);
            result
        })
    }

    #[test]
    fn numbers_stay_in_their_bounds_and_reach_them() {
        let mut rng = Rng::new(7);
        let drawn: Vec<usize> = (0..2_000).map(|_| rng.between((3, 6))).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&3), Some(&6)));
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.between((5, 2)), 5);
        let hits = (0..10_000).filter(|_| rng.chance(0.2)).count();
        assert!((1_850..2_150).contains(&hits), "{hits} of 10,000 at one in five");
    }

    #[test]
    fn shuffling_keeps_every_item() {
        let mut items: Vec<usize> = (0..100).collect();
        Rng::new(3).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
