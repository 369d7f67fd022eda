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
//! Most hits of an unrelated output stand alone, thousands of them, one phrase here and there. A table of counters
//! addressed by diagonal throws them out in two passes before anything is sorted.

use super::seeds::Hit;

/// A chain: hits in ascending order of both coordinates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    /// The hits, at least one.
    pub(crate) hits: Vec<Hit>,
}

impl Chain {
    pub(crate) fn first(&self) -> Hit {
        self.hits[0]
    }

    pub(crate) fn last(&self) -> Hit {
        self.hits[self.hits.len() - 1]
    }
}

/// Diagonals (in words) that share a counter.
const DIAGONALS: u32 = 16;
const COUNTERS_BITS: u32 = 14;
/// How far (in words of the output) one hit may lie behind another of its chain.
const MAX_GAP: u32 = 48;
/// How far (in words) two neighbours of a chain may lie off each other's diagonal.
const MAX_SHIFT: u32 = 12;
/// How many hits back a chain looks for its predecessor.
const LOOK_BACK: usize = 32;

/// Makes chains from hits; keeps its buffers from one output to the next.
pub(crate) struct Chainer {
    counters: Vec<u8>,
    kept: Vec<Hit>,
}

impl Default for Chainer {
    fn default() -> Self {
        Self { counters: vec![0; 1 << COUNTERS_BITS], kept: Vec::new() }
    }
}

#[inline]
fn counter(diagonal_group: u32) -> usize {
    (diagonal_group.wrapping_mul(0x9e37_79b1) >> (32 - COUNTERS_BITS)) as usize
}

#[inline]
fn group(hit: Hit) -> u32 {
    hit.position.wrapping_sub(hit.index) / DIAGONALS
}

impl Chainer {
    /// Chains the word hits of one output in one segment, and gives each chain to `each`. `alone` tells of a hit with
    /// no other near its diagonal whether it may be a chain by itself.
    pub(crate) fn chains(&mut self, hits: &[Hit], alone: impl Fn(Hit) -> bool, each: impl FnMut(Chain)) {
        self.counters.fill(0);
        for &hit in hits {
            let counter = &mut self.counters[counter(group(hit))];
            *counter = counter.saturating_add(1);
        }
        self.kept.clear();
        let counters = &self.counters;
        let count = |group: u32| u32::from(counters[counter(group)]);
        self.kept.extend(hits.iter().copied().filter(|&hit| {
            let group = group(hit);
            count(group) > 1 || count(group.wrapping_sub(1)) + count(group.wrapping_add(1)) > 0 || alone(hit)
        }));
        link(&mut self.kept, &alone, each);
    }
}

/// Collinear chaining with a bounded look-back, the longest chains first (Li 2018, section 2.1, with a gap cost of
/// nothing within the bounds: the alignment weighs gaps).
fn link(hits: &mut Vec<Hit>, alone: &impl Fn(Hit) -> bool, mut each: impl FnMut(Chain)) {
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
        if chain.len() > 1 || chain.first().is_some_and(|&hit| alone(hit)) {
            chain.reverse();
            each(Chain { hits: chain });
        }
    }
}
