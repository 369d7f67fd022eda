//! Splitting a text to words: characters become letters, runs of letters become words.
//!
//! Most text is ASCII: blocks of [`BLOCK`] bytes are classed and put in lower case at once, and the words read off a
//! mask of the letters. Where a block holds anything else, or an apostrophe, it goes character by character.

use wide::u8x32;

use super::characters::{Character, character};
use super::fold::Word;

/// Bytes that are classed at once.
const BLOCK: usize = 32;

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

/// Splits `text`: appends to `letters` and `words`, which are empty, and gives the number of gaps between words that
/// look like syllable hyphens. Linear.
pub(super) fn split(text: &str, letters: &mut Vec<u8>, words: &mut Vec<Word>) -> usize {
    let mut splitter = Splitter { text, letters, words, first: 0, start: 0, end: 0, hyphens: 0 };
    let mut at = 0;
    while at < text.len() {
        let block =
            text.as_bytes().get(at..at + BLOCK).and_then(|bytes| <&[u8; BLOCK]>::try_from(bytes).ok());
        if let Some(block) = block
            && splitter.block(block, at)
        {
            at += BLOCK;
            continue;
        }
        let next = (at + BLOCK).min(text.len());
        while at < next {
            at = splitter.character(at);
        }
    }
    splitter.close();
    splitter.hyphens
}

struct Splitter<'a> {
    text: &'a str,
    letters: &'a mut Vec<u8>,
    words: &'a mut Vec<Word>,
    /// The open word's letters begin here; there is none where this is the end of the letters.
    first: usize,
    /// The open word's bytes in the original.
    start: usize,
    end: usize,
    hyphens: usize,
}

impl Splitter<'_> {
    fn is_open(&self) -> bool {
        self.letters.len() > self.first
    }

    /// Takes a block that begins at byte `at`; refuses one that is not plain ASCII.
    #[inline]
    fn block(&mut self, block: &[u8; BLOCK], at: usize) -> bool {
        let bytes = u8x32::from(*block);
        // To lower case: of what becomes a letter thereby, only capitals were none before.
        let lower = bytes | u8x32::splat(0x20);
        let within =
            |low: u8, high: u8, bytes: u8x32| (bytes - u8x32::splat(low)).simd_le(u8x32::splat(high - low));
        let alphabetic = within(b'a', b'z', lower);
        let mask = (alphabetic | within(b'0', b'9', bytes)).to_bitmask();
        let odd = bytes.simd_ge(u8x32::splat(0x80))
            | bytes.simd_eq(u8x32::splat(b'\''))
            | bytes.simd_eq(u8x32::splat(b'`'));
        if odd.to_bitmask() != 0 {
            return false;
        }
        // Twice the block, so that a copy of BLOCK bytes from anywhere within it stays inside.
        let mut folded = [0; 2 * BLOCK];
        folded[..BLOCK].copy_from_slice(&lower.to_array());
        let mut rest = mask;
        if rest & 1 == 0 {
            self.close();
        }
        while rest != 0 {
            let from = rest.trailing_zeros() as usize;
            let to = from + (!(rest >> from)).trailing_zeros() as usize;
            if !self.is_open() {
                self.start = at + from;
            }
            let filled = self.letters.len();
            // A copy of fixed length is a few instructions; what is too much goes again.
            self.letters.extend_from_slice(&folded[from..from + BLOCK]);
            self.letters.truncate(filled + to - from);
            self.end = at + to;
            if to == BLOCK {
                return true;
            }
            self.close();
            rest = rest >> to << to;
        }
        true
    }

    /// Takes the character at byte `at`; gives the byte behind it.
    fn character(&mut self, at: usize) -> usize {
        let byte = self.text.as_bytes()[at];
        if byte < 0x80 {
            match ASCII[byte as usize] {
                SEPARATOR => self.close(),
                IGNORED => {}
                letter => {
                    self.open(at);
                    self.letters.push(letter);
                    self.end = at + 1;
                }
            }
            return at + 1;
        }
        // `at` is at a character boundary: only whole characters are stepped over.
        let Some(c) = self.text[at..].chars().next() else { return self.text.len() };
        let next = at + c.len_utf8();
        match character(c) {
            Character::Ignored => {}
            Character::Mark => {
                if self.is_open() && self.end == at {
                    self.end = next;
                }
            }
            Character::Separator => self.close(),
            Character::Ideograph(letter) => {
                self.close();
                self.push(letter, at, next);
                self.close();
            }
            Character::Letter(letter) => self.push(letter, at, next),
            Character::Letters(letters) => {
                self.open(at);
                self.letters.extend_from_slice(letters.as_bytes());
                self.end = next;
            }
        }
        next
    }

    fn open(&mut self, at: usize) {
        if !self.is_open() {
            self.start = at;
        }
    }

    fn push(&mut self, letter: char, at: usize, next: usize) {
        self.open(at);
        let mut buffer = [0; 4];
        self.letters.extend_from_slice(letter.encode_utf8(&mut buffer).as_bytes());
        self.end = next;
    }

    /// Ends the open word, if there is one.
    #[inline]
    fn close(&mut self) {
        if !self.is_open() {
            return;
        }
        if let Some(last) = self.words.last() {
            self.hyphens +=
                usize::from(is_syllable_hyphen(self.text.as_bytes(), last.end as usize, self.start));
        }
        self.first = self.letters.len();
        // `fold` refuses texts so long that letters or bytes could pass 4 GiB.
        self.words.push(Word {
            start: self.start as u32,
            end: self.end as u32,
            letters_end: self.letters.len() as u32,
        });
    }
}

/// Whether the gap `end..start` between two words is a hyphen with white space: ` -- `, `- `, `-\n`.
#[inline]
pub(super) fn is_syllable_hyphen(bytes: &[u8], end: usize, start: usize) -> bool {
    // Most gaps are one space: they end here.
    start >= end + 2 && (bytes[end] == b'-' || bytes[end + 1] == b'-') && is_hyphen(&bytes[end..start])
}

#[cold]
fn is_hyphen(gap: &[u8]) -> bool {
    gap.len() <= 12
        && gap.iter().all(|b| matches!(b, b'-' | b' ' | b'\n' | b'\r' | b'\t' | b'_'))
        && gap.iter().any(u8::is_ascii_whitespace)
}
