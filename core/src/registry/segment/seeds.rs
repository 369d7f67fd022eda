//! Seeds to postings: a hash table whose buckets are cache lines.
//!
//! ```text
//! hash    [ ....... line ....... | ........ | fingerprint ]
//! line    fp 812 | fp 90 | fp 4411 | … | 0 | 0        16 entries; zeros: there is room, so nothing more to look for
//! entry   the top bits are fingerprint, the others say which word of the segment the gram begins at
//! ```
//!
//! A look-up reads one line, and the next where the line is full: one miss of the cache for nearly all.
//!
//! A fingerprint may agree by chance: postings are proposals, and what they propose is verified on the text.

use crate::simd::{Kernel, LINE, PLAIN, prefetch};

/// Every so many words of a work a seed begins; an output's are all looked up. With two, recall on the planted
/// workload is that of one; with three, one plant in a hundred is lost at 30% of the words edited.
pub(crate) const STRIDE: usize = 2;
/// Postings a gram may have before it is no seed by itself: longer grams that begin with it are stored instead.
/// Measured on the planted workload: more find the same plants, with more hits an output.
pub(crate) const MAX_POSTINGS: usize = 4;
/// Works that a gram of full length is stored for, however many hold it.
pub(crate) const MAX_WORKS: usize = 32;
/// Entries of a line that are filled on average. With 11 of 16, one look-up in ten reads a second line.
const FILLED: usize = 11;
/// Lines that an entry may stand behind its own: what hashes crowd together beyond this is left out. Only works made
/// to that end come near it.
const MAX_LINES: usize = 32;
/// What an entry says in place of a word: the highest numbers, each a count on a logarithmic scale.
const CODES: u32 = 256;

/// A borrowed index of seeds.
#[derive(Clone, Copy)]
pub(crate) struct SeedIndex<'a> {
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
    /// The gram is too common: the next longer one is to be looked up. How often it stands in the segment, on a
    /// logarithmic scale.
    Common(u8),
}

impl<'a> SeedIndex<'a> {
    /// The index of a segment of so many `words`.
    #[inline]
    pub(super) fn new(entries: &'a [u32], words: usize) -> Self {
        let lines = entries.as_chunks().0;
        Self { lines, first: lines.len().saturating_sub(MAX_LINES) as u64, bits: bits(words) }
    }

    pub(super) fn is_sound(&self, entries: usize) -> bool {
        entries.is_multiple_of(LINE) && self.first > 0 && u32::try_from(self.lines.len()).is_ok()
    }

    #[inline(always)]
    fn line(&self, hash: u64) -> usize {
        // Lemire's reduction (2019).
        (((hash >> 32) * self.first) >> 32) as usize
    }

    /// Brings near what a look-up of `hash` will read: one cache line for nearly all.
    #[inline(always)]
    pub(crate) fn prefetch(&self, hash: u64) {
        prefetch(self.lines, self.line(hash));
    }

    /// Calls `each` with every posting of `hash`, and with some of other grams.
    #[inline(always)]
    pub(crate) fn look_up<K: Kernel>(&self, kernel: K, hash: u64, mut each: impl FnMut(Posting)) {
        let value = u32::MAX >> (32 - self.bits);
        let wanted = (hash as u32) << self.bits;
        for line in self.lines[self.line(hash)..].iter().take(MAX_LINES) {
            let mut agreeing = kernel.equal_under(line, !value, wanted);
            while agreeing != 0 {
                match line[agreeing.trailing_zeros() as usize] & value {
                    0 => {}
                    entry if entry > value - CODES => each(Posting::Common((value - entry) as u8)),
                    entry => each(Posting::Word((entry - 1) * STRIDE as u32)),
                }
                agreeing &= agreeing - 1;
            }
            if line[LINE - 1] == 0 {
                return;
            }
        }
    }

    /// The same, where it is done so seldom that it matters little how.
    #[inline]
    pub(crate) fn postings(&self, hash: u64, each: impl FnMut(Posting)) {
        self.look_up(PLAIN, hash, each);
    }
}

/// Bits that tell every second word of so many apart, beside zero and the codes.
fn bits(words: usize) -> u32 {
    (words / STRIDE + 2 + CODES as usize).next_power_of_two().ilog2()
}

/// An index of seeds that is being filled.
pub(super) struct Seeds {
    entries: Vec<u32>,
    first: u64,
    bits: u32,
}

impl Seeds {
    /// Room for `count` entries of a segment of so many `words`.
    pub(super) fn new(count: usize, words: usize) -> Self {
        let first = count.div_ceil(FILLED).max(1);
        Self { entries: vec![0; (first + MAX_LINES) * LINE], first: first as u64, bits: bits(words) }
    }

    /// Takes an entry. Constant time, but for hashes that crowd together.
    pub(super) fn add(&mut self, hash: u64, posting: Posting) {
        let value = match posting {
            Posting::Word(word) => word / STRIDE as u32 + 1,
            Posting::Common(code) => (u32::MAX >> (32 - self.bits)) - u32::from(code),
        };
        let (lines, _) = self.entries.as_chunks_mut::<LINE>();
        let line = (((hash >> 32) * self.first) >> 32) as usize;
        let room = lines[line..].iter_mut().take(MAX_LINES).find(|line| line[LINE - 1] == 0);
        if let Some(slot) = room.and_then(|line| line.iter_mut().find(|slot| **slot == 0)) {
            *slot = (hash as u32) << self.bits | value;
        }
    }

    /// The index.
    pub(super) fn finish(self) -> Vec<u32> {
        self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::mix;

    #[test]
    fn what_was_added_is_found() {
        for words in [0, 1, 100, 5000, 300_000] {
            let count = words / STRIDE;
            let mut seeds = Seeds::new(count + 10, words);
            let posting = |word: usize| Posting::Word((word * STRIDE) as u32);
            (0..10).for_each(|code| seeds.add(mix(u64::from(code) << 40), Posting::Common(25 * code)));
            (0..count).for_each(|word| seeds.add(mix(word as u64 / 3), posting(word)));
            let entries = seeds.finish();
            let index = SeedIndex::new(&entries, words);
            assert!(index.is_sound(entries.len()));
            let found = |hash: u64, wanted: Posting| {
                let mut found = 0;
                index.postings(hash, |posting| found += usize::from(posting == wanted));
                found
            };
            assert!((0..10).all(|code| found(mix(u64::from(code) << 40), Posting::Common(25 * code)) == 1));
            assert!((0..count).all(|word| found(mix(word as u64 / 3), posting(word)) == 1));
            let mut others = 0;
            (0..1000).for_each(|other| index.postings(mix(!other), |_| others += 1));
            assert!(others < 1000, "{others} of {words}");
        }
    }

    #[test]
    fn a_crowd_of_equal_hashes_is_cut_off() {
        let mut seeds = Seeds::new(10_000, 20_000);
        (0..10_000).for_each(|word| seeds.add(7, Posting::Word(2 * word)));
        let entries = seeds.finish();
        let mut found = 0;
        SeedIndex::new(&entries, 20_000).postings(7, |_| found += 1);
        assert_eq!(found, MAX_LINES * LINE);
    }
}
