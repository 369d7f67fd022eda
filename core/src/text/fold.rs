//! Folding a text to words and letters, with the way back.

use super::characters::{Character, character};
use super::tokens::{Token, token};
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
pub(crate) struct Folded {
    letters: Vec<u8>,
    words: Vec<Word>,
    tokens: Vec<Token>,
}

/// What ASCII folds to: a letter or digit, or one of the two below.
const ASCII: [u8; 128] = {
    let mut map = [SEPARATOR; 128];
    let mut b = 0;
    while b < 128 {
        let c = b as u8;
        if c.is_ascii_alphanumeric() {
            map[b] = c.to_ascii_lowercase();
        } else if c == b'\'' || c == b'`' {
            map[b] = IGNORED;
        }
        b += 1;
    }
    map
};
const SEPARATOR: u8 = 0;
const IGNORED: u8 = 1;

impl Folded {
    /// Folds `text`. Linear in its length.
    ///
    /// # Errors
    /// A text of 4 GiB or more.
    pub(crate) fn new(text: &str) -> Result<Self> {
        let mut folded = Self::default();
        folded.fold(text)?;
        Ok(folded)
    }

    /// Folds `text` in place of what was folded before, keeping the buffers.
    pub(crate) fn fold(&mut self, text: &str) -> Result<()> {
        if u32::try_from(text.len()).is_err() {
            return Err(Error::limit(format!(
                "a text of {} bytes: the limit is 4 GiB; split it",
                text.len()
            )));
        }
        self.letters.clear();
        self.words.clear();
        self.tokens.clear();
        self.letters.reserve(text.len());
        let hyphens = self.split_words(text);
        if hyphens >= SYLLABLES_DENSE {
            self.join_syllables(text);
        }
        let mut start = 0;
        self.tokens.extend(self.words.iter().map(|word| {
            let letters = &self.letters[start..word.letters_end as usize];
            start = word.letters_end as usize;
            token(letters)
        }));
        Ok(())
    }

    /// Splits `text` to words; gives the number of gaps that look like syllable hyphens.
    fn split_words(&mut self, text: &str) -> usize {
        let bytes = text.as_bytes();
        let (mut at, mut start, mut end, mut hyphens) = (0, 0, 0, 0);
        // Letters of the open word begin here; none are there where this is the end of the buffer.
        let mut first = 0;
        while let Some(&byte) = bytes.get(at) {
            if byte < 0x80 {
                let folded = ASCII[byte as usize];
                at += 1;
                if folded > IGNORED {
                    if self.letters.len() == first {
                        start = at - 1;
                    }
                    self.letters.push(folded);
                    end = at;
                } else if folded == SEPARATOR && self.letters.len() > first {
                    hyphens += usize::from(self.close_word(bytes, start, end));
                    first = self.letters.len();
                }
                continue;
            }
            // `at` is at a character boundary: only whole characters are stepped over.
            let Some(c) = text[at..].chars().next() else { break };
            let next = at + c.len_utf8();
            match character(c) {
                Character::Ignored => {}
                Character::Mark => {
                    if self.letters.len() > first && end == at {
                        end = next;
                    }
                }
                Character::Separator => {
                    if self.letters.len() > first {
                        hyphens += usize::from(self.close_word(bytes, start, end));
                        first = self.letters.len();
                    }
                }
                Character::Ideograph(letter) => {
                    if self.letters.len() > first {
                        hyphens += usize::from(self.close_word(bytes, start, end));
                    }
                    self.push_letter(letter);
                    self.close_word(bytes, at, next);
                    first = self.letters.len();
                }
                Character::Letter(letter) => {
                    if self.letters.len() == first {
                        start = at;
                    }
                    self.push_letter(letter);
                    end = next;
                }
                Character::Letters(letters) => {
                    if self.letters.len() == first {
                        start = at;
                    }
                    self.letters.extend_from_slice(letters.as_bytes());
                    end = next;
                }
            }
            at = next;
        }
        if self.letters.len() > first {
            hyphens += usize::from(self.close_word(bytes, start, end));
        }
        hyphens
    }

    fn push_letter(&mut self, letter: char) {
        let mut buffer = [0; 4];
        self.letters.extend_from_slice(letter.encode_utf8(&mut buffer).as_bytes());
    }

    /// Ends the open word; tells whether a syllable hyphen parts it from the word before.
    #[inline]
    fn close_word(&mut self, bytes: &[u8], start: usize, end: usize) -> bool {
        let hyphen =
            self.words.last().is_some_and(|last| is_syllable_hyphen(bytes, last.end as usize, start));
        // All lengths are below 4 GiB, since folding a text never makes more than 3 bytes of letters from one byte
        // of input, and `fold` refuses texts that could overflow.
        self.words.push(Word {
            start: start as u32,
            end: end as u32,
            letters_end: self.letters.len() as u32,
        });
        hyphen
    }

    /// Joins words that only a syllable hyphen parts, where such hyphens stand close together: in lyrics set under
    /// notes (`Weih -- nachts -- baum`, `Weih- nachts- baum`), not at a dash in prose.
    fn join_syllables(&mut self, text: &str) {
        let bytes = text.as_bytes();
        // hyphens[i]: the number of syllable hyphens before words 0..i.
        let mut hyphens = Vec::with_capacity(self.words.len() + 1);
        hyphens.push(0_u32);
        let mut count = 0;
        for (i, word) in self.words.iter().enumerate() {
            count += u32::from(
                i > 0 && is_syllable_hyphen(bytes, self.words[i - 1].end as usize, word.start as usize),
            );
            hyphens.push(count);
        }
        let mut joined: Vec<Word> = Vec::with_capacity(self.words.len());
        for (i, word) in self.words.iter().enumerate() {
            let near = (i.saturating_sub(SYLLABLES_NEAR))..(i + 1 + SYLLABLES_NEAR).min(self.words.len());
            let dense = (hyphens[near.end] - hyphens[near.start]) as usize >= SYLLABLES_DENSE;
            match joined.last_mut() {
                Some(last) if dense && hyphens[i + 1] > hyphens[i] => {
                    last.end = word.end;
                    last.letters_end = word.letters_end;
                }
                _ => joined.push(*word),
            }
        }
        self.words = joined;
    }

    /// All words, in the order of the text.
    pub(crate) fn words(&self) -> &[Word] {
        &self.words
    }

    /// The words' coarse spellings.
    pub(crate) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// All letters, separators gone, as UTF-8.
    pub(crate) fn letters(&self) -> &[u8] {
        &self.letters
    }

    /// Where the letters of word `index` begin; `index` may be the number of words.
    #[inline]
    pub(crate) fn letters_start(&self, index: usize) -> usize {
        if index == 0 { 0 } else { self.words[index - 1].letters_end as usize }
    }

    /// The folded letters of word `index`.
    #[inline]
    pub(crate) fn word_letters(&self, index: usize) -> &[u8] {
        &self.letters[self.letters_start(index)..self.words[index].letters_end as usize]
    }
}

/// Within this many words on either side …
const SYLLABLES_NEAR: usize = 8;
/// … at least this many gaps must be syllable hyphens before they are taken for such.
const SYLLABLES_DENSE: usize = 4;

/// Whether the gap `end..start` between two words is a hyphen with white space: ` -- `, `- `, `-\n`.
#[inline]
fn is_syllable_hyphen(bytes: &[u8], end: usize, start: usize) -> bool {
    let gap = start.saturating_sub(end);
    if !(2..=12).contains(&gap) || !(bytes[end] == b'-' || bytes[end + 1] == b'-') {
        return false;
    }
    let gap = &bytes[end..start];
    gap.iter().all(|b| matches!(b, b'-' | b' ' | b'\n' | b'\r' | b'\t' | b'_'))
        && gap.iter().any(|b| b.is_ascii_whitespace())
}

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
    fn syllables_are_joined_where_they_are_dense() {
        assert_eq!(
            letters("O Tan -- nen -- baum, o Tan- nen -- baum, wie grün sind dei -- ne Blät- ter"),
            ["o", "tannenbaum", "o", "tannenbaum", "wie", "grun", "sind", "deine", "blatter"]
        );
        assert_eq!(letters("the man -- who was late"), ["the", "man", "who", "was", "late"]);
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
