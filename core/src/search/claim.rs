//! Giving each place of an output to its best alignment.

use std::collections::{BTreeMap, BinaryHeap};
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
    /// Worth first, then the longer place, then the work's identifier, then the earlier place.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let place = |claim: &Self| (claim.alignment.output().start, claim.alignment.work().start);
        self.bits
            .cmp(&other.bits)
            .then_with(|| self.alignment.output().len().cmp(&other.alignment.output().len()))
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
/// place is weighed again by `weigh`, and claims on if that gives something. `weigh` is told whether the better one is
/// of the same work: where two passages of a work meet, what is left needs to show no more that the work was copied.
pub(crate) fn claim(
    claims: Vec<Claim>,
    mut weigh: impl FnMut((usize, u32), Alignment, bool) -> Option<Claim>,
) -> Vec<Claimed> {
    let mut queue = BinaryHeap::from(claims);
    // By the first word of their places, which do not overlap.
    let mut claimed: BTreeMap<u32, Claimed> = BTreeMap::new();
    while let Some(claim) = queue.pop() {
        let place = claim.alignment.output();
        let before = claimed.range(..place.start).next_back().map_or(place.start, |(&start, _)| start);
        let mut free = place.start;
        let mut rests = Vec::new();
        let mut meets_own_work = false;
        for other in claimed.range_mut(before..place.end).map(|(_, claimed)| claimed) {
            let taken = other.claim.alignment.output();
            let shared = overlap(&taken, &place);
            if shared == 0 {
                continue;
            }
            meets_own_work |= other.claim.work == claim.work;
            let named = other.claim.work == claim.work || other.also_in.contains(&claim.work);
            if !named && (shared * 2 >= taken.len() || shared * 5 >= place.len() * 4) {
                other.also_in.push(claim.work);
            }
            rests.push(free..taken.start);
            free = free.max(taken.end);
        }
        if rests.is_empty() {
            claimed.insert(place.start, Claimed { claim, also_in: Vec::new() });
            continue;
        }
        rests.push(free..place.end);
        let rests = rests.into_iter().filter(|rest| rest.start < rest.end);
        queue
            .extend(rests.filter_map(|rest| weigh(claim.work, cut(&claim.alignment, rest)?, meets_own_work)));
    }
    claimed.into_values().collect()
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
