//! Looking up an output's grams.

use crate::fingerprint::{LONGEST, SHORTEST, gram as hash_gram, gram_of, shortest_grams, winnow};
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

impl Hit {
    /// Hits of one unedited passage share it.
    pub(crate) fn diagonal(self) -> u32 {
        self.position.wrapping_sub(self.index)
    }
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

/// Looks up the word grams of an output. A bounded number of hits a word, so linear in the output whatever it says.
pub(crate) fn word_hits(seeds: SeedIndex<'_>, tokens: &[Token], buffers: &mut LookUps, sink: impl Sink) {
    dispatch(WordHits { seeds, tokens, buffers, sink });
}

/// Buffers of look-ups, to be used again.
#[derive(Default)]
pub(crate) struct LookUps {
    queue: Vec<Gram>,
    found: Found,
    /// Hits of the block before, which are on their way into the cache, and of this one.
    hits: [Vec<Hit>; 2],
}

struct WordHits<'a, S> {
    seeds: SeedIndex<'a>,
    tokens: &'a [Token],
    buffers: &'a mut LookUps,
    sink: S,
}

/// A gram of the output: the word that it begins at, and its length in words.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Gram {
    index: u32,
    length: u32,
}

/// Grams that are looked up together.
const BLOCK: usize = 64;

/// A block of grams with their hashes.
struct Grams {
    grams: [Gram; BLOCK],
    hashes: [u64; BLOCK],
    count: usize,
}

impl Grams {
    const NONE: Self = Self { grams: [Gram { index: 0, length: 0 }; BLOCK], hashes: [0; BLOCK], count: 0 };
}

impl<S: Sink> Task for WordHits<'_, S> {
    type Answer = ();

    /// Five blocks are under way at any time, so that nobody waits for memory: one is hashed and the filter asked for,
    /// of the one before it the filter is read and the lines of the index are asked for, of the one before that these
    /// are read and the words that they name asked for, and the hits of that before are taken.
    #[inline(always)]
    fn run<K: Kernel>(mut self, kernel: K) {
        self.buffers.queue.clear();
        let (mut next, mut hashed) = (Grams::NONE, Grams::NONE);
        let (mut passed, mut near) = (Grams::NONE, Grams::NONE);
        let mut at = 0;
        loop {
            self.hash(at, &mut next);
            at += next.count;
            self.pass(&hashed, &next, &mut passed);
            let [before, this] = &mut self.buffers.hits;
            self.sink.take(kernel, before);
            std::mem::swap(before, this);
            self.look_up(kernel, &near);
            let hits = &self.buffers.hits;
            if hits.iter().all(Vec::is_empty) && passed.count + near.count + next.count == 0 {
                return;
            }
            std::mem::swap(&mut hashed, &mut next);
            std::mem::swap(&mut near, &mut passed);
        }
    }
}

impl<S: Sink> WordHits<'_, S> {
    /// Hashes a block of grams: the shortest, of all words, then those of the queue. So many were hashed before.
    #[inline(always)]
    fn hash(&self, before: usize, block: &mut Grams) {
        let shortest = (self.tokens.len() + 1).saturating_sub(SHORTEST);
        if before < shortest {
            block.count = (shortest - before).min(BLOCK);
            for (index, gram) in (before as u32..).zip(&mut block.grams) {
                *gram = Gram { index, length: SHORTEST as u32 };
            }
            let tokens = &self.tokens[before..];
            if shortest_grams(tokens, &mut block.hashes).is_none() {
                for (gram, hash) in tokens.windows(SHORTEST).zip(&mut block.hashes) {
                    *hash = hash_gram(gram);
                }
            }
            return;
        }
        let queue = &self.buffers.queue[before - shortest..];
        block.count = queue.len().min(BLOCK);
        for ((&gram, to), hash) in queue.iter().zip(&mut block.grams).zip(&mut block.hashes) {
            let (words, length) = (&self.tokens[gram.index as usize..], gram.length as usize);
            *to = gram;
            *hash = match words.first_chunk() {
                Some(words) => gram_of(words, length),
                None => hash_gram(&words[..length]),
            };
        }
    }

    /// Keeps the grams that the filter lets through and asks for their lines of the index. Between them asks for the
    /// filter of the `next`: more at once than a processor has room for would wait.
    #[inline(always)]
    fn pass(&self, hashed: &Grams, next: &Grams, passed: &mut Grams) {
        passed.count = 0;
        for (k, &hash) in next.hashes.iter().enumerate() {
            if k < next.count {
                self.seeds.prefetch_filter(hash);
            }
            if k < hashed.count {
                // All are written and only some counted: no branch for a processor to guess.
                passed.grams[passed.count % BLOCK] = hashed.grams[k];
                passed.hashes[passed.count % BLOCK] = hashed.hashes[k];
                passed.count += usize::from(self.seeds.may_hold(hashed.hashes[k]));
            }
        }
        for &hash in passed.hashes.iter().take(passed.count) {
            self.seeds.prefetch(hash);
        }
    }

    /// Looks up a block. Where a gram is common, the next longer one is queued, if the output has so many words left.
    #[inline(always)]
    fn look_up<K: Kernel>(&mut self, kernel: K, block: &Grams) {
        let LookUps { queue, found, hits: [_, hits] } = &mut *self.buffers;
        found.clear();
        for (number, &hash) in (0..).zip(block.hashes.iter().take(block.count)) {
            self.seeds.look_up(kernel, hash, number, found);
        }
        let (mut kept, mut queued) = (0, queue.len());
        hits.resize(found.len() + 1, Hit::default());
        queue.resize(queued + found.len() + 1, Gram::default());
        for (entry, number) in found.iter() {
            let gram = block.grams[number as usize % BLOCK];
            let (position, is_word, is_common) = self.seeds.posting(entry);
            self.sink.near(position);
            hits[kept] = Hit { position, index: gram.index };
            kept += usize::from(is_word);
            let longer = Gram { length: gram.length + 1, ..gram };
            let end = longer.index as usize + longer.length as usize;
            queue[queued] = longer;
            queued += usize::from(is_common & (longer.length <= LONGEST as u32) & (end <= self.tokens.len()));
        }
        hits.truncate(kept);
        queue.truncate(queued);
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
