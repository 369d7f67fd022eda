//! Looking up an output's grams.

use std::ops::Range;

use crate::fingerprint::{LONGEST, SHORTEST, SeedLengths, gram_of, grams, winnow};
use crate::registry::{Found, Posting, SeedIndex, Segment};
use crate::simd::{Kernel, PLACES, PLAIN, Task, dispatch};
use crate::text::{Folded, Token};

/// A seed that an output and a segment share: a word of the output, and a word of the segment where the same gram
/// begins, or, until the hit is settled, the first of two words of which one does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// Word of the segment.
    pub(crate) position: u32,
    /// Word of the output.
    pub(crate) index: u32,
}

impl Hit {
    /// The same with the word at which the gram begins: the first word unless its tokens are others.
    pub(crate) fn settled(self, output: &[Token], segment: &[Token]) -> Self {
        let (index, position) = (self.index as usize, self.position as usize);
        let begins = output.get(index..index + SHORTEST) == segment.get(position..position + SHORTEST);
        Self { position: self.position + u32::from(!begins), ..self }
    }

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
pub(crate) fn word_hits(segment: &Segment, tokens: &[Token], buffers: &mut LookUps, sink: impl Sink) {
    let (seeds, lengths) = (segment.word_seeds(), segment.seed_lengths());
    dispatch(WordHits { seeds, lengths, tokens, buffers, sink });
}

/// The hashes of all word grams that [`word_hits`] may look up: of each seed, and of those that take its place where it is
/// common. Linear.
pub(crate) fn word_grams(
    segment: &Segment,
    tokens: &[Token],
    buffers: &mut LookUps,
    mut each: impl FnMut(u64),
) {
    let (seeds, lengths, mut nobody) = (segment.word_seeds(), segment.seed_lengths(), Vec::new());
    WordHits { seeds, lengths, tokens, buffers: &mut *buffers, sink: &mut nobody }.hash(PLAIN);
    for (&word, &hash_of_shortest) in buffers.words.iter().zip(&buffers.hashes) {
        each(hash_of_shortest);
        let shortest = Gram::new(word, buffers.lengths[word as usize]);
        let longer = (1..).map(|more| Gram(shortest.0 + more));
        longer
            .take_while(|gram| {
                gram.0 >> 3 == word && gram.length() <= LONGEST as u32 && gram.end() <= tokens.len()
            })
            .for_each(|gram| each(hash(&buffers.tokens, gram)));
    }
}

/// Buffers of look-ups, to be used again.
#[derive(Default)]
pub(crate) struct LookUps {
    /// The output's tokens, and what each is worth, with a block of zeros behind them.
    tokens: Vec<Token>,
    worth: Vec<u8>,
    /// The length of the seed that begins at each of these tokens; 0 where none does.
    lengths: Vec<u8>,
    /// The words at which one begins, and the hashes of their grams.
    words: Vec<u32>,
    hashes: Vec<u64>,
    passed: [Passed; 2],
    found: Found,
    /// Hits of the block before, which are on their way into the cache, and of this one.
    hits: [Vec<Hit>; 2],
    /// Words of grams that may have had more hits than were looked at: works can be made so that hashes crowd.
    pub(crate) crowded: Vec<Range<u32>>,
}

struct WordHits<'a, S> {
    seeds: SeedIndex<'a>,
    lengths: &'a SeedLengths,
    tokens: &'a [Token],
    buffers: &'a mut LookUps,
    sink: S,
}

/// A gram of the output: the word that it begins at, times eight, and its length in words. There are fewer words than
/// 2^29, since `fold` takes fewer bytes than 2^30.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Gram(u32);

impl Gram {
    #[inline(always)]
    fn new(index: u32, length: u8) -> Self {
        Self(index << 3 | u32::from(length))
    }

    #[inline(always)]
    fn index(self) -> u32 {
        self.0 >> 3
    }

    #[inline(always)]
    fn length(self) -> u32 {
        self.0 & 7
    }

    /// The word behind it.
    #[inline(always)]
    fn end(self) -> usize {
        (self.index() + self.length()) as usize
    }
}

/// Grams that are looked up together.
const BLOCK: usize = 64;

/// What the filter is to be asked of a block of grams: so many from the `first` on.
struct Asked {
    first: usize,
    count: usize,
    places: [u64; BLOCK],
    bits: [u64; BLOCK],
}

impl Asked {
    fn none() -> Self {
        Self { first: 0, count: 0, places: [0; BLOCK], bits: [0; BLOCK] }
    }
}

/// Grams whose lines of the index are asked for, with their hashes.
#[derive(Default)]
struct Passed {
    grams: Vec<Gram>,
    hashes: Vec<u64>,
}

impl Passed {
    fn clear(&mut self) {
        self.grams.clear();
        self.hashes.clear();
    }

    #[inline(always)]
    fn push(&mut self, seeds: SeedIndex<'_>, gram: Gram, hash: u64) {
        seeds.prefetch(hash);
        self.grams.push(gram);
        self.hashes.push(hash);
    }
}

impl<S: Sink> Task for WordHits<'_, S> {
    type Answer = ();

    /// Four blocks are under way at any time, so that nobody waits for memory: of one the filter is asked for, of the one
    /// before it the filter is read and the lines of the index are asked for, of the next they are read and the words that
    /// they name asked for, of the last the hits are taken.
    #[inline(always)]
    fn run<K: Kernel>(mut self, kernel: K) {
        self.hash(kernel);
        let (mut next, mut asked) = (&mut Asked::none(), &mut Asked::none());
        let mut both = std::mem::take(&mut self.buffers.passed);
        both.iter_mut().for_each(Passed::clear);
        let [passed, near] = &mut both;
        let (mut passed, mut near) = (passed, near);
        loop {
            self.ask(asked.first + asked.count, next);
            self.pass(kernel, asked, next, passed);
            near.hashes.iter().for_each(|&hash| self.seeds.prefetch_further(hash));
            let [before, this] = &mut self.buffers.hits;
            self.sink.take(kernel, before);
            std::mem::swap(before, this);
            self.look_up(kernel, near, passed);
            let hits = &self.buffers.hits;
            if hits.iter().all(Vec::is_empty) && passed.hashes.len() + next.count == 0 {
                break;
            }
            std::mem::swap(&mut asked, &mut next);
            std::mem::swap(&mut near, &mut passed);
        }
        self.buffers.passed = both;
    }
}

impl<S: Sink> WordHits<'_, S> {
    /// Hashes the grams of the words with which seeds begin.
    #[inline(always)]
    fn hash<K: Kernel>(&mut self, kernel: K) {
        let LookUps { tokens, worth, lengths, words, hashes, .. } = &mut *self.buffers;
        let count = self.tokens.len();
        tokens.clear();
        tokens.extend_from_slice(self.tokens);
        tokens.resize(count.next_multiple_of(BLOCK) + LONGEST, 0);
        self.lengths.of_all(tokens, worth, lengths);
        // The last words have no room for theirs.
        lengths.resize(count.next_multiple_of(BLOCK), 0);
        for (rest, length) in (1..).zip(lengths[..count].iter_mut().rev().take(LONGEST)) {
            *length = if *length > rest { 0 } else { *length };
        }
        lengths[count..].fill(0);
        words.resize(lengths.len() + BLOCK, 0);
        hashes.resize(lengths.len() + BLOCK, 0);
        let mut chosen = 0;
        for (block, lengths) in lengths.as_chunks::<BLOCK>().0.iter().enumerate() {
            let mut all = [0; BLOCK];
            grams(&tokens[block * BLOCK..], lengths, &mut all);
            let first = (block * BLOCK) as u32;
            let begins = kernel.present(lengths);
            for (k, eight) in (0..).zip(all.as_chunks().0) {
                let mask = (begins >> (8 * k)) as u8;
                let to = (words[chosen..].first_chunk_mut(), hashes[chosen..].first_chunk_mut());
                if let (Some(words), Some(hashes)) = to {
                    kernel.choose(eight, mask, first + 8 * k, words, hashes);
                }
                chosen += mask.count_ones() as usize;
            }
        }
        // A block of others, of which nothing is asked in the end.
        words.resize(chosen, 0);
        hashes.resize(chosen + BLOCK, 0);
    }

    /// What the filter is to be asked of the next grams.
    #[inline(always)]
    fn ask(&self, first: usize, asked: &mut Asked) {
        let LookUps { words, hashes, .. } = &*self.buffers;
        (asked.first, asked.count) = (first, (words.len() - first).min(BLOCK));
        if asked.count > 0
            && let Some(hashes) = hashes[first..].first_chunk()
        {
            self.seeds.ask(hashes, &mut asked.places, &mut asked.bits);
        }
    }

    /// Keeps the grams that the filter lets through and asks for their lines of the index. Between them asks for the
    /// filter of the `next`: more at once than a processor has room for would wait.
    #[inline(always)]
    fn pass<K: Kernel>(&self, kernel: K, asked: &Asked, next: &Asked, passed: &mut Passed) {
        let mut through = 0_u64;
        let both = asked.places.as_chunks().0.iter().zip(asked.bits.as_chunks().0);
        for (k, (places, bits)) in both.enumerate() {
            let first = PLACES * k;
            for &place in next.places[first..].iter().take(next.count.saturating_sub(first).min(PLACES)) {
                self.seeds.prefetch_filter(place);
            }
            if first < asked.count {
                through |= u64::from(self.seeds.may_hold(kernel, places, bits)) << first;
            }
        }
        if asked.count < BLOCK {
            through &= (1 << asked.count) - 1;
        }
        passed.clear();
        let LookUps { words, hashes, lengths, .. } = &*self.buffers;
        while through != 0 {
            let at = asked.first + through.trailing_zeros() as usize;
            through &= through - 1;
            let word = words[at];
            passed.push(self.seeds, Gram::new(word, lengths[word as usize]), hashes[at]);
        }
    }

    /// Looks up a block. Where a gram is common, the next longer one goes with those that `passed`, if the output has so
    /// many words left.
    #[inline(always)]
    fn look_up<K: Kernel>(&mut self, kernel: K, block: &Passed, passed: &mut Passed) {
        let LookUps { tokens, found, hits: [_, hits], crowded, .. } = &mut *self.buffers;
        found.clear();
        for (number, &hash) in (0..).zip(&block.hashes) {
            if self.seeds.look_up(kernel, hash, number, found) {
                let gram = block.grams[number as usize];
                crowded.push(gram.index()..gram.index() + gram.length());
            }
        }
        let mut kept = 0;
        hits.resize(found.len() + 1, Hit::default());
        for (entry, number) in found.iter() {
            let gram = block.grams[number as usize];
            let (position, is_word, is_common) = self.seeds.posting(entry);
            self.sink.near(position);
            hits[kept] = Hit { position, index: gram.index() };
            kept += usize::from(is_word);
            if is_common {
                let longer = Gram(gram.0 + 1);
                if gram.length() < LONGEST as u32 && longer.end() <= self.tokens.len() {
                    passed.push(self.seeds, longer, hash(tokens, longer));
                }
            }
        }
        hits.truncate(kept);
    }
}

/// The hash of a gram of the output whose `tokens` are given, with some others behind them.
#[inline(always)]
fn hash(tokens: &[Token], gram: Gram) -> u64 {
    tokens[gram.index() as usize..].first_chunk().map_or(0, |words| gram_of(words, gram.length() as usize))
}

/// Looks up the winnowed letter grams of an output; leaves in `crowded` the words at grams that may have had more hits.
pub(crate) fn letter_hits(
    seeds: SeedIndex<'_>,
    output: &Folded,
    hits: &mut Vec<Hit>,
    crowded: &mut Vec<Range<u32>>,
) {
    letter_grams(output, |word, hash| {
        let is_crowded = seeds.postings(hash, |posting| {
            if let Posting::Word(position) = posting {
                hits.push(Hit { position, index: word });
            }
        });
        if is_crowded {
            crowded.push(word..word + 1);
        }
    });
}

/// The winnowed letter grams of those parts of an output whose words look spaced, split or run together, each with the word
/// in which it begins. Linear.
pub(crate) fn letter_grams(output: &Folded, mut each: impl FnMut(u32, u64)) {
    for range in odd_words(output.lengths()) {
        let start = output.letters_start(range.start);
        let letters = &output.letters()[start..output.letters_start(range.end)];
        let mut word = range.start;
        let mut before = None;
        winnow(letters, |at, hash| {
            // One gram again and again is one word or syllable repeated: that it comes once more says nothing.
            if before.replace(hash) == Some(hash) {
                return;
            }
            while output.letters_start(word + 1) <= start + at {
                word += 1;
            }
            each(word as u32, hash);
        });
    }
}

/// The sum of eight bytes, four at a time.
#[inline(always)]
fn sum(bytes: [u8; 8]) -> u32 {
    const EVERY_SECOND: u64 = 0x00ff_00ff_00ff_00ff;
    let all = u64::from_le_bytes(bytes);
    let pairs = (all & EVERY_SECOND) + (all >> 8 & EVERY_SECOND);
    (pairs.wrapping_mul(0x0001_0001_0001_0001) >> 48) as u32
}

/// Ranges of words that no spelling makes so short or so long: letters spaced out, words split to syllables or run
/// together. In windows of 16 words, a mean below 2.9 letters or above 11, or a word of 48.
fn odd_words(lengths: &[u8]) -> Vec<Range<usize>> {
    const WINDOW: usize = 16;
    const HALF: usize = WINDOW / 2;
    const LONG: u8 = 48;
    let count = lengths.len();
    let is_long = |window: &[u8]| window.iter().fold(0, |most: u8, &length| most.max(length)) >= LONG;
    let any_long = is_long(lengths);
    let letters_of_half = |start: usize| -> u32 {
        let half = lengths.get(start..).unwrap_or_default();
        match half.first_chunk::<HALF>() {
            Some(&half) => sum(half),
            None => half.iter().map(|&length| u32::from(length)).sum(),
        }
    };
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut odd = |start: usize, end: usize| {
        // One window more on either side: what is odd begins somewhere within.
        let (start, end) = (start.saturating_sub(WINDOW), (end + WINDOW).min(count));
        match ranges.last_mut() {
            Some(last) if last.end >= start => last.end = end.max(last.end),
            _ => ranges.push(start..end),
        }
    };
    let mut first_half = letters_of_half(0);
    for start in (0..count).step_by(HALF) {
        let end = (start + WINDOW).min(count);
        let second_half = letters_of_half(start + HALF);
        let (letters, words) = (first_half + second_half, (end - start) as u32);
        first_half = second_half;
        let split = words >= HALF as u32 && 10 * letters < 29 * words;
        let long = any_long && is_long(&lengths[start..end]);
        if split || letters > 11 * words || long {
            odd(start, end);
        }
    }
    ranges
}
