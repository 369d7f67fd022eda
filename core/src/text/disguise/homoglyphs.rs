//! Letters of other scripts that look like Latin ones, as UTS #39 has them (`confusables.txt`, by way of the crate
//! `unicode-security`, Unicode 18).
//!
//! The skeletons of UTS #39 make one word of several (`modern`, `modem`) and were never meant for display. Here they are
//! asked for single letters of other scripts only, and only in words that are not of that script: what comes out is
//! matched as any text is.

use std::sync::OnceLock;

use super::Disguise;
use crate::text::characters::{Character, character};
use crate::text::fold::Folded;
use crate::text::reading::Reading;

/// Words with letters that look alike, at the least.
const FEWEST: usize = 3;
/// Words that are looked at to tell a text in another script.
const SAMPLE: usize = 16;
/// A word is not read so near to one that is truly of another script.
const NEAR: usize = 2;

/// What a word with letters that are not Latin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    /// All of its letters look Latin or are; two or more of them.
    Alike,
    /// The same, but a single letter, as in formulas.
    Single,
    /// There is a letter that looks like none of Latin.
    Other,
}

/// The text with Latin letters where others look like these.
pub(super) fn read(text: &str, folded: &Folded) -> Option<Reading> {
    let count = folded.len();
    let sampled = (0..SAMPLE.min(count)).map(|k| script(text, folded, k * count / SAMPLE.min(count)));
    if sampled.filter(|&script| script == Some(Script::Other)).count() * 2 >= SAMPLE.min(count) {
        return None;
    }
    let mut words: Vec<(usize, Script)> = Vec::new();
    let (letters, ends) = (folded.letters(), folded.letters_ends());
    let mut at = 0;
    while let Some(next) = first_other(letters, at) {
        let word = ends.partition_point(|&end| end as usize <= next);
        words.extend(script(text, folded, word).map(|script| (word, script)));
        at = folded.letters_start(word + 1);
    }
    let is_near_other = |k: usize| {
        let (word, _) = words[k];
        let near = |&&(other, _): &&(usize, Script)| other.abs_diff(word) <= NEAR;
        let before = words[..k].iter().rev().take_while(near);
        before.chain(words[k + 1..].iter().take_while(near)).any(|&(_, script)| script == Script::Other)
    };
    let read: Vec<(usize, Script)> = (0..words.len())
        .filter(|&k| words[k].1 != Script::Other && !is_near_other(k))
        .map(|k| words[k])
        .collect();
    if read.iter().filter(|(_, script)| *script == Script::Alike).count() < FEWEST {
        return None;
    }
    let mut reading = Reading::new(Disguise::Homoglyphs);
    let mut kept = 0;
    for (word, _) in read {
        let from = folded.bytes(word);
        for (at, c) in text[from.clone()].char_indices() {
            if let Some(shown) = shown(c) {
                let at = from.start + at;
                reading.keep(text, kept..at);
                kept = at + c.len_utf8();
                reading.read(shown, at..kept);
            }
        }
    }
    reading.keep(text, kept..text.len());
    Some(reading)
}

/// The first byte from one on that is not ASCII.
fn first_other(letters: &[u8], from: usize) -> Option<usize> {
    const CHUNK: usize = 64;
    let chunks = letters.get(from..)?.chunks(CHUNK).enumerate();
    let (k, chunk) = chunks.into_iter().find(|(_, chunk)| !chunk.is_ascii())?;
    chunk.iter().position(|byte| !byte.is_ascii()).map(|at| from + k * CHUNK + at)
}

/// What a word is, if it has letters that are not Latin.
fn script(text: &str, folded: &Folded, word: usize) -> Option<Script> {
    let (mut alike, mut latin) = (0, 0);
    for c in text[folded.bytes(word)].chars() {
        if c.is_ascii() {
            latin += usize::from(c.is_ascii_alphabetic());
        } else if shown(c).is_some() {
            alike += 1;
        } else {
            match character(c) {
                Character::Ignored | Character::Mark | Character::Separator => {}
                Character::Letter(letter) if letter.is_ascii() => latin += 1,
                Character::Letters(letters) if letters.is_ascii() => latin += 1,
                _ => return Some(Script::Other),
            }
        }
    }
    match (alike, latin) {
        (0, _) => None,
        (1, 0) => Some(Script::Single),
        _ => Some(Script::Alike),
    }
}

/// Greek, Coptic, Cyrillic and Armenian, which have most of what looks alike.
const FIRST: u32 = 0x0370;
const LAST: u32 = 0x058F;

/// The Latin letters that a letter of another script looks like.
fn shown(c: char) -> Option<&'static str> {
    static TABLE: OnceLock<Vec<Option<&'static str>>> = OnceLock::new();
    let look_up = |c: char| ALIKE.iter().find(|(_, others)| others.contains(c)).map(|&(letter, _)| letter);
    match c as u32 {
        code @ FIRST..=LAST => {
            let table =
                TABLE.get_or_init(|| (FIRST..=LAST).map(|code| look_up(char::from_u32(code)?)).collect());
            table.get((code - FIRST) as usize).copied().flatten()
        }
        // Cherokee, Coptic, Lisu, Deseret and their like.
        0x13A0..=0x13FF | 0x2C80..=0x2CFF | 0xA4D0..=0xA4FF | 0xAB70..=0xABBF | 0x1_0400..=0x1_044F => {
            look_up(c)
        }
        _ => None,
    }
}

/// Of each Latin letter, which letters of these scripts look like it. What `unicode-security` says, held to it by a test: of its
/// tables, a sixth of a program for browsers, this is all that is asked for.
const ALIKE: [(&str, &str); 26] = [
    ("a", "ΆΑάαАаӐӑӒӓᎪꓮꭺ"),
    ("b", "БВЬвѢѣҌҍᏏᏴᏼⲂⲃꓐ"),
    ("c", "ϲϹСсҪҫᏟⲤⲥꓚꮯ𐐕𐐽"),
    ("d", "ԀԁᎠᏧꓒꓓꭰ"),
    ("e", "ΈΕЀЁЕеѐёҼҽҾҿӖӗᎬꓰꭼ"),
    ("f", "ϜՔքꓝ"),
    ("g", "ԌԍՑցᏀᏳᏻꓖꮐ"),
    ("h", "ЋНнћҢңҺһӇӈӉӊՀհᎻᏂᏲⲎⲏꓧꮋ"),
    ("i", "ΊΐΙΪίιϊІЇіїՒւᎥⲒⲓꭵ"),
    ("j", "ͿϳЈјՅյᎫꓙꭻ"),
    ("k", "ΚκϰЌКкќҚқҞҟᏦⲔⲕꓗꮶ"),
    ("l", "ӀӏᏞⳐⳑꓡꓲꮮ𐐛𐑃"),
    ("m", "ΜϺМӍᎷⲘꓟ"),
    ("n", "ΉΗήηՂՈՌղոռⲚⲛꓠ"),
    ("o", "ΌΘΟΣθοσόϑϬϭϴОоѲѳӦӧӨөӪӫՕօᎤᎾᏫⲐⲑⲞⲟꓳꭴꮎꮻ𐐄𐐬"),
    ("p", "ΡρϱϷϸРрᏢⲢⲣⳎⳏꓑꮲ"),
    ("q", "ԚԛԳԶգզ"),
    ("r", "ЃГгѓҐґҒғᎡᎱᏒⲄⲅꓣꭱꮁꮢ"),
    ("s", "ЅѕՏᏕᏚꓢꮪ𐐠𐑈"),
    ("t", "ΤτТтҬҭᎢᎿⲦⲧꓔꭲ"),
    ("u", "ΎΥΫΰυϋύЏџՍսᏌꓴꮜ"),
    ("v", "ΝνѴѵѶѷᏙꓦꮩ"),
    ("w", "ШшѠѡѼѽԜԝԱաᎳᏔⲼⲽꓪꮃꮤ"),
    ("x", "ΧХхҲⲬꓫ"),
    ("y", "ΓγϒϓϔЎУуўҮүҰұӮӯӰӱӲӳᎩᎽⲨⲩꓬ"),
    ("z", "ΖᏃⲌⲍꓜꮓ"),
];

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::*;
    use unicode_security::confusable_detection::skeleton;

    /// What the skeleton of a letter folds to, if that is Latin. Of a capital what its small letter looks like, if that
    /// looks Latin, too: UTS #39 takes a capital `I` for a small `l`.
    fn look_up(c: char) -> Option<&'static str> {
        let of = |c: char| {
            let mut shown = String::new();
            for c in skeleton(c.encode_utf8(&mut [0; 4])) {
                match character(c) {
                    Character::Letter(letter) => shown.push(letter),
                    Character::Letters(letters) => shown.push_str(letters),
                    Character::Mark | Character::Ignored => {}
                    Character::Separator | Character::Ideograph(_) => return None,
                }
            }
            let is_latin = !shown.is_empty() && shown.bytes().all(|b| b.is_ascii_lowercase());
            is_latin.then_some(shown)
        };
        let small = c.to_lowercase().next().filter(|&small| small != c);
        let shown = small.and_then(of).or_else(|| of(c))?;
        const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
        match shown.as_bytes() {
            [letter] => LETTERS.get(usize::from(letter - b'a')..usize::from(letter - b'a') + 1),
            _ => None,
        }
    }

    #[test]
    fn the_table_is_what_the_library_says() {
        let scripts = [
            FIRST..=LAST,
            0x13A0..=0x13FF,
            0x2C80..=0x2CFF,
            0xA4D0..=0xA4FF,
            0xAB70..=0xABBF,
            0x1_0400..=0x1_044F,
        ];
        let mut rows: Vec<(String, String)> = ('a'..='z').map(|c| (c.into(), String::new())).collect();
        for c in scripts.into_iter().flatten().filter_map(char::from_u32) {
            if let Some(letter) = look_up(c) {
                rows[usize::from(letter.as_bytes()[0] - b'a')].1.push(c);
            }
        }
        for (row, (letter, others)) in rows.iter().zip(ALIKE) {
            assert_eq!((row.0.as_str(), row.1.as_str()), (letter, others));
        }
    }

    #[test]
    fn letters_show_what_they_look_like() {
        let all: String = (FIRST..=LAST)
            .filter_map(char::from_u32)
            .filter_map(|c| shown(c).map(|s| format!("{c}{s} ")))
            .collect();
        println!("{all}");
        for (c, letter) in [
            ('а', "a"),
            ('с', "c"),
            ('е', "e"),
            ('і', "i"),
            ('І', "i"),
            ('ј', "j"),
            ('о', "o"),
            ('р', "p"),
            ('ѕ', "s"),
            ('х', "x"),
            ('у', "y"),
            ('В', "b"),
            ('Н', "h"),
            ('К', "k"),
            ('М', "m"),
            ('Т', "t"),
            ('ԁ', "d"),
            ('һ', "h"),
            ('α', "a"),
            ('ο', "o"),
            ('ρ', "p"),
            ('ν', "v"),
            ('Ε', "e"),
            ('Ι', "i"),
            ('Ζ', "z"),
            ('Χ', "x"),
        ] {
            assert_eq!(shown(c), Some(letter), "{c}");
        }
        for c in ['д', 'ж', 'б', 'я', 'λ', 'π', 'Ω', 'ы'] {
            assert_eq!(shown(c), None, "{c}");
        }
    }

    #[test]
    fn words_of_look_alikes_are_read() {
        let text = "The fеrrуmаn cоunts his cоins by the lamp, оh сору";
        let readings = read(text);
        assert_eq!(readings.len(), 1);
        assert_eq!(readings[0].text, "The ferryman counts his coins by the lamp, oh copy");
        assert_eq!(&text[readings[0].original(4..12)], "fеrrуmаn");
    }
}
