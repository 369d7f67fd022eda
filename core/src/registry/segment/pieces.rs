//! Works that wait to be folded: a few megabytes of text at a time, on all cores.

use super::parts::{Gram, Parts, in_parallel, part_of};
use super::seeds::STRIDE;
use crate::error::Result;
use crate::fingerprint::winnow;
use crate::text::{Folded, Token};

/// Bytes of text that wait at the most, but for the last.
const MOST: usize = 4 << 20;
/// Bytes of text that one core takes at once, about.
const PIECE: usize = 1 << 18;

/// Works that wait.
#[derive(Default)]
pub(super) struct Waiting {
    texts: String,
    ends: Vec<usize>,
}

/// Works in a row, folded. Words are numbered from the first of the piece.
pub(super) struct Piece {
    pub(super) tokens: Vec<Token>,
    /// Of each work the end of its words, and its letters.
    pub(super) works: Vec<(u32, u32)>,
    pub(super) letter_grams: Parts,
}

impl Waiting {
    pub(super) fn add(&mut self, text: &str) {
        self.texts.push_str(text);
        self.ends.push(self.texts.len());
    }

    /// Whether there is enough to fold.
    pub(super) fn are_many(&self) -> bool {
        self.texts.len() >= MOST
    }

    /// Words that these works have at the most: between two there is at least a byte, and in scripts that write no
    /// spaces a character has three.
    pub(super) fn most_words(&self) -> u64 {
        (self.texts.len() / 2 + self.ends.len()) as u64
    }

    /// Folds what waits, and lets go of it. Linear in the texts.
    pub(super) fn fold(&mut self) -> Result<Vec<Piece>> {
        let range = |work: usize| if work == 0 { 0 } else { self.ends[work - 1] }..self.ends[work];
        let mut pieces = Vec::new();
        let mut first = 0;
        for work in 0..self.ends.len() {
            if range(work).end - range(first).start >= PIECE || work + 1 == self.ends.len() {
                pieces.push(first..work + 1);
                first = work + 1;
            }
        }
        let folded = in_parallel(pieces.len(), Buffers::default, |buffers, at| {
            piece(pieces[at].clone().map(|work| &self.texts[range(work)]), buffers)
        });
        self.texts.clear();
        self.ends.clear();
        folded.into_iter().collect()
    }
}

/// What one core needs.
#[derive(Default)]
struct Buffers {
    folded: Folded,
    letter_grams: Vec<u64>,
    parts: Vec<u16>,
    word_ends: Ends,
}

/// Where words end in letters: which word a letter is of, is asked of one in 32, and no processor can guess how many
/// words that is further on.
#[derive(Default)]
struct Ends {
    /// Of each 64 letters a bit where a word begins, but for the first, and how many begin before these letters.
    begins: Vec<(u64, u32)>,
}

impl Ends {
    fn set(&mut self, ends: &[u32], letters: usize) {
        self.begins.clear();
        self.begins.resize(letters / 64 + 1, (0, 0));
        ends.iter().for_each(|&end| self.begins[end as usize / 64].0 |= 1 << (end % 64));
        let mut before = 0;
        for (begins, count) in &mut self.begins {
            *count = before;
            before += begins.count_ones();
        }
    }

    /// The number of the word that a letter is of: of so many the end is not behind it.
    #[inline(always)]
    fn before(&self, letter: usize) -> usize {
        let (begins, before) = self.begins[letter / 64];
        let up_to = u64::MAX >> (63 - letter % 64);
        before as usize + (begins & up_to).count_ones() as usize
    }
}

fn piece<'a>(texts: impl Iterator<Item = &'a str>, buffers: &mut Buffers) -> Result<Piece> {
    let Buffers { folded, letter_grams, parts, word_ends } = buffers;
    letter_grams.clear();
    parts.clear();
    let mut tokens: Vec<Token> = Vec::with_capacity(PIECE / 5);
    let mut works = Vec::new();
    for text in texts {
        folded.fold(text)?;
        // A work begins where a seed may begin.
        tokens.resize(tokens.len().next_multiple_of(STRIDE), 0);
        let start = tokens.len();
        tokens.extend_from_slice(folded.tokens());
        let letters = folded.letters();
        // Bytes that begin a code point.
        let count = letters.iter().filter(|&&b| b & 0xC0 != 0x80).count() as u32;
        works.push((tokens.len() as u32, count));
        word_ends.set(folded.letters_ends(), letters.len());
        winnow(letters, |at, hash| {
            let word = word_ends.before(at);
            letter_grams.push(Gram::new(hash, ((start + word) / STRIDE) as u32).record());
            parts.push(part_of(hash));
        });
    }
    Ok(Piece { tokens, works, letter_grams: Parts::new(letter_grams, parts) })
}
