//! Common grams: how often two tokens, and how often three, stand side by side, of those that do so often. One hash
//! table with open addressing.
//!
//! An entry is 24 bits of the gram's hash and a count on a logarithmic scale; a rare gram has none. The counts decide
//! what a word is worth behind one or two others, and whether a gram stands nowhere else or in a few places makes no
//! difference to that.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::seeds::reduce;
use super::{decode_count, encode_count};
use crate::simd::prefetch;

/// Grams that stand less often are left out.
const COMMON: u32 = 4;
/// Entries looked at before a gram is taken to be absent.
const PROBES: usize = 32;

/// A borrowed table.
#[derive(Clone, Copy)]
pub(crate) struct GramCounts<'a>(pub(super) &'a [u32]);

impl GramCounts<'_> {
    pub(super) fn is_sound(&self) -> bool {
        !self.0.is_empty()
    }

    /// Brings near what `count` will read.
    #[inline]
    pub(crate) fn prefetch(&self, hash: u64) {
        prefetch(self.0, reduce(hash, self.0.len()));
    }

    /// How often the gram of this hash stands in the segment, rounded; 0 where it is rare. A false count comes in one
    /// of some million look-ups.
    #[inline]
    pub(crate) fn count(&self, hash: u64) -> f64 {
        find(self.0, hash).map_or(0.0, |slot| decode_count(self.0[slot] as u8))
    }
}

/// The slot of a gram's entry.
#[inline]
fn find(entries: &[u32], hash: u64) -> Option<usize> {
    probe(entries.len(), hash)
        .take_while(|&slot| entries[slot] != 0)
        .find(|&slot| entries[slot] >> 8 == tag(hash))
}

/// The slots that an entry may stand in, the first first.
#[inline]
fn probe(len: usize, hash: u64) -> impl Iterator<Item = usize> {
    let first = reduce(hash, len);
    (first..first + PROBES.min(len)).map(move |slot| if slot < len { slot } else { slot - len })
}

#[inline]
fn tag(hash: u64) -> u32 {
    hash as u32 >> 8
}

/// Counts the grams that `each_gram` gives (twice, the same) and makes the table, whatever the order. About `grams` are
/// expected; time is linear in them.
pub(super) fn build(grams: usize, mut each_gram: impl FnMut(&mut dyn FnMut(u64))) -> Vec<u32> {
    // Most grams are rare: saturating counters, addressed by hash, tell which may not be. Only those are counted
    // exactly.
    let mut counters = vec![0_u8; grams.next_power_of_two().clamp(1 << 10, 1 << 26)];
    let mask = counters.len() - 1;
    each_gram(&mut |hash| {
        let counter = &mut counters[hash as usize & mask];
        *counter = counter.saturating_add(1);
    });
    let mut counts: HashMap<u64, u32, BuildHasherDefault<Mixed>> = HashMap::default();
    each_gram(&mut |hash| {
        if u32::from(counters[hash as usize & mask]) >= COMMON {
            *counts.entry(hash).or_default() += 1;
        }
    });
    let mut common: Vec<(u64, u32)> = counts.into_iter().filter(|&(_, count)| count >= COMMON).collect();
    common.sort_unstable();
    let mut entries = vec![0; (2 * common.len()).max(64)];
    for (hash, count) in common {
        let free = probe(entries.len(), hash).find(|&slot| entries[slot] == 0);
        if let Some(slot) = free {
            entries[slot] = tag(hash) << 8 | u32::from(encode_count(count));
        }
    }
    entries
}

/// A hasher of what is mixed already.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::mix;

    #[test]
    fn common_pairs_are_counted_and_rare_ones_are_not() {
        let times = |pair: u64| if pair.is_multiple_of(10) { 100 } else { 1 };
        let entries = build(20_000, |each| {
            for pair in 0..2000_u64 {
                (0..times(pair)).for_each(|_| each(mix(pair)));
            }
        });
        let counts = GramCounts(&entries);
        for pair in 0..2000 {
            let count = counts.count(mix(pair));
            match times(pair) {
                1 => assert_eq!(count, 0.0),
                _ => assert!((85.0..115.0).contains(&count), "{count}"),
            }
        }
        let absent = (5000..15_000).filter(|&pair| counts.count(mix(pair)) > 0.0).count();
        assert_eq!(absent, 0);
    }
}
