//! Giving each place of an output to its best alignment.

use std::collections::BinaryHeap;
use std::ops::Range;

use super::align::{Alignment, StepKind};

/// An alignment that wants its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Claim {
    /// What it is worth, in units of a bit's 256th.
    pub(crate) bits: i32,
    /// The number of alignments as good that chance would bring.
    pub(crate) evalue: f64,
    /// The work: its view and slot.
    pub(crate) work: (usize, u32),
    /// Its identifier: among equals the first in this order has the place, whatever order they were registered in.
    pub(crate) work_id: String,
    pub(crate) alignment: Alignment,
}

impl Eq for Claim {}

impl Ord for Claim {
    /// Worth first, then the work's identifier, then the earlier place.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let place = |claim: &Self| (claim.alignment.output().start, claim.alignment.work().start);
        self.bits
            .cmp(&other.bits)
            .then_with(|| other.work_id.cmp(&self.work_id))
            .then_with(|| place(other).cmp(&place(self)))
    }
}

impl PartialOrd for Claim {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// A place of the output, with the alignment that has it and the other works that hold (nearly) the same.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Claimed {
    pub(crate) claim: Claim,
    pub(crate) also_in: Vec<(usize, u32)>,
}

/// Gives places to claims, the best first. What is left of an alignment when a better one has taken a part of its
/// place is weighed again by `weigh`, and claims on if that gives something.
pub(crate) fn claim(
    claims: Vec<Claim>,
    mut weigh: impl FnMut((usize, u32), Alignment) -> Option<Claim>,
) -> Vec<Claimed> {
    let mut queue = BinaryHeap::from(claims);
    let mut claimed: Vec<Claimed> = Vec::new();
    while let Some(claim) = queue.pop() {
        let place = claim.alignment.output();
        let overlaps: Vec<usize> = (0..claimed.len())
            .filter(|&i| overlap(&claimed[i].claim.alignment.output(), &place) > 0)
            .collect();
        if overlaps.is_empty() {
            claimed.push(Claimed { claim, also_in: Vec::new() });
            continue;
        }
        for &i in &overlaps {
            let taken = claimed[i].claim.alignment.output();
            let other = claimed[i].claim.work != claim.work && !claimed[i].also_in.contains(&claim.work);
            let shared = overlap(&taken, &place);
            if other && (shared * 2 >= taken.len() || shared * 5 >= place.len() * 4) {
                claimed[i].also_in.push(claim.work);
            }
        }
        let mut free = place.start;
        let mut taken: Vec<Range<u32>> =
            overlaps.iter().map(|&i| claimed[i].claim.alignment.output()).collect();
        taken.sort_unstable_by_key(|range| range.start);
        taken.push(place.end..place.end);
        for range in taken {
            if range.start > free
                && let Some(rest) = cut(&claim.alignment, free..range.start)
                && let Some(rest) = weigh(claim.work, rest)
            {
                queue.push(rest);
            }
            free = free.max(range.end);
        }
    }
    claimed.sort_unstable_by_key(|claimed| claimed.claim.alignment.output().start);
    claimed
}

fn overlap(a: &Range<u32>, b: &Range<u32>) -> usize {
    a.end.min(b.end).saturating_sub(a.start.max(b.start)) as usize
}

/// The part of an alignment that lies within `place`, from equal words to equal words.
fn cut(alignment: &Alignment, place: Range<u32>) -> Option<Alignment> {
    let inside = |range: &Range<u32>| range.start >= place.start && range.end <= place.end;
    let mut steps: Vec<_> = alignment.steps.iter().filter(|step| inside(&step.output)).cloned().collect();
    let equal = |kind: &StepKind| matches!(kind, StepKind::Equal);
    let first = steps.iter().position(|step| equal(&step.kind))?;
    let last = steps.iter().rposition(|step| equal(&step.kind))?;
    steps.truncate(last + 1);
    steps.drain(..first);
    Some(Alignment { score: alignment.score, steps })
}
