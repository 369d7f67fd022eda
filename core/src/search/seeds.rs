//! Looking up an output's grams.

use crate::fingerprint::{LONGEST, SHORTEST, gram, winnow};
use crate::registry::{Bucket, EXTEND, SeedIndex};
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
    let mut indices: Vec<u32> = (0..(tokens.len() + 1).saturating_sub(SHORTEST) as u32).collect();
    let mut common = Vec::new();
    for length in SHORTEST..=LONGEST {
        look_up(seeds, tokens, length, &indices, hits, &mut common);
        // Where a gram is common, the next longer one is looked up, if the output has so many words left.
        std::mem::swap(&mut indices, &mut common);
        common.clear();
        indices.retain(|&index| index as usize + length < tokens.len());
    }
}

/// Looks up the grams of one length that begin at `indices`; those that are too common to be seeds go to `common`.
fn look_up(
    seeds: SeedIndex<'_>,
    tokens: &[Token],
    length: usize,
    indices: &[u32],
    hits: &mut Vec<Hit>,
    common: &mut Vec<u32>,
) {
    // In blocks: each loop asks for the cache lines that the next will read, so that a block waits for memory once.
    const BLOCK: usize = 64;
    let mut hashes = [0_u64; BLOCK];
    let mut buckets = [Bucket::default(); BLOCK];
    for block in indices.chunks(BLOCK) {
        for (&index, hash) in block.iter().zip(&mut hashes) {
            *hash = gram(&tokens[index as usize..index as usize + length]);
            seeds.prefetch_bucket(*hash);
        }
        for (&hash, bucket) in hashes[..block.len()].iter().zip(&mut buckets) {
            *bucket = seeds.bucket(hash);
            seeds.prefetch_postings(*bucket);
        }
        for ((&index, &hash), &bucket) in block.iter().zip(&hashes).zip(&buckets) {
            let mut is_common = false;
            for position in seeds.matching(bucket, hash) {
                if position == EXTEND {
                    is_common = true;
                } else {
                    hits.push(Hit { position, index });
                }
            }
            if is_common {
                common.push(index);
            }
        }
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
            hits.extend(seeds.postings(hash).map(|position| Hit { position, index: word as u32 }));
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
