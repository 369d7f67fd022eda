//! From an output and an index to alignments: seed, chain, probe, align, as read mappers do it
//! (minimap2: Li, Bioinformatics 34, 2018).
//!
//! ```text
//! seeds   every gram of the output is looked up: (word of the output, word of the registry)
//! promise what a hit could be worth at most: most end here
//! chain   hits that lie on (nearly) one diagonal of one work are strung together
//! probe   the surroundings of a chain are aligned on tokens: cheap, needs no text
//! align   what is left is aligned word by word on the letters: exact spans, spelling variants, split words
//! claim   each place of the output goes to its best alignment
//! ```

mod align;
mod band;
mod chain;
mod claim;
mod gate;
mod matrix;
mod probe;
mod promise;
mod seeds;
mod spelling;

pub(crate) use align::{Alignment, Step, StepKind, align_all, equal_runs, longest_run};
pub(crate) use band::Anchor;
pub(crate) use chain::{Chain, chains};
pub(crate) use claim::{Claim, Claimed, claim};
pub(crate) use gate::{Extent, FEWEST_STOCK_WORDS, Gate, MOST_STOCK_WORDS, stock_letters};
pub(crate) use matrix::Matrix;
pub(crate) use probe::{Probe, Prober, run};
pub(crate) use promise::{Look, Promise, Sight};
pub(crate) use seeds::{Hit, LookUps, letter_grams, letter_hits, word_grams, word_hits};

use crate::logarithm::BIT;

/// What an alignment pays, as log-odds of a copy with about a quarter of its words edited against chance.
pub(crate) mod cost {
    use super::BIT;
    /// A word that stands in both texts, for not having been edited (log2 of 3/4).
    pub(crate) const KEPT: i32 = BIT * 2 / 5;
    /// A word changed for another. Twice what the log-odds say, as the gaps below: words of one subject agree by
    /// chance more often than their rarity says, and then it is the words between them that differ.
    pub(crate) const CHANGED: i32 = 6 * BIT;
    /// The first word of a gap: inserted in the output, or left out of it.
    pub(crate) const GAP: i32 = 7 * BIT;
    /// Each further word of a gap.
    pub(crate) const GAP_MORE: i32 = 3 * BIT;
}
