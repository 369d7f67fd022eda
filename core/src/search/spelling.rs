//! Comparing two words by their letters.

use super::align::StepKind;
use super::cost;

/// A word's letters as what comparing them needs first.
#[derive(Clone, Copy)]
pub(super) struct Spelling<'a> {
    pub(super) letters: &'a [u8],
    /// One bit for each letter that occurs.
    mask: u32,
    /// The first eight letters, zeros behind fewer.
    beginning: u64,
}

impl<'a> Spelling<'a> {
    pub(super) fn new(letters: &'a [u8]) -> Self {
        let mut beginning = [0; 8];
        beginning.iter_mut().zip(letters).for_each(|(to, from)| *to = *from);
        Self {
            letters,
            mask: letters.iter().fold(0, |mask, &b| mask | 1 << (b & 31)),
            beginning: u64::from_le_bytes(beginning),
        }
    }

    #[inline]
    pub(super) fn equals(self, other: Self) -> bool {
        self.beginning == other.beginning && (self.letters == other.letters)
    }

    /// Whether one begins with the other and goes on.
    #[inline]
    pub(super) fn may_join(self, other: Self) -> bool {
        let shorter = self.letters.len().min(other.letters.len());
        let seen = u64::MAX >> (64 - 8 * shorter.clamp(1, 8));
        self.letters.len() != other.letters.len() && (self.beginning ^ other.beginning) & seen == 0
    }
}

/// What a pair of words earns or pays.
pub(super) fn pair_score(a: Spelling<'_>, b: Spelling<'_>, rarity: i32) -> i32 {
    if a.equals(b) {
        return rarity - cost::KEPT;
    }
    let longer = a.letters.len().max(b.letters.len());
    // Cheap reasons why they cannot be two thirds alike come first.
    if longer < 3
        || a.letters.len().abs_diff(b.letters.len()) * 3 > longer
        || (a.mask ^ b.mask).count_ones() as usize > longer * 2 / 3 + 1
    {
        return -cost::CHANGED;
    }
    let agree = longer - distance(a.letters, b.letters).min(longer);
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
    use super::distance;

    #[test]
    fn distances_are_levenshteins() {
        assert_eq!(distance(b"kitten", b"sitting"), 3);
        assert_eq!(distance(b"", b"abc"), 3);
    }
}
