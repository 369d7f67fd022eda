//! Letters thirteen places further in the alphabet.

use std::ops::Range;

use super::Disguise;
use crate::text::fold::Folded;
use crate::text::reading::Reading;

/// What a letter says for plain text and against rotated text: four times the binary logarithm of how much more frequent
/// it is than the letter that it is rotated to, in English, German and Dutch taken together (letter frequencies as in any
/// table of them, rounded). The second half of the alphabet says the opposite of the first.
const WEIGHTS: [i32; 13] = [-1, -7, 3, 16, 5, -8, -6, 2, 9, -6, 16, 10, 6];
/// What a stretch must be worth to be read: some forty letters.
const ENOUGH: i32 = 160;
/// What it may lose in between.
const DROP: i32 = 96;
/// Words before and behind such a stretch that may belong to it: their letters say too little by themselves.
const AROUND: usize = 8;

/// Stretches of words that say they are rotated, back in their places.
pub(super) fn read(text: &str, folded: &Folded) -> Option<Reading> {
    let mut reading = Reading::new(Disguise::Rot13);
    let mut taken = 0;
    let mut take = |words: Range<usize>| {
        let words = words.start.saturating_sub(AROUND).max(taken)..(words.end + AROUND).min(folded.len());
        taken = words.end;
        if words.is_empty() {
            return;
        }
        let from = folded.bytes(words.start).start..folded.bytes(words.end - 1).end;
        let rotated: String = text[from.clone()].chars().map(rotated).collect();
        reading.part();
        // Only ASCII letters change, and they stay ASCII.
        reading.read_bytewise(&rotated, from);
    };
    // Stretches of the greatest sum that no part of them brings down by more than `DROP`.
    let (mut sum, mut best, mut start, mut end) = (0, 0, 0, 0);
    for word in 0..folded.len() {
        sum -= self::sum(folded.word_letters(word));
        if sum > best {
            (best, end) = (sum, word + 1);
        }
        if sum <= 0 || sum + DROP < best {
            if best >= ENOUGH {
                take(start..end);
            }
            (sum, best, start) = (0, 0, word + 1);
        }
    }
    if best >= ENOUGH {
        take(start..end);
    }
    (!reading.text.is_empty()).then_some(reading)
}

/// What letters say for plain text, less what they say for rotated text.
pub(super) fn sum(letters: &[u8]) -> i32 {
    letters.iter().map(|&letter| weight(letter)).sum()
}

fn weight(letter: u8) -> i32 {
    match letter.wrapping_sub(b'a') {
        index @ 0..13 => WEIGHTS[usize::from(index)],
        index @ 13..26 => -WEIGHTS[usize::from(index) - 13],
        _ => 0,
    }
}

fn rotated(c: char) -> char {
    match c {
        'a'..='m' | 'A'..='M' => char::from(c as u8 + 13),
        'n'..='z' | 'N'..='Z' => char::from(c as u8 - 13),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::*;

    #[test]
    fn a_stretch_among_other_text_is_read() {
        let plain = "The ferryman counts his coins by the lamp and says the river has no other side tonight, and no one \
                     who was taken over has ever come back to tell us of the reeds on the shore";
        let hidden: String = plain.chars().map(rotated).collect();
        let text =
            format!("Sure, here are the lines that you asked me for: {hidden}. I hope that they are of use.");
        let readings = read(&text);
        assert_eq!(readings.len(), 1);
        assert_eq!(readings[0].disguise, Disguise::Rot13);
        let at = readings[0].text.find("ferryman counts his coins by the lamp").expect("it is read");
        let original = readings[0].original(at..at + 8);
        assert_eq!(&text[original], "sreelzna");
    }
}
