//! What a hit could be worth at most: looked at for every hit, thousands an output, before any is followed.
//!
//! ```text
//! output   . . . . . . a b c . . . . . .     REACH words on either side of the seed a b c
//! work     . . . . . . a b c . . . . . .     the same word here, or up to SHIFT words off: it may count
//! ```
//!
//! The words of the seed count together no more than the seed is rare, the others by their own rarity. A word that
//! stands off the diagonal had several chances to be there: it counts log2 of their number less.

use wide::i16x32;

use super::BIT;
use super::seeds::Hit;
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

    /// Brings near what `at` will read of the segment: one or two cache lines.
    #[inline]
    pub(crate) fn prefetch(&self, hit: Hit, tokens: &[Token]) {
        let position = hit.position as usize;
        prefetch(tokens, position.saturating_sub(REACH + SHIFT));
        prefetch(tokens, position + REACH);
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
        let sum = straight.max(near & window(&self.off, index)).reduce_add();
        let words: i32 =
            self.on[index + REACH..index + REACH + SHORTEST].iter().map(|&r| i32::from(r) * UNIT).sum();
        i32::from(sum) * UNIT - words + words.min(seed)
    }
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
