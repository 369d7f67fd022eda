//! Word grams of adaptive length.
//!
//! A seed is as long as it must be to be rare (*adaptive seeds*: Kiełbasa et al., Genome Research 21, 2011): four
//! words where few places of the registry share them, five where many do, six at the most. Short seeds survive edits,
//! and rare ones are cheap to follow; a fixed length would have to choose. Grams of three words are only counted.

use super::mix;
use crate::text::Token;

/// Words of the shortest seed.
pub(crate) const SHORTEST: usize = 3;
/// Words of the longest seed. One begins at one of any three words in a row: any unaltered run of two words more holds a
/// seed.
pub(crate) const LONGEST: usize = 6;

/// Hash of a gram of up to [`LONGEST`] tokens; grams of different lengths hash apart.
#[inline]
pub(crate) fn gram(tokens: &[Token]) -> u64 {
    hash(&std::array::from_fn(|k| tokens.get(k).copied().unwrap_or(0)), tokens.len())
}

/// The same of the grams that begin at each of the first tokens, as many as `hashes`, of the `lengths` given, three
/// tokens at least. Nothing where not all of them have [`LONGEST`] tokens.
#[inline(always)]
pub(crate) fn grams<const N: usize>(
    tokens: &[Token],
    lengths: &[u8; N],
    hashes: &mut [u64; N],
) -> Option<()> {
    let from = |word: usize| tokens.get(word..)?.first_chunk::<N>();
    let (a, b, c, d, e, f) = (from(0)?, from(1)?, from(2)?, from(3)?, from(4)?, from(5)?);
    // Column by column, without a branch: a compiler makes vectors of it.
    for (k, hash) in hashes.iter_mut().enumerate() {
        let length = u64::from(lengths[k]);
        let kept = |token: Token, word: u64| if word < length { u64::from(token) } else { 0 };
        let low = u64::from(a[k]) | u64::from(b[k]) << 16 | u64::from(c[k]) << 32 | kept(d[k], 3) << 48;
        *hash = mixed(low, length | kept(e[k], 4) << 16 | kept(f[k], 5) << 32);
    }
    Some(())
}

/// The same of the first so many of [`LONGEST`] tokens.
#[inline(always)]
pub(crate) fn gram_of(tokens: &[Token; LONGEST], length: usize) -> u64 {
    // What of the tokens a gram of so many has, without a branch.
    const LOW: [u64; 8] = [0, 0xffff, 0xffff_ffff, 0xffff_ffff_ffff, u64::MAX, u64::MAX, u64::MAX, u64::MAX];
    const HIGH: [u64; 8] = [0, 0, 0, 0, 0, 0xffff << 16, 0xffff_ffff << 16, 0xffff_ffff << 16];
    let at = |k: usize| u64::from(tokens[k]);
    let low = at(0) | at(1) << 16 | at(2) << 32 | at(3) << 48;
    let high = at(4) << 16 | at(5) << 32;
    mixed(low & LOW[length % 8], length as u64 | high & HIGH[length % 8])
}

#[inline(always)]
fn hash(tokens: &[Token; LONGEST], length: usize) -> u64 {
    let at = |k: usize| u64::from(tokens[k]);
    let low = at(0) | at(1) << 16 | at(2) << 32 | at(3) << 48;
    mixed(low, length as u64 | at(4) << 16 | at(5) << 32)
}

#[inline(always)]
fn mixed(low: u64, high: u64) -> u64 {
    mix(low ^ high.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Hash of two neighbouring tokens, for counting them.
#[inline]
pub(crate) fn pair(first: Token, second: Token) -> u64 {
    mix((u64::from(first) << 16 | u64::from(second)) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grams_of_other_lengths_and_orders_differ() {
        let all: Vec<u64> = vec![
            gram(&[1, 2, 3]),
            gram(&[3, 2, 1]),
            gram(&[1, 2, 3, 0]),
            gram(&[1, 2, 3, 0, 0]),
            gram(&[1, 2, 3, 0, 0, 0]),
            gram(&[1, 2, 3, 4]),
            gram(&[1, 2, 3, 4, 5]),
            gram(&[1, 2, 3, 4, 5, 6]),
        ];
        let mut distinct = all.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(gram_of(&[1, 2, 3, 4, 5, 6], 4), gram(&[1, 2, 3, 4]));
        let mut hashes = [0; 3];
        let tokens = [1, 2, 3, 4, 5, 6, 7, 8];
        assert!(grams(&tokens[1..], &[3, 5, 6], &mut hashes).is_none());
        assert!(grams(&tokens, &[3, 5, 6], &mut hashes).is_some());
        assert_eq!(hashes, [gram(&tokens[..3]), gram(&tokens[1..6]), gram(&tokens[2..])]);
    }
}
