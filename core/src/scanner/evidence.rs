//! From settled alignments to the report: words become offsets, steps become edits.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::candidates::WorkKey;
use super::settle::Settled;
use super::works::Works;
use super::{Inner, Output};
use crate::error::Result;
use crate::report::{
    Coverage, Edit, EditKind, LetterCounts, Match, MatchKind, OffsetUnit, Quote, Report, SCHEMA, Span,
    WordCounts, WorkShare,
};
use crate::search::{Claimed, Step, StepKind, longest_run};
use crate::text::Folded;

pub(super) fn report(
    scanner: &Inner,
    output: &Output,
    folded: &Folded,
    settled: Settled,
    works: &mut Works,
    registry_hash: &Arc<str>,
) -> Result<Report> {
    let unit = scanner.settings.offset_unit;
    let units = Units::of(&output.text, unit);
    let mut offsets = Offsets::new(&output.text, &units);
    let mut matches = Vec::with_capacity(settled.claimed.len());
    let mut shares = Shares::default();
    for claimed in &settled.claimed {
        matches.push(one_match(scanner, output, folded, claimed, &mut offsets, &mut shares, works)?);
    }
    let not_searched: Vec<Span> =
        settled.unsearched.iter().map(|words| offsets.span(bytes(folded, words.start, words.end))).collect();
    let matched = matches.iter().map(|m: &Match| m.output.len()).sum();
    Ok(Report {
        schema: SCHEMA.into(),
        id: output.id.clone(),
        offset_unit: unit,
        complete: not_searched.is_empty(),
        not_searched,
        text_sha256: (scanner.settings.always_hash || !matches.is_empty())
            .then(|| hexadecimal(&Sha256::digest(output.text.as_bytes()))),
        registry: registry_hash.clone(),
        version: crate::VERSION.into(),
        coverage: Coverage { matched, total: offsets.at(output.text.len()) },
        matches,
        works: shares.finish(scanner),
        sealed: None,
        fields: output.fields.clone(),
    })
}

fn one_match(
    scanner: &Inner,
    output: &Output,
    folded: &Folded,
    claimed: &Claimed,
    offsets: &mut Offsets<'_>,
    shares: &mut Shares,
    works: &mut Works,
) -> Result<Match> {
    let (view, slot) = claimed.claim.work;
    let segment = &scanner.registry.views()[view].segment;
    let work = works.get(claimed.claim.work, segment)?;
    let units = work.units.get_or_init(|| Units::of(&work.text, scanner.settings.offset_unit));
    let (text, work) = (work.text.as_str(), &work.folded);
    let steps = &claimed.claim.alignment.steps;
    let (out_words, work_words) = (claimed.claim.alignment.output(), claimed.claim.alignment.work());
    let out_bytes = bytes(folded, out_words.start, out_words.end);
    let work_bytes = bytes(work, work_words.start, work_words.end);
    let mut source_offsets = Offsets::new(text, units);
    let edits = edits(steps, folded, work, offsets, &mut source_offsets);
    let source_letters = Letters::of(work, work_words.clone());
    let mut matched_letters = 0;
    for step in steps {
        let matched = source_letters.matched(step);
        matched_letters += matched;
        shares.add(claimed.claim.work, step, matched);
    }
    let longer = Letters::of(folded, out_words.clone()).count(out_words.clone());
    let longer = longer.max(source_letters.count(work_words.clone()));
    Ok(Match {
        work_id: segment.work_id(slot).into(),
        title: segment.title(slot).map(Into::into),
        kind: if steps.iter().all(Step::is_equal) { MatchKind::Verbatim } else { MatchKind::NearVerbatim },
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
        quote: scanner
            .settings
            .quote
            .then(|| Quote { output: output.text[out_bytes].into(), source: text[work_bytes].into() }),
    })
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
    folded: &Folded,
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
                output: output.span(bytes(folded, first.output.start, last.output.end)),
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
