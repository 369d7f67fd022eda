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
    /// More of the letters that are frequent after rot13 than of those that are before.
    pub(super) rotated: bool,
    /// A word that is as long as a run of base64.
    pub(super) long: bool,
    /// Many words of a single letter close together.
    pub(super) single: bool,
    /// Many short words close together.
    pub(super) short: bool,
}

/// Of so many letters …
const STRIDE: usize = 64;
/// … the first so many are looked at.
const LOOK: usize = 32;
/// Digits among these that are many.
const MANY_DIGITS: u8 = 4;
/// … if they are not in a row, as those of a number are: from letters to digits and back so often.
const MANY_TURNS: usize = 7;
/// Letters of a word that is long.
pub(super) const LONG: u8 = 24;
/// Of `LOOK` words so many that have one letter.
const MANY_SINGLE: u8 = 14;
/// Of `LOOK` words so many that have no more than three; in ordinary text it is less than half of them.
const MANY_SHORT: u8 = 20;

impl Signs {
    pub(super) fn of(folded: &Folded) -> Self {
        let rare = folded.rare();
        let seen = dispatch(LookAt { letters: folded.letters(), lengths: folded.lengths() });
        Self { letters: rare.letters, invisible: rare.invisible, ..seen }
    }

    pub(super) fn any(self) -> bool {
        self != Self::default()
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
            let Some(some) = letters.first_chunk::<LOOK>() else { continue };
            let count = |is: &dyn Fn(u8) -> bool| some.iter().map(|&letter| u8::from(is(letter))).sum::<u8>();
            let digits = count(&|letter| letter.wrapping_sub(b'0') < 10);
            // `e`, `t` and `s` become `r`, `g` and `f`: in German, Dutch and English three times as frequent.
            let before = count(&|letter| (letter == b'e') | (letter == b't') | (letter == b's'));
            let after = count(&|letter| (letter == b'r') | (letter == b'g') | (letter == b'f'));
            // Both are looked at more closely at once, since figures and odd words are no rarity.
            if digits >= MANY_DIGITS {
                signs.digits |= turns(some) >= MANY_TURNS;
            }
            if after > before {
                signs.rotated |= rot13::sum(letters) < 0;
            }
        }
        let mut longest = 0;
        for lengths in self.lengths.chunks(LOOK) {
            let (most, single, short) = match lengths.first_chunk::<LOOK>() {
                Some(lengths) => of_lengths(lengths),
                None => of_lengths(lengths),
            };
            longest = longest.max(most);
            signs.single |= single >= MANY_SINGLE;
            signs.short |= short >= MANY_SHORT;
        }
        signs.long = longest >= LONG;
        signs
    }
}

/// How often digits and letters follow one another.
fn turns(letters: &[u8]) -> usize {
    letters.array_windows().filter(|&&[one, other]| one.is_ascii_digit() != other.is_ascii_digit()).count()
}

/// The greatest of some lengths, how many are 1, and how many no more than 3.
#[inline(always)]
fn of_lengths(lengths: &[u8]) -> (u8, u8, u8) {
    lengths.iter().fold((0, 0, 0), |(most, single, short), &length| {
        (most.max(length), single + u8::from(length == 1), short + u8::from(length <= 3))
    })
}
