//! The conductor for whole texts: output in, report out.

mod evidence;
mod works;

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::registry::{Registry, View};
use crate::report::{OffsetUnit, Report};
use crate::score::Background;
use crate::search::{
    Alignment, Anchor, Chain, Claim, Claimed, Hit, Probe, Promise, align, chains, claim, letter_hits, probe,
    word_hits,
};
use crate::text::Folded;
use works::Works;

/// A text that a model generated, with what is known about it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// Identifier, returned in the report.
    pub id: String,
    /// The text.
    pub text: String,
    /// `prompt`, `model`, `created` and whatever else is known: travels through to the report untouched.
    #[serde(flatten)]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

/// How to scan. The defaults are right for finding copies in a model's outputs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Settings {
    /// Report matches up to this E-value: the number of matches this good expected by chance in one scan.
    pub max_evalue: f64,
    /// Report matches of at least this many equal words.
    pub min_words: usize,
    /// Report only passages that are equal word for word.
    pub verbatim_only: bool,
    /// What the report's offsets count.
    pub offset_unit: OffsetUnit,
    /// Whether matches carry both passages' text.
    pub quote: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_evalue: 1e-3,
            min_words: 5,
            verbatim_only: false,
            offset_unit: OffsetUnit::Byte,
            quote: true,
        }
    }
}

/// Scans outputs against one registry. Cheap to clone, shared between threads as it is.
#[derive(Clone)]
pub struct Scanner(Arc<Inner>);

struct Inner {
    registry: Registry,
    background: Background,
    settings: Settings,
    /// Buffers that scans leave for later ones.
    idle: Mutex<Vec<Buffers>>,
}

/// What one scan needs and the next can use again.
#[derive(Default)]
struct Buffers {
    folded: Folded,
    rarity: Vec<i32>,
    hits: Vec<Hit>,
    promise: Promise,
    works: Works,
}

/// A passage of a work that may stand in the output.
struct Candidate {
    view: usize,
    slot: u32,
    /// Pairs of words (of the output, of the work) that share a seed.
    anchors: Vec<Anchor>,
    probe: Probe,
}

impl Candidate {
    /// Whether `other` proposes much the same place of the output.
    fn shares_place(&self, other: &Self) -> bool {
        let (a, b) = (self.probe.output, other.probe.output);
        let overlap = a.1.min(b.1).saturating_sub(a.0.max(b.0));
        overlap * 2 >= a.1 - a.0
    }
}

/// Works that propose the same place and are aligned in earnest; the others are named by what the probe found.
const ALIGNED_PER_PLACE: usize = 4;
/// A seed's words may be rarer than their being found together in the index says: so many bits.
const SEED_SLACK: i32 = 8 * crate::logarithm::BIT;
/// The surroundings of a hit are asked for so many hits before they are looked at.
const AHEAD: usize = 12;
/// Tokens of a work, on either side of a passage, that count as its own.
const OWN_WORDS: u32 = 2048;

impl Scanner {
    /// A scanner over `registry` as it stands now. Adds up the registry's word counts, under a millisecond.
    #[must_use]
    pub fn new(registry: Registry, settings: Settings) -> Self {
        let background = Background::new(registry.clone());
        Self(Arc::new(Inner { registry, background, settings, idle: Mutex::new(Vec::new()) }))
    }

    /// Scans one output. Linear in its length.
    ///
    /// # Errors
    /// Where a text of the registry can no longer be read from disk, and for an output of 4 GiB or more.
    pub fn scan(&self, output: &Output) -> Result<Report> {
        let idle = || self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buffers = idle().pop().unwrap_or_default();
        let report = self.0.scan(output, &mut buffers);
        idle().push(buffers);
        report
    }

    /// Scans many outputs on all cores (with the feature `parallel`), in their order; the same reports as `scan` gives.
    pub fn scan_batch(&self, outputs: &[Output]) -> Vec<Result<Report>> {
        #[cfg(feature = "parallel")]
        {
            use rayon::prelude::*;
            outputs.par_iter().map(|o| self.scan(o)).collect()
        }
        #[cfg(not(feature = "parallel"))]
        outputs.iter().map(|o| self.scan(o)).collect()
    }
}

impl Inner {
    fn scan(&self, output: &Output, buffers: &mut Buffers) -> Result<Report> {
        buffers.folded.fold(&output.text)?;
        self.background.rarity(buffers.folded.tokens(), &mut buffers.rarity);
        let needed = self.background.bits_needed(self.settings.max_evalue, buffers.folded.words().len());
        let mut candidates = Vec::new();
        for (index, view) in self.registry.views().iter().enumerate() {
            self.word_candidates(index, view, needed, buffers, &mut candidates);
            self.letter_candidates(index, view, buffers, &mut candidates);
        }
        let claimed =
            self.settle(&buffers.folded, &buffers.rarity, needed, candidates, &mut buffers.works)?;
        evidence::report(self, output, &buffers.folded, claimed, &mut buffers.works)
    }

    /// Passages that the output shares word grams with and that a probe finds worth aligning.
    fn word_candidates(
        &self,
        index: usize,
        view: &View,
        gate: i32,
        buffers: &mut Buffers,
        candidates: &mut Vec<Candidate>,
    ) {
        let segment = &view.segment;
        let (output, rarity) = (buffers.folded.tokens(), &buffers.rarity);
        // What words are worth behind the word before them, looked up when first asked for.
        let given = std::cell::RefCell::new(vec![i32::MIN; output.len()]);
        let behind = |index: u32| {
            let value = &mut given.borrow_mut()[index as usize];
            if *value == i32::MIN {
                *value = self.background.rarity_behind(output[index as usize - 1], output[index as usize]);
            }
            *value
        };
        buffers.hits.clear();
        word_hits(segment.word_seeds(), output, &mut buffers.hits);
        let tokens = segment.tokens();
        buffers.promise.prepare(output, rarity);
        let promise = &buffers.promise;
        let space = crate::logarithm::log2(f64::from(segment.words().max(1)));
        // Hits of one word of the output that come together share a seed, and its rarity.
        let mut kept = 0;
        let mut start = 0;
        while start < buffers.hits.len() {
            let index = buffers.hits[start].index;
            let mut end = start + 1;
            while buffers.hits.get(end).is_some_and(|hit| hit.index == index) {
                end += 1;
            }
            let seed = space - (end - start).ilog2() as i32 * crate::logarithm::BIT + SEED_SLACK;
            for at in start..end {
                let hit = buffers.hits[at];
                if let Some(later) = buffers.hits.get(at + AHEAD) {
                    promise.prefetch(*later, tokens);
                }
                if gate <= 0 || promise.keeps(hit, tokens, seed, gate) {
                    buffers.hits[kept] = hit;
                    kept += 1;
                }
            }
            start = end;
        }
        buffers.hits.truncate(kept);
        chains(&mut buffers.hits, |chain| {
            self.within_works(view, &chain, |slot, anchors| {
                let range = segment.word_range(slot);
                let work = &tokens[range.start as usize..range.end as usize];
                let probe = probe(output, work, rarity, behind, &anchors);
                if probe.score >= gate.max(1) {
                    candidates.push(Candidate { view: index, slot, anchors, probe });
                }
            });
        });
    }

    /// Passages that the output shares letter grams with, where its words are cut oddly.
    fn letter_candidates(
        &self,
        index: usize,
        view: &View,
        buffers: &mut Buffers,
        candidates: &mut Vec<Candidate>,
    ) {
        buffers.hits.clear();
        letter_hits(view.segment.letter_seeds(), &buffers.folded, &mut buffers.hits);
        buffers.hits.sort_unstable();
        let mut start = 0;
        while start < buffers.hits.len() {
            // One work's hits, in ascending order of both coordinates.
            let first = buffers.hits[start];
            let mut chain = vec![first];
            let end_of_work = view
                .segment
                .slot_of(first.position)
                .map_or(first.position, |slot| view.segment.word_range(slot).end);
            let mut next = start + 1;
            while let Some(&hit) = buffers.hits.get(next)
                && hit.position < end_of_work
            {
                if chain.last().is_some_and(|last| hit.index > last.index && hit.position > last.position) {
                    chain.push(hit);
                }
                next += 1;
            }
            start = next;
            // One letter gram may agree by chance, or stand in many works.
            if chain.len() < 2 {
                continue;
            }
            self.within_works(view, &Chain { hits: chain }, |slot, anchors| {
                let (first, last) = (anchors[0].index, anchors[anchors.len() - 1].index + 1);
                let known = |c: &Candidate| {
                    (c.view, c.slot) == (index, slot) && c.probe.output.0 <= first && c.probe.output.1 >= last
                };
                if !candidates.iter().any(known) {
                    // Not probed: the words are cut too differently for tokens to tell.
                    let probe = Probe { score: i32::MAX, output: (first, last) };
                    candidates.push(Candidate { view: index, slot, anchors, probe });
                }
            });
        }
    }

    /// Cuts a chain at the borders of works and leaves out withdrawn ones.
    fn within_works(&self, view: &View, chain: &Chain, mut each: impl FnMut(u32, Vec<Anchor>)) {
        let mut hits = chain.hits.as_slice();
        while let Some(first) = hits.first() {
            let Some(slot) = view.segment.slot_of(first.position) else { return };
            let range = view.segment.word_range(slot);
            let count = hits.partition_point(|hit| hit.position < range.end);
            if view.withdrawn.binary_search(&slot).is_err() {
                let anchors = hits[..count]
                    .iter()
                    .map(|hit| Anchor { index: hit.index, word: hit.position - range.start })
                    .collect();
                each(slot, anchors);
            }
            hits = &hits[count..];
        }
    }

    /// Aligns candidates, weighs the alignments and gives each place of the output to the best.
    fn settle(
        &self,
        output: &Folded,
        rarity: &[i32],
        needed: i32,
        mut candidates: Vec<Candidate>,
        works: &mut Works,
    ) -> Result<Vec<Claimed>> {
        candidates.sort_by_key(|c| (std::cmp::Reverse(c.probe.score), c.view, c.slot, c.anchors[0]));
        let mut claims: Vec<Claim> = Vec::new();
        let mut sharing: Vec<u32> = vec![1; candidates.len()];
        let mut named = Vec::new();
        for (i, candidate) in candidates.iter().enumerate() {
            let better = candidates[..i].iter().filter(|other| candidate.shares_place(other)).count();
            if better >= ALIGNED_PER_PLACE {
                named.push(i);
                continue;
            }
            sharing[i] = self.works_sharing(candidate, &candidates);
            let segment = &self.registry.views()[candidate.view].segment;
            let key = (candidate.view, candidate.slot);
            let work = works.get(key, segment)?;
            if let Some(alignment) = align(output, &work.folded, rarity, &candidate.anchors)
                && alignment.score >= needed
            {
                claims.extend(self.weigh(output, key, alignment, sharing[i]));
            }
        }
        let mut claimed = claim(claims, |work, rest| self.weigh(output, work, rest, 1));
        for candidate in named.into_iter().map(|i| &candidates[i]) {
            let key = (candidate.view, candidate.slot);
            for place in &mut claimed {
                let range = place.claim.alignment.output();
                let (start, end) = candidate.probe.output;
                let overlap = range.end.min(end).saturating_sub(range.start.max(start)) as usize;
                if overlap * 2 >= range.len() && place.claim.work != key && !place.also_in.contains(&key) {
                    place.also_in.push(key);
                }
            }
        }
        Ok(claimed)
    }

    /// How many works hold nearly the same passage as `candidate`, itself included.
    fn works_sharing(&self, candidate: &Candidate, candidates: &[Candidate]) -> u32 {
        let score = candidate.probe.score / 5 * 3;
        let mut works: Vec<(usize, u32)> = candidates
            .iter()
            .filter(|other| candidate.shares_place(other) && other.probe.score >= score)
            .map(|other| (other.view, other.slot))
            .collect();
        works.sort_unstable();
        works.dedup();
        works.len() as u32
    }

    /// Weighs an alignment; nothing where it stays below the thresholds.
    fn weigh(
        &self,
        output: &Folded,
        work: (usize, u32),
        alignment: Alignment,
        sharing: u32,
    ) -> Option<Claim> {
        let segment = &self.registry.views()[work.0].segment;
        let range = segment.word_range(work.1);
        let tokens = &segment.tokens()[range.start as usize..range.end as usize];
        let passage = alignment.work();
        let around = passage.start.saturating_sub(OWN_WORDS) as usize
            ..(passage.end.saturating_add(OWN_WORDS) as usize).min(tokens.len());
        let bits = self.background.bits(&alignment, output.tokens(), &tokens[around], sharing);
        let equal: usize = alignment.steps.iter().map(|step| step.equal_words()).sum();
        let evalue = self.background.evalue(bits, output.words().len());
        let verbatim = alignment.steps.iter().all(|step| step.is_equal());
        (evalue <= self.settings.max_evalue
            && equal >= self.settings.min_words
            && (verbatim || !self.settings.verbatim_only))
            .then_some(Claim { bits, work, alignment })
    }
}
