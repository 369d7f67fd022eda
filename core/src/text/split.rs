//! Splitting a text to words: characters become letters, runs of letters become words, words become tokens.
//!
//! Text goes in blocks of [`BLOCK`] bytes. Most of it is ASCII, and much else folds to that and takes its place
//! ([`simple`]); where another character comes the block is cut off.
//!
//! ```text
//! block     i t s ' _ C a t ,
//! letters   1 1 1 0 0 1 1 1 0     the letters' bytes, packed, are what the text folds to
//! inside    1 1 1 1 0 1 1 1 0     an apostrophe parts no word
//! ends              ^       ^     the number of letters below says where in the folded letters a word ends
//! ```

use super::characters::{Character, character};
use super::simple::simple;
use super::tokens::{ALPHABET, Token, token};
use crate::simd::{BLOCK, BLOCK_WORDS, BlockWords, Kernel, Masks, PLACES_OF_BLOCK, Task, dispatch, prefetch};

/// Bytes of a text that are asked for at once.
const AHEAD: usize = 4096;

/// What a text is split to: its letters, and a list for each property of its words.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) letters: Vec<u8>,
    /// First bytes in the original.
    pub(super) starts: Vec<u32>,
    /// One past the last bytes in the original; accents on the last letter are inside, quotes behind it are not.
    pub(super) ends: Vec<u32>,
    /// One past the last bytes in the folded letters.
    pub(super) letters_ends: Vec<u32>,
    pub(super) tokens: Vec<Token>,
    /// Bytes of each word's letters; at most 255.
    pub(super) lengths: Vec<u8>,
    /// Bytes in the original where hyphens stand that no letter follows, and some others.
    pub(super) hyphens: Vec<u32>,
}

/// Words that may end in a block.
const WORDS: usize = BLOCK_WORDS + 1;

impl Parts {
    /// Room for so many words and a block's more.
    #[inline(always)]
    fn make_room(&mut self, words: usize) {
        let room = words + WORDS;
        if self.starts.len() < room {
            self.resize(room + words / 4);
        }
    }

    fn resize(&mut self, words: usize) {
        self.starts.resize(words, 0);
        self.ends.resize(words, 0);
        self.letters_ends.resize(words, 0);
        self.tokens.resize(words, 0);
        self.lengths.resize(words, 0);
    }
}

/// Splits `text` to `parts`, in place of what was there. Linear.
pub(super) fn split(text: &str, parts: &mut Parts) {
    dispatch(Split { text, parts });
}

struct Split<'a> {
    text: &'a str,
    parts: &'a mut Parts,
}

impl Task for Split<'_> {
    type Answer = ();

    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) {
        let Self { text, parts } = self;
        parts.hyphens.clear();
        parts.make_room(text.len() / 6);
        // Room for all letters of an ASCII text, and for what is written beyond the last. What lies there does not
        // matter.
        parts.letters.resize(text.len() + BLOCK, 0);
        // The beginning of the text, before the processor sees that it is read in order.
        (0..text.len().min(AHEAD)).step_by(BLOCK).for_each(|at| prefetch(text.as_bytes(), at));
        let mut splitter = Splitter { text, parts, words: 0, filled: 0, open: Open::default() };
        let mut at = 0;
        while at < text.len() {
            let rest = &text.as_bytes()[at..];
            let mut padded = [0; BLOCK];
            let block = rest.first_chunk().unwrap_or_else(|| {
                padded[..rest.len()].copy_from_slice(rest);
                &padded
            });
            let (length, is_cut) = splitter.block(kernel, block, at);
            at = (at + length).min(text.len());
            if is_cut {
                at = splitter.character(at);
            }
        }
        splitter.close();
        let Splitter { words, filled, .. } = splitter;
        parts.resize(words);
        parts.letters.truncate(filled);
    }
}

struct Splitter<'a> {
    text: &'a str,
    parts: &'a mut Parts,
    /// Words and letters so far; what lies behind them in `parts` does not matter.
    words: usize,
    filled: usize,
    open: Open,
}

/// The word that is not yet at its end, if there is one.
#[derive(Default)]
struct Open {
    /// Where its letters begin; there is no word where this is the end of the letters.
    letters: usize,
    /// Its bytes in the original, up to the last letter.
    start: usize,
    end: usize,
}

/// A block, or its beginning, that is ASCII or has become it.
#[derive(Clone, Copy)]
struct Ascii<'a> {
    /// Its bytes, letters in lower case, and what they are; those behind the first `count` may be anything.
    lower: &'a [u8; BLOCK],
    masks: Masks,
    count: usize,
    /// Whether a character comes behind it that must be taken by itself.
    is_cut: bool,
    /// Where each byte stood in the block, and behind the last where the next did.
    places: &'a [u8; BLOCK + 1],
}

impl Splitter<'_> {
    fn is_open(&self) -> bool {
        self.filled > self.open.letters
    }

    /// Takes the beginning of a block that stands at byte `at`, up to the beginning of a word that may go on behind it;
    /// gives the number of its bytes, and whether behind these comes a character that must be taken by itself. Zeros
    /// behind the end of a text part words, as spaces do.
    #[inline(always)]
    fn block<K: Kernel>(&mut self, kernel: K, block: &[u8; BLOCK], at: usize) -> (usize, bool) {
        let mut lower = [0; BLOCK];
        let masks = kernel.classify(block, &mut lower);
        if masks.other == 0 {
            let ascii = Ascii { lower: &lower, masks, count: BLOCK, is_cut: false, places: &PLACES_OF_BLOCK };
            return (self.ascii(kernel, ascii, at), false);
        }
        let simple = simple(block, masks.other);
        let (mut packed, mut places) = ([0; BLOCK], [0; BLOCK + 1]);
        kernel.compress(&simple.bytes, simple.kept, &mut packed);
        if let (Some(all), Some(places)) = (PLACES_OF_BLOCK.first_chunk(), places.first_chunk_mut()) {
            kernel.compress(all, simple.kept, places);
        }
        let count = simple.kept.count_ones() as usize;
        places[count] = simple.length as u8;
        let masks = kernel.classify(&packed, &mut lower);
        let ascii = Ascii { lower: &lower, masks, count, is_cut: simple.is_cut, places: &places };
        (self.ascii(kernel, ascii, at), simple.is_cut)
    }

    /// The same for what has become ASCII.
    #[inline(always)]
    fn ascii<K: Kernel>(&mut self, kernel: K, ascii: Ascii<'_>, at: usize) -> usize {
        let Ascii { lower, masks, count, is_cut, places } = ascii;
        let was_open = self.is_open();
        // Apostrophes behind a letter, and further ones behind these: a carry runs through them.
        let follows = masks.ignored & (masks.letters << 1 | u64::from(was_open));
        let within = masks.ignored & !masks.ignored.wrapping_add(follows);
        let mut count = count;
        let unfinished = ((masks.letters | within) << (BLOCK - count) % BLOCK).leading_ones() as usize;
        if !is_cut && unfinished < count {
            // The last word may go on: the next block begins with it.
            count -= unfinished;
        }
        let valid = below(count);
        let (letters, within) = (masks.letters & valid, within & valid);
        // A hyphen before something else than a letter, as between syllables.
        let hyphens = masks.hyphens & valid;
        let apart = !(letters | hyphens);
        let mut before_gap = hyphens & (apart >> 1 | 1 << (BLOCK - 1));
        while before_gap != 0 {
            let place = places[before_gap.trailing_zeros() as usize];
            before_gap &= before_gap - 1;
            self.parts.hyphens.push((at + usize::from(place)) as u32);
        }
        // Of apostrophes those are inside a word that have a letter of it behind them, or may have behind the block.
        let mut inner = within & (letters >> 1 | valid & !(valid >> 1));
        while within & inner >> 1 & !inner != 0 {
            inner |= within & inner >> 1;
        }
        let inside = letters | inner;
        let before = inside << 1 | u64::from(was_open);
        let (mut starts, mut ends) = (inside & !before, !inside & before & valid);
        if self.parts.letters.len() < self.filled + BLOCK {
            // Other characters may fold to more letters than they have bytes.
            self.parts.letters.resize(2 * (self.filled + BLOCK), 0);
        }
        if let Some(to) = self.parts.letters[self.filled..].first_chunk_mut() {
            kernel.compress(lower, letters, to);
        }
        self.parts.make_room(self.words);
        let mut open = was_open;
        if open && ends != 0 {
            let upto = below(ends.trailing_zeros() as usize);
            ends &= ends - 1;
            self.continue_word(open, &mut starts, letters & upto, places, at);
            open = false;
            self.push(self.filled + (letters & upto).count_ones() as usize);
        }
        if ends != 0 {
            self.words(kernel, ascii, letters, inner, (starts, ends), at);
            // What is left is the open word's.
            starts &= !below(ends.ilog2() as usize);
        }
        let filled = self.filled + letters.count_ones() as usize;
        if filled > self.open.letters && letters != 0 {
            self.continue_word(open, &mut starts, letters, places, at);
        }
        self.filled = filled;
        usize::from(places[count])
    }

    /// Takes words that begin and end in the block at byte `at`: those of `ends`, which begin at as many of `starts`.
    /// `inner` are apostrophes inside of words.
    #[inline(always)]
    fn words<K: Kernel>(
        &mut self,
        kernel: K,
        Ascii { lower, places, .. }: Ascii<'_>,
        letters: u64,
        mut inner: u64,
        (starts, ends): (u64, u64),
        at: usize,
    ) {
        let parts = &mut *self.parts;
        let room = (
            parts.starts[self.words..].first_chunk_mut(),
            parts.ends[self.words..].first_chunk_mut(),
            parts.letters_ends[self.words..].first_chunk_mut(),
            parts.lengths[self.words..].first_chunk_mut(),
            parts.tokens[self.words..].first_chunk_mut(),
        );
        // There is: it was made.
        let (Some(to_starts), Some(to_ends), Some(letters_ends), Some(lengths), Some(tokens)) = room else {
            return;
        };
        // `fold` refuses texts so long that letters or bytes could pass 4 GiB.
        let words = BlockWords {
            starts: to_starts,
            ends: to_ends,
            at: at as u32,
            places,
            letters_ends,
            letters: self.filled as u32,
            lengths,
            tokens,
        };
        let mut apart = kernel.words(lower, letters, (starts, ends), &ALPHABET, words);
        // The letters on either side of an apostrophe are classed as neighbours. Behind the last end there is an open word.
        let all = below(ends.count_ones() as usize) as u32;
        while inner != 0 {
            let upto = below(inner.trailing_zeros() as usize);
            inner &= inner - 1;
            apart |= (1_u64 << (ends & upto).count_ones()) as u32 & all;
        }
        while apart != 0 {
            let word = self.words + apart.trailing_zeros() as usize;
            apart &= apart - 1;
            let end = parts.letters_ends[word] as usize;
            parts.tokens[word] = token(&parts.letters[end - usize::from(parts.lengths[word])..end]);
        }
        self.words += ends.count_ones() as usize;
        self.open.letters = parts.letters_ends[self.words - 1] as usize;
    }

    /// Goes on with the open word, or opens one at the next start: `letters` are those up to its end in the block at
    /// byte `at`.
    #[inline(always)]
    fn continue_word(
        &mut self,
        is_open: bool,
        starts: &mut u64,
        letters: u64,
        places: &[u8; BLOCK + 1],
        at: usize,
    ) {
        if !is_open {
            self.open.start = at + usize::from(places[starts.trailing_zeros() as usize]);
            *starts &= starts.wrapping_sub(1);
        }
        if letters != 0 {
            self.open.end = at + usize::from(places[letters.ilog2() as usize + 1]);
        }
    }

    /// Ends the open word: its letters go so far.
    #[inline(always)]
    fn push(&mut self, letters_end: usize) {
        let Open { letters, start, end } = self.open;
        self.parts.make_room(self.words);
        let Parts { starts, ends, letters_ends, tokens, lengths, letters: all, .. } = &mut *self.parts;
        // `fold` refuses texts so long that letters or bytes could pass 4 GiB.
        starts[self.words] = start as u32;
        ends[self.words] = end as u32;
        letters_ends[self.words] = letters_end as u32;
        lengths[self.words] = length(letters_end - letters);
        tokens[self.words] = token(&all[letters..letters_end]);
        self.words += 1;
        self.open.letters = letters_end;
    }

    /// Takes the character at byte `at`, which is not ASCII; gives the byte behind it.
    fn character(&mut self, at: usize) -> usize {
        // `at` is at a character boundary: only whole characters are stepped over.
        let Some(c) = self.text[at..].chars().next() else { return self.text.len() };
        let next = at + c.len_utf8();
        match character(c) {
            Character::Ignored => {}
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
    }

    /// Ends the open word, if there is one.
    fn close(&mut self) {
        if self.is_open() {
            self.push(self.filled);
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

    /// The same, one character after the other.
    fn one_by_one(text: &str) -> (Vec<u8>, Vec<[u32; 3]>) {
        let (mut all, mut words) = (String::new(), Vec::new());
        let mut open: Option<[u32; 3]> = None;
        for (at, c) in text.char_indices() {
            let (at, next) = (at as u32, (at + c.len_utf8()) as u32);
            let is_ideograph = matches!(character(c), Character::Ideograph(_));
            if is_ideograph || character(c) == Character::Separator {
                words.extend(open.take());
            }
            let before = all.len();
            match character(c) {
                Character::Letter(letter) | Character::Ideograph(letter) => all.push(letter),
                Character::Letters(letters) => all.push_str(letters),
                Character::Mark => {
                    open =
                        open.map(|[start, end, letters]| [start, if end == at { next } else { end }, letters])
                }
                Character::Ignored | Character::Separator => {}
            }
            if all.len() > before {
                open = Some([open.map_or(at, |[start, ..]| start), next, all.len() as u32]);
            }
            if is_ideograph {
                words.extend(open.take());
            }
        }
        words.extend(open);
        (all.into_bytes(), words)
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
        // Simple ones, accents among them, and some that must be taken by themselves.
        let other: Vec<char> =
            "äßÉœ²´’“—…\u{A0}\u{301}\u{308}\u{AD}\u{200D}½жα中が😀ﬁĳ€\u{5B8}".chars().collect();
        for round in 0..6000 {
            // Of some texts nearly all are letters, so that words are longer than blocks.
            let (length, letters, others) = (number(300), 1 + number(40), number(20) * (round % 2));
            let one = |number: &mut dyn FnMut(u64) -> u64| match number(letters + 3) {
                _ if number(100) < others => other[number(other.len() as u64) as usize],
                0 => ['\'', ' ', '-', '.', '\n'][number(5) as usize],
                1 => ' ',
                2 => '\'',
                _ => char::from(b"abcdehHstxyZ019"[number(15) as usize]),
            };
            let text: String = (0..length).map(|_| one(&mut number)).collect();
            split(&text, &mut parts);
            let (letters, words) = one_by_one(&text);
            let spans = parts.starts.iter().zip(&parts.ends).zip(&parts.letters_ends);
            let spans: Vec<[u32; 3]> =
                spans.map(|((&start, &end), &letters)| [start, end, letters]).collect();
            assert_eq!((&parts.letters, &spans), (&letters, &words), "{text:?}");
            let mut start = 0;
            for (i, word) in words.iter().enumerate() {
                let letters = &letters[start..word[2] as usize];
                start = word[2] as usize;
                assert_eq!(parts.tokens[i], token(letters), "{text:?} {i}");
                assert_eq!(usize::from(parts.lengths[i]), letters.len().min(255), "{text:?} {i}");
            }
            assert_eq!((parts.tokens.len(), parts.lengths.len()), (words.len(), words.len()));
        }
    }
}
