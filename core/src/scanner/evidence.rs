//! From settled alignments to the report: words become offsets, steps become edits.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::Inner;
use super::candidates::WorkKey;
use super::settle::{Settled, merged};
use super::tricks::tricks;
use super::works::Works;
use crate::error::Result;
use crate::report::{
    Coverage, Edit, EditKind, LetterCounts, Match, MatchKind, OffsetUnit, Quote, Report, SCHEMA, Span,
    WordCounts, WorkShare,
};
use crate::search::{Claimed, Step, StepKind, longest_run};
use crate::text::{Folded, Reading};

/// A text that was searched: the output's, or a reading of it.
#[derive(Clone, Copy)]
pub(super) struct Searched<'a> {
    pub(super) text: &'a str,
    pub(super) folded: &'a Folded,
    pub(super) reading: Option<&'a Reading>,
}

impl Searched<'_> {
    /// Bytes of the output in which words stand, from `start` to before `end`.
    fn bytes(&self, start: u32, end: u32) -> Range<usize> {
        let bytes = bytes(self.folded, start, end);
        self.reading.map_or_else(|| bytes.clone(), |reading| reading.original(bytes.clone()))
    }
}

/// What was found in an output, in its text and in readings of it.
pub(super) struct Evidence<'a> {
    scanner: &'a Inner,
    text: &'a str,
    offsets: Offsets<'a>,
    /// By place in the output, none on another's.
    found: Vec<Found>,
    /// Bytes that were not searched.
    unsearched: Vec<Range<usize>>,
}

/// A match, where it stands, and which words of the work came out.
struct Found {
    bytes: Range<usize>,
    matched: Match,
    shares: Vec<(WorkKey, u32, usize)>,
}

impl<'a> Evidence<'a> {
    /// Nothing was found yet in the output's text; `units` are its own.
    pub(super) fn new(scanner: &'a Inner, text: &'a str, units: &'a Units) -> Self {
        let offsets = Offsets::new(text, units);
        Self { scanner, text, offsets, found: Vec::new(), unsearched: Vec::new() }
    }

    /// Adds what was found in the output's own text.
    pub(super) fn add(&mut self, searched: Searched<'_>, settled: &Settled, works: &mut Works) -> Result<()> {
        self.unsearched.extend(settled.unsearched.iter().map(|words| searched.bytes(words.start, words.end)));
        for claimed in &settled.claimed {
            let found = self.one_match(searched, claimed, works)?;
            self.found.push(found);
        }
        Ok(())
    }

    /// Adds what was found in a reading, one of so many `texts` that were searched. It takes the place of what it
    /// overlaps if it says more than all of that together; otherwise what is there stays.
    pub(super) fn add_reading(
        &mut self,
        searched: Searched<'_>,
        settled: &Settled,
        works: &mut Works,
        texts: usize,
    ) -> Result<()> {
        let before = std::mem::take(&mut self.found);
        self.add(searched, settled, works)?;
        let mut further = std::mem::replace(&mut self.found, before);
        // Chance had as many texts to find something in.
        further.iter_mut().for_each(|found| found.matched.evalue *= texts as f64);
        further.retain(|found| found.matched.evalue <= self.scanner.settings.max_evalue);
        if further.is_empty() {
            return Ok(());
        }
        further.sort_by(|one, other| other.matched.bits.total_cmp(&one.matched.bits));
        let by_start = |found: Found| (found.bytes.start, found);
        let mut places: BTreeMap<usize, Found> = self.found.drain(..).map(by_start).collect();
        for found in further {
            // None on another's place: of those that begin before its end, the last ones end behind its beginning.
            let there = places.range(..found.bytes.end).rev();
            let there: Vec<(usize, f64)> = there
                .take_while(|(_, other)| other.bytes.end > found.bytes.start)
                .map(|(&start, other)| (start, other.matched.bits))
                .collect();
            if found.matched.bits > there.iter().map(|(_, bits)| bits).sum::<f64>() {
                for (start, _) in there {
                    places.remove(&start);
                }
                places.insert(found.bytes.start, found);
            }
        }
        self.found = places.into_values().collect();
        Ok(())
    }

    /// Bytes of the output that matches cover, by place.
    #[cfg(feature = "meaning")]
    pub(super) fn covered(&self) -> Vec<Range<usize>> {
        self.found.iter().map(|found| found.bytes.clone()).collect()
    }

    /// The report.
    pub(super) fn report(mut self, registry_hash: &Arc<str>) -> Report {
        let not_searched: Vec<Span> =
            merged(self.unsearched).into_iter().map(|bytes| self.offsets.span(bytes)).collect();
        let mut shares = Shares::default();
        let mut matches = Vec::with_capacity(self.found.len());
        for found in self.found {
            shares.0.extend(found.shares);
            matches.push(found.matched);
        }
        let settings = &self.scanner.settings;
        let matched = matches.iter().map(|m: &Match| m.output.len()).sum();
        Report {
            schema: SCHEMA.into(),
            id: String::new(),
            offset_unit: settings.offset_unit,
            complete: not_searched.is_empty(),
            not_searched,
            text_sha256: (settings.always_hash || !matches.is_empty())
                .then(|| hexadecimal(&Sha256::digest(self.text.as_bytes()))),
            registry: registry_hash.clone(),
            version: crate::VERSION.into(),
            coverage: Coverage { matched, total: self.offsets.at(self.text.len()) },
            matches,
            works: shares.finish(self.scanner),
            sealed: None,
            meaning: None,
            fields: serde_json::Map::new(),
        }
    }

    fn one_match(&mut self, searched: Searched<'_>, claimed: &Claimed, works: &mut Works) -> Result<Found> {
        let Self { scanner, text: output, offsets, .. } = self;
        let folded = searched.folded;
        let (view, slot) = claimed.claim.work;
        let segment = &scanner.registry.views()[view].segment;
        let work = works.get(claimed.claim.work, segment)?;
        let units = work.units.get_or_init(|| Units::of(&work.text, scanner.settings.offset_unit));
        let (text, work) = (work.text.as_str(), &work.folded);
        let steps = &claimed.claim.alignment.steps;
        let (out_words, work_words) = (claimed.claim.alignment.output(), claimed.claim.alignment.work());
        let out_bytes = searched.bytes(out_words.start, out_words.end);
        let work_bytes = bytes(work, work_words.start, work_words.end);
        let mut source_offsets = Offsets::new(text, units);
        let edits = edits(steps, searched, work, offsets, &mut source_offsets);
        let source_letters = Letters::of(work, work_words.clone());
        let mut matched_letters = 0;
        let mut shares = Shares::default();
        for step in steps {
            let matched = source_letters.matched(step);
            matched_letters += matched;
            shares.add(claimed.claim.work, step, matched);
        }
        let longer = Letters::of(folded, out_words.clone()).count(out_words.clone());
        let longer = longer.max(source_letters.count(work_words.clone()));
        let (passage, source) = (&output[out_bytes.clone()], &text[work_bytes.clone()]);
        // Of a reading that leaves most as it is, not every passage is read in another way.
        let read = searched
            .reading
            .filter(|_| searched.text[bytes(folded, out_words.start, out_words.end)] != *passage);
        let matched = Match {
            work_id: segment.work_id(slot).into(),
            title: segment.title(slot).map(Into::into),
            kind: if steps.iter().all(Step::is_equal) {
                MatchKind::Verbatim
            } else {
                MatchKind::NearVerbatim
            },
            output: offsets.span(out_bytes.clone()),
            source: source_offsets.span(work_bytes.clone()),
            words: WordCounts {
                matched: steps.iter().map(Step::equal_words).sum(),
                output: out_words.len(),
                source: work_words.len(),
            },
            letters: LetterCounts { matched: matched_letters },
            identity: (matched_letters as f64 / longer.max(1) as f64 * 1000.0).round() / 1000.0,
            longest_run_words: longest_run(steps),
            bits: (f64::from(claimed.claim.bits) / f64::from(crate::logarithm::BIT) * 10.0).round() / 10.0,
            evalue: claimed.claim.evalue,
            edits,
            also_in: claimed
                .also_in
                .iter()
                .map(|&(view, slot)| scanner.registry.views()[view].segment.work_id(slot).into())
                .collect(),
            tricks: tricks(passage, source, read.map(|reading| reading.disguise)),
            quote: scanner.settings.quote.then(|| Quote { output: passage.into(), source: source.into() }),
        };
        Ok(Found { bytes: out_bytes, matched, shares: shares.0 })
    }
}

/// Bytes of the original from word `start` to before word `end`; empty and before word `start` where they are equal.
pub(super) fn bytes(folded: &Folded, start: u32, end: u32) -> Range<usize> {
    let before = |word: u32| (word as usize).checked_sub(1).map_or(0, |before| folded.bytes(before).end);
    if start == end {
        return before(start)..before(start);
    }
    folded.bytes(start as usize).start..before(end)
}

/// Counts letters (code points, folded) of some words of a text.
struct Letters<'a> {
    folded: &'a Folded,
    /// Whether all of these words' letters are one byte each, as they mostly are: then nothing need be looked at.
    single: bool,
}

impl<'a> Letters<'a> {
    fn of(folded: &'a Folded, words: Range<u32>) -> Self {
        Self { folded, single: folded.letters()[letters(folded, words)].is_ascii() }
    }

    fn count(&self, words: Range<u32>) -> usize {
        let letters = letters(self.folded, words);
        match self.single {
            true => letters.len(),
            false => self.folded.letters()[letters].iter().filter(|&&b| b & 0xC0 != 0x80).count(),
        }
    }

    /// Letters of the work, whose letters these are, that a step finds in the output.
    fn matched(&self, step: &Step) -> usize {
        match step.kind {
            StepKind::Equal => self.count(step.work.clone()),
            // Agreement is counted in bytes; in letters it is no more than the word has.
            StepKind::Changed { letters, longer } => {
                let all = self.count(step.work.clone());
                all.min(all * letters as usize / longer.max(1) as usize)
            }
            StepKind::Inserted | StepKind::Deleted => 0,
        }
    }
}

/// The bytes of some words' letters.
fn letters(folded: &Folded, words: Range<u32>) -> Range<usize> {
    folded.letters_start(words.start as usize)..folded.letters_start(words.end as usize)
}

fn edits(
    steps: &[Step],
    searched: Searched<'_>,
    work: &Folded,
    output: &mut Offsets<'_>,
    source: &mut Offsets<'_>,
) -> Vec<Edit> {
    let kind = |step: &Step| match step.kind {
        StepKind::Equal => EditKind::Equal,
        StepKind::Changed { .. } => EditKind::Changed,
        StepKind::Inserted => EditKind::Inserted,
        StepKind::Deleted => EditKind::Deleted,
    };
    steps
        .chunk_by(|a, b| kind(a) == kind(b))
        .map(|run| {
            let (first, last) = (&run[0], &run[run.len() - 1]);
            Edit {
                op: kind(first),
                output: output.span(searched.bytes(first.output.start, last.output.end)),
                source: source.span(bytes(work, first.work.start, last.work.end)),
            }
        })
        .collect()
}

/// Which words of which works came out, and how many letters of each.
#[derive(Default)]
struct Shares(Vec<(WorkKey, u32, usize)>);

impl Shares {
    fn add(&mut self, work: WorkKey, step: &Step, matched: usize) {
        if !step.work.is_empty() {
            self.0.push((work, step.work.start, matched));
        }
    }

    fn finish(mut self, scanner: &Inner) -> Vec<WorkShare> {
        // Each word once, as it came out best.
        self.0.sort_unstable_by_key(|&(work, word, matched)| (work, word, Reverse(matched)));
        self.0.dedup_by_key(|&mut (work, word, _)| (work, word));
        let share = |words: &[(WorkKey, u32, usize)]| {
            let (view, slot) = words[0].0;
            let segment = &scanner.registry.views()[view].segment;
            let matched: usize = words.iter().map(|&(_, _, matched)| matched).sum();
            let share = matched as f64 / f64::from(segment.work_letters(slot).max(1));
            WorkShare {
                work_id: segment.work_id(slot).into(),
                matched,
                share_of_work: (share.min(1.0) * 1e4).round() / 1e4,
            }
        };
        let mut shares: Vec<WorkShare> = self.0.chunk_by(|a, b| a.0 == b.0).map(share).collect();
        shares.sort_by(|a, b| {
            b.share_of_work.total_cmp(&a.share_of_work).then_with(|| a.work_id.cmp(&b.work_id))
        });
        shares
    }
}

/// Bytes of a text between two places at which its units are counted.
const STRETCH: usize = 1 << 11;

/// How many units of a text lie before each [`STRETCH`] of it, so that no place is far from one that is known.
pub(super) struct Units {
    unit: OffsetUnit,
    /// The first character at or behind each multiple, and the units before it; nothing where bytes are counted.
    known: Vec<(usize, usize)>,
}

impl Units {
    /// Counts all of `text`, unless bytes are the unit.
    pub(super) fn of(text: &str, unit: OffsetUnit) -> Self {
        let mut known = Vec::new();
        if unit != OffsetUnit::Byte {
            let (mut byte, mut units) = (0, 0);
            known.push((byte, units));
            while let Some(next) = (byte + STRETCH..text.len()).find(|&at| text.is_char_boundary(at)) {
                units += count(&text[byte..next], unit);
                byte = next;
                known.push((byte, units));
            }
        }
        Self { unit, known }
    }
}

/// How many units a text has.
fn count(text: &str, unit: OffsetUnit) -> usize {
    match unit {
        OffsetUnit::Byte => text.len(),
        OffsetUnit::CodePoint => text.chars().count(),
        OffsetUnit::Utf16 => text.chars().map(char::len_utf16).sum(),
    }
}

/// Turns byte offsets into the report's unit: from the last one, or from the nearest place that is known. Constant time
/// each, in whatever order.
pub(super) struct Offsets<'a> {
    text: &'a str,
    units: &'a Units,
    /// The last offset.
    last: (usize, usize),
}

impl<'a> Offsets<'a> {
    pub(super) fn new(text: &'a str, units: &'a Units) -> Self {
        Self { text, units, last: (0, 0) }
    }

    /// `byte` must lie at a character boundary.
    pub(super) fn at(&mut self, byte: usize) -> usize {
        let Units { unit, known } = self.units;
        if *unit == OffsetUnit::Byte {
            return byte;
        }
        if byte < self.last.0 || byte > self.last.0 + STRETCH {
            let behind = known.partition_point(|&(known, _)| known <= byte);
            self.last = known[behind.saturating_sub(1)];
        }
        let (from, units) = self.last;
        self.last = (byte, units + count(&self.text[from..byte], *unit));
        self.last.1
    }

    pub(super) fn span(&mut self, bytes: Range<usize>) -> Span {
        Span { start: self.at(bytes.start), end: self.at(bytes.end) }
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for b in bytes {
        text.push(DIGITS[usize::from(b >> 4)] as char);
        text.push(DIGITS[usize::from(b & 15)] as char);
    }
    text
}
