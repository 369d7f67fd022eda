//! What a hit could be worth at most: looked at for every hit, hundreds an output, before any is followed.
//!
//! ```text
//! output   . . . . . . a b c . . . . . .     REACH words on either side of the seed a b c
//! work     . . . . . . a b c . . . . . .     the same word here, or up to SHIFT words off: it may count
//! ```
//!
//! First the words that agree are counted, all at once: most hits have too few. Of the others the words that agree
//! are added up and those between are paid for, as the alignment will: what counts is the best stretch around the
//! seed.
//!
//! The words of the seed count together no more than the seed is rare, the others by their own rarity. A word that
//! stands off the diagonal had several chances to be there: it counts log2 of their number less.

use std::ops::Range;

use super::gate::Gate;
use super::seeds::Hit;
use super::{BIT, cost};
use crate::fingerprint::SHORTEST;
use crate::simd::{Kernel, PLAIN, Task, WORDS, dispatch, prefetch};
use crate::text::Token;

/// Words looked at before the seed; as many begin with it.
const REACH: usize = WORDS / 2;
/// Diagonals to either side.
const SHIFT: usize = 2;
/// Words of the work that may agree.
const AROUND: usize = WORDS + 2 * SHIFT;
/// What a word off the diagonal counts less: log2 of the 2 * SHIFT + 1 places it could have stood in.
const OFF: i32 = 7 * BIT / 3;
/// The seed's words.
const SEED: u32 = ((1 << SHORTEST) - 1) << REACH;
/// A seed's words may be rarer than their being found together in the index says: so many bits.
const SEED_SLACK: i32 = 8 * BIT;

/// An output's tokens, with room on either side for windows that reach beyond.
#[derive(Default)]
pub(crate) struct Promise {
    tokens: Vec<Token>,
    surroundings: Vec<Surroundings>,
}

impl Promise {
    /// Takes an output.
    pub(crate) fn prepare(&mut self, output: &[Token]) {
        self.tokens.clear();
        self.tokens.resize(REACH, 0);
        self.tokens.extend_from_slice(output);
        self.tokens.resize(self.tokens.len() + REACH, 0);
    }

    /// Brings near what will be read of a segment's `tokens` around a hit: two cache lines.
    #[inline(always)]
    pub(crate) fn prefetch(tokens: &[Token], position: u32) {
        prefetch(tokens, (position as usize).saturating_sub(REACH + SHIFT));
        prefetch(tokens, position as usize + REACH);
    }

    /// Leaves in `kept` the hits that could be worth what the gate asks. Hits of one word of the output that come
    /// together share a seed. Constant time a hit. `behind(index)` is what word `index` of the output is worth where
    /// the word before it is equal, too, `within(position)` the words of the work there: asked for few.
    pub(crate) fn filter(
        &mut self,
        hits: &[Hit],
        kept: &mut Vec<Hit>,
        look: &Look<'_>,
        within: impl Fn(u32) -> Range<usize>,
        mut behind: impl FnMut(u32) -> i32,
    ) {
        let mut surroundings = std::mem::take(&mut self.surroundings);
        surroundings.clear();
        let fewest = look.gate.fewest_words(look.most);
        dispatch(Filter { promise: self, hits, kept: &mut surroundings, look, fewest });
        kept.clear();
        for around in &surroundings {
            // Once more, within the work and with what words are worth behind one another.
            let work = within(around.hit.position);
            let hit = around.hit;
            let worthy =
                self.surroundings(PLAIN, hit, around.seed, look, work, fewest).is_some_and(|around| {
                    around.is_worth(look, |index, follows| match follows {
                        true => behind(index),
                        false => look.rarity[index as usize],
                    })
                });
            if worthy {
                kept.push(hit);
            }
        }
        self.surroundings = surroundings;
    }
}

impl Promise {
    /// Which words agree around a hit, unless they are too few; `seed` is what the seed's words may count together.
    /// Only words of the segment `within` count.
    #[inline(always)]
    fn surroundings<K: Kernel>(
        &self,
        kernel: K,
        hit: Hit,
        seed: i32,
        look: &Look<'_>,
        within: Range<usize>,
        fewest: u32,
    ) -> Option<Surroundings> {
        let (index, position) = (hit.index as usize, hit.position as usize);
        let mut padded = [0; AROUND];
        let work: &[Token; AROUND] = match position
            .checked_sub(REACH + SHIFT)
            .filter(|&start| start >= within.start && start + AROUND <= within.end)
            .and_then(|start| look.tokens.get(start..start + AROUND))
            .and_then(|around| around.try_into().ok())
        {
            Some(work) => work,
            None => {
                // At an end of what is looked at. A token of zero beyond it may agree: it promises too much, never too
                // little.
                for (k, token) in padded.iter_mut().enumerate() {
                    let at = (position + k).checked_sub(REACH + SHIFT);
                    let at = at.filter(|at| within.contains(at));
                    *token = at.and_then(|at| look.tokens.get(at)).copied().unwrap_or(0);
                }
                &padded
            }
        };
        // The padded array holds REACH words before word 0 and behind the last: no window leaves it.
        let output = window(&self.tokens, index)?;
        let at = |shift: usize| window(work, shift).map_or(0, |work| kernel.equal(output, work));
        let straight = at(SHIFT);
        if straight & SEED != SEED {
            // A fingerprint that agreed by chance.
            return None;
        }
        // Padding may agree with a token of zero: it is worth nothing.
        let before = u32::MAX << REACH.saturating_sub(index);
        let behind = u32::MAX >> (index + REACH).saturating_sub(look.rarity.len()).min(WORDS - 1);
        let straight = straight & before & behind;
        let near = (at(0) | at(1) | at(3) | at(4)) & !straight & before & behind;
        let enough = (straight | near).count_ones() >= fewest;
        enough.then_some(Surroundings { hit, straight, near, seed })
    }
}

/// What [`Promise::filter`] looks at beside the output.
pub(crate) struct Look<'a> {
    /// The segment's tokens.
    pub(crate) tokens: &'a [Token],
    /// What each word of the output is worth …
    pub(crate) rarity: &'a [i32],
    /// … at the most.
    pub(crate) most: i32,
    /// What a place of the segment is worth: log2 of its words.
    pub(crate) space: i32,
    /// What a match must be worth.
    pub(crate) gate: Gate,
}

struct Filter<'a> {
    promise: &'a Promise,
    hits: &'a [Hit],
    kept: &'a mut Vec<Surroundings>,
    look: &'a Look<'a>,
    fewest: u32,
}

impl Task for Filter<'_> {
    type Answer = ();

    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let whole = 0..self.look.tokens.len();
        let mut start = 0;
        while start < self.hits.len() {
            let same =
                self.hits[start..].iter().take_while(|hit| hit.index == self.hits[start].index).count();
            let seed = self.look.space - same.ilog2() as i32 * BIT + SEED_SLACK;
            for at in start..start + same {
                if let Some(around) = self.promise.surroundings(
                    kernel,
                    self.hits[at],
                    seed,
                    self.look,
                    whole.clone(),
                    self.fewest,
                ) && around.is_worth(self.look, |index, _| self.look.rarity[index as usize])
                {
                    self.kept.push(around);
                }
            }
            start += same;
        }
    }
}

/// Which words agree around a hit: bit `REACH + k` stands for the word `k` behind the seed's first.
struct Surroundings {
    hit: Hit,
    /// On the diagonal.
    straight: u32,
    /// Off it.
    near: u32,
    /// What the seed's words may count together.
    seed: i32,
}

impl Surroundings {
    /// Adds up what the words that agree are worth, outward from the seed, and holds it against the gate.
    /// `rarity(index, follows)` is what word `index` of the output is worth, behind an equal word or not.
    #[inline(always)]
    fn is_worth(&self, look: &Look<'_>, mut rarity: impl FnMut(u32, bool) -> i32) -> bool {
        let &Self { hit, straight, near, seed } = self;
        let mut worth = |k: u32| {
            let word = hit.index + k - REACH as u32;
            if straight >> k & 1 == 1 {
                rarity(word, k > 0 && straight >> (k - 1) & 1 == 1)
            } else {
                (rarity(word, false) - OFF).max(0)
            }
        };
        let agree = straight | near;
        let (first, last) = (REACH as u32, (REACH + SHORTEST) as u32 - 1);
        let mut score = seed.min((first..=last).map(&mut worth).sum());
        // Behind the seed …
        let (mut sum, mut best, mut at, mut high) = (0, 0, last, last);
        let mut rest = agree & (u32::MAX << last << 1);
        while rest != 0 {
            let k = rest.trailing_zeros();
            rest &= rest - 1;
            sum += worth(k) - missed(k - at - 1);
            at = k;
            if sum > best {
                (best, high) = (sum, k);
            }
        }
        score += best;
        // … and before it.
        let mut low = first;
        (sum, best, at) = (0, 0, first);
        rest = agree & !(u32::MAX << first);
        while rest != 0 {
            let k = rest.ilog2();
            rest ^= 1 << k;
            sum += worth(k) - missed(at - k - 1);
            at = k;
            if sum > best {
                (best, low) = (sum, k);
            }
        }
        score += best;
        let kept = agree & (u32::MAX << low) & (u32::MAX >> (WORDS as u32 - 1 - high));
        score >= look.gate.needed(kept.count_ones(), longest_run(kept))
    }
}

/// What so many unmatched words between two that agree cost at least: one word is changed, more are a gap.
#[inline]
fn missed(words: u32) -> i32 {
    match words {
        0 => 0,
        1 => cost::CHANGED,
        _ => cost::GAP + cost::GAP_MORE * (words as i32 - 1),
    }
}

/// Length of the longest run of set bits.
#[inline]
fn longest_run(mut bits: u32) -> u32 {
    let mut length = 0;
    while bits != 0 {
        bits &= bits << 1;
        length += 1;
    }
    length
}

/// A window of [`WORDS`] words.
#[inline(always)]
fn window(tokens: &[Token], start: usize) -> Option<&[Token; WORDS]> {
    tokens.get(start..start + WORDS)?.try_into().ok()
}
