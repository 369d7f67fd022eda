//! Aligning the surroundings of a chain on tokens: decides which chains are worth the alignment on letters. Needs
//! nothing but the index.

use super::band::{Anchor, Shifting, middles, straight};
use super::cost;
use crate::simd::{Kernel, Task, dispatch};
use crate::text::Token;

/// How far beyond a chain's ends the surroundings reach, in words.
const MARGIN: u32 = 20;
/// Half the width of the band, in words.
const HALF: usize = 5;
const WIDTH: usize = 2 * HALF + 1;
/// Columns of a row: the band, and empty ones behind it.
const LANES: usize = 16;

/// What a probe found: the best local alignment on tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Probe {
    /// Its score, in units of [`BIT`](super::BIT).
    pub(crate) score: i32,
    /// First word of the output in it, and one past the last.
    pub(crate) output: (u32, u32),
    /// Words in it that are equal on both sides, and the longest run of them.
    pub(crate) kept: u32,
    pub(crate) longest: u32,
    /// Letters of these words, in bytes.
    pub(crate) letters: u32,
}

/// The best local alignment of the output's tokens with the work's near the anchors. `letters` says how many bytes of
/// letters each word of the output has. `behind(index)` is what word `index` is worth where the word before it is equal,
/// too. Linear in the words between the first and the last anchor.
pub(crate) fn probe(
    output: &[Token],
    letters: &[u8],
    work: &[Token],
    rarity: &[i32],
    behind: impl FnMut(u32) -> i32,
    anchors: &[Anchor],
) -> Probe {
    dispatch(Probing { output, letters, work, rarity, behind, anchors })
}

/// The run of equal words around an anchor. Linear in its length.
pub(crate) fn run(output: &[Token], letters: &[u8], work: &[Token], rarity: &[i32], anchor: Anchor) -> Probe {
    let (output, work) = (output.split_at(anchor.index as usize), work.split_at(anchor.word as usize));
    let equal = |(one, other): &(&Token, &Token)| one == other;
    let earlier = output.0.iter().rev().zip(work.0.iter().rev()).take_while(equal).count();
    let later = output.1.iter().zip(work.1).take_while(equal).count();
    let words = anchor.index as usize - earlier..anchor.index as usize + later;
    let kept = words.len() as u32;
    Probe {
        score: rarity[words.clone()].iter().map(|rarity| rarity - cost::KEPT).sum(),
        output: (words.start as u32, words.end as u32),
        kept,
        longest: kept,
        letters: letters[words].iter().map(|&letters| u32::from(letters)).sum(),
    }
}

struct Probing<'a, B> {
    output: &'a [Token],
    letters: &'a [u8],
    work: &'a [Token],
    rarity: &'a [i32],
    behind: B,
    anchors: &'a [Anchor],
}

/// Gaps cost the same for every word here, between the price of opening and of going on.
const GAP: i32 = (cost::GAP + cost::GAP_MORE) / 2;

impl<B: FnMut(u32) -> i32> Task for Probing<'_, B> {
    type Answer = Probe;

    #[inline(always)]
    fn run<K: Kernel>(mut self, _: K) -> Probe {
        let (Some(first), Some(last)) = (self.anchors.first(), self.anchors.last()) else {
            return Probe::default();
        };
        let rows = first.index.saturating_sub(MARGIN)..(last.index + MARGIN).min(self.output.len() as u32);
        let middle = middles(rows.clone(), self.anchors, |from, index| {
            i64::from(from.word) + i64::from(index) - i64::from(from.index)
        });
        let is_equal = |row: usize, word: i64| {
            let word = usize::try_from(word).ok().and_then(|word| self.work.get(word));
            word == self.output.get(rows.start as usize + row)
        };
        let mut is_straight = Vec::new();
        straight(&middle, is_equal, &mut is_straight);
        let mut best = Probe::default();
        let mut above = Above::none();
        let mut above_middle = middle.first().copied().unwrap_or(0) - 1;
        for ((index, &middle), &is_straight) in rows.zip(&middle).zip(&is_straight) {
            // Columns move along with the middle: column c of a row is word `middle - HALF + c`, so that the same word
            // stands `shift` columns further right in the row above, and the word before it one less.
            let shift = middle - above_middle;
            let row = match is_straight {
                true => self.straight_on(index, &above.shifted(0)),
                false => self.row(index, middle - HALF as i64, &above, shift),
            };
            let highest = row.score.iter().fold(0, |highest, &score| highest.max(score));
            if highest > best.score
                && let Some(c) = row.score.iter().position(|&score| score == highest)
            {
                best = Probe {
                    score: highest,
                    output: (row.start[c], index + 1),
                    kept: row.kept[c],
                    longest: row.longest[c],
                    letters: row.letters[c],
                };
            }
            if highest == 0 && index > last.index {
                break;
            }
            above.set(&row);
            above_middle = middle;
        }
        best
    }
}

impl<B: FnMut(u32) -> i32> Probing<'_, B> {
    /// The row of word `index`, inside a run of equal words as the row above is.
    #[inline(always)]
    fn straight_on(&mut self, index: u32, above: &Row) -> Row {
        let mut row = Row::default();
        let goes_on = above.score[HALF] > 0;
        let so_far = |value: u32| if goes_on { value } else { 0 };
        let value = if above.equal[HALF] != 0 { (self.behind)(index) } else { self.rarity[index as usize] };
        row.score[HALF] = (above.score[HALF] + value - cost::KEPT).max(0);
        row.equal[HALF] = 1;
        row.run[HALF] = so_far(above.run[HALF]) + 1;
        row.start[HALF] = if goes_on { above.start[HALF] } else { index };
        row.kept[HALF] = so_far(above.kept[HALF]) + 1;
        row.letters[HALF] = so_far(above.letters[HALF]) + u32::from(self.letters[index as usize]);
        row.longest[HALF] = so_far(above.longest[HALF]).max(row.run[HALF]);
        row
    }

    /// The row of word `index` of the output, of which the first column is word `lowest` of the work. All columns at
    /// once, but for what comes from the left.
    #[inline(always)]
    fn row(&mut self, index: u32, lowest: i64, above: &Above, shift: i64) -> Row {
        let token = self.output[index as usize];
        // Columns that hold a word of the work.
        let words = lowest.max(0)..(lowest + WIDTH as i64).min(self.work.len() as i64);
        if words.is_empty() {
            return Row::default();
        }
        let first = (words.start - lowest) as usize;
        let columns = first..first + (words.end - words.start) as usize;
        let mut equal = [0; LANES];
        for (equal, &word) in
            equal[columns.clone()].iter_mut().zip(&self.work[words.start as usize..words.end as usize])
        {
            *equal = u32::from(word == token);
        }
        let (diagonal, up) = (above.shifted(shift - 1), above.shifted(shift));
        let alone = self.rarity[index as usize] - cost::KEPT;
        let follows = equal.iter().zip(&diagonal.equal).any(|(&here, &before)| here & before != 0);
        let behind = if follows { (self.behind)(index) - cost::KEPT } else { alone };
        let letters = u32::from(self.letters[index as usize]);
        let mut row = Row::default();
        for (c, &same) in equal.iter().enumerate() {
            let is_equal = same != 0;
            let pair = match (is_equal, diagonal.equal[c] != 0) {
                (false, _) => -cost::CHANGED,
                (true, false) => alone,
                (true, true) => behind,
            };
            // Where nothing led here, a way begins.
            let goes_on = diagonal.score[c] > 0;
            let so_far = |value: u32| if goes_on { value } else { 0 };
            let run = if is_equal { so_far(diagonal.run[c]) + 1 } else { 0 };
            let score = diagonal.score[c] + pair;
            let inserted = up.score[c] - GAP;
            let gap = inserted > score;
            row.score[c] = if gap { inserted } else { score }.max(0);
            row.equal[c] = if gap { 0 } else { same };
            row.run[c] = if gap { 0 } else { run };
            row.start[c] = match (gap, goes_on) {
                (true, _) => up.start[c],
                (false, true) => diagonal.start[c],
                (false, false) => index,
            };
            row.kept[c] = if gap { up.kept[c] } else { so_far(diagonal.kept[c]) + same };
            row.letters[c] = if gap { up.letters[c] } else { so_far(diagonal.letters[c]) + same * letters };
            row.longest[c] = if gap { up.longest[c] } else { so_far(diagonal.longest[c]).max(run) };
        }
        // Outside the work there is nothing.
        row.score[..columns.start].fill(0);
        row.score[columns.end..].fill(0);
        for c in columns.start + 1..columns.end {
            let left_out = row.score[c - 1] - GAP;
            if left_out > row.score[c] {
                row.score[c] = left_out;
                (row.start[c], row.kept[c]) = (row.start[c - 1], row.kept[c - 1]);
                (row.longest[c], row.letters[c]) = (row.longest[c - 1], row.letters[c - 1]);
                (row.run[c], row.equal[c]) = (0, 0);
            }
        }
        row
    }
}

/// A row of the band, by what its columns say. In a column whose score is zero the rest says nothing.
#[derive(Clone, Copy, Default)]
struct Row {
    /// The best score of an alignment that ends here, at least zero.
    score: [i32; LANES],
    /// The word of the output where it starts.
    start: [u32; LANES],
    /// Words on the way that are equal, the run of them that ends here, the longest run.
    kept: [u32; LANES],
    run: [u32; LANES],
    longest: [u32; LANES],
    /// Letters of the words that are equal.
    letters: [u32; LANES],
    /// 1 where the two words are equal.
    equal: [u32; LANES],
}

/// The row above.
struct Above {
    score: Shifting<i32, LANES>,
    start: Shifting<u32, LANES>,
    kept: Shifting<u32, LANES>,
    run: Shifting<u32, LANES>,
    longest: Shifting<u32, LANES>,
    letters: Shifting<u32, LANES>,
    equal: Shifting<u32, LANES>,
}

impl Above {
    fn none() -> Self {
        Self {
            score: Shifting::new(0),
            start: Shifting::new(0),
            kept: Shifting::new(0),
            run: Shifting::new(0),
            longest: Shifting::new(0),
            letters: Shifting::new(0),
            equal: Shifting::new(0),
        }
    }

    #[inline(always)]
    fn set(&mut self, row: &Row) {
        self.score.set(&row.score);
        self.start.set(&row.start);
        self.kept.set(&row.kept);
        self.run.set(&row.run);
        self.longest.set(&row.longest);
        self.letters.set(&row.letters);
        self.equal.set(&row.equal);
    }

    /// The columns that stand `shift` columns further right than the next row's.
    #[inline(always)]
    fn shifted(&self, shift: i64) -> Row {
        Row {
            score: *self.score.shifted(shift),
            start: *self.start.shifted(shift),
            kept: *self.kept.shifted(shift),
            run: *self.run.shifted(shift),
            longest: *self.longest.shifted(shift),
            letters: *self.letters.shifted(shift),
            equal: *self.equal.shifted(shift),
        }
    }
}
