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

use std::ops::Range;

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
/// How many runs back a chain looks for its predecessor.
const LOOK_BACK: usize = 32;
/// How far (in words) hits of one diagonal lie apart at most that stay together whatever else there is.
const RUN_GAP: u32 = 8;

/// Hits of one diagonal that lie close behind one another: an unedited passage is one run, however long it is.
struct Run {
    first: Hit,
    last: Hit,
    /// Where its hits lie among all.
    hits: Range<u32>,
    /// Hits of the longest chain that ends with it.
    length: u32,
    /// The run before it in that chain.
    previous: u32,
}

/// No run.
const NONE: u32 = u32::MAX;

/// Collinear chaining with a bounded look-back, the longest chains first (Li 2018, section 2.1, with a gap cost of
/// nothing within the bounds: the alignment weighs gaps). What is strung together are runs: where a text comes again and
/// again, many hits lie between two of one passage.
pub(crate) fn chains(hits: &mut Vec<Hit>, mut each: impl FnMut(Chain)) {
    if hits.is_empty() {
        return;
    }
    hits.sort_unstable_by_key(|hit| (hit.diagonal(), hit.index));
    hits.dedup();
    let mut runs = runs(hits);
    runs.sort_unstable_by_key(|run| run.first);
    for i in 1..runs.len() {
        let (before, rest) = runs.split_at_mut(i);
        let run = &mut rest[0];
        let own = run.length;
        for (j, last) in before.iter().enumerate().rev().take(LOOK_BACK) {
            if run.follows(last) && last.length + own > run.length {
                run.length = last.length + own;
                run.previous = j as u32;
            }
        }
    }
    let mut order: Vec<u32> = (0..runs.len() as u32).collect();
    order.sort_unstable_by_key(|&i| (std::cmp::Reverse(runs[i as usize].length), i));
    let mut used = vec![false; runs.len()];
    let mut chain = Vec::new();
    for end in order {
        let mut at = end;
        while at != NONE && !std::mem::replace(&mut used[at as usize], true) {
            chain.push(at);
            at = runs[at as usize].previous;
        }
        if chain.is_empty() {
            continue;
        }
        let hits_of = |run: u32| {
            let Range { start, end } = runs[run as usize].hits;
            &hits[start as usize..end as usize]
        };
        let hits = chain.drain(..).rev().flat_map(hits_of).copied().collect();
        each(Chain { hits });
    }
}

/// The runs of hits that are sorted by their diagonals.
fn runs(hits: &[Hit]) -> Vec<Run> {
    let go_on =
        |one: &Hit, next: &Hit| one.diagonal() == next.diagonal() && next.index - one.index <= RUN_GAP;
    let mut start = 0;
    let of_one = hits.chunk_by(go_on).map(|hits| {
        let length = hits.len() as u32;
        start += length;
        Run {
            first: hits[0],
            last: hits[hits.len() - 1],
            hits: start - length..start,
            length,
            previous: NONE,
        }
    });
    of_one.collect()
}

impl Run {
    /// Whether it may stand behind `last` in a chain.
    fn follows(&self, last: &Self) -> bool {
        let (Some(forward), Some(on)) = (
            self.first.position.checked_sub(last.last.position),
            self.first.index.checked_sub(last.last.index),
        ) else {
            return false;
        };
        let near = |words: u32| (1..=MAX_GAP).contains(&words);
        near(forward) && near(on) && forward.abs_diff(on) <= MAX_SHIFT
    }
}
