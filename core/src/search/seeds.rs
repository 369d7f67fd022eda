//! Looking up an output's grams.

use crate::fingerprint::{LONGEST, SHORTEST, gram, gram_of, winnow};
use crate::registry::{Found, Posting, SeedIndex};
use crate::simd::{Kernel, Task, dispatch};
use crate::text::{Folded, Token};

/// A seed that an output and a segment share: a word of the output, and a word of the segment where the same gram
/// begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// Word of the segment.
    pub(crate) position: u32,
    /// Word of the output.
    pub(crate) index: u32,
}

/// Who takes hits while further ones are being looked up.
pub(crate) trait Sink {
    /// Brings near what will be read of the segment at a word.
    fn near(&self, position: u32);

    /// Takes hits. Must be `#[inline(always)]`.
    fn take<K: Kernel>(&mut self, kernel: K, hits: &[Hit]);
}

impl Sink for &mut Vec<Hit> {
    fn near(&self, _: u32) {}

    #[inline(always)]
    fn take<K: Kernel>(&mut self, _: K, hits: &[Hit]) {
        self.extend_from_slice(hits);
    }
}

/// Looks up the word grams of an output; hits come by length of the seed, then by `index`. A bounded number of them
/// a word and length, so linear in the output whatever it says.
pub(crate) fn word_hits(seeds: SeedIndex<'_>, tokens: &[Token], found: &mut Found, sink: impl Sink) {
    dispatch(WordHits { seeds, tokens, found, hits: [Vec::new(), Vec::new()], sink });
}

struct WordHits<'a, S> {
    seeds: SeedIndex<'a>,
    tokens: &'a [Token],
    found: &'a mut Found,
    /// Hits of the block before, which are on their way into the cache, and of this one.
    hits: [Vec<Hit>; 2],
    sink: S,
}

/// Words that are looked up together.
const BLOCK: usize = 64;

/// Grams of a block that are to be looked up.
#[derive(Clone, Copy)]
struct Grams {
    /// The word of the output that each begins at.
    indices: [u32; BLOCK],
    hashes: [u64; BLOCK],
    count: usize,
}

impl Grams {
    const NONE: Self = Self { indices: [0; BLOCK], hashes: [0; BLOCK], count: 0 };

    #[inline(always)]
    fn iter(&self) -> impl Iterator<Item = (u32, u64)> {
        self.indices[..self.count].iter().copied().zip(self.hashes[..self.count].iter().copied())
    }
}

impl<S: Sink> Task for WordHits<'_, S> {
    type Answer = ();

    /// Four blocks are under way at any time, so that nobody waits for memory: of one the filter is asked for, of the
    /// one before it is read and the lines of the index are asked for, of the one before these are read and the words
    /// that they name asked for, and the hits of that before are taken.
    #[inline(always)]
    fn run<K: Kernel>(mut self, kernel: K) {
        let mut indices: Vec<u32> = (0..self.tokens.len() as u32).collect();
        let mut common = Vec::new();
        for length in SHORTEST..=LONGEST {
            indices.dedup();
            // Where the output has so many words left.
            let last = (self.tokens.len() + 1).saturating_sub(length);
            indices.truncate(indices.partition_point(|&index| (index as usize) < last));
            let blocks = indices.len().div_ceil(BLOCK);
            let (mut hashed, mut passed) = (Grams::NONE, Grams::NONE);
            for block in 0..blocks + 3 {
                self.look_up(kernel, &passed, &mut common);
                self.pass(&hashed, &mut passed);
                let end = ((block + 1) * BLOCK).min(indices.len());
                self.hash(indices.get(block * BLOCK..end).unwrap_or_default(), length, &mut hashed);
                let [before, this] = &mut self.hits;
                self.sink.take(kernel, before);
                std::mem::swap(before, this);
            }
            // Where a gram is common, the next longer one is looked up.
            std::mem::swap(&mut indices, &mut common);
            common.clear();
        }
    }
}

impl<S: Sink> WordHits<'_, S> {
    /// Hashes the grams that begin at `indices` and asks for the filter.
    #[inline(always)]
    fn hash(&self, indices: &[u32], length: usize, hashed: &mut Grams) {
        hashed.count = indices.len();
        for ((&index, to), hash) in indices.iter().zip(&mut hashed.indices).zip(&mut hashed.hashes) {
            let words = &self.tokens[index as usize..];
            *to = index;
            *hash = match words.first_chunk() {
                Some(words) => gram_of(words, length),
                None => gram(&words[..length]),
            };
            self.seeds.prefetch_filter(*hash);
        }
    }

    /// Keeps the grams that the filter lets through and asks for their lines of the index.
    #[inline(always)]
    fn pass(&self, hashed: &Grams, passed: &mut Grams) {
        passed.count = 0;
        for (index, hash) in hashed.iter() {
            // All are written and only some counted: no branch for a processor to guess.
            passed.indices[passed.count] = index;
            passed.hashes[passed.count] = hash;
            passed.count += usize::from(self.seeds.may_hold(hash));
        }
        for (_, hash) in passed.iter() {
            self.seeds.prefetch(hash);
        }
    }

    /// Looks up the grams of a block; those that are too common to be seeds are added to `common`.
    #[inline(always)]
    fn look_up<K: Kernel>(&mut self, kernel: K, grams: &Grams, common: &mut Vec<u32>) {
        self.found.clear();
        for (index, hash) in grams.iter() {
            self.seeds.look_up(kernel, hash, index, self.found);
        }
        // All are written and only some counted: no branch for a processor to guess.
        let hits = &mut self.hits[1];
        let (mut kept, mut marked) = (0, common.len());
        hits.resize(self.found.len() + 1, Hit::default());
        common.resize(marked + self.found.len() + 1, 0);
        for (entry, index) in self.found.iter() {
            let (position, is_word, is_common) = self.seeds.posting(entry);
            self.sink.near(position);
            hits[kept] = Hit { position, index };
            kept += usize::from(is_word);
            common[marked] = index;
            marked += usize::from(is_common);
        }
        hits.truncate(kept);
        common.truncate(marked);
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
