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

/// Grams that stand less often are left out: of a count below 1.2 times that of a work's own, and six more, nothing is
/// concluded (`score/own.rs`), and a work that holds a passage has its grams once at the least.
const COMMON: u32 = 8;
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

/// Words whose triples are in memory at once.
const AT_ONCE: usize = 1 << 26;

/// Counts the grams of two and of three words of all works and makes the table. Linear in the words. Gives the memory
/// that sorting took, too.
pub(super) fn build(tokens: &[Token], works: &Works<'_>) -> (Vec<u32>, Vec<Parts>) {
    let pieces = works.pieces();
    let passes = tokens.len().div_ceil(AT_ONCE).next_power_of_two().min(PARTS);
    let mut sorted: Vec<Parts> = pieces.iter().map(|_| Parts::default()).collect();
    let mut common = Vec::new();
    for pass in 0..passes {
        let wanted = pass * PARTS / passes..(pass + 1) * PARTS / passes;
        sort_pieces(
            &mut sorted,
            Default::default,
            |(triples, parts): &mut (Vec<u64>, Vec<u16>), at, piece| {
                let words = works.range(pieces[at].end - 1).end - works.range(pieces[at].start).start;
                triples.resize(triples.len().max(words + 1), 0);
                parts.resize(parts.len().max(words + 1), 0);
                let mut count = 0;
                for slot in pieces[at].clone() {
                    let mut take = |triple: Triple| {
                        (triples[count], parts[count]) = (triple.0, triple.part());
                        count += usize::from(wanted.contains(&usize::from(triple.part())));
                    };
                    let work = &tokens[works.range(slot)];
                    work.array_windows()
                        .for_each(|&[first, second, third]| take(Triple::new(first, second, Some(third))));
                    if let [.., first, second] = *work {
                        take(Triple::new(first, second, None));
                    }
                }
                piece.sort(&triples[..count], &parts[..count]);
            },
        );
        let counted = in_parallel(wanted.len(), Counting::default, |counting, at| {
            counting.triples.clear();
            sorted.iter().for_each(|piece| counting.triples.extend_from_slice(piece.part(wanted.start + at)));
            counting.common()
        });
        common.extend(counted.concat());
    }
    (table(&common), sorted)
}

/// Puts common grams into the table, by hash.
fn table(common: &[u64]) -> Vec<u32> {
    let mut entries = vec![0; (5 * common.len()).div_ceil(3).max(64)];
    let parts: Vec<u16> = common.iter().map(|&gram| part_of(gram)).collect();
    let by_hash = Parts::new(common, &parts);
    let mut part = Vec::new();
    for number in 0..PARTS {
        part.clear();
        part.extend_from_slice(by_hash.part(number));
        part.sort_unstable();
        for &gram in &part {
            let free = probe(entries.len(), gram).find(|&slot| entries[slot] == 0);
            if let Some(slot) = free {
                entries[slot] = entry(gram);
            }
        }
    }
    entries
}

/// A gram's hash, but for the lowest eight bits, in which its count's code stands.
fn counted(hash: u64, count: u32) -> u64 {
    hash & !0xff | u64::from(encode_count(count))
}

/// What stands in the table for that.
fn entry(counted: u64) -> u32 {
    tag(counted) << 8 | (counted & 0xff) as u32
}

/// Two words, and the one behind them unless the work ends there: 16 bits each, and whether there is a third.
#[derive(Clone, Copy)]
struct Triple(u64);

impl Triple {
    #[inline(always)]
    fn new(first: Token, second: Token, third: Option<Token>) -> Self {
        let third = third.map_or(0, |third| u64::from(third) | 1 << 16);
        Self(u64::from(first) | u64::from(second) << 16 | third << 32)
    }

    fn third(self) -> Option<Token> {
        (self.0 >> 48 != 0).then_some((self.0 >> 32) as Token)
    }

    /// Triples that begin with one pair are in one part.
    #[inline(always)]
    fn part(self) -> u16 {
        ((self.0 as u32).wrapping_mul(0x9e37_79b1) >> 22) as u16
    }
}

/// What one core needs.
#[derive(Default)]
struct Counting {
    triples: Vec<u64>,
    keys: Vec<u64>,
    pairs: Counter,
    thirds: Counter,
    /// Of each pair that was counted its number among the common ones; none for others.
    numbers: Vec<u32>,
}

impl Counting {
    /// What is common among `triples`: the pairs with which they begin, and they themselves. A triple is not common
    /// unless its pair is.
    fn common(&mut self) -> Vec<u64> {
        let Self { triples, keys, pairs, thirds, numbers } = self;
        pairs.count(triples.iter().copied());
        let mut common = Vec::new();
        let mut both = Vec::new();
        numbers.clear();
        numbers.extend(pairs.counted.iter().map(|&[key, count]| {
            if count < COMMON {
                return u32::MAX;
            }
            let (first, second) = (key as Token, (key >> 16) as Token);
            common.push(counted(pair(first, second), count));
            both.push((first, second));
            both.len() as u32 - 1
        }));
        // A pair's number and a third word are a key of 32 bits. One round for nearly all parts.
        for (round, both) in both.chunks(1 << 16).enumerate() {
            keys.clear();
            keys.extend(pairs.of.iter().filter_map(|&(triple, at)| {
                let number = numbers[at as usize].wrapping_sub((round as u32) << 16);
                let third = Triple(triple).third().filter(|_| number < 1 << 16)?;
                Some(u64::from(number) << 16 | u64::from(third))
            }));
            thirds.count(keys.iter().copied());
            for &[key, count] in thirds.counted.iter().filter(|[_, count]| *count >= COMMON) {
                let (first, second) = both[(key >> 16) as usize];
                common.push(counted(gram(&[first, second, key as Token]), count));
            }
        }
        common
    }
}

/// Counts how often keys come, of those that may be common: a counting filter turns down most others (Fan, Cao,
/// Almeida, Broder 2000), and a hash table with open addressing counts what is left.
#[derive(Default)]
struct Counter {
    filter: Vec<u8>,
    /// What passed the filter, with the place of its key in `counted`.
    of: Vec<(u64, u32)>,
    /// Keys and how often they came.
    counted: Vec<[u32; 2]>,
    /// Places in `counted`, from 1; 0: free.
    slots: Vec<u32>,
}

impl Counter {
    /// Counts the lower halves of `keys`, in place of what was counted before.
    fn count(&mut self, keys: impl ExactSizeIterator<Item = u64> + Clone) {
        let Self { filter, of, counted, slots } = self;
        let hash =
            |key: u64, bits: u32| (u64::from(key as u32).wrapping_mul(ODD) >> (u64::BITS - bits)) as usize;
        let bits = (2 * keys.len()).next_power_of_two().ilog2().max(4);
        filter.clear();
        filter.resize(1 << bits, 0);
        for key in keys.clone() {
            let count = &mut filter[hash(key, bits)];
            *count = count.saturating_add(1);
        }
        of.resize(of.len().max(keys.len() + 1), (0, 0));
        let mut passed = 0;
        for key in keys {
            // Without a branch: which are common follows no pattern.
            of[passed] = (key, 0);
            passed += usize::from(u32::from(filter[hash(key, bits)]) >= COMMON);
        }
        of.truncate(passed);
        let bits = (passed + passed / 2 + 1).next_power_of_two().ilog2().max(4);
        slots.clear();
        slots.resize(1 << bits, 0);
        counted.clear();
        for (key, at) in of {
            let mut slot = hash(*key, bits);
            *at = loop {
                match slots[slot] {
                    0 => {
                        counted.push([*key as u32, 1]);
                        slots[slot] = counted.len() as u32;
                        break counted.len() as u32 - 1;
                    }
                    held if counted[held as usize - 1][0] == *key as u32 => {
                        counted[held as usize - 1][1] += 1;
                        break held - 1;
                    }
                    _ => slot = (slot + 1) & (slots.len() - 1),
                }
            };
        }
    }
}

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

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
            let word = |k: u64| (mix(work << 32 | k) % (1 + mix(k << 20 | work) % 120)) as Token;
            tokens.extend((0..work % 100).map(word));
            ends.push(tokens.len() as u32);
            for length in 2..=3 {
                for gram in tokens[start..].windows(length) {
                    *naive.entry(gram.to_vec()).or_default() += 1;
                }
            }
        }
        let (entries, _) = build(&tokens, &Works { ends: &ends });
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
