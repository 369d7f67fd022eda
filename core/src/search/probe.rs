//! Aligning the surroundings of a chain on tokens: decides which chains are worth the alignment on letters. Needs
//! nothing but the index.

use super::band::{Anchor, set_middles, straight};
use super::cost;
use crate::simd::{Kernel, Task, WORDS, dispatch};
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

/// What one probe needs and the next can use again.
#[derive(Default)]
pub(crate) struct Prober {
    middle: Vec<i64>,
    /// Which rows lie inside a run of equal words.
    straight: Vec<bool>,
    rows: Vec<Row>,
}

impl Prober {
    /// The best local alignment of the output's tokens with the work's near the anchors. `letters` says how many bytes
    /// of letters each word of the output has. `behind(index)` is what word `index` is worth where the word before it
    /// is equal, too. Linear in the words between the first and the last anchor.
    pub(crate) fn probe(
        &mut self,
        output: &[Token],
        letters: &[u8],
        work: &[Token],
        rarity: &[i32],
        behind: impl FnMut(u32) -> i32,
        anchors: &[Anchor],
    ) -> Probe {
        dispatch(Probing { prober: self, output, letters, work, rarity, behind, anchors })
    }
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
    prober: &'a mut Prober,
    output: &'a [Token],
    letters: &'a [u8],
    work: &'a [Token],
    rarity: &'a [i32],
    behind: B,
    anchors: &'a [Anchor],
}

/// Gaps cost the same for every word here, between the price of opening and of going on.
const GAP: i32 = (cost::GAP + cost::GAP_MORE) / 2;

/// What a pair of words earns that is none.
const NONE: i32 = i32::MIN / 2;

/// A row of the band.
#[derive(Clone, Copy, Default)]
struct Row {
    /// The best score of an alignment that ends here, at least zero.
    score: [i32; LANES],
    /// One bit for each column: whether it ends with a pair of equal words.
    equal: u32,
}

impl Row {
    /// The score in a column, zero beside the band.
    fn at(&self, column: i64) -> i32 {
        usize::try_from(column).ok().and_then(|column| self.score.get(column)).copied().unwrap_or(0)
    }
}

impl<B: FnMut(u32) -> i32> Task for Probing<'_, B> {
    type Answer = Probe;

    #[inline(always)]
    fn run<K: Kernel>(mut self, kernel: K) -> Probe {
        let (Some(first), Some(last)) = (self.anchors.first(), self.anchors.last()) else {
            return Probe::default();
        };
        let Prober { mut middle, straight: mut is_straight, mut rows } = std::mem::take(self.prober);
        let words = first.index.saturating_sub(MARGIN)..(last.index + MARGIN).min(self.output.len() as u32);
        set_middles(&mut middle, words.clone(), self.anchors, |from, index| {
            i64::from(from.word) + i64::from(index) - i64::from(from.index)
        });
        let is_equal = |row: usize, word: i64| {
            let word = usize::try_from(word).ok().and_then(|word| self.work.get(word));
            word == self.output.get(words.start as usize + row)
        };
        straight(&middle, is_equal, &mut is_straight);
        rows.clear();
        // The best score, and its row and column.
        let mut best = (0, 0, 0);
        let mut above = Row::default();
        let mut above_middle = middle.first().copied().unwrap_or(0) - 1;
        for (at, (index, &middle)) in words.clone().zip(&middle).enumerate() {
            // Columns move along with the middle: column c of a row is word `middle - HALF + c`, so that the same word
            // stands `shift` columns further right in the row above, and the word before it one less.
            let shift = middle - above_middle;
            above_middle = middle;
            if is_straight[at] {
                // As is the row above, whose middle stands above this one's.
                let follows = above.equal >> HALF & 1 == 1;
                let value = if follows { (self.behind)(index) } else { self.rarity[index as usize] };
                let score = (above.score[HALF] + value - cost::KEPT).max(0);
                let mut row = Row { equal: 1 << HALF, ..Row::default() };
                row.score[HALF] = score;
                if score > best.0 {
                    best = (score, at, HALF);
                }
                above = row;
                rows.push(row);
                if score == 0 && index > last.index {
                    break;
                }
                continue;
            }
            let row = self.row(kernel, index, middle - HALF as i64, &above, shift);
            let (highest, c) = kernel.highest(&row.score);
            if highest > best.0 {
                best = (highest, at, c);
            }
            above = row;
            rows.push(row);
            if highest == 0 && index > last.index {
                break;
            }
        }
        let probe = self.trace(words.start, &middle, &is_straight, &rows, best);
        *self.prober = Prober { middle, straight: is_straight, rows };
        probe
    }
}

impl<B: FnMut(u32) -> i32> Probing<'_, B> {
    /// The row of word `index` of the output, of which the first column is word `lowest` of the work. All columns at
    /// once.
    #[inline(always)]
    fn row<K: Kernel>(&mut self, kernel: K, index: u32, lowest: i64, above: &Row, shift: i64) -> Row {
        let token = self.output[index as usize];
        // Columns that hold a word of the work.
        let words = lowest.max(0)..(lowest + WIDTH as i64).min(self.work.len() as i64);
        if words.is_empty() {
            return Row::default();
        }
        let first = (words.start - lowest) as usize;
        let inside = ((1_u32 << (words.end - words.start)) - 1) << first;
        let equal = match self.work[words.start as usize..].first_chunk() {
            Some(work) => kernel.equal(work, &[token; WORDS]) << first & inside,
            None => self.work[words.start as usize..words.end as usize]
                .iter()
                .enumerate()
                .fold(0, |equal, (c, &word)| equal | u32::from(word == token) << (first + c)),
        };
        let diagonal = kernel.shifted(&above.score, shift - 1);
        let up = kernel.shifted(&above.score, shift);
        // The same columns of the row above that `diagonal` has.
        let follows = match u32::try_from(shift - 1) {
            Ok(right) => above.equal.checked_shr(right).unwrap_or(0),
            Err(_) => above.equal.checked_shl((1 - shift).min(LANES as i64) as u32).unwrap_or(0),
        } & equal;
        let alone = self.rarity[index as usize] - cost::KEPT;
        let behind = if follows != 0 { (self.behind)(index) - cost::KEPT } else { alone };
        let has = |bits: u32, c: usize| bits >> c & 1 == 1;
        let mut earned = [NONE; LANES];
        for (c, earned) in earned.iter_mut().enumerate() {
            *earned = if has(inside, c) { -cost::CHANGED } else { NONE };
            *earned = if has(equal, c) { alone } else { *earned };
            *earned = if has(follows, c) { behind } else { *earned };
        }
        let mut row = Row::default();
        for (c, score) in row.score.iter_mut().enumerate() {
            let gap = if has(inside, c) { up[c] - GAP } else { 0 };
            *score = (diagonal[c] + earned[c]).max(gap).max(0);
        }
        let left_out = kernel.carried(&row.score, GAP, GAP);
        for (c, score) in row.score.iter_mut().enumerate() {
            *score = if has(inside, c) { left_out[c].max(*score) } else { 0 };
        }
        // Equal words are no pair where a gap is worth more.
        let mut rest = equal;
        while rest != 0 {
            let c = rest.trailing_zeros();
            rest &= rest - 1;
            let at = c as usize % LANES;
            let (pair, inserted) = (diagonal[at] + earned[at], up[at] - GAP);
            let is_pair = inserted <= pair && row.score[at] <= pair.max(0);
            row.equal |= u32::from(is_pair) << c;
        }
        row
    }

    /// The way back from the best score: the same choices as when the rows were filled.
    fn trace(
        &self,
        start: u32,
        middle: &[i64],
        is_straight: &[bool],
        rows: &[Row],
        (score, row, column): (i32, usize, usize),
    ) -> Probe {
        if score == 0 {
            return Probe::default();
        }
        let end = start + row as u32;
        let mut probe = Probe { score, output: (end, end + 1), ..Probe::default() };
        let (mut at, mut c) = (row, column as i64);
        // Equal words in a row, up to here.
        let mut run = 0;
        loop {
            let index = start as usize + at;
            let here = &rows[at];
            let above = at.checked_sub(1).map(|above| rows[above]).unwrap_or_default();
            let shift = if at > 0 { middle[at] - middle[at - 1] } else { 1 };
            let score = here.at(c);
            let is_equal = here.equal >> c & 1 == 1;
            let diagonal = above.at(c + shift - 1);
            if is_equal || diagonal - cost::CHANGED == score {
                run = if is_equal { run + 1 } else { 0 };
                probe.longest = probe.longest.max(run);
                probe.kept += u32::from(is_equal);
                probe.letters += if is_equal { u32::from(self.letters[index]) } else { 0 };
                if diagonal == 0 {
                    probe.output.0 = index as u32;
                    return probe;
                }
                (at, c) = (at - 1, c + shift - 1);
            } else if !is_straight[at] && above.at(c + shift) - GAP == score {
                run = 0;
                (at, c) = (at - 1, c + shift);
            } else {
                run = 0;
                c -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cell that says itself what led to it.
    #[derive(Clone, Copy, Default)]
    struct Cell {
        probe: Probe,
        run: u32,
        is_equal: bool,
    }

    /// The same cell by cell, of two texts in the same place: every third word of a rarity of its own.
    fn by_cells(output: &[Token], work: &[Token]) -> Probe {
        let mut above: Vec<Cell> = vec![Cell::default(); work.len() + 1];
        let mut best = Probe::default();
        for (i, &token) in output.iter().enumerate() {
            let mut row = vec![Cell::default()];
            for (w, &word) in work.iter().enumerate() {
                let in_band = w.abs_diff(i) <= HALF;
                let (diagonal, up, left) = (above[w], above[w + 1], row[w]);
                let is_equal = token == word;
                let earned = match (is_equal, diagonal.is_equal) {
                    (false, _) => -cost::CHANGED,
                    (true, follows) => worth(i as u32, follows) - cost::KEPT,
                };
                let mut cell = if diagonal.probe.score > 0 { diagonal } else { Cell::default() };
                if diagonal.probe.score <= 0 {
                    cell.probe.output.0 = i as u32;
                }
                cell.probe.score += earned;
                cell.run = if is_equal { cell.run + 1 } else { 0 };
                cell.is_equal = is_equal;
                cell.probe.kept += u32::from(is_equal);
                cell.probe.letters += u32::from(is_equal) * 5;
                cell.probe.longest = cell.probe.longest.max(cell.run);
                cell.probe.output.1 = i as u32 + 1;
                for (other, row) in [(up, 1), (left, 0)] {
                    if other.probe.score - GAP > cell.probe.score.max(if row == 0 { 0 } else { i32::MIN }) {
                        cell = Cell { run: 0, is_equal: false, ..other };
                        cell.probe.score -= GAP;
                        cell.probe.output.1 = i as u32 + 1;
                    }
                }
                cell.probe.score = cell.probe.score.max(0);
                row.push(if in_band { cell } else { Cell::default() });
                if in_band && cell.probe.score > best.score {
                    best = cell.probe;
                }
            }
            above = row;
        }
        best
    }

    fn worth(index: u32, follows: bool) -> i32 {
        super::super::BIT * (3 + 4 * i32::from(index.is_multiple_of(3)) - i32::from(follows))
    }

    #[test]
    fn rows_say_the_same_as_cells() {
        let mut state = 1_u64;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut prober = Prober::default();
        for round in 0..3_000 {
            // Runs of equal words are kept short: inside long ones a probe looks at the middle only.
            let work: Vec<Token> = (0..30).map(|_| random(6) as Token).collect();
            let mut output = work.clone();
            for at in 0..20 {
                match random(8) {
                    0 => output[at] = random(6) as Token,
                    1 => output.insert(at, random(6) as Token),
                    2 => _ = output.remove(at),
                    _ => {}
                }
            }
            output.truncate(30);
            output.iter_mut().skip(3).step_by(4).for_each(|token| *token = 7);
            let rarity: Vec<i32> = (0..output.len() as u32).map(|index| worth(index, false)).collect();
            let letters = vec![5; output.len()];
            // On the main diagonal from the first word to the last.
            let anchors = [0, output.len() as u32 - 1].map(|at| Anchor { index: at, word: at });
            let found = prober.probe(&output, &letters, &work, &rarity, |index| worth(index, true), &anchors);
            assert_eq!(found, by_cells(&output, &work), "{round}: {output:?} {work:?}");
        }
    }
}
