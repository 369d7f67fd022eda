//! Aligning an output with a work, word by word, on their letters.
//!
//! A local alignment with affine gaps (Smith, Waterman 1981; Gotoh 1982) in a band around the anchors. A pair of words
//! earns the rarity of the word where they are equal, a share of it where their letters are nearly equal (`hinauß`,
//! `hinaus`), and pays where they are not. Words may be cut differently on the two sides (`s p a c e d`,
//! `Weihnachts baum`): where the letters agree up to a common word end, that is one step, too.

use std::collections::HashMap;
use std::ops::Range;

use super::band::{Anchor, middles};
use super::cost;
use super::spelling::{Spelling, pair_score, shared};
use crate::text::Folded;

/// How far beyond the outermost anchors the alignment may reach: so many words, or so many letters where that is
/// further (letters spaced out are words of one letter).
const MARGIN: u32 = 24;
const MARGIN_LETTERS: usize = 120;
/// An alignment that has fallen this far below the best is given up: behind the last anchor no better one comes.
const DROP: i32 = 48 * super::BIT;
/// Half the width of the band, in words.
const HALF: i64 = 10;
const WIDTH: usize = 2 * HALF as usize + 1;
/// Words inserted or left out in a row that part one match from the next.
const LONG_GAP: usize = 10;
/// Words that one step may join on one side.
const MAX_JOINED: usize = 32;

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

/// From where a cell's best score came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Start,
    Pair,
    Insertion,
    Deletion,
    Joined,
}

#[derive(Clone, Copy)]
struct Cell {
    /// Best score of an alignment that ends with a pair here, with an inserted word, with a left-out word.
    pair: i32,
    insertion: i32,
    deletion: i32,
    /// What the pair follows; whether the gaps were open already.
    from: From,
    insertion_open: bool,
    deletion_open: bool,
}

const NONE: i32 = i32::MIN / 2;
const EMPTY: Cell = Cell {
    pair: NONE,
    insertion: NONE,
    deletion: NONE,
    from: From::Start,
    insertion_open: false,
    deletion_open: false,
};

impl Cell {
    /// A cell without a pair, below `up` and to the right of `left`.
    #[inline]
    fn after(up: Self, left: Self) -> Self {
        let (insertion, deletion) = (up.insertion - cost::GAP_MORE, left.deletion - cost::GAP_MORE);
        let (inserted, deleted) = (up.pair - cost::GAP, left.pair - cost::GAP);
        Self {
            insertion: insertion.max(inserted),
            insertion_open: insertion > inserted,
            deletion: deletion.max(deleted),
            deletion_open: deletion > deleted,
            ..EMPTY
        }
    }

    /// The best that an alignment may be worth when it goes on from here, and how it came here.
    #[inline]
    fn best(&self) -> (i32, From) {
        let mut best = (0, From::Start);
        for ended in
            [(self.pair, From::Pair), (self.insertion, From::Insertion), (self.deletion, From::Deletion)]
        {
            if ended.0 > best.0 {
                best = ended;
            }
        }
        best
    }
}

/// A step over words that are cut differently, waiting for its last cell.
#[derive(Clone, Copy)]
struct Joined {
    score: i32,
    output: u32,
    work: u32,
}

/// The best local alignments near `anchors`, none over another: what the best leaves over before it and behind it is
/// aligned again, as long as it holds anchors. Each anchor is left over a few times at most, so linear in practice and
/// bounded by the number of anchors times their reach.
pub(crate) fn align_all(
    output: &Folded,
    work: &Folded,
    rarity: &[i32],
    anchors: &[Anchor],
) -> Vec<Alignment> {
    let mut alignments = Vec::new();
    let mut open = vec![(anchors, 0..output.words().len() as u32)];
    while let Some((anchors, within)) = open.pop() {
        let Some(alignment) = align(output, work, rarity, anchors, within.clone()) else { continue };
        let place = alignment.output();
        let before = &anchors[..anchors.partition_point(|anchor| anchor.index < place.start)];
        let behind = &anchors[anchors.partition_point(|anchor| anchor.index < place.end)..];
        if before.len() + behind.len() < anchors.len() {
            open.push((behind, place.end..within.end));
            open.push((before, within.start..place.start));
        }
        alignments.extend(parted(alignment));
    }
    alignments
}

/// Parts an alignment at long gaps: a refrain that comes twice in the output and once in the work is two matches, not
/// one with a hole; so are two verses with one left out between them.
fn parted(alignment: Alignment) -> Vec<Alignment> {
    let score = alignment.score;
    let mut parts: Vec<Vec<Step>> = vec![Vec::new()];
    let mut gap = 0;
    for step in alignment.steps {
        let whole = matches!(step.kind, StepKind::Equal | StepKind::Changed { .. });
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
fn align(
    output: &Folded,
    work: &Folded,
    rarity: &[i32],
    anchors: &[Anchor],
    within: Range<u32>,
) -> Option<Alignment> {
    let (first, last) = (anchors.first()?, anchors.last()?);
    let letters = |index: u32| output.letters_start(index as usize);
    let word_at =
        |letter: usize| output.words().partition_point(|word| word.letters_end as usize <= letter) as u32;
    let start =
        first.index.saturating_sub(MARGIN).min(word_at(letters(first.index).saturating_sub(MARGIN_LETTERS)));
    let end = (last.index + MARGIN).max(word_at(letters(last.index) + MARGIN_LETTERS));
    let rows = start.max(within.start)..end.min(within.end);
    // Beyond the anchors the two sides go on letter for letter, so that split words do not run out of the band.
    let middle = middles(rows.clone(), anchors, |from, index| {
        let letters =
            output.letters_start(index as usize) as i64 - output.letters_start(from.index as usize) as i64;
        let there = work.letters_start((from.word as usize).min(work.words().len())) as i64 + letters;
        work.words().partition_point(|word| i64::from(word.letters_end) <= there) as i64
    });
    let mut matrix = Matrix::new(output, work, rarity, rows, middle);
    let end = matrix.fill(last.index)?;
    Some(matrix.trace(end))
}

struct Matrix<'a> {
    output: &'a Folded,
    work: &'a Folded,
    rarity: &'a [i32],
    rows: Range<u32>,
    middle: Vec<i64>,
    /// Rows of the band, with an empty cell on either side.
    cells: Vec<[Cell; WIDTH + 2]>,
    joined: HashMap<(u32, u32), Joined>,
    /// Words of the output at which a step over joined words ends: spares the others the look-up.
    joined_rows: Vec<bool>,
    /// The last of them.
    furthest_joined: usize,
}

impl<'a> Matrix<'a> {
    fn new(
        output: &'a Folded,
        work: &'a Folded,
        rarity: &'a [i32],
        rows: Range<u32>,
        middle: Vec<i64>,
    ) -> Self {
        let cells = vec![[EMPTY; WIDTH + 2]; middle.len()];
        let joined_rows = vec![false; middle.len()];
        Self {
            output,
            work,
            rarity,
            rows,
            middle,
            cells,
            joined: HashMap::new(),
            joined_rows,
            furthest_joined: 0,
        }
    }

    /// The cell of a pair of words; an empty one outside the band.
    fn get(&self, index: i64, word: i64) -> Cell {
        let row = index - i64::from(self.rows.start);
        if row < 0 || row >= self.middle.len() as i64 || word < 0 {
            return EMPTY;
        }
        let column = word - self.middle[row as usize] + HALF;
        if (0..WIDTH as i64).contains(&column) {
            self.cells[row as usize][column as usize + 1]
        } else {
            EMPTY
        }
    }

    /// Fills all cells; gives the words of the best pair.
    fn fill(&mut self, last_anchor: u32) -> Option<(u32, u32)> {
        let mut best = (0, None);
        let words = self.work.words().len() as i64;
        let lowest = self.middle.iter().min().map_or(0, |m| (m - HALF).max(0));
        let highest = self.middle.iter().max().map_or(0, |m| (m + HALF + 1).min(words));
        let spellings: Vec<Spelling<'_>> =
            (lowest..highest).map(|word| Spelling::new(self.work.word_letters(word as usize))).collect();
        let mut above_middle = self.middle.first().copied().unwrap_or(0) - 1;
        for row in 0..self.middle.len() {
            let index = self.rows.start + row as u32;
            let middle = self.middle[row];
            // The same word stands so many columns further right in the row above.
            let shift = middle - above_middle;
            above_middle = middle;
            let above = row.checked_sub(1).map_or([EMPTY; WIDTH + 2], |above| self.cells[above]);
            let above = |column: i64| above[column.clamp(0, WIDTH as i64 + 1) as usize];
            let spelling = Spelling::new(self.output.word_letters(index as usize));
            let rarity = self.rarity[index as usize];
            let mut highest_here = 0;
            let mut left = EMPTY;
            for word in (middle - HALF).max(lowest)..(middle + HALF + 1).min(highest) {
                let column = word - middle + HALF + 1;
                let other = spellings[(word - lowest) as usize];
                let (up, before) = (above(column + shift), above(column + shift - 1));
                let (mut score, mut from) = before.best();
                let reached = score;
                score += pair_score(spelling, other, rarity);
                if self.joined_rows[row]
                    && let Some(joined) = self.joined.get(&(index, word as u32))
                    && joined.score > score
                {
                    (score, from) = (joined.score, From::Joined);
                }
                let mut cell = Cell::after(up, left);
                if score > 0 {
                    (cell.pair, cell.from) = (score, from);
                }
                if spelling.may_join(other) {
                    self.join(index, word, reached);
                }
                highest_here = highest_here.max(cell.pair).max(cell.insertion).max(cell.deletion);
                if cell.pair > best.0 {
                    best = (cell.pair, Some((index, word as u32)));
                }
                self.cells[row][column as usize] = cell;
                left = cell;
            }
            // A step over joined words passes rows without a trace in them.
            let passing = row < self.furthest_joined;
            if index > last_anchor && !passing && (highest_here <= 0 || highest_here < best.0 - DROP) {
                break;
            }
        }
        best.1
    }

    /// Where one of two words begins with the other, goes on to the nearest common word end, as long as the letters
    /// agree; leaves the step for the cell at that end.
    fn join(&mut self, index: u32, word: i64, reached: i32) {
        let (index, word) = (index as usize, word as usize);
        let start = (self.output.letters_start(index), self.work.letters_start(word));
        let (mut a, mut b) = (index, word);
        loop {
            if a >= self.output.words().len() || b >= self.work.words().len() {
                return;
            }
            if a - index >= MAX_JOINED || b - word >= MAX_JOINED {
                return;
            }
            let lengths =
                (self.output.letters_start(a + 1) - start.0, self.work.letters_start(b + 1) - start.1);
            let shorter = lengths.0.min(lengths.1);
            if self.output.letters()[start.0..start.0 + shorter]
                != self.work.letters()[start.1..start.1 + shorter]
            {
                return;
            }
            match lengths.0.cmp(&lengths.1) {
                std::cmp::Ordering::Less => a += 1,
                std::cmp::Ordering::Greater => b += 1,
                std::cmp::Ordering::Equal => break,
            }
        }
        // What the words are worth is known for the output's cut only: split words earn by their letters, five to
        // a word of ordinary rarity, each at most two bits.
        let letters = (self.output.letters_start(a + 1) - start.0) as i32;
        let earned = letters * 2 * super::BIT - cost::KEPT;
        let step = Joined { score: reached + earned, output: index as u32, work: word as u32 };
        let Some(row) = self.joined_rows.get_mut(a - self.rows.start as usize) else { return };
        *row = true;
        self.furthest_joined = self.furthest_joined.max(a - self.rows.start as usize);
        let slot = self.joined.entry((a as u32, b as u32)).or_insert(step);
        if step.score > slot.score {
            *slot = step;
        }
    }

    fn trace(&self, end: (u32, u32)) -> Alignment {
        let (mut i, mut w) = (i64::from(end.0), i64::from(end.1));
        let score = self.get(i, w).pair;
        let mut steps = Vec::new();
        let mut state = From::Pair;
        loop {
            let cell = self.get(i, w);
            let (index, word) = (i as u32, w as u32);
            match state {
                From::Start => break,
                From::Pair | From::Joined => {
                    if cell.from == From::Joined
                        && let Some(joined) = self.joined.get(&(index, word))
                    {
                        let (output, work) = (joined.output..index + 1, joined.work..word + 1);
                        (i, w) = (i64::from(joined.output), i64::from(joined.work));
                        steps.push(Step { kind: StepKind::Equal, output, work });
                        // The same choice as when the step was made.
                        state = self.get(i - 1, w - 1).best().1;
                    } else {
                        let letters =
                            shared(self.output.word_letters(i as usize), self.work.word_letters(w as usize));
                        steps.push(Step { kind: letters, output: index..index + 1, work: word..word + 1 });
                        state = cell.from;
                    }
                    (i, w) = (i - 1, w - 1);
                }
                From::Insertion => {
                    steps.push(Step {
                        kind: StepKind::Inserted,
                        output: index..index + 1,
                        work: word + 1..word + 1,
                    });
                    state = if cell.insertion_open { From::Insertion } else { From::Pair };
                    i -= 1;
                }
                From::Deletion => {
                    steps.push(Step {
                        kind: StepKind::Deleted,
                        output: index + 1..index + 1,
                        work: word..word + 1,
                    });
                    state = if cell.deletion_open { From::Deletion } else { From::Pair };
                    w -= 1;
                }
            }
        }
        steps.reverse();
        Alignment { score, steps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aligned(output: &str, work: &str) -> Vec<(StepKind, Range<u32>, Range<u32>)> {
        let (output, work) = (Folded::new(output).unwrap(), Folded::new(work).unwrap());
        let rarity = vec![8 * super::super::BIT; output.words().len()];
        let whole = 0..output.words().len() as u32;
        let alignment = align(&output, &work, &rarity, &[Anchor { index: 0, word: 0 }], whole).unwrap();
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

    #[test]
    fn spelling_variants_count_their_letters() {
        assert_eq!(
            aligned("die hinaus gehen", "die hinauß gehen")[1].0,
            StepKind::Changed { letters: 6, longer: 7 }
        );
    }
}
