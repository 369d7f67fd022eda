//! Letter grams, sampled by winnowing (Schleimer, Wilkerson, Aiken, SIGMOD 2003), over the stream of letters from
//! which all separators are gone: they see through text whose words are spaced, hyphenated or run together.

use super::mix;
use crate::simd::{Kernel, Task, dispatch};

/// Bytes of folded letters in one gram.
const GRAM: usize = 16;
/// Of each window of this many grams the smallest is taken, so that any two equal runs of
/// `GRAM + WINDOW - 1` bytes share a fingerprint; about one gram in 32 is stored.
const WINDOW: usize = 64;

/// Windows that are looked at together.
const BLOCK: usize = 256;
/// Letters that they need: those of the last window, and some more for round numbers.
const ROOM: usize = BLOCK + WINDOW + GRAM;

/// Calls `each` with the position (in bytes of `letters`) and hash of each sampled gram, by position.
/// Linear in the letters.
pub(crate) fn winnow(letters: &[u8], each: impl FnMut(usize, u64)) {
    dispatch(Winnow { letters, each });
}

struct Winnow<'a, Each> {
    letters: &'a [u8],
    each: Each,
}

impl<Each: FnMut(usize, u64)> Task for Winnow<'_, Each> {
    type Answer = ();

    #[inline(always)]
    fn run<K: Kernel>(self, _: K) {
        let Self { letters, mut each } = self;
        let Some(grams) = (letters.len() + 1).checked_sub(GRAM).filter(|&grams| grams > 0) else { return };
        if grams < WINDOW {
            // Of a text that fills no window, one.
            let ranks = ranks(&letters_from(letters, 0));
            let smallest = (0..grams).rev().min_by_key(|&at| ranks[at] / WINDOW as u32).unwrap_or(0);
            each(smallest, hash(letters, smallest));
            return;
        }
        let windows = grams + 1 - WINDOW;
        let mut before = 0;
        for first in (0..windows).step_by(BLOCK) {
            let smallest = smallest(ranks(&letters_from(letters, first)));
            let mut is_new = [0_u8; BLOCK];
            // One window on, the same gram is one place nearer to the window's beginning.
            is_new[0] = u8::from(first == 0 || smallest[0] != before + 1);
            for at in 1..BLOCK {
                is_new[at] = u8::from(smallest[at] != smallest[at - 1].wrapping_add(1));
            }
            before = smallest[BLOCK - 1];
            is_new[(windows - first).min(BLOCK)..].fill(0);
            for (eight, flags) in is_new.as_chunks::<8>().0.iter().enumerate() {
                let mut flags = u64::from_le_bytes(*flags);
                while flags != 0 {
                    let at = 8 * eight + flags.trailing_zeros() as usize / 8;
                    flags &= flags - 1;
                    let position = first + at + LAST as usize - (smallest[at] & LAST) as usize;
                    each(position, hash(letters, position));
                }
            }
        }
    }
}

/// So many letters from one on, zeros behind the last.
#[inline(always)]
fn letters_from(letters: &[u8], first: usize) -> [u8; ROOM] {
    let rest = &letters[first..];
    rest.first_chunk().copied().unwrap_or_else(|| {
        let mut padded = [0; ROOM];
        padded[..rest.len()].copy_from_slice(rest);
        padded
    })
}

/// The place of a window's last gram, and a mask of the bits that say a place.
const LAST: u32 = WINDOW as u32 - 1;

/// By what the grams that begin at each letter are compared; the lower bits, all set, are room for a place.
///
/// Rabin-Karp over 2^32, by doubling: of a gram's two halves, and of each of these two. Passes over short arrays,
/// each without a branch: a compiler makes vectors of them.
#[inline(always)]
fn ranks(letters: &[u8; ROOM]) -> [u32; ROOM] {
    let mut ranks = letters.map(|letter| u32::from(letter) + 1);
    let mut power = BASE;
    let mut half = 1;
    while half < GRAM {
        for at in 0..ROOM - half {
            ranks[at] = ranks[at].wrapping_mul(power).wrapping_add(ranks[at + half]);
        }
        power = power.wrapping_mul(power);
        half *= 2;
    }
    // A mixer for 32 bits (Wellons 2018, `lowbias32`).
    ranks.map(|mut x| {
        x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
        x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
        (x ^ (x >> 16)) | LAST
    })
}

/// The smallest rank of each window, by doubling, too, with the gram's place in the window counted back from the last
/// in its lower bits: so of equals the later is the smaller.
#[inline(always)]
fn smallest(mut ranks: [u32; ROOM]) -> [u32; ROOM] {
    let mut half = 1;
    while half < WINDOW {
        for at in 0..ROOM - half {
            ranks[at] = ranks[at].min(ranks[at + half] - half as u32);
        }
        half *= 2;
    }
    ranks
}

/// Hash of the gram at a position; it has nothing to do with its rank: the smallest of many would crowd together.
#[inline(always)]
fn hash(letters: &[u8], position: usize) -> u64 {
    let gram = letters[position..].first_chunk::<GRAM>().copied().unwrap_or_default();
    let both = u128::from_le_bytes(gram);
    mix(mix(both as u64 ^ SALT).wrapping_add((both >> 64) as u64))
}

const BASE: u32 = 0x9e37_79b1;
const SALT: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(text: &[u8]) -> Vec<(usize, u64)> {
        let mut all = Vec::new();
        winnow(text, |at, hash| all.push((at, hash)));
        all
    }

    #[test]
    fn equal_runs_share_a_fingerprint() {
        let run = b"itwasthebestoftimesitwastheworstoftimesitwastheageofwisdomitwastheageoffoolishness";
        let a = [b"xyzzyxyzzy".as_slice(), run, b"abc"].concat();
        let b =
            [b"somethingelsealtogetherstoodhere".as_slice(), run, b"qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"]
                .concat();
        assert!(run.len() >= GRAM + WINDOW - 1);
        let of_b: Vec<u64> = sampled(&b).into_iter().map(|(_, h)| h).collect();
        assert!(sampled(&a).iter().any(|(_, h)| of_b.contains(h)));
        assert!(sampled(&a).windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn short_letters_give_at_most_one() {
        assert_eq!(sampled(b"fifteen letters").len(), 0);
        assert_eq!(sampled(b"sixteen letters!").len(), 1);
        assert_eq!(sampled(&[b'x'; GRAM + WINDOW - 2]).len(), 1);
    }

    /// As `FORMAT.md` says it.
    fn one_by_one(letters: &[u8]) -> Vec<usize> {
        let rank = |gram: &[u8]| {
            let sum =
                gram.iter().fold(0_u32, |sum, &b| sum.wrapping_mul(BASE).wrapping_add(u32::from(b) + 1));
            let x = (sum ^ (sum >> 16)).wrapping_mul(0x7feb_352d);
            let x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
            (x ^ (x >> 16)) / WINDOW as u32
        };
        let ranks: Vec<u32> = letters.windows(GRAM).map(rank).collect();
        let size = WINDOW.min(ranks.len()).max(1);
        let mut taken: Vec<usize> = ranks
            .windows(size)
            .enumerate()
            .filter_map(|(first, window)| {
                (0..window.len()).rev().min_by_key(|&at| window[at]).map(|at| first + at)
            })
            .collect();
        taken.dedup();
        taken
    }

    #[test]
    fn blocks_say_what_one_by_one_says() {
        let mut state = 1;
        for length in (0..240).chain([255, 256, 257, 300, 302, 303, 304, 511, 558, 559, 560, 2000]) {
            for letters in [1, 2, 26] {
                let text: Vec<u8> = (0..length)
                    .map(|_| {
                        state = mix(state + 1);
                        b'a' + (state % letters) as u8
                    })
                    .collect();
                let all = sampled(&text);
                assert_eq!(all.iter().map(|&(at, _)| at).collect::<Vec<_>>(), one_by_one(&text), "{length}");
                assert!(all.iter().all(|&(at, h)| h == hash(&text, at)));
            }
        }
    }
}
