//! Digits and signs that stand for the letters that they look like: `l1k3 th15`.

use std::collections::VecDeque;
use std::ops::Range;

use super::Disguise;
use crate::text::reading::Reading;

/// Of so many words in a row …
const WINDOW: usize = 16;
/// … so many have both letters and digits …
const FEWEST: usize = 5;
/// … and in so many digits stand between letters or go over to them more than once: no `2nd`, `utf8` or `x86`.
const FEWEST_SURE: usize = 3;

/// A word, with what stands for letters in it.
struct Word {
    bytes: Range<usize>,
    is_leet: bool,
    is_sure: bool,
    /// Whether it is read where leet stands around it.
    is_read: bool,
}

/// The text around leet with letters in place of digits and signs; once more with the other letter that `1` stands for.
pub(super) fn read(text: &str) -> Vec<Reading> {
    let words = words(text);
    let mut areas: Vec<Range<usize>> = Vec::new();
    let mut window: VecDeque<&Word> = VecDeque::with_capacity(WINDOW + 1);
    let (mut leet, mut sure) = (0, 0);
    for (at, word) in words.iter().enumerate() {
        window.push_back(word);
        (leet, sure) = (leet + usize::from(word.is_leet), sure + usize::from(word.is_sure));
        if window.len() > WINDOW
            && let Some(first) = window.pop_front()
        {
            (leet, sure) = (leet - usize::from(first.is_leet), sure - usize::from(first.is_sure));
        }
        if leet >= FEWEST && sure >= FEWEST_SURE {
            let area = (at + 1).saturating_sub(2 * WINDOW)..(at + 1 + WINDOW).min(words.len());
            match areas.last_mut() {
                Some(last) if last.end >= area.start => last.end = area.end,
                _ => areas.push(area),
            }
        }
    }
    if areas.is_empty() {
        return Vec::new();
    }
    let read = |table| {
        let mut reading = Reading::new(Disguise::Leet);
        for area in &areas {
            add(text, &words[area.clone()], table, &mut reading);
        }
        reading
    };
    let (first, second) = (read(&LETTERS), read(&OTHER_LETTERS));
    match first.text == second.text {
        true => vec![first],
        false => vec![first, second],
    }
}

/// What signs stand for.
type Table = [(u8, &'static str); 15];

const LETTERS: Table = table("i", "i", "l");
const OTHER_LETTERS: Table = table("l", "i", "i");

const fn table(one: &'static str, exclamation: &'static str, bar: &'static str) -> Table {
    [
        (b'0', "o"),
        (b'1', one),
        (b'2', "z"),
        (b'3', "e"),
        (b'4', "a"),
        (b'5', "s"),
        (b'6', "g"),
        (b'7', "t"),
        (b'8', "b"),
        (b'9', "g"),
        (b'@', "a"),
        (b'$', "s"),
        (b'+', "t"),
        (b'!', exclamation),
        (b'|', bar),
    ]
}

fn add(text: &str, words: &[Word], table: &Table, reading: &mut Reading) {
    let Some(mut kept) = words.first().map(|word| word.bytes.start) else { return };
    reading.part();
    for word in words {
        let bytes = &text.as_bytes()[word.bytes.clone()];
        for (at, byte) in (word.bytes.start..).zip(bytes).filter(|_| word.is_read) {
            if let Some((_, letter)) = table.iter().find(|(sign, _)| sign == byte) {
                reading.keep(text, kept..at);
                reading.read_bytewise(letter, at..at + 1);
                kept = at + 1;
            }
        }
        reading.keep(text, kept..word.bytes.end);
        kept = word.bytes.end;
    }
}

fn is_sign(byte: u8) -> bool {
    matches!(byte, b'@' | b'$' | b'+' | b'!' | b'|')
}

/// The words of a text, leet's signs among their letters.
fn words(text: &str) -> Vec<Word> {
    let bytes = text.as_bytes();
    let is_of_word =
        |byte: u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || byte == b'\'' || is_sign(byte);
    let mut words = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at + bytes[at..].iter().take_while(|&&byte| !is_of_word(byte)).count();
        at = start + bytes[start..].iter().take_while(|&&byte| is_of_word(byte)).count();
        // Signs at its end belong to the sentence.
        let signs = bytes[start..at]
            .iter()
            .rev()
            .take_while(|byte| matches!(byte, b'!' | b'+' | b'|' | b'\''))
            .count();
        words.extend((start < at - signs).then(|| word(bytes, start..at - signs)));
    }
    words
}

fn word(bytes: &[u8], range: Range<usize>) -> Word {
    let of = &bytes[range.clone()];
    let is_figure = |byte: u8| byte.is_ascii_digit() || is_sign(byte);
    let figures = of.iter().filter(|&&byte| is_figure(byte)).count();
    let letters = of.iter().filter(|&&byte| byte.is_ascii_alphabetic() || !byte.is_ascii()).count();
    let turns = of.array_windows().filter(|&&[one, other]| is_figure(one) != is_figure(other)).count();
    let is_leet = figures > 0 && letters > 0;
    Word {
        is_leet,
        is_sure: is_leet && turns >= 2,
        // `70`, `45`, `1`: short words have no letter left.
        is_read: is_leet || figures == of.len() && figures <= 3,
        bytes: range,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;

    #[test]
    fn leet_is_read_with_both_letters_for_one() {
        let text = "0h 7h3 f3rrym4n c0un75 h15 c01n5 by 7h3 l4mp 4nd 54y5 7h3 r1v3r h45 n0 07h3r 51d3 70n1gh7, ju57 1!";
        let readings = read(text);
        let texts: Vec<&str> = readings.iter().map(|r| r.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "oh the ferryman counts his coins by the lamp and says the river has no other side tonight, just i",
                "oh the ferryman counts hls colns by the lamp and says the rlver has no other slde tonlght, just l"
            ]
        );
        assert_eq!(&text[readings[0].original(7..15)], "f3rrym4n");
    }
}
