//! Where the words of each work lie among those of a segment.

use std::ops::Range;

use super::seeds::STRIDE;
use super::{STRETCH, TOTALS};
use crate::fingerprint::mix;
use crate::text::Token;

/// The ends of works' words, borrowed.
pub(super) struct Works<'a> {
    pub(super) ends: &'a [u32],
}

/// Words that are looked at as one piece.
const PIECE: usize = 1 << 17;

impl Works<'_> {
    /// The words of a work.
    #[inline(always)]
    pub(super) fn range(&self, slot: usize) -> Range<usize> {
        let start = if slot == 0 { 0 } else { (self.ends[slot - 1] as usize).next_multiple_of(STRIDE) };
        start..self.ends[slot] as usize
    }

    /// The work that a word belongs to. Logarithmic.
    pub(super) fn slot_of(&self, word: u32) -> u32 {
        self.ends.partition_point(|&end| end <= word) as u32
    }

    /// All works, in pieces of about as many words: works are never cut.
    pub(super) fn pieces(&self) -> Vec<Range<usize>> {
        let mut pieces = Vec::new();
        let mut first = 0;
        for slot in 0..self.ends.len() {
            if self.range(slot).end - self.range(first).start >= PIECE || slot + 1 == self.ends.len() {
                pieces.push(first..slot + 1);
                first = slot + 1;
            }
        }
        pieces
    }
}

/// The words of all works, and the letters of the shortest.
pub(super) fn totals(ends: &[u32], letters: &[u32]) -> [u64; TOTALS] {
    let works = Works { ends };
    let words = (0..ends.len()).map(|slot| works.range(slot).len() as u64).sum();
    [words, letters.iter().min().copied().unwrap_or(u32::MAX).into()]
}

/// The slot of the work at each [`STRETCH`]th word, or of the next one.
pub(super) fn stretches(ends: &[u32]) -> Vec<u32> {
    let words = ends.last().copied().unwrap_or(0) as usize;
    let mut slot = 0;
    (0..=words.div_ceil(STRETCH))
        .map(|stretch| {
            slot += ends[slot..].iter().take_while(|&&end| end as usize <= stretch * STRETCH).count();
            slot as u32
        })
        .collect()
}

/// Works of a sample.
const SAMPLE: usize = 1024;
/// Words of a work that its place in the order of the sample depends on, at the most.
const FIRST: usize = 64;

/// Works for a sample of the registry: those with the smallest hashes of their first words and their lengths, with
/// these. Which these are does not depend on the works' order, and those of several segments can be put together
/// (bottom-k sketch: Cohen and Kaplan 2007). Linear in the works.
pub(super) fn sample(tokens: &[Token], ends: &[u32], letters: &[u32]) -> Vec<[u64; 2]> {
    let works = Works { ends };
    let hash = |slot: usize| {
        let range = works.range(slot);
        let first = mix((range.len() as u64) << 32 | u64::from(letters[slot]));
        let words = &tokens[range.start..range.end.min(range.start + FIRST)];
        mix(words.iter().fold(first, |hash, &token| (hash ^ u64::from(token)).wrapping_mul(ODD)))
    };
    let mut all: Vec<[u64; 2]> = (0..ends.len()).map(|slot| [hash(slot), slot as u64]).collect();
    if all.len() > SAMPLE {
        all.select_nth_unstable(SAMPLE);
        all.truncate(SAMPLE);
    }
    all.sort_unstable();
    all
}

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
