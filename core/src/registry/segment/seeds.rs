//! Seeds to postings: a hash table of cache lines.
//!
//! ```text
//! hash    [ ....... line ....... | ........ | fingerprint ]
//! line    fp 812 | fp 90 | fp 4411 | … | 0 | 0        16 entries; zeros: there is room, so nothing more to look for
//! entry   the top bits are fingerprint, the others say which word of the segment the gram begins at
//! ```
//!
//! A look-up reads one line, six of a hundred the next, too: lines are nearly full, but of too many entries the greatest go
//! on and the greatest that stays is last, so that most look-ups see that nothing for them lies behind. Most grams of
//! an output stand in no work, and need not even that: a filter (Bloom 1970, its bits in one word: Putze, Sanders,
//! Singler 2007) of seven bits for each entry says so, and is small enough to stay in the cache.
//!
//! A fingerprint may agree by chance: postings are proposals, and what they propose is verified on the text.

use super::memory::Memory;
use crate::simd::{Kernel, LINE, PLACES, PLAIN, prefetch};

/// A posting says one of so many words, and not at which of them the gram begins: the tokens there tell.
pub(crate) const STRIDE: usize = 2;
/// Postings a gram may have before it is no seed by itself: longer grams that begin with it are stored instead.
/// Measured on the planted workload: more find the same plants, with more hits an output.
pub(crate) const MAX_POSTINGS: usize = 4;
/// Works that a gram of full length is stored for, however many hold it.
pub(crate) const MAX_WORKS: usize = 8;
/// Entries of a line of word seeds that are filled on average.
pub(super) const FILLED: usize = 14;
/// The same of letter seeds, which are asked for so seldom that their size is what counts.
pub(super) const FILLED_WITH_LETTERS: usize = 15;
/// Bits of the filter for each entry.
const FILTER_BITS: usize = 7;
/// Lines that an entry may stand behind its own: what hashes crowd together beyond this is left out. Only works made
/// to that end come near it.
const MAX_LINES: usize = 32;
/// Entries that a look-up reads on with. A gram has at most [`MAX_WORKS`]; more agree with it only if works are made to that
/// end, and each would have to be looked at.
const MAX_FOUND: usize = 4 * MAX_WORKS;

/// A borrowed index of seeds.
#[derive(Clone, Copy)]
pub(crate) struct SeedIndex<'a> {
    filter: &'a [u64],
    lines: &'a [[u32; LINE]],
    /// Lines that a hash may lead to; a few more take what does not fit.
    first: u64,
    /// Bits of an entry that say where the gram begins.
    bits: u32,
}

/// What a posting says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Posting {
    /// The gram begins at this word of the segment; of letter grams, at this word or the next.
    Word(u32),
    /// The gram is too common: the next longer one is to be looked up.
    Common,
}

impl<'a> SeedIndex<'a> {
    /// The index of a segment of so many `words`; an empty `filter` lets everything through.
    #[inline]
    pub(super) fn new(filter: &'a [u64], entries: &'a [u32], words: usize) -> Self {
        let lines = entries.as_chunks().0;
        Self { filter, lines, first: lines.len().saturating_sub(MAX_LINES) as u64, bits: bits(words) }
    }

    pub(super) fn is_sound(&self, entries: usize) -> bool {
        entries.is_multiple_of(LINE)
            && self.first > 0
            && u32::try_from(self.filter.len()).is_ok()
            && u32::try_from(self.lines.len()).is_ok()
    }

    #[inline(always)]
    fn line(&self, hash: u64) -> usize {
        reduce(hash, self.first as usize)
    }

    /// What the filter is to be asked for each hash: the place of a word, and the bits of it.
    #[inline(always)]
    pub(crate) fn ask<const N: usize>(&self, hashes: &[u64; N], places: &mut [u64; N], bits: &mut [u64; N]) {
        // Without a branch: a compiler makes vectors of it.
        for k in 0..N {
            places[k] = reduce(hashes[k], self.filter.len()) as u64;
            bits[k] = filter_bits(hashes[k]);
        }
    }

    /// Brings near what `may_hold` will read at a place.
    #[inline(always)]
    pub(crate) fn prefetch_filter(&self, place: u64) {
        prefetch(self.filter, place as usize);
    }

    /// Whether there may be entries of hashes, given what [`ask`](Self::ask) says of them: a bit for each. Of hashes
    /// without one it is said of one in thirty.
    #[inline(always)]
    pub(crate) fn may_hold<K: Kernel>(&self, kernel: K, places: &[u64; PLACES], bits: &[u64; PLACES]) -> u8 {
        if self.filter.is_empty() { u8::MAX } else { kernel.covers(self.filter, places, bits) }
    }

    /// Brings near what a look-up of `hash` will read: one cache line for nearly all.
    #[inline(always)]
    pub(crate) fn prefetch(&self, hash: u64) {
        prefetch(self.lines, self.line(hash));
    }

    /// Brings near what a look-up of `hash` will read behind its first line, which must be near: of six in a hundred.
    #[inline(always)]
    pub(crate) fn prefetch_further(&self, hash: u64) {
        let line = self.line(hash);
        let wanted = fingerprint(hash) << self.bits;
        let goes_on = self.lines.get(line).is_some_and(|home| self.goes_on(home, wanted));
        prefetch(self.lines, line + usize::from(goes_on));
    }

    /// Adds to `found` the entries whose fingerprint is that of `hash`, those of a few other grams among them, each
    /// with `index`. Says whether there may be more that were not read: where works are made so that many hashes agree.
    #[inline(always)]
    #[must_use]
    pub(crate) fn look_up<K: Kernel>(&self, kernel: K, hash: u64, index: u32, found: &mut Found) -> bool {
        let wanted = fingerprint(hash) << self.bits;
        let mut lines = self.lines[self.line(hash)..].iter().take(MAX_LINES);
        let Some(home) = lines.next() else { return false };
        let before = found.len();
        found.extend(kernel, home, !self.value(), wanted, index);
        if !self.goes_on(home, wanted) {
            return false;
        }
        for line in lines {
            found.extend(kernel, line, !self.value(), wanted, index);
            if line[LINE - 1] == 0 {
                return false;
            }
            if found.len() > before + MAX_FOUND {
                return true;
            }
        }
        false
    }

    /// Whether entries with the fingerprint that is wanted may have found no room in the line where they belong: of
    /// these it has the smallest, the last of them behind all others.
    #[inline(always)]
    fn goes_on(&self, home: &[u32; LINE], wanted: u32) -> bool {
        // A last entry of zero becomes the greatest number there is.
        home[LINE - 1].wrapping_sub(1) < wanted | self.value()
    }

    /// The word of the segment that an entry stands for, where it is one; whether it is one, and whether it says that
    /// the gram is common.
    #[inline(always)]
    pub(crate) fn posting(&self, entry: u32) -> (u32, bool, bool) {
        let value = entry & self.value();
        let is_common = value == self.value();
        (value.wrapping_sub(1).wrapping_mul(STRIDE as u32), (value != 0) & !is_common, is_common)
    }

    /// Calls `each` with every posting of `hash`, and with a few of other grams; says whether there may be more, as
    /// [`look_up`](Self::look_up). For what is done so seldom that it matters little how.
    pub(crate) fn postings(&self, hash: u64, mut each: impl FnMut(Posting)) -> bool {
        let mut found = Found::default();
        let is_crowded = self.look_up(PLAIN, hash, 0, &mut found);
        for (entry, _) in found.iter() {
            match self.posting(entry) {
                (position, true, _) => each(Posting::Word(position)),
                (_, _, true) => each(Posting::Common),
                _ => {}
            }
        }
        is_crowded
    }

    /// The bits of an entry that are no fingerprint.
    #[inline(always)]
    fn value(&self) -> u32 {
        u32::MAX >> (32 - self.bits)
    }
}

/// Entries that look-ups found, each with what it was looked up for.
#[derive(Default)]
pub(crate) struct Found {
    entries: Vec<u32>,
    indices: Vec<u32>,
    count: usize,
}

impl Found {
    pub(crate) fn clear(&mut self) {
        self.count = 0;
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.entries[..self.count].iter().copied().zip(self.indices[..self.count].iter().copied())
    }

    #[inline(always)]
    fn extend<K: Kernel>(&mut self, kernel: K, line: &[u32; LINE], mask: u32, wanted: u32, index: u32) {
        if self.entries.len() < self.count + LINE {
            let more = 2 * (self.count + LINE);
            self.entries.resize(more, 0);
            self.indices.resize(more, 0);
        }
        // A whole line is written, whatever of it counts.
        if let (Some(entries), Some(indices)) =
            (self.entries[self.count..].first_chunk_mut(), self.indices[self.count..].first_chunk_mut())
        {
            *indices = [index; LINE];
            self.count += kernel.select_under(line, mask, wanted, entries);
        }
    }
}

/// A number below `len` from the upper half of a hash (Lemire 2019).
#[inline(always)]
pub(super) fn reduce(hash: u64, len: usize) -> usize {
    (((hash >> 32) * len as u64) >> 32) as usize
}

/// Upper bits of a hash that are looked at; the others are not kept while an index is made.
pub(crate) const HASHED: u32 = 46;

/// The lower bits of those that are looked at: an entry has as many of them as there is room for.
#[inline(always)]
fn fingerprint(hash: u64) -> u32 {
    (hash >> (u64::BITS - HASHED)) as u32
}

/// Four bits of a word of the filter: with three an eighth more of the absent grams pass, with five no fewer.
///
/// They come of a product, not of the fingerprint itself: grams that share a word of the filter are in one line, so
/// that what passes by the bits of another would have much of its fingerprint, too.
#[inline(always)]
fn filter_bits(hash: u64) -> u64 {
    let mixed = u64::from(fingerprint(hash)) * 0x9e37_79b1;
    1 << (mixed >> 20 & 63) | 1 << (mixed >> 26 & 63) | 1 << (mixed >> 32 & 63) | 1 << (mixed >> 38 & 63)
}

/// Bits that tell every second word of so many apart, beside zero and the value of what is common.
fn bits(words: usize) -> u32 {
    (words / STRIDE + 3).next_power_of_two().ilog2()
}

/// An index of seeds that is being filled.
///
/// What is added in the order of the lines stays in the processor's cache meanwhile.
pub(super) struct Seeds {
    filter: Memory,
    entries: Memory,
    /// Entries of each line.
    filled: Vec<u8>,
    bits: u32,
    /// Entries that found no room in their own line, with that line.
    homeless: Vec<(u32, u32)>,
}

impl Seeds {
    /// Room for `count` entries of a segment of so many `words`, about `filled` of them a line; with a filter
    /// for each entry, or with none.
    pub(super) fn new(count: usize, words: usize, filled: usize, is_filtered: bool) -> Self {
        let first = count.div_ceil(filled).max(1);
        Self {
            filter: Memory::zeroed(if is_filtered {
                8 * (FILTER_BITS * count).div_ceil(64).max(1)
            } else {
                0
            }),
            entries: Memory::zeroed(size_of::<[u32; LINE]>() * (first + MAX_LINES)),
            filled: vec![0; first],
            bits: bits(words),
            homeless: Vec::new(),
        }
    }

    /// Takes entries. Constant time for each.
    #[inline(always)]
    pub(super) fn add(&mut self, entries: impl Iterator<Item = (u64, Posting)>) {
        let filter: &mut [u64] = bytemuck::cast_slice_mut(self.filter.make_mut());
        let lines: &mut [[u32; LINE]] = bytemuck::cast_slice_mut(self.entries.make_mut());
        for (hash, posting) in entries {
            let value = match posting {
                Posting::Word(word) => word / STRIDE as u32 + 1,
                Posting::Common => u32::MAX >> (32 - self.bits),
            };
            let entry = fingerprint(hash) << self.bits | value;
            if let Some(word) = filter.get_mut(reduce(hash, filter.len())) {
                *word |= filter_bits(hash);
            }
            let home = reduce(hash, self.filled.len());
            let filled = &mut self.filled[home];
            // Lines are filled from the left, and no entry is zero.
            match lines[home].get_mut(usize::from(*filled)) {
                Some(slot) => {
                    *slot = entry;
                    *filled += 1;
                }
                None => self.homeless.push((home as u32, entry)),
            }
        }
    }

    /// The filter and the index.
    pub(super) fn finish(mut self) -> (Memory, Memory) {
        let lines: &mut [[u32; LINE]] = bytemuck::cast_slice_mut(self.entries.make_mut());
        // The greatest comes last, from which a look-up sees whether it needs to go on.
        let full = self.filled.iter().zip(&mut *lines).filter(|&(&filled, _)| usize::from(filled) == LINE);
        full.for_each(|(_, line)| put_greatest_last(line));
        // Of what has no room the greater entries go, whichever came first.
        self.homeless.sort_unstable();
        for of_one in self.homeless.chunk_by_mut(|(a, _), (b, _)| a == b) {
            let line = &mut lines[of_one[0].0 as usize];
            for (_, entry) in of_one {
                if *entry < line[LINE - 1] {
                    std::mem::swap(entry, &mut line[LINE - 1]);
                    put_greatest_last(line);
                }
            }
        }
        // They go behind the line, as near as may be: those of the first lines first, but what is common before.
        let value = u32::MAX >> (32 - self.bits);
        let is_common = |entry: u32| entry & value == value;
        let in_turn =
            |common: bool| self.homeless.iter().filter(move |&&(_, entry)| is_common(entry) == common);
        for &(home, entry) in in_turn(true).chain(in_turn(false)) {
            let room = lines[home as usize..].iter_mut().take(MAX_LINES).find(|line| line[LINE - 1] == 0);
            if let Some(line) = room
                && let Some(free) = line.iter().position(|&slot| slot == 0)
            {
                line[free] = entry;
                if free == LINE - 1 {
                    put_greatest_last(line);
                }
            }
        }
        (self.filter, self.entries)
    }
}

fn put_greatest_last(line: &mut [u32; LINE]) {
    let greatest = (0..LINE).max_by_key(|&at| line[at]).unwrap_or(LINE - 1);
    line.swap(greatest, LINE - 1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::mix;

    #[test]
    fn what_was_added_is_found() {
        for words in [0, 1, 100, 5000, 300_000] {
            let count = words / STRIDE;
            let mut seeds = Seeds::new(count + 10, words, 13, true);
            let posting = |word: usize| Posting::Word((word * STRIDE) as u32);
            seeds.add((0..10).map(|gram| (mix(gram << 40), Posting::Common)));
            seeds.add((0..count).map(|word| (mix(word as u64 / 3), posting(word))));
            let (filter, entries) = seeds.finish();
            let entries: &[u32] = bytemuck::cast_slice(&entries);
            let index = SeedIndex::new(bytemuck::cast_slice(&filter), entries, words);
            assert!(index.is_sound(entries.len()));
            let found = |hash: u64, wanted: Posting| {
                let mut found = 0;
                index.postings(hash, |posting| found += usize::from(posting == wanted));
                found
            };
            assert!((0..10).all(|gram| found(mix(gram << 40), Posting::Common) >= 1));
            assert!((0..count).all(|word| found(mix(word as u64 / 3), posting(word)) == 1));
            let may_hold = |hash: u64| {
                let (mut places, mut bits) = ([0; PLACES], [0; PLACES]);
                index.ask(&[hash; PLACES], &mut places, &mut bits);
                index.may_hold(PLAIN, &places, &bits) == u8::MAX
            };
            assert!((0..count).all(|word| may_hold(mix(word as u64 / 3))));
            let passed = (0..1000).filter(|&other| may_hold(mix(!other))).count();
            assert!(passed < 100, "{passed} of {words}");
            let mut others = 0;
            assert!((0..1000).all(|other| !index.postings(mix(!other), |_| others += 1)));
            assert!(others < 1000, "{others} of {words}");
        }
    }

    #[test]
    fn a_crowd_of_equal_hashes_is_cut_off() {
        let mut seeds = Seeds::new(10_000, 20_000, 10, true);
        seeds.add((0..10_000).map(|word| (7, Posting::Word(2 * word))));
        let (filter, entries) = seeds.finish();
        let mut found = 0;
        let index = SeedIndex::new(bytemuck::cast_slice(&filter), bytemuck::cast_slice(&entries), 20_000);
        assert!(index.postings(7, |_| found += 1));
        assert!((MAX_FOUND..=MAX_FOUND + LINE).contains(&found), "{found}");
        let mut found = Found::default();
        assert!(index.look_up(PLAIN, 7, 0, &mut found), "others were left out");
        // Another gram of the same line.
        found.clear();
        assert!(!index.look_up(PLAIN, 7 + (1 << 20), 0, &mut found));
        assert_eq!(found.len(), 0);
    }
}
