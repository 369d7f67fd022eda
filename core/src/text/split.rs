//! Splitting a text to words: characters become letters, runs of letters become words, words become tokens.
//!
//! Most text is ASCII: it goes in blocks of [`BLOCK`] bytes, cut off where another character comes.
//!
//! ```text
//! block     i t s ' _ C a t ,
//! letters   1 1 1 0 0 1 1 1 0     the letters' bytes, packed, are what the text folds to
//! inside    1 1 1 1 0 1 1 1 0     an apostrophe parts no word
//! ends              ^       ^     the number of letters below says where in the folded letters a word ends
//! ```

use super::characters::{Character, character};
use super::fold::Word;
use super::tokens::{ALPHABET, LONGEST_AT_ONCE, Token, of_classes, token};
use crate::simd::{BLOCK, Kernel, Task, dispatch, prefetch};

/// Bytes of a text that are asked for at once.
const AHEAD: usize = 4096;

/// What a text is split to.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) letters: Vec<u8>,
    pub(super) words: Vec<Word>,
    pub(super) tokens: Vec<Token>,
    /// Bytes of each word's letters; at most 255.
    pub(super) lengths: Vec<u8>,
    /// The classes of letters that tokens are made of, of words that blocks see whole.
    classes: Vec<u8>,
}

/// Words that may begin in a block.
const WORDS: usize = BLOCK / 2 + 1;

impl Parts {
    /// Room for so many words and a block's more.
    fn make_room(&mut self, words: usize) {
        let room = words + WORDS;
        if self.words.len() < room {
            self.words.resize(room, Word { start: 0, end: 0, letters_end: 0 });
            self.tokens.resize(room, 0);
            self.lengths.resize(room, 0);
        }
    }
}

/// Splits `text` to `parts`, in place of what was there; gives the number of hyphens that no letter follows, at
/// least. Linear.
pub(super) fn split(text: &str, parts: &mut Parts) -> usize {
    dispatch(Split { text, parts })
}

struct Split<'a> {
    text: &'a str,
    parts: &'a mut Parts,
}

impl Task for Split<'_> {
    type Answer = usize;

    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) -> usize {
        let Self { text, parts } = self;
        parts.make_room(text.len() / 6);
        // Room for all letters of an ASCII text, and for what is written beyond the last. What lies there does not
        // matter.
        parts.letters.resize(text.len() + BLOCK, 0);
        parts.classes.resize(text.len() + BLOCK + LONGEST_AT_ONCE, 0);
        // The beginning of the text, before the processor sees that it is read in order.
        (0..text.len().min(AHEAD)).step_by(BLOCK).for_each(|at| prefetch(text.as_bytes(), at));
        let mut splitter =
            Splitter { text, parts, words: 0, filled: 0, classes: 0, open: Open::default(), hyphens: 0 };
        let mut at = 0;
        while at < text.len() {
            let rest = &text.as_bytes()[at..];
            let mut padded = [0; BLOCK];
            let block = rest.first_chunk().unwrap_or_else(|| {
                padded[..rest.len()].copy_from_slice(rest);
                &padded
            });
            let (length, is_ascii) = splitter.block(kernel, block, at);
            at = (at + length).min(text.len());
            if !is_ascii {
                at = splitter.character(at);
            }
        }
        splitter.close();
        let Splitter { words, filled, hyphens, .. } = splitter;
        parts.words.truncate(words);
        parts.tokens.truncate(words);
        parts.lengths.truncate(words);
        parts.letters.truncate(filled);
        hyphens
    }
}

struct Splitter<'a> {
    text: &'a str,
    parts: &'a mut Parts,
    /// Words, letters and classes so far; what lies behind them in `parts` does not matter.
    words: usize,
    filled: usize,
    classes: usize,
    open: Open,
    hyphens: usize,
}

/// The word that is not yet at its end, if there is one.
#[derive(Default)]
struct Open {
    /// Where its letters and classes begin; there is no word where this is the end of the letters.
    letters: usize,
    classes: usize,
    /// Its bytes in the original, up to the last letter.
    start: usize,
    end: usize,
    /// Whether all of it are ASCII letters, so that its classes are those of its letters.
    plain: bool,
    /// The class of its last letter.
    before: u8,
}

impl Splitter<'_> {
    fn is_open(&self) -> bool {
        self.filled > self.open.letters
    }

    /// Takes the ASCII bytes at the beginning of a block that stands at byte `at`, up to the beginning of a word that
    /// may go on behind it; gives their number, and whether all of the block are such. Zeros behind the end of a text
    /// part words, as spaces do.
    #[inline(always)]
    fn block<K: Kernel>(&mut self, kernel: K, block: &[u8; BLOCK], at: usize) -> (usize, bool) {
        let mut lower = [0; BLOCK];
        let masks = kernel.classify(block, &mut lower);
        let was_open = self.is_open();
        // Apostrophes behind a letter, and further ones behind these: a carry runs through them.
        let follows = masks.ignored & (masks.letters << 1 | u64::from(was_open));
        let within = masks.ignored & !masks.ignored.wrapping_add(follows);
        let mut length = masks.other.trailing_zeros() as usize;
        let is_ascii = length == BLOCK;
        let unfinished = (masks.letters | within).leading_ones() as usize;
        if is_ascii && unfinished < BLOCK {
            // The last word may go on: the next block begins with it.
            length -= unfinished;
        }
        let valid = below(length);
        let (letters, within) = (masks.letters & valid, within & valid);
        // A hyphen before something else than a letter, as between syllables.
        let apart = !(letters | masks.hyphens);
        let before_gap = masks.hyphens & valid & (apart >> 1 | 1 << (BLOCK - 1));
        self.hyphens += before_gap.count_ones() as usize;
        let inside = letters | within;
        let before = inside << 1 | u64::from(was_open);
        let (mut starts, mut ends) = (inside & !before, !inside & before & valid);
        let mut classes = [0; BLOCK];
        let kept = kernel.classes(
            &lower,
            letters,
            &ALPHABET,
            if was_open { self.open.before } else { 0 },
            &mut classes,
        );
        if self.parts.letters.len() < self.filled + BLOCK {
            // Other characters may fold to more letters than they have bytes.
            self.parts.letters.resize(2 * (self.filled + BLOCK), 0);
        }
        if let Some(to) = self.parts.letters[self.filled..].first_chunk_mut() {
            kernel.compress(&lower, letters, to);
        }
        if let Some(to) = self.parts.classes[self.classes..].first_chunk_mut() {
            kernel.compress(&classes, kept, to);
        }
        self.parts.make_room(self.words);
        let mut open = was_open;
        if within == 0 {
            // The common case: all words but an open one lie in the block, and end where their letters do.
            if open && ends != 0 {
                let upto = below(ends.trailing_zeros() as usize);
                ends &= ends - 1;
                self.continue_word(open, &mut starts, letters & upto, 0, at);
                open = false;
                self.push(
                    self.filled + (letters & upto).count_ones() as usize,
                    self.classes + (kept & upto).count_ones() as usize,
                );
            }
            starts = self.words(at, letters, kept, starts, ends);
            ends = 0;
        }
        while ends != 0 {
            let end = ends.trailing_zeros() as usize;
            ends &= ends - 1;
            let upto = below(end);
            self.continue_word(open, &mut starts, letters & upto, within & upto, at);
            open = false;
            self.push(
                self.filled + (letters & upto).count_ones() as usize,
                self.classes + (kept & upto).count_ones() as usize,
            );
        }
        let filled = self.filled + letters.count_ones() as usize;
        self.classes += kept.count_ones() as usize;
        if filled > self.open.letters && letters != 0 {
            self.continue_word(open, &mut starts, letters, within, at);
            self.open.before = classes[letters.ilog2() as usize];
        }
        self.filled = filled;
        (length, is_ascii)
    }

    /// Takes words that begin and end in the block at byte `at`, and hold nothing but letters: those of `ends`, which
    /// begin at as many of `starts`; gives the other starts.
    #[inline(always)]
    fn words(&mut self, at: usize, letters: u64, kept: u64, mut starts: u64, mut ends: u64) -> u64 {
        let Parts { words, tokens, lengths, classes, letters: all } = &mut *self.parts;
        let (filled, classes_before) = (self.filled, self.classes);
        let (mut from, mut first) = (self.open.letters, self.open.classes);
        let room =
            words[self.words..].iter_mut().zip(&mut tokens[self.words..]).zip(&mut lengths[self.words..]);
        self.words += ends.count_ones() as usize;
        for ((word, token_of_word), letters_of_word) in room {
            if ends == 0 {
                break;
            }
            let (start, end) = (starts.trailing_zeros() as usize, ends.trailing_zeros() as usize);
            starts &= starts.wrapping_sub(1);
            ends &= ends - 1;
            let upto = (1 << end) - 1;
            let letters_end = filled + (letters & upto).count_ones() as usize;
            let classes_end = classes_before + (kept & upto).count_ones() as usize;
            // `fold` refuses texts so long that letters or bytes could pass 4 GiB.
            let (start, end) = ((at + start) as u32, (at + end) as u32);
            *word = Word { start, end, letters_end: letters_end as u32 };
            // No more than the bytes of a block.
            *letters_of_word = (letters_end - from) as u8;
            let length = classes_end - first;
            *token_of_word = match classes[first..].first_chunk() {
                Some(classes) if length <= LONGEST_AT_ONCE => of_classes(classes, length),
                _ => token(&all[from..letters_end]),
            };
            (from, first) = (letters_end, classes_end);
        }
        self.open.letters = from;
        self.open.classes = first;
        starts
    }

    /// Goes on with the open word, or opens one at the next start: `letters` and `within` are those up to its end in
    /// the block at byte `at`.
    #[inline(always)]
    fn continue_word(&mut self, is_open: bool, starts: &mut u64, letters: u64, within: u64, at: usize) {
        let first = if is_open {
            0
        } else {
            let first = starts.trailing_zeros();
            *starts &= starts.wrapping_sub(1);
            self.open.start = at + first as usize;
            self.open.plain = true;
            first
        };
        if within >> first != 0 {
            self.open.plain = false;
        }
        if letters != 0 {
            self.open.end = at + letters.ilog2() as usize + 1;
        }
    }

    /// Ends the open word: its letters and classes go so far.
    #[inline(always)]
    fn push(&mut self, letters_end: usize, classes_end: usize) {
        let Open { letters, classes, start, end, plain, .. } = self.open;
        // `fold` refuses texts so long that letters or bytes could pass 4 GiB.
        self.parts.make_room(self.words);
        self.parts.words[self.words] =
            Word { start: start as u32, end: end as u32, letters_end: letters_end as u32 };
        self.parts.lengths[self.words] = length(letters_end - letters);
        let count = classes_end - classes;
        let at_once = if plain && count <= LONGEST_AT_ONCE {
            self.parts.classes[classes..].first_chunk().map(|classes| of_classes(classes, count))
        } else {
            None
        };
        let token = at_once.unwrap_or_else(|| token(&self.parts.letters[letters..letters_end]));
        self.parts.tokens[self.words] = token;
        self.words += 1;
        self.open.letters = letters_end;
        self.open.classes = classes_end;
    }

    /// Takes the character at byte `at`, which is not ASCII; gives the byte behind it.
    fn character(&mut self, at: usize) -> usize {
        // `at` is at a character boundary: only whole characters are stepped over.
        let Some(c) = self.text[at..].chars().next() else { return self.text.len() };
        let next = at + c.len_utf8();
        match character(c) {
            Character::Ignored => self.open.plain = false,
            Character::Mark => {
                if self.is_open() && self.open.end == at {
                    self.open.end = next;
                }
            }
            Character::Separator => self.close(),
            Character::Ideograph(letter) => {
                self.close();
                self.letters(letter.encode_utf8(&mut [0; 4]), at, next);
                self.close();
            }
            Character::Letter(letter) => self.letters(letter.encode_utf8(&mut [0; 4]), at, next),
            Character::Letters(letters) => self.letters(letters, at, next),
        }
        next
    }

    fn letters(&mut self, letters: &str, at: usize, next: usize) {
        if !self.is_open() {
            self.open.start = at;
        }
        let filled = self.filled + letters.len();
        if self.parts.letters.len() < filled {
            self.parts.letters.resize(2 * filled, 0);
        }
        self.parts.letters[self.filled..filled].copy_from_slice(letters.as_bytes());
        self.filled = filled;
        self.open.end = next;
        self.open.plain = false;
    }

    /// Ends the open word, if there is one.
    fn close(&mut self) {
        if self.is_open() {
            self.push(self.filled, self.classes);
        }
    }
}

/// Bytes of a word's letters, as [`Parts`] has them.
pub(super) fn length(letters: usize) -> u8 {
    u8::try_from(letters).unwrap_or(u8::MAX)
}

/// A mask of the bits below `end`.
#[inline(always)]
fn below(end: usize) -> u64 {
    if end >= BLOCK { u64::MAX } else { !(u64::MAX << end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, one ASCII character after the other.
    fn one_by_one(text: &str) -> (Vec<u8>, Vec<Word>) {
        let (mut letters, mut words) = (Vec::new(), Vec::new());
        let mut open: Option<Word> = None;
        for (at, c) in text.bytes().enumerate() {
            if c.is_ascii_alphanumeric() {
                letters.push(c.to_ascii_lowercase());
                let start = open.map_or(at as u32, |word| word.start);
                open = Some(Word { start, end: at as u32 + 1, letters_end: letters.len() as u32 });
            } else if c != b'\'' {
                words.extend(open.take());
            }
        }
        words.extend(open);
        (letters, words)
    }

    #[test]
    fn blocks_split_as_characters_do() {
        let mut state = 1_u64;
        let mut number = move |below: u64| {
            // Knuth's generator (The Art of Computer Programming, volume 2, 3.3.4).
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut parts = Parts::default();
        for _ in 0..3000 {
            // Of some texts nearly all are letters, so that words are longer than blocks.
            let (length, letters) = (number(300), 1 + number(40));
            let one = |number: &mut dyn FnMut(u64) -> u64| match number(letters + 3) {
                0 => b"' -.\n"[number(5) as usize],
                1 => b' ',
                2 => b'\'',
                _ => b"abcdehHstxyZ019"[number(15) as usize],
            };
            let text: Vec<u8> = (0..length).map(|_| one(&mut number)).collect();
            let text = String::from_utf8(text).unwrap();
            split(&text, &mut parts);
            let (letters, words) = one_by_one(&text);
            assert_eq!((&parts.letters, &parts.words), (&letters, &words), "{text:?}");
            let mut start = 0;
            for (i, word) in words.iter().enumerate() {
                let letters = &letters[start..word.letters_end as usize];
                start = word.letters_end as usize;
                assert_eq!(parts.tokens[i], token(letters), "{text:?} {i}");
                assert_eq!(usize::from(parts.lengths[i]), letters.len().min(255), "{text:?} {i}");
            }
            assert_eq!((parts.tokens.len(), parts.lengths.len()), (words.len(), words.len()));
        }
    }
}
