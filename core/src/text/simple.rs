//! Characters that fold to ASCII, put into a block in its form, so that a kernel takes them with the rest.
//!
//! ```text
//! block     T  r  C3 A4  u  m  E2 80 99     bytes of `Träum’`
//! simple    T  r  a      u  m  '            a letter stands for itself without its accent, `ß` becomes `ss`
//! places    0  1  2      4  5  6
//! ```

use std::sync::OnceLock;

use super::characters::{Character, character};
use crate::simd::BLOCK;

/// The beginning of a block, up to a character that is not simple or not whole.
pub(super) struct Simple {
    /// The block with ASCII in the place of other characters.
    pub(super) bytes: [u8; BLOCK],
    /// The bytes that are left of it.
    pub(super) kept: u64,
    /// Bytes of the beginning.
    pub(super) length: usize,
    /// Whether a character comes behind it that is not simple.
    pub(super) is_cut: bool,
}

/// What a character becomes: zero, and zero behind a single byte. Of accents nothing is left but that they belong to the
/// letter before.
type Form = [u8; 2];

const NOT_SIMPLE: Form = [0, 0];
const ACCENT: Form = [0, 1];

/// Characters of two bytes, and those of general punctuation that begin with these two bytes.
const OF_TWO_BYTES: usize = 1 << 11;
const PUNCTUATION: [u8; 2] = [0xe2, 0x80];

/// Puts ASCII in the place of the characters under `other`, the bytes that are none.
#[inline]
pub(super) fn simple(block: &[u8; BLOCK], other: u64) -> Simple {
    let forms = forms();
    let mut simple = Simple { bytes: *block, kept: u64::MAX, length: BLOCK, is_cut: false };
    let mut rest = other;
    while rest != 0 {
        let at = rest.trailing_zeros() as usize;
        let tail = |behind: usize| block.get(at + behind).map(|&byte| usize::from(byte & 0x3f));
        let (form, bytes) = match (block[at], tail(1)) {
            (first @ 0xc2..=0xdf, Some(second)) => (forms[usize::from(first & 0x1f) << 6 | second], 2),
            (first, Some(second))
                if first == PUNCTUATION[0] && second == usize::from(PUNCTUATION[1] & 0x3f) =>
            {
                match tail(2) {
                    Some(third) => (forms[OF_TWO_BYTES + third], 3),
                    None => (NOT_SIMPLE, 3),
                }
            }
            _ => (NOT_SIMPLE, 4),
        };
        // At the beginning of a block an accent belongs to a letter that went before.
        if form == NOT_SIMPLE || form == ACCENT && at == 0 {
            simple.length = at;
            simple.is_cut = at + bytes <= BLOCK || at == 0;
            break;
        }
        let [first, second] = form;
        simple.bytes[at] = first;
        simple.bytes[at + 1] = second;
        let left = u64::from(first != 0) + u64::from(first != 0 && second != 0);
        let all = ((1 << bytes) - 1) << at;
        simple.kept &= !all | ((1 << left) - 1) << at;
        rest &= !all;
    }
    if simple.length < BLOCK {
        simple.kept &= (1 << simple.length) - 1;
    }
    simple
}

/// The forms of all characters that may have one.
fn forms() -> &'static [Form; OF_TWO_BYTES + 64] {
    static FORMS: OnceLock<[Form; OF_TWO_BYTES + 64]> = OnceLock::new();
    FORMS.get_or_init(|| {
        std::array::from_fn(|k| {
            let code = if k < OF_TWO_BYTES { k } else { 0x2000 + k - OF_TWO_BYTES };
            match char::from_u32(code as u32).map(character) {
                Some(Character::Separator) => [b' ', 0],
                Some(Character::Ignored) => [b'\'', 0],
                Some(Character::Mark) => ACCENT,
                Some(Character::Letter(letter)) if letter.is_ascii() => [letter as u8, 0],
                Some(Character::Letters(letters)) if letters.is_ascii() => match *letters.as_bytes() {
                    [first, second] => [first, second],
                    _ => NOT_SIMPLE,
                },
                _ => NOT_SIMPLE,
            }
        })
    })
}
