//! What a hit could be worth at most: looked at for every hit, thousands an output, before any is followed.
//!
//! ```text
//! output   . . . . . . a b c . . . . . .     REACH words on either side of the seed a b c
//! work     . . . . . . a b c . . . . . .     the same word here, or up to SHIFT words off: it may count
//! ```
//!
//! The words of the seed count together no more than the seed is rare, the others by their own rarity. A word that
//! stands off the diagonal had several chances to be there: it counts log2 of their number less.

use super::BIT;
use super::seeds::Hit;
use crate::fingerprint::SHORTEST;
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
    tokens: Vec<Token>,
    on: Vec<i16>,
    off: Vec<i16>,
}

impl Promise {
    /// Takes an output; `rarity` is in units of [`BIT`], at most 127 bits a word.
    pub(crate) fn prepare(&mut self, output: &[Token], rarity: &[i32]) {
        fill(&mut self.tokens, output.iter().copied());
        fill(&mut self.on, rarity.iter().map(|&r| (r / UNIT) as i16));
        fill(&mut self.off, rarity.iter().map(|&r| ((r - OFF).max(0) / UNIT) as i16));
    }

    /// What `hit` could be worth at most, in units of [`BIT`]. `tokens` are the segment's; `seed` is what the seed's
    /// words may count together. Constant time.
    #[inline]
    pub(crate) fn at(&self, hit: Hit, tokens: &[Token], seed: i32) -> i32 {
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
        // The padded arrays hold REACH entries before word 0 and behind the last: no window leaves them.
        let window = index..index + WINDOW;
        let (Ok(output), Ok(on), Ok(off)) = (
            <&[u16; WINDOW]>::try_from(&self.tokens[window.clone()]),
            <&[i16; WINDOW]>::try_from(&self.on[window.clone()]),
            <&[i16; WINDOW]>::try_from(&self.off[window]),
        ) else {
            return 0;
        };
        // Written so that a compiler makes vector instructions of it: no branch, whole arrays at a time.
        let mut near = [0_i16; WINDOW];
        for shift in [0, 1, 3, 4] {
            for k in 0..WINDOW {
                near[k] |= -i16::from(output[k] == work[k + shift]);
            }
        }
        let mut sum = 0_i16;
        for k in 0..WINDOW {
            let straight = -i16::from(output[k] == work[k + SHIFT]) & on[k];
            sum = sum.wrapping_add(straight.max(near[k] & off[k]));
        }
        let words: i32 = on[REACH..REACH + SHORTEST].iter().map(|&r| i32::from(r) * UNIT).sum();
        i32::from(sum) * UNIT - words + words.min(seed)
    }
}

/// Copies `from` to `to` with REACH zeros before and behind.
fn fill<T: Clone + Default>(to: &mut Vec<T>, from: impl Iterator<Item = T>) {
    to.clear();
    to.resize(REACH, T::default());
    to.extend(from);
    to.resize(to.len() + REACH, T::default());
}
