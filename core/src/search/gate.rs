//! What a match must be worth: the fewer words it has, the more.

/// A match whose longest run is shorter than the words asked for needs so many more: edits leave chance many more ways.
const EDITED_WORDS: u32 = 2;
/// What each half word that a match lacks costs, in units of [`BIT`](super::BIT): log2 of ten. So many times less likely it must
/// be.
const HALF_WORD: i32 = 850;
/// Half words that tokens may miss of what letters tell: words spelled otherwise, or cut otherwise.
const UNSEEN: u32 = 3;

/// What a match must be worth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gate {
    /// Bits (in units of [`BIT`](super::BIT)) for a match that has all the words asked for.
    pub(crate) bits: i32,
    /// Words asked for.
    pub(crate) words: u32,
    /// Whether this holds for edited matches as for verbatim ones: of works that are matched elsewhere.
    pub(crate) further: bool,
}

impl Gate {
    /// Half words that a match lacks. `kept` words of it stand in both texts or nearly so, of which `longest` are
    /// equal in a row: words outside the longest run count half.
    pub(crate) fn missing(&self, kept: u32, longest: u32, verbatim: bool) -> u32 {
        let enough = match self.further || verbatim || longest >= self.words {
            true => self.words,
            false => self.words.saturating_add(EDITED_WORDS),
        };
        enough.saturating_mul(2).saturating_sub(kept + longest)
    }

    /// What a match must be worth that has these words by its tokens: never more than what will be asked of it.
    #[inline]
    pub(crate) fn needed(&self, kept: u32, longest: u32) -> i32 {
        let missing = self.missing(kept, longest, kept == longest).saturating_sub(UNSEEN);
        self.bits.saturating_add(HALF_WORD.saturating_mul(missing.min(1 << 16) as i32))
    }

    /// Whether everything passes.
    pub(crate) fn is_open(&self) -> bool {
        self.bits <= 0
    }

    /// Fewest words that a match of at most `most` (in units of [`BIT`](super::BIT)) a word can have.
    pub(crate) fn fewest_words(&self, most: i32) -> u32 {
        (0..self.words).find(|&words| most * words as i32 >= self.needed(words, words)).unwrap_or(self.words)
    }
}
