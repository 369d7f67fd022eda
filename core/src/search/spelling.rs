//! Comparing two words by their letters.

use std::ops::Range;

use super::align::StepKind;
use super::cost;
use crate::simd::{Kernel, WORDS};
use crate::text::Folded;

/// Letters that are compared at once.
const AT_ONCE: usize = size_of::<u64>();

/// The first eight letters of a word (bytes, folded), zeros behind fewer.
#[inline(always)]
fn beginning(text: &Folded, word: usize) -> u64 {
    let (start, end) = (text.letters_start(word), text.letters_start(word + 1));
    match text.letters()[start..].first_chunk() {
        Some(&eight) => {
            let unused = AT_ONCE.saturating_sub(end - start) as u32 * 8;
            u64::from_le_bytes(eight) & u64::MAX.checked_shr(unused).unwrap_or(0)
        }
        None => text.letters()[start..end].iter().rev().fold(0, |all, &letter| all << 8 | u64::from(letter)),
    }
}

/// A word's letters, the first of them at hand.
#[derive(Clone, Copy)]
pub(super) struct Word<'a> {
    letters: &'a [u8],
    beginning: u64,
}

impl<'a> Word<'a> {
    #[inline(always)]
    pub(super) fn new(text: &'a Folded, word: usize) -> Self {
        Self { letters: text.word_letters(word), beginning: beginning(text, word) }
    }

    /// Number of letters.
    #[inline(always)]
    pub(super) fn len(self) -> usize {
        self.letters.len()
    }
}

impl PartialEq for Word<'_> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.beginning == other.beginning
            && self.len() == other.len()
            && (self.len() <= AT_ONCE || self.letters == other.letters)
    }
}

/// What comparing a word's letters needs first: most pairs of words are told apart without looking at the letters.
#[derive(Clone, Copy, Default)]
pub(super) struct Spelling {
    /// The first four letters by twos, zeros behind fewer; and ones where there are letters.
    beginning: [u16; 2],
    seen: [u16; 2],
    /// One bit for each letter that occurs, but for those that share their bit with the zeros.
    mask: [u16; 2],
    /// Number of letters.
    length: u16,
}

impl Spelling {
    #[inline(always)]
    pub(super) fn new(Word { letters, beginning }: Word<'_>) -> Self {
        let halves = |both: u32| [both as u16, (both >> 16) as u16];
        let mask_of = |eight: [u8; AT_ONCE]| eight.iter().fold(0_u32, |mask, &b| mask | 1 << (b & 31));
        let mut mask = mask_of(beginning.to_le_bytes());
        if letters.len() > AT_ONCE {
            mask = letters[AT_ONCE..].iter().fold(mask, |mask, &b| mask | 1 << (b & 31));
        }
        let seen = if letters.len() < 4 { (1 << (8 * letters.len())) - 1 } else { u32::MAX };
        Self {
            beginning: halves(beginning as u32),
            seen: halves(seen),
            mask: halves(mask & !1),
            // Of words of so many letters the letters decide.
            length: letters.len().min(usize::from(u16::MAX >> 2)) as u16,
        }
    }

    /// Zero where two thirds of the letters may be the same: each letter that is changed takes one bit of the masks
    /// and sets another, each that is inserted or left out changes one. And zero where the two may be equal, or one may
    /// begin with the other. Without a branch, for rows of words at once.
    #[inline(always)]
    fn apart(self, other: Self) -> (u16, u16) {
        let allowed = self.length.max(other.length) / 3;
        let unpaired = self.length.abs_diff(other.length);
        let changed = ones(self.mask[0] ^ other.mask[0]) + ones(self.mask[1] ^ other.mask[1]);
        let unlike = unpaired.saturating_sub(allowed) | (changed + unpaired).saturating_sub(2 * allowed);
        let differ =
            |half: usize| (self.beginning[half] ^ other.beginning[half]) & self.seen[half] & other.seen[half];
        (unlike, differ(0) | differ(1))
    }
}

/// Bits that are one; in steps that every processor can do for several numbers at once.
#[inline(always)]
fn ones(x: u16) -> u16 {
    let x = x - (x >> 1 & 0x5555);
    let x = (x & 0x3333) + (x >> 2 & 0x3333);
    let x = (x + (x >> 4)) & 0x0f0f;
    (x + (x >> 8)) & 0x1f
}

/// Words whose spellings are kept.
const KEPT: usize = 256;
/// Words that are spelled together.
const TOGETHER: usize = 8;

/// The spellings of words of a work behind one another, each property by itself.
pub(super) struct Spellings {
    /// The first of the words, and their number.
    first: usize,
    count: usize,
    beginning: [[u16; KEPT]; 2],
    seen: [[u16; KEPT]; 2],
    mask: [[u16; KEPT]; 2],
    length: [u16; KEPT],
}

impl Default for Spellings {
    fn default() -> Self {
        let none = [0; KEPT];
        Self { first: 0, count: 0, beginning: [none; 2], seen: [none; 2], mask: [none; 2], length: none }
    }
}

impl Spellings {
    /// Forgets all words: another work comes.
    pub(super) fn clear(&mut self) {
        self.count = 0;
    }

    /// Makes sure that the words `words` are known. Cheap where it is asked for words in their order; those between,
    /// which nobody asks for, are not looked at.
    #[inline(always)]
    fn reach(&mut self, work: &Folded, words: Range<usize>) {
        let known = self.first..self.first + self.count;
        // Rows of words are read: what lies behind the words that are asked for may be anything.
        if !(known.start..=known.end).contains(&words.start) || words.start - self.first > KEPT - 2 * WORDS {
            (self.first, self.count) = (words.start, 0);
        }
        while self.first + self.count < words.end {
            for k in self.count..self.count + TOGETHER {
                let word = self.first + k;
                let spelling = match word < work.len() {
                    true => Spelling::new(Word::new(work, word)),
                    false => Spelling::default(),
                };
                for half in 0..2 {
                    self.beginning[half][k] = spelling.beginning[half];
                    self.seen[half][k] = spelling.seen[half];
                    self.mask[half][k] = spelling.mask[half];
                }
                self.length[k] = spelling.length;
            }
            self.count += TOGETHER;
        }
    }

    /// Which of these words of the work, [`WORDS`] at the most, may be like `own`, and which may be equal to it, begin
    /// with it or be its beginning: one bit for each, the first word's the lowest.
    #[inline(always)]
    pub(super) fn may_agree<K: Kernel>(
        &mut self,
        kernel: K,
        work: &Folded,
        words: Range<usize>,
        own: Spelling,
    ) -> (u32, u32) {
        const ZEROS: [u16; WORDS] = [0; WORDS];
        self.reach(work, words.clone());
        let row = |list: &[u16; KEPT]| -> [u16; WORDS] {
            list[words.start - self.first..].first_chunk().copied().unwrap_or_default()
        };
        let (beginning, seen) = (self.beginning.each_ref().map(row), self.seen.each_ref().map(row));
        let (mask, length) = (self.mask.each_ref().map(row), row(&self.length));
        let (mut unlike, mut differ) = (ZEROS, ZEROS);
        for c in 0..WORDS {
            let other = Spelling {
                beginning: [beginning[0][c], beginning[1][c]],
                seen: [seen[0][c], seen[1][c]],
                mask: [mask[0][c], mask[1][c]],
                length: length[c],
            };
            (unlike[c], differ[c]) = own.apart(other);
        }
        let inside = u32::MAX >> (WORDS - words.len());
        (kernel.equal(&unlike, &ZEROS) & inside, kernel.equal(&differ, &ZEROS) & inside)
    }
}

/// What a pair of words earns or pays.
#[inline(always)]
pub(super) fn pair_score(a: Word<'_>, b: Word<'_>, rarity: i32) -> i32 {
    if a == b {
        return rarity - cost::KEPT;
    }
    let longer = a.len().max(b.len());
    let distance = distance(a, b);
    // Two thirds of the letters must be the same.
    if longer < 3 || distance * 3 > longer {
        return -cost::CHANGED;
    }
    // From a third of the rarity at two thirds alike to nearly all of it.
    (rarity * (longer as i32 - 2 * distance as i32) / longer as i32).max(0) - cost::KEPT
}

pub(super) fn shared(a: Word<'_>, b: Word<'_>) -> StepKind {
    if a == b {
        return StepKind::Equal;
    }
    let longer = a.len().max(b.len());
    StepKind::Changed { letters: (longer - distance(a, b)) as u32, longer: longer as u32 }
}

/// Letters beyond which words are not compared.
const MAX: usize = 64;

/// Levenshtein distance in bytes of folded letters. Words beyond 64 bytes count as wholly different unless equal: they
/// are no words.
///
/// All letters of the shorter word at once: a bit says by how much its distance differs from that of the letters before
/// it (Myers, Journal of the ACM 46, 1999).
fn distance(a: Word<'_>, b: Word<'_>) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; AT_ONCE]);
    const LOW: u64 = 0x7f * ONES;
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if a == b || long.len() > MAX || short.len() == 0 {
        return if a == b { 0 } else { long.len() };
    }
    let mut eights = [short.beginning; MAX / AT_ONCE];
    let count = short.len().div_ceil(AT_ONCE);
    for (eight, letters) in eights.iter_mut().zip(short.letters.chunks(AT_ONCE)).skip(1) {
        *eight = letters.iter().rev().fold(0, |eight, &letter| eight << 8 | u64::from(letter));
    }
    let last = short.len() - 1;
    let mut distance = short.len();
    let (mut rises, mut falls) = (u64::MAX, 0_u64);
    for &letter in long.letters {
        // Where this letter stands: the highest bit of each byte that is zero, packed.
        let mut equal = 0;
        for (k, eight) in eights[..count].iter().enumerate() {
            let differ = eight ^ (ONES * u64::from(letter));
            let zeros = !(((differ & LOW) + LOW) | differ | LOW);
            equal |= (zeros >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56 << (k * AT_ONCE);
        }
        let vertical = equal | falls;
        let horizontal = ((equal & rises).wrapping_add(rises) ^ rises) | equal;
        let (up, down) = (falls | !(horizontal | rises), rises & horizontal);
        distance = distance + (up >> last & 1) as usize - (down >> last & 1) as usize;
        let (up, down) = (up << 1 | 1, down << 1);
        rises = down | !(vertical | up);
        falls = up & vertical;
    }
    distance
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::PLAIN;

    /// The same by the book.
    fn distance_by_rows(a: &[u8], b: &[u8]) -> usize {
        let mut row = [0_u8; MAX + 1];
        for (j, cell) in row.iter_mut().enumerate().take(b.len() + 1) {
            *cell = j as u8;
        }
        for (i, &x) in a.iter().enumerate() {
            let mut diagonal = row[0];
            row[0] = i as u8 + 1;
            for (j, &y) in b.iter().enumerate() {
                let substituted = diagonal + u8::from(x != y);
                diagonal = row[j + 1];
                row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
            }
        }
        row[b.len()] as usize
    }

    #[test]
    fn distances_are_levenshteins() {
        for (a, b, expected) in [
            ("kitten", "sitting", 3),
            ("abcd", "acd", 1),
            ("abcd", "abxd", 1),
            ("xabcy", "xcy", 2),
            ("xay", "xbcay", 2),
            ("aa", "aba", 1),
            ("abab", "baba", 2),
            ("unconditional", "unconditionally", 2),
            ("internationalisation", "internalization", 6),
        ] {
            let text = Folded::new(&format!("{a} {b}")).unwrap();
            let (one, other) = (Word::new(&text, 0), Word::new(&text, 1));
            assert_eq!(distance(one, other), expected, "{a} {b}");
            assert_eq!(distance(other, one), expected, "{b} {a}");
            assert_eq!(distance_by_rows(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
        }
    }

    #[test]
    fn no_pair_that_is_alike_is_passed_over() {
        let letters = ['a', 'b', 'c'];
        let words: Vec<String> = (1..=5_u32)
            .flat_map(|length| {
                (0..3_usize.pow(length))
                    .map(move |n| (0..length).map(|k| letters[n / 3_usize.pow(k) % 3]).collect())
            })
            .collect();
        let text = Folded::new(&words.join(" ")).unwrap();
        let mut spellings = Spellings::default();
        for (k, a) in words.iter().enumerate() {
            let one = Word::new(&text, k);
            let own = Spelling::new(one);
            for from in (0..words.len()).step_by(WORDS) {
                let (alike, beginnings) =
                    spellings.may_agree(PLAIN, &text, from..words.len().min(from + WORDS), own);
                for (at, b) in words.iter().enumerate().skip(from).take(WORDS) {
                    let (is_alike, is_beginning) = (alike >> (at - from) & 1, beginnings >> (at - from) & 1);
                    let other = Word::new(&text, at);
                    let expected = distance_by_rows(a.as_bytes(), b.as_bytes());
                    assert_eq!(distance(one, other), expected, "{a} {b}");
                    assert!(expected * 3 > a.len().max(b.len()) || is_alike == 1, "{a} {b}");
                    assert!(!(a.starts_with(b) || b.starts_with(a)) || is_beginning == 1, "{a} {b}");
                    assert_eq!(one == other, a == b, "{a} {b}");
                }
            }
        }
    }
}
