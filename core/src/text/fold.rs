//! Folding a text to words and letters, with the way back.

use super::split::{Parts, Rare, split};
use super::syllables;
use super::tokens::Token;
use crate::error::{Error, Result};

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
        split(text, &mut self.0);
        syllables::join(text, &mut self.0);
        Ok(())
    }

    /// The number of words.
    pub(crate) fn len(&self) -> usize {
        self.0.tokens.len()
    }

    /// Bytes of the original that a word came from: accents on its last letter are inside, quotes behind it are not.
    #[inline]
    pub(crate) fn bytes(&self, index: usize) -> std::ops::Range<usize> {
        self.0.starts[index] as usize..self.0.ends[index] as usize
    }

    /// Of each word, where its letters end. They begin where those of the word before end.
    pub(crate) fn letters_ends(&self) -> &[u32] {
        self.0.letters_starts.get(1..).unwrap_or_default()
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

    /// What splitting came across.
    pub(super) fn rare(&self) -> Rare {
        self.0.rare
    }

    /// Where the letters of word `index` begin; `index` may be the number of words.
    #[inline]
    pub(crate) fn letters_start(&self, index: usize) -> usize {
        self.0.letters_starts[index] as usize
    }

    /// The folded letters of word `index`.
    #[inline]
    pub(crate) fn word_letters(&self, index: usize) -> &[u8] {
        &self.0.letters[self.letters_start(index)..self.letters_start(index + 1)]
    }
}

/// One byte folds to at most three, so that offsets into text and letters fit 32 bits.
const MAX_BYTES: u64 = 1 << 30;

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(String, &str)> {
        let folded = Folded::new(text).unwrap();
        (0..folded.len())
            .map(|i| {
                let letters = String::from_utf8(folded.word_letters(i).to_vec()).unwrap();
                (letters, &text[folded.bytes(i)])
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
        for word in (0..folded.len()).map(|i| folded.bytes(i)) {
            assert!(word.start >= last && word.end > word.start);
            assert!(text.is_char_boundary(word.start) && text.is_char_boundary(word.end));
            last = word.end;
        }
    }
}
