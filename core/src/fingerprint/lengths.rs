//! Which words seeds begin with, and how many words they must have.

use super::{LONGEST, SHORTEST};
use crate::logarithm::{BIT, log2};
use crate::text::Token;

/// Tokens that there may be.
const TOKENS: usize = 1 << 16;
/// The unit of what words are worth here: half a bit.
const HALF: i32 = BIT / 2;
/// The most that one word is worth, in half bits: texts on one subject share their rare words.
const MOST: i32 = 24;
/// So many bits more than tell all words of the segment apart: chance brings a seed once in 2^this words of an output.
const SLACK: i32 = 6;
/// Added to all words, and to the count of each: what a few works do not know of their language.
const PRIOR_WORDS: f64 = 4096.0;
const PRIOR_COUNT: f64 = 0.5;

/// How many words a seed must have so that chance seldom brings it: until they are worth enough together, each
/// -log2 of its share of the words at hand.
///
/// Three names make a seed, and of `and then he said to her that` it takes six words.
#[derive(Debug)]
pub(crate) struct SeedLengths {
    /// Of each token, in half bits.
    worth: Box<[u8; TOKENS]>,
    enough: u8,
}

impl SeedLengths {
    /// By how often each token stands.
    pub(crate) fn new(counts: &[u32]) -> Self {
        let words: u64 = counts.iter().map(|&count| u64::from(count)).sum();
        let total = words as f64 + PRIOR_WORDS;
        let worth = |&count: &u32| {
            let share = (f64::from(count) + PRIOR_COUNT) / total;
            (-log2(share) / HALF).clamp(2, MOST) as u8
        };
        let enough = log2(words.max(1) as f64) / HALF + 2 * SLACK;
        // Never more than `SHORTEST` words of the rarest are worth.
        let enough = enough.min(SHORTEST as i32 * MOST) as u8;
        let mut all = Box::new([MOST as u8; TOKENS]);
        all.iter_mut().zip(counts).for_each(|(of_token, count)| *of_token = worth(count));
        Self { worth: all, enough }
    }

    /// Words of the seed that begins with `tokens`; [`LONGEST`] where these are not worth enough.
    #[inline]
    pub(crate) fn of(&self, tokens: &[Token]) -> usize {
        let mut sum = 0;
        for (length, &token) in (1..=LONGEST).zip(tokens) {
            sum += u32::from(self.worth[usize::from(token)]);
            if length >= SHORTEST && sum >= u32::from(self.enough) {
                return length;
            }
        }
        LONGEST
    }

    /// The length of the seed that begins at a word of a text; 0 where none does, [`LONGEST`] where the text may end
    /// before it.
    pub(crate) fn at(&self, text: &[Token], word: usize) -> usize {
        let begins = |word: usize| {
            let worth = |at: usize| text.get(at).map_or(0, |&token| self.worth[usize::from(token)]);
            begins(worth(word), worth(word + 1), worth(word + 2))
        };
        let is_due = word >= 2 && !begins(word - 1) && !begins(word - 2);
        if begins(word) || is_due { self.of(&text[word..]) } else { 0 }
    }

    /// The same for each word of a text, but for its last. `worth` gets what is worked with.
    #[inline(always)]
    pub(crate) fn of_all(&self, text: &[Token], worth: &mut Vec<u8>, lengths: &mut Vec<u8>) {
        worth.clear();
        worth.extend(BEFORE);
        worth.resize(BEFORE.len() + text.len(), 0);
        for (worth, &token) in worth[BEFORE.len()..].iter_mut().zip(text) {
            *worth = self.worth[usize::from(token)];
        }
        let count = worth.len().saturating_sub(LONGEST);
        lengths.resize(count, 0);
        let from = |word: usize| worth.get(word..word + count).unwrap_or_default();
        let (before, last) = (from(0), from(1));
        let (a, b, c, d, e) = (from(2), from(3), from(4), from(5), from(6));
        // Without a branch, and no word waits for the one before it: a compiler makes vectors of it.
        for (k, length) in lengths.iter_mut().enumerate() {
            // Six words are worth at most 144.
            let three = a[k] + b[k] + c[k];
            let (four, five) = (three + d[k], three + d[k] + e[k]);
            let long = SHORTEST as u8
                + u8::from(three < self.enough)
                + u8::from(four < self.enough)
                + u8::from(five < self.enough);
            let is_due = !begins(before[k], last[k], a[k]) & !begins(last[k], a[k], b[k]);
            *length = if begins(a[k], b[k], c[k]) | is_due { long } else { 0 };
        }
    }
}

/// What stands before a text: seeds begin there.
const BEFORE: [u8; 2] = [127; 2];

/// Whether a seed begins with the first of three words, given what they are worth: where it is worth more than the two
/// behind it on average. Of all words rather more than half are such, and their seeds are short.
#[inline(always)]
fn begins(first: u8, second: u8, third: u8) -> bool {
    2 * first > second + third
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_words_make_short_seeds_and_common_ones_long() {
        let mut counts = vec![0; 1 << 16];
        (counts[1], counts[2], counts[3]) = (50_000, 40_000, 30_000);
        (4..10_000).for_each(|token| counts[token] = 100);
        let lengths = SeedLengths::new(&counts);
        assert_eq!(lengths.of(&[20_000, 20_001, 20_002, 1, 2, 3]), 3);
        assert_eq!(lengths.of(&[1, 20_001, 2, 1, 20_003, 3]), 5);
        assert_eq!(lengths.of(&[1, 2, 3, 1, 2, 3]), 6);
        assert_eq!(lengths.of(&[20_000, 20_001]), 6);
        let text: Vec<Token> = (0..200).map(|k| [1, 20_000, 4, 2, 30_000, 5, 3][k % 7]).collect();
        let (mut worth, mut all) = (Vec::new(), Vec::new());
        lengths.of_all(&text, &mut worth, &mut all);
        assert!(all.len() + LONGEST >= text.len());
        for (k, &length) in all.iter().enumerate() {
            assert_eq!(usize::from(length), lengths.at(&text, k), "{k}");
        }
        assert!(all.windows(3).all(|three| three != [0; 3]));
    }
}
