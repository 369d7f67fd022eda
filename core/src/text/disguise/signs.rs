//! Signs of a disguise: a look at some of a text's letters, in vectors. It may err, since what is found is looked at again.

use super::rot13;
use crate::simd::{Kernel, Task, dispatch};
use crate::text::fold::Folded;

/// What a text may be read for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Signs {
    /// Letters that are not Latin.
    pub(super) letters: bool,
    /// Invisible characters of plane 14.
    pub(super) invisible: bool,
    /// Many digits close together.
    pub(super) digits: bool,
    /// Letters that are frequent after rot13.
    pub(super) rotated: bool,
    /// A word that is as long as a run of base64.
    pub(super) long: bool,
    /// Many short words close together, or many hyphens between letters.
    pub(super) apart: bool,
}

/// Of so many letters …
const STRIDE: usize = 96;
/// … the first so many are looked at.
const LOOK: usize = 32;
/// Digits among these that are many …
const MANY_DIGITS: u8 = 4;
/// … if they are not in a row, as those of a number are: from letters to digits and back so often.
const MANY_TURNS: usize = 5;
/// Of them so many that rot13 makes of `e t i o s`, which are two of five letters in German, Dutch and English, those one of
/// eight …
const MANY_ROTATED: u8 = 9;
/// … if so many letters say together that they are rotated.
const CLOSER: usize = 48;
/// Letters of a word that is long.
pub(super) const LONG: u8 = 24;
/// Of `LOOK` words so many that have no more than three letters; in ordinary text it is less than half of them.
const MANY_SHORT: u8 = 20;

impl Signs {
    pub(super) fn of(folded: &Folded) -> Self {
        let rare = folded.rare();
        let seen = dispatch(LookAt { letters: folded.letters(), lengths: folded.lengths() });
        Self {
            letters: rare.letters,
            invisible: rare.invisible,
            apart: seen.apart || rare.hyphenated,
            ..seen
        }
    }

    pub(super) fn any(self) -> bool {
        self != Self::default()
    }

    /// Looks at letters that may be a sign, one by one.
    #[cold]
    #[inline(never)]
    fn look_closer(&mut self, letters: &[u8]) {
        let turns = |letters: &[u8]| {
            letters
                .array_windows()
                .filter(|&&[one, other]| one.is_ascii_digit() != other.is_ascii_digit())
                .count()
        };
        self.digits |= turns(&letters[..LOOK.min(letters.len())]) >= MANY_TURNS;
        self.rotated |= rot13::sum(&letters[..CLOSER.min(letters.len())]) < 0;
    }
}

struct LookAt<'a> {
    letters: &'a [u8],
    lengths: &'a [u8],
}

impl Task for LookAt<'_> {
    type Answer = Signs;

    #[inline(always)]
    fn run<K: Kernel>(self, _: K) -> Signs {
        let mut signs = Signs::default();
        for letters in self.letters.chunks(STRIDE) {
            let Some(&some) = letters.first_chunk::<LOOK>() else { break };
            let digits = count(some, |letter| letter.wrapping_sub(b'0') < 10);
            let rotated = count(some, |letter| {
                (letter == b'r') | (letter == b'g') | (letter == b'v') | (letter == b'b') | (letter == b'f')
            });
            if (digits >= MANY_DIGITS) | (rotated >= MANY_ROTATED) {
                signs.look_closer(letters);
            }
        }
        for lengths in self.lengths.chunks(LOOK) {
            // Behind the last words there is nothing that is short or long.
            let lengths = lengths.first_chunk().copied().unwrap_or_else(|| padded(lengths));
            signs.long |= count(lengths, |length| length.saturating_sub(LONG - 1) == 0) < LOOK as u8;
            signs.apart |= count(lengths, |length| length & !3 == 0) >= MANY_SHORT;
        }
        signs
    }
}

/// How many there are. In this form it becomes a comparison of vectors.
#[inline(always)]
fn count(bytes: [u8; LOOK], is: impl Fn(u8) -> bool) -> u8 {
    bytes.map(|byte| u8::from(is(byte))).iter().sum()
}

fn padded(lengths: &[u8]) -> [u8; LOOK] {
    let mut padded = [4; LOOK];
    padded[..lengths.len()].copy_from_slice(lengths);
    padded
}
