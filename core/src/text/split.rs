//! Splitting a text to words: characters become letters, runs of letters become words, words become tokens.
//!
//! Text goes in blocks of [`BLOCK`] bytes. Most of it is ASCII, and much else folds to that and takes its place
//! ([`simple`]); where another character comes the block is cut off. What a block holds is a matter of masks, and where
//! words begin and end is written as lists of the bits' places: a word may go on from one block to the next, and no
//! block waits for the one before it. Tokens come last, of all words at once.
//!
//! ```text
//! block     i t s ' _ C a t ,
//! letters   1 1 1 0 0 1 1 1 0     the letters' bytes, packed, are what the text folds to
//! inside    1 1 1 1 0 1 1 1 0     an apostrophe parts no word
//! starts    ^         ^           of these, the letters before them say where in the folded letters a word begins
//! ends              ^       ^
//! ```

use std::mem::swap;

use super::characters::{Character, character};
use super::simple::simple;
use super::tokens::{ALPHABET, Token, class, stands, token_of};
use crate::simd::{BLOCK, BLOCK_WORDS, Kernel, Masks, PLACES_OF_BLOCK, Task, dispatch, prefetch};

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
    /// First bytes in the folded letters, and behind the last word the end of these.
    pub(super) letters_starts: Vec<u32>,
    pub(super) tokens: Vec<Token>,
    /// Bytes of each word's letters; at most 255.
    pub(super) lengths: Vec<u8>,
    /// Bytes in the original where hyphens stand that no letter follows, and some others.
    pub(super) hyphens: Vec<u32>,
    /// What was come across that texts in Latin letters have seldom.
    pub(super) rare: Rare,
    /// The letters' classes, without those that say nothing, and where those of each word begin, as with letters.
    classes: Vec<u8>,
    class_starts: Vec<u32>,
}

/// What is looked at anyway, so that noting it costs next to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rare {
    /// Letters that do not fold to ASCII, in scripts that part words.
    pub(super) letters: bool,
    /// Invisible characters of the supplementary special-purpose plane: tags and variation selectors.
    pub(super) invisible: bool,
    /// Hyphens between letters, so many close together as ordinary text seldom has.
    pub(super) hyphenated: bool,
}

/// Hyphens between the letters of a block that are many.
const MANY_HYPHENS: u32 = 4;

impl Parts {
    /// Takes the place of others, of which only the classes are kept: their lists must never be shorter than those of
    /// letters and words, and those that are made of joined words are empty.
    pub(super) fn replace(&mut self, mut others: Self) {
        swap(&mut self.classes, &mut others.classes);
        swap(&mut self.class_starts, &mut others.class_starts);
        others.rare = self.rare;
        *self = others;
    }

    /// Room for a block's words and letters behind so many, and for what is written beyond the last. What lies there does
    /// not matter.
    #[inline(always)]
    fn make_room(&mut self, words: usize, letters: usize) {
        let room = words + BLOCK_WORDS + 1;
        if self.starts.len() < room {
            self.resize(room + words / 4);
        }
        let room = letters + 2 * BLOCK;
        if self.letters.len() < room {
            self.letters.resize(room + letters / 4, 0);
            self.classes.resize(room + letters / 4, 0);
        }
    }

    fn resize(&mut self, words: usize) {
        self.starts.resize(words, 0);
        self.ends.resize(words, 0);
        self.letters_starts.resize(words + 1, 0);
        self.class_starts.resize(words + 1, 0);
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
        parts.rare = Rare::default();
        parts.make_room(text.len() / 6, text.len());
        // The beginning of the text, before the processor sees that it is read in order.
        (0..text.len().min(AHEAD)).step_by(BLOCK).for_each(|at| prefetch(text.as_bytes(), at));
        let mut splitter = Splitter {
            text,
            parts,
            begun: 0,
            ended: 0,
            letters: 0,
            classes: 0,
            is_open: false,
            end: 0,
            class: 0,
        };
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
        splitter.finish();
    }
}

struct Splitter<'a> {
    text: &'a str,
    parts: &'a mut Parts,
    /// Words that have begun and that have ended, letters and classes so far; what lies behind these in `parts` does not
    /// matter.
    begun: usize,
    ended: usize,
    letters: usize,
    classes: usize,
    /// Whether a word has begun that may go on.
    is_open: bool,
    /// Where the last letter ends in the original, with its accents; its class.
    end: usize,
    class: u8,
}

/// A block, or its beginning, that is ASCII or has become it.
#[derive(Clone, Copy)]
struct Ascii<'a> {
    /// Its bytes, letters in lower case, and what they are; those behind the first `count` may be anything.
    lower: &'a [u8; BLOCK],
    masks: Masks,
    count: usize,
    /// Where each byte stood in the block, and behind the last where the next did.
    places: &'a [u8; BLOCK + 1],
}

impl Splitter<'_> {
    /// Takes the beginning of a block that stands at byte `at`; gives the number of its bytes, and whether behind these
    /// comes a character that must be taken by itself. Zeros behind the end of a text part words, as spaces do.
    #[inline(always)]
    fn block<K: Kernel>(&mut self, kernel: K, block: &[u8; BLOCK], at: usize) -> (usize, bool) {
        let mut lower = [0; BLOCK];
        let masks = kernel.classify(block, &mut lower);
        if masks.other == 0 {
            self.ascii(kernel, Ascii { lower: &lower, masks, count: BLOCK, places: &PLACES_OF_BLOCK }, at);
            return (BLOCK, false);
        }
        let simple = simple(block, masks.other);
        if simple.length > 0 {
            let (mut packed, mut places) = ([0; BLOCK], [0; BLOCK + 1]);
            kernel.compress(&simple.bytes, simple.kept, &mut packed);
            if let (Some(all), Some(places)) = (PLACES_OF_BLOCK.first_chunk(), places.first_chunk_mut()) {
                kernel.compress(all, simple.kept, places);
            }
            let count = simple.kept.count_ones() as usize;
            places[count] = simple.length as u8;
            let masks = kernel.classify(&packed, &mut lower);
            self.ascii(kernel, Ascii { lower: &lower, masks, count, places: &places }, at);
        }
        (simple.length, simple.is_cut)
    }

    /// Takes what has become ASCII.
    #[inline(always)]
    fn ascii<K: Kernel>(&mut self, kernel: K, Ascii { lower, masks, count, places }: Ascii<'_>, at: usize) {
        let was_open = u64::from(self.is_open);
        let valid = below(count);
        let last = valid & !(valid >> 1);
        let letters = masks.letters & valid;
        // A hyphen before something else than a letter, as between syllables.
        let hyphens = masks.hyphens & valid;
        let between = hyphens & letters >> 1 & letters << 1;
        self.parts.rare.hyphenated |= between.count_ones() >= MANY_HYPHENS;
        let apart = !(letters | hyphens);
        let mut before_gap = hyphens & (apart >> 1 | last);
        while before_gap != 0 {
            let place = places[before_gap.trailing_zeros() as usize];
            before_gap &= before_gap - 1;
            self.parts.hyphens.push((at + usize::from(place)) as u32);
        }
        // Apostrophes behind a letter, and further ones behind these: a carry runs through them.
        let follows = masks.ignored & (masks.letters << 1 | was_open);
        let within = masks.ignored & !masks.ignored.wrapping_add(follows) & valid;
        // Of these are inside a word those that have a letter of it behind them, or may have behind the block.
        let mut inner = within & (letters >> 1 | last);
        while within & inner >> 1 & !inner != 0 {
            inner |= within & inner >> 1;
        }
        let inside = letters | inner;
        let before = inside << 1 | was_open;
        let (starts, ends) = (inside & !before, !inside & before & valid);

        // Other characters may fold to more letters than they have bytes.
        self.parts.make_room(self.begun, self.letters);
        let parts = &mut *self.parts;
        let room = (
            parts.starts[self.begun..].first_chunk_mut(),
            parts.ends[self.ended..].first_chunk_mut(),
            parts.letters_starts[self.begun..].first_chunk_mut(),
            parts.class_starts[self.begun..].first_chunk_mut(),
            parts.letters[self.letters..].first_chunk_mut(),
            parts.classes[self.classes..].first_chunk_mut(),
        );
        // There is: it was made.
        let (
            Some(to_starts),
            Some(to_ends),
            Some(letters_starts),
            Some(class_starts),
            Some(packed),
            Some(classes),
        ) = room
        else {
            return;
        };
        // `fold` refuses texts so long that letters or bytes could pass 4 GiB.
        kernel.places(starts, places, at as u32, to_starts);
        kernel.places(ends, places, at as u32, to_ends);
        // Apostrophes and accents may lie between the last letter of the block before and this one.
        to_ends[0] = if ends & 1 == 1 { self.end as u32 } else { to_ends[0] };
        // The same places among the letters, and among their classes: the first letter of a word always has one.
        let starts = kernel.extract(starts, letters);
        kernel.places(starts, &PLACES_OF_BLOCK, self.letters as u32, letters_starts);
        kernel.compress(lower, letters, packed);
        let count = letters.count_ones() as usize;
        let kept = kernel.classes(packed, starts, &mut self.class, count, &ALPHABET, classes);
        let starts = kernel.extract(starts, kept);
        kernel.places(starts, &PLACES_OF_BLOCK, self.classes as u32, class_starts);

        self.begun += starts.count_ones() as usize;
        self.ended += ends.count_ones() as usize;
        self.letters += count;
        self.classes += kept.count_ones() as usize;
        if letters != 0 {
            self.end = at + usize::from(places[letters.ilog2() as usize + 1]);
        }
        self.is_open = inside & last != 0;
    }

    /// Takes the character at byte `at`, which is not ASCII; gives the byte behind it.
    fn character(&mut self, at: usize) -> usize {
        // `at` is at a character boundary: only whole characters are stepped over.
        let Some(c) = self.text[at..].chars().next() else { return self.text.len() };
        let next = at + c.len_utf8();
        match character(c) {
            Character::Ignored => self.parts.rare.invisible |= c >= '\u{E0000}',
            Character::Mark => {
                if self.is_open && self.end == at {
                    self.end = next;
                }
            }
            Character::Separator => self.close(),
            Character::Ideograph(letter) => {
                self.close();
                self.letters(letter.encode_utf8(&mut [0; 4]), at, next);
                self.close();
            }
            Character::Letter(letter) => {
                self.parts.rare.letters |= !letter.is_ascii();
                self.letters(letter.encode_utf8(&mut [0; 4]), at, next);
            }
            Character::Letters(letters) => self.letters(letters, at, next),
        }
        next
    }

    fn letters(&mut self, letters: &str, at: usize, next: usize) {
        // No character folds to more letters than there is room for.
        self.parts.make_room(self.begun, self.letters);
        let parts = &mut *self.parts;
        if !self.is_open {
            parts.starts[self.begun] = at as u32;
            parts.letters_starts[self.begun] = self.letters as u32;
            parts.class_starts[self.begun] = self.classes as u32;
            self.begun += 1;
            self.class = 0;
        }
        for &letter in letters.as_bytes() {
            parts.letters[self.letters] = letter;
            self.letters += 1;
            let class = class(letter);
            if stands(class, self.class) {
                parts.classes[self.classes] = class;
                self.classes += 1;
            }
            self.class = class;
        }
        (self.is_open, self.end) = (true, next);
    }

    /// Ends the open word, if there is one.
    fn close(&mut self) {
        if self.is_open {
            self.parts.make_room(self.ended, self.letters);
            self.parts.ends[self.ended] = self.end as u32;
            self.ended += 1;
            self.is_open = false;
        }
    }

    /// Ends the last word, and says what words are as a whole.
    #[inline(always)]
    fn finish(mut self) {
        self.close();
        let Self { parts, begun: words, letters, classes, .. } = self;
        parts.resize(words);
        parts.letters_starts[words] = letters as u32;
        parts.class_starts[words] = classes as u32;
        parts.letters.truncate(letters);
        parts.lengths.resize(words, 0);
        for (of_word, &[start, end]) in parts.lengths.iter_mut().zip(parts.letters_starts.array_windows()) {
            *of_word = length((end - start) as usize);
        }
        parts.tokens.resize(words, 0);
        for (of_word, &[start, end]) in parts.tokens.iter_mut().zip(parts.class_starts.array_windows()) {
            *of_word = token_of(&parts.classes, start, end);
        }
    }
}

/// Bytes of a word's letters, as [`Parts`] has them.
#[inline(always)]
pub(super) fn length(letters: usize) -> u8 {
    letters.min(usize::from(u8::MAX)) as u8
}

/// A mask of the bits below `end`.
#[inline(always)]
fn below(end: usize) -> u64 {
    if end >= BLOCK { u64::MAX } else { !(u64::MAX << end) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokens::token;

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
            let spans = parts.starts.iter().zip(&parts.ends).zip(&parts.letters_starts[1..]);
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
