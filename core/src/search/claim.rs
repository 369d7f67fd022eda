//! Giving each place of an output to its best alignment.

use std::collections::{BTreeMap, BinaryHeap};
use std::ops::Range;

use super::align::Alignment;

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
    /// Whether it needs less evidence, the work being matched elsewhere, too.
    pub(crate) further: bool,
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
/// place claims on, if `weigh(claim, part, further)` finds that it still says enough: where two passages of a work
/// meet, what is left needs to show no more that the work was copied.
///
/// Where one passage ends and the next begins, both may hold the words between:
///
/// ```text
/// a work         I did not know I held so much goodness, all seems beautiful to me
/// the output     I did not know I held so much goodness. All truths wait in all things
/// another work                                            all truths wait in all things
/// ```
///
/// The border stands where the two are worth most together, by what `worth` says of each step; where that is the same,
/// the earlier goes on. So none loses the words at its end to one that is longer.
pub(crate) fn claim(
    claims: Vec<Claim>,
    worth: impl Fn(&Alignment) -> Vec<i32>,
    mut weigh: impl FnMut(&Claim, Alignment, bool) -> Option<Claim>,
) -> Vec<Claimed> {
    let mut queue = BinaryHeap::from(claims);
    // By the first word of their places, which do not overlap.
    let mut claimed: BTreeMap<u32, Claimed> = BTreeMap::new();
    while let Some(claim) = queue.pop() {
        let place = claim.alignment.output();
        let before = claimed.range(..place.start).next_back().map_or(place.start, |(&start, _)| start);
        let met: Vec<u32> = claimed
            .range(before..place.end)
            .filter(|(_, other)| overlap(&other.claim.alignment.output(), &place) > 0)
            .map(|(&start, _)| start)
            .collect();
        if met.is_empty() {
            claimed.insert(place.start, Claimed { claim, also_in: Vec::new() });
            continue;
        }
        let moved = met.iter().find_map(|start| {
            let (better, rest) = move_border(&claimed[start].claim, &claim, &worth, &mut weigh)?;
            Some((*start, better, rest))
        });
        if let Some((start, better, rest)) = moved {
            if let Some(Claimed { also_in, .. }) = claimed.remove(&start) {
                claimed.insert(better.alignment.output().start, Claimed { claim: better, also_in });
            }
            queue.push(rest);
            continue;
        }
        let mut free = place.start;
        let mut rests = Vec::new();
        let mut further = false;
        for other in claimed.range_mut(met[0]..place.end).map(|(_, other)| other) {
            let taken = other.claim.alignment.output();
            let shared = overlap(&taken, &place);
            further |= other.claim.work == claim.work;
            let named = other.claim.work == claim.work || other.also_in.contains(&claim.work);
            if !named && (shared * 2 >= taken.len() || shared * 5 >= place.len() * 4) {
                other.also_in.push(claim.work);
            }
            rests.push(free..taken.start);
            free = free.max(taken.end);
        }
        rests.push(free..place.end);
        let rests = rests.into_iter().filter(|rest| rest.start < rest.end);
        queue.extend(rests.filter_map(|rest| weigh(&claim, cut(&claim.alignment, rest)?, further)));
    }
    claimed.into_values().collect()
}

/// Two claims that overlap at their ends, each cut at the border between them; nothing where the better one should
/// keep all that it has, or where one of the parts would say too little.
fn move_border(
    better: &Claim,
    claim: &Claim,
    worth: impl Fn(&Alignment) -> Vec<i32>,
    mut weigh: impl FnMut(&Claim, Alignment, bool) -> Option<Claim>,
) -> Option<(Claim, Claim)> {
    let (taken, place) = (better.alignment.output(), claim.alignment.output());
    let shared = taken.start.max(place.start)..taken.end.min(place.end);
    let same_work = better.work == claim.work;
    if !same_work && 2 * shared.len() >= taken.len().min(place.len()) {
        // Two works that hold one passage: it is not shared out between them.
        return None;
    }
    let better_is_first = taken.start < place.start;
    let inside = taken.start <= place.start && place.end <= taken.end
        || place.start <= taken.start && taken.end <= place.end;
    if inside {
        return None;
    }
    let (first, second) = if better_is_first {
        (&better.alignment, &claim.alignment)
    } else {
        (&claim.alignment, &better.alignment)
    };
    let border = border(first, second, worth);
    if border == if better_is_first { taken.end } else { taken.start } {
        return None;
    }
    let (first, second) = (cut(first, 0..border)?, cut(second, border..u32::MAX)?);
    let (of_better, of_claim) = if better_is_first { (first, second) } else { (second, first) };
    Some((weigh(better, of_better, false)?, weigh(claim, of_claim, same_work)?))
}

/// The word of the output at which the first of two alignments that overlap should end and the second begin.
fn border(first: &Alignment, second: &Alignment, worth: impl Fn(&Alignment) -> Vec<i32>) -> u32 {
    let borders = second.output().start..first.output().end + 1;
    let (of_first, of_second) = (worth(first), worth(second));
    // What the first is worth when cut at each border …
    let mut steps = first.steps.iter().zip(&of_first).peekable();
    let (mut sum, mut kept) = (0, 0);
    let mut worths: Vec<i32> = Vec::with_capacity(borders.len());
    for border in borders.clone() {
        while let Some((step, worth)) = steps.next_if(|(step, _)| step.output.end <= border) {
            sum += worth;
            kept = if step.is_equal() { sum } else { kept };
        }
        worths.push(kept);
    }
    // … and with it the second.
    let mut steps = second.steps.iter().zip(&of_second).rev().peekable();
    (sum, kept) = (0, 0);
    for (border, both) in borders.clone().zip(&mut worths).rev() {
        while let Some((step, worth)) = steps.next_if(|(step, _)| step.output.start >= border) {
            sum += worth;
            kept = if step.is_equal() { sum } else { kept };
        }
        *both += kept;
    }
    borders.zip(worths).max_by_key(|&(_, both)| both).map_or(first.output().end, |(border, _)| border)
}

fn overlap(a: &Range<u32>, b: &Range<u32>) -> usize {
    a.end.min(b.end).saturating_sub(a.start.max(b.start)) as usize
}

/// The part of an alignment that lies within `place`, from equal words to equal words.
fn cut(alignment: &Alignment, place: Range<u32>) -> Option<Alignment> {
    // Steps ascend: what lies beside the place need not be looked at, however often an alignment is cut.
    let start = alignment.steps.partition_point(|step| step.output.start < place.start);
    let end = alignment.steps.partition_point(|step| step.output.end <= place.end);
    let steps = alignment.steps.get(start..end)?;
    let first = steps.iter().position(|step| step.is_equal())?;
    let last = steps.iter().rposition(|step| step.is_equal())?;
    Some(Alignment { score: alignment.score, steps: steps[first..=last].to_vec() })
}

#[cfg(test)]
mod tests {
    use super::super::align::{Step, StepKind};
    use super::*;

    /// Equal words, `worth` 10 each, from word `start` of the output on.
    fn equal(start: u32, words: u32, work: u32) -> Claim {
        let step = |k: u32| Step { kind: StepKind::Equal, output: k..k + 1, work: k..k + 1 };
        let alignment = Alignment { score: 0, steps: (start..start + words).map(step).collect() };
        worthy(&alignment, work)
    }

    fn worthy(alignment: &Alignment, work: u32) -> Claim {
        let bits = worth(alignment).iter().sum();
        let work_id = work.to_string();
        Claim { bits, evalue: 0.0, work: (0, work), work_id, further: false, alignment: alignment.clone() }
    }

    fn worth(alignment: &Alignment) -> Vec<i32> {
        alignment.steps.iter().map(|step| if step.is_equal() { 10 } else { -15 }).collect()
    }

    /// Work, first word and word behind the last of each place.
    fn places(claims: Vec<Claim>) -> Vec<(u32, Range<u32>)> {
        let enough = |whole: &Claim, part: Alignment, _: bool| {
            let part = worthy(&part, whole.work.1);
            (part.bits >= 50).then_some(part)
        };
        let place = |claimed: &Claimed| (claimed.claim.work.1, claimed.claim.alignment.output());
        claim(claims, worth, enough).iter().map(place).collect()
    }

    #[test]
    fn the_earlier_goes_on_where_both_hold_the_words() {
        for (first, second) in [(20, 30), (30, 20)] {
            let claims = vec![equal(0, first, 1), equal(first - 2, second, 2)];
            assert_eq!(places(claims), [(1, 0..first), (2, first..first + second - 2)]);
        }
    }

    #[test]
    fn an_edit_ends_a_passage_where_another_begins() {
        let mut first = equal(0, 20, 1);
        first.alignment.steps[14].kind = StepKind::Changed { letters: 0, longer: 5 };
        let first = worthy(&first.alignment, 1);
        assert_eq!(places(vec![first.clone(), equal(15, 13, 2)]), [(1, 0..14), (2, 15..28)]);
        // What lies inside of a better one gets nothing.
        assert_eq!(places(vec![first, equal(16, 4, 2)]), [(1, 0..20)]);
    }

    #[test]
    fn a_passage_of_two_works_is_not_shared_out() {
        let mut longer = equal(0, 30, 1);
        longer.alignment.steps[16].kind = StepKind::Changed { letters: 0, longer: 5 };
        let longer = worthy(&longer.alignment, 1);
        assert_eq!(places(vec![longer, equal(12, 22, 2)]), [(1, 0..30)]);
    }
}
