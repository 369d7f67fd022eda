//! Where the words of each work lie among those of a segment.

use std::ops::Range;

use super::seeds::STRIDE;

/// The ends of works' words, borrowed.
pub(super) struct Works<'a> {
    pub(super) ends: &'a [u32],
}

/// Words that are looked at as one piece.
const PIECE: usize = 1 << 17;

impl Works<'_> {
    /// The words of a work.
    #[inline(always)]
    pub(super) fn range(&self, slot: usize) -> Range<usize> {
        let start = if slot == 0 { 0 } else { (self.ends[slot - 1] as usize).next_multiple_of(STRIDE) };
        start..self.ends[slot] as usize
    }

    /// The work that a word belongs to. Logarithmic.
    pub(super) fn slot_of(&self, word: u32) -> u32 {
        self.ends.partition_point(|&end| end <= word) as u32
    }

    /// All works, in pieces of about as many words: works are never cut.
    pub(super) fn pieces(&self) -> Vec<Range<usize>> {
        let mut pieces = Vec::new();
        let mut first = 0;
        for slot in 0..self.ends.len() {
            if self.range(slot).end - self.range(first).start >= PIECE || slot + 1 == self.ends.len() {
                pieces.push(first..slot + 1);
                first = slot + 1;
            }
        }
        pieces
    }
}
