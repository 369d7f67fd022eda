//! The band of an alignment: for each word of the output, the word of the work in its middle.
//!
//! Between two anchors the middle runs straight from one to the other; before the first and behind the last it goes
//! on at the slope that `advance` gives.

/// A word of the output and the word of the work that it is believed to come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Anchor {
    /// Word of the output.
    pub(crate) index: u32,
    /// Word of the work.
    pub(crate) word: u32,
}

/// Leaves in `middles` the middle words for the output's words `rows`. `advance(from, index)` continues from an anchor
/// to another word of the output; `anchors` ascend and are not empty.
pub(crate) fn set_middles(
    middles: &mut Vec<i64>,
    rows: std::ops::Range<u32>,
    anchors: &[Anchor],
    mut advance: impl FnMut(Anchor, u32) -> i64,
) {
    let mut next = 0;
    middles.clear();
    middles.extend(rows.map(|index| {
        while next < anchors.len() && anchors[next].index <= index {
            next += 1;
        }
        match (next.checked_sub(1).map(|i| anchors[i]), anchors.get(next)) {
            (Some(before), Some(after)) => {
                let (rise, run) =
                    (i64::from(after.word) - i64::from(before.word), i64::from(after.index - before.index));
                let from = i64::from(index - before.index);
                // Mostly there is nothing to divide.
                i64::from(before.word) + if rise == run { from } else { rise * from / run }
            }
            (Some(end), None) | (None, Some(&end)) => advance(end, index),
            (None, None) => 0,
        }
    }));
}

/// Rows on either side of those that [`straight`] names which are on the same straight run.
const GUARD: usize = 2;

/// Says of each row whether it lies inside a run of equal words on the middle of the band: there an alignment goes
/// straight on, and the other columns need not be looked at. What would leave the run pays for two gaps, and can do so
/// at either end of it, where a few rows are looked at in full.
pub(super) fn straight(middle: &[i64], is_equal: impl Fn(usize, i64) -> bool, straight: &mut Vec<bool>) {
    straight.clear();
    straight.resize(middle.len(), false);
    let mut run = 0;
    for (row, &word) in middle.iter().enumerate() {
        let goes_on = row > 0 && word == middle[row - 1] + 1;
        run = match is_equal(row, word) {
            true if goes_on => run + 1,
            is_equal => usize::from(is_equal),
        };
        if run > 2 * GUARD {
            straight[row - GUARD] = true;
        }
    }
}
