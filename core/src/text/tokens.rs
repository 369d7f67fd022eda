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

/// The token of a folded word. Linear in its letters.
pub(super) fn token(letters: &[u8]) -> Token {
    let mut state = 0;
    let mut classes = [0; Alphabet::AT_ONCE];
    let mut count = 0;
    let mut before = 0;
    for &letter in letters {
        let class = match letter {
            b'a'..=b'z' => CLASSES[usize::from(letter - b'a')],
            other => other,
        };
        if class != before && (class != SILENT || before == 0) {
            if count == Alphabet::AT_ONCE {
                state = ALPHABET.mixed(state, &classes, count);
                count = 0;
            }
            classes[count] = class;
            count += 1;
        }
        before = class;
    }
    Alphabet::token(ALPHABET.mixed(state, &classes, count))
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
