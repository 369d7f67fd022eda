//! Looking up an output's grams.

use crate::fingerprint::{LONGEST, SHORTEST, gram, winnow};
use crate::registry::{Posting, SeedIndex};
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
/// a word and length, so linear in the output whatever it says. `near(position)` is called as soon as a word of the
/// segment is found, to bring near what will be read there.
pub(crate) fn word_hits(seeds: SeedIndex<'_>, tokens: &[Token], hits: &mut Vec<Hit>, near: impl Fn(u32)) {
    dispatch(WordHits { seeds, tokens, hits, near });
}

struct WordHits<'a, N> {
    seeds: SeedIndex<'a>,
    tokens: &'a [Token],
    hits: &'a mut Vec<Hit>,
    near: N,
}

/// Words that are looked up together: each loop asks for the cache lines that the next will read, so that a block
/// waits for memory once.
const BLOCK: usize = 64;

impl<N: Fn(u32)> Task for WordHits<'_, N> {
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

impl<N: Fn(u32)> WordHits<'_, N> {
    /// Looks up the grams of one length that begin at `block`, [`BLOCK`] at the most; those that are too common to be
    /// seeds go to `common`.
    #[inline(always)]
    fn look_up<K: Kernel>(&mut self, kernel: K, length: usize, block: &[u32], common: &mut Vec<u32>) {
        let mut hashes = [0_u64; BLOCK];
        for (&index, hash) in block.iter().zip(&mut hashes) {
            *hash = gram(&self.tokens[index as usize..index as usize + length]);
            self.seeds.prefetch(*hash);
        }
        for (&index, &hash) in block.iter().zip(&hashes) {
            self.seeds.look_up(kernel, hash, |posting| match posting {
                Posting::Word(position) => {
                    (self.near)(position);
                    self.hits.push(Hit { position, index });
                }
                Posting::Common(_) => {
                    if common.last() != Some(&index) {
                        common.push(index);
                    }
                }
            });
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
            seeds.postings(hash, |posting| {
                if let Posting::Word(position) = posting {
                    hits.push(Hit { position, index: word as u32 });
                }
            });
        });
    }
}

/// Ranges of words that no spelling makes so short or so long: letters spaced out, words split to syllables or run
/// together. In windows of 16 words, a mean below 2.9 letters or above 11, or a word of 48.
fn odd_words(output: &Folded) -> Vec<std::ops::Range<usize>> {
    const WINDOW: usize = 16;
    const LONG: usize = 48;
    let count = output.words().len();
    let mut ranges: Vec<std::ops::Range<usize>> = Vec::new();
    let mut odd = |start: usize, end: usize| {
        // One window more on either side: what is odd begins somewhere within.
        let (start, end) = (start.saturating_sub(WINDOW), (end + WINDOW).min(count));
        match ranges.last_mut() {
            Some(last) if last.end >= start => last.end = end.max(last.end),
            _ => ranges.push(start..end),
        }
    };
    for start in (0..count).step_by(WINDOW / 2) {
        let end = (start + WINDOW).min(count);
        let (from, to) = (output.letters_start(start), output.letters_start(end));
        let (words, letters) = (end - start, to - from);
        let split = words >= WINDOW / 2 && 10 * letters < 29 * words;
        let long =
            output.longest_word() >= LONG && (start..end).any(|i| output.word_letters(i).len() >= LONG);
        if split || letters > 11 * words || long {
            odd(start, end);
        }
    }
    ranges
}
