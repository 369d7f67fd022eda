//! From an output to the passages of works that may stand in it.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::{Buffers, Inner};
use crate::fingerprint::SHORTEST;
use crate::logarithm::log2;
use crate::registry::View;
use crate::score::MAX_RARITY;
use crate::search::{
    Alignment, Anchor, Chain, Gate, Hit, Look, Probe, Sight, chains, letter_hits, run, word_hits,
};

/// A work: the number of its view and its slot there.
pub(super) type WorkKey = (usize, u32);

/// A passage of a work that may stand in the output.
pub(super) struct Candidate {
    pub(super) work: WorkKey,
    /// Pairs of words (of the output, of the work) that share a seed, ascending.
    pub(super) anchors: Vec<Anchor>,
    pub(super) probe: Probe,
}

/// Places of the output that works have already: answers in logarithmic time, however often a work comes.
pub(super) struct Covered {
    of_works: BTreeMap<WorkKey, Places>,
    of_any: Places,
}

impl Covered {
    pub(super) fn new(places: impl Iterator<Item = (WorkKey, Range<u32>)>) -> Self {
        let mut covered = Self { of_works: BTreeMap::new(), of_any: Places::default() };
        for (work, place) in places {
            covered.of_works.entry(work).or_default().0.push((place.start, place.end));
            covered.of_any.0.push((place.start, place.end));
        }
        covered.of_works.values_mut().chain([&mut covered.of_any]).for_each(Places::sort);
        covered
    }

    /// The works of a view.
    fn of_view(&self, view: usize) -> impl Iterator<Item = WorkKey> {
        self.of_works.range((view, 0)..=(view, u32::MAX)).map(|(&work, _)| work)
    }

    /// Whether one place of the work that begins no later than `place` reaches to its end.
    pub(super) fn covers(&self, work: WorkKey, place: Range<u32>) -> bool {
        self.of_works.get(&work).is_some_and(|places| places.cover(place))
    }
}

/// Places of the output.
#[derive(Default)]
struct Places(Vec<(u32, u32)>);

impl Places {
    /// By where they begin, each with the furthest end so far: one look tells whether any that begins before reaches far
    /// enough.
    fn sort(&mut self) {
        self.0.sort_unstable();
        let mut furthest = 0;
        for (_, end) in &mut self.0 {
            furthest = furthest.max(*end);
            *end = furthest;
        }
    }

    fn cover(&self, place: Range<u32>) -> bool {
        let begun = self.0.partition_point(|&(start, _)| start <= place.start);
        begun > 0 && self.0[begun - 1].1 >= place.end
    }
}

/// What a word is worth behind the word before it, where that is not known yet: nobody asked for it, or it is on its way
/// from memory.
const UNKNOWN: i32 = i32::MIN;
const ASKED: i32 = UNKNOWN + 1;

/// How far (in words) a passage may lie off the diagonal of another and still go on from it.
const MAX_SHIFT: i64 = 6;

/// On which diagonals the works lie that an output copies: how far a passage's words lie behind those of the work.
pub(super) struct Diagonals(HashMap<WorkKey, Vec<i64>>);

impl Diagonals {
    pub(super) fn new<'a>(alignments: impl Iterator<Item = (WorkKey, &'a Alignment)>) -> Self {
        let mut diagonals: HashMap<WorkKey, Vec<i64>> = HashMap::new();
        for (work, alignment) in alignments {
            diagonals.entry(work).or_default().extend(ends(alignment));
        }
        diagonals.values_mut().for_each(|of_work| of_work.sort_unstable());
        Self(diagonals)
    }

    /// Whether an alignment lies where the work lies already, a few words inserted or left out: then it is no other
    /// passage of the work but more of the same. Logarithmic time.
    pub(super) fn goes_on(&self, work: WorkKey, alignment: &Alignment) -> bool {
        let near = |of_work: &Vec<i64>, diagonal: i64| {
            let next = of_work.partition_point(|&known| known < diagonal - MAX_SHIFT);
            of_work.get(next).is_some_and(|&known| known <= diagonal + MAX_SHIFT)
        };
        self.0.get(&work).is_some_and(|of_work| ends(alignment).into_iter().any(|end| near(of_work, end)))
    }
}

/// The diagonals that an alignment begins and ends on.
fn ends(alignment: &Alignment) -> [i64; 2] {
    let (output, work) = (alignment.output(), alignment.work());
    [i64::from(output.start) - i64::from(work.start), i64::from(output.end) - i64::from(work.end)]
}

impl Inner {
    /// Passages that could be worth `gate`. Where some are `known`, further ones of the same works beside them.
    pub(super) fn candidates(
        &self,
        buffers: &mut Buffers,
        gate: Gate,
        known: Option<&Covered>,
    ) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        buffers.hits.resize_with(self.registry.views().len(), Vec::new);
        buffers.promise.prepare(&buffers.folded, &buffers.rarity);
        for (index, view) in self.registry.views().iter().enumerate() {
            if known.is_none_or(|known| known.of_view(index).next().is_some()) {
                self.by_words(index, view, buffers, gate, known, &mut candidates);
                if known.is_none() {
                    by_letters(index, view, buffers, &mut candidates);
                }
            }
        }
        candidates
    }

    /// Passages that the output shares word grams with and that a probe finds worth aligning.
    fn by_words(
        &self,
        index: usize,
        view: &View,
        buffers: &mut Buffers,
        gate: Gate,
        known: Option<&Covered>,
        candidates: &mut Vec<Candidate>,
    ) {
        let segment = &view.segment;
        let Buffers { folded, rarity, hits, look_ups, kept, given, promise, prober, .. } = buffers;
        let (output, tokens) = (folded.tokens(), segment.tokens());
        let hits = &mut hits[index];
        // What words are worth behind the word before them, looked up when first asked for.
        given.clear();
        given.resize(output.len(), UNKNOWN);
        let given = Cell::from_mut(&mut given[..]).as_slice_of_cells();
        let mut behind = |index: u32| {
            let value = &given[index as usize];
            if value.get() <= ASKED {
                value.set(self.background.rarity_behind(output[index as usize - 1], output[index as usize]));
            }
            value.get()
        };
        let within = |position| {
            let range = segment.slot_of(position).map_or(0..0, |slot| segment.word_range(slot));
            range.start as usize..range.end as usize
        };
        let space = log2(f64::from(segment.words().max(1)));
        let verbatim = self.settings.verbatim_only;
        let sight = Sight { tokens, rarity, most: MAX_RARITY, space, gate, verbatim };
        let ask = |index: u32| {
            let before =
                (index as usize).checked_sub(1).and_then(|before| output.get(before..)?.first_chunk());
            if let Some(&[before, token]) = before
                && given[index as usize].replace(ASKED.max(given[index as usize].get())) == UNKNOWN
            {
                self.background.ask_behind(before, token);
            }
        };
        let mut look = Look { output, sight, within, ask: &ask, behind: &mut behind };
        let mut further = Vec::new();
        if let Some(known) = known {
            // Looked up before. A place that a work has is searched no more: the works that hold the same were candidates
            // there, and another passage of one of them would be worth less. Works lie one behind the other: of many, the one
            // at a hit is found without looking at all.
            let works: Vec<(Range<u32>, WorkKey)> =
                known.of_view(index).map(|work| (segment.word_range(work.1), work)).collect();
            let mut last = (0, false);
            further.extend(hits.iter().filter(|hit| {
                if last.0 != hit.index + 1 {
                    let seed = hit.index..hit.index + SHORTEST as u32;
                    last = (hit.index + 1, known.of_any.cover(seed));
                }
                let at = |(range, _): &(Range<u32>, WorkKey)| range.end <= hit.position;
                !last.1
                    && works
                        .get(works.partition_point(at))
                        .is_some_and(|(range, _)| range.contains(&hit.position))
            }));
        }
        match (known.is_some(), gate.is_open()) {
            (true, true) => *kept = further,
            (true, false) => promise.filter(&further, kept, &mut look),
            (false, true) => {
                hits.clear();
                word_hits(segment, output, look_ups, &mut *hits);
                hits.iter_mut().for_each(|hit| *hit = hit.settled(output, tokens));
                kept.clone_from(hits);
            }
            (false, false) => promise.search(segment, look_ups, hits, kept, &mut look),
        }
        let mut propose = |slot: u32, anchors: Vec<Anchor>, probe: Probe| {
            let gate = match gate.further {
                true => gate,
                false => self.gate(gate.bits, false, segment.work_letters(slot)),
            };
            let needed = gate.needed(probe.kept, probe.longest, probe.letters);
            if probe.score > 0 && (gate.is_open() || probe.score >= needed) {
                candidates.push(Candidate { work: (index, slot), anchors, probe });
            }
        };
        let words = |slot: u32| {
            let range = segment.word_range(slot);
            &tokens[range.start as usize..range.end as usize]
        };
        if !verbatim {
            chains(kept, |chain| {
                within_works(view, &chain.hits, |slot, anchors| {
                    let (letters, work) = (promise.letters(), words(slot));
                    let probe = prober.probe(output, letters, work, rarity, &mut behind, &anchors);
                    propose(slot, anchors, probe);
                });
            });
            return;
        }
        kept.sort_unstable_by_key(|hit| (hit.diagonal(), hit.index));
        // The end of the run before, on this diagonal of this work.
        let mut before = (0, 0, 0);
        for hit in &*kept {
            within_works(view, std::slice::from_ref(hit), |slot, anchors| {
                if (hit.diagonal(), slot) == (before.0, before.1) && hit.index < before.2 {
                    return;
                }
                let run = run(output, promise.letters(), words(slot), rarity, anchors[0]);
                before = (hit.diagonal(), slot, run.output.1);
                propose(slot, anchors, run);
            });
        }
    }
}

/// Passages that the output shares letter grams with, where its words are cut oddly.
fn by_letters(index: usize, view: &View, buffers: &mut Buffers, candidates: &mut Vec<Candidate>) {
    let hits = &mut buffers.kept;
    hits.clear();
    letter_hits(view.segment.letter_seeds(), &buffers.folded, hits, &mut buffers.look_ups.crowded);
    if hits.is_empty() {
        return;
    }
    hits.sort_unstable();
    let known = Covered::new(candidates.iter().map(|c| (c.work, c.probe.output.0..c.probe.output.1)));
    for chain in letter_chains(hits) {
        within_works(view, &chain.hits, |slot, anchors| {
            // One letter gram may agree by chance, or stand in many works.
            if anchors.len() < 2 {
                return;
            }
            let place = (anchors[0].index, anchors[anchors.len() - 1].index + 1);
            if !known.covers((index, slot), place.0..place.1) {
                // Not probed: the words are cut too differently for tokens to tell.
                let probe = Probe { score: i32::MAX, output: place, ..Probe::default() };
                candidates.push(Candidate { work: (index, slot), anchors, probe });
            }
        });
    }
}

/// Strings sorted letter hits together that ascend in both coordinates and lie near each other.
fn letter_chains(hits: &[Hit]) -> Vec<Chain> {
    const MAX_GAP: u32 = 64;
    let mut chains: Vec<Chain> = Vec::new();
    for &hit in hits {
        let follows = |last: &Hit| {
            hit.index > last.index
                && hit.position > last.position
                && hit.position - last.position <= MAX_GAP
                && hit.index - last.index <= 8 * MAX_GAP
        };
        // A hit that goes back in the output belongs to another occurrence: it may follow an earlier chain.
        let open = chains.iter_mut().rev().take(4).find(|chain| chain.hits.last().is_some_and(follows));
        match open {
            Some(chain) => chain.hits.push(hit),
            None => chains.push(Chain { hits: vec![hit] }),
        }
    }
    chains
}

/// Cuts a chain at the borders of works and leaves out withdrawn ones.
fn within_works(view: &View, mut hits: &[Hit], mut each: impl FnMut(u32, Vec<Anchor>)) {
    while let Some(first) = hits.first() {
        let Some(slot) = view.segment.slot_of(first.position) else { return };
        let range = view.segment.word_range(slot);
        if first.position < range.start {
            // Between two works: a fingerprint agreed by chance, and what fills the gap looked like a word.
            hits = &hits[1..];
            continue;
        }
        let count = hits.partition_point(|hit| hit.position < range.end);
        if view.withdrawn.binary_search(&slot).is_err() {
            let anchor = |hit: &Hit| Anchor { index: hit.index, word: hit.position - range.start };
            each(slot, hits[..count].iter().map(anchor).collect());
        }
        hits = &hits[count..];
    }
}
