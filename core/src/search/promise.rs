//! What a hit could be worth at most: looked at for every hit, hundreds an output, before any is followed.
//!
//! ```text
//! output   . . . . . . a b c d . . . . .     REACH words before the seed a b c d, as many from its first on
//! work     . . . . . . a b c d . . . . .     the same word here, or up to SHIFT words off: it may count
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
use super::seeds::{Hit, LookUps, Sink, word_hits};
use super::{BIT, cost};
use crate::fingerprint::SHORTEST;
use crate::registry::{STRIDE, Segment};
use crate::simd::{Kernel, PLAIN, Task, WORDS, dispatch, prefetch};
use crate::text::{Folded, Token};

/// Words looked at before the seed; as many begin with it.
const REACH: usize = WORDS / 2;
/// Hits found before that are looked at together.
const KNOWN_BLOCK: usize = 64;
/// What is found of one hit holds for those of its diagonal that begin so few words later, too.
const NEAR: u32 = REACH as u32 / 2;
/// Diagonals to either side.
const SHIFT: usize = 2;
/// Words of the work that may agree, whichever of those that a posting stands for the seed begins with.
const AROUND: usize = WORDS + 2 * SHIFT + STRIDE - 1;
/// What a word off the diagonal counts less: log2 of the 2 * SHIFT + 1 places it could have stood in.
const OFF: i32 = 7 * BIT / 3;
/// The unit of a first sum, of bytes.
const EIGHTH: i32 = BIT / 8;
/// The seed's words.
const SEED: u32 = ((1 << SHORTEST) - 1) << REACH;
/// A seed's words may be rarer than their being found together in the index says: so many bits.
const SEED_SLACK: i32 = 8 * BIT;

/// An output's tokens, with room on either side for windows that reach beyond.
#[derive(Default)]
pub(crate) struct Promise {
    tokens: Vec<Token>,
    /// What each word is worth, in eighths of a bit, rounded up.
    worth: Vec<u8>,
    /// Letters of each word, in bytes.
    letters: Vec<u8>,
    surroundings: Vec<Surroundings>,
}

impl Promise {
    /// Takes an output; `rarity` is what each of its words is worth, at most 31 bits.
    pub(crate) fn prepare(&mut self, output: &Folded, rarity: &[i32]) {
        pad(&mut self.tokens, output.tokens().iter().copied());
        pad(&mut self.worth, rarity.iter().map(|&rarity| ((rarity + EIGHTH - 1) / EIGHTH) as u8));
        pad(&mut self.letters, output.lengths().iter().copied());
    }

    /// Letters of each word of the output, in bytes; at most 255.
    pub(crate) fn letters(&self) -> &[u8] {
        &self.letters[REACH..self.letters.len() - REACH]
    }

    /// Looks up all word grams of the output: leaves all hits in `hits`, and in `kept` those that could be worth what
    /// the gate asks. Linear.
    pub(crate) fn search(
        &mut self,
        segment: &Segment,
        look_ups: &mut LookUps,
        hits: &mut Vec<Hit>,
        kept: &mut Vec<Hit>,
        look: &mut Look<'_, impl Fn(u32) -> Range<usize>, impl FnMut(u32) -> i32>,
    ) {
        let mut surroundings = std::mem::take(&mut self.surroundings);
        surroundings.clear();
        hits.clear();
        let filter = Filter { promise: self, hits: Some(hits), kept: &mut surroundings, sight: look.sight };
        word_hits(segment, look.output, look_ups, filter);
        self.once_more(&mut surroundings, kept, look);
        self.surroundings = surroundings;
    }

    /// Leaves in `kept` those of `hits` that could be worth what the gate asks. Constant time a hit.
    pub(crate) fn filter(
        &mut self,
        hits: &[Hit],
        kept: &mut Vec<Hit>,
        look: &mut Look<'_, impl Fn(u32) -> Range<usize>, impl FnMut(u32) -> i32>,
    ) {
        let mut surroundings = std::mem::take(&mut self.surroundings);
        surroundings.clear();
        let filter = Filter { promise: self, hits: None, kept: &mut surroundings, sight: look.sight };
        dispatch(Known { hits, filter });
        self.once_more(&mut surroundings, kept, look);
        self.surroundings = surroundings;
    }

    /// Looks once more, within the work and with what words are worth behind one another.
    fn once_more(
        &self,
        surroundings: &mut [Surroundings],
        kept: &mut Vec<Hit>,
        look: &mut Look<'_, impl Fn(u32) -> Range<usize>, impl FnMut(u32) -> i32>,
    ) {
        kept.clear();
        // Diagonal by diagonal, whatever order they were found in: works registered in another order are the same works.
        surroundings.sort_unstable_by_key(|around| (around.hit.diagonal(), around.hit.index));
        // What will be asked of the words behind one another is brought near; not where the window of a hit a few words
        // before holds most of them.
        let mut asked = Hit { position: u32::MAX, index: 0 };
        for around in surroundings.iter() {
            if around.hit.diagonal() == asked.diagonal() && around.hit.index - asked.index <= NEAR {
                continue;
            }
            asked = around.hit;
            let mut follow = around.straight & around.straight << 1;
            while follow != 0 {
                let index = (around.hit.index + follow.trailing_zeros()).wrapping_sub(REACH as u32);
                follow &= follow - 1;
                (look.ask)(index);
            }
        }
        let mut work = 0..0;
        for &mut Surroundings { hit, .. } in surroundings {
            if !work.contains(&(hit.position as usize)) {
                work = (look.within)(hit.position);
            }
            // What was found of a hit a few words before holds for this one, too.
            let goes_on = |before: &Hit| {
                before.diagonal() == hit.diagonal()
                    && hit.index - before.index <= NEAR
                    && work.contains(&(before.position as usize))
            };
            if kept.last().is_some_and(goes_on) {
                kept.push(hit);
                continue;
            }
            let mut around = self.surroundings(PLAIN, hit, look.sight.tokens, work.clone());
            if look.sight.verbatim {
                around = around.run();
            }
            let (score, agree) = around.best_stretch(&look.sight, |index, follows| match follows {
                true => (look.behind)(index),
                false => look.sight.rarity[index as usize],
            });
            if score >= self.needed(PLAIN, hit, agree, look.sight.gate) {
                kept.push(hit);
            }
        }
    }

    /// What all words that agree around a hit are worth, rounded up, nothing paid for what does not.
    #[inline(always)]
    fn sum<K: Kernel>(&self, kernel: K, around: &Surroundings) -> i32 {
        match window(&self.worth, around.hit.index as usize) {
            Some(worth) => {
                let sum = kernel.weigh(worth, around.straight, around.near, (OFF / EIGHTH) as u8);
                sum as i32 * EIGHTH
            }
            None => 0,
        }
    }

    /// What a match must be worth that has the words under `agree` of those around `hit`.
    #[inline(always)]
    fn needed<K: Kernel>(&self, kernel: K, hit: Hit, agree: u32, gate: Gate) -> i32 {
        let letters = match window(&self.letters, hit.index as usize) {
            Some(letters) => kernel.weigh(letters, agree, 0, 0),
            None => 0,
        };
        gate.needed(agree.count_ones(), longest_run(agree), letters)
    }

    /// Which words agree around a hit; only words of the segment `within` count.
    #[inline(always)]
    fn surroundings<K: Kernel>(
        &self,
        kernel: K,
        hit: Hit,
        tokens: &[Token],
        within: Range<usize>,
    ) -> Surroundings {
        let position = hit.position as usize;
        let mut padded = [0; AROUND];
        let whole = position
            .checked_sub(REACH + SHIFT)
            .filter(|&start| start >= within.start && start + AROUND <= within.end)
            .and_then(|start| tokens.get(start..)?.first_chunk());
        let work: &[Token; AROUND] = match whole {
            Some(work) => work,
            None => {
                // At an end of what is looked at. A token of zero beyond it may agree: it promises too much, never too
                // little.
                for (k, token) in padded.iter_mut().enumerate() {
                    let at = (position + k).checked_sub(REACH + SHIFT);
                    let at = at.filter(|at| within.contains(at));
                    *token = at.and_then(|at| tokens.get(at)).copied().unwrap_or(0);
                }
                &padded
            }
        };
        // The padded array holds REACH words before word 0 and behind the last: no window leaves it.
        let Some(output) = window(&self.tokens, hit.index as usize) else { return Surroundings::default() };
        let at = |shift: usize| match window(work, shift) {
            Some(work) => kernel.equal(output, work),
            None => 0,
        };
        // The diagonals of the posting's first word and of its second have all but one on either side in common.
        let (first, second, shared) = (at(SHIFT), at(SHIFT + 1), at(1) | at(4));
        let (straight, near, place) = match first & SEED == SEED {
            true => (first, second | shared | at(0), 0),
            false => (second, first | shared | at(5), 1),
        };
        let hit = Hit { position: hit.position + place, ..hit };
        Surroundings { hit, straight, near: near & !straight }
    }
}

/// What hits are judged by.
#[derive(Clone, Copy)]
pub(crate) struct Sight<'a> {
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
    /// Whether only words in a row count that are equal.
    pub(crate) verbatim: bool,
}

/// The same, and what is asked for few.
pub(crate) struct Look<'a, W, B> {
    /// The output's tokens.
    pub(crate) output: &'a [Token],
    pub(crate) sight: Sight<'a>,
    /// The words of the work at a word of the segment.
    pub(crate) within: W,
    /// Brings near what `behind` will read of a word, if there is one.
    pub(crate) ask: &'a dyn Fn(u32),
    /// What a word of the output is worth where the word before it is equal, too.
    pub(crate) behind: B,
}

struct Filter<'a> {
    promise: &'a Promise,
    /// All hits that came.
    hits: Option<&'a mut Vec<Hit>>,
    kept: &'a mut Vec<Surroundings>,
    sight: Sight<'a>,
}

/// Hits that were found before, to be looked at otherwise.
struct Known<'a> {
    hits: &'a [Hit],
    filter: Filter<'a>,
}

impl Task for Known<'_> {
    type Answer = ();

    /// In blocks, the next of which is on its way from memory meanwhile.
    #[inline(always)]
    fn run<K: Kernel>(mut self, kernel: K) {
        let mut blocks = self.hits.chunks(KNOWN_BLOCK).peekable();
        while let Some(block) = blocks.next() {
            blocks.peek().into_iter().flat_map(|next| *next).for_each(|hit| self.filter.near(hit.position));
            self.filter.take(kernel, block);
        }
    }
}

impl Sink for Filter<'_> {
    #[inline(always)]
    fn near(&self, position: u32) {
        // Two cache lines.
        prefetch(self.sight.tokens, (position as usize).saturating_sub(REACH + SHIFT));
        prefetch(self.sight.tokens, position as usize + REACH);
    }

    #[inline(always)]
    fn take<K: Kernel>(&mut self, kernel: K, hits: &[Hit]) {
        let Self { promise, kept, sight, .. } = self;
        if let Some(all) = &mut self.hits {
            all.extend_from_slice(hits);
        }
        // Most hits end here: those with too few words around, and those of a fingerprint that agreed by chance. All
        // are written and only some counted: no branch for a processor to guess.
        let fewest = sight.gate.fewest_words(sight.most);
        let (mut best, mut count) = (kept.len(), kept.len());
        kept.resize(count + hits.len() + 1, Surroundings::default());
        for &hit in hits {
            let mut around = promise.surroundings(kernel, hit, sight.tokens, 0..sight.tokens.len());
            if sight.verbatim {
                around = around.run();
            }
            let enough = promise.sum(kernel, &around) >= sight.gate.bits;
            let words = (around.straight | around.near).count_ones() >= fewest;
            kept[count] = around;
            count += usize::from(enough & words & (around.straight & SEED == SEED));
        }
        let mut next = best;
        while next < count {
            let around = kept[next];
            next += 1;
            let agree = around.straight | around.near;
            if promise.sum(kernel, &around) < promise.needed(kernel, around.hit, agree, sight.gate) {
                continue;
            }
            // What lies between is paid for, too.
            let (score, agree) = around.best_stretch(sight, |index, _| sight.rarity[index as usize]);
            if score >= promise.needed(kernel, around.hit, agree, sight.gate) {
                kept[best] = around;
                best += 1;
            }
        }
        kept.truncate(best);
    }
}

/// Which words agree around a hit: bit `REACH + k` stands for the word `k` behind the seed's first.
#[derive(Clone, Copy, Default)]
struct Surroundings {
    hit: Hit,
    /// On the diagonal.
    straight: u32,
    /// Off it.
    near: u32,
}

impl Surroundings {
    /// Only the words that agree in a row with the seed's first.
    #[inline(always)]
    fn run(self) -> Self {
        let from_here = (self.straight >> REACH).trailing_ones();
        let before = (self.straight << (WORDS - REACH)).leading_ones();
        let run = ((1_u64 << (from_here + before)) - 1) << (REACH as u32 - before);
        Self { straight: run as u32, near: 0, ..self }
    }

    /// The stretch around the seed that is worth most, and the words that agree in it: what they are worth is added up
    /// outward from the seed. `rarity(index, follows)` is what word `index` of the output is worth, behind an equal
    /// word or not.
    #[inline(always)]
    fn best_stretch(&self, look: &Sight<'_>, mut rarity: impl FnMut(u32, bool) -> i32) -> (i32, u32) {
        let hit = self.hit;
        // Padding may agree with a token of zero: it is worth nothing.
        let (index, words) = (hit.index as usize, look.rarity.len());
        let there = u32::MAX << REACH.saturating_sub(index)
            & u32::MAX >> (index + REACH).saturating_sub(words).min(WORDS - 1);
        let (straight, near) = (self.straight & there, self.near & there);
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
        let mut score = (look.space + SEED_SLACK).min((first..=last).map(&mut worth).sum());
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
        (score, agree & (u32::MAX << low) & (u32::MAX >> (WORDS as u32 - 1 - high)))
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
fn window<T>(padded: &[T], start: usize) -> Option<&[T; WORDS]> {
    padded.get(start..)?.first_chunk()
}

/// Copies `from` to `to` with REACH zeros before and behind.
fn pad<T: Clone + Default>(to: &mut Vec<T>, from: impl Iterator<Item = T>) {
    to.clear();
    to.resize(REACH, T::default());
    to.extend(from);
    to.resize(to.len() + REACH, T::default());
}
