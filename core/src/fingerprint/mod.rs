//! Short fingerprints of folded text: what an output and a work are compared by, before they are compared in earnest.

mod grams;
mod lengths;
mod winnow;

pub(crate) use grams::{LONGEST, SHORTEST, gram, gram_of, grams, pair};
pub(crate) use lengths::SeedLengths;
pub(crate) use winnow::winnow;

/// A mixer with full avalanche (Stafford's variant 13 of MurmurHash3's finaliser).
#[inline(always)]
pub(crate) fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
