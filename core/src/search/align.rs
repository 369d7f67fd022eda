//! Aligning an output with a work, word by word, on their letters.
//!
//! A local alignment with affine gaps (Smith, Waterman 1981; Gotoh 1982) in a band around the anchors. A pair of words
//! earns the rarity of the word where they are equal, a share of it where their letters are nearly equal (`hinauß`,
//! `hinaus`), and pays where they are not. Words may be cut differently on the two sides (`s p a c e d`,
//! `Weihnachts baum`): where the letters agree up to a common word end, that is one step, too.

use std::ops::Range;

use super::band::{Anchor, set_middles};
use super::cost;
use super::matrix::{Matrix, Texts};
use crate::text::Folded;

/// How far beyond the outermost anchors the alignment may reach: so many words, or so many letters where that is
/// further (letters spaced out are words of one letter).
const MARGIN: u32 = 24;
const MARGIN_LETTERS: usize = 120;
/// Words inserted or left out in a row that part one match from the next.
const LONG_GAP: usize = 10;

/// What a step of an alignment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepKind {
    /// The same letters on both sides.
    Equal,
    /// Other letters in the same place: so many of them agree, of so many in the longer word (bytes, folded).
    Changed { letters: u32, longer: u32 },
    /// Words that only the output has.
    Inserted,
    /// Words that only the work has.
    Deleted,
}

/// One step: a few words of each side, mostly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) kind: StepKind,
    /// Words of the output.
    pub(crate) output: Range<u32>,
    /// Words of the work.
    pub(crate) work: Range<u32>,
}

impl Step {
    /// Whether the letters are the same on both sides.
    pub(crate) fn is_equal(&self) -> bool {
        self.kind == StepKind::Equal
    }

    /// Words of the work that stand in the output too, or nearly: two thirds of their letters.
    pub(crate) fn kept_words(&self) -> usize {
        match self.kind {
            StepKind::Changed { letters, longer } if letters * 3 >= longer * 2 => self.work.len(),
            _ => self.equal_words(),
        }
    }

    /// Words of the work that stand in the output too.
    pub(crate) fn equal_words(&self) -> usize {
        if self.is_equal() { self.work.len() } else { 0 }
    }
}

/// A local alignment; its first and last steps are pairs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alignment {
    pub(crate) score: i32,
    pub(crate) steps: Vec<Step>,
}

impl Alignment {
    /// Words of the output from the first step to the last.
    pub(crate) fn output(&self) -> Range<u32> {
        self.steps[0].output.start..self.steps[self.steps.len() - 1].output.end
    }

    /// Words of the work from the first step to the last.
    pub(crate) fn work(&self) -> Range<u32> {
        self.steps[0].work.start..self.steps[self.steps.len() - 1].work.end
    }
}

/// Words of the longest run of equal steps.
pub(crate) fn longest_run(steps: &[Step]) -> usize {
    steps
        .chunk_by(|a, b| a.is_equal() && b.is_equal())
        .map(|run| run.iter().map(Step::equal_words).sum())
        .max()
        .unwrap_or(0)
}

/// The best local alignments near `anchors`, none over another: what the best leaves over before it and behind it is
/// aligned again, as long as it holds anchors. Of a long range with a short best alignment the rest is first parted where no
/// alignment goes through; so each word is aligned a few times, not once for each alignment that there is.
///
/// Takes the words that it aligns off `budget`; what that is not enough for is left in `unsearched`.
pub(crate) fn align_all(
    matrix: &mut Matrix,
    output: &Folded,
    work: &Folded,
    rarity: &[i32],
    anchors: &[Anchor],
    budget: &mut usize,
    unsearched: &mut Vec<Range<u32>>,
) -> Vec<Alignment> {
    let texts = Texts { output, work, rarity };
    let mut alignments = Vec::new();
    let mut open: Vec<Open> = vec![(anchors, 0..output.len() as u32)];
    while let Some((anchors, within)) = open.pop() {
        let (Some(first), Some(last)) = (anchors.first(), anchors.last()) else { continue };
        let reach = (last.index - first.index) as usize + 2 * MARGIN as usize;
        if *budget < reach {
            unsearched.push(first.index..last.index + 1);
            continue;
        }
        *budget -= reach;
        let Some(alignment) = align(matrix, texts, anchors, within.clone()) else { continue };
        let place = alignment.output();
        let before = &anchors[..anchors.partition_point(|anchor| anchor.index < place.start)];
        let behind = &anchors[anchors.partition_point(|anchor| anchor.index < place.end)..];
        // Each rest is shorter, also where the best lies beside all anchors.
        let rest = [(behind, place.end..within.end), (before, within.start..place.start)];
        if reach > LONG && place.len() < reach / 2 {
            let gaps = matrix.gaps();
            rest.into_iter().for_each(|rest| part_at(&gaps, rest, &mut open));
        } else {
            open.extend(rest);
        }
        alignments.extend(parted(alignment));
    }
    alignments
}

/// Anchors that are still to be aligned, and the words of the output among which.
type Open<'a> = (&'a [Anchor], Range<u32>);

/// Words of a range that is long: its rest is looked at before it is aligned again.
const LONG: usize = 1024;

/// Parts anchors where one of `gaps` lies between two of them: words of the output, ascending, that no alignment goes
/// through. Linear.
fn part_at<'a>(gaps: &[u32], (mut anchors, mut within): Open<'a>, parts: &mut Vec<Open<'a>>) {
    for at in (1..anchors.len()).rev() {
        let (before, behind) = (anchors[at - 1].index, anchors[at].index);
        let first = gaps.partition_point(|&gap| gap <= before);
        let Some(&gap) = gaps.get(first).filter(|&&gap| gap < behind) else { continue };
        let last = gaps[gaps.partition_point(|&gap| gap < behind) - 1];
        parts.push((&anchors[at..], last..within.end));
        (anchors, within) = (&anchors[..at], within.start..gap);
    }
    parts.push((anchors, within));
}

/// The runs of words with the same letters on the diagonal of an anchor, among the output's words `within`. Linear.
pub(crate) fn equal_runs(
    output: &Folded,
    work: &Folded,
    rarity: &[i32],
    anchor: Anchor,
    within: Range<u32>,
) -> Vec<Alignment> {
    // Before the work's first word there is none.
    let word_at = |index: u32| {
        (anchor.word + index).checked_sub(anchor.index).filter(|&word| (word as usize) < work.len())
    };
    let mut runs: Vec<Alignment> = Vec::new();
    let mut goes_on = false;
    for index in within {
        let letters = output.word_letters(index as usize);
        let word = word_at(index).filter(|&word| work.word_letters(word as usize) == letters);
        if let Some(word) = word {
            if !goes_on {
                runs.push(Alignment { score: 0, steps: Vec::new() });
            }
            if let Some(run) = runs.last_mut() {
                run.score += rarity[index as usize] - cost::KEPT;
                run.steps.push(Step {
                    kind: StepKind::Equal,
                    output: index..index + 1,
                    work: word..word + 1,
                });
            }
        }
        goes_on = word.is_some();
    }
    runs
}

/// Parts an alignment at long gaps: a refrain that comes twice in the output and once in the work is two matches, not
/// one with a hole; so are two verses with one left out between them.
fn parted(alignment: Alignment) -> Vec<Alignment> {
    let whole = |step: &Step| matches!(step.kind, StepKind::Equal | StepKind::Changed { .. });
    if alignment.steps.split(whole).all(|gap| gap.len() < LONG_GAP) {
        return vec![alignment];
    }
    let score = alignment.score;
    let mut parts: Vec<Vec<Step>> = vec![Vec::new()];
    let mut gap = 0;
    for step in alignment.steps {
        let whole = whole(&step);
        gap = if whole { 0 } else { gap + step.output.len().max(step.work.len()) };
        if gap == LONG_GAP {
            parts.push(Vec::new());
        }
        if let Some(part) = parts.last_mut()
            && (whole || gap < LONG_GAP)
        {
            part.push(step);
        }
    }
    parts.iter_mut().for_each(trim);
    parts.into_iter().filter(|steps| !steps.is_empty()).map(|steps| Alignment { score, steps }).collect()
}

/// Takes inserted and left-out words off both ends.
fn trim(steps: &mut Vec<Step>) {
    let whole = |step: &Step| matches!(step.kind, StepKind::Equal | StepKind::Changed { .. });
    let end = steps.iter().rposition(whole).map_or(0, |last| last + 1);
    steps.truncate(end);
    let start = steps.iter().position(whole).unwrap_or(0);
    steps.drain(..start);
}

/// The best local alignment near `anchors`, which ascend in both coordinates. Linear in the words between the first
/// and the last of them. `rarity` is in units of [`BIT`](super::BIT), one for each word of the output; only its words `within` are
/// aligned.
fn align(matrix: &mut Matrix, texts: Texts<'_>, anchors: &[Anchor], within: Range<u32>) -> Option<Alignment> {
    let Texts { output, work, .. } = texts;
    let (first, last) = (anchors.first()?, anchors.last()?);
    let letters = |index: u32| output.letters_start(index as usize);
    let word_at = |letter: usize| output.letters_ends().partition_point(|&end| end as usize <= letter) as u32;
    let start =
        first.index.saturating_sub(MARGIN).min(word_at(letters(first.index).saturating_sub(MARGIN_LETTERS)));
    let end = (last.index + MARGIN).max(word_at(letters(last.index) + MARGIN_LETTERS));
    let rows = start.max(within.start)..end.min(within.end);
    // Beyond the anchors the two sides go on letter for letter, so that split words do not run out of the band.
    let mut word = WordAt::new(work);
    let mut middle = std::mem::take(&mut matrix.middle);
    set_middles(&mut middle, rows.clone(), anchors, |from, index| {
        let letters =
            output.letters_start(index as usize) as i64 - output.letters_start(from.index as usize) as i64;
        word.at(work.letters_start((from.word as usize).min(work.len())) as i64 + letters)
    });
    let alignment = matrix.align(texts, rows.start, &middle, last.index);
    matrix.middle = middle;
    alignment
}

/// Finds the word that holds a letter; fast where letters are asked for in ascending order.
struct WordAt<'a> {
    work: &'a Folded,
    last: usize,
}

impl<'a> WordAt<'a> {
    fn new(work: &'a Folded) -> Self {
        Self { work, last: 0 }
    }

    /// The number of words that end before or at `letter`.
    fn at(&mut self, letter: i64) -> i64 {
        /// Words that are looked at one by one.
        const NEAR: usize = 8;
        let ends = self.work.letters_ends();
        let ended = |at: usize| i64::from(ends[at]) <= letter;
        let near = self.last..(self.last + NEAR).min(ends.len());
        let begun = self.last == 0 || ended(self.last - 1);
        self.last = match near.clone().find(|&at| !ended(at)) {
            Some(at) if begun => at,
            _ => ends.partition_point(|&end| i64::from(end) <= letter),
        };
        self.last as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aligned(output: &str, work: &str) -> Vec<(StepKind, Range<u32>, Range<u32>)> {
        let (output, work) = (Folded::new(output).unwrap(), Folded::new(work).unwrap());
        let rarity = vec![8 * super::super::BIT; output.len()];
        let whole = 0..output.len() as u32;
        let texts = Texts { output: &output, work: &work, rarity: &rarity };
        let alignment = align(&mut Matrix::default(), texts, &[Anchor { index: 0, word: 0 }], whole).unwrap();
        alignment.steps.into_iter().map(|s| (s.kind, s.output, s.work)).collect()
    }

    #[test]
    fn words_are_changed_inserted_and_left_out() {
        use StepKind::*;
        assert_eq!(
            aligned("one two xyzzy four and five six eight", "one two three four five six seven eight"),
            [
                (Equal, 0..1, 0..1),
                (Equal, 1..2, 1..2),
                (Changed { letters: 0, longer: 5 }, 2..3, 2..3),
                (Equal, 3..4, 3..4),
                (Inserted, 4..5, 4..4),
                (Equal, 5..6, 4..5),
                (Equal, 6..7, 5..6),
                (Deleted, 7..7, 6..7),
                (Equal, 7..8, 7..8),
            ]
        );
    }

    #[test]
    fn words_cut_differently_are_one_step() {
        use StepKind::*;
        assert_eq!(
            aligned(
                "alle jahre w i e d e r kommt das Christus kind",
                "Alle Jahre wieder kommt das Christuskind"
            ),
            [
                (Equal, 0..1, 0..1),
                (Equal, 1..2, 1..2),
                (Equal, 2..8, 2..3),
                (Equal, 8..9, 3..4),
                (Equal, 9..10, 4..5),
                (Equal, 10..12, 5..6),
            ]
        );
    }

    /// Eight words of a work, forty others, again eight words, on and on: one chain, many alignments, all worth the same.
    fn pieces(count: u32) -> (Folded, Folded, Vec<Anchor>) {
        // Words of the work are digits, the others letters: no two of them are nearly equal.
        let digits = |k: u32| format!("{:05}", k.wrapping_mul(40_503) % 65_536);
        let letters = |k: u32| digits(k).bytes().map(|digit| char::from(digit - b'0' + b'g')).collect();
        let word = |of: u32, k: u32| if of == 0 { digits(k) } else { letters(k) };
        let words = 48 * count;
        let work: Vec<String> = (0..words).map(|k| word(0, k)).collect();
        let output: Vec<String> = (0..words).map(|k| word(u32::from(k % 48 >= 8), k)).collect();
        let anchors = (0..count).map(|piece| Anchor { index: 48 * piece, word: 48 * piece }).collect();
        (Folded::new(&output.join(" ")).unwrap(), Folded::new(&work.join(" ")).unwrap(), anchors)
    }

    #[test]
    fn many_alignments_of_one_chain_are_found_without_aligning_all_of_it_for_each() {
        let (output, work, anchors) = pieces(400);
        let rarity = vec![8 * super::super::BIT; output.len()];
        let (mut budget, mut unsearched) = (6 * output.len(), Vec::new());
        let matrix = &mut Matrix::default();
        let found = align_all(matrix, &output, &work, &rarity, &anchors, &mut budget, &mut unsearched);
        let mut places: Vec<_> = found.iter().map(Alignment::output).collect();
        places.sort_by_key(|place| place.start);
        assert_eq!(places, (0..400).map(|piece| 48 * piece..48 * piece + 8).collect::<Vec<_>>());
        assert_eq!(unsearched, []);
    }

    #[test]
    fn what_is_not_aligned_any_more_is_named() {
        let (output, work, anchors) = pieces(40);
        let rarity = vec![8 * super::super::BIT; output.len()];
        let (mut budget, mut unsearched) = (output.len() + 500, Vec::new());
        let matrix = &mut Matrix::default();
        let found = align_all(matrix, &output, &work, &rarity, &anchors, &mut budget, &mut unsearched);
        assert!(budget < 500 && !found.is_empty(), "{} alignments", found.len());
        let is_found = |anchor: &Anchor| found.iter().any(|found| found.output().contains(&anchor.index));
        let is_named = |anchor: &Anchor| unsearched.iter().any(|range| range.contains(&anchor.index));
        assert!(anchors.iter().all(|anchor| is_found(anchor) != is_named(anchor)));
        assert!(anchors.iter().any(is_named));
    }

    #[test]
    fn spelling_variants_count_their_letters() {
        assert_eq!(
            aligned("die hinaus gehen", "die hinauß gehen")[1].0,
            StepKind::Changed { letters: 6, longer: 7 }
        );
    }
}
