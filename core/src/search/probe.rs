//! Aligning the surroundings of a chain on tokens: decides which chains are worth the alignment on letters. Needs
//! nothing but the index.

use super::band::{Anchor, middles};
use super::cost;
use crate::text::Token;

/// How far beyond a chain's ends the surroundings reach, in words.
const MARGIN: u32 = 20;
/// Half the width of the band, in words.
const HALF: usize = 5;
const WIDTH: usize = 2 * HALF + 1;

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
/// letters each word of the output has. `behind(index)` is what word
/// `index` is worth where the word before it is equal, too. Linear in the words between the first and the last
/// anchor.
pub(crate) fn probe(
    output: &[Token],
    letters: &[u8],
    work: &[Token],
    rarity: &[i32],
    mut behind: impl FnMut(u32) -> i32,
    anchors: &[Anchor],
) -> Probe {
    let (Some(first), Some(last)) = (anchors.first(), anchors.last()) else {
        return Probe::default();
    };
    let rows = first.index.saturating_sub(MARGIN)..(last.index + MARGIN).min(output.len() as u32);
    let middle = middles(rows.clone(), anchors, |from, index| {
        i64::from(from.word) + i64::from(index) - i64::from(from.index)
    });
    // Gaps cost the same for every word here, between the price of opening and of going on.
    const GAP: i32 = (cost::GAP + cost::GAP_MORE) / 2;
    let mut best = Probe::default();
    let (mut above, mut row) = (&mut Row::default(), &mut Row::default());
    let mut above_middle = middle.first().copied().unwrap_or(0) - 1;
    for (index, &middle) in rows.zip(&middle) {
        // Columns move along with the middle: column c of a row is word `middle - HALF + c`, so that the same word
        // stands `shift` columns further right in the row above, and the word before it one less.
        let shift = middle - above_middle;
        *row = Row::default();
        let mut alive = false;
        let (token, alone) = (output[index as usize], rarity[index as usize] - cost::KEPT);
        let lowest = middle - HALF as i64;
        let columns = (-lowest).clamp(0, WIDTH as i64) as usize
            ..(work.len() as i64 - lowest).clamp(0, WIDTH as i64) as usize;
        for c in columns {
            let word = (lowest + c as i64) as usize;
            let over = (c as i64 + shift).clamp(0, WIDTH as i64 + 1) as usize;
            let diagonal = above.cells[over];
            let pair = if token != work[word] {
                -cost::CHANGED
            } else if diagonal.equal {
                behind(index) - cost::KEPT
            } else {
                alone
            };
            let mut cell = Cell { score: diagonal.score + pair, ..diagonal };
            if diagonal.score == 0 {
                cell = Cell { score: cell.score, start: index, ..Cell::default() };
            }
            cell.equal = token == work[word];
            if cell.equal {
                cell.kept = cell.kept.saturating_add(1);
                cell.letters = cell.letters.saturating_add(letters[index as usize].into());
                cell.run = cell.run.saturating_add(1);
                cell.longest = cell.longest.max(cell.run);
            } else {
                cell.run = 0;
            }
            let up = above.cells[(over + 1).min(WIDTH + 1)];
            if up.score - GAP > cell.score {
                cell = up.behind_gap(GAP);
            }
            let left = row.cells[c];
            if left.score - GAP > cell.score {
                cell = left.behind_gap(GAP);
            }
            if cell.score > 0 {
                alive = true;
                if cell.score > best.score {
                    best = Probe {
                        score: cell.score,
                        output: (cell.start, index + 1),
                        kept: cell.kept.into(),
                        longest: cell.longest.into(),
                        letters: cell.letters.into(),
                    };
                }
            } else {
                cell.score = 0;
            }
            row.cells[c + 1] = cell;
        }
        if !alive && index > last.index {
            break;
        }
        std::mem::swap(&mut above, &mut row);
        above_middle = middle;
    }
    best
}

/// A row of the band, with a cell of padding on either side for what lies outside.
#[derive(Clone, Copy)]
struct Row {
    cells: [Cell; WIDTH + 2],
}

impl Default for Row {
    fn default() -> Self {
        Self { cells: [Cell::default(); WIDTH + 2] }
    }
}

#[derive(Clone, Copy, Default)]
struct Cell {
    /// The best score of an alignment that ends here, at least zero.
    score: i32,
    /// The word of the output where it starts.
    start: u32,
    /// Words on the way that are equal, the run of them that ends here, the longest run.
    kept: u16,
    run: u16,
    longest: u16,
    /// Letters of the words that are equal.
    letters: u16,
    /// Whether the two words are equal.
    equal: bool,
}

impl Cell {
    /// What comes of this cell when a word is inserted or left out behind it.
    #[inline]
    fn behind_gap(self, cost: i32) -> Self {
        Self { score: self.score - cost, run: 0, equal: false, ..self }
    }
}
