//! Stringing hits together that lie near one diagonal.
//!
//! ```text
//!   word of the registry
//!     |         .  o            o  hits that become a chain
//!     |      o                  .  hits that stand alone
//!     |    o       .
//!     |  o   .
//!     +--------------- word of the output
//! ```
//!
//! Only hits that promise something come here, few of an unrelated output.

use super::seeds::Hit;

/// A chain: hits in ascending order of both coordinates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    /// The hits, at least one.
    pub(crate) hits: Vec<Hit>,
}

/// How far (in words of the output) one hit may lie behind another of its chain.
const MAX_GAP: u32 = 48;
/// How far (in words) two neighbours of a chain may lie off each other's diagonal.
const MAX_SHIFT: u32 = 12;
/// How many hits back a chain looks for its predecessor.
const LOOK_BACK: usize = 32;

/// Collinear chaining with a bounded look-back, the longest chains first (Li 2018, section 2.1, with a gap cost of
/// nothing within the bounds: the alignment weighs gaps).
pub(crate) fn chains(hits: &mut Vec<Hit>, mut each: impl FnMut(Chain)) {
    if hits.is_empty() {
        return;
    }
    hits.sort_unstable();
    hits.dedup();
    let mut lengths = vec![1_u32; hits.len()];
    let mut previous = vec![u32::MAX; hits.len()];
    for (i, &hit) in hits.iter().enumerate() {
        for j in (i.saturating_sub(LOOK_BACK)..i).rev() {
            let before = hits[j];
            let forward = hit.position - before.position;
            if forward > MAX_GAP {
                break;
            }
            let follows = before.index < hit.index && hit.index - before.index <= MAX_GAP && forward > 0;
            if follows && forward.abs_diff(hit.index - before.index) <= MAX_SHIFT && lengths[j] >= lengths[i]
            {
                lengths[i] = lengths[j] + 1;
                previous[i] = j as u32;
            }
        }
    }
    let mut order: Vec<u32> = (0..hits.len() as u32).collect();
    order.sort_unstable_by_key(|&i| (std::cmp::Reverse(lengths[i as usize]), i));
    let mut used = vec![false; hits.len()];
    for end in order {
        let mut chain = Vec::new();
        let mut at = end as usize;
        while !used[at] {
            used[at] = true;
            chain.push(hits[at]);
            if previous[at] == u32::MAX {
                break;
            }
            at = previous[at] as usize;
        }
        if !chain.is_empty() {
            chain.reverse();
            each(Chain { hits: chain });
        }
    }
}
