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

/// Whether two words have the same letters.
#[inline(always)]
pub(super) fn is_equal(one: (&Folded, usize), other: (&Folded, usize)) -> bool {
    let length = |(text, word): (&Folded, usize)| text.letters_start(word + 1) - text.letters_start(word);
    beginning(one.0, one.1) == beginning(other.0, other.1)
        && length(one) == length(other)
        && (length(one) <= AT_ONCE || one.0.word_letters(one.1) == other.0.word_letters(other.1))
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
    pub(super) fn new(text: &Folded, word: usize) -> Self {
        let halves = |both: u32| [both as u16, (both >> 16) as u16];
        let letters = text.word_letters(word);
        let first = beginning(text, word);
        let mask_of = |eight: [u8; AT_ONCE]| eight.iter().fold(0_u32, |mask, &b| mask | 1 << (b & 31));
        let mut mask = mask_of(first.to_le_bytes());
        if letters.len() > AT_ONCE {
            mask = letters[AT_ONCE..].iter().fold(mask, |mask, &b| mask | 1 << (b & 31));
        }
        let seen = if letters.len() < 4 { (1 << (8 * letters.len())) - 1 } else { u32::MAX };
        Self {
            beginning: halves(first as u32),
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
        let differ = |half: usize| {
            (self.beginning[half] ^ other.beginning[half]) & self.seen[half] & other.seen[half]
        };
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
                let spelling = if word < work.len() { Spelling::new(work, word) } else { Spelling::default() };
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
pub(super) fn pair_score(a: &[u8], b: &[u8], rarity: i32) -> i32 {
    if a == b {
        return rarity - cost::KEPT;
    }
    let longer = a.len().max(b.len());
    if longer < 3 {
        return -cost::CHANGED;
    }
    // Two thirds of the letters must be the same.
    let Some(distance) = distance_within(a, b, longer / 3) else { return -cost::CHANGED };
    // From a third of the rarity at two thirds alike to nearly all of it.
    (rarity * (longer as i32 - 2 * distance as i32) / longer as i32).max(0) - cost::KEPT
}

pub(super) fn shared(a: &[u8], b: &[u8]) -> StepKind {
    if a == b {
        return StepKind::Equal;
    }
    let longer = a.len().max(b.len());
    let distance = distance_within(a, b, longer).unwrap_or(longer);
    StepKind::Changed { letters: (longer - distance) as u32, longer: longer as u32 }
}

/// Letters beyond which words are not compared.
const MAX: usize = 64;

/// Levenshtein distance in bytes of folded letters, where it is not more than `most`. Words beyond 64 bytes
/// are wholly different unless equal: they are no words.
fn distance_within(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    let within = |distance: usize| (distance <= most).then_some(distance);
    if a == b {
        return Some(0);
    }
    if a.len() > MAX || b.len() > MAX {
        return within(a.len().max(b.len()));
    }
    // What both begin and end with costs nothing.
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same..], &b[same..]);
    let same = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - same], &b[..b.len() - same]);
    if a.len().min(b.len()) <= 1 {
        let (one, other) = if a.len() < b.len() { (a, b) } else { (b, a) };
        return within(other.len() - usize::from(one.first().is_some_and(|letter| other.contains(letter))));
    }
    if most < 2 {
        // Both their first and their last letters differ.
        return None;
    }
    let (one, other) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    match one.len() <= AT_ONCE {
        true => within(distance_to_eight(one, other)),
        false => within(distance_by_rows(a, b)),
    }
}

/// Levenshtein distance where the one has at most eight letters: a column at once, each bit the difference of two cells
/// (Myers, Journal of the ACM 46, 1999).
fn distance_to_eight(one: &[u8], other: &[u8]) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; AT_ONCE]);
    let all = one.iter().rev().fold(0, |all, &letter| all << 8 | u64::from(letter));
    let last = 1 << (one.len() - 1);
    let mut distance = one.len();
    let (mut rises, mut falls) = (u64::MAX, 0_u64);
    for &letter in other {
        // The highest bit of each byte that is zero, packed: where this letter stands.
        let differ = all ^ ONES * u64::from(letter);
        let zeros = !(((differ & 0x7f * ONES) + 0x7f * ONES) | differ | 0x7f * ONES);
        let equal = (zeros >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        let vertical = equal | falls;
        let horizontal = ((equal & rises).wrapping_add(rises) ^ rises) | equal;
        let (up, down) = (falls | !(horizontal | rises), rises & horizontal);
        distance += usize::from(up & last != 0);
        distance -= usize::from(down & last != 0);
        let (up, down) = (up << 1 | 1, down << 1);
        rises = down | !(vertical | up);
        falls = up & vertical;
    }
    distance
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::PLAIN;

    #[test]
    fn distances_are_levenshteins() {
        for (a, b, expected) in [
            ("kitten", "sitting", 3),
            ("", "abc", 3),
            ("abcd", "acd", 1),
            ("abcd", "abxd", 1),
            ("xabcy", "xcy", 2),
            ("xay", "xbcay", 2),
            ("aa", "aba", 1),
            ("abab", "baba", 2),
        ] {
            for most in 0..5 {
                let expected = (expected <= most).then_some(expected);
                assert_eq!(distance_within(a.as_bytes(), b.as_bytes(), most), expected, "{a} {b}");
                assert_eq!(distance_within(b.as_bytes(), a.as_bytes(), most), expected, "{b} {a}");
            }
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
            let own = Spelling::new(&text, k);
            for from in (0..words.len()).step_by(WORDS) {
                let (alike, beginnings) = spellings.may_agree(PLAIN, &text, from..words.len().min(from + WORDS), own);
                for (at, b) in words.iter().enumerate().skip(from).take(WORDS) {
                    let (is_alike, is_beginning) = (alike >> (at - from) & 1, beginnings >> (at - from) & 1);
                    let most = a.len().max(b.len()) / 3;
                    let expected = distance_within(a.as_bytes(), b.as_bytes(), most).is_some();
                    assert!(!expected || is_alike == 1, "{a} {b}");
                    assert!(!(a.starts_with(b) || b.starts_with(a)) || is_beginning == 1, "{a} {b}");
                    assert_eq!(is_equal((&text, k), (&text, at)), a == b, "{a} {b}");
                }
            }
        }
    }
}
