//! Common grams: how often two tokens, and how often three, stand side by side, of those that do so often. One hash
//! table with open addressing.
//!
//! An entry is 24 bits of the gram's hash and a count on a logarithmic scale; a rare gram has none. The counts decide
//! what a word is worth behind one or two others, and whether a gram stands nowhere else or in a few places makes no
//! difference to that.

use super::parts::{PARTS, Parts, in_parallel, part_of, sort_pieces};
use super::seeds::reduce;
use super::works::Works;
use super::{decode_count, encode_count};
use crate::fingerprint::{gram, pair};
use crate::simd::prefetch;
use crate::text::Token;

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
        decode_count(find(self.0, hash) as u8)
    }
}

/// Entries that are compared at once: few grams lie further behind the first slot.
const AT_ONCE_COMPARED: usize = 4;

/// A gram's entry, or a free one.
#[inline]
fn find(entries: &[u32], hash: u64) -> u32 {
    let ends = |entry: u32| entry == 0 || entry >> 8 == tag(hash);
    // How many must be looked at, no processor can guess: so there is no branch for each.
    let first = reduce(hash, entries.len());
    if let Some(near) = entries[first..].first_chunk::<AT_ONCE_COMPARED>() {
        let mask = (0..AT_ONCE_COMPARED).fold(0_u32, |mask, k| mask | u32::from(ends(near[k])) << k);
        if mask != 0 {
            return near[mask.trailing_zeros() as usize % AT_ONCE_COMPARED];
        }
    }
    probe(entries.len(), hash).map(|slot| entries[slot]).find(|&entry| ends(entry)).unwrap_or(0)
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

/// Words whose pairs are in memory at once.
const AT_ONCE: usize = 1 << 23;

/// Counts the grams of two and of three words of all works and makes the table. Linear in the words.
pub(super) fn build(tokens: &[Token], works: &Works<'_>) -> Vec<u32> {
    let pieces = works.pieces();
    let passes = tokens.len().div_ceil(AT_ONCE).next_power_of_two().min(PARTS);
    let mut sorted: Vec<Parts<Triple>> = pieces.iter().map(|_| Parts::default()).collect();
    let mut common = Vec::new();
    for pass in 0..passes {
        let parts = pass * PARTS / passes..(pass + 1) * PARTS / passes;
        sort_pieces(&mut sorted, Vec::new, |triples: &mut Vec<Triple>, at, piece| {
            let all = works.range(pieces[at].start).start..works.range(pieces[at].end - 1).end;
            triples.clear();
            triples.resize(all.len() + 1, Triple::default());
            let mut count = 0;
            for slot in pieces[at].clone() {
                let mut take = |triple: Triple| {
                    triples[count] = triple;
                    count += usize::from(parts.contains(&triple.part()));
                };
                let work = &tokens[works.range(slot)];
                work.array_windows()
                    .for_each(|&[first, second, third]| take(Triple::new(first, second, Some(third))));
                if let [.., first, second] = *work {
                    take(Triple::new(first, second, None));
                }
            }
            triples.truncate(count);
            piece.sort(triples, Triple::part);
        });
        let counted = in_parallel(parts.len(), Counting::default, |counting, at| {
            counting.triples.clear();
            sorted.iter().for_each(|piece| counting.triples.extend_from_slice(piece.part(parts.start + at)));
            counting.common()
        });
        common.push(counted);
    }
    table(common.iter().flatten())
}

/// Puts common grams into the table, by hash.
fn table<'a>(common: impl Iterator<Item = &'a Vec<(u64, u8)>> + Clone) -> Vec<u32> {
    let count = common.clone().map(Vec::len).sum::<usize>();
    let mut entries = vec![0; (2 * count).max(64)];
    let by_hash: Vec<Parts<(u64, u8)>> =
        common.map(|some| Parts::new(some, |(hash, _)| part_of(hash))).collect();
    let mut part = Vec::new();
    for number in 0..PARTS {
        part.clear();
        by_hash.iter().for_each(|piece| part.extend_from_slice(piece.part(number)));
        part.sort_unstable();
        for &(hash, code) in &part {
            let free = probe(entries.len(), hash).find(|&slot| entries[slot] == 0);
            if let Some(slot) = free {
                entries[slot] = tag(hash) << 8 | u32::from(code);
            }
        }
    }
    entries
}

/// Two words, and the one behind them unless the work ends there: 16 bits each, and whether there is a third.
#[derive(Clone, Copy, Default)]
struct Triple(u64);

impl Triple {
    #[inline(always)]
    fn new(first: Token, second: Token, third: Option<Token>) -> Self {
        let third = third.map_or(0, |third| u64::from(third) | 1 << 16);
        Self(u64::from(first) | u64::from(second) << 16 | third << 32)
    }

    fn pair(self) -> u32 {
        self.0 as u32
    }

    fn third(self) -> Option<Token> {
        (self.0 >> 48 != 0).then_some((self.0 >> 32) as Token)
    }

    /// Triples that begin with one pair are in one part.
    #[inline(always)]
    fn part(self) -> usize {
        (self.pair().wrapping_mul(0x9e37_79b1) >> 22) as usize
    }
}

/// What one core needs.
#[derive(Default)]
struct Counting {
    triples: Vec<Triple>,
    table: Counter,
    /// Of each triple the slot of its pair.
    slots: Vec<u32>,
    /// Of each slot the number of its pair among the common ones, from 1.
    numbers: Vec<u32>,
}

impl Counting {
    /// The hashes and counts of what is common among `triples`: the pairs with which they begin, and they themselves.
    /// A triple is not common unless its pair is.
    fn common(&mut self) -> Vec<(u64, u8)> {
        let Self { triples, table, slots, numbers } = self;
        table.clear(triples.len());
        slots.clear();
        slots.extend(triples.iter().map(|triple| table.count(triple.pair())));
        numbers.clear();
        numbers.resize(table.slots.len(), 0);
        let (mut common, mut pairs) = (Vec::new(), Vec::new());
        for (number, &[key, count]) in numbers.iter_mut().zip(&table.slots) {
            if count >= COMMON {
                let (first, second) = (key as Token, (key >> 16) as Token);
                common.push((pair(first, second), encode_count(count)));
                pairs.push((first, second));
                *number = pairs.len() as u32;
            }
        }
        // A pair's number and a third word are a key of 32 bits. One round for nearly all parts.
        for (round, pairs) in pairs.chunks(1 << 16).enumerate() {
            let numbered = |slot: u32| numbers[slot as usize].wrapping_sub(1 + ((round as u32) << 16));
            table.clear(triples.len());
            for (triple, &slot) in triples.iter().zip(&*slots) {
                if let Some(third) = triple.third()
                    && numbered(slot) < 1 << 16
                {
                    table.count(numbered(slot) << 16 | u32::from(third));
                }
            }
            common.extend(table.slots.iter().filter(|[_, count]| *count >= COMMON).map(|&[key, count]| {
                let (first, second) = pairs[(key >> 16) as usize];
                (gram(&[first, second, key as Token]), encode_count(count))
            }));
        }
        common
    }
}

/// Counts how often keys come: a hash table with open addressing.
#[derive(Default)]
struct Counter {
    /// A key and its count; a count of zero: free.
    slots: Vec<[u32; 2]>,
}

impl Counter {
    /// Empties it, and makes room for so many keys.
    fn clear(&mut self, keys: usize) {
        self.slots.clear();
        self.slots.resize((keys + keys / 2 + 1).next_power_of_two(), [0, 0]);
    }

    /// Counts a key once more; gives its slot.
    #[inline(always)]
    fn count(&mut self, key: u32) -> u32 {
        let last = self.slots.len() - 1;
        let mut slot = (u64::from(key).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize;
        loop {
            slot &= last;
            let [held, count] = &mut self.slots[slot];
            if *count == 0 || *held == key {
                *held = key;
                *count += 1;
                return slot as u32;
            }
            slot += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::fingerprint::mix;

    #[test]
    fn common_grams_are_counted_and_rare_ones_are_not() {
        // Few words, of which the first come oftener; works of other lengths, the shortest without any gram.
        let mut tokens: Vec<Token> = Vec::new();
        let mut ends = Vec::new();
        let mut naive: HashMap<Vec<Token>, u32> = HashMap::new();
        for work in 0..400_u64 {
            tokens.resize(tokens.len().next_multiple_of(2), 0);
            let start = tokens.len();
            let word = |k: u64| (mix(work << 32 | k) % (1 + mix(k << 20 | work) % 300)) as Token;
            tokens.extend((0..work % 100).map(word));
            ends.push(tokens.len() as u32);
            for length in 2..=3 {
                for gram in tokens[start..].windows(length) {
                    *naive.entry(gram.to_vec()).or_default() += 1;
                }
            }
        }
        let entries = build(&tokens, &Works { ends: &ends });
        let counts = GramCounts(&entries);
        let mut common = 0;
        for (tokens, &expected) in &naive {
            let hash = if let [first, second] = **tokens { pair(first, second) } else { gram(tokens) };
            let (count, expected) = (counts.count(hash), f64::from(expected));
            if expected < f64::from(COMMON) {
                assert_eq!(count, 0.0, "{tokens:?}");
            } else {
                common += 1;
                assert!((0.85 * expected..1.15 * expected).contains(&count), "{tokens:?} {count} {expected}");
            }
        }
        assert!(common > 100, "{common}");
        let absent = (5000..15_000).filter(|&gram| counts.count(mix(gram)) > 0.0).count();
        assert_eq!(absent, 0);
    }
}
