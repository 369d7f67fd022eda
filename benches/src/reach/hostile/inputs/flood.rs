//! Works whose seeds all belong to one line of the index, and an output that looks them all up.
//!
//! Tokens and hashes of grams are computed here once more, after the core's own code (`text/tokens.rs`, `simd/mod.rs`,
//! `fingerprint/grams.rs`): whoever attacks can do that, too. Were the core to hash otherwise, this would be a text like
//! others.

use std::collections::BTreeMap;

use nagalm::Work;
use nagalm_corpora::planted::Rng;

use super::letters;
use crate::scan::work;

/// Words of all works.
const WORDS: usize = 24_000;
const WORKS: usize = 8;
/// Upper bits of a hash that say the line, as many as tell a few thousand lines apart, and what they are.
const LINE: u64 = 5 << 6;
/// Upper bits that are held to that.
const BITS: u32 = 16;
/// Bits of the fingerprint that agree, too: as many as the registry is small.
const FINGERPRINT: u64 = 0;

/// Works, and an output, of grams of three words whose hashes agree in the bits that say the line.
pub(super) fn flood(size: usize) -> (Vec<Work>, String) {
    let words = words();
    let index: BTreeMap<u16, usize> = words.iter().enumerate().map(|(at, (token, _))| (*token, at)).collect();
    let mut rng = Rng::new(9);
    let mut grams: Vec<[usize; 3]> = Vec::new();
    while grams.len() < WORDS / 3 {
        // A hash as it should be, and which three words have it, if any.
        let free = u64::BITS - BITS;
        let hash = LINE << free | (rng.next_u64() & !FINGERPRINT) >> BITS;
        let low = unmix(hash) ^ 3_u64.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        if low >> 48 != 0 {
            continue;
        }
        let at = |k: u32| index.get(&((low >> (16 * k)) as u16)).copied();
        if let (Some(a), Some(b), Some(c)) = (at(0), at(1), at(2)) {
            grams.push([a, b, c]);
        }
    }
    let text = |grams: &[[usize; 3]]| -> String {
        grams.iter().flatten().map(|&at| words[at].1.as_str()).collect::<Vec<_>>().join(" ")
    };
    let works = grams.chunks(WORDS / WORKS / 3).enumerate().map(|(k, part)| work(k.to_string(), text(part)));
    let works = works.collect();
    let mut output = String::new();
    while output.len() < size {
        rng.shuffle(&mut grams);
        output += &text(&grams[..grams.len().min(size / 12 + 1)]);
        output.push(' ');
    }
    output.truncate(size);
    (works, output)
}

/// A word for nearly each token there may be.
fn words() -> Vec<(u16, String)> {
    let mut words: BTreeMap<u16, String> = BTreeMap::new();
    for number in 0..400_000 {
        // Letters only that are classes of their own, none twice in a row.
        let word: String = letters(number + 2_000)
            .bytes()
            .enumerate()
            .map(|(k, b)| [b"abdegklm", b"norxiusf"][k % 2][usize::from(b % 8)] as char)
            .chain(letters(number).chars().filter(|c| "abdegklmnorxiusf".contains(*c)))
            .collect();
        if word.as_bytes().array_windows().all(|[a, b]| a != b) && word.len() <= 12 {
            words.entry(token(&word)).or_insert(word);
        }
    }
    words.into_iter().collect()
}

/// The token of a word of up to sixteen letters, each a class of its own.
fn token(word: &str) -> u16 {
    let mut both = [0; 16];
    word.bytes().zip(&mut both).for_each(|(b, to)| *to = b);
    let both = u128::from_le_bytes(both);
    let low = (both as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = low.wrapping_add(((both >> 64) as u64).wrapping_mul(0x6a09_e667_f3bc_c909));
    (mixed >> 48) as u16
}

/// What the hash of a gram was mixed from.
fn unmix(x: u64) -> u64 {
    let x = unshift(x, 31).wrapping_mul(inverse(0x94d0_49bb_1331_11eb));
    let x = unshift(x, 27).wrapping_mul(inverse(0xbf58_476d_1ce4_e5b9));
    unshift(x, 30)
}

/// What becomes `x` when it is shifted to the right and the two are combined.
fn unshift(x: u64, by: u32) -> u64 {
    let once = x ^ x >> by;
    once ^ once >> (2 * by)
}

/// The number that gives 1 when multiplied by an odd one (Newton's method).
fn inverse(odd: u64) -> u64 {
    (0..6).fold(odd, |x, _| x.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(x))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_mixed_is_found_again() {
        let mix = |mut x: u64| {
            x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            x ^ (x >> 31)
        };
        for k in 0..1000_u64 {
            let x = k.wrapping_mul(0x1234_5678_9abc_def1);
            assert_eq!(unmix(mix(x)), x);
        }
    }
}
