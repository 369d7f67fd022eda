//! The conductor for sealed registries: grams in, works out.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::Inner;
use super::evidence::{Offsets, Units, bytes, hexadecimal};
use crate::registry::{SEALED_GRAM, Sealed};
use crate::report::{Coverage, Report, SCHEMA, SealedFindings, SealedMatch, Span};
use crate::text::Folded;

/// A stored gram that stands in the output.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    work: u32,
    /// Word of the output at which it begins.
    index: u32,
    hash: u64,
}

/// Grams that are held at once, a few hundred megabytes: no output needs so many that was not made to that end. What lies
/// behind them is not searched, and the report says so.
const MOST_FOUND: usize = if cfg!(test) { 1 << 12 } else { 1 << 24 };

/// What a sealed registry finds in an output: all of its grams are looked up. Linear in the output: a gram names few works,
/// however many hold it.
pub(super) fn report(scanner: &Inner, registry: &Sealed, text: &str, folded: &Folded) -> Report {
    let mut found = Vec::new();
    let grams = folded.tokens().array_windows::<SEALED_GRAM>();
    let looked_up = grams.len();
    let mut not_searched = Vec::new();
    for (index, gram) in (0..).zip(grams) {
        if found.len() > MOST_FOUND {
            not_searched.push(index..folded.len() as u32);
            break;
        }
        let hash = registry.hash(gram);
        found.extend(registry.works_with(hash).map(|work| Found { work, index, hash }));
    }
    found.sort_unstable();
    let units = Units::of(text, scanner.settings.offset_unit);
    let mut offsets = Offsets::new(text, &units);
    let (mut matches, mut leads, mut covered) = (Vec::new(), Vec::new(), Vec::new());
    for of_work in found.chunk_by(|a, b| a.work == b.work) {
        let passages = passages(of_work);
        let told = told(registry, of_work, &passages, looked_up, folded, &mut offsets);
        if told.grams > 1 {
            covered.extend(passages);
            matches.push(told);
        } else {
            leads.push(told);
        }
    }
    matches.sort_by(|a, b| (b.grams, a.work).cmp(&(a.grams, b.work)));
    let mut matched = 0;
    let mut until = 0;
    covered.sort_unstable_by_key(|passage| passage.start);
    for passage in covered {
        let Span { start, end } = span(&mut offsets, folded, &passage);
        matched += end.saturating_sub(start.max(until));
        until = until.max(end);
    }
    Report {
        schema: SCHEMA.into(),
        id: String::new(),
        offset_unit: scanner.settings.offset_unit,
        complete: not_searched.is_empty(),
        not_searched: not_searched.iter().map(|words| span(&mut offsets, folded, words)).collect(),
        text_sha256: (scanner.settings.always_hash || !matches.is_empty())
            .then(|| hexadecimal(&Sha256::digest(text.as_bytes()))),
        registry: registry.checksum().into(),
        version: crate::VERSION.into(),
        coverage: Coverage { matched, total: offsets.at(text.len()) },
        matches: Vec::new(),
        works: Vec::new(),
        sealed: Some(SealedFindings { info: registry.info(), matches, leads }),
        meaning: None,
        fields: serde_json::Map::new(),
    }
}

/// The words of the grams that were found of a work; those that touch are one passage.
fn passages(of_work: &[Found]) -> Vec<Range<u32>> {
    let mut passages: Vec<Range<u32>> = Vec::new();
    for found in of_work {
        let end = found.index + SEALED_GRAM as u32;
        match passages.last_mut() {
            Some(last) if last.end >= found.index => last.end = end,
            _ => passages.push(found.index..end),
        }
    }
    passages
}

fn told(
    registry: &Sealed,
    of_work: &[Found],
    passages: &[Range<u32>],
    looked_up: usize,
    folded: &Folded,
    offsets: &mut Offsets<'_>,
) -> SealedMatch {
    let work = of_work[0].work;
    // A refrain is one gram, however often it comes.
    let mut hashes: Vec<u64> = of_work.iter().map(|found| found.hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    let whole = passages[0].start..passages[passages.len() - 1].end;
    SealedMatch {
        work,
        work_id: registry.work_id(work).map(Into::into),
        title: registry.title(work).map(Into::into),
        output: span(offsets, folded, &whole),
        passages: passages.iter().map(|passage| span(offsets, folded, passage)).collect(),
        grams: hashes.len(),
        words: passages.iter().map(ExactSizeIterator::len).sum(),
        by_chance: registry.by_chance(work, hashes.len(), looked_up),
    }
}

fn span(offsets: &mut Offsets<'_>, folded: &Folded, words: &Range<u32>) -> Span {
    offsets.span(bytes(folded, words.start, words.end))
}
