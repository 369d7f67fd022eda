//! Which grams of a work are stored: by winnowing (Schleimer, Wilkerson, Aiken, SIGMOD 2003) in an order that only the
//! society's key gives.
//!
//! Who knows which grams are stored can walk a text from one stored gram to the next; who does not must guess all of
//! the words between.

use super::{GRAM, Profile, bytes};
use crate::text::Token;

/// The grams of a work, of every `window` in a row one at least; each once. Of a work with fewer grams one; of one
/// without any none. Linear in its words.
pub(super) fn choose(profile: Profile, secret: &[u8; 32], words: &[Token]) -> Vec<[Token; GRAM]> {
    let grams = words.array_windows::<GRAM>();
    let ranks: Vec<u64> = grams.clone().map(|gram| rank(secret, gram)).collect();
    let window = profile.window().min(ranks.len()).max(1);
    let mut chosen: Vec<[Token; GRAM]> = Vec::new();
    let mut last = None;
    for (start, ranks) in ranks.windows(window).enumerate() {
        // Of equals the last: it stays the smallest longest.
        let smallest = (0..ranks.len()).rev().min_by_key(|&at| ranks[at]).unwrap_or(0);
        let at = start + smallest;
        if last != Some(at) {
            last = Some(at);
            chosen.extend(grams.clone().nth(at));
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

fn rank(secret: &[u8; 32], gram: &[Token; GRAM]) -> u64 {
    let hash = blake3::keyed_hash(secret, &bytes(gram));
    let (first, _) = hash.as_bytes().split_first_chunk().unwrap_or((&[0; 8], &[]));
    u64::from_le_bytes(*first)
}
