//! A word as 16 bits: its spelling, coarsened so that old and new, German and Dutch ways to write one word agree.
//!
//! The key is computed letter by letter, so that it is cheap: letters that historical orthographies exchange share a
//! class (`i j y`, `u v w`, `c k q`, `s z`, `d t`, `f p`), an `h` behind another letter says nothing (`thun`/`tun`,
//! `gheven`/`geven`), and a class that repeats counts once (`zoo`/`zo`, `Schloß`/`Schloss`). Words that differ only
//! so become one token; what they really share is weighed later, on the letters themselves.

use crate::simd::Alphabet;

/// A word's coarse spelling, hashed to 16 bits.
pub(crate) type Token = u16;

/// Class of each letter of the alphabet; other bytes of folded letters are classes of their own.
const CLASSES: [u8; 26] = {
    let mut classes = [0; 26];
    let mut i = 0;
    while i < 26 {
        classes[i] = b'a' + i as u8;
        i += 1;
    }
    // Each group is represented by its first letter.
    let groups: [&[u8]; 6] = [b"ijy", b"uvw", b"kcq", b"sz", b"td", b"fp"];
    let mut g = 0;
    while g < groups.len() {
        let mut i = 1;
        while i < groups[g].len() {
            classes[(groups[g][i] - b'a') as usize] = groups[g][0];
            i += 1;
        }
        g += 1;
    }
    classes
};
/// The letter that says nothing behind another.
const SILENT: u8 = b'h';
/// Both, for a kernel.
pub(super) const ALPHABET: Alphabet = Alphabet {
    classes: CLASSES,
    silent: SILENT,
    // Without a pattern: the golden ratio's and the square root of two's digits.
    multipliers: [0x9e37_79b9_7f4a_7c15, 0x6a09_e667_f3bc_c909],
};

/// The class of a folded letter's byte.
#[inline(always)]
pub(super) fn class(letter: u8) -> u8 {
    CLASSES.get(usize::from(letter.wrapping_sub(b'a'))).copied().unwrap_or(letter)
}

/// Whether a class says something behind another; 0 before the first of a word.
#[inline(always)]
pub(super) fn stands(class: u8, before: u8) -> bool {
    class != before && (class != SILENT || before == 0)
}

/// The token of the word whose classes lie from one of `classes` to before another; behind them there are
/// [`Alphabet::AT_ONCE`] more, of whatever. Linear in them.
#[inline(always)]
pub(super) fn token_of(classes: &[u8], start: u32, end: u32) -> Token {
    let (start, count) = (start as usize, end.wrapping_sub(start) as usize);
    match classes.get(start..).and_then(<[u8]>::first_chunk) {
        Some(first) if count <= Alphabet::AT_ONCE => Alphabet::token(ALPHABET.mixed(0, first, count)),
        _ => of_many(classes.get(start..end as usize).unwrap_or_default()),
    }
}

/// The same of more classes than are mixed at once.
#[cold]
fn of_many(classes: &[u8]) -> Token {
    let state = classes.chunks(Alphabet::AT_ONCE).fold(0, |state, some| {
        let mut padded = [0; Alphabet::AT_ONCE];
        padded[..some.len()].copy_from_slice(some);
        ALPHABET.mixed(state, &padded, some.len())
    });
    Alphabet::token(state)
}

/// The token of a folded word. Linear in its letters.
pub(super) fn token(letters: &[u8]) -> Token {
    let mut classes = Vec::with_capacity(letters.len());
    let mut before = 0;
    for class in letters.iter().map(|&letter| class(letter)) {
        if stands(class, before) {
            classes.push(class);
        }
        before = class;
    }
    of_many(&classes)
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn spellings_of_one_word_share_a_token() {
        for (old, new) in [
            ("thun", "tun"),
            ("seyn", "sein"),
            ("zoo", "zo"),
            ("gheven", "geuen"),
            ("vnd", "und"),
            ("hinauss", "hinaus"),
            ("todt", "tod"),
            ("schloss", "schlos"),
            ("ick", "ik"),
        ] {
            assert_eq!(token(old.as_bytes()), token(new.as_bytes()), "{old} {new}");
        }
    }

    #[test]
    fn different_words_differ() {
        for (a, b) in [("modern", "modem"), ("the", "to"), ("hand", "and"), ("abc", "cba"), ("rose", "ross")]
        {
            assert_ne!(token(a.as_bytes()), token(b.as_bytes()), "{a} {b}");
        }
    }
}
