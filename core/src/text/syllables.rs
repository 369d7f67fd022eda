//! Lyrics as they stand under notes: syllables with hyphens between them and, in LilyPond's source, with the notes'
//! durations behind them.
//!
//! ```text
//! Weih -- nachts -- baum      Weih- nachts- baum      o4 Chri2 -- sten4 -- heit,4
//! ```
//!
//! Where such hyphens stand close together the syllables are joined to words, and durations set aside: so much at once
//! is no dash in prose.

use super::split::{Parts, length};
use super::tokens::token;

/// At least so many gaps between words must be syllable hyphens …
const DENSE: usize = 4;
/// … within this many words on either side.
const NEAR: usize = 12;
/// Bytes of the longest gap.
const LONGEST_GAP: usize = 12;

/// Joins the syllables of a text that was split to `parts`. Linear.
pub(super) fn join(text: &str, parts: &mut Parts) {
    let bytes = text.as_bytes();
    let count = parts.tokens.len();
    // The bytes between a word and the next.
    let gap = |word: usize| (parts.ends[word] as usize, parts.starts[word + 1] as usize);
    let is_hyphen = |word: &usize| is_syllable_hyphen(bytes, gap(*word).0, gap(*word).1);
    if parts.hyphens.len() < DENSE {
        return;
    }
    // The gaps in which hyphens stand; behind the last word there is none.
    let mut gaps: Vec<usize> =
        parts.hyphens.iter().map(|&at| parts.ends.partition_point(|&end| end <= at)).collect();
    gaps.dedup();
    let gaps = gaps.iter().filter_map(|gap| gap.checked_sub(1)).filter(|&word| word + 1 < count);
    if gaps.filter(is_hyphen).count() < DENSE {
        return;
    }
    // Of the words 0..i: how many follow a syllable hyphen, and before how many of these stands a duration.
    let mut before = vec![(0_u32, 0_u32); 2];
    let letters_of = |word: usize| {
        &parts.letters[parts.letters_starts[word] as usize..parts.letters_starts[word + 1] as usize]
    };
    before.extend((0..count - 1).scan((0, 0), |(hyphens, timed), word| {
        if is_hyphen(&word) {
            *hyphens += 1;
            // LilyPond writes two.
            let is_double = bytes[gap(word).0..gap(word).1].windows(2).any(|two| two == b"--");
            *timed += u32::from(is_double && duration(letters_of(word)).is_some());
        }
        Some((*hyphens, *timed))
    }));
    let mut joined = Parts::default();
    for i in 0..count {
        let all = letters_of(i);
        // At either end of the text as many words as in its middle.
        let first = i.saturating_sub(NEAR).min(count.saturating_sub(2 * NEAR + 1));
        let near = first..(first + 2 * NEAR + 1).min(count);
        let dense = (before[near.end].0 - before[near.start].0) as usize >= DENSE;
        let timed = dense && before[near.end].1 > before[near.start].1;
        if timed && all.iter().all(u8::is_ascii_digit) {
            // `heit,4*5`: a duration by itself.
            continue;
        }
        let digits = if timed { duration(all).unwrap_or(0) } else { 0 };
        let end = parts.ends[i];
        let is_duration = bytes[..end as usize].iter().rev().take(digits).all(u8::is_ascii_digit);
        let end = end - if is_duration { digits as u32 } else { 0 };
        let goes_on = dense && before[i + 1].0 > before[i].0 && !joined.ends.is_empty();
        if goes_on {
            joined.ends.pop();
        } else {
            joined.starts.push(parts.starts[i]);
            joined.letters_starts.push(joined.letters.len() as u32);
        }
        joined.ends.push(end);
        joined.letters.extend_from_slice(&all[..all.len() - digits]);
    }
    joined.letters_starts.push(joined.letters.len() as u32);
    for &[start, end] in joined.letters_starts.array_windows() {
        let letters = &joined.letters[start as usize..end as usize];
        joined.tokens.push(token(letters));
        joined.lengths.push(length(letters.len()));
    }
    parts.replace(joined);
}

/// The digits of the duration behind a syllable, where there is one: a note is a half, a fourth, an eighth, ….
fn duration(letters: &[u8]) -> Option<usize> {
    let digits = letters.iter().rev().take_while(|letter| letter.is_ascii_digit()).count();
    let (syllable, digits) = letters.split_at(letters.len() - digits);
    let is_duration = matches!(digits, b"1" | b"2" | b"4" | b"8" | b"16" | b"32" | b"64" | b"128");
    (is_duration && !syllable.is_empty()).then_some(digits.len())
}

/// Whether the gap `end..start` between two words is a hyphen with white space behind it: ` -- `, `- `, `-\n`, but not a
/// list's `\n- `. A dot behind a digit belongs to a duration.
#[inline]
fn is_syllable_hyphen(bytes: &[u8], end: usize, start: usize) -> bool {
    // Most gaps are one space: they end here.
    start >= end + 2 && bytes[start - 1].is_ascii_whitespace() && is_hyphen(bytes, end, start)
}

#[cold]
fn is_hyphen(bytes: &[u8], end: usize, start: usize) -> bool {
    let gap = &bytes[end..start];
    let dots = gap.iter().take_while(|&&b| b == b'.').count();
    let gap = if end > 0 && bytes[end - 1].is_ascii_digit() { &gap[dots..] } else { gap };
    gap.len() <= LONGEST_GAP
        && matches!(gap, [b'-', ..] | [b' ' | b'\t' | b'_', b'-', ..])
        && gap.iter().all(|b| matches!(b, b'-' | b' ' | b'\n' | b'\r' | b'\t' | b'_'))
}

#[cfg(test)]
mod tests {
    use crate::text::Folded;

    /// The words' letters, and what they came from.
    fn words(text: &str) -> Vec<(String, &str)> {
        let folded = Folded::new(text).unwrap();
        let letters = |i| String::from_utf8(folded.word_letters(i).to_vec()).unwrap();
        (0..folded.len()).map(|i| (letters(i), &text[folded.bytes(i)])).collect()
    }

    fn letters(text: &str) -> String {
        words(text).into_iter().map(|(letters, _)| letters).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn syllables_are_joined_where_they_are_dense() {
        assert_eq!(
            letters("O Tan -- nen -- baum, o Tan- nen -- baum, wie grün sind dei -- ne Blät-\nter"),
            "o tannenbaum o tannenbaum wie grun sind deine blatter"
        );
        assert_eq!(letters("the man -- who was late"), "the man who was late");
        assert_eq!(letters("ls -l --all --color -h --sort"), "ls l all color h sort");
        assert_eq!(
            letters("we need\n- eggs\n- milk\n- rye bread\n- salt"),
            "we need eggs milk rye bread salt"
        );
    }

    #[test]
    fn what_is_folded_next_is_whole() {
        let mut folded = Folded::default();
        folded.fold(&"O Tan -- nen -- baum, wie treu sind dei -- ne Blät -- ter! ".repeat(20)).unwrap();
        folded.fold("grünst nicht nur zur Sommerszeit").unwrap();
        assert_eq!(folded.tokens(), Folded::new("grünst nicht nur zur Sommerszeit").unwrap().tokens());
        assert_eq!(folded.len(), 5);
    }

    #[test]
    fn durations_are_set_aside_where_syllables_are_dense() {
        let words = words("o4 Chri2 -- sten4 -- heit,4*5 ge4 -- bo2. -- ren.2.. ist2");
        let expected = [
            ("o", "o"),
            ("christenheit", "Chri2 -- sten4 -- heit"),
            ("geboren", "ge4 -- bo2. -- ren"),
            ("ist", "ist"),
        ];
        assert_eq!(words, expected.map(|(letters, original)| (letters.to_owned(), original)));
        assert_eq!(
            letters("no durations in utf8, x86 or 64: a- b- c- d- e"),
            "no durations in utf8 x86 or 64 abcde"
        );
        assert_eq!(
            letters("int8 - a byte uint8 - none u16 - two u32 - four"),
            "int8a byte uint8none u16two u32four"
        );
        assert_eq!(letters("٣٣ o4 -- a٣ -- e -- i -- u"), "٣٣ oa٣eiu");
    }
}
