//! Comparing two words by their letters.

use super::align::StepKind;
use super::cost;

/// What comparing a word's letters needs first: most pairs of words are told apart without looking at the letters.
#[derive(Clone, Copy, Default)]
pub(super) struct Spelling {
    /// The first eight letters (bytes, folded), zeros behind fewer.
    beginning: u64,
    /// One bit for each letter that occurs.
    mask: u32,
    /// Number of letters.
    length: u32,
}

impl Spelling {
    #[inline]
    pub(super) fn new(letters: &[u8]) -> Self {
        let beginning = match letters.first_chunk() {
            Some(&first) => u64::from_le_bytes(first),
            None => letters.iter().rev().fold(0, |beginning, &b| beginning << 8 | u64::from(b)),
        };
        Self {
            beginning,
            mask: letters.iter().fold(0, |mask, &b| mask | 1 << (b & 31)),
            length: letters.len() as u32,
        }
    }

    /// Whether one begins with the other and goes on, as far as eight letters tell.
    #[inline]
    pub(super) fn may_join(self, other: Self) -> bool {
        let shorter = self.length.min(other.length);
        let seen = u64::MAX >> (64 - 8 * shorter.clamp(1, 8));
        self.length != other.length && (self.beginning ^ other.beginning) & seen == 0
    }

    /// Whether two thirds of the letters may be the same. Each letter that is changed takes one bit of the masks and
    /// sets another, each that is inserted or left out changes one.
    #[inline]
    pub(super) fn may_be_alike(self, other: Self) -> bool {
        let allowed = self.length.max(other.length) / 3;
        let unpaired = self.length.abs_diff(other.length);
        unpaired <= allowed && (self.mask ^ other.mask).count_ones() <= 2 * allowed - unpaired && allowed > 0
    }
}

/// What a pair of words earns or pays: `a` and `b` are the spellings of what `letters` gives.
#[inline]
pub(super) fn pair_score<'a>(
    a: Spelling,
    b: Spelling,
    letters: impl Fn() -> (&'a [u8], &'a [u8]),
    rarity: i32,
) -> i32 {
    if a.beginning == b.beginning && a.length == b.length && (a.length <= 8 || letters().0 == letters().1) {
        return rarity - cost::KEPT;
    }
    if !a.may_be_alike(b) {
        return -cost::CHANGED;
    }
    let (a, b) = letters();
    let longer = a.len().max(b.len());
    let agree = longer - distance(a, b).min(longer);
    if agree * 3 < longer * 2 {
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
                let alike = a != b && distance(a, b) * 3 <= a.len().max(b.len());
                assert!(!alike || Spelling::new(a).may_be_alike(Spelling::new(b)), "{a:?} {b:?}");
            }
        }
    }
}
