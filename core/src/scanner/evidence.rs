//! From settled alignments to the report: words become offsets, steps become edits.

use sha2::{Digest, Sha256};

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
) -> Result<Report> {
    let unit = scanner.settings.offset_unit;
    let mut offsets = Offsets::new(&output.text, unit);
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
        registry: scanner.registry.content_hash().into(),
        version: crate::VERSION.into(),
        coverage: Coverage { matched, total: offsets.at(output.text.len()) },
        matches,
        works: shares.finish(scanner),
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
    let (text, work) = (work.text.as_str(), &work.folded);
    let steps = &claimed.claim.alignment.steps;
    let (out_words, work_words) = (claimed.claim.alignment.output(), claimed.claim.alignment.work());
    let out_bytes = bytes(folded, out_words.start, out_words.end);
    let work_bytes = bytes(work, work_words.start, work_words.end);
    let mut source_offsets = Offsets::new(text, scanner.settings.offset_unit);
    let edits = edits(steps, folded, work, offsets, &mut source_offsets);
    let matched_letters: usize = steps.iter().map(|step| matched_letters(step, work)).sum();
    let longer =
        letters(folded, out_words.start, out_words.end).max(letters(work, work_words.start, work_words.end));
    shares.add(claimed.claim.work, steps, work);
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
fn bytes(folded: &Folded, start: u32, end: u32) -> std::ops::Range<usize> {
    let before = |word: u32| (word as usize).checked_sub(1).map_or(0, |before| folded.bytes(before).end);
    if start == end {
        return before(start)..before(start);
    }
    folded.bytes(start as usize).start..before(end)
}

/// Letters (code points, folded) of words `start..end`.
fn letters(folded: &Folded, start: u32, end: u32) -> usize {
    let range = folded.letters_start(start as usize)..folded.letters_start(end as usize);
    folded.letters()[range].iter().filter(|&&b| b & 0xC0 != 0x80).count()
}

/// Letters of the work that a step finds in the output.
fn matched_letters(step: &Step, work: &Folded) -> usize {
    let all = letters(work, step.work.start, step.work.end);
    match step.kind {
        StepKind::Equal => all,
        // Agreement is counted in bytes; in letters it is no more than the word has.
        StepKind::Changed { letters, longer } => all.min(all * letters as usize / longer.max(1) as usize),
        StepKind::Inserted | StepKind::Deleted => 0,
    }
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

/// Which words of which works came out, each once.
#[derive(Default)]
struct Shares(std::collections::BTreeMap<(usize, u32), std::collections::BTreeMap<u32, usize>>);

impl Shares {
    fn add(&mut self, key: (usize, u32), steps: &[Step], work: &Folded) {
        let words = self.0.entry(key).or_default();
        for step in steps.iter().filter(|step| !step.work.is_empty()) {
            let matched = matched_letters(step, work);
            let kept = words.entry(step.work.start).or_insert(0);
            *kept = matched.max(*kept);
        }
    }

    fn finish(self, scanner: &Inner) -> Vec<WorkShare> {
        let mut shares: Vec<WorkShare> = self
            .0
            .into_iter()
            .map(|((view, slot), words)| {
                let segment = &scanner.registry.views()[view].segment;
                let matched: usize = words.values().sum();
                let share = matched as f64 / f64::from(segment.work_letters(slot).max(1));
                WorkShare {
                    work_id: segment.work_id(slot).into(),
                    matched,
                    share_of_work: (share.min(1.0) * 1e4).round() / 1e4,
                }
            })
            .collect();
        shares.sort_by(|a, b| {
            b.share_of_work.total_cmp(&a.share_of_work).then_with(|| a.work_id.cmp(&b.work_id))
        });
        shares
    }
}

/// Turns byte offsets into the report's unit, in one pass as long as they ascend.
struct Offsets<'a> {
    text: &'a str,
    unit: OffsetUnit,
    bytes: usize,
    units: usize,
}

impl<'a> Offsets<'a> {
    fn new(text: &'a str, unit: OffsetUnit) -> Self {
        Self { text, unit, bytes: 0, units: 0 }
    }

    /// `byte` must lie at a character boundary.
    fn at(&mut self, byte: usize) -> usize {
        if self.unit == OffsetUnit::Byte {
            return byte;
        }
        if byte < self.bytes {
            (self.bytes, self.units) = (0, 0);
        }
        let passed = &self.text[self.bytes..byte];
        self.units += match self.unit {
            OffsetUnit::Byte => passed.len(),
            OffsetUnit::CodePoint => passed.chars().count(),
            OffsetUnit::Utf16 => passed.chars().map(char::len_utf16).sum(),
        };
        self.bytes = byte;
        self.units
    }

    fn span(&mut self, bytes: std::ops::Range<usize>) -> Span {
        Span { start: self.at(bytes.start), end: self.at(bytes.end) }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for b in bytes {
        text.push(DIGITS[usize::from(b >> 4)] as char);
        text.push(DIGITS[usize::from(b & 15)] as char);
    }
    text
}
