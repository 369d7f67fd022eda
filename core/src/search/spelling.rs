//! Comparing two words by their letters.

use super::align::StepKind;
use super::cost;

/// What comparing a word's letters needs first: most pairs of words are told apart without looking at the letters.
#[derive(Clone, Copy, Default)]
pub(super) struct Spelling {
    /// The first four letters (bytes, folded), zeros behind fewer; and ones where there are letters.
    beginning: i32,
    seen: i32,
    /// One bit for each letter that occurs.
    mask: i32,
    /// Number of letters, and a third of it.
    length: i32,
    third: i32,
}

impl Spelling {
    #[inline]
    pub(super) fn new(letters: &[u8]) -> Self {
        let length = i32::try_from(letters.len()).unwrap_or(i32::MAX);
        let beginning = match letters.first_chunk() {
            Some(&first) => u32::from_le_bytes(first),
            None => letters.iter().rev().fold(0, |beginning, &b| beginning << 8 | u32::from(b)),
        };
        Self {
            beginning: beginning as i32,
            seen: if length < 4 { (1 << (8 * length)) - 1 } else { -1 },
            mask: letters.iter().fold(0, |mask, &b| mask | 1 << (b & 31)),
            length,
            third: length / 3,
        }
    }

    /// Whether the two may be equal, or one may begin with the other; and whether two thirds of their letters may be
    /// the same: each letter that is changed takes one bit of the masks and sets another, each that is inserted or
    /// left out changes one. Without a branch, for rows of words at once.
    #[inline(always)]
    fn may_agree(self, other: Self) -> (bool, bool) {
        let begins_alike = (self.beginning ^ other.beginning) & self.seen & other.seen == 0;
        let allowed = self.third.max(other.third);
        let unpaired = (self.length - other.length).abs();
        let changed = ones(self.mask ^ other.mask);
        (begins_alike, (unpaired <= allowed) & (changed <= 2 * allowed - unpaired))
    }
}

/// Bits that are one; in steps that every processor can do for several numbers at once.
#[inline(always)]
fn ones(x: i32) -> i32 {
    let x = x as u32;
    let x = x - (x >> 1 & 0x5555_5555);
    let x = (x & 0x3333_3333) + (x >> 2 & 0x3333_3333);
    let x = (x + (x >> 4)) & 0x0f0f_0f0f;
    let x = x + (x >> 8);
    ((x + (x >> 16)) & 0x3f) as i32
}

/// The spellings of words behind one another, each property by itself.
#[derive(Default)]
pub(super) struct Spellings {
    beginning: Vec<i32>,
    seen: Vec<i32>,
    mask: Vec<i32>,
    length: Vec<i32>,
    third: Vec<i32>,
}

impl Spellings {
    /// Takes the spellings of other words, with room for a row of `ROW` behind the last.
    #[inline(always)]
    pub(super) fn fill<const ROW: usize>(&mut self, spellings: impl Iterator<Item = Spelling>) {
        let Self { beginning, seen, mask, length, third } = self;
        for list in [&mut *beginning, &mut *seen, &mut *mask, &mut *length, &mut *third] {
            list.clear();
        }
        for spelling in spellings.chain(std::iter::repeat_n(Spelling::default(), ROW)) {
            beginning.push(spelling.beginning);
            seen.push(spelling.seen);
            mask.push(spelling.mask);
            length.push(spelling.length);
            third.push(spelling.third);
        }
    }

    /// Which of the `ROW` words from the one at `from` on may agree with `own` in some way, and which may be equal to
    /// it, begin with it or be its beginning: one bit for each, the first word's the lowest.
    #[inline(always)]
    pub(super) fn may_agree<const ROW: usize>(&self, from: usize, own: Spelling) -> (u32, u32) {
        let row = from..from + ROW;
        let (beginning, seen) = (&self.beginning[row.clone()], &self.seen[row.clone()]);
        let (mask, length) = (&self.mask[row.clone()], &self.length[row.clone()]);
        let third = &self.third[row];
        let (mut any, mut beginnings) = (0, 0);
        for c in 0..ROW {
            let other = Spelling {
                beginning: beginning[c],
                seen: seen[c],
                mask: mask[c],
                length: length[c],
                third: third[c],
            };
            let (begins_alike, alike) = own.may_agree(other);
            any |= u32::from(begins_alike | alike) << c;
            beginnings |= u32::from(begins_alike) << c;
        }
        (any, beginnings)
    }
}

/// What a pair of words earns or pays.
pub(super) fn pair_score(a: &[u8], b: &[u8], rarity: i32) -> i32 {
    if a == b {
        return rarity - cost::KEPT;
    }
    let longer = a.len().max(b.len());
    let agree = longer - distance(a, b).min(longer);
    if longer < 3 || agree * 3 < longer * 2 {
        return -cost::CHANGED;
    }
    // From a third of the rarity at two thirds alike to nearly all of it.
    (rarity * (2 * agree as i32 - longer as i32) / longer as i32).max(0) - cost::KEPT
}

pub(super) fn shared(a: &[u8], b: &[u8]) -> StepKind {
    if a == b {
        return StepKind::Equal;
    }
    let longer = a.len().max(b.len());
    StepKind::Changed { letters: (longer - distance(a, b).min(longer)) as u32, longer: longer as u32 }
}

/// Levenshtein distance in bytes of folded letters, by rows. Words beyond 64 bytes count as wholly different unless
/// equal: they are no words.
fn distance(a: &[u8], b: &[u8]) -> usize {
    const MAX: usize = 64;
    if a == b {
        return 0;
    }
    if a.len() > MAX || b.len() > MAX {
        return a.len().max(b.len());
    }
    // What both begin and end with costs nothing.
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same..], &b[same..]);
    let same = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - same], &b[..b.len() - same]);
    if a.len().min(b.len()) <= 1 {
        let (one, other) = if a.len() < b.len() { (a, b) } else { (b, a) };
        return other.len() - usize::from(one.first().is_some_and(|letter| other.contains(letter)));
    }
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
            assert_eq!(distance(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
            assert_eq!(distance(b.as_bytes(), a.as_bytes()), expected, "{b} {a}");
        }
    }

    #[test]
    fn no_pair_that_is_alike_is_passed_over() {
        let letters = [b'a', b'b', b'c'];
        let words: Vec<Vec<u8>> = (1..=5_u32)
            .flat_map(|length| {
                (0..3_usize.pow(length))
                    .map(move |n| (0..length).map(|k| letters[n / 3_usize.pow(k) % 3]).collect())
            })
            .collect();
        for a in &words {
            for b in &words {
                let (begins_alike, may_be_alike) = Spelling::new(a).may_agree(Spelling::new(b));
                let alike = distance(a, b) * 3 <= a.len().max(b.len());
                assert!(!alike || may_be_alike, "{a:?} {b:?}");
                assert!(begins_alike || !(a.starts_with(b) || b.starts_with(a)), "{a:?} {b:?}");
            }
        }
    }
}
