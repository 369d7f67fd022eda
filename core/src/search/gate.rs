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
/// Stock phrases of poems and songs have so many words. Runs of fewer need not be told apart.
pub(crate) const FEWEST_STOCK_WORDS: u32 = 6;
/// … and the longest that need be: who shares more has copied.
pub(crate) const MOST_STOCK_WORDS: u32 = 18;
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
    /// ones.
    pub(crate) further: bool,
}

/// Letters that a match must have to be no stock phrase, where these have so many words and the work so many letters.
/// Nobody copies more of a work than it has: of a short one two thirds are enough.
///
/// That a work is matched says nothing of its stock phrases: the same hand has them in all its texts. Where they are
/// longest, as many letters are asked for of a `further` passage as of a first, and in proportion fewer where they are
/// shorter. Where they are those of poems and songs it is none: a line of few words, said again and again, is as good as
/// any. (What goes on from a match is more of the same, and is not asked at all.)
pub(crate) fn stock_letters(stock_words: u32, work_letters: u32, further: bool) -> u32 {
    const FULL: u32 = LETTERS_A_STOCK_WORD * MOST_STOCK_WORDS;
    let letters = match further {
        true => {
            let more = stock_words.saturating_sub(FEWEST_STOCK_WORDS);
            FULL * more / (MOST_STOCK_WORDS - FEWEST_STOCK_WORDS)
        }
        false => LETTERS_A_STOCK_WORD * stock_words,
    };
    letters.min(work_letters / 3 * 2)
}

impl Gate {
    /// What the words and letters that a match lacks cost it, in units of [`BIT`](super::BIT).
    ///
    /// Words behind one another say more than as many here and there: those outside the longest run count half,
    /// unless they are long. And a phrase that works share by convention is short, or of short words, or says the same
    /// words again.
    pub(crate) fn lack(&self, extent: Extent) -> i32 {
        let Extent { words, longest, letters, verbatim } = extent;
        let enough = match verbatim || longest >= self.words || self.further {
            true => self.words,
            false => self.words.saturating_add(EDITED_WORDS),
        };
        let in_letters = if self.further { 0 } else { 2 * u64::from(letters) / u64::from(LETTERS_A_WORD) };
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
        let manuals = Gate { stock_letters: stock_letters(18, 800, false), ..GATE };
        assert_eq!(manuals.lack(extent(12, 12, 54)), 0);
        assert_eq!(manuals.lack(extent(12, 12, 48)), 4 * HALF_WORD);
        // Of a work of 45 letters.
        let verse = Gate { stock_letters: stock_letters(18, 45, false), ..GATE };
        assert_eq!(verse.lack(extent(9, 9, 32)), 0);
    }

    #[test]
    fn a_further_passage_may_be_short_but_no_stock_phrase() {
        let further = |stock_words, work_letters| {
            let stock_letters = stock_letters(stock_words, work_letters, true);
            Gate { words: 5, stock_letters, further: true, ..GATE }
        };
        let songs = further(FEWEST_STOCK_WORDS, 800);
        assert_eq!(songs.lack(extent(5, 5, 10)), 0);
        assert_eq!(songs.lack(extent(7, 3, 10)), 0);
        assert_eq!(songs.lack(extent(4, 4, 90)), 2 * HALF_WORD);
        let manuals = further(18, 800);
        assert_eq!(manuals.lack(extent(9, 9, 54)), 0);
        assert_eq!(manuals.lack(extent(9, 9, 30)), 16 * HALF_WORD);
        assert_eq!(further(12, 800).lack(extent(6, 6, 27)), 0);
        assert_eq!(further(12, 800).lack(extent(6, 6, 24)), 2 * HALF_WORD);
        // Of a work of 45 letters.
        assert_eq!(further(18, 45).lack(extent(6, 6, 30)), 0);
    }

    #[test]
    fn tokens_ask_for_no_more_than_letters_will() {
        for (stock_letters, further) in [0, 18, 54].into_iter().flat_map(|n| [(n, false), (n, true)]) {
            let gate = Gate { stock_letters, further, ..GATE };
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
