//! The matrix of an alignment: a narrow band of cells, filled row by row, and the way back through it.
//!
//! A row is a word of the output, a column a word of the work, counted from the band's middle in that row. What does
//! not depend on the cell to the left is computed for a whole row at once.

use std::collections::HashMap;

use super::align::{Alignment, Step, StepKind};
use super::band::straight;
use super::cost;
use super::spelling::{Spelling, Spellings, Word, pair_score, shared};
use crate::simd::{Kernel, Task, dispatch};
use crate::text::Folded;

/// An alignment that has fallen this far below the best is given up: behind the last anchor no better one comes.
const DROP: i32 = 48 * super::BIT;
/// Half the width of the band, in words.
const HALF: i64 = 10;
const WIDTH: usize = 2 * HALF as usize + 1;
/// The column of the middle.
const MIDDLE: usize = HALF as usize + 1;
/// Entries of a row: the band, an empty one before it, empty ones behind it.
const ROW: usize = 32;
/// Words that one step may join on one side.
const MAX_JOINED: usize = 32;

/// What a pair of words earns that is none.
const NONE: i32 = i32::MIN / 2;

/// From where a cell's best score came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Start,
    Pair,
    Insertion,
    Deletion,
}

/// Best scores of alignments that end with a pair here, with an inserted word, with a left-out word. Where there is none,
/// or none that is worth more than beginning anew, it is zero.
#[derive(Clone, Copy, Default)]
struct Cell {
    pair: i32,
    insertion: i32,
    deletion: i32,
}

impl Cell {
    /// The best that an alignment may be worth when it goes on from here, and how it came here.
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

    /// Whether a gap that goes on behind this one is the better choice than one that begins.
    fn insertion_goes_on(&self) -> bool {
        self.insertion - cost::GAP_MORE > self.pair - cost::GAP
    }

    fn deletion_goes_on(&self) -> bool {
        self.deletion - cost::GAP_MORE > self.pair - cost::GAP
    }
}

/// The cells of one word of the output.
#[derive(Clone, Copy)]
struct Row {
    pair: [i32; ROW],
    insertion: [i32; ROW],
    deletion: [i32; ROW],
}

/// What the way back needs to know of a row.
#[derive(Clone, Copy)]
enum Filled {
    /// Inside a run of equal words: the pair in the middle.
    Straight(i32),
    /// All cells, by their number in `Matrix::cells`.
    Full(u32),
}

/// A step over words that are cut differently, waiting for its last cell.
#[derive(Clone, Copy)]
struct Joined {
    score: i32,
    output: u32,
    work: u32,
}

/// What one alignment needs and the next can use again.
#[derive(Default)]
pub(crate) struct Matrix {
    /// The middle of the band in each row.
    pub(super) middle: Vec<i64>,
    /// The word of the first row.
    start: u32,
    rows: Vec<Filled>,
    cells: Vec<Row>,
    /// Which rows lie inside a run of equal words.
    straight: Vec<bool>,
    /// Of the work's words that the band touches.
    spellings: Spellings,
    joined: HashMap<(u32, u32), Joined>,
    /// Words of the output at which a step over joined words ends: spares the others the look-up.
    joined_rows: Vec<bool>,
    /// The last of them.
    furthest_joined: usize,
}

/// What is aligned.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a> {
    pub(super) output: &'a Folded,
    pub(super) work: &'a Folded,
    /// In units of [`BIT`](super::BIT), one for each word of the output.
    pub(super) rarity: &'a [i32],
}

impl Matrix {
    /// The best local alignment of the output's words from `start` on, around the work's words `middle`.
    pub(super) fn align(
        &mut self,
        texts: Texts<'_>,
        start: u32,
        middle: &[i64],
        last_anchor: u32,
    ) -> Option<Alignment> {
        self.start = start;
        self.rows.clear();
        self.cells.clear();
        self.spellings.clear();
        self.joined_rows.clear();
        self.joined_rows.resize(middle.len(), false);
        self.furthest_joined = 0;
        if !self.joined.is_empty() {
            self.joined.clear();
        }
        let end = dispatch(Fill { matrix: self, texts, start, middle, last_anchor })?;
        Some(self.trace(texts, start, middle, end))
    }

    /// Words of the output, ascending, through which no alignment goes of those that were last looked at.
    pub(super) fn gaps(&self) -> Vec<u32> {
        let mut passed = vec![false; self.rows.len()];
        for (&(end, _), joined) in &self.joined {
            let rows = (joined.output - self.start) as usize..(end - self.start) as usize;
            passed.get_mut(rows).unwrap_or_default().fill(true);
        }
        let is_empty = |row: &Filled| match *row {
            Filled::Straight(pair) => pair == 0,
            Filled::Full(at) => {
                let Row { pair, insertion, deletion } = &self.cells[at as usize];
                [pair, insertion, deletion].iter().all(|cells| cells.iter().all(|&score| score == 0))
            }
        };
        let rows = self.rows.iter().zip(&passed).zip(self.start..);
        rows.filter(|&((row, passed), _)| !passed && is_empty(row)).map(|(_, word)| word).collect()
    }

    /// Fills all cells; gives the words of the best pair.
    #[inline(always)]
    fn fill<K: Kernel>(
        &mut self,
        kernel: K,
        texts: Texts<'_>,
        start: u32,
        middle: &[i64],
        last_anchor: u32,
    ) -> Option<(u32, u32)> {
        let same = |row: usize, word: i64| {
            let (index, word) = (start as usize + row, usize::try_from(word).unwrap_or(usize::MAX));
            texts.work.tokens().get(word) == Some(&texts.output.tokens()[index])
                && Word::new(texts.output, index) == Word::new(texts.work, word)
        };
        straight(middle, same, &mut self.straight);
        let mut best = (0, None);
        let mut above = Above::straight(0);
        let mut above_middle = middle.first().copied().unwrap_or(0) - 1;
        for (row, &middle) in middle.iter().enumerate() {
            let index = start + row as u32;
            // The same word stands so many columns further right in the row above.
            let shift = middle - above_middle;
            above_middle = middle;
            let rarity = texts.rarity[index as usize];
            if self.straight[row] && !self.joined_rows[row] {
                // The row above is on the run, too: its middle stands above this one's.
                let pair = (above.best[MIDDLE] + rarity - cost::KEPT).max(0);
                if pair > best.0 {
                    best = (pair, Some((index, middle as u32)));
                }
                above = Above::straight(pair);
                self.rows.push(Filled::Straight(pair));
                continue;
            }
            let reached = kernel.shifted(&above.best, shift - 1);
            // Columns that hold a word of the work, and the words.
            let words = (middle - HALF).max(0)..(middle + HALF + 1).min(texts.work.len() as i64);
            let column = |word: i64| (word - middle + HALF + 1) as usize;
            let columns =
                if words.is_empty() { 0..0 } else { column(words.start)..column(words.end - 1) + 1 };
            let first = words.start;
            // Written row by row, not cell by cell: what is stored in parts and read as a whole waits.
            let mut earned = [NONE; ROW];
            for (c, earned) in earned.iter_mut().enumerate() {
                *earned = if c >= columns.start && c < columns.end { -cost::CHANGED } else { NONE };
            }
            if !columns.is_empty() {
                let own = Word::new(texts.output, index as usize);
                let words = words.start as usize..words.end as usize;
                let (mut alike, mut beginnings) =
                    self.spellings.may_agree(kernel, texts.work, words, Spelling::new(own));
                // Of the others no look at the letters could say more.
                while alike != 0 {
                    let at = alike.trailing_zeros();
                    alike &= alike - 1;
                    let other = Word::new(texts.work, first as usize + at as usize);
                    let (pair, at) = (pair_score(own, other, rarity), columns.start + at as usize);
                    for (c, earned) in earned.iter_mut().enumerate() {
                        *earned = if c == at { pair } else { *earned };
                    }
                }
                while beginnings != 0 {
                    let at = beginnings.trailing_zeros();
                    beginnings &= beginnings - 1;
                    let word = first as u32 + at;
                    if own.len() != texts.work.word_letters(word as usize).len() {
                        let reached = reached[columns.start + at as usize];
                        self.join(texts, start, (index, word), reached);
                    }
                }
            }
            let (mut pair, insertion) = above.below(kernel, shift, (&reached, &earned));
            if self.joined_rows[row] {
                for (c, word) in columns.clone().zip(first..) {
                    if let Some(joined) = self.joined.get(&(index, word as u32))
                        && joined.score > (reached[c] + earned[c]).max(0)
                    {
                        pair[c] = joined.score;
                    }
                }
            }
            let (highest_pair, c) = kernel.highest(&pair);
            let mut deletion = [0; ROW];
            if highest_pair > cost::GAP {
                deletion = kernel.carried(&pair, cost::GAP, cost::GAP_MORE);
                // Beside the band and outside the work there is nothing.
                for (c, deletion) in deletion.iter_mut().enumerate() {
                    *deletion = if c < columns.end { *deletion } else { 0 };
                }
            }
            let cells = Row { pair, insertion, deletion };
            if highest_pair > best.0 {
                best = (highest_pair, Some((index, (middle - HALF - 1 + c as i64) as u32)));
            }
            above = Above::from(&cells);
            self.rows.push(Filled::Full(self.cells.len() as u32));
            self.cells.push(cells);
            // A step over joined words passes rows without a trace in them.
            let passing = row < self.furthest_joined;
            if index > last_anchor && !passing {
                let (highest, _) = kernel.highest(&above.best);
                if highest <= 0 || highest < best.0 - DROP {
                    break;
                }
            }
        }
        best.1
    }

    /// Where one of two words begins with the other, goes on to the nearest common word end, as long as the letters
    /// agree; leaves the step for the cell at that end.
    fn join(&mut self, texts: Texts<'_>, rows: u32, (index, word): (u32, u32), reached: i32) {
        let Texts { output, work, .. } = texts;
        let (index, word) = (index as usize, word as usize);
        let start = (output.letters_start(index), work.letters_start(word));
        let (mut a, mut b) = (index, word);
        loop {
            if a >= output.len() || b >= work.len() {
                return;
            }
            if a - index >= MAX_JOINED || b - word >= MAX_JOINED {
                return;
            }
            let lengths = (output.letters_start(a + 1) - start.0, work.letters_start(b + 1) - start.1);
            let shorter = lengths.0.min(lengths.1);
            if output.letters()[start.0..start.0 + shorter] != work.letters()[start.1..start.1 + shorter] {
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
        let letters = (output.letters_start(a + 1) - start.0) as i32;
        let earned = letters * 2 * super::BIT - cost::KEPT;
        let step = Joined { score: reached + earned, output: index as u32, work: word as u32 };
        let Some(row) = self.joined_rows.get_mut(a - rows as usize) else { return };
        *row = true;
        self.furthest_joined = self.furthest_joined.max(a - rows as usize);
        let slot = self.joined.entry((a as u32, b as u32)).or_insert(step);
        if step.score > slot.score {
            *slot = step;
        }
    }

    /// The way back from the best pair: the same choices as when the cells were filled.
    fn trace(&self, texts: Texts<'_>, start: u32, middle: &[i64], end: (u32, u32)) -> Alignment {
        let get = |index: i64, word: i64| {
            let row = index - i64::from(start);
            if row < 0 || row >= self.rows.len() as i64 || word < 0 {
                return Cell::default();
            }
            let (row, column) = (row as usize, word - middle[row as usize] + HALF + 1);
            if !(1..=WIDTH as i64).contains(&column) {
                return Cell::default();
            }
            let c = column as usize;
            match self.rows[row] {
                Filled::Straight(pair) if c == MIDDLE => Cell { pair, ..Cell::default() },
                Filled::Straight(_) => Cell::default(),
                Filled::Full(at) => {
                    let cells = &self.cells[at as usize];
                    Cell { pair: cells.pair[c], insertion: cells.insertion[c], deletion: cells.deletion[c] }
                }
            }
        };
        let (mut i, mut w) = (i64::from(end.0), i64::from(end.1));
        let score = get(i, w).pair;
        let mut steps = Vec::with_capacity(self.rows.len());
        let mut state = From::Pair;
        loop {
            let (index, word) = (i as u32, w as u32);
            match state {
                From::Start => break,
                From::Pair => {
                    let (a, b) = (Word::new(texts.output, i as usize), Word::new(texts.work, w as usize));
                    let joined = self.joined_rows[(index - start) as usize]
                        .then(|| self.joined.get(&(index, word)))
                        .flatten()
                        .filter(|joined| {
                            let earned = pair_score(a, b, texts.rarity[i as usize]);
                            joined.score > get(i - 1, w - 1).best().0 + earned
                        });
                    if let Some(joined) = joined {
                        let (output, work) = (joined.output..index + 1, joined.work..word + 1);
                        (i, w) = (i64::from(joined.output), i64::from(joined.work));
                        steps.push(Step { kind: StepKind::Equal, output, work });
                    } else {
                        steps.push(Step {
                            kind: shared(a, b),
                            output: index..index + 1,
                            work: word..word + 1,
                        });
                    }
                    (i, w) = (i - 1, w - 1);
                    state = get(i, w).best().1;
                }
                From::Insertion => {
                    steps.push(Step {
                        kind: StepKind::Inserted,
                        output: index..index + 1,
                        work: word + 1..word + 1,
                    });
                    i -= 1;
                    state = if get(i, w).insertion_goes_on() { From::Insertion } else { From::Pair };
                }
                From::Deletion => {
                    steps.push(Step {
                        kind: StepKind::Deleted,
                        output: index + 1..index + 1,
                        work: word..word + 1,
                    });
                    w -= 1;
                    state = if get(i, w).deletion_goes_on() { From::Deletion } else { From::Pair };
                }
            }
        }
        steps.reverse();
        Alignment { score, steps }
    }
}

/// Filling a matrix, with the largest vectors that there are.
struct Fill<'a> {
    matrix: &'a mut Matrix,
    texts: Texts<'a>,
    start: u32,
    middle: &'a [i64],
    last_anchor: u32,
}

impl Task for Fill<'_> {
    type Answer = Option<(u32, u32)>;

    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) -> Self::Answer {
        self.matrix.fill(kernel, self.texts, self.start, self.middle, self.last_anchor)
    }
}

/// All bits in the columns of the band, none beside it.
const BAND: [i32; ROW] = {
    let mut band = [0; ROW];
    let mut c = 1;
    while c <= WIDTH {
        band[c] = -1;
        c += 1;
    }
    band
};

/// The row above.
struct Above {
    /// The best that an alignment may be worth when it goes on behind the entry.
    best: [i32; ROW],
    pair: [i32; ROW],
    insertion: [i32; ROW],
}

impl Above {
    #[inline(always)]
    fn from(row: &Row) -> Self {
        let mut best = row.pair;
        for (c, best) in best.iter_mut().enumerate() {
            *best = (*best).max(row.insertion[c]).max(row.deletion[c]);
        }
        Self { best, pair: row.pair, insertion: row.insertion }
    }

    /// A row that has nothing but a pair in its middle.
    #[inline(always)]
    fn straight(pair: i32) -> Self {
        let mut row = [0; ROW];
        row[MIDDLE] = pair;
        Self { best: row, pair: row, insertion: [0; ROW] }
    }

    /// The pairs and insertions of the row below.
    #[inline(always)]
    fn below<K: Kernel>(
        &self,
        kernel: K,
        shift: i64,
        (reached, earned): (&[i32; ROW], &[i32; ROW]),
    ) -> ([i32; ROW], [i32; ROW]) {
        let (pair, insertion) = (kernel.shifted(&self.pair, shift), kernel.shifted(&self.insertion, shift));
        let (mut paired, mut inserted) = (*reached, insertion);
        for (paired, earned) in paired.iter_mut().zip(earned) {
            *paired = (*paired + earned).max(0);
        }
        for ((inserted, pair), band) in inserted.iter_mut().zip(pair).zip(BAND) {
            *inserted = (*inserted - cost::GAP_MORE).max(pair - cost::GAP).max(0) & band;
        }
        (paired, inserted)
    }
}
