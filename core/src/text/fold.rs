//! Folding a text to words and letters, with the way back.

use super::split::{Parts, split};
use super::syllables;
use super::tokens::Token;
use crate::error::{Error, Result};

/// A folded word: a range of the folded letters, and the bytes of the original that it came from.
///
/// Words lie one behind another: a word's letters begin where the word before it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// First byte in the original.
    pub(crate) start: u32,
    /// One past the last byte in the original; accents on the last letter are inside, quotes behind it are not.
    pub(crate) end: u32,
    /// One past the last byte in the folded letters.
    pub(crate) letters_end: u32,
}

/// A folded text.
///
/// ```text
/// original   Ach, wie  Träum' ich!
/// letters    achwietraumich
/// words      0..3 5..8 10..16 18..21      (bytes of the original)
/// ```
#[derive(Clone, Debug, Default)]
pub(crate) struct Folded(Parts);

impl Folded {
    /// Folds `text`. Linear in its length.
    ///
    /// # Errors
    /// A text of 1 GiB or more.
    pub(crate) fn new(text: &str) -> Result<Self> {
        let mut folded = Self::default();
        folded.fold(text)?;
        Ok(folded)
    }

    /// Folds `text` in place of what was folded before, keeping the buffers.
    pub(crate) fn fold(&mut self, text: &str) -> Result<()> {
        if text.len() as u64 >= MAX_BYTES {
            return Err(Error::limit(format!(
                "a text of {} bytes: the limit is 1 GiB; split it",
                text.len()
            )));
        }
        if split(text, &mut self.0) >= syllables::DENSE {
            syllables::join(text, &mut self.0);
        }
        Ok(())
    }

    /// All words, in the order of the text.
    pub(crate) fn words(&self) -> &[Word] {
        &self.0.words
    }

    /// The words' coarse spellings.
    pub(crate) fn tokens(&self) -> &[Token] {
        &self.0.tokens
    }

    /// All letters, separators gone, as UTF-8.
    pub(crate) fn letters(&self) -> &[u8] {
        &self.0.letters
    }

    /// Bytes of each word's letters; at most 255.
    pub(crate) fn lengths(&self) -> &[u8] {
        &self.0.lengths
    }

    /// Where the letters of word `index` begin; `index` may be the number of words.
    #[inline]
    pub(crate) fn letters_start(&self, index: usize) -> usize {
        if index == 0 { 0 } else { self.0.words[index - 1].letters_end as usize }
    }

    /// The folded letters of word `index`.
    #[inline]
    pub(crate) fn word_letters(&self, index: usize) -> &[u8] {
        &self.0.letters[self.letters_start(index)..self.0.words[index].letters_end as usize]
    }
}

/// One byte folds to at most three, so that offsets into text and letters fit 32 bits.
const MAX_BYTES: u64 = 1 << 30;

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(String, &str)> {
        let folded = Folded::new(text).unwrap();
        (0..folded.words().len())
            .map(|i| {
                let word = folded.words()[i];
                let letters = String::from_utf8(folded.word_letters(i).to_vec()).unwrap();
                (letters, &text[word.start as usize..word.end as usize])
            })
            .collect()
    }

    fn letters(text: &str) -> Vec<String> {
        words(text).into_iter().map(|(letters, _)| letters).collect()
    }

    #[test]
    fn words_know_their_bytes() {
        let expected = [("ach", "Ach"), ("wie", "wie"), ("traum", "Träum"), ("ich", "ich")];
        assert_eq!(words("Ach, wie  Träum' ich!"), expected.map(|(l, o)| (l.to_string(), o)));
        assert_eq!(words("“Tra\u{0308}um\u{0301}”"), [("traum".to_string(), "Tra\u{0308}um\u{0301}")]);
        assert_eq!(words("don’t 'go'"), [("dont".into(), "don’t"), ("go".into(), "go")]);
        assert_eq!(words("中文abc"), [("中".into(), "中"), ("文".into(), "文"), ("abc".into(), "abc")]);
        assert_eq!(words("\u{0301}a"), [("a".into(), "a")]);
        assert_eq!(words(""), []);
        assert_eq!(words("… — !"), []);
    }

    #[test]
    fn forms_of_one_text_fold_alike() {
        for (a, b) in [
            ("Straße", "STRASSE"),
            ("Waſſer", "Wasser"),
            ("über", "u\u{0308}ber"),
            ("ĳs", "IJs"),
            ("ﬁn", "fin"),
            ("ｆｕｌｌ", "full"),
            ("𝐁𝐨𝐥𝐝", "bold"),
            ("z\u{200B}w\u{00AD}x", "zwx"),
            ("한국", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}"),
        ] {
            assert_eq!(letters(a), letters(b), "{a} {b}");
        }
    }

    #[test]
    fn spans_lie_at_character_boundaries_in_order() {
        let text = "a\u{0301}\u{0301}é中x \u{E0041}ﬃ½\u{200D}b\u{0F71}\u{0F72}";
        let folded = Folded::new(text).unwrap();
        let mut last = 0;
        for word in folded.words() {
            assert!(word.start as usize >= last && word.end > word.start);
            assert!(text.is_char_boundary(word.start as usize) && text.is_char_boundary(word.end as usize));
            last = word.end as usize;
        }
    }
}
