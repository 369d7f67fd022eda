//! What a hit could be worth at most: looked at for every hit, thousands an output, before any is followed.
//!
//! ```text
//! output   . . . . . . a b c . . . . . .     REACH words on either side of the seed a b c
//! work     . . . . . . a b c . . . . . .     the same word here, or up to SHIFT words off: it may count
//! ```
//!
//! First all words that agree are added up, at once; where that is enough, the words between them are paid for, as the
//! alignment will: what counts is the best stretch around the seed.
//!
//! The words of the seed count together no more than the seed is rare, the others by their own rarity. A word that
//! stands off the diagonal had several chances to be there: it counts log2 of their number less.

use wide::i16x32;

use super::seeds::Hit;
use super::{BIT, cost};
use crate::fingerprint::SHORTEST;
use crate::simd::prefetch;
use crate::text::Token;

/// Words looked at before the seed; as many begin with it.
const REACH: usize = 16;
const WINDOW: usize = 2 * REACH;
/// Diagonals to either side.
const SHIFT: usize = 2;
/// What a word off the diagonal counts less: log2 of the 2 * SHIFT + 1 places it could have stood in.
const OFF: i32 = 7 * BIT / 3;
/// Sixteen units are one bit here: 32 words of at most 15 bits fit 16 bits.
const UNIT: i32 = BIT / 16;

/// An output's tokens and what they are worth, with room on either side.
#[derive(Default)]
pub(crate) struct Promise {
    tokens: Vec<i16>,
    on: Vec<i16>,
    off: Vec<i16>,
}

impl Promise {
    /// Takes an output; `rarity` is in units of [`BIT`], at most 127 bits a word.
    pub(crate) fn prepare(&mut self, output: &[Token], rarity: &[i32]) {
        fill(&mut self.tokens, output.iter().map(|&token| token.cast_signed()));
        fill(&mut self.on, rarity.iter().map(|&r| (r / UNIT) as i16));
        fill(&mut self.off, rarity.iter().map(|&r| ((r - OFF).max(0) / UNIT) as i16));
    }

    /// Brings near what `keeps` will read of the segment: one or two cache lines.
    #[inline]
    pub(crate) fn prefetch(&self, hit: Hit, tokens: &[Token]) {
        let position = hit.position as usize;
        prefetch(tokens, position.saturating_sub(REACH + SHIFT));
        prefetch(tokens, position + REACH);
    }

    /// Whether `hit` could be worth `gate`, in units of [`BIT`]. `tokens` are the segment's; `seed` is what the seed's
    /// words may count together. Constant time.
    #[inline]
    pub(crate) fn keeps(&self, hit: Hit, tokens: &[Token], seed: i32, gate: i32) -> bool {
        let index = hit.index as usize;
        let position = hit.position as usize;
        const AROUND: usize = WINDOW + 2 * SHIFT;
        let mut padded = [0; AROUND];
        let work: &[Token; AROUND] = match position
            .checked_sub(REACH + SHIFT)
            .and_then(|start| tokens.get(start..start + AROUND))
            .and_then(|around| around.try_into().ok())
        {
            Some(work) => work,
            None => {
                // At an end of the segment. A token of zero beyond it may agree: it promises too much, never too
                // little.
                for (k, token) in padded.iter_mut().enumerate() {
                    let at = (position + k).checked_sub(REACH + SHIFT);
                    *token = at.and_then(|at| tokens.get(at)).copied().unwrap_or(0);
                }
                &padded
            }
        };
        let place = |shift: usize| -> i16x32 {
            // WINDOW entries from each of the 2 * SHIFT + 1 places they may begin at.
            let mut tokens = [0_u16; WINDOW];
            tokens.copy_from_slice(&work[shift..shift + WINDOW]);
            i16x32::from(bytemuck::cast::<_, [i16; WINDOW]>(tokens))
        };
        // The padded arrays hold REACH entries before word 0 and behind the last: no window leaves them.
        let output = window(&self.tokens, index);
        let straight = output.simd_eq(place(SHIFT)) & window(&self.on, index);
        let near = output.simd_eq(place(0))
            | output.simd_eq(place(1))
            | output.simd_eq(place(3))
            | output.simd_eq(place(4));
        let worth = straight.max(near & window(&self.off, index));
        let words: i32 = self.on[index + REACH..index + REACH + SHORTEST].iter().map(|&r| i32::from(r)).sum();
        let seed = (seed / UNIT).min(words);
        let gate = gate / UNIT;
        if i32::from(worth.reduce_add()) - words + seed < gate {
            return false;
        }
        let worth = worth.to_array();
        let before = stretch(worth[..REACH].iter().rev());
        let behind = stretch(worth[REACH + SHORTEST..].iter());
        before + seed + behind >= gate
    }
}

/// What the words from the seed on to one side are worth up to the best end. So many unmatched words in a row cost at
/// least what the cheapest edit does: one word is changed, more are a gap.
fn stretch<'a>(worth: impl Iterator<Item = &'a i16>) -> i32 {
    let (mut sum, mut best, mut missed) = (0, 0, 0);
    for &word in worth {
        if word > 0 {
            sum += i32::from(word);
            best = best.max(sum);
            missed = 0;
        } else {
            missed += 1;
            sum -= match missed {
                1 => cost::CHANGED,
                2 => cost::GAP + cost::GAP_MORE - cost::CHANGED,
                _ => cost::GAP_MORE,
            } / UNIT;
        }
    }
    best
}

fn window(padded: &[i16], index: usize) -> i16x32 {
    let mut entries = [0; WINDOW];
    entries.copy_from_slice(&padded[index..index + WINDOW]);
    i16x32::from(entries)
}

/// Copies `from` to `to` with REACH zeros before and behind.
fn fill<T: Clone + Default>(to: &mut Vec<T>, from: impl Iterator<Item = T>) {
    to.clear();
    to.resize(REACH, T::default());
    to.extend(from);
    to.resize(to.len() + REACH, T::default());
}
