//! What a match must be worth: the less text it has, the more.

use super::align::{Alignment, longest_run};
use crate::text::Folded;

/// A match whose longest run is shorter than the words asked for needs so many more: edits leave chance many more ways.
const EDITED_WORDS: u32 = 2;
/// What each half word that a match lacks costs, in units of [`BIT`](super::BIT): log2 of ten. So many times less likely it must
/// be.
const HALF_WORD: i32 = 850;
/// Letters of different words that are as good as one word in a row.
const LETTERS_A_WORD: u32 = 5;
/// Letters of different words that a match must have for each word of a stock phrase.
const LETTERS_A_STOCK_WORD: u32 = 3;
/// Half words that tokens may miss of what letters tell: words spelled otherwise, or cut otherwise.
const UNSEEN: u32 = 3;
/// Letters of such a word.
const UNSEEN_LETTERS: u32 = 8;

/// How much text of a match stands on both sides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// Words that stand on both sides or nearly so.
    pub(crate) words: u32,
    /// Of these, words that are equal in a row.
    pub(crate) longest: u32,
    /// Letters (bytes, folded) of these words, those of a word that comes again, perhaps spelled otherwise, counted once.
    pub(crate) letters: u32,
    /// Whether all words are equal.
    pub(crate) verbatim: bool,
}

impl Extent {
    pub(crate) fn of(alignment: &Alignment, output: &Folded) -> Self {
        let steps = &alignment.steps;
        // Words and their letters as numbers: words that differ in spelling only are the same.
        let kept = steps.iter().filter(|step| step.kept_words() > 0).flat_map(|step| step.output.clone());
        let number = |word: u32| {
            let letters = u32::try_from(output.word_letters(word as usize).len()).unwrap_or(u32::MAX);
            u32::from(output.tokens()[word as usize]) << 16 | letters.min(u16::MAX.into())
        };
        let mut kept: Vec<u32> = kept.map(number).collect();
        kept.sort_unstable();
        kept.dedup_by_key(|number| *number >> 16);
        Self {
            words: steps.iter().map(|step| step.kept_words() as u32).sum(),
            longest: longest_run(steps) as u32,
            letters: kept.iter().map(|number| number & u32::from(u16::MAX)).sum(),
            verbatim: steps.iter().all(|step| step.is_equal()),
        }
    }
}

/// What a match must be worth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gate {
    /// Bits (in units of [`BIT`](super::BIT)) for a match that has all the words asked for.
    pub(crate) bits: i32,
    /// Words asked for.
    pub(crate) words: u32,
    /// Letters that a match must have to be no stock phrase of the registry.
    pub(crate) stock_letters: u32,
    /// Whether the match is of a work that is matched elsewhere, too: then edited ones may be as short as verbatim
    /// ones, and stock phrases are none.
    pub(crate) further: bool,
}

/// Letters that a match must have to be no stock phrase, where these have so many words and the work so many letters.
/// Nobody copies more of a work than it has: of a short one two thirds are enough.
pub(crate) fn stock_letters(stock_words: u32, work_letters: u32) -> u32 {
    (LETTERS_A_STOCK_WORD * stock_words).min(work_letters / 3 * 2)
}

impl Gate {
    /// What the words and letters that a match lacks cost it, in units of [`BIT`](super::BIT).
    ///
    /// Words behind one another say more than as many here and there: those outside the longest run count half,
    /// unless they are long. And a phrase that works share by convention is short, or of short words, or says the same
    /// words again.
    pub(crate) fn lack(&self, extent: Extent) -> i32 {
        let Extent { words, longest, letters, verbatim } = extent;
        if self.further {
            return half_words(2 * u64::from(self.words), u64::from(words) + u64::from(longest));
        }
        let enough = match verbatim || longest >= self.words {
            true => self.words,
            false => self.words.saturating_add(EDITED_WORDS),
        };
        let in_letters = 2 * u64::from(letters) / u64::from(LETTERS_A_WORD);
        let halves = (u64::from(words) + u64::from(longest)).max(in_letters);
        let missing = self.stock_letters.saturating_sub(letters);
        let stock = HALF_WORD * 2 * missing as i32 / LETTERS_A_STOCK_WORD as i32;
        half_words(2 * u64::from(enough), halves).max(stock)
    }

    /// What a match must be worth that has these words, of so many letters, by its tokens: never more than what will
    /// be asked of it.
    #[inline]
    pub(crate) fn needed(&self, kept: u32, longest: u32, letters: u32) -> i32 {
        let extent = Extent {
            words: kept + UNSEEN / 2,
            longest: longest + UNSEEN.div_ceil(2),
            letters: letters + UNSEEN / 2 * UNSEEN_LETTERS,
            verbatim: kept == longest,
        };
        self.bits.saturating_add(self.lack(extent))
    }

    /// Whether everything passes.
    pub(crate) fn is_open(&self) -> bool {
        self.bits <= 0
    }

    /// Fewest words that a match of at most `most` (in units of [`BIT`](super::BIT)) a word can have.
    pub(crate) fn fewest_words(&self, most: i32) -> u32 {
        u32::try_from(self.bits / most).unwrap_or(0)
    }
}

/// What it costs to have so many half words and not as many as asked for.
fn half_words(asked: u64, there: u64) -> i32 {
    HALF_WORD.saturating_mul(asked.saturating_sub(there).min(1 << 16) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATE: Gate = Gate { bits: 1000, words: 8, stock_letters: 18, further: false };

    fn extent(words: u32, longest: u32, letters: u32) -> Extent {
        Extent { words, longest, letters, verbatim: words == longest }
    }

    #[test]
    fn eight_words_in_a_row_are_enough_and_two_more_where_scattered() {
        assert_eq!(GATE.lack(extent(8, 8, 20)), 0);
        assert_eq!(GATE.lack(extent(7, 7, 20)), 2 * HALF_WORD);
        assert_eq!(GATE.lack(extent(9, 4, 20)), 7 * HALF_WORD);
        // Nine long words.
        assert_eq!(GATE.lack(extent(9, 4, 50)), 0);
    }

    #[test]
    fn where_phrases_are_long_short_words_are_not_enough() {
        let manuals = Gate { stock_letters: stock_letters(18, 800), ..GATE };
        assert_eq!(manuals.lack(extent(12, 12, 54)), 0);
        assert_eq!(manuals.lack(extent(12, 12, 48)), 4 * HALF_WORD);
        assert_eq!(Gate { further: true, ..manuals }.lack(extent(8, 8, 20)), 0);
        // Of a work of 45 letters.
        let verse = Gate { stock_letters: stock_letters(18, 45), ..GATE };
        assert_eq!(verse.lack(extent(9, 9, 32)), 0);
    }

    #[test]
    fn tokens_ask_for_no_more_than_letters_will() {
        for stock_letters in [0, 18, 54] {
            let gate = Gate { stock_letters, ..GATE };
            for (words, longest) in (0..24).flat_map(|words| (0..=words).map(move |longest| (words, longest)))
            {
                for letters in [words, 3 * words, 12 * words] {
                    let asked = gate.bits + gate.lack(extent(words, longest, letters));
                    assert!(
                        gate.needed(words, longest, letters) <= asked,
                        "{stock_letters} {words} {longest}"
                    );
                }
            }
        }
    }
}
