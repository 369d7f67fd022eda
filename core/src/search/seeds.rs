//! Looking up an output's grams.

use crate::fingerprint::{LONGEST, SHORTEST, gram, winnow};
use crate::registry::{Bucket, EXTEND, SeedIndex};
use crate::simd::{Kernel, Task, dispatch};
use crate::text::{Folded, Token};

/// A seed that an output and a segment share: a word of the output, and a word of the segment where the same gram
/// begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// Word of the segment.
    pub(crate) position: u32,
    /// Word of the output.
    pub(crate) index: u32,
}

/// Looks up the word grams of an output; hits come by length of the seed, then by `index`. A bounded number of them
/// a word and length, so linear in the output whatever it says.
pub(crate) fn word_hits(seeds: SeedIndex<'_>, tokens: &[Token], hits: &mut Vec<Hit>) {
    dispatch(WordHits { seeds, tokens, hits });
}

struct WordHits<'a> {
    seeds: SeedIndex<'a>,
    tokens: &'a [Token],
    hits: &'a mut Vec<Hit>,
}

/// Words that are looked up together: each loop asks for the cache lines that the next will read, so that a block
/// waits for memory once.
const BLOCK: usize = 64;

impl Task for WordHits<'_> {
    type Answer = ();

    #[inline(always)]
    fn run<K: Kernel>(mut self, kernel: K) {
        let mut common = Vec::new();
        let mut indices = [0; BLOCK];
        let last = (self.tokens.len() + 1).saturating_sub(SHORTEST);
        for start in (0..last).step_by(BLOCK) {
            let count = BLOCK.min(last - start);
            indices.iter_mut().zip(start as u32..).for_each(|(index, at)| *index = at);
            self.look_up(kernel, SHORTEST, &indices[..count], &mut common);
        }
        // Where a gram is common, the next longer one is looked up, if the output has so many words left.
        for length in SHORTEST + 1..=LONGEST {
            let mut indices = std::mem::take(&mut common);
            indices.retain(|&index| index as usize + length <= self.tokens.len());
            for block in indices.chunks(BLOCK) {
                self.look_up(kernel, length, block, &mut common);
            }
        }
    }
}

impl WordHits<'_> {
    /// Looks up the grams of one length that begin at `block`, [`BLOCK`] at the most; those that are too common to be
    /// seeds go to `common`.
    #[inline(always)]
    fn look_up<K: Kernel>(&mut self, kernel: K, length: usize, block: &[u32], common: &mut Vec<u32>) {
        let seeds = self.seeds;
        let mut hashes = [0_u64; BLOCK];
        let mut buckets = [Bucket::default(); BLOCK];
        for (&index, hash) in block.iter().zip(&mut hashes) {
            *hash = gram(&self.tokens[index as usize..index as usize + length]);
            seeds.prefetch_bucket(*hash);
        }
        for (&hash, bucket) in hashes[..block.len()].iter().zip(&mut buckets) {
            *bucket = seeds.bucket(hash);
            seeds.prefetch_fingerprints(*bucket);
        }
        // Hits hold the numbers of postings first, then what these say.
        let first = self.hits.len();
        for ((&index, &hash), &bucket) in block.iter().zip(&hashes).zip(&buckets) {
            seeds.matching(kernel, bucket, hash, |posting| {
                seeds.prefetch_position(posting);
                self.hits.push(Hit { position: posting, index });
            });
        }
        let mut kept = first;
        for at in first..self.hits.len() {
            let Hit { position: posting, index } = self.hits[at];
            let position = seeds.position(posting);
            if position < EXTEND {
                self.hits[kept] = Hit { position, index };
                kept += 1;
            } else if common.last() != Some(&index) {
                common.push(index);
            }
        }
        self.hits.truncate(kept);
    }
}

/// Looks up the winnowed letter grams of those parts of an output whose words look spaced, split or run together.
pub(crate) fn letter_hits(seeds: SeedIndex<'_>, output: &Folded, hits: &mut Vec<Hit>) {
    for range in odd_words(output) {
        let start = output.letters_start(range.start);
        let letters = &output.letters()[start..output.letters_start(range.end)];
        let mut word = range.start;
        winnow(letters, |at, hash| {
            while output.letters_start(word + 1) <= start + at {
                word += 1;
            }
            seeds.postings(hash, |position| hits.push(Hit { position, index: word as u32 }));
        });
    }
}

/// Ranges of words that no spelling makes so short or so long: letters spaced out, words split to syllables or run
/// together. In windows of 16 words, a mean below 2.9 letters, or a word above 28.
fn odd_words(output: &Folded) -> Vec<std::ops::Range<usize>> {
    const WINDOW: usize = 16;
    const FEW: usize = WINDOW * 29 / 10;
    const MANY: usize = 28;
    let count = output.words().len();
    let mut ranges: Vec<std::ops::Range<usize>> = Vec::new();
    for start in (0..count).step_by(WINDOW / 2) {
        let end = (start + WINDOW).min(count);
        let letters = output.letters_start(end) - output.letters_start(start);
        let short = (WINDOW..FEW).contains(&letters);
        let odd = short || (start..end).any(|i| output.word_letters(i).len() > MANY);
        if !odd {
            continue;
        }
        // One window more on either side: what is odd begins somewhere within.
        let (start, end) = (start.saturating_sub(WINDOW), (end + WINDOW).min(count));
        match ranges.last_mut() {
            Some(last) if last.end >= start => last.end = end,
            _ => ranges.push(start..end),
        }
    }
    ranges
}
