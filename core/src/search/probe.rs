//! Aligning the surroundings of a chain on tokens: decides which chains are worth the alignment on letters. Needs
//! nothing but the index.

use super::band::{Anchor, middles};
use super::cost;
use crate::text::Token;

/// How far beyond a chain's ends the surroundings reach, in words.
const MARGIN: u32 = 32;
/// Half the width of the band, in words.
const HALF: usize = 8;
const WIDTH: usize = 2 * HALF + 1;

/// What a probe found: the best local alignment on tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Probe {
    /// Its score, in units of [`BIT`](super::BIT).
    pub(crate) score: i32,
    /// First word of the output in it, and one past the last.
    pub(crate) output: (u32, u32),
}

/// What the surroundings of the chain could be worth at most: the rarity of all words of the output that stand
/// within two words of the same place in the work. Some thirty nanoseconds; most chains end here.
pub(crate) fn promise(output: &[Token], work: &[Token], rarity: &[i32], anchor: Anchor) -> i32 {
    const REACH: usize = 16;
    const SHIFT: usize = 2;
    let (index, word) = (anchor.index as usize, anchor.word as usize);
    let back = REACH.min(index).min(word.saturating_sub(SHIFT));
    let (start, other) = (index - back, word - back);
    let ahead = (back + REACH).min(output.len() - start);
    let mut sum = 0;
    for k in 0..ahead {
        let from = (other + k).saturating_sub(SHIFT).min(work.len());
        let to = (other + k + SHIFT + 1).min(work.len());
        if work[from..to].contains(&output[start + k]) {
            sum += rarity[start + k];
        }
    }
    sum
}

/// The best local alignment of the output's tokens with the work's near the anchors. Linear in the words between
/// the first and the last anchor.
pub(crate) fn probe(output: &[Token], work: &[Token], rarity: &[i32], anchors: &[Anchor]) -> Probe {
    let (Some(first), Some(last)) = (anchors.first(), anchors.last()) else {
        return Probe { score: 0, output: (0, 0) };
    };
    let rows = first.index.saturating_sub(MARGIN)..(last.index + MARGIN).min(output.len() as u32);
    let middle = middles(rows.clone(), anchors, |from, index| {
        i64::from(from.word) + i64::from(index) - i64::from(from.index)
    });
    // Gaps cost the same for every word here, between the price of opening and of going on.
    const GAP: i32 = (cost::GAP + cost::GAP_MORE) / 2;
    let mut best = Probe { score: 0, output: (0, 0) };
    // The row above: scores, and where their alignments start in the output. One cell of padding on either side.
    let mut above = [0_i32; WIDTH + 2];
    let mut above_start = [0_u32; WIDTH + 2];
    let mut above_middle = middle.first().copied().unwrap_or(0) - 1;
    for (index, &middle) in rows.zip(&middle) {
        // Columns move along with the middle: column c of this row is word `middle - HALF + c`.
        let shift = middle - above_middle;
        let mut row = [0_i32; WIDTH + 2];
        let mut row_start = [0_u32; WIDTH + 2];
        for c in 0..WIDTH {
            let word = middle - HALF as i64 + c as i64;
            if word < 0 || word >= work.len() as i64 {
                continue;
            }
            // The same word in the row above stands `shift` columns further right; the word before it one less.
            let over = c as i64 + shift;
            let cell = |at: i64| if (0..WIDTH as i64).contains(&at) { at as usize + 1 } else { 0 };
            let diagonal = cell(over - 1);
            let equal = output[index as usize] == work[word as usize];
            let pair = if equal { rarity[index as usize] - cost::KEPT } else { -cost::CHANGED };
            let (mut score, mut start) = if above[diagonal] > 0 {
                (above[diagonal] + pair, above_start[diagonal])
            } else {
                (pair, index)
            };
            let up = cell(over);
            if above[up] - GAP > score {
                (score, start) = (above[up] - GAP, above_start[up]);
            }
            if row[c] - GAP > score {
                (score, start) = (row[c] - GAP, row_start[c]);
            }
            if score > 0 {
                row[c + 1] = score;
                row_start[c + 1] = start;
                if score > best.score {
                    best = Probe { score, output: (start, index + 1) };
                }
            }
        }
        above = row;
        above_start = row_start;
        above_middle = middle;
        // Cells 0 and WIDTH + 1 stay zero: what lies outside the band.
    }
    best
}
