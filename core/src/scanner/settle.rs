//! From candidates to the alignments that have their place in the report.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

use super::candidates::{Candidate, Covered, Diagonals, WorkKey};
use super::{Buffers, Inner};
use crate::error::Result;
use crate::score::{Grams, most_bits_of_steps};
use crate::search::{Alignment, Claim, Claimed, Extent, Gate, align_all, claim, equal_runs, stock_letters};
use crate::text::{Folded, Token};

/// Works that are aligned with one place at the most, where what comes of it is less than the probes said. Mostly it is
/// two: no third can be better, and the other works are named by what the probe found.
const TRIED_PER_PLACE: u8 = 8;
/// Tokens of a work, on either side of a passage, that count as its own.
const OWN_WORDS: u32 = 2048;
/// Other places of a passage that are looked at for what is its own.
const MAX_OTHERS: usize = 16;
/// A further passage of a work that is matched already needs no more words than this.
const FURTHER_WORDS: u32 = 5;
/// Passages of fewer words may be stock phrases: other works that hold them make them less of an evidence …
const PHRASE_WORDS: u32 = 16;
/// … from so many works on: two or three may quote one another.
const MANY_WORKS: u32 = 4;
/// Words that may be aligned in all, for each word of the output.
const BUDGET: usize = 48;
/// Candidates around a place that are looked through for works that share it.
const NEIGHBOURS: usize = 256;

/// What weighing needs to know beside the alignment.
#[derive(Default)]
struct Standing {
    /// Where other works, or other places of the same work, hold the passage: the word at which it begins.
    others: Vec<(WorkKey, u32)>,
    /// Works that hold the passage and go on differently, the work itself included.
    independent: u32,
    /// Whether the work is matched elsewhere in the output already.
    further: bool,
    /// Whether this goes on from such a match.
    goes_on: bool,
}

/// What is weighed, beside the alignment.
struct Weighing<'a> {
    output: &'a Folded,
    rarity: &'a [i32],
    work: WorkKey,
    standing: &'a Standing,
}

/// What an alignment is worth if all its words are as good as they can be.
struct Most {
    bits: i32,
    /// So much less for what it lacks in text.
    lack: i32,
    words: u32,
}

/// What an output holds.
pub(super) struct Settled {
    pub(super) claimed: Vec<Claimed>,
    /// Words at which there was more to look at or to align than a scan may; merged, in their order.
    pub(super) unsearched: Vec<Range<u32>>,
}

/// Sorted, and those that touch made one.
pub(super) fn merged<At: Ord + Copy>(mut ranges: Vec<Range<At>>) -> Vec<Range<At>> {
    ranges.sort_unstable_by_key(|range| range.start);
    let mut merged: Vec<Range<At>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if last.end >= range.start => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Works that hold a passage of another, and how far their words lie off those of the other.
type Versions = HashMap<WorkKey, Vec<(WorkKey, i64)>>;

impl Inner {
    /// Finds, aligns and weighs passages, and gives each place of the output to the best.
    pub(super) fn settle(&self, buffers: &mut Buffers) -> Result<Settled> {
        let words = buffers.folded.len();
        let needed = self.background.bits_needed(self.settings.max_evalue, words);
        let mut candidates =
            self.candidates(buffers, self.gate(needed, false, self.background.fewest_letters()), None);
        let mut unsearched: Vec<Range<u32>> = std::mem::take(&mut buffers.look_ups.crowded);
        if candidates.is_empty() {
            return Ok(Settled { claimed: Vec::new(), unsearched: merged(unsearched) });
        }
        buffers.grams.clear(words);
        let mut versions = Versions::new();
        let mut claims =
            self.weigh_all(buffers, &mut candidates, needed, None, &mut versions, &mut unsearched)?;
        if claims.is_empty() {
            return Ok(Settled { claimed: Vec::new(), unsearched: merged(unsearched) });
        }
        // Who copies a work copies more than one passage of it. Further ones need less evidence: chance has but this
        // work to draw from.
        let known = Covered::new(claims.iter().map(|claim| (claim.work, claim.alignment.output())));
        let smallest = claims.iter().map(|claim| self.work_words(claim.work)).min().unwrap_or(0);
        let needed = self.background.bits_needed_within(u64::from(smallest), self.settings.max_evalue, words);
        let diagonals = Diagonals::new(claims.iter().map(|claim| (claim.work, &claim.alignment)));
        // Where a passage stands is not known yet, and so not whether it can be a stock phrase.
        let gate = Gate { stock_letters: 0, ..self.gate(needed, true, 0) };
        let mut further = self.candidates(buffers, gate, Some(&known));
        further.retain(|candidate| {
            let (start, end) = candidate.probe.output;
            !known.covers(candidate.work, start..end)
        });
        let mut further =
            self.weigh_all(buffers, &mut further, needed, Some(&diagonals), &mut versions, &mut unsearched)?;
        let mut surest: HashMap<WorkKey, f64> = HashMap::new();
        for claim in &claims {
            let least = surest.entry(claim.work).or_insert(f64::INFINITY);
            *least = least.min(claim.evalue);
        }
        for claim in &mut further {
            // No further passage is surer than that the work was copied at all.
            claim.evalue = claim.evalue.max(surest.get(&claim.work).copied().unwrap_or(f64::INFINITY));
        }
        claims.extend(further);
        let Buffers { folded, rarity, grams, .. } = buffers;
        let worth = |alignment: &Alignment| most_bits_of_steps(alignment, rarity).collect::<Vec<_>>();
        let mut claimed = claim(claims, worth, |whole, alignment, further| {
            let further = further || whole.further;
            let goes_on = further && diagonals.goes_on(whole.work, &alignment);
            let standing = Standing { further, goes_on, ..Standing::default() };
            let weighing = Weighing { output: folded, rarity, work: whole.work, standing: &standing };
            let most = self.most(&weighing, grams, &alignment)?;
            let mut part = self.weigh(&weighing, grams, most, alignment)?;
            // No part is surer than the whole.
            part.evalue = part.evalue.max(whole.evalue);
            Some(part)
        });
        for place in &mut claimed {
            self.name_others(place, &candidates);
        }
        Ok(Settled { claimed, unsearched: merged(unsearched) })
    }

    /// What a match must be worth that needs so many bits, if it has words enough; of a work of so many letters.
    pub(super) fn gate(&self, bits: i32, further: bool, work_letters: u32) -> Gate {
        let min_words = u32::try_from(self.settings.min_words).unwrap_or(u32::MAX);
        let words = if further { min_words.min(FURTHER_WORDS) } else { min_words };
        let stock_words = self.background.stock_words().min(min_words.saturating_mul(2).saturating_add(2));
        Gate { bits, words, stock_letters: stock_letters(stock_words, work_letters, further), further }
    }

    fn work_words(&self, work: WorkKey) -> u32 {
        self.registry.views()[work.0].segment.work_words(work.1)
    }

    fn work_id(&self, work: WorkKey) -> &str {
        self.registry.views()[work.0].segment.work_id(work.1)
    }

    /// Aligns and weighs candidates, a few for each place; leaves them ordered by place. Where `known` says where their
    /// works lie already, they are further passages of these.
    fn weigh_all(
        &self,
        buffers: &mut Buffers,
        candidates: &mut [Candidate],
        needed: i32,
        known: Option<&Diagonals>,
        versions: &mut Versions,
        unsearched: &mut Vec<Range<u32>>,
    ) -> Result<Vec<Claim>> {
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        candidates.sort_by(|a, b| {
            let key = |c: &Candidate| (c.probe.output.0, Reverse(c.probe.score), c.anchors[0]);
            key(a).cmp(&key(b)).then_with(|| self.work_id(a.work).cmp(self.work_id(b.work)))
        });
        let mut best_first: Vec<usize> = (0..candidates.len()).collect();
        // Among equals the first `work_id`: it claims the place, so it must be aligned.
        best_first.sort_by(|&a, &b| {
            let (one, other) = (&candidates[a], &candidates[b]);
            let by_id = || self.work_id(one.work).cmp(self.work_id(other.work));
            other.probe.score.cmp(&one.probe.score).then_with(by_id).then(a.cmp(&b))
        });
        let Buffers { folded, rarity, works, matrix, grams, .. } = buffers;
        // What alignments may cost in all, in words of the output: far more than any text needs that people or models
        // write, and a bound on what one made to that end can ask.
        let mut budget = BUDGET * (folded.len() + 1024);
        // Of each word of the output: the scores of the two best alignments that it is in and that have text enough, and how
        // many candidates by words and by letters were looked at around it.
        let mut best = vec![[0; 2]; folded.len()];
        let mut tried = [vec![0_u8; folded.len()], vec![0_u8; folded.len()]];
        let mut claims = Vec::new();
        let further = known.is_some();
        for i in best_first {
            let candidate = &candidates[i];
            let (start, end) = candidate.probe.output;
            let middle = ((start + end) / 2) as usize;
            let by_letters = candidate.probe.score == i32::MAX;
            let tried = &mut tried[usize::from(by_letters)];
            // What letters promise is not known: two alignments are enough.
            let promised = if by_letters { 1 } else { candidate.probe.score };
            if best[middle][1] >= promised || tried[middle] >= TRIED_PER_PLACE {
                continue;
            }
            let reach =
                (candidate.anchors[candidate.anchors.len() - 1].index - candidate.anchors[0].index) as usize;
            let cost = reach.max((end - start) as usize) + 64;
            if budget < cost {
                unsearched.push(start..end);
                continue;
            }
            for count in &mut tried[start as usize..end as usize] {
                *count = count.saturating_add(1);
            }
            let work = works.get(candidate.work, &self.registry.views()[candidate.work.0].segment)?;
            // Letter grams lead to words that are cut otherwise, and these to an alignment.
            let alignments = match self.settings.verbatim_only && !by_letters {
                true => {
                    budget -= cost;
                    equal_runs(folded, &work.folded, rarity, candidate.anchors[0], start..end)
                }
                false => {
                    let anchors = &candidate.anchors;
                    align_all(matrix, folded, &work.folded, rarity, anchors, &mut budget, unsearched)
                }
            };
            for alignment in alignments.into_iter().filter(|alignment| alignment.score >= needed) {
                let mut standing = self.standing(&alignment, i, candidates);
                standing.further = further;
                standing.goes_on = known.is_some_and(|known| known.goes_on(candidate.work, &alignment));
                let begin = i64::from(alignment.work().start);
                if further {
                    // The other versions of the work were found with its first passage; this one stands as far off.
                    let known = versions.get(&candidate.work).into_iter().flatten();
                    let here =
                        known.map(|&(other, shift)| (other, u32::try_from(begin + shift).unwrap_or(0)));
                    standing.others.extend(here);
                } else {
                    let known = versions.entry(candidate.work).or_default();
                    let seen = standing.others.iter().map(|&(other, at)| (other, i64::from(at) - begin));
                    known.extend(seen.take(MAX_OTHERS.saturating_sub(known.len())));
                }
                let weighing = Weighing { output: folded, rarity, work: candidate.work, standing: &standing };
                let Some(most) = self.most(&weighing, grams, &alignment) else { continue };
                let (score, place) = (alignment.score, alignment.output());
                claims.extend(self.weigh(&weighing, grams, most, alignment));
                // What came out beside the place that the probe named has candidates of its own.
                let both = place.start.max(start) as usize..place.end.min(end) as usize;
                for [first, second] in best.get_mut(both).unwrap_or_default() {
                    (*first, *second) = (score.max(*first), score.min(*first).max(*second));
                }
            }
        }
        Ok(claims)
    }

    /// Looks at the other candidates around the same place: which works hold the passage, too, and do they go on
    /// alike before and behind it?
    fn standing(&self, alignment: &Alignment, own: usize, candidates: &[Candidate]) -> Standing {
        let (place, passage) = (alignment.output(), alignment.work());
        let own_work = candidates[own].work;
        let mut others = Vec::new();
        let mut independent = vec![own_work];
        let near = own.saturating_sub(NEIGHBOURS)..(own + NEIGHBOURS).min(candidates.len());
        for other in &candidates[near] {
            let (start, end) = other.probe.output;
            let overlap = end.min(place.end).saturating_sub(start.max(place.start)) as usize;
            if overlap * 2 < place.len() {
                continue;
            }
            // Where the passage begins and ends in the other work, on the diagonals of its outermost anchors.
            let (first, last) = (other.anchors[0], other.anchors[other.anchors.len() - 1]);
            let begins = i64::from(first.word) + i64::from(place.start) - i64::from(first.index);
            let ends = i64::from(last.word) + i64::from(place.end) - i64::from(last.index);
            let begin = u32::try_from(begins).unwrap_or(0);
            if other.work == own_work && begin.abs_diff(passage.start) < passage.len() as u32 {
                // The passage itself.
                continue;
            }
            others.push((other.work, begin));
            let alike = self.goes_on_alike(
                (own_work, passage.start.into(), passage.end.into()),
                (other.work, begins, ends),
            );
            if other.work != own_work && !alike {
                independent.push(other.work);
            }
        }
        independent.sort_unstable();
        independent.dedup();
        Standing { others, independent: independent.len() as u32, ..Standing::default() }
    }

    /// Whether two works agree in a quarter of the words around a passage that both hold; also where neither has
    /// any.
    fn goes_on_alike(&self, own: (WorkKey, i64, i64), other: (WorkKey, i64, i64)) -> bool {
        const AROUND: usize = 8;
        /// The other's passage may begin and end a few words off, where an edit lies between its outermost seed and
        /// its end.
        const SHIFT: usize = 3;
        let mine = (self.words_from::<AROUND>(own.0, own.1 - AROUND as i64), self.words_from(own.0, own.2));
        let further = AROUND as i64 + SHIFT as i64;
        let theirs = (
            self.words_from::<{ AROUND + 2 * SHIFT }>(other.0, other.1 - further),
            self.words_from(other.0, other.2 - SHIFT as i64),
        );
        // Words that agree, and words that either work has: where most agree, and of such places where the fewest are.
        let best = |mine: &[Option<Token>; AROUND], theirs: &[Option<Token>; AROUND + 2 * SHIFT]| {
            let counts = |theirs: &[Option<Token>; AROUND]| {
                let pairs = || mine.iter().zip(theirs);
                let alike = pairs().filter(|(mine, theirs)| mine.is_some() && mine == theirs).count();
                let all = pairs().filter(|(mine, theirs)| mine.is_some() || theirs.is_some()).count();
                (alike, all)
            };
            let all = theirs.array_windows().map(counts);
            all.max_by_key(|&(alike, all)| (alike, Reverse(all))).unwrap_or_default()
        };
        let (before, behind) = (best(&mine.0, &theirs.0), best(&mine.1, &theirs.1));
        4 * (before.0 + behind.0) >= before.1 + behind.1
    }

    /// The words of a work from one on; none where it has none.
    fn words_from<const WORDS: usize>(&self, work: WorkKey, from: i64) -> [Option<Token>; WORDS] {
        let segment = &self.registry.views()[work.0].segment;
        let range = segment.word_range(work.1);
        let words = &segment.tokens()[range.start as usize..range.end as usize];
        std::array::from_fn(|k| words.get(usize::try_from(from + k as i64).ok()?).copied())
    }

    /// What an alignment is worth at most, and how much of that it lacks in text; nothing where that is not enough.
    /// `grams` takes what [`weigh`](Self::weigh) looks at next.
    fn most(&self, weighing: &Weighing<'_>, grams: &mut Grams, alignment: &Alignment) -> Option<Most> {
        let &Weighing { output, rarity, work, standing } = weighing;
        let extent = Extent::of(alignment, output);
        // What the match lacks in text makes it less unlikely.
        let letters = self.registry.views()[work.0].segment.work_letters(work.1);
        let mut gate = self.gate(0, standing.further, letters);
        if standing.goes_on {
            gate.stock_letters = 0;
        }
        let lack = gate.lack(extent);
        // Most that are not enough would not be if their words were as good as they can be.
        let bits = self.background.most_bits(alignment, rarity, grams);
        let within = self.within(weighing);
        let needed = self.background.bits_needed_within(within, self.settings.max_evalue, output.len());
        let is_enough =
            extent.longest > 0 && bits - lack >= needed && (!self.settings.verbatim_only || extent.verbatim);
        is_enough.then_some(Most { bits, lack, words: extent.words })
    }

    /// Words of the registry that chance may draw from.
    fn within(&self, weighing: &Weighing<'_>) -> u64 {
        match weighing.standing.further {
            true => u64::from(self.work_words(weighing.work)),
            false => self.background.words(),
        }
    }

    /// Weighs an alignment; nothing where it stays below the thresholds.
    fn weigh(
        &self,
        weighing: &Weighing<'_>,
        grams: &mut Grams,
        most: Most,
        alignment: Alignment,
    ) -> Option<Claim> {
        let &Weighing { output, rarity, work, standing } = weighing;
        // The words around the passage wherever it stands: what they hold says nothing of how common it is.
        let mut own = vec![(work, self.around(work, alignment.work()))];
        for &(other, begin) in standing.others.iter().take(MAX_OTHERS) {
            let around = self.around(other, begin..begin);
            let seen = |(work, range): &(WorkKey, Range<usize>)| {
                *work == other && range.start < around.end && around.start < range.end
            };
            if !own.iter().any(seen) {
                own.push((other, around));
            }
        }
        let tokens = |(work, range): &(WorkKey, Range<usize>)| {
            &self.registry.views()[work.0].segment.tokens()[range.clone()]
        };
        let own: Vec<&[Token]> = own.iter().map(tokens).collect();
        let mut bits = most.bits - self.background.expected_bits(output.tokens(), rarity, &own, grams);
        if standing.independent >= MANY_WORKS && most.words < PHRASE_WORDS {
            bits = bits.min(self.background.phrase_bits(standing.independent));
        }
        let evalue = self.background.evalue(bits - most.lack, output.len(), self.within(weighing));
        (evalue <= self.settings.max_evalue).then(|| Claim {
            bits,
            evalue,
            work,
            work_id: self.work_id(work).into(),
            further: standing.further,
            alignment,
        })
    }

    /// Positions in its segment of the words of a work around a passage of it.
    fn around(&self, work: WorkKey, passage: Range<u32>) -> Range<usize> {
        let range = self.registry.views()[work.0].segment.word_range(work.1);
        let start = range.start + passage.start.saturating_sub(OWN_WORDS);
        let end = range.start.saturating_add(passage.end).saturating_add(OWN_WORDS).min(range.end);
        start.min(end) as usize..end as usize
    }

    /// Names works that a probe found at a place but that were not aligned there.
    fn name_others(&self, place: &mut Claimed, candidates: &[Candidate]) {
        let range = place.claim.alignment.output();
        // Candidates are ordered by where they begin.
        let until = candidates.partition_point(|candidate| candidate.probe.output.0 < range.end);
        for candidate in candidates[..until].iter().rev().take(NEIGHBOURS) {
            let (start, end) = candidate.probe.output;
            let overlap = range.end.min(end).saturating_sub(range.start.max(start)) as usize;
            let other = candidate.work != place.claim.work && !place.also_in.contains(&candidate.work);
            if other && overlap * 2 >= range.len() {
                place.also_in.push(candidate.work);
            }
        }
        place.also_in.sort_by(|&a, &b| self.work_id(a).cmp(self.work_id(b)));
    }
}

#[cfg(test)]
mod tests {
    use crate::fingerprint::mix;
    use crate::registry::{Registry, Work};
    use crate::scanner::{Output, Scanner, Settings};

    /// Words that stand nowhere else, six letters each.
    fn words(of: u64, count: u64) -> Vec<String> {
        (0..count).map(|k| format!("{:06x}", mix((of << 32) | k) & 0xff_ffff)).collect()
    }

    /// Matches in an output that copies 20 words of a work and, behind `between` words of its own, five more of it that
    /// stand 60 words further on. Works have `phrase` in common.
    fn matches(phrase: &str, between: u64) -> usize {
        let work = |n: u64| Work {
            work_id: n.to_string(),
            text: format!("{} {phrase} {}", words(2 * n, 120).join(" "), words(2 * n + 1, 120).join(" ")),
            ..Work::default()
        };
        let registry = Registry::from_works((0..200).map(work)).unwrap();
        let copied = words(14, 120);
        let text = [&copied[..20], &words(1000, between), &copied[80..85]].concat().join(" ");
        let output = Output { text, ..Output::default() };
        Scanner::new(registry, Settings::default()).scan(&output).unwrap().matches.len()
    }

    #[test]
    fn a_short_further_passage_counts_where_works_share_no_long_phrases_or_where_it_goes_on() {
        let convention = ["if the cursor is at the end of the line"; 3].join(" then ");
        assert_eq!([matches("", 100), matches("", 62)], [2, 2]);
        assert_eq!([matches(&convention, 100), matches(&convention, 62)], [1, 2]);
    }
}
