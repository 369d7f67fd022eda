//! A word as 16 bits: its spelling, coarsened so that old and new, German and Dutch ways to write one word agree.
//!
//! The key is computed letter by letter, so that it is cheap: letters that historical orthographies exchange share a
//! class (`i j y`, `u v w`, `c k q`, `s z`, `d t`, `f p`), an `h` behind another letter says nothing (`thun`/`tun`,
//! `gheven`/`geven`), and a class that repeats counts once (`zoo`/`zo`, `Schloß`/`Schloss`). Words that differ only
//! so become one token; what they really share is weighed later, on the letters themselves.

/// A word's coarse spelling, hashed to 16 bits.
pub(crate) type Token = u16;

/// Class of each byte of a folded letter: 1..=26 for a letter, its own value elsewhere.
const CLASS: [u8; 256] = {
    let mut class = [0_u8; 256];
    let mut b = 0;
    while b < 256 {
        class[b] = b as u8;
        b += 1;
    }
    // Each group is represented by its first letter.
    let groups: [&[u8]; 6] = [b"ijy", b"uvw", b"kcq", b"sz", b"td", b"fp"];
    let mut g = 0;
    while g < groups.len() {
        let mut i = 1;
        while i < groups[g].len() {
            class[groups[g][i] as usize] = groups[g][0];
            i += 1;
        }
        g += 1;
    }
    class
};

/// A random word for each class, for a hash by cyclic polynomials (Cohen 1997).
const RANDOM: [u64; 256] = {
    let mut random = [0; 256];
    let mut state: u64 = 0x6e61_6761_6c6d;
    let mut b = 0;
    while b < 256 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        random[b] = z ^ (z >> 31);
        b += 1;
    }
    random
};

/// The token of a folded word. Linear in its letters.
#[inline]
pub(crate) fn token(letters: &[u8]) -> Token {
    let mut hash = 0_u64;
    let mut kept = 0_u32;
    let mut before = 0_u8;
    for &letter in letters {
        let class = CLASS[letter as usize];
        // Without a branch: which letters are skipped follows no pattern that a processor could learn.
        let keep = (class != before) & ((class != b'h') | (before == 0));
        hash ^= RANDOM[class as usize].rotate_left(5 * kept) & u64::from(keep).wrapping_neg();
        kept += u32::from(keep);
        before = class;
    }
    (hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as Token
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
